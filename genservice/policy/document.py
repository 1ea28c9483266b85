"""A folder of YAML to a policy set: everything that is wrong at once, each at its line and column."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from genservice.canonical import digest
from genservice.documents import MAX_BYTES, Document, parse
from genservice.errors import DocumentError, PolicyError, Problem
from genservice.policy import index
from genservice.policy.declarations import FILE, Declarations, read_declarations
from genservice.policy.inferencefiles import InferenceFiles, is_inference_file
from genservice.policy.reader import Reader, quoted
from genservice.policy.rulefiles import read_rules
from genservice.policy.segmentfiles import FILE as SEGMENTS
from genservice.policy.segmentfiles import read_segments
from genservice.policy.sentences import is_sentence_file, read_sentences, refuse_unknown_rules
from genservice.policy.testfiles import SUFFIX, read_suite
from genservice.policy.values import (
    InferenceSet,
    PolicySet,
    Rule,
    Segment,
    Sentence,
    Suite,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

T = TypeVar("T")


def load(directory: Path) -> PolicySet:
    """The policy set in a folder: signals.yaml, segments.yaml, rule files, tests in `*_test.yaml`.

    Raises:
        PolicyError: Something is wrong with it; the error names everything found.
    """
    if not directory.is_dir():
        raise PolicyError(Problem(file=str(directory), detail="no such folder"))
    texts: dict[str, str] = {}
    problems: list[Problem] = []
    for path in sorted(directory.rglob("*")):
        name = path.relative_to(directory).as_posix()
        # A link that leads nowhere is read, and so refused: a cap that is not found must not be lost.
        if not _is_meant(name) or path.is_dir():
            continue
        if path.exists() and not path.is_file():
            problems.append(Problem(file=name, detail="not a file"))
            continue
        try:
            texts[name] = _text(path, name)
        except DocumentError as error:
            problems.extend(error.problems)
    if problems:
        raise PolicyError(*problems)
    return from_files(texts)


def from_files(files: Mapping[str, str]) -> PolicySet:
    """The policy set in files given by name; the same as `load`, without a folder.

    Raises:
        PolicyError: Something is wrong with it; the error names everything found.
    """
    problems: list[Problem] = []
    documents = {name: _parsed(name, text, problems) for name, text in sorted(files.items())}
    if FILE not in files:
        problems.append(Problem(file=FILE, detail="missing", hint="it declares the signals"))
    declaring = documents.pop(FILE, None)
    if declaring is None:
        raise PolicyError(*_placed(problems))
    declared = _read(declaring, problems, read_declarations)
    if not declared.signal_names:
        raise PolicyError(*_placed(problems))
    declared = _with_segments(declared, documents, problems)
    rules: list[Rule] = []
    suites: list[Suite] = []
    inferring = InferenceFiles()
    sentences: list[Sentence] = []
    for name, document in documents.items():
        if document is None:
            continue
        if name.endswith(SUFFIX) and is_sentence_file(document.value):
            sentences.extend(_read(document, problems, read_sentences))
        elif not name.endswith(SUFFIX) and is_inference_file(document.value):
            _read(document, problems, inferring.read)
        elif name.endswith(SUFFIX):
            suites.append(_read(document, problems, lambda reader: read_suite(reader, declared)))
        else:
            rules.extend(_read(document, problems, lambda reader: read_rules(reader, declared)))
    _refuse_doubles(rules, problems)
    inferences = inferring.finish(problems)
    refuse_unknown_rules(sentences, inferring.ids, problems)
    if problems:
        raise PolicyError(*_placed(problems))
    policies = _assembled(files, declared, rules, suites, inferences)
    return msgspec.structs.replace(policies, sentences=tuple(sentences))


def _is_meant(name: str) -> bool:
    """Whether a file of that name belongs to the set; one with a wrong ending is refused later."""
    return name.lower().endswith((".yaml", ".yml")) and "/." not in f"/{name}"


def _read(document: Document, problems: list[Problem], read: Callable[[Reader], T]) -> T:
    return read(Reader(document, problems))


def _with_segments(
    declared: Declarations, documents: dict[str, Document | None], problems: list[Problem]
) -> Declarations:
    """The declarations with the segments of segments.yaml, which is taken out of the documents."""
    if SEGMENTS not in documents:
        return declared
    document = documents.pop(SEGMENTS)
    segments = document and _read(document, problems, lambda at: read_segments(at, declared))
    return msgspec.structs.replace(declared, segments=segments)


def _text(path: Path, name: str) -> str:
    try:
        raw = path.read_bytes()
    except OSError as error:
        detail = f"cannot be read: {error.strerror}"
        raise DocumentError(Problem(file=name, detail=detail)) from error
    if len(raw) > MAX_BYTES:
        parse(raw, file=name)
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        parse(raw, file=name)
        raise


def _parsed(name: str, text: str, problems: list[Problem]) -> Document | None:
    if not name.endswith(".yaml"):
        problems.append(
            Problem(file=name, detail=f"not a policy file: {quoted(name)}", hint="end it in .yaml")
        )
        return None
    try:
        return parse(text.encode(), file=name)
    except DocumentError as error:
        problems.extend(error.problems)
        return None


def _refuse_doubles(rules: list[Rule], problems: list[Problem]) -> None:
    seen: dict[str, Rule] = {}
    for rule in rules:
        first = seen.setdefault(rule.id, rule)
        if first is not rule:
            place = rule.place
            problems.append(
                Problem(
                    file=place.file,
                    line=place.line,
                    column=place.column,
                    detail=f"the id {quoted(rule.id)} is taken by the rule at {first.place}",
                    hint="give one of them another id",
                )
            )


def _placed(problems: list[Problem]) -> list[Problem]:
    return sorted(problems, key=lambda at: (at.file or "", at.line or 0, at.column or 0))


def _assembled(
    files: Mapping[str, str],
    declared: Declarations,
    rules: list[Rule],
    suites: list[Suite],
    inferences: InferenceSet | None = None,
) -> PolicySet:
    inferences = inferences or InferenceSet()
    signals = tuple(signal for _, signal in sorted(declared.signals.items()))
    compiled = index.build(signals, rules, declared.groups)
    consents = tuple(consent for _, consent in sorted(declared.consents.items()))
    named = sorted((declared.segments or {}).items())
    segments = tuple(segment for _, segment in named if segment is not None)
    content: dict[str, Any] = {
        "signals": signals,
        "consents": consents,
        "groups": declared.groups,
        "rules": [_stated(rule) for rule in compiled.rules],
    }
    if inferences.rules:
        content["inferences"] = inferences.reads.revision
    if segments:
        content["segments"] = [_sent(segment) for segment in segments]
    return PolicySet(
        version=f"sha256:{digest(content)}",
        signals=signals,
        consents=consents,
        groups=declared.groups,
        rules=compiled.rules,
        suites=tuple(suites),
        files=dict(files),
        index=compiled,
        inferences=inferences,
        segments=segments,
    )


def _stated(rule: Rule) -> dict[str, Any]:
    """A rule without its place, which is no part of what it says."""
    stated = msgspec.to_builtins(rule)
    del stated["place"]
    return stated


def _sent(segment: Segment) -> dict[str, Any]:
    """A segment without its places."""
    stated = msgspec.to_builtins(segment)
    del stated["place"], stated["terms"]
    return stated
