"""Marked texts to measure the guard on: our own, and public ones converted on the way.

    python -m benchmarks.guard                      writes the .jsonl files beside this one anew
    python -m benchmarks.guard.public FOLDER OUT    converts held-out parts of public sets

`viewer.txt`, `identifiers.txt` and `carriers.txt` hold texts with what is personal in them marked; see
docs/guard-evaluation.md for what they are and who wrote them.
"""
