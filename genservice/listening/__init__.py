"""How the service listens: connections and the processes behind one socket.

connections  what a server waits for, how long, and whom it believes; how it takes leave
worker       one process that answers, alone or among several
door         taking connections from a socket that several listen on; crowds: how many each holds
crew         the process that loads once and forks workers
supervisor   the process that holds the socket and has a crew on it
messages     what these tell each other; signals: what they are told from outside
collecting   when Python's collector runs while a process starts
"""
