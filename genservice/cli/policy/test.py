"""`genservice policy test`: a policy set's own tests."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from genservice.catalog import terms_in_folder
from genservice.cli.files import write_whole
from genservice.cli.options import example
from genservice.cli.policy.diffs import coverage_told, failures_told, tests_told
from genservice.cli.policy.junit import junit
from genservice.cli.policy.sets import (
    folder_argument,
    json_option,
    loaded,
    print_json,
    words_known,
)
from genservice.policy import (
    Coverage,
    PolicySet,
    Results,
    Row,
    Sentence,
    chosen,
    covered,
    rows,
    run,
    titles_named,
)
from genservice.shipped import shipped
from genservice.words import policy_words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from genservice.domain import Vocabulary


class _Run(NamedTuple):
    """What was run, and what it came to."""

    policies: PolicySet
    results: Results
    rows: list[Row]
    sentences: list[Sentence]
    coverage: Coverage | None


@click.command(
    name="test",
    short_help="Run the tests of a policy set.",
    epilog=example(
        "genservice policy test policies/",
        "genservice policy test policies/ --min-coverage 100 --junit policies.xml",
    ),
)
@folder_argument
@click.option(
    "-k", "named", metavar="TEXT", default="", help="Run only tests whose name holds TEXT."
)
@click.option("--fail-fast", is_flag=True, help="Stop at the first that fails.")
@click.option("-v", "--verbose", is_flag=True, help="Tell of tests that pass, and of every case.")
@click.option("-q", "--quiet", is_flag=True, help="Print the summary alone.")
@click.option("--coverage", is_flag=True, help="Show which rules the tests exercise.")
@click.option(
    "--strict", is_flag=True, help="Count a rule only if some test would fail without it."
)
@click.option(
    "--min-coverage",
    metavar="PERCENT",
    type=click.FloatRange(0, 100),
    help="Exit with 1 if fewer rules are covered.",
)
@click.option(
    "--junit",
    "report",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write a JUnit XML report.",
)
@json_option
def command(
    folder: Path | None,
    *,
    named: str,
    fail_fast: bool,
    verbose: bool,
    quiet: bool,
    coverage: bool,
    strict: bool,
    min_coverage: float | None,
    report: Path | None,
    as_json: bool,
) -> None:
    """Run the tests of the policy set in DIR: every *_test.yaml beside its rules.

    A signal that a test does not list is expected withheld. Exits with 0 if all pass and the
    coverage is high enough, and with 1 if not.
    """
    policies = loaded(folder, as_json=as_json)
    vocabulary = words_known(policies, as_json=as_json)
    measured = coverage or strict or min_coverage is not None
    done = _run(policies, vocabulary, named, fail_fast=fail_fast, measured=measured)
    if named and not (done.rows or done.sentences):
        raise click.BadParameter(f"no test is called {named!r}", param_hint="'-k'")
    if report is not None:
        place = folder or shipped("policies")
        content = junit(policies, done.results, done.rows, done.sentences, place)
        write_whole(report, content, flag="'--junit'")
    if as_json:
        print_json(_json(done, strict=strict))
    else:
        _print(done, verbose=verbose, quiet=quiet, table=coverage or strict, strict=strict)
    low = done.coverage is not None and done.coverage.percent(strict=strict) < (min_coverage or 0)
    if low and not as_json:
        click.echo(f"That is less than {min_coverage:g}%.")
    if done.results.wrong or low:
        sys.exit(1)


def _run(
    policies: PolicySet, vocabulary: Vocabulary, named: str, *, fail_fast: bool, measured: bool
) -> _Run:
    titles = terms_in_folder(shipped("catalogue"), vocabulary) if titles_named(policies) else {}
    words = policy_words(vocabulary)
    results = run(policies, words=words, titles=titles, named=named, fail_fast=fail_fast)
    ran = list(chosen(rows(policies), named))[: results.rows]
    read = list(chosen(policies.sentences, named))[: results.sentences]
    coverage = covered(policies, ran, read) if measured else None
    return _Run(policies, results, ran, read, coverage)


def _print(done: _Run, *, verbose: bool, quiet: bool, table: bool, strict: bool) -> None:
    results = done.results
    if verbose:
        _echo(tests_told(done.rows, results.failures))
    if not quiet:
        _echo(failures_told(results, verbose=verbose))
    if done.coverage is not None:
        _echo(coverage_told(done.coverage, strict=strict, table=table and not quiet))
    click.echo(f"{results.rows - len(results.failures)} of {results.rows} passed.")
    if results.sentences:
        right = results.sentences - len(results.misread)
        click.echo(f"{right} of {results.sentences} sentences are read as expected.")


def _echo(lines: Iterable[str]) -> None:
    for line in lines:
        click.echo(line)


def _json(done: _Run, *, strict: bool) -> dict[str, Any]:
    results, coverage = done.results, done.coverage
    return {
        "policy": done.policies.version,
        "rows": results.rows,
        "failures": [
            {
                "test": failure.row.test.name,
                "context": failure.row.context,
                "purpose": failure.row.purpose,
                "varied": failure.row.varied,
                "at": failure.row.test.place,
                "differences": failure.differences,
            }
            for failure in results.failures
        ],
        "sentences": results.sentences,
        "misread": [
            {
                "sentence": wrong.sentence.text,
                "expected": wrong.sentence.rule,
                "found": wrong.rules,
                "at": wrong.sentence.place,
            }
            for wrong in results.misread
        ],
        "coverage": None
        if coverage is None
        else {"percent": round(coverage.percent(strict=strict), 1), "rules": coverage.rules},
    }
