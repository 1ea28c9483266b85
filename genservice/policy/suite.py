"""Running a policy set's own tests: contexts by purposes, each signal against what was expected."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any, TypeVar, cast

import msgspec

from genservice.canonical import canonical
from genservice.domain import Purpose
from genservice.errors import InvalidSignalError
from genservice.policy.engine import decide, explain
from genservice.policy.ladders import barring, release
from genservice.policy.nearmisses import near_misses
from genservice.policy.sentences import Misread, misread
from genservice.policy.values import (
    NONE,
    Expectation,
    PolicySet,
    Sentence,
    Suite,
    TitleTerms,
    Words,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from genservice.domain import Context, Decision, Signal
    from genservice.policy.engine import Spoken
    from genservice.policy.nearmisses import NearMiss

T = TypeVar("T", "Row", Sentence)


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One case of a test: one context, for one purpose."""

    suite: Suite
    test: Expectation
    context: str
    """Its name in the file."""
    purpose: Purpose
    varied: dict[str, Any] = {}
    """The keys of the context that the test varies, as they are here."""

    @property
    def asked(self) -> Context:
        """The context that decides."""
        named = self.suite.contexts[self.context]
        return msgspec.structs.replace(named, purpose=self.purpose, **self.varied)

    @property
    def case(self) -> str:
        """The case without its test: `consented, promo, DE, no gpc`."""
        varied = (_said(key, value) for key, value in self.varied.items())
        return ", ".join((self.context, self.purpose, *varied))

    def __str__(self) -> str:
        return f"{self.test.name} [{self.case}]"


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that came out other than expected."""

    what: str
    """A signal, or `brief` and a signal."""
    expected: str
    found: str
    because: str = ""
    """What brought it about, with the places of rules."""

    @property
    def lines(self) -> tuple[str, str]:
        """What was expected and what was found, as a diff has them."""
        reason = f"  ({self.because})" if self.because else ""
        return f"- {self.what}: {self.expected}", f"+ {self.what}: {self.found}{reason}"


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """A row that did not come out as expected."""

    row: Row
    differences: tuple[Difference, ...]

    def __str__(self) -> str:
        lines = "\n".join(f"  {line}" for item in self.differences for line in item.lines)
        return f"{self.row.test.place}: {self.row}\n{lines}"


class Results(msgspec.Struct, frozen=True, kw_only=True):
    """What running tests came to."""

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
    policies: PolicySet,
    *,
    words: Words,
    titles: Mapping[str, TitleTerms] | None = None,
    named: str = "",
    fail_fast: bool = False,
) -> Results:
    """The results of the tests of a set.

    Args:
        policies: The set, with its tests.
        words: The catalogue's vocabulary, for `brief`.
        titles: Titles that tests may name beside those their file makes up.
        named: Run those alone whose name or sentence holds this text, in whatever case; empty: all.
        fail_fast: Stop at the first that does not come out as expected.
    """
    tried, failures = 0, list[Failure]()
    for row in chosen(rows(policies), named):
        tried += 1
        different = differences(policies, row, words=words, titles=titles)
        if different:
            failures.append(Failure(row=row, differences=different))
        if failures and fail_fast:
            return Results(rows=tried, failures=tuple(failures))
    read, wrong = 0, list[Misread]()
    for sentence in chosen(policies.sentences, named):
        read += 1
        if (found := misread(policies, sentence)) is not None:
            wrong.append(found)
        if wrong and fail_fast:
            break
    return Results(rows=tried, failures=tuple(failures), sentences=read, misread=tuple(wrong))


def chosen(tests: Iterable[T], named: str) -> Iterator[T]:
    """The rows or sentences whose name or text holds `named`, in whatever case."""
    wanted = named.casefold()
    for test in tests:
        text = str(test) if isinstance(test, Row) else test.text
        if wanted in text.casefold():
            yield test


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
            for context, purpose in itertools.product(test.contexts, test.purposes):
                for values in itertools.product(*test.vary.values()):
                    yield Row(
                        suite=suite,
                        test=test,
                        context=context,
                        purpose=purpose,
                        varied=dict(zip(test.vary, values, strict=True)),
                    )


def differences(
    policies: PolicySet,
    row: Row,
    *,
    words: Words,
    titles: Mapping[str, TitleTerms] | None = None,
) -> tuple[Difference, ...]:
    """Where a row comes out other than expected; empty when it does not."""
    context = row.asked
    found = levels(policies, context)
    different = [
        Difference(
            what=name,
            expected=_spoken(expected),
            found=_spoken(level),
            because=_because(policies, context, name),
        )
        for name, level in found.items()
        if level != (expected := row.test.expect.get(name, NONE))
    ]
    known: dict[str, TitleTerms] = {**(titles or {}), **row.suite.titles}
    for name, expected in row.test.brief.items():
        wrong = _brief(policies, row, (name, found[name]), expected, known, words)
        if wrong is not None:
            different.append(wrong)
    return tuple(different)


def levels(policies: PolicySet, context: Context) -> dict[str, str]:
    """The level that each declared signal may be used at in a context, `none` if it is withheld."""
    return {
        signal.name: _level(signal, decision)
        for signal, decision in zip(policies.signals, decide(policies, context), strict=True)
    }


def _level(signal: Signal, decision: Decision) -> str:
    return NONE if decision.outcome == "withheld" else decision.level or signal.ladder[0]


def _said(key: str, value: Any) -> str:
    """A value that a test varies, as its cases are told apart by it."""
    if key == "consents":
        return "+".join(value) or "no consent"
    if key == "gpc":
        return "gpc" if value else "no gpc"
    if value == "unknown":
        return f"{key} unknown"
    return str(value)


def _spoken(level: str) -> str:
    return "withheld" if level == NONE else level


def _because(policies: PolicySet, context: Context, signal: str) -> str:
    """What settled a signal, with the places of the rules; of one that nothing allows, what came nearest."""
    (explanation,) = explain(policies, context, signal=signal)
    used = explanation.outcome != "withheld"
    # Of what is used, the allows are as much the cause as the caps that hold it where it is.
    causes = [rule for rule in explanation.rules if rule.decided or (used and rule.says == "allow")]
    if causes:
        told = (f"{rule.rule}, {_at(rule)}, says {rule.says}" for rule in causes)
        return f"because {' and '.join(told)}"
    near = near_misses(policies, context, signal)
    if not near:
        return "because no rule ever allows it"
    return f"because no rule allows it here: {near[0].rule}, {_at(near[0])}, {near[0].lacks}"


def _at(rule: Spoken | NearMiss) -> str:
    return f"{rule.place.file}:{rule.place.line}"


def _brief(
    policies: PolicySet,
    row: Row,
    released: tuple[str, str],
    expected: Any,
    titles: Mapping[str, TitleTerms],
    words: Words,
) -> Difference | None:
    name, level = released
    signal = policies.signal(name)
    sent = _sent(policies, row).get(name)
    if signal is None:
        return None
    what = f"brief {name}"
    try:
        come = release(signal, level, sent, titles=titles, words=barring(words, policies))
    except InvalidSignalError as error:
        problem = f"the audience's value is wrong: {error.problems[0].detail}"
        return Difference(what=what, expected=_shown(expected), found="nothing", because=problem)
    found = come.value if come else None
    if _comparable(found) == _comparable(expected):
        return None
    return Difference(
        what=what,
        expected=_shown(expected),
        found=_shown(found),
        because=_unknown_titles(signal.value, sent, titles),
    )


def _sent(policies: PolicySet, row: Row) -> dict[str, Any]:
    """The signals of a test's audience and of its segment; the loader saw to it that none is in both."""
    segment = policies.segment(row.test.segment or "")
    audience = row.suite.audiences.get(row.test.audience or "", {})
    return {**(segment.signals if segment else {}), **audience}


def _unknown_titles(kind: str, sent: Any, titles: Mapping[str, TitleTerms]) -> str:
    if kind != "title_ids" or not isinstance(sent, list):
        return ""
    missing = sorted({str(item) for item in msgspec.convert(sent, list[Any])} - titles.keys())
    return f"no such title: {', '.join(missing)}; make it up under `titles`" if missing else ""


def _comparable(value: Any) -> bytes:
    """One form for equal values: released lists are sets of words, so their order does not count."""
    plain = msgspec.to_builtins(value)
    return canonical(sorted(plain, key=str) if isinstance(plain, (list, tuple)) else plain)  # pyright: ignore[reportUnknownArgumentType]


def _shown(value: Any) -> str:
    return "nothing" if value is None else msgspec.json.encode(value).decode()
