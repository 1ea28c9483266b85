"""The openly licensed labelled sets that the tagger learns from, read as they lie.

None of their text is part of the repository: training reads it from a folder of data files, and
`training/tagging/README.md` names each set, its licence and its source.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import msgspec

from training.tagging.examples import Example, Pieces

LONGEST = 90
"""Words of one example."""
MUSIC = "music"
"""The set whose persons are bands and singers."""

_TWELFTH, _CHECKED = 12, 7
"""Of the sets that weights are chosen by, one example in so many is not learned from."""

_BTC = {"PER": "PERSON", "LOC": "LOCATION", "ORG": "ORGANIZATION"}
_WNUT = {
    "person": "PERSON",
    "location": "LOCATION",
    "corporation": "ORGANIZATION",
    "group": "ORGANIZATION",
}
_MUSIC = {"Artist": "PERSON"}
_PARTIES = frozenset({
    "agent", "bank", "borrower", "borrowers", "buyer", "company", "employee", "executive", "guarantor", "holder",
    "landlord", "lender", "lenders", "licensee", "licensor", "parties", "party", "purchaser", "seller", "tenant",
    "trustee", "subordinated", "creditor", "debtor", "owner", "lessee", "lessor", "dealer", "issuer", "guarantors",
})  # fmt: skip
_NO_SPACE_BEFORE = frozenset(".,;:!?%)]}'")


class Row(msgspec.Struct, frozen=True):
    """A word with the label of the stretch it is in, if any, and whether it begins one."""

    word: str
    label: str | None
    begins: bool


class Corpora(msgspec.Struct, frozen=True):
    """What is learned from, what is chosen by, and what is kept aside to measure by. By set."""

    learned: Mapping[str, tuple[Example, ...]]
    checked: Mapping[str, tuple[Example, ...]]
    """Cut from the learned parts: no weights ever see it, but recipes are compared by it."""
    aside: Mapping[str, tuple[Example, ...]]
    """Neither learned from nor chosen by."""


def read_corpora(folder: Path) -> Corpora:
    """Every set in `folder`.

    Kept aside: section h of the Broad Twitter Corpus, WNUT 17's development part, and every tenth
    sentence of WikiGold and of the music queries.

    Raises:
        FileNotFoundError: A set is missing.
    """
    tweets = folder / "btc/data/BTC/CONLL-format/data"
    filings = folder / "sec-filings/data/SEC-filings/CONLL-format/data"
    wiki = _examples(
        _rows(folder / "wikigold/data/wikigold/CONLL-format/data/wikigold.conll.txt", _BTC)
    )
    music = _examples(_rows(folder / "music-ner/data/dataset4/train.bio", _MUSIC))
    split = {
        "btc": [
            example
            for section in "abefg"
            for example in _examples(_rows(tweets / f"{section}.conll", _BTC))
        ],
        "wnut17": _examples(_rows(folder / "wnut17-train/wnut17train.conll", _WNUT)),
        "wikigold": [example for index, example in enumerate(wiki) if index % 10],
        MUSIC: [example for index, example in enumerate(music) if index % 10],
    }
    whole = {
        "multiner": _examples(_multiner(folder / "multiner-en/nerannotateddatasets.zip")),
        "filings": [
            example
            for name in ("train/FIN5.txt", "test/FIN3.txt")
            for example in _examples(_without_parties(_rows(filings / name, _BTC)))
        ],
    }
    return Corpora(
        learned={
            **{
                name: tuple(each for at, each in enumerate(examples) if at % _TWELFTH != _CHECKED)
                for name, examples in split.items()
            },
            **{name: tuple(examples) for name, examples in whole.items()},
        },
        checked={name: tuple(examples[_CHECKED::_TWELFTH]) for name, examples in split.items()},
        aside={
            "btc (section h)": tuple(_examples(_rows(tweets / "h.conll", _BTC))),
            "wnut17 (dev)": tuple(
                _examples(_rows(folder / "wnut17-train/emerging.dev.conll", _WNUT))
            ),
            "wikigold (every tenth)": tuple(wiki[::10]),
            "music queries (every tenth)": tuple(music[::10]),
        },
    )


def _rows(path: Path, labels: Mapping[str, str]) -> Iterator[list[Row]]:
    with path.open(encoding="utf-8", errors="replace") as stream:
        yield from _sentences(stream, labels)


def _sentences(lines: Iterable[str], labels: Mapping[str, str]) -> Iterator[list[Row]]:
    rows: list[Row] = []
    before: str | None = None
    for line in lines:
        columns = line.split()
        if len(columns) < 2 or columns[0] == "-DOCSTART-":
            if rows:
                yield rows
            rows, before = [], None
            continue
        row = _row(columns[0], columns[-1], before, labels)
        if row.word == "@" or (rows and rows[-1].word == "@"):
            row = Row(row.word, None, begins=False)  # a handle in two pieces
        rows.append(row)
        before = columns[-1].partition("-")[2] or None
    if rows:
        yield rows


def _row(word: str, tag: str, before: str | None, labels: Mapping[str, str]) -> Row:
    place, _, kind = tag.partition("-")
    label = labels.get(kind)
    if word.startswith("@") and len(word) > 1:
        return Row(word, None, begins=False)  # handles have a rule of their own
    return Row(word, label, begins=label is not None and (place == "B" or kind != before))


def _multiner(path: Path) -> Iterator[list[Row]]:
    """One sentence after another: the file has no borders, so a full stop and a length make them."""
    with zipfile.ZipFile(path) as archive, archive.open("Final_English.txt") as raw:
        rows: list[Row] = []
        before: str | None = None
        for line in io.TextIOWrapper(raw, "utf-8", errors="replace"):
            columns = line.split()
            if len(columns) < 2:
                continue
            row = _row(columns[0], columns[-1], before, _BTC)
            before = columns[-1].partition("-")[2] or None
            rows.append(row)
            if row.word in {".", "?", "!"} or (len(rows) >= 30 and row.label is None):
                yield rows
                rows, before = [], None
        if rows:
            yield rows


def _without_parties(sentences: Iterable[list[Row]]) -> Iterator[list[Row]]:
    """Contracts call "Borrower" and its like persons; they are nobody's names."""
    for rows in sentences:
        yield [
            Row(row.word, None, begins=False)
            if row.label == "PERSON" and row.word.lower() in _PARTIES
            else row
            for row in rows
        ]


def _examples(sentences: Iterable[list[Row]]) -> list[Example]:
    return [_example(rows[:LONGEST]) for rows in sentences]


def _example(rows: list[Row]) -> Example:
    pieces = Pieces()
    held, label = "", None
    for row in rows:
        gap = "" if row.word[0] in _NO_SPACE_BEFORE or not (held or pieces.length) else " "
        if row.label is not None and row.label == label and not row.begins:
            held += gap + row.word
            continue
        pieces.add(held, label)
        if row.label is None:
            pieces.add(gap + row.word)
            held, label = "", None
        else:
            pieces.add(gap)
            held, label = row.word, row.label
    pieces.add(held, label)
    return pieces.example()
