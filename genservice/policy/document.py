"""A folder of YAML to a policy set: everything that is wrong at once, each at its line and column."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from genservice.canonical import digest
from genservice.documents import MAX_BYTES, Document, parse_text, too_large
from genservice.encodings import decoded, nearest
from genservice.errors import DocumentError, PolicyError, Problem
from genservice.policy import index
from genservice.policy.declarations import FILE, Declarations, read_declarations
from genservice.policy.inferencefiles import InferenceFiles, is_inference_file
from genservice.policy.reader import Reader, quoted
from genservice.policy.rulefiles import read_rules
from genservice.policy.segmentfiles import FILE as SEGMENTS
from genservice.policy.segmentfiles import read_segments
from genservice.policy.sentences import is_sentence_file, read_sentences, refuse_unknown_rules
from genservice.policy.soundness import faults
from genservice.policy.testfiles import SUFFIX, read_suite
from genservice.policy.values import (
    InferenceSet,
    Place,
    PolicySet,
    Rule,
    Segment,
    Sentence,
    Suite,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from genservice.domain import Signal

T = TypeVar("T")


def load(directory: Path) -> PolicySet:
    """The policy set in a folder: signals.yaml, segments.yaml, rule files, tests in `*_test.yaml`.

    Raises:
        PolicyError: Something is wrong with it; the error names everything found.
    """
    if not directory.is_dir():
        raise PolicyError(Problem(file=str(directory), detail="no such folder"))
    texts: dict[str, str] = {}
    unread: dict[str, str] = {}
    problems: list[Problem] = []
    for path in sorted(directory.rglob("*")):
        name = path.relative_to(directory).as_posix()
        # A link that leads nowhere is read, and so refused: a cap that is not found must not be lost.
        if not _is_meant(name) or path.is_dir():
            continue
        try:
            raw = _bytes(path, name)
            unread[name] = nearest(raw)
            texts[name] = decoded(raw, file=name)
            del unread[name]
        except DocumentError as error:
            unread.setdefault(name, "")
            problems.extend(error.problems)
    return _read_set(texts, problems, unread)


def declared_in(directory: Path) -> Declarations:
    """What the folder of a set declares, whatever is wrong with its rules and tests.

    Raises:
        PolicyError: Something is wrong with signals.yaml or segments.yaml.
    """
    texts: dict[str, str] = {}
    problems: list[Problem] = []
    for name in (FILE, SEGMENTS):
        try:
            if name == FILE or (directory / name).exists():
                texts[name] = decoded(_bytes(directory / name, name), file=name)
        except DocumentError as error:
            problems.extend(error.problems)
    declared = _declared(
        {name: _parsed(name, text, problems) for name, text in texts.items()}, problems
    )
    if declared is None or problems:
        raise _refusal(problems, texts)
    return declared


def from_files(files: Mapping[str, str]) -> PolicySet:
    """The policy set in files given by name; the same as `load`, without a folder.

    Raises:
        PolicyError: Something is wrong with it; the error names everything found.
    """
    return _read_set(files, [], {})


def _read_set(
    files: Mapping[str, str], problems: list[Problem], unread: Mapping[str, str]
) -> PolicySet:
    """The set in `files`, unless there are problems already, or are any with it.

    Args:
        files: The text of each file that could be read.
        problems: What is wrong with the others.
        unread: As much as can be shown of those.
    """
    shown = {**files, **unread}
    documents = {
        **dict.fromkeys(unread),
        **{name: _parsed(name, text, problems) for name, text in sorted(files.items())},
    }
    declared = _declared(documents, problems)
    if declared is None:
        raise _refusal(problems, shown)
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
        raise _refusal(problems, shown)
    policies = _assembled(files, declared, rules, suites, inferences)
    problems += faults(policies.index, locate=lambda rule, key: _key_of(rule, key, documents))
    if problems:
        raise _refusal(problems, shown)
    return msgspec.structs.replace(policies, sentences=tuple(sentences))


def _is_meant(name: str) -> bool:
    """Whether a file of that name belongs to the set; one with a wrong ending is refused later."""
    return name.lower().endswith((".yaml", ".yml")) and "/." not in f"/{name}"


def _read(document: Document, problems: list[Problem], read: Callable[[Reader], T]) -> T:
    return read(Reader(document, problems))


def _declared(
    documents: dict[str, Document | None], problems: list[Problem]
) -> Declarations | None:
    """What signals.yaml and segments.yaml declare, both taken out of the documents; None: no signals."""
    if FILE not in documents:
        problems.append(Problem(file=FILE, detail="missing", hint="it declares the signals"))
    declaring = documents.pop(FILE, None)
    if declaring is None:
        return None
    declared = _read(declaring, problems, read_declarations)
    if not declared.signal_names:
        return None
    if SEGMENTS not in documents:
        return declared
    document = documents.pop(SEGMENTS)
    segments = document and _read(document, problems, lambda at: read_segments(at, declared))
    return msgspec.structs.replace(declared, segments=segments)


def _bytes(path: Path, name: str) -> bytes:
    if path.exists() and not path.is_file():
        raise DocumentError(Problem(file=name, detail="not a file"))
    try:
        if path.stat().st_size > MAX_BYTES:
            raise DocumentError(too_large(name))
        return path.read_bytes()
    except OSError as error:
        detail = f"cannot be read: {error.strerror}"
        raise DocumentError(Problem(file=name, detail=detail)) from error


def _parsed(name: str, text: str, problems: list[Problem]) -> Document | None:
    if not name.endswith(".yaml"):
        problems.append(
            Problem(file=name, detail=f"not a policy file: {quoted(name)}", hint="end it in .yaml")
        )
        return None
    try:
        return parse_text(text, file=name)
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
                    related=(first.place.problem("the other one"),),
                )
            )


def _key_of(rule: Rule, key: str, documents: Mapping[str, Document | None]) -> Place:
    """Where a key of a rule's `when` stands."""
    document = documents[rule.place.file]
    if document is None:
        return rule.place
    here = rule.place.line, rule.place.column
    for at in range(len(document.value["rules"])):
        if document.place(f"/rules/{at}") == here:
            problem = document.key_problem(f"/rules/{at}/when/{key}", "")
            return Place(rule.place.file, problem.line or 1, problem.column or 1)
    return rule.place


def _refusal(problems: list[Problem], files: Mapping[str, str]) -> PolicyError:
    placed = sorted(problems, key=lambda at: (at.file or "", at.line or 0, at.column or 0))
    return PolicyError(*placed, files=files)


def _assembled(
    files: Mapping[str, str],
    declared: Declarations,
    rules: list[Rule],
    suites: list[Suite],
    inferences: InferenceSet | None = None,
) -> PolicySet:
    inferences = inferences or InferenceSet()
    signals = tuple(signal for _, signal in sorted(declared.signals.items()))
    consents = tuple(consent for _, consent in sorted(declared.consents.items()))
    compiled = index.build(signals, rules, declared.groups, consents)
    named = sorted((declared.segments or {}).items())
    segments = tuple(segment for _, segment in named if segment is not None)
    content: dict[str, Any] = {
        "signals": [_told(signal) for signal in signals],
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


def _told(signal: Signal) -> dict[str, Any]:
    """A signal as it is declared. A set that marks no context keeps the version it had before any could."""
    told = msgspec.to_builtins(signal)
    if not signal.context:
        del told["context"]
    return told


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
