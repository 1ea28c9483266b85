"""The facts of a title: every statement its record makes, by JSON Pointer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import msgspec

from genservice.domain import Fact, Title

if TYPE_CHECKING:
    from collections.abc import Iterator

    from genservice.domain.titles import Spoiler

_NOT_FACTS = frozenset({"id", "language", "texts", "copy", "revision"})
"""What a record holds besides statements about its title."""
_NOT_STATEMENTS = frozenset({"part", "plural", "spoiler", "billing"})
"""Members that say how to read a statement."""
_NOT_WRITTEN = frozenset(
    {"kind", "part_of", "year", "minutes", "countries", "genres", "moods", "themes", "pace",
     "ratings", "alerts", "available", "accessibility", "tiers"}
)  # fmt: skip
"""Facts from closed sets, of fixed forms, or as boards gave them."""
_NOT_SAID = frozenset({"job", "person", "pronouns", "character_pronouns", "result"})


def written(title: Title) -> tuple[tuple[str, str], ...]:
    """Pointer and wording of all that people wrote of `title`, names and editorial texts included."""
    said = [
        (fact.pointer, fact.value)
        for fact in facts(title)
        if isinstance(fact.value, str)
        and fact.pointer.split("/")[1] not in _NOT_WRITTEN
        and fact.pointer.rpartition("/")[2] not in _NOT_SAID
    ]
    return (*said, *((f"/texts/{i}/text", text.text) for i, text in enumerate(title.texts)))


def facts(title: Title) -> tuple[Fact, ...]:
    """Every fact of `title`, in the order of its record, with its pointer and spoiler level."""
    record = cast("dict[str, Any]", msgspec.to_builtins(title))
    return tuple(
        fact
        for field, value in record.items()
        if field not in _NOT_FACTS
        for fact in _leaves(value, f"/{field}", "none")
    )


def _leaves(value: Any, pointer: str, spoiler: Spoiler) -> Iterator[Fact]:
    if isinstance(value, dict):
        members = cast("dict[str, Any]", value)
        level = cast("Spoiler", members.get("spoiler", spoiler))
        for name, member in members.items():
            if name not in _NOT_STATEMENTS:
                yield from _leaves(member, f"{pointer}/{name}", level)
    elif isinstance(value, list | tuple):
        for index, item in enumerate(cast("list[Any]", value)):
            yield from _leaves(item, f"{pointer}/{index}", spoiler)
    elif isinstance(value, str | int) and not isinstance(value, bool):
        yield Fact(pointer=pointer, value=value, spoiler=spoiler)
