"""YAML files read into plain values, with the place of everything in them.

YAML 1.2 (in 1.1 `NO`, Norway, is false and `13_15` is 1315). Duplicate keys, anchors, aliases and
tags are refused, so a file means what it shows and cannot grow when read. Dates stay text.
"""

from __future__ import annotations

import difflib
import re
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import msgspec
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import CollectionEndEvent, CollectionStartEvent, DocumentStartEvent
from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode

from genservice.encodings import decoded, lines_of, require_seen
from genservice.errors import DocumentError, Problem
from genservice.syntax import explained
from genservice.yaml12 import plain

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable

T = TypeVar("T")

MAX_BYTES = 1_000_000
MAX_DEPTH = 20

_TAG = "tag:yaml.org,2002:"
_PATH_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+)\]")


class Document:
    """A YAML file as plain values, which knows where each of them stands.

    Attributes:
        file: The name used in problems.
        value: Dicts, lists, str, int, float, bool and None.
    """

    def __init__(
        self,
        file: str,
        value: Any,
        places: dict[str, tuple[int, int]],
        keys: dict[str, tuple[int, int]] | None = None,
    ) -> None:
        self.file = file
        self.value = value
        self._places = places
        self._keys = keys or {}

    @classmethod
    def like(cls, other: Document, value: Any) -> Document:
        """A value read by another reader from the same text, with the places that this one found."""
        return cls(other.file, value, other._places, other._keys)

    def place(self, pointer: str) -> tuple[int, int]:
        """Line and column, from 1, of the value at a JSON Pointer, or of what holds it."""
        while pointer and pointer not in self._places:
            pointer = pointer.rpartition("/")[0]
        return self._places.get(pointer, (1, 1))

    def key_problem(self, pointer: str, detail: str, *, hint: str | None = None) -> Problem:
        """A problem with the key that leads to a value, at the key's own place."""
        line, column = self._keys.get(pointer) or self.place(pointer)
        return Problem(file=self.file, line=line, column=column, detail=detail, hint=hint)

    def problem(self, pointer: str, detail: str, *, hint: str | None = None) -> Problem:
        """A problem at the place of a value."""
        line, column = self.place(pointer)
        return Problem(file=self.file, line=line, column=column, detail=detail, hint=hint)

    def convert(self, pointer: str, value: Any, to: type[T]) -> T:
        """`value`, which stands at `pointer`, as a typed value.

        Raises:
            DocumentError: It does not have that shape; the problem names the place inside it.
        """
        try:
            return msgspec.convert(value, to)
        except msgspec.ValidationError as error:
            detail, _, path = str(error).partition(" - at `")
            inner = path.removesuffix("`").removeprefix("$")
            steps = "".join(f"/{name or index}" for name, index in _PATH_STEP.findall(inner))
            raise DocumentError(self.problem(pointer + steps, detail)) from None


def read(path: Path, *, file: str | None = None) -> Document:
    """The YAML file at `path`.

    Args:
        path: Where it lies.
        file: How problems call it; the path's name if left out.

    Raises:
        DocumentError: It cannot be read, or is not the YAML described above.
    """
    name = file or path.name
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise DocumentError(
            Problem(file=name, detail=f"cannot be read: {error.strerror}")
        ) from error
    return parse(raw, file=name)


@contextmanager
def in_folder(folder: Path) -> Generator[None]:
    """Errors of the documents read within name them with the folder they lie in."""

    def named(problem: Problem) -> Problem:
        if problem.file is None or Path(problem.file).is_relative_to(folder):
            return problem
        return msgspec.structs.replace(problem, file=str(folder / problem.file))

    try:
        yield
    except DocumentError as error:
        raise type(error)(*map(named, error.problems)) from None


def parse(raw: bytes, *, file: str) -> Document:
    """The bytes of a YAML file as a document; see `read`."""
    _require_size(len(raw), file)
    return parse_text(decoded(raw, file=file), file=file)


def parse_text(text: str, *, file: str) -> Document:
    """YAML text as a document; see `read`."""
    _require_size(len(text.encode(errors="replace")), file)
    text = text.removeprefix("\ufeff")
    require_seen(text, file=file)
    read = plain(text, depth=MAX_DEPTH)
    if read is not None:
        return Document(file, read.value, read.places, read.keys)
    return _parsed_with_care(text, file)


def too_large(file: str) -> Problem:
    """The problem with a file that is larger than is read."""
    return Problem(file=file, detail=f"larger than {MAX_BYTES} bytes", hint="split it")


def _require_size(size: int, file: str) -> None:
    if size > MAX_BYTES:
        raise DocumentError(too_large(file))


