"""Everything that is measured, in one run: `make bench`.

    python -m benchmarks --out var/bench
    python -m benchmarks --all --only "fast path" titles

Each part runs in a process of its own; one that fails is told of and leaves the others be. Prints every
figure beside its baseline, and writes `results.json` and plots. The exit code is 1 if a part failed, or
its figures cannot be relied on.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import get_args

import msgspec

from benchmarks.parts import PARTS
from benchmarks.results import Extent, Found, Part, Results, as_json, commit, machine, versions

PATIENCE = {"tiny": 600, "thin": 600, "all": 7200}
"""Seconds that one part may take."""


def alone(name: str, extent: Extent) -> Part:
    """One part, measured in a process of its own."""
    task = PARTS[name]
    command = [sys.executable, "-m", "benchmarks", "--one", name, "--extent", extent]
    began = time.monotonic()
    found, error = None, None
    try:
        done = subprocess.run(  # noqa: S603 - ourselves
            command, capture_output=True, text=True, timeout=PATIENCE[extent], check=False
        )
    except subprocess.TimeoutExpired:
        error = f"not done after {PATIENCE[extent]} s"
    else:
        if done.returncode:
            error = (done.stderr.strip() or f"exit code {done.returncode}").splitlines()[-1]
        else:
            found = msgspec.json.decode(done.stdout.rstrip().rpartition("\n")[2], type=Found)
    return Part(
        name=name,
        about=task.about,
        command=task.alone,
        seconds=round(time.monotonic() - began, 1),
        found=found,
        error=error,
    )


def run(names: list[str], extent: Extent) -> Results:
    """These parts, one after the other, each printed when it is done."""
    load, began, parts = os.getloadavg()[0], time.monotonic(), list[Part]()
    for name in names:
        parts.append(alone(name, extent))
        sys.stdout.write(f"{parts[-1]}\n\n")
        sys.stdout.flush()
    head, changed = commit()
    return Results(
        extent=extent,
        commit=head,
        changed=changed,
        seconds=round(time.monotonic() - began, 1),
        machine=machine(load_before=round(load, 1)),
        versions=versions(),
        parts=tuple(parts),
    )


def main() -> None:
    """Read the arguments, measure, print and write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--only", nargs="+", choices=list(PARTS), metavar="PART")
    parser.add_argument("--all", action="store_true", help="every point, for hours")
    parser.add_argument("--extent", choices=get_args(Extent), default="thin")
    parser.add_argument("--out", type=Path, default=Path("var/bench"))
    parser.add_argument("--one", choices=list(PARTS), help=argparse.SUPPRESS)
    given = parser.parse_args()
    extent: Extent = "all" if given.all else given.extent
    if given.one:
        # What a part prints itself comes before; the last line is ours.
        sys.stdout.write(
            "\n" + msgspec.json.encode(PARTS[given.one].measure(extent)).decode() + "\n"
        )
        return
    results = run(given.only or list(PARTS), extent)
    given.out.mkdir(parents=True, exist_ok=True)
    (given.out / "results.json").write_bytes(as_json(results))
    # It takes a second to import.
    from benchmarks.plots import draw

    drawn = draw(results, given.out)
    where = ", ".join(path.name for path in drawn)
    sys.stdout.write(f"{given.out}: results.json, {where}; {results.seconds:.0f} s in all\n")
    bad = [part.name for part in results.parts if not part.sound]
    if bad:
        sys.stdout.write(f"Not to be relied on: {', '.join(bad)}\n")
    raise SystemExit(not results.sound)


if __name__ == "__main__":
    main()
