"""Release: of a known audience, what later steps may see. What is withheld is dropped here, unread."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from genservice.catalog import TitleTerms, terms_of
from genservice.errors import InvalidSignalError
from genservice.policy import barring, leaving_out, release

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from genservice.audience import Audience
    from genservice.domain import Decision, Released, Vocabulary
    from genservice.parts import Titles
    from genservice.policy import PolicySet, Words

_MOST_WATCHED = 2000


async def released(
    policies: PolicySet,
    decisions: Sequence[Decision],
    audience: Audience,
    *,
    titles: Titles,
    vocabulary: Vocabulary,
    words: Words,
) -> tuple[Released, ...]:
    """What later steps may see of an audience's signals.

    A withheld value is not looked at, not even for its shape. Titles and words that the viewer left out
    count for nothing: whatever they stand in, it is as if they did not.

    Args:
        policies: The set that decided.
        decisions: What holds of each of its signals, controls kept to.
        audience: Whose signals they are.
        titles: Where watched titles are looked up.
        vocabulary: What they are told in.
        words: The same, as policy takes it.

    Raises:
        InvalidSignalError: A released signal that was sent has the wrong shape. One that is stored counts
            for nothing then: the caller did not send it.
    """
    granted = [
        (signal, decision.level or signal.ladder[0])
        for signal, decision in zip(policies.signals, decisions, strict=True)
        if decision.outcome != "withheld" and signal.name in audience.signals
    ]
    controls = audience.controls
    watched = [
        audience.signals[signal.name] for signal, _ in granted if signal.value == "title_ids"
    ]
    ids = {
        id_
        for value in watched
        for id_ in _texts(value, without=frozenset(controls.titles_left_out))
    }
    known: dict[str, TitleTerms] = {}
    if ids:
        held = await titles.get_many(sorted(ids))
        known = {id_: terms_of(title, vocabulary) for id_, title in held.items()}
    words = leaving_out(barring(words, policies), controls.themes_left_out)
    found: list[Released] = []
    for signal, level in granted:
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
