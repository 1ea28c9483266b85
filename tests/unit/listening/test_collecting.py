"""What is loaded stays out of collections, and these come seldom from then on."""

from __future__ import annotations

import gc
import weakref
from typing import TYPE_CHECKING

import pytest

from genservice.listening.collecting import seldom_collected

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    threshold = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*threshold)


class Ring:
    """Holds itself, so that only a collection frees it."""

    def __init__(self) -> None:
        self.itself = self


def test_what_was_loaded_is_not_gone_through_again_and_what_comes_is_seldom() -> None:
    usual = gc.get_threshold()
    with seldom_collected():
        loaded = weakref.ref(Ring())
        assert gc.get_threshold()[2] > 1000 * usual[2]
    assert gc.get_threshold()[0] > 10 * usual[0]
    later = weakref.ref(Ring())
    gc.collect()
    assert loaded() is not None
    assert later() is None


def test_a_start_that_fails_leaves_collections_as_they_are_afterwards() -> None:
    with pytest.raises(OSError, match=r"^full$"), seldom_collected():
        raise OSError("full")
    first, _, third = gc.get_threshold()
    assert (first, third) == (10_000, 20)
