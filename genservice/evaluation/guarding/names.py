"""Names of a catalogue in its own free text: which of them the guard leaves alone."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Literal, get_args

import msgspec

from genservice.evaluation.figures import Share
from genservice.evaluation.guarding.labelled import Stretch

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from genservice.domain import Title
    from genservice.privacy import Finding

NameKind = Literal["title", "person", "character", "place"]


class Named(Stretch, frozen=True):
    """Where one of a title's own names stands in its description."""

    kind: NameKind


class NamesKept(msgspec.Struct, frozen=True, kw_only=True):
    """What became of names in descriptions."""

    texts: int
    kept: dict[NameKind, Share]
    """Names that no finding touches, by what they name."""
    all: Share
    findings: dict[str, int]
    """Everything found in the descriptions, by type."""
    touching: dict[str, int]
    """What touches a name, by type."""


def names_in(title: Title) -> tuple[Named, ...]:
    """The title, its people, characters and place wherever the description has them in full.

    Exact case, whole words. A stretch that bears two names (a film called after its hero) is counted
    once, as the first of its kinds; one within a longer name is part of that.
    """
    found: list[Named] = []
    for kind, names in _names(title).items():
        for name in dict.fromkeys(name for name in names if name):
            pattern = rf"(?<!\w){re.escape(name)}(?!\w)"
            found += [
                Named(*match.span(), kind)
                for match in re.finditer(pattern, title.description or "")
            ]
    longest: list[Named] = []
    for each in sorted(found, key=lambda name: name.start - name.end):
        if not any(other.start < each.end and each.start < other.end for other in longest):
            longest.append(each)
    return tuple(sorted(longest, key=lambda name: name.start))


def names_kept(texts: Iterable[tuple[Sequence[Named], Sequence[Finding]]]) -> NamesKept:
    """The figures over descriptions: their names, and what the guard found in them."""
    flags: dict[NameKind, list[bool]] = {kind: [] for kind in get_args(NameKind)}
    findings: Counter[str] = Counter()
    touching: Counter[str] = Counter()
    count = 0
    for names, found in texts:
        count += 1
        findings.update(finding.type for finding in found)
        for name in names:
            over = [each for each in found if each.start < name.end and name.start < each.end]
            touching.update(finding.type for finding in over)
            flags[name.kind].append(not over)
    return NamesKept(
        texts=count,
        kept={kind: Share.where(kept) for kind, kept in flags.items() if kept},
        all=Share.where(kept for each in flags.values() for kept in each),
        findings=dict(findings.most_common()),
        touching=dict(touching.most_common()),
    )


def _names(title: Title) -> dict[NameKind, list[str]]:
    return {
        "title": [title.name, *title.also_named, title.original_name or ""],
        "person": [credit.name for credit in title.credits],
        "character": [credit.character or "" for credit in title.credits],
        "place": [setting.place or "" for setting in title.setting],
    }
