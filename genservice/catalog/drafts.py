"""Records on their way from a file to a title: drafts, their ids, and what is wrong with them."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Any, cast

import msgspec

from genservice.canonical import digest
from genservice.catalog.validity import NOT_A_WORD, UNPRINTABLE, misnamed, unprintable
from genservice.catalog.words import words_of
from genservice.domain import Title, Vocabulary
from genservice.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from genservice.catalog.words import Words

_NAME_ROOM = 40
"""Characters of an id that the name may take; the rest is for year and suffix."""
_SUFFIX = 8
_ID_ROOM = 64
_FAMILIES = {"genres": "genres", "moods": "moods", "themes": "themes", "alerts": "alerts"}
_LEFT_OUT = f"{NOT_A_WORD}; left out"
_NOT_OF_THE_FORM = "not of the form allowed here"
_AN_ID = "1 to 64 of the letters a to z, digits and hyphens"
_A_COUNTRY = "a code of ISO 3166-1, such as GB"
_SHAPES = {
    "id": _AN_ID,
    "series": _AN_ID,
    "language": "a tag of BCP 47, such as en or pt-BR",
    "countries": _A_COUNTRY,
    "region": _A_COUNTRY,
    "job": "small letters and underscores, such as actor",
    "tiers": "small letters, digits and underscores, such as free_with_ads",
    "accessibility": "small letters, digits and underscores, such as audio_description",
}
"""Field -> what its pattern says, in words."""
_CODE = re.compile(r"[A-Z]{2}")
_NOT_SLUG = re.compile(r"[^a-z0-9]+")
_PATH_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+)\]")
_UNKNOWN = re.compile(r"Object contains unknown field `([a-z_]{1,40})`")
_MISSING = re.compile(r"Object missing required field `([a-z_]{1,40})`")


class Draft:
    """One record as a reader found it.

    Attributes:
        value: The members of a title record, not yet checked. Genres and the like may be words of
            other vocabularies.
        line: The line of the file, from 1, where the record starts.
        at: Pointer to the record in its file, where the line does not say which it is; else empty.
        base: What the id is made from if the record has none; left out, it is name and year.
        parent: The series it belongs to, where that is a record of the same file.
        repeats: Whether the format repeats records by design, so that the same one twice is no mistake.
    """

    def __init__(
        self,
        value: dict[str, Any],
        *,
        line: int,
        at: str = "",
        base: str | None = None,
        parent: Draft | None = None,
        repeats: bool = False,
    ) -> None:
        self.value = value
        self.line = line
        self.at = at
        self.parent = parent
        self.repeats = repeats
        self.base = base or slug(value.get("name"), value.get("year"))
        self.warnings: list[Problem] = []

    def warn(self, pointer: str, detail: str, *, hint: str | None = None) -> None:
        """Note that something was left out of this record."""
        self.warnings.append(self.problem(pointer, detail, hint=hint))

    def problem(self, pointer: str, detail: str, *, hint: str | None = None) -> Problem:
        """What is wrong at a pointer into this record, and where the record stands."""
        return Problem(
            line=self.line, pointer=f"{self.at}{pointer}" or None, detail=detail, hint=hint
        )


def slug(*parts: Any) -> str:
    """An id made of words: ASCII, lower case, hyphens; a digest where no such character is left."""
    said = [str(part) for part in parts if part not in (None, "")]
    plain = (
        unicodedata.normalize("NFKD", said[0] if said else "")
        .replace("&", " and ")
        .replace("\u2044", "-")
    )
    plain = re.sub("['\u2019]", "", plain).encode("ascii", "ignore").decode().lower()
    first = _NOT_SLUG.sub("-", plain).strip("-")
    if len(first) > _NAME_ROOM:
        first = first[:_NAME_ROOM].rpartition("-")[0] or first[:_NAME_ROOM]
    if not first:
        first = f"title-{digest(said[:1])[:_SUFFIX]}"
    rest = [_NOT_SLUG.sub("-", part.lower()).strip("-")[:10] for part in said[1:]]
    return "-".join(part for part in (first, *rest) if part)[:_ID_ROOM].strip("-")


def finish(
    found: Iterable[Draft | Problem], vocabulary: Vocabulary
) -> tuple[list[Title], list[Draft], list[Problem], list[Problem]]:
    """Titles, their drafts, problems and warnings of what a reader found, in the order of the file."""
    drafts: list[Draft] = []
    problems: list[Problem] = []
    for item in found:
        if isinstance(item, Draft):
            drafts.append(item)
        else:
            problems.append(item)
    ids = _Ids()
    problems.extend(ids.assign(drafts))
    words = words_of(vocabulary)
    titles: list[Title] = []
    kept: list[Draft] = []
    warnings: list[Problem] = []
    for draft in drafts:
        if draft not in ids.of:
            continue
        draft.value["id"] = ids.of[draft]
        if draft.parent is not None and draft.parent in ids.of:
            draft.value.setdefault("part_of", {})["series"] = ids.of[draft.parent]
        _translate(draft, words)
        title = _title(draft)
        if isinstance(title, Problem):
            problems.append(title)
        else:
            titles.append(title)
            kept.append(draft)
            warnings.extend(draft.warnings)
    problems.sort(key=lambda problem: problem.line or 0)
    return titles, kept, problems, warnings


class _Ids:
    """Ids of the drafts of one file; none is given twice."""

    def __init__(self) -> None:
        self.of: dict[Draft, str] = {}
        self._lines: dict[str, int] = {}

    def assign(self, drafts: list[Draft]) -> Iterator[Problem]:
        """Give every draft its id, and tell of those that cannot have one."""
        made: dict[str, list[Draft]] = {}
        for draft in drafts:
            said = draft.value.get("id")
            if said is None:
                made.setdefault(draft.base, []).append(draft)
            elif not isinstance(said, str) or said not in self._lines:
                self.of[draft] = cast("str", said)  # its shape is checked with the rest
                if isinstance(said, str):
                    self._lines[said] = draft.line
            else:
                yield self._double(draft, "/id", "the id", self._lines[said])
        for base, group in made.items():
            if len(group) == 1 and base not in self._lines:
                self._give(group[0], base)
            else:
                yield from self._tell_apart(base, group)

    def _tell_apart(self, base: str, group: list[Draft]) -> Iterator[Problem]:
        """Suffixes from what the records say, so that their order does not matter."""
        for draft in group:
            room = _ID_ROOM - _SUFFIX - 1
            id_ = f"{base[:room].strip('-')}-{_content(draft)[:_SUFFIX]}"
            if id_ not in self._lines:
                self._give(draft, id_)
            elif not draft.repeats:
                yield self._double(draft, "", "the record", self._lines[id_])

    def _give(self, draft: Draft, id_: str) -> None:
        self.of[draft] = id_
        self._lines[id_] = draft.line

    def _double(self, draft: Draft, pointer: str, what: str, line: int) -> Problem:
        detail = f"{what} stands twice in this file, first on line {line}"
        return draft.problem(pointer, detail, hint="keep one of them")


def _content(draft: Draft) -> str:
    try:
        return digest(draft.value)
    except (TypeError, ValueError):
        return digest(repr(draft.value))


def _translate(draft: Draft, words: Words) -> None:
    """Put genres, moods, themes, alerts, pace and countries into words of our vocabulary."""
    for field, family in _FAMILIES.items():
        said = draft.value.get(field)
        if isinstance(said, list | tuple):
            draft.value[field] = _known(draft, words, field, family, list(cast("list[Any]", said)))
    said = draft.value.get("countries")
    if isinstance(said, list | tuple):
        draft.value["countries"] = _codes(draft, words, list(cast("list[Any]", said)))
    pace = draft.value.get("pace")
    if isinstance(pace, str):
        found = words.find("pace", pace)
        if found is None:
            draft.warn("/pace", _LEFT_OUT, hint=words.meant("pace", pace))
        draft.value["pace"] = found


def _codes(draft: Draft, words: Words, said: list[Any]) -> list[Any]:
    """ISO 3166-1 codes of countries said by code or name."""
    codes: list[Any] = []
    for index, country in enumerate(said):
        if not isinstance(country, str) or _CODE.fullmatch(country):
            code: Any = "GB" if country == "UK" else country
        elif (found := words.find("countries", country)) is not None:
            code = found.upper()
        else:
            draft.warn(f"/countries/{index}", "not a country of the vocabulary; left out")
            continue
        if code not in codes:
            codes.append(code)
    return codes


def _known(draft: Draft, words: Words, field: str, family: str, said: list[Any]) -> list[Any]:
    known: list[Any] = []
    for index, word in enumerate(said):
        if not isinstance(word, str):
            known.append(word)  # refused with its place when the record is checked
        elif (found := words.find(family, word)) is None:
            draft.warn(f"/{field}/{index}", _LEFT_OUT, hint=words.meant(family, word))
        elif found not in known:
            known.append(found)
    return known


def _title(draft: Draft) -> Title | Problem:
    draft.value["revision"] = 0
    try:
        title = msgspec.convert(draft.value, Title)
    except msgspec.ValidationError as error:
        detail, pointer = _detail(str(error))
        return draft.problem(pointer, detail)
    if (pointer := unprintable(draft.value, "")) is not None:
        return draft.problem(pointer, UNPRINTABLE)
    for pointer, detail in misnamed(title):
        return draft.problem(pointer, detail)
    return title


def _detail(message: str) -> tuple[str, str]:
    """What is wrong and where, without the value itself."""
    detail, _, path = message.partition(" - at `")
    steps = _PATH_STEP.findall(path.removesuffix("`").removeprefix("$"))
    pointer = "".join(f"/{name or index}" for name, index in steps)
    if "matching regex" in detail:
        return _shape(steps), pointer
    if detail.startswith("Invalid enum value"):
        return "not one of the words allowed here", pointer
    if (missing := _MISSING.match(detail)) is not None:
        return "missing", f"{pointer}/{missing[1]}"
    if detail.startswith("Object contains unknown field"):
        known = _UNKNOWN.match(detail)
        return "a field that titles do not have", f"{pointer}/{known[1]}" if known else pointer
    return detail[:1].lower() + detail[1:], pointer


def _shape(steps: list[tuple[str, str]]) -> str:
    """What the field that a path ends in may look like."""
    field = next((name for name, _ in reversed(steps) if name), "")
    words = _SHAPES.get(field)
    return f"not of the form allowed here; expected {words}" if words else _NOT_OF_THE_FORM
