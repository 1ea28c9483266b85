"""`genservice policy test`: a policy set's own tests."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from genservice.catalog import terms_in_folder
from genservice.cli.options import example
from genservice.cli.policy.sets import (
    folder_argument,
    json_option,
    loaded,
    print_json,
    words_known,
)
from genservice.policy import PolicySet, Results, run
from genservice.shipped import shipped
from genservice.words import policy_words

if TYPE_CHECKING:
    from pathlib import Path


@click.command(
    name="test",
    short_help="Run the tests of a policy set.",
    epilog=example("genservice policy test policies/"),
)
@folder_argument
@json_option
def command(folder: Path | None, *, as_json: bool) -> None:
    """Run the tests of the policy set in DIR: every *_test.yaml beside its rules.

    A signal that a test does not list is expected withheld. Exits with 0 if all pass and 1 if not.
    """
    policies = loaded(folder, as_json=as_json)
    vocabulary = words_known(policies, as_json=as_json)
    titles = terms_in_folder(shipped("catalogue"), vocabulary)
    results = run(policies, words=policy_words(vocabulary), titles=titles)
    if as_json:
        print_json(_results(policies, results))
    else:
        for failure in results.wrong:
            click.echo(f"{failure}\n")
        passed = results.rows - len(results.failures)
        click.echo(f"{passed} of {results.rows} passed.")
        if results.sentences:
            right = results.sentences - len(results.misread)
            click.echo(f"{right} of {results.sentences} sentences are read as expected.")
    if results.wrong:
        sys.exit(1)


def _results(policies: PolicySet, results: Results) -> dict[str, Any]:
    return {
        "policy": policies.version,
        "rows": results.rows,
        "failures": [
            {
                "test": failure.row.test.name,
                "context": failure.row.context,
                "purpose": failure.row.purpose,
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
    }
