"""The growth of one thing or of all, as tables.

python -m benchmarks.growth titles --sizes 100 1000
"""

from __future__ import annotations

import argparse
import sys

import msgspec

from benchmarks.growth import by_requests, by_rules, by_titles, by_viewers
from benchmarks.growth.curves import show

KINDS = {"titles": by_titles, "viewers": by_viewers, "rules": by_rules, "requests": by_requests}


def main() -> None:
    """Read the arguments, measure, and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("kinds", nargs="*", choices=list(KINDS), default=list(KINDS))
    parser.add_argument("--sizes", type=int, nargs="+", help="instead of all, for one kind")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    given = parser.parse_args()
    for kind in given.kinds:
        curve = KINDS[kind](given.sizes) if given.sizes else KINDS[kind]()
        told = msgspec.json.encode(curve).decode() if given.json else show(curve)
        sys.stdout.write(told + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
