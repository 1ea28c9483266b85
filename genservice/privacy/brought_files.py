"""The files by which others bring an NLP engine and recognisers, read and checked before they count.

Both have the shapes of Presidio's own configuration files. What is wrong is told with file, line and
column; nothing is downloaded.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, cast

import msgspec
import regex
import spacy.util
from huggingface_hub import snapshot_download  # pyright: ignore[reportUnknownVariableType]
from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError
from presidio_analyzer.input_validation.yaml_recognizer_models import RecognizerRegistryConfig
from pydantic import ValidationError

from genservice.documents import Document, read, suggestion
from genservice.errors import DocumentError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable

MODELS = "/models/0/model_name"
LABELS = "/ner_model_configuration/model_to_presidio_entity_mapping"
RECOGNISERS = "/recognizers"

_TYPE = re.compile(r"[A-Z][A-Z_]{0,39}")


class Pair(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The two models of a transformers engine."""

    spacy: str
    """Splits into words: an installed package or a folder."""
    transformers: str
    """Finds names: a hub id whose files are on this machine, or a folder."""


class Model(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What reads one language; the guard reads English."""

    lang_code: Literal["en"]
    model_name: str | Pair


class Names(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """How a model's labels become types."""

    model_to_presidio_entity_mapping: dict[str, str] | None = None
    labels_to_ignore: list[str] | None = None
    low_score_entity_names: list[str] | None = None
    low_confidence_score_multiplier: float | None = None
    default_score: float | None = None
    aggregation_strategy: Literal["simple", "first", "average", "max"] | None = None
    alignment_mode: Literal["expand"] | None = None
    """Any other would cut off, or leave out, what a model finds within a word."""
    stride: Annotated[int, msgspec.Meta(ge=1)] | None = None
    """Without one, a model would not read to the end of a long text."""


class Engine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An NLP engine, as Presidio's files name it."""

    nlp_engine_name: Literal["spacy", "transformers", "stanza", "slim"]
    models: Annotated[list[Model], msgspec.Meta(min_length=1, max_length=1)]
    ner_model_configuration: Names | None = None


class _RegistryFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Recognisers, as Presidio's files name them."""

    recognizers: Annotated[list[str | dict[str, Any]], msgspec.Meta(min_length=1)]
    supported_languages: tuple[Literal["en"]] = ("en",)
    supported_countries: list[str] | None = None
    global_regex_flags: int = 26
    """Presidio's: DOTALL, MULTILINE and IGNORECASE."""


class Registry(msgspec.Struct, frozen=True):
    """Those recognisers, each checked."""

    recognizers: list[dict[str, Any]]
    flags: int
    countries: list[str] | None


def read_engine(path: Path) -> tuple[Document, Engine]:
    """The NLP engine that a file names.

    Raises:
        DocumentError: It names none that the guard could use.
    """
    document = read(path, file=str(path))
    engine = document.convert("", document.value, Engine)
    paired = isinstance(engine.models[0].model_name, Pair)
    if paired != (engine.nlp_engine_name == "transformers"):
        wanted = "two models, spacy and transformers" if not paired else "one model"
        raise DocumentError(document.problem(MODELS, f"{engine.nlp_engine_name} takes {wanted}"))
    mapped = (engine.ner_model_configuration or Names()).model_to_presidio_entity_mapping or {}
    wrong = [
        document.problem(f"{LABELS}/{label}", _no_type(type_), hint=_TYPE_HINT)
        for label, type_ in mapped.items()
        if not _TYPE.fullmatch(type_)
    ]
    if wrong:
        raise DocumentError(*wrong)
    return document, engine


def read_registry(path: Path) -> tuple[Document, Registry]:
    """The recognisers that a file names.

    Raises:
        DocumentError: One of them cannot be what it should be.
    """
    document = read(path, file=str(path))
    file = document.convert("", document.value, _RegistryFile)
    recognisers: list[dict[str, Any]] = []
    problems: list[Problem] = []
    for at, given in enumerate(file.recognizers):
        try:
            recognisers.append(_recogniser(document, at, given, file))
        except DocumentError as error:
            problems += error.problems
    if problems:
        raise DocumentError(*problems)
    return document, Registry(recognisers, file.global_regex_flags, file.supported_countries)


def _recogniser(
    document: Document, at: int, given: str | dict[str, Any], file: _RegistryFile
) -> dict[str, Any]:
    """One recogniser as Presidio understands it, if it is all that the file says of it.

    One at a time: Presidio tells of no place where several are wrong, leaves out in silence those
    that are a name alone, and drops keys that it does not know.
    """
    place = f"{RECOGNISERS}/{at}"
    wanted = {"name": given, "type": "predefined"} if isinstance(given, str) else given
    try:
        (config,) = RecognizerRegistryConfig(
            supported_languages=list(file.supported_languages),
            global_regex_flags=file.global_regex_flags,
            recognizers=[wanted],  # pyright: ignore[reportArgumentType] - parsed by Presidio
        ).recognizers
    except ValidationError as error:
        raise DocumentError(
            *(
                _told(document, ("recognizers", at, *each["loc"][2:]), each["msg"])
                for each in error.errors()
            )
        ) from None
    except (AttributeError, TypeError, ValueError) as error:
        raise DocumentError(document.problem(place, str(error).splitlines()[0])) from None
    read_as = cast("Any", config)
    allowed = read_as.model_config.get("extra") == "allow"
    known: list[str] = [*type(read_as).model_fields, "country_code"]
    dumped = cast("dict[str, Any]", read_as.model_dump())
    problems = [
        document.key_problem(
            f"{place}/{key}", f"not a key of a recogniser: {key!r}", hint=suggestion(key, known)
        )
        for key in wanted
        if key not in known and not allowed
    ]
    problems += _wrong(document, place, dumped, file.global_regex_flags)
    if problems:
        raise DocumentError(*problems)
    return dumped


def _wrong(
    document: Document, place: str, recogniser: dict[str, Any], flags: int
) -> Iterable[Problem]:
    for key in ("supported_entity", "supported_entities"):
        named = recogniser.get(key) or ()
        for type_ in (named,) if isinstance(named, str) else named:
            if not _TYPE.fullmatch(type_):
                yield document.problem(f"{place}/{key}", _no_type(type_), hint=_TYPE_HINT)
    for number, pattern in enumerate(recogniser.get("patterns") or ()):
        try:
            regex.compile(pattern["regex"], flags)
        except regex.error as error:
            yield document.problem(
                f"{place}/patterns/{number}/regex",
                f"not a regular expression: {str(error).splitlines()[0]}",
            )


_TYPE_HINT = "capital letters and underscores, at most 40"


def _no_type(name: str) -> str:
    return f"{name!r} cannot stand in a text as <{name}>"


def _told(document: Document, place: tuple[int | str, ...], detail: str) -> Problem:
    """A problem that Presidio found, at the nearest place in the file; it names its own classes too."""
    pointer = ""
    value: Any = document.value
    for step in place:
        key = step if isinstance(value, dict) else int(step) if str(step).isdecimal() else None
        try:
            value = cast("Any", value)[key]
        except (KeyError, IndexError, TypeError):
            continue
        pointer += f"/{step}"
    return document.problem(pointer, detail.removeprefix("Value error, "))


def spacy_model(document: Document, name: str, *, pointer: str) -> str:
    """What pins a spaCy model for cache keys: a package's version, or the digest of a folder.

    Raises:
        DocumentError: It is not on this machine.
    """
    if Path(name).is_dir():
        return digest_of(Path(name))
    if not spacy.util.is_package(name):
        hint = f"install it first: python -m spacy download {name}"
        raise DocumentError(
            document.problem(pointer, f"the spaCy model {name} is not installed", hint=hint)
        )
    return f"{name} {spacy.util.get_package_version(name)}"


def hub_model(document: Document, name: str) -> tuple[Path, str]:
    """The folder of a hub model's files, and what pins them for cache keys.

    Raises:
        DocumentError: They are not on this machine.
    """
    if Path(name).is_dir():
        return Path(name), digest_of(Path(name))
    try:
        folder = Path(snapshot_download(name, local_files_only=True))
    except (LocalEntryNotFoundError, HFValidationError, HfHubHTTPError, OSError):
        hint = f"fetch it first: hf download {name}"
        raise DocumentError(
            document.problem(
                f"{MODELS}/transformers", f"the model {name} is not on this machine", hint=hint
            )
        ) from None
    return folder, f"{name} {folder.name}"


def digest_of(path: Path) -> str:
    """SHA-256 over a file, or over every file of a folder with its name."""
    sha256 = hashlib.sha256()
    files = [path] if path.is_file() else sorted(each for each in path.rglob("*") if each.is_file())
    for file in files:
        name = b"" if file == path else str(file.relative_to(path)).encode()
        with file.open("rb") as stream:
            sha256.update(name + b"\0" + hashlib.file_digest(stream, "sha256").digest())
    return f"sha256:{sha256.hexdigest()}"
