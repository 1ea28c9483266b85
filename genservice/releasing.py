"""Release: of a known audience, what later steps may see. What is withheld is dropped here, unread."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from genservice.catalog import terms_of
from genservice.errors import InvalidSignalError
from genservice.policy import leaving_out, release

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from genservice.audience import Audience
    from genservice.domain import Decision, Released, Signal, Title, Vocabulary
    from genservice.policy import PolicySet, Words

_MOST_WATCHED = 2000


Grant = tuple["Signal", str]
"""A signal that is there, and the level at which it may be seen."""


def granted(
    policies: PolicySet, decisions: Sequence[Decision], audience: Audience
) -> tuple[Grant, ...]:
    """Of the signals of an audience, those that may be seen.

    Args:
        policies: The set that decided.
        decisions: What holds of each of its signals, controls kept to.
        audience: Whose signals they are.
    """
    there = policies.index.places_of(audience.signals)
    return tuple(
        (policies.signals[place], decisions[place].level or policies.signals[place].ladder[0])
        for place in there
        if decisions[place].outcome != "withheld"
    )


def watched_titles(grants: Sequence[Grant], audience: Audience) -> tuple[str, ...]:
    """The ids that signals of watched titles name, sorted; without those that the viewer left out."""
    naming = [signal.name for signal, _ in grants if signal.value == "title_ids"]
    if not naming:
        return ()
    without = frozenset(audience.controls.titles_left_out)
    return tuple(
        sorted({id_ for name in naming for id_ in _texts(audience.signals[name], without=without)})
    )


def released(
    grants: Sequence[Grant],
    audience: Audience,
    *,
    watched: Mapping[str, Title],
    vocabulary: Vocabulary,
    words: Words,
) -> tuple[Released, ...]:
    """What later steps may see of an audience's signals.

    A withheld value is not looked at, not even for its shape. Titles and words that the viewer left out
    count for nothing: whatever they stand in, it is as if they did not.

    Args:
        grants: The signals that may be seen.
        audience: Whose signals they are.
        watched: Of the titles that were watched those that the catalogue holds, by id.
        vocabulary: What they are told in.
        words: The same, as policy takes it, with those that its inference rules bar.

    Raises:
        InvalidSignalError: A released signal that was sent has the wrong shape. One that is stored counts
            for nothing then: the caller did not send it.
    """
    known = {id_: terms_of(title, vocabulary) for id_, title in watched.items()}
    words = leaving_out(words, audience.controls.themes_left_out)
    found: list[Released] = []
    for signal, level in grants:
        try:
            item = release(signal, level, audience.signals[signal.name], titles=known, words=words)
        except InvalidSignalError:
            if signal.name not in audience.stored:
                raise
            continue
        if item is not None:
            found.append(item)
    return tuple(found)


def _texts(value: Any, *, without: Collection[str]) -> tuple[str, ...]:
    """The texts of a list, as far as it is one: its shape is checked where it is released."""
    if not isinstance(value, (list, tuple)):
        return ()
    items = cast("Sequence[Any]", value)
    texts = [item for item in items if isinstance(item, str) and item not in without]
    return tuple(texts[:_MOST_WATCHED])
