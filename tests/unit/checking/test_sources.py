"""Sources made of others vouch for what sources made from nothing do."""

from __future__ import annotations

import pytest

from genservice.checking import check
from genservice.checking.sources import FREE_KINDS, NAME_KINDS
from tests.unit.checking.examples import TITLES, sources

ADDED = NAME_KINDS | FREE_KINDS
LOOKED_UP = (
    "title", "slots", "names", "named", "full_names", "labels", "fills", "capitals",
)  # fmt: skip
READ = (
    "passages",
    "spoilers",
    "runs",
    "stems",
    "gaps",
    "spoiler_runs",
    "spoiling",
    "spoiler_stems",
)


def vouched(made) -> dict[str, object]:
    """All that a check looks up in them."""
    looked_up = {name: getattr(made, name) for name in LOOKED_UP}
    return looked_up | {name: getattr(made.free, name) for name in READ}


@pytest.mark.parametrize(("title", "slots"), TITLES, ids=lambda given: getattr(given, "id", ""))
def test_labels_added_one_by_one_come_to_the_same(title, slots) -> None:
    labels = tuple(slot for slot in slots if slot.kind not in ADDED)
    assert labels
    whole = sources(title, slots)
    for label in labels:
        rest = tuple(slot for slot in slots if slot is not label)
        bare = sources(title, rest)
        before = vouched(bare)
        made = bare.with_labels((label,))
        assert vouched(made) == vouched(sources(title, (*rest, label)))
        assert vouched(bare) == before
        text = f"A [{label.name}] film. {label.text.capitalize()}, {label.text}."
        assert check(text, sources=made, offered=slots) == check(text, sources=whole, offered=slots)


@pytest.mark.parametrize(("title", "slots"), TITLES, ids=lambda given: getattr(given, "id", ""))
def test_other_slots_of_the_same_title_come_to_the_same(title, slots) -> None:
    few = slots[: len(slots) // 2]
    whole = sources(title, slots)
    made = whole.offering(few)
    assert vouched(made) == vouched(sources(title, few))
    assert made.true_phrases is whole.true_phrases


@pytest.mark.parametrize(("title", "slots"), TITLES, ids=lambda given: getattr(given, "id", ""))
def test_what_is_looked_up_in_free_text_is_shared_where_the_same_is_said(title, slots) -> None:
    labels = tuple(slot for slot in slots if slot.kind not in ADDED)
    whole = sources(title, slots)
    assert whole.offering(slot for slot in slots if slot not in labels).free is whole.free


@pytest.mark.parametrize(("title", "slots"), TITLES, ids=lambda given: getattr(given, "id", ""))
def test_names_and_free_text_cannot_be_added(title, slots) -> None:
    for slot in slots:
        if slot.kind in ADDED:
            with pytest.raises(ValueError, match="anew"):
                sources(title, ()).with_labels((slot,))
