"""The values of inference rules: what is said of a viewer, and the ways of saying it."""

from __future__ import annotations

from typing import Literal

import msgspec

Class = Literal["who", "being", "state", "having", "doing", "topic"]
"""How words tell a trait: a person who is one, an adjective, an adjective that tells it only where it
is said of somebody outright, something one has, something one does, something a story is about."""

CLASSES: tuple[Class, ...] = ("who", "being", "state", "having", "doing", "topic")

WordFamily = Literal["genres", "moods", "themes", "alerts"]
FAMILIES: tuple[WordFamily, ...] = ("genres", "moods", "themes", "alerts")
"""The families of the catalogue's vocabulary whose words a rule may bar from being a reason."""


class InferenceRule(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of trait that no text may tell or imply of its viewer."""

    id: str
    why: str
    """In plain words, with its source."""
    traits: dict[Class, tuple[str, ...]]
    """By class, words or phrases that tell it; the grammar's frames say when they are the viewer's."""
    said: tuple[str, ...] = ()
    """Frames that tell it by themselves."""
    permitted: tuple[str, ...] = ()
    """Frames in which words of this rule mean something else: `faith in humanity`."""
    words: dict[WordFamily, tuple[str, ...]]
    """Words of the catalogue's vocabulary that are never a reason given, by family."""


class Grammar(msgspec.Struct, frozen=True, kw_only=True):
    """How something is said of a viewer, for every rule alike."""

    lists: dict[str, tuple[str, ...]]
    """Words and phrases that frames may name: `{adverb}`."""
    parts: dict[str, tuple[str, ...]]
    """Pieces of frames that frames may name."""
    frames: tuple[str, ...]