def _parsed_with_care(text: str, file: str) -> Document:
    """The same by a slower reader, which can say of whatever is wrong where it stands."""
    _refuse_what_grows(text, file)
    try:
        node = YAML(typ="safe", pure=True).compose(text)
    except MarkedYAMLError as error:
        raise DocumentError(explained(error, text, file=file)) from None
    except (YAMLError, ValueError) as error:
        raise DocumentError(
            Problem(file=file, detail=f"not YAML: {type(error).__name__}")
        ) from None
    builder = _Builder(file)
    value = builder.build(node, "") if node is not None else None
    if builder.problems:
        raise DocumentError(*builder.problems)
    return Document(file, value, builder.places, builder.keys)


def suggestion(word: str, known: Iterable[str]) -> str | None:
    """`did you mean 'under_13'?` for a word close to a known one, else None."""
    close = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"did you mean {close[0]!r}?" if close else None


def _refuse_what_grows(text: str, file: str) -> None:
    """Refuse what makes a text mean more than it shows, before anything is composed: composing is where it explodes.

    A directive is one: under `%YAML 1.1`, `NO` would be false.
    """
    yaml = YAML(typ="safe", pure=True)
    depth = 0
    try:
        for event in yaml.parse(text):
            if getattr(event, "anchor", None) is not None:
                detail, hint = "anchors and aliases are not allowed", "write the value out"
                raise DocumentError(_at(event, file, detail, hint=hint))
            if isinstance(event, DocumentStartEvent) and (event.version or event.tags):
                line = next(at for at, line in enumerate(lines_of(text), 1) if line[:1] == "%")
                detail, hint = "directives (%) are not allowed", "take the line out"
                raise DocumentError(
                    Problem(file=file, line=line, column=1, detail=detail, hint=hint)
                )
            depth += isinstance(event, CollectionStartEvent)
            depth -= isinstance(event, CollectionEndEvent)
            if depth > MAX_DEPTH:
                raise DocumentError(_at(event, file, f"nested deeper than {MAX_DEPTH} levels"))
    except (YAMLError, ValueError):
        return  # compose() tells what is wrong


def _at(event: Any, file: str, detail: str, *, hint: str | None = None) -> Problem:
    mark = event.start_mark
    return Problem(file=file, line=mark.line + 1, column=mark.column + 1, detail=detail, hint=hint)


class _Builder:
    """Nodes to plain values, remembering places and collecting problems."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.places: dict[str, tuple[int, int]] = {}
        self.keys: dict[str, tuple[int, int]] = {}
        self.problems: list[Problem] = []

    def build(self, node: Any, pointer: str) -> Any:
        self.places[pointer] = (node.start_mark.line + 1, node.start_mark.column + 1)
        if node.tag not in (_TAG + "map", _TAG + "seq") and not isinstance(node, ScalarNode):
            self._wrong(node, "a tag", hint="tags are not allowed")
            return None
        items = cast("list[Any]", node.value)
        if isinstance(node, MappingNode):
            return self._mapping(items, pointer)
        if isinstance(node, SequenceNode):
            return [self.build(item, f"{pointer}/{i}") for i, item in enumerate(items)]
        return self._scalar(node)

    def _mapping(self, pairs: Any, pointer: str) -> dict[str, Any]:
        mapping: dict[str, Any] = {}
        for key_node, value_node in pairs:
            if not isinstance(key_node, ScalarNode):
                self._wrong(key_node, "a key must be text, and this is more than that")
                continue
            key = str(cast("Any", key_node).value)
            if key_node.tag == _TAG + "merge":
                detail = "merge keys (<<) are not allowed"
                self._wrong(key_node, detail, hint="write the keys and values out")
                continue
            if key_node.tag not in (_TAG + "str", _TAG + "int"):
                self._wrong(
                    key_node, f"a key must be text, and {key!r} is not", hint="put it in quotes"
                )
                continue
            if key in mapping:
                self._wrong(key_node, f"the key {key!r} stands twice here", hint="keep one of them")
                continue
            mark: Any = cast("Any", key_node).start_mark
            self.keys[f"{pointer}/{key}"] = (mark.line + 1, mark.column + 1)
            mapping[key] = self.build(value_node, f"{pointer}/{key}")
        return mapping

    def _scalar(self, node: Any) -> Any:
        """YAML 1.2's core schema, which ruamel reads more widely (it takes `13_15` for a number)."""
        tag, text = str(node.tag).removeprefix(_TAG), str(node.value)
        if tag == "null":
            return None
        if tag == "bool":
            return text.lower() == "true"
        if tag == "int" and re.fullmatch(r"[-+]?[0-9]{1,18}", text):
            return int(text)
        if tag == "float" and re.fullmatch(r"[-+]?[0-9]+(\.[0-9]*)?([eE][-+]?[0-9]{1,2})?", text):
            return float(text)
        if tag in ("str", "timestamp", "int", "float"):
            return text
        self._wrong(
            node, "a tag", hint="tags are not allowed; use plain text, numbers, true, false or null"
        )
        return None

    def _wrong(self, node: Any, detail: str, *, hint: str | None = None) -> None:
        mark = node.start_mark
        self.problems.append(
            Problem(
                file=self.file, line=mark.line + 1, column=mark.column + 1, detail=detail, hint=hint
            )
        )
