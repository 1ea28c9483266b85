"""What a supervisor starts; nobody else does."""

from genservice.listening.crew import main

if __name__ == "__main__":
    main()
