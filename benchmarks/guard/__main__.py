"""`python -m benchmarks.guard`: write the labelled files anew."""

from benchmarks.guard.building import main

main()
