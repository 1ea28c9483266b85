"""Figures as a table with their aims, and texts as a sheet for blind reading."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from random import Random
    from typing import TextIO

    from genservice.domain import Title
    from genservice.evaluation.figures import Figures, Openings, Share
    from genservice.evaluation.observing import Record


class Row(NamedTuple):
    """One line of the table."""

    name: str
    value: str
    aim: str = ""
    met: bool | None = None
    """None where nothing is aimed at."""


def rows(figures: Figures, openings: Openings | None) -> tuple[Row, ...]:
    """The table. Aims are those of the issue that asked for the writer; see docs/evaluation.md."""
    found = [
        _most("unsupported claims, as written", figures.claims_before, 0.005),
        _most("unsupported claims, as served", figures.claims_after, 0.0),
        _most("slot errors, as written", figures.slots_before, None),
        _most("slot errors, as served", figures.slots_after, 0.0),
        _least("candidates that pass every check", figures.passed, None),
        _most("twins because no text passed", figures.twins, 0.02),
        _most("orders without any text", figures.unanswered, 0.0),
        _least("texts within their limit", figures.within, 1.0),
        _least("texts that say their angle", figures.follows, 0.95),
    ]
    found += [
        Row(f"facts stated of those available, {size}", f"{share:.1%}")
        for size, share in figures.stated.items()
    ]
    if openings is not None and openings.different:
        mean = sum(openings.different) / len(openings.different)
        aim = 17 * openings.texts / 20
        found += [
            Row(
                f"different openings of {openings.texts} texts",
                f"{mean:.1f} (least {min(openings.different)})",
                f"at least {aim:g}",
                mean >= aim,
            ),
            Row("distinct-1, distinct-2", f"{openings.distinct_1:.3f}, {openings.distinct_2:.3f}"),
        ]
    if figures.copies is not None:
        found.append(_most("near-copies of training texts", figures.copies, 0.0))
    return tuple(found)


def blind(
    records: Sequence[Record], titles: Mapping[str, Title], rng: Random, sheet: TextIO, key: TextIO
) -> None:
    """A sheet of texts to be scored without knowing who wrote which, and the key to it.

    Args:
        records: Written texts.
        titles: By id; their editorial texts, where they have any, stand among the others.
        rng: Shuffles.
        sheet: Number, title and text, with empty columns for scores from 1 to 5.
        key: Number and who wrote it.
    """
    lines = [(titles[record.title].name, record.text, "model") for record in records if record.text]
    for id_ in dict.fromkeys(record.title for record in records):
        lines += [(titles[id_].name, text.text, "editor") for text in titles[id_].texts]
    rng.shuffle(lines)
    scores, names = csv.writer(sheet), csv.writer(key)
    scores.writerow(("number", "title", "text", "clarity", "tone", "precision", "fact"))
    names.writerow(("number", "written by"))
    for number, (title, text, by) in enumerate(lines, 1):
        scores.writerow((number, title, text, "", "", "", ""))
        names.writerow((number, by))


def _most(name: str, share: Share, aim: float | None) -> Row:
    if aim is None:
        return Row(name, _said(share))
    return Row(name, _said(share), f"at most {aim:.1%}", share.share <= aim)


def _least(name: str, share: Share, aim: float | None) -> Row:
    if aim is None:
        return Row(name, _said(share))
    return Row(name, _said(share), f"at least {aim:.0%}", share.share >= aim)


def _said(share: Share) -> str:
    return f"{share.share:.2%} ({share.count} of {share.of}; 95 %: {share.low:.2%} to {share.high:.2%})"
