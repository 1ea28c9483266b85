"""The file of audiences: who is meant, in which context, and which texts are wanted for them.

YAML with all of them under `audiences`, by name; or JSON Lines, one audience a line with its `name`.
What an audience holds is what a request would: context, and signals or a segment or both. There is no
viewer in it, nor a consent string: an audience is not somebody.
"""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING, Annotated, Any, cast, get_args

import msgspec
from msgspec import Meta

from genservice.briefing import Options
from genservice.documents import Document, parse_text, too_large
from genservice.domain import AGE_BANDS, CHANNELS, AgeBand, Channel, Length, Purpose, Tone
from genservice.encodings import decoded
from genservice.errors import DocumentError, InvalidInputError, Problem
from genservice.policy import require_region, with_segment
from genservice.policy.fileshapes import Maybe, Shape
from genservice.policy.reader import Reader, meant, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from genservice.policy import PolicySet

MOST_BYTES = 10_000_000
MOST_AUDIENCES = 10_000
WRITTEN: tuple[Purpose, ...] = ("promo", "synopsis")
_UNSET = msgspec.UNSET
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z]{4})?(-([A-Za-z]{2}|[0-9]{3}))?")
_SIGNALS = 200
_CONSENTS = 64
_Word = Annotated[str, Meta(min_length=1)]


class ContextShape(Shape, frozen=True, kw_only=True):
    """What rules may ask about, as in a request; channel and processor are added."""

    region: _Word
    age_band: _Word
    consents: tuple[_Word, ...]
    gpc: bool | Maybe = _UNSET
    language: _Word | Maybe = _UNSET


class AudienceShape(Shape, frozen=True, kw_only=True):
    """One audience, and the texts that are wanted for it."""

    context: ContextShape
    signals: dict[str, Any] | Maybe = _UNSET
    segment: _Word | Maybe = _UNSET
    purposes: tuple[_Word, ...] | Maybe = _UNSET
    channels: tuple[_Word, ...] | Maybe = _UNSET
    lengths: tuple[_Word, ...] | Maybe = _UNSET
    tones: tuple[_Word, ...] | Maybe = _UNSET


class LineShape(AudienceShape, frozen=True, kw_only=True):
    """The same on a line of its own, with its name."""

    name: _Word


class AudiencesShape(Shape, frozen=True, kw_only=True):
    """The whole file in YAML."""

    audiences: dict[str, AudienceShape]


class Audience(msgspec.Struct, frozen=True, kw_only=True):
    """One named audience and the texts that are wanted for it. It is nobody."""

    name: str
    region: str
    age_band: AgeBand
    consents: tuple[str, ...]
    gpc: bool = False
    language: str = "en"
    signals: Mapping[str, Any] = msgspec.field(default_factory=dict[str, Any])
    segment: str | None = None
    purposes: tuple[Purpose, ...] = ("promo",)
    channels: tuple[Channel, ...] = ("detail",)
    lengths: tuple[Length, ...] = ("medium",)
    tones: tuple[Tone, ...] = ("plain",)

    def options(self) -> Iterator[Options]:
        """Everything that is wanted, each combination once, in the order of the file."""
        for purpose, channel, length, tone in itertools.product(
            self.purposes, self.channels, self.lengths, self.tones
        ):
            yield Options(purpose=purpose, channel=channel, length=length, tone=tone)


class AudienceFile:
    """Audiences as they were read, and where each of them stands.

    Attributes:
        audiences: In the order of the file.
    """

    def __init__(
        self, audiences: tuple[Audience, ...], places: Mapping[str, tuple[Document, str]]
    ) -> None:
        self.audiences = audiences
        self._places = places

    def problem(self, name: str, pointer: str, detail: str, *, hint: str | None = None) -> Problem:
        """A problem with something of an audience, at its place in the file.

        Args:
            name: Of the audience.
            pointer: Into the audience, as in `/signals/device`; empty is the audience itself.
            detail: What is wrong.
            hint: What to do about it.
        """
        document, at = self._places[name]
        return document.key_problem(f"{at}{pointer}", detail, hint=hint)


def read_audiences(path: Path) -> AudienceFile:
    """The audiences of a file.

    Raises:
        DocumentError: It cannot be read, or is not as it should be; every problem with its place.
    """
    file = path.name
    try:
        raw = path.read_bytes()
    except OSError as error:
        detail = f"cannot be read: {error.strerror}"
        raise DocumentError(Problem(file=file, detail=detail)) from None
    if len(raw) > MOST_BYTES:
        raise DocumentError(too_large(file))
    by_line = path.suffix.lower() in (".jsonl", ".ndjson")
    text = decoded(raw, file=file)
    found = list(_from_lines(text, file) if by_line else _from_yaml(text, file))
    problems = [problem for reader, _, _, _ in found for problem in reader.problems]
    # Readers of one document share their list.
    problems = list(dict.fromkeys(problems))
    if problems:
        raise DocumentError(*problems)
    if not found:
        raise DocumentError(Problem(file=file, detail="there is no audience in it"))
    if len(found) > MOST_AUDIENCES:
        raise DocumentError(Problem(file=file, detail=f"more than {MOST_AUDIENCES} audiences"))
    return AudienceFile(
        tuple(audience for _, _, _, audience in found if audience is not None),
        {name: (reader.document, pointer) for reader, pointer, name, _ in found},
    )


_Read = tuple[Reader, str, str, Audience | None]


