"""Held-out parts of public sets as labelled files, made where they are needed and never kept.

    python -m benchmarks.guard.public ../shared/data var/guard

The folder holds the sets as docs/guard-evaluation.md names them; one that is not there is left out,
and said so. Kept aside from training: section h of the Broad Twitter Corpus, the development part of
WNUT 17, and every tenth sentence of WikiGold and of the music queries.
"""

from __future__ import annotations

import json
import sys
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

PERSONAL = {
    "PER": "PERSON", "person": "PERSON", "Artist": "PERSON", "LOC": "LOCATION", "location": "LOCATION",
    "ORG": "ORGANIZATION", "corporation": "ORGANIZATION", "group": "ORGANIZATION",
}  # fmt: skip
"""Their labels -> ours. What has another label (MISC, products, works) may go or stay."""
_NO_SPACE_BEFORE = frozenset(".,;:!?%)]}'")
_ADDRESS = ("http://", "https://", "www.")


class Source(NamedTuple):
    """One set: its file, and of how many sentences one is taken."""

    path: str
    every: int


SOURCES = {
    "btc-h": Source("btc/data/BTC/CONLL-format/data/h.conll", 1),
    "wnut17-dev": Source("wnut17-train/emerging.dev.conll", 1),
    "wikigold-tenth": Source("wikigold/data/wikigold/CONLL-format/data/wikigold.conll.txt", 10),
    "music-tenth": Source("music-ner/data/dataset4/train.bio", 10),
}


class Word(NamedTuple):
    """A word with its label, and whether a stretch of that label starts with it."""

    text: str
    label: str | None
    starts: bool


def convert(folder: Path, out: Path) -> list[Path]:
    """Write a labelled file for each set that is there; the files."""
    out.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    for name, source in SOURCES.items():
        path = folder / source.path
        if not path.is_file():
            print(f"{name}: {source.path} is not there", file=sys.stderr)  # noqa: T201 - a command
            continue
        sentences = list(_sentences(path.read_text("utf-8", errors="replace")))[:: source.every]
        lines = (json.dumps(_line(words), ensure_ascii=False) + "\n" for words in sentences)
        target = out / f"{name}.jsonl"
        target.write_text("".join(lines), "utf-8")
        written.append(target)
    return written


def _sentences(content: str) -> Iterator[list[Word]]:
    rows = [line.split() for line in content.splitlines()]
    for filled, found in groupby(rows, key=lambda row: len(row) > 1 and row[0] != "-DOCSTART-"):
        if filled:
            yield _words([(row[0], row[-1]) for row in found])


def _words(rows: Sequence[tuple[str, str]]) -> list[Word]:
    """Words with labels; the set's people with an @ are handles, and written in one."""
    words: list[Word] = []
    before = ""
    for text, tag in rows:
        place, _, label = tag.partition("-")
        if words and words[-1].text == "@":
            words[-1] = Word(f"@{text}", "HANDLE", starts=True)
        elif text.startswith("@") and len(text) > 1:
            words.append(Word(text, "HANDLE", starts=True))
        elif text.startswith(_ADDRESS):
            words.append(Word(text, "free", starts=True))
        else:
            ours = PERSONAL.get(label, "free") if label else None
            words.append(Word(text, ours, starts=place == "B" or label != before))
        before = label
    return words


def _line(words: Sequence[Word]) -> dict[str, Any]:
    text = ""
    stretches: list[dict[str, Any]] = []
    label: str | None = None
    for word in words:
        text += " " if text and word.text[0] not in _NO_SPACE_BEFORE else ""
        if word.label is not None and word.label == label and not word.starts:
            stretches[-1]["end"] = len(text) + len(word.text)
        elif word.label is not None:
            end = len(text) + len(word.text)
            stretches.append({"start": len(text), "end": end, "label": word.label})
        text += word.text
        label = word.label
    return {
        "text": text,
        "spans": [each for each in stretches if each["label"] != "free"],
        "free": [
            {"start": each["start"], "end": each["end"]}
            for each in stretches
            if each["label"] == "free"
        ],
    }


if __name__ == "__main__":
    for each in convert(Path(sys.argv[1]), Path(sys.argv[2])):
        print(each)  # noqa: T201 - what make reads
