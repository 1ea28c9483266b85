"""What may be kept of a viewer is what the set declares, in its shape, unless it is never used."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genservice.catalog import load_vocabulary
from genservice.errors import InvalidInputError
from genservice.policy import load, release
from genservice.policy.keeping import NEVER_USED, UNDECLARED, is_keepable, require_keepable
from genservice.shipped import shipped
from genservice.words import policy_words

POLICIES = load(shipped("policies"))
WORDS = policy_words(load_vocabulary(shipped("catalogue")))

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 2000) | st.text(max_size=8) | st.floats(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
PLAUSIBLE = st.sampled_from(
    [["crime"], "slow_burn", 41, {"country": "DE"}, ["22:40"], "the sea", ["double-indemnity"]]
)


def days(values: dict[str, Any]) -> dict[str, int]:
    return require_keepable(
        values, POLICIES, words=WORDS, at={name: f"#/{name}" for name in values}
    )


def wrong(values: dict[str, Any]) -> dict[str | None, tuple[str, str | None]]:
    with pytest.raises(InvalidInputError) as raised:
        days(values)
    return {each.pointer: (each.detail, each.hint) for each in raised.value.problems}


def test_each_is_kept_for_as_long_as_it_is_declared() -> None:
    assert days({"genre_affinity": ["crime"], "location": {"country": "DE"}}) == {
        "genre_affinity": 180,
        "location": 1,
    }
    assert days({}) == {}


def test_what_is_wrong_is_named_all_at_once_and_a_near_name_is_offered() -> None:
    assert wrong({"genre_afinity": [], "gender": "female", "age": "old", "device": "tv"}) == {
        "#/genre_afinity": (UNDECLARED, "did you mean 'genre_affinity'?"),
        "#/gender": (NEVER_USED, None),
        "#/age": ("expected a whole number from 0 to 120", None),
    }


def test_what_is_never_used_is_refused_whatever_its_value_for_it_is_not_looked_at() -> None:
    never = [signal.name for signal in POLICIES.signals if not is_keepable(signal)]
    assert never == ["gender", "payment_history"]
    for value in (None, "female", ["x"], 10**9):
        assert {detail for detail, _ in wrong(dict.fromkeys(never, value)).values()} == {NEVER_USED}


@given(st.sampled_from(POLICIES.signals), JSON | PLAUSIBLE)
def test_whatever_is_kept_can_be_released_and_nothing_else_is(signal, value: Any) -> None:
    try:
        kept = days({signal.name: value})
    except InvalidInputError:
        return
    assert kept[signal.name] > 0
    for level in signal.ladder:
        release(signal, level, value, titles={}, words=WORDS)