def _from_yaml(text: str, file: str) -> Iterator[_Read]:
    document = parse_text(text, file=file)
    reader = Reader(document, [])
    fields = reader.fields("", document.value, "a file of audiences", AudiencesShape)
    audiences = reader.mapping("/audiences", fields.get("audiences", {}), "the audiences")
    if reader.problems:
        yield reader, "", "", None
    for name, value in audiences.items():
        pointer = f"/audiences/{name}"
        yield reader, pointer, name, _audience(reader, pointer, name, value, AudienceShape)


def _from_lines(text: str, file: str) -> Iterator[_Read]:
    seen: set[str] = set()
    for number, line in enumerate(text.split("\n")):
        if not line.strip():
            continue
        # JSON is YAML, and the reader of YAML knows places: the lines before it make them right.
        places = parse_text("\n" * number + line, file=file)
        try:
            value: Any = msgspec.json.decode(line)
        except msgspec.DecodeError:
            raise DocumentError(
                Problem(file=file, line=number + 1, detail="not a line of JSON")
            ) from None
        document = Document.like(places, value)
        reader = Reader(document, [])
        fields = cast("dict[str, Any]", value) if isinstance(value, dict) else {}
        name = fields.get("name", "-")
        if not isinstance(name, str):
            reader.wrong("/name", "a name must be text")
            name = "-"
        audience = _audience(reader, "", name, value, LineShape)
        if name in seen:
            reader.wrong("/name", f"an audience called {quoted(name)} stands above")
        seen.add(name)
        yield reader, "", name, audience


def _audience(
    reader: Reader, pointer: str, name: str, value: Any, shape: type[Shape]
) -> Audience | None:
    before = len(reader.problems)
    fields = reader.fields(pointer, value, "an audience", shape)
    named = f"{pointer}/name" if shape is LineShape else pointer
    if "name" in fields or shape is AudienceShape:
        reader.name(named, name, "an audience")
    read: dict[str, Any] = {"name": name, **_context(reader, f"{pointer}/context", fields)}
    if "signals" in fields:
        read["signals"] = reader.mapping(f"{pointer}/signals", fields["signals"], "the signals")
        if len(read["signals"]) > _SIGNALS:
            reader.wrong(f"{pointer}/signals", f"more than {_SIGNALS} signals")
    if "segment" in fields:
        read["segment"] = reader.exact(f"{pointer}/segment", fields["segment"], "a segment")
    listed = {
        "purposes": ("a purpose", WRITTEN),
        "channels": ("a channel", CHANNELS),
        "lengths": ("a length", get_args(Length)),
        "tones": ("a tone", get_args(Tone)),
    }
    for key, (what, known) in listed.items():
        if key in fields:
            words = reader.words(f"{pointer}/{key}", fields[key], what, known)
            # In the order that the service has them in, whatever that of the file is.
            read[key] = tuple(word for word in known if word in words)
    return None if len(reader.problems) > before else Audience(**read)


def _context(reader: Reader, pointer: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    if "context" not in fields:
        return {}
    context = reader.fields(pointer, fields["context"], "a context", ContextShape)
    read: dict[str, Any] = {}
    if "region" in context:
        read["region"] = reader.exact(f"{pointer}/region", context["region"], "a region")
        try:
            require_region(read["region"], pointer=f"{pointer}/region")
        except InvalidInputError as error:
            (problem,) = error.problems
            reader.wrong(f"{pointer}/region", problem.detail, hint=problem.hint)
    if "age_band" in context:
        at = f"{pointer}/age_band"
        read["age_band"] = reader.word(at, context["age_band"], "an age band", AGE_BANDS)
    if "consents" in context:
        at = f"{pointer}/consents"
        items = reader.items(at, context["consents"], "the consents", empty=True)[:_CONSENTS]
        read["consents"] = tuple(
            reader.exact(f"{at}/{number}", item, "a consent") for number, item in enumerate(items)
        )
    if "gpc" in context:
        read["gpc"] = reader.boolean(f"{pointer}/gpc", context["gpc"], "gpc")
    if "language" in context:
        at = f"{pointer}/language"
        read["language"] = reader.exact(at, context["language"], "a language")
        if not _LANGUAGE.fullmatch(read["language"]):
            reader.wrong(at, "not a language tag of BCP 47", hint="as in en or pt-BR")
    return read


def require_known(file: AudienceFile, policies: PolicySet) -> None:
    """Return if the policy set declares every signal, consent and segment that the file names.

    A request that names another is answered and told so; a night's work would be wasted.

    Raises:
        DocumentError: It does not; every problem with its place.
    """
    signals = {signal.name for signal in policies.signals}
    consents = {consent.name for consent in policies.consents}
    problems: list[Problem] = []
    for audience in file.audiences:
        for name in audience.signals:
            if name not in signals:
                hint = meant(name, signals)
                detail = f"not a signal: {quoted(name)}"
                problems.append(file.problem(audience.name, f"/signals/{name}", detail, hint=hint))
        for number, name in enumerate(audience.consents):
            if name not in consents:
                hint = meant(name, consents)
                detail = f"not a consent: {quoted(name)}"
                at = f"/context/consents/{number}"
                problems.append(file.problem(audience.name, at, detail, hint=hint))
        try:
            with_segment(policies, audience.segment, audience.signals)
        except InvalidInputError as error:
            problems += (
                placed(file, audience.name, problem.pointer or "", problem)
                for problem in error.problems
            )
    if problems:
        raise DocumentError(*problems)


def placed(file: AudienceFile, name: str, pointer: str, problem: Problem) -> Problem:
    """What is wrong with a request for an audience, told at its place in the file.

    Args:
        file: What holds the audience.
        name: Of the audience.
        pointer: Into the request, as in `#/audience/signals/device`.
        problem: What is wrong.
    """
    at = pointer.removeprefix("#").removeprefix("/audience")
    return file.problem(name, at, problem.detail, hint=problem.hint)
