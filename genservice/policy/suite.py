"""Running a policy set's own tests: contexts by purposes, each signal against what was expected."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import msgspec

from genservice.canonical import canonical
from genservice.domain import Purpose
from genservice.errors import InvalidSignalError
from genservice.policy.engine import explain
from genservice.policy.ladders import barring, release
from genservice.policy.sentences import Misread, misread
from genservice.policy.values import NONE, Expectation, PolicySet, Suite, TitleTerms, Words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from genservice.policy.engine import Explanation


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One test in one context, for one purpose."""

    suite: Suite
    test: Expectation
    context: str
    purpose: Purpose

    def __str__(self) -> str:
        return f"{self.test.name} [{self.context}, {self.purpose}]"


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """A row that did not come out as expected."""

    row: Row
    differences: tuple[str, ...]
    """Pairs of lines: `- signal: expected`, `+ signal: found, and why`."""

    def __str__(self) -> str:
        lines = "\n".join(f"  {line}" for line in self.differences)
        return f"{self.row.test.place}: {self.row}\n{lines}"


class Results(msgspec.Struct, frozen=True, kw_only=True):
    """What running every test came to."""

    rows: int
    """How many tests ran, each context and purpose counted."""
    failures: tuple[Failure, ...]
    sentences: int = 0
    """How many sentences the inference rules were tried on."""
    misread: tuple[Misread, ...] = ()
    """Sentences on which they said other than was expected."""

    @property
    def wrong(self) -> tuple[Failure | Misread, ...]:
        """Everything that did not come out as expected."""
        return (*self.failures, *self.misread)


def run(
    policies: PolicySet, *, words: Words, titles: Mapping[str, TitleTerms] | None = None
) -> Results:
    """The results of every test of a set.

    Args:
        policies: The set, with its tests.
        words: The catalogue's vocabulary, for `brief`.
        titles: Titles that tests may name beside those their file makes up.
    """
    found = list(rows(policies))
    failures: list[Failure] = []
    for row in found:
        different = differences(policies, row, words=words, titles=titles)
        if different:
            failures.append(Failure(row=row, differences=different))
    return Results(
        rows=len(found),
        failures=tuple(failures),
        sentences=len(policies.sentences),
        misread=tuple(
            wrong for tried in policies.sentences if (wrong := misread(policies, tried)) is not None
        ),
    )


def titles_named(policies: PolicySet) -> frozenset[str]:
    """Titles that the audiences of tests name and the tests' own files do not make up."""
    named: set[str] = set()
    for suite in policies.suites:
        for audience in suite.audiences.values():
            for name, sent in audience.items():
                signal = policies.signal(name)
                if signal is not None and signal.value == "title_ids" and isinstance(sent, list):
                    named |= {str(item) for item in cast("list[Any]", sent)} - suite.titles.keys()
    return frozenset(named)


def rows(policies: PolicySet, *, file: str | None = None) -> Iterator[Row]:
    """Every test of a set, or of one of its files, by context and purpose."""
    for suite in policies.suites:
        if file not in (None, suite.file):
            continue
        for test in suite.tests:
            for context in test.contexts:
                for purpose in test.purposes:
                    yield Row(suite=suite, test=test, context=context, purpose=purpose)


def differences(
    policies: PolicySet,
    row: Row,
    *,
    words: Words,
    titles: Mapping[str, TitleTerms] | None = None,
) -> tuple[str, ...]:
    """Where a row comes out other than expected; empty when it does not."""
    context = msgspec.structs.replace(row.suite.contexts[row.context], purpose=row.purpose)
    found = {item.signal: item for item in explain(policies, context)}
    lines: list[str] = []
    for name, explanation in found.items():
        expected = row.test.expect.get(name, NONE)
        if explanation.level != expected:
            lines += [
                f"- {name}: {_spoken(expected)}",
                f"+ {name}: {_spoken(explanation.level)}  ({explanation.because})",
            ]
    known: dict[str, TitleTerms] = {**(titles or {}), **row.suite.titles}
    for name, expected in row.test.brief.items():
        lines += _brief_lines(policies, row, found[name], expected, known, words)
    return tuple(lines)


def _spoken(level: str) -> str:
    return "withheld" if level == NONE else level


def _brief_lines(
    policies: PolicySet,
    row: Row,
    explanation: Explanation,
    expected: Any,
    titles: Mapping[str, TitleTerms],
    words: Words,
) -> list[str]:
    name = explanation.signal
    signal = policies.signal(name)
    sent = _sent(policies, row).get(name)
    if signal is None:
        return []
    try:
        released = release(
            signal, explanation.level, sent, titles=titles, words=barring(words, policies)
        )
    except InvalidSignalError as error:
        return [f"! {name}: the audience's value is wrong: {error.problems[0].detail}"]
    found = released.value if released else None
    if _comparable(found) == _comparable(expected):
        return []
    return [
        f"- brief {name}: {_shown(expected)}",
        f"+ brief {name}: {_shown(found)}{_unknown_titles(signal.value, sent, titles)}",
    ]


def _sent(policies: PolicySet, row: Row) -> dict[str, Any]:
    """The signals of a test's audience and of its segment; the loader saw to it that none is in both."""
    segment = policies.segment(row.test.segment or "")
    audience = row.suite.audiences.get(row.test.audience or "", {})
    return {**(segment.signals if segment else {}), **audience}


def _unknown_titles(kind: str, sent: Any, titles: Mapping[str, TitleTerms]) -> str:
    if kind != "title_ids" or not isinstance(sent, list):
        return ""
    missing = sorted({str(item) for item in msgspec.convert(sent, list[Any])} - titles.keys())
    return f"  (no such title: {', '.join(missing)}; make it up under `titles`)" if missing else ""


def _comparable(value: Any) -> bytes:
    """One form for equal values: released lists are sets of words, so their order does not count."""
    plain = msgspec.to_builtins(value)
    return canonical(sorted(plain, key=str) if isinstance(plain, (list, tuple)) else plain)  # pyright: ignore[reportUnknownArgumentType]


def _shown(value: Any) -> str:
    return "nothing" if value is None else msgspec.json.encode(value).decode()
