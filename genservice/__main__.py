"""`python -m genservice`: the command line."""

from genservice.cli import main

main()
