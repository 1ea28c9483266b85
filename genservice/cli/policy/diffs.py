"""Results of policy tests as people read them: a diff, file by file, and a table of the rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import click

from genservice.policy.reader import quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from genservice.policy import Coverage, Difference, Failure, Misread, Results, Row
    from genservice.policy.coverage import RuleCoverage

_CASES_SHOWN = 3
_EXPECTED, _FOUND, _PLACE = "red", "green", "cyan"
"""Colours as `git diff` has them; click drops them where no terminal reads."""


class _Hunk(NamedTuple):
    """Cases of one test that differ in the same way."""

    row: Row
    cases: list[str]
    differences: tuple[Difference, ...]


def failures_told(results: Results, *, verbose: bool) -> Iterator[str]:
    """Everything that came out other than expected, as lines, grouped by file.

    Args:
        results: What running the tests came to.
        verbose: Name every case of a test that differs, instead of the first few.
    """
    by_file: dict[str, list[str]] = {}
    for hunk in _hunks(results.failures):
        by_file.setdefault(hunk.row.suite.file, []).extend(_hunk_told(hunk, verbose=verbose))
    for wrong in results.misread:
        by_file.setdefault(wrong.sentence.place.file, []).extend(_misread_told(wrong))
    for file, lines in sorted(by_file.items()):
        yield click.style(f"--- {file}, as expected", bold=True)
        yield click.style(f"+++ {file}, as the rules say", bold=True)
        yield from lines
        yield ""


def tests_told(rows: Sequence[Row], failures: Iterable[Failure]) -> Iterator[str]:
    """Every test with how many of its cases came out as expected, as lines."""
    wrong = {(failure.row.suite.file, str(failure.row)) for failure in failures}
    counts: dict[tuple[str, int, str], list[bool]] = {}
    for row in rows:
        file, test = row.suite.file, row.test
        counts.setdefault((file, test.place.line, test.name), []).append(
            (file, str(row)) not in wrong
        )
    for (file, line, name), passed in sorted(counts.items()):
        mark = click.style("ok  ", fg=_FOUND) if all(passed) else click.style("FAIL", fg=_EXPECTED)
        yield f"{mark} {file}:{line} {name}: {sum(passed)} of {len(passed)}"


def coverage_told(coverage: Coverage, *, strict: bool, table: bool) -> Iterator[str]:
    """The rules with what tests see of them, those nobody tests, and the share of those somebody does.

    Args:
        coverage: What the tests see of the rules.
        strict: Count a rule only if some test would fail without it.
        table: Tell of every rule, not of those without tests alone.
    """
    if table and coverage.rules:
        yield from _table(coverage.rules)
        yield ""
    uncovered = coverage.uncovered(strict=strict)
    if uncovered:
        yield "No test would miss:" if strict else "No test exercises:"
        yield from (f"  {_at(rule)} {rule.rule} ({rule.kind})" for rule in uncovered)
        yield ""
    count = len(coverage.rules)
    verb = "would be missed" if strict else "are exercised"
    share = f"{coverage.percent(strict=strict):.1f}%"
    yield f"{count - len(uncovered)} of {count} rules {verb} by a test ({share})."


def _hunks(failures: Iterable[Failure]) -> list[_Hunk]:
    hunks: dict[object, _Hunk] = {}
    for failure in failures:
        key = (failure.row.test.place, failure.differences)
        hunk = hunks.setdefault(key, _Hunk(failure.row, [], failure.differences))
        hunk.cases.append(failure.row.case)
    return list(hunks.values())


def _hunk_told(hunk: _Hunk, *, verbose: bool) -> Iterator[str]:
    place = hunk.row.test.place
    yield click.style(f"@@ {place.file}:{place.line} {hunk.row.test.name} @@", fg=_PLACE)
    shown = hunk.cases if verbose else hunk.cases[:_CASES_SHOWN]
    for case in shown:
        yield f"  [{case}]"
    if more := len(hunk.cases) - len(shown):
        yield f"  and {more} more {'case' if more == 1 else 'cases'} alike"
    width = max(len(item.what) for item in hunk.differences) + 1
    found = max(len(item.found) for item in hunk.differences)
    for item in hunk.differences:
        what = f"{item.what}:".ljust(width)
        reason = f"  {item.because}" if item.because else ""
        yield click.style(f"- {what} {item.expected}", fg=_EXPECTED)
        told = item.found.ljust(found) if reason else item.found
        yield click.style(f"+ {what} {told}", fg=_FOUND) + reason


def _misread_told(wrong: Misread) -> Iterator[str]:
    place = wrong.sentence.place
    yield click.style(f"@@ {place.file}:{place.line} {quoted(wrong.sentence.text)} @@", fg=_PLACE)
    yield click.style(f"- {wrong.sentence.rule or 'permitted'}", fg=_EXPECTED)
    yield click.style(f"+ {', '.join(wrong.rules) or 'permitted'}", fg=_FOUND)


def _table(rules: Sequence[RuleCoverage]) -> Iterator[str]:
    names = max(len(rule.rule) for rule in rules)
    ats = max(len(_at(rule)) for rule in rules)
    head = f"{'rule':<{names}}  {'at':<{ats}}  {'decision':<9}  speaks  settles  needed"
    yield click.style(head, bold=True)
    for rule in rules:
        line = (
            f"{rule.rule:<{names}}  {_at(rule):<{ats}}  {rule.kind:<9}  "
            f"{rule.exercised:>6}  {rule.decisive:>7}  {rule.needed:>6}"
        )
        yield line if rule.exercised else click.style(line, fg=_EXPECTED)


def _at(rule: RuleCoverage) -> str:
    return f"{rule.place.file}:{rule.place.line}"
