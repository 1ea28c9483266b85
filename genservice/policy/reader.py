"""Reading a document piece by piece: what is wrong is noted at its place, and reading goes on."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, cast

import msgspec

from genservice.documents import suggestion

if TYPE_CHECKING:
    from collections.abc import Collection

    from genservice.documents import Document
    from genservice.errors import Problem
    from genservice.policy.fileshapes import Shape

_SHOWN = 40
_LISTED = 12
_CODE = 3
_BOOLEANS = {
    **dict.fromkeys(("yes", "on", "y", "true"), "write true"),
    **dict.fromkeys(("no", "off", "n", "false"), "write false"),
}
"""What YAML 1.1 took for true and false, or a quoted one, and what to write instead."""
_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")


def quoted(value: Any) -> str:
    """A word from a policy file as messages show it, cut where it is long."""
    shown = repr(value)
    return shown if len(shown) <= _SHOWN else f"{shown[: _SHOWN - 1]}…"


def is_name(word: str) -> bool:
    """Whether it may name a signal, consent, group, context or audience."""
    return _NAME.fullmatch(word) is not None


def required_of(shape: type[Shape]) -> list[str]:
    """The keys of a shape that must be there."""
    names, defaults = shape.__struct_encode_fields__, shape.__struct_defaults__
    # Defaults are those of the last fields; where one has none, it says so.
    free = len(names) - len(defaults)
    return [
        name
        for at, name in enumerate(names)
        if at < free or defaults[at - free] is msgspec.NODEFAULT
    ]


class Reader:
    """One document being read.

    Every method answers something usable (an empty value where nothing was) and notes what was wrong
    in `problems`, so that one reading finds as much as it can.
    """

    def __init__(self, document: Document, problems: list[Problem]) -> None:
        self.document = document
        self.problems = problems

    def wrong(self, pointer: str, detail: str, *, hint: str | None = None) -> None:
        """Note a problem with the value at `pointer`."""
        self.problems.append(self.document.problem(pointer, detail, hint=hint))

    def wrong_key(self, pointer: str, detail: str, *, hint: str | None = None) -> None:
        """Note a problem with the key that leads to `pointer`."""
        self.problems.append(self.document.key_problem(pointer, detail, hint=hint))

    def mapping(self, pointer: str, value: Any, what: str) -> dict[str, Any]:
        """`value` as keys and values; `what` names it, as in "the groups"."""
        if isinstance(value, dict):
            return cast("dict[str, Any]", value)
        self.wrong(pointer, f"{what} must be keys and values, and this is {_kind(value)}")
        return {}

    def fields(
        self,
        pointer: str,
        value: Any,
        what: str,
        shape: type[Shape],
    ) -> dict[str, Any]:
        """`value` as a mapping with the keys of a shape and no others."""
        if not isinstance(value, dict):
            self.mapping(pointer, value, what)
            return {}
        mapping = cast("dict[str, Any]", value)
        known = shape.__struct_encode_fields__
        for key in mapping:
            if key not in known:
                hint = suggestion(key, known) or f"{what} may have {', '.join(known)}"
                if key.startswith("-"):
                    hint = "an item of a list wants a space after its -"
                self.wrong_key(f"{pointer}/{key}", f"unknown key {quoted(key)}", hint=hint)
        for key in required_of(shape):
            if key not in mapping:
                self.wrong(pointer, f"{what} needs {key!r}")
        return {key: item for key, item in mapping.items() if key in known}

    def items(self, pointer: str, value: Any, what: str, *, empty: bool = False) -> list[Any]:
        """`value` as a list; an empty one is wrong unless `empty`."""
        if not isinstance(value, list):
            self.wrong(pointer, f"{what} must be a list, and this is {_kind(value)}")
            return []
        items = cast("list[Any]", value)
        if not items and not empty:
            self.wrong(pointer, f"{what} must not be empty")
        return items

    def text(self, pointer: str, value: Any, what: str, *, most: int = 500) -> str:
        """`value` as text with something in it."""
        if not isinstance(value, str):
            hint = "put it in quotes" if isinstance(value, (bool, int, float)) else None
            self.wrong(pointer, f"{what} must be text, and this is {_kind(value)}", hint=hint)
            return ""
        if not value.strip():
            self.wrong(pointer, f"{what} is empty")
        if len(value) > most:
            self.wrong(pointer, f"{what} is longer than {most} characters")
        return value.strip()

    def exact(self, pointer: str, value: Any, what: str, *, most: int = 500) -> str:
        """As `text`, with the white space around it: in what programs compare, there must be none."""
        return str(value) if self.text(pointer, value, what, most=most) else ""

    def number(self, pointer: str, value: Any, what: str, *, low: int, high: int) -> int | None:
        """`value` as a whole number within bounds."""
        if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high:
            return value
        self.wrong(pointer, f"{what} must be a whole number from {low} to {high}")
        return None

    def boolean(self, pointer: str, value: Any, what: str) -> bool | None:
        """`value` as true or false."""
        if isinstance(value, bool):
            return value
        hint = _BOOLEANS.get(value.strip().lower()) if isinstance(value, str) else None
        self.wrong(pointer, f"{what} must be true or false, and this is {_kind(value)}", hint=hint)
        return None

    def word(self, pointer: str, value: Any, what: str, known: Collection[str]) -> str | None:
        """`value` as one of the known words; `what` is the singular, as in "a purpose"."""
        if not isinstance(value, str):
            hint = "put it in quotes" if isinstance(value, (bool, int, float)) else None
            if value is False and "NO" in known:
                hint = 'for Norway write "NO", in quotes: some tools turn it into false'
            self.wrong(pointer, f"{what} must be a word, and this is {_kind(value)}", hint=hint)
            return None
        if value in known:
            return value
        self.wrong(pointer, f"not {what}: {quoted(value)}", hint=meant(value, known))
        return None

    def words(
        self, pointer: str, value: Any, what: str, known: Collection[str], *, empty: bool = False
    ) -> tuple[str, ...]:
        """`value` as known words, sorted; a single word stands for a list of one."""
        if isinstance(value, str):
            word = self.word(pointer, value, what, known)
            return () if word is None else (word,)
        found: set[str] = set()
        for index, item in enumerate(self.items(pointer, value, "the list", empty=empty)):
            word = self.word(f"{pointer}/{index}", item, what, known)
            if word is not None and word in found:
                self.wrong(f"{pointer}/{index}", f"{quoted(word)} stands twice in this list")
            if word is not None:
                found.add(word)
        return tuple(sorted(found))

    def name(self, pointer: str, key: str, what: str) -> bool:
        """Whether a key may name something; `what` is the singular, as in "a signal"."""
        if is_name(key):
            return True
        self.wrong_key(
            pointer,
            f"{what}'s name is lower-case letters, digits and _: {quoted(key)}",
        )
        return False


def meant(word: str, known: Collection[str]) -> str | None:
    """What was probably meant: a word close by, or the whole list where it is short."""
    if word.endswith("\n") and word.strip() in known:
        return "write it on one line: | and > end a text with a line break"
    for other in known:
        if other.lower() == word.lower():
            return f"did you mean {other!r}?"
    # Among codes of two letters everything is close to something.
    if len(word) > _CODE and (close := suggestion(word, known)) is not None:
        return close
    if known and len(known) <= _LISTED:
        listed = sorted(known) if isinstance(known, (set, frozenset)) else known
        return f"one of {', '.join(listed)}"
    return None


def _kind(value: Any) -> str:
    if value is None:
        return "empty"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (int, float)):
        return "a number"
    if isinstance(value, str):
        return "text"
    return "a list" if isinstance(value, list) else "keys and values"
