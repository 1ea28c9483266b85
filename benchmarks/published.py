"""Puts a run into the documentation: its figures, its plots, and its whole result.

    python -m benchmarks.published var/bench

Writes `docs/bench/`, and the tables between the marks in docs/benchmarks.md and README.md. Tests hold
the tables to `docs/bench/results.json`, so no figure there was typed.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import msgspec

from benchmarks.results import Part, Ratio, Results, short, times

ROOT = Path(__file__).parents[1]
BEGIN, END = "<!-- figures -->", "<!-- end of figures -->"
"""Between these marks stands what is written here."""
GROWTH = "growth.png"
PICTURES = {
    "beside.png": "Each figure beside its baseline",
    "fast-path.png": "The fast path beside a bare handler",
    GROWTH: "Growth by titles, viewers, rules and requests at once",
}
"""What is drawn, and what is said of it where it cannot be seen."""
CHOSEN = (
    ("deciding", "deciding in a context, median"),
    ("guard", "screening a text, median"),
    ("guard", "screening a text in a batch of 16, median"),
    ("fast path", "warm promos each second, audience sent, 16 connections"),
    ("fast path", "the same beside uvicorn as it comes, 16 connections"),
    ("fast path", "p99, audience sent, 16 connections"),
    ("fast path", "processor time, audience sent, 16 connections"),
    ("fast path", "processor time, viewer stored, 16 connections"),
    ("fresh", "fresh promos each second, 32 at once, over HTTP, a worker for each core"),
    ("fresh", "processor time of a fresh promo, over HTTP, a worker for each core"),
    ("fresh", "fresh promos each second, 32 at once"),
    ("fresh", "processor time of a fresh promo"),
    ("workers", "memory of each worker beyond two"),
    ("workers", "from start to ready, the longest"),
    ("cache", "a warm promo without HTTP, memory"),
)
"""What README shows, of the ratios that there are."""


def read(folder: Path) -> Results:
    """The results of a run.

    Raises:
        OSError, msgspec.DecodeError: There are none, or they are others.
    """
    return msgspec.json.decode((folder / "results.json").read_bytes(), type=Results)


def told(results: Results) -> str:
    """Where and when it was measured, in a sentence."""
    on = results.machine
    load = f"{on.load_before:g} before it and {on.load_after:g} after it"
    versions = ", ".join(f"{name} {version}" for name, version in results.versions.items())
    return (
        f"Measured at commit `{results.commit}` on {on.cores} cores ({on.processor}, {on.memory_gb:g} GB,"
        f" {on.system}, Python {on.python}) in {results.seconds / 60:.0f} minutes; the load of the machine"
        f" was {load}. {versions}."
    )


def in_full(results: Results) -> str:
    """Everything, as Markdown."""
    pieces = [told(results)]
    for part in results.parts:
        pieces.append(f"### {part.about[0].upper()}{part.about[1:]}\n\n`{part.command}`")
        if part.found is None:
            pieces.append(f"Failed: {part.error}.")
            continue
        if part.found.ratios:
            pieces.append(_ratios(part.found.ratios))
        if part.found.figures:
            rows = [f"| {name} | {short(each)} |" for name, each in part.found.figures.items()]
            pieces.append("\n".join(["| figure | |", "| --- | --- |", *rows]))
        for curve in part.found.curves:
            sizes = [f"{point.size:,}" for point in curve.points]
            head = [f"| {curve.of} | {' | '.join(sizes)} | steepness |"]
            rule = [f"| --- |{' --- |' * (len(sizes) + 1)}"]
            rows = [
                f"| {name} | {' | '.join(short(point.figures[name]) for point in curve.points)}"
                f" | {curve.steepness(name):.2f} |"
                for name in curve.figures
            ]
            pieces.append("\n".join([*head, *rule, *rows]))
    pieces += [f"![{words}](bench/{name})" for name, words in PICTURES.items()]
    return "\n\n".join(pieces)


def in_short(results: Results) -> str:
    """What README shows, as Markdown."""
    found = {
        (part.name, ratio.what): ratio
        for part in results.parts
        if part.found is not None
        for ratio in part.found.ratios
    }
    table = _ratios(tuple(found[name] for name in CHOSEN if name in found))
    return f"{table}\n\n![{PICTURES[GROWTH]}](docs/bench/{GROWTH})"


def _ratios(ratios: tuple[Ratio, ...]) -> str:
    rows = [
        f"| {each.what} | {_number(each.ours, each.unit)} | {each.beside}:"
        f" {_number(each.baseline, each.unit)} | {times(each.times)}{_aim(each)} |"
        for each in ratios
    ]
    return "\n".join(["| | here | beside | here / beside |", "| --- | --- | --- | --- |", *rows])


def _number(number: float, unit: str) -> str:
    return f"{short(number)}{'' if unit.startswith('/') else ' '}{unit}"


def _aim(ratio: Ratio) -> str:
    aims = [("at least", ratio.least), ("at most", ratio.most)]
    words = "".join(f"{word} {each:g}" for word, each in aims if each is not None)
    return f" (aim: {words}; {'met' if ratio.met else 'missed'})" if words else ""


def between(text: str, figures: str) -> str:
    """A document with other figures between its marks."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{figures}\n\n{END}{after}"


def shown(text: str) -> str:
    """The figures between the marks of a document."""
    return text.partition(BEGIN)[2].partition(END)[0].strip()


DOCUMENTS = {"docs/benchmarks.md": in_full, "README.md": in_short}
"""What stands between the marks of which document."""


def main() -> None:
    """Publish the run of a folder."""
    folder = Path(sys.argv[1])
    results = read(folder)
    _require_sound(results.parts)
    target = ROOT / "docs" / "bench"
    target.mkdir(exist_ok=True)
    for file in ("results.json", *PICTURES):
        shutil.copyfile(folder / file, target / file)
    for name, figures in DOCUMENTS.items():
        path = ROOT / name
        text = between(path.read_text(encoding="utf-8"), figures(results))
        path.write_text(text, encoding="utf-8")


def _require_sound(parts: tuple[Part, ...]) -> None:
    bad = [part.name for part in parts if not part.sound]
    if bad:
        raise SystemExit(f"not to be relied on, and not published: {', '.join(bad)}")


if __name__ == "__main__":
    main()
