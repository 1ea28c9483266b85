"""How the service listens: connections and the processes behind one socket.

connections  what a server waits for, how long, and whom it believes
"""
