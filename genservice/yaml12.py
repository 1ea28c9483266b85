"""YAML text to plain values in one pass over libyaml's events, where nothing is wrong with it.

libyaml parses by YAML 1.1; what a plain scalar means is decided here, by the core schema of YAML 1.2
(https://yaml.org/spec/1.2.2/#103-core-schema): `NO` is text, and so is `13_15`. Whatever is wrong or
unusual, an anchor or a tag or a key that stands twice, is not read at all: the caller reads such a
text again with a slower reader, which names what is wrong and where.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, cast

import msgspec
import yaml

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Places = dict[str, tuple[int, int]]
"""JSON Pointer -> line and column, from 1."""

_CONSTANTS: dict[str, Any] = {
    **dict.fromkeys(("~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_NUMBER = re.compile(r"[-+]?[0-9]{1,18}(?P<point>(?:\.[0-9]*)?(?:[eE][-+]?[0-9]{1,2})?)")
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_./-]*")
_RARE = re.compile("[\t\r\x85\u2028\u2029\ufeff]|[|>][-+0-9]*#")
"""Where YAML 1.1 and 1.2, or the two readers, part ways about breaks, white space and comments."""
_LOADER: Any = getattr(yaml, "CSafeLoader", None)


class Plain(msgspec.Struct, frozen=True):
    """A text as plain values, and where each of them and each key stands."""

    value: Any
    places: Places
    keys: Places


class _UnusualError(Exception):
    """Something that this reader leaves to the slower one."""


def plain(text: str, *, depth: int) -> Plain | None:
    """What a YAML text holds; None where it is wrong, unusual, or nested deeper than `depth`.

    None as well where PyYAML was built without libyaml.
    """
    if _LOADER is None or _RARE.search(text):
        return None
    loader = _LOADER(text)
    try:
        return _Reading(loader.get_event, depth).document()
    except (yaml.YAMLError, _UnusualError, ValueError):
        return None
    finally:
        loader.dispose()


class _Reading:
    """One pass over the events of one text."""

    def __init__(self, event: Callable[[], Any], depth: int) -> None:
        self._event = event
        self._depth = depth
        self._places: Places = {}
        self._keys: Places = {}

    def document(self) -> Plain:
        self._event()
        start = self._event()
        if isinstance(start, yaml.StreamEndEvent):
            return Plain(None, {}, {})
        if start.version is not None or start.tags:
            raise _UnusualError
        value = self._value(self._event(), "", 0)
        self._event()
        if not isinstance(self._event(), yaml.StreamEndEvent):
            raise _UnusualError
        return Plain(value, self._places, self._keys)

    def _value(self, event: Any, pointer: str, depth: int) -> Any:
        mark = event.start_mark
        self._places[pointer] = (mark.line + 1, mark.column + 1)
        kind = cast("type[Any]", type(event))
        if event.anchor is not None or kind is yaml.AliasEvent or event.tag is not None:
            raise _UnusualError
        if kind is yaml.ScalarEvent:
            return _scalar(event)
        if depth >= self._depth:
            raise _UnusualError
        if kind is yaml.SequenceStartEvent:
            return [
                self._value(item, f"{pointer}/{index}", depth + 1)
                for index, item in enumerate(self._until(yaml.SequenceEndEvent))
            ]
        mapping: dict[str, Any] = {}
        for event_of_key in self._until(yaml.MappingEndEvent):
            key = self._key(event_of_key, mapping)
            at = f"{pointer}/{key}"
            mark = event_of_key.start_mark
            self._keys[at] = (mark.line + 1, mark.column + 1)
            mapping[key] = self._value(self._event(), at, depth + 1)
        return mapping

    def _until(self, end: type[Any]) -> Iterator[Any]:
        while type(event := self._event()) is not end:
            yield event

    def _key(self, event: Any, mapping: dict[str, Any]) -> str:
        if type(event) is not yaml.ScalarEvent or event.anchor is not None or event.tag is not None:
            raise _UnusualError
        key = str(event.value)
        # Null, true, 1.5 and a date are no keys.
        odd = event.implicit[0] and not (_WORD.fullmatch(key) and isinstance(_scalar(event), str))
        if key in mapping or odd:
            raise _UnusualError
        return key


def _scalar(event: Any) -> Any:
    text: str = event.value
    if not event.implicit[0]:
        if not text and event.style in ("|", ">"):
            raise _UnusualError
        return text
    if not text:
        raise _UnusualError
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    # Most plain scalars are words; those that might be numbers begin like one.
    if text[0] in "0123456789+-" and (number := _NUMBER.fullmatch(text)):
        return float(text) if number["point"] else int(text)
    if text in ("=", "<<") or (text[0] in ".+-" and text.strip("+-").lower() in (".inf", ".nan")):
        raise _UnusualError
    return text
