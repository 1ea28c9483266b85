"""The labelled files, made from what is written beside them."""

from __future__ import annotations

import re
from collections import defaultdict
from random import Random
from typing import TYPE_CHECKING, Any

from benchmarks.guard.marking import FOLDER, lines_of, marked, written

if TYPE_CHECKING:
    from collections.abc import Iterator

SEED = 4
EACH = 3
"""Names of each group that stand in each carrier; every third line is in lower case."""
_SLOT = re.compile(r"GIVEN|SURNAME|FULL")


def build() -> dict[str, str]:
    """Every labelled file by its name; the same content every time."""
    return {
        "viewer.jsonl": written(marked(line) for line in lines_of("viewer.txt")),
        "identifiers.jsonl": written(marked(line) for line in lines_of("identifiers.txt")),
        "names.jsonl": written(_named()),
    }


def groups() -> dict[str, list[tuple[str, str]]]:
    """Names, given and family, by group."""
    found: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    group = ""
    for line in lines_of("names.txt"):
        if line.startswith("["):
            group = line.strip("[]")
        else:
            given, _, surname = line.partition(" / ")
            found[group].append((given, surname))
    return dict(found)


def _named() -> Iterator[dict[str, Any]]:
    """Each carrier with names of each group: as many of each, and the same carriers for all."""
    carriers = list(lines_of("carriers.txt"))
    for group, names in groups().items():
        drawn = _drawn(names, Random(f"{SEED} {group}"))
        for carrier in carriers:
            for count, name in enumerate(next(drawn), 1):
                yield _filled(carrier, name, group, lower=count == EACH)


def _drawn(names: list[tuple[str, str]], rng: Random) -> Iterator[list[tuple[str, str]]]:
    """So many names at a time, all different; given names and surnames are paired anew each round."""
    while True:
        given, surnames = [name[0] for name in names], [name[1] for name in names]
        rng.shuffle(given)
        rng.shuffle(surnames)
        paired = list(zip(given, surnames, strict=True))
        yield from (paired[at : at + EACH] for at in range(0, len(paired) - EACH + 1, EACH))


def _filled(carrier: str, name: tuple[str, str], group: str, *, lower: bool) -> dict[str, Any]:
    given, surname = name
    words = {"GIVEN": given, "SURNAME": surname, "FULL": f"{given} {surname}"}
    line = _SLOT.sub(lambda slot: f"[{words[slot[0]]}|per]", carrier)
    return marked(line.lower() if lower else line, group=group)


def main() -> None:
    """Write the files."""
    for name, content in build().items():
        (FOLDER / name).write_text(content, "utf-8")
