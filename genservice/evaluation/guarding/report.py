"""Figures of the guard as tables beside their aims, and as plain values for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from genservice.evaluation.figures import Share
    from genservice.evaluation.guarding.measures import Measured, Score
    from genservice.evaluation.guarding.names import NamesKept

AIM_F2 = 0.90
AIM_KEPT = 0.995
AIM_GAP = 5.0
"""Points. The aims are those of the issue that asked for the guard; see docs/guard-evaluation.md."""

_WAYS = ("spans", "exact", "words", "letters")


def tables(figures: Mapping[str, Measured]) -> Iterator[Table]:
    """Overall, by entity, by type found, and by group of names, one row or block for each file."""
    yield _overall(figures)
    for name, each in figures.items():
        if each.entities:
            yield _by_entity(name, each)
        if each.types:
            yield _by_type(name, each)
        if each.groups:
            yield _by_group(name, each)


def kept_table(kept: NamesKept) -> Table:
    """Names of the catalogue that no finding touches."""
    table = Table("names", "kept", "aim", "met", title=f"{kept.texts} descriptions, title side")
    for kind, share in kept.kept.items():
        table.add_row(kind, _said(share))
    table.add_row(
        "all", _said(kept.all), f"at least {AIM_KEPT:.1%}", _met(kept.all.share >= AIM_KEPT)
    )
    for type_, count in kept.findings.items():
        table.add_row(
            f"found {type_}", f"{count}, of them over names: {kept.touching.get(type_, 0)}"
        )
    return table


def told(figures: Measured) -> dict[str, Any]:
    """Everything measured, for programs; shares from 0 to 1."""
    return {
        "texts": figures.texts,
        **{way: _score(getattr(figures, way)) for way in _WAYS},
        "untouched": _share(figures.untouched),
        "kept": _share(figures.kept),
        "refused": _share(figures.refused),
        "entities": {
            each.label: {
                "kind": each.kind,
                "recall": _share(each.found),
                "recall_of_kind": None if each.named is None else _share(each.named),
            }
            for each in figures.entities
        },
        "types": {each.type: {"precision": _share(each.right)} for each in figures.types},
        "groups": {each.group: _share(each.found) for each in figures.groups},
        "gap_points": figures.gap,
    }


def told_kept(kept: NamesKept) -> dict[str, Any]:
    """Names kept, for programs."""
    return {
        "texts": kept.texts,
        "kept": {kind: _share(share) for kind, share in kept.kept.items()},
        "all": _share(kept.all),
        "findings": kept.findings,
        "touching": kept.touching,
    }


def _overall(figures: Mapping[str, Measured]) -> Table:
    table = Table("counted by", "precision", "recall", "F2", "aim", title="Whatever the type")
    for name, each in figures.items():
        table.add_row(Text(f"{name}, {each.texts} texts", style="bold"))
        for way in _WAYS:
            score: Score = getattr(each, way)
            found = "" if score.f2 is None else f"{score.f2:.3f}"
            aim = f"at least {AIM_F2:.2f}" if found and way == "spans" else ""
            table.add_row(f"  {way}", _said(score.precision), _said(score.recall), found, aim)
        for what, share in _beside(each):
            table.add_row(f"  {what}", "", _said(share))
        table.add_section()
    return table


def _beside(figures: Measured) -> Iterator[tuple[str, Share]]:
    if figures.untouched.of:
        yield "nothing in them, left alone", figures.untouched
    if figures.kept.of:
        yield "marked as kept, and kept", figures.kept
    if figures.refused.count:
        yield "refused", figures.refused


def _by_entity(name: str, figures: Measured) -> Table:
    table = Table("label", "found under any type", "found under its own", title=f"Recall, {name}")
    for each in figures.entities:
        table.add_row(
            each.label, _said(each.found), "" if each.named is None else _said(each.named)
        )
    return table


def _by_type(name: str, figures: Measured) -> Table:
    table = Table("type", "right, whatever the label", title=f"Precision, {name}")
    for each in figures.types:
        table.add_row(each.type, _said(each.right))
    return table


def _by_group(name: str, figures: Measured) -> Table:
    table = Table("group of names", "persons found", title=f"Persons, {name}")
    for each in figures.groups:
        table.add_row(each.group, _said(each.found))
    if figures.gap is not None:
        met = _met(figures.gap <= AIM_GAP)
        table.add_row("best less worst", f"{figures.gap:.1f} points (aim: {AIM_GAP:g}; met: {met})")
    return table


def _said(share: Share) -> str:
    if not share.of:
        return "-"
    return f"{share.share:.1%} ({share.count} of {share.of})"


def _met(flag: bool) -> str:
    return "yes" if flag else "no"


def _score(score: Score) -> dict[str, Any]:
    return {"precision": _share(score.precision), "recall": _share(score.recall), "f2": score.f2}


def _share(share: Share) -> dict[str, Any]:
    return {
        "share": share.share if share.of else None,
        "count": share.count,
        "of": share.of,
        "low": share.low,
        "high": share.high,
    }
