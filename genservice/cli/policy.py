"""`genservice policy`: check a policy set, run its tests, explain its decisions."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click
import msgspec

from genservice.catalog import load_vocabulary, terms_in_folder
from genservice.cli.options import example, region_option
from genservice.documents import suggestion
from genservice.domain import AGE_BANDS, CHANNELS, PROCESSORS, PURPOSES, Context
from genservice.errors import PolicyError
from genservice.in_force import require_words
from genservice.policy import (
    Explanation,
    PolicySet,
    Results,
    explain,
    load,
    run,
)
from genservice.shipped import shipped
from genservice.words import policy_words

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from genservice.domain import Vocabulary

_Folder = click.Path(exists=True, file_okay=False, path_type=Path)
_FOLDER = "GENSERVICE_POLICIES"


def _folder(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.argument("folder", metavar="[DIR]", type=_Folder, required=False, envvar=_FOLDER)(
        command
    )


def _as_json(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")(command)


@click.group(epilog=example("genservice policy check policies/"))
def policy() -> None:
    """Check, test and explain the policies that decide what a text may use.

    DIR is the folder of the policy set: as given, else GENSERVICE_POLICIES, else the shipped set.
    """


@policy.command(
    short_help="Say whether a policy set is valid.",
    epilog=example("genservice policy check policies/"),
)
@_folder
@_as_json
def check(folder: Path | None, *, as_json: bool) -> None:
    """Say whether the policy set in DIR is valid, and everything that is wrong with it.

    Exits with 0 if it is valid and 1 if not.
    """
    policies = _loaded(folder, as_json=as_json)
    _words_known(policies, as_json=as_json)
    allows = sum(rule.verb == "allow" for rule in policies.rules)
    tests = sum(len(suite.tests) for suite in policies.suites)
    if as_json:
        _print_json({"valid": True, "policy": policies.version, "problems": []})
        return
    inferences = len(policies.inferences.rules)
    told = f", {inferences} inference rules, {len(policies.sentences)} sentences"
    click.echo(
        f"Valid: {len(policies.signals)} signals, {allows} allows, "
        f"{len(policies.rules) - allows} caps, {tests} tests{told if inferences else ''}.\n"
        f"{policies.version}"
    )


@policy.command(
    short_help="Run the tests of a policy set.", epilog=example("genservice policy test policies/")
)
@_folder
@_as_json
def test(folder: Path | None, *, as_json: bool) -> None:
    """Run the tests of the policy set in DIR: every *_test.yaml beside its rules.

    A signal that a test does not list is expected withheld. Exits with 0 if all pass and 1 if not.
    """
    policies = _loaded(folder, as_json=as_json)
    vocabulary = _words_known(policies, as_json=as_json)
    titles = terms_in_folder(shipped("catalogue"), vocabulary)
    results = run(policies, words=policy_words(vocabulary), titles=titles)
    if as_json:
        _print_json(_results(policies, results))
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


@policy.command(
    name="explain",
    short_help="Say what may be used in a context, and why.",
    epilog=example(
        "genservice policy explain watch_history --purpose promo --region DE \\",
        "  --age-band age_25_34 --consent content_profile --consent content_use",
    ),
)
@click.argument("signal", required=False)
@click.option("--purpose", type=click.Choice(PURPOSES), required=True, help="What the text is for.")
@region_option(required=True)
@click.option("--age-band", type=click.Choice(AGE_BANDS), required=True, help="The viewer's age.")
@click.option("--consent", "consents", multiple=True, help="A consent given; repeat for more.")
@click.option("--gpc", is_flag=True, help="Global Privacy Control is asserted.")
@click.option("--channel", type=click.Choice(CHANNELS), default="detail", show_default=True)
@click.option("--processor", type=click.Choice(PROCESSORS), default="in_process", show_default=True)
@click.option(
    "--policies", "folder", type=_Folder, envvar=_FOLDER, help="Folder of the policy set."
)
@_as_json
def explain_command(
    signal: str | None, folder: Path | None, *, as_json: bool, **context: Any
) -> None:
    """Say what may be used of SIGNAL, or of every signal, in a context, and which rules say so."""
    policies = _loaded(folder, as_json=as_json)
    if signal is not None:
        _known(signal, [item.name for item in policies.signals], "signal", "SIGNAL")
    for consent in context["consents"]:
        _known(consent, [item.name for item in policies.consents], "consent", "--consent")
    context["consents"] = tuple(sorted(set(context["consents"])))
    asked = Context(**context)
    explanations = explain(policies, asked, signal=signal)
    if as_json:
        _print_json({"policy": policies.version, "context": asked, "decisions": explanations})
    else:
        click.echo("\n\n".join(_told(explanation) for explanation in explanations))


def _loaded(folder: Path | None, *, as_json: bool) -> PolicySet:
    """The policy set; where it is invalid, the command ends here."""
    try:
        return load(folder or shipped("policies"))
    except PolicyError as error:
        _refuse(error, as_json=as_json)


def _words_known(policies: PolicySet, *, as_json: bool) -> Vocabulary:
    """The shipped vocabulary; where the set bars a word that it lacks, the command ends here."""
    vocabulary = load_vocabulary(shipped("catalogue"))
    try:
        require_words(policies, policy_words(vocabulary))
    except PolicyError as error:
        _refuse(error, as_json=as_json)
    return vocabulary


def _refuse(error: PolicyError, *, as_json: bool) -> NoReturn:
    if as_json:
        _print_json({"valid": False, "policy": None, "problems": error.problems})
    else:
        count = len(error.problems)
        click.echo(error, err=True)
        click.echo(f"{count} {'problem' if count == 1 else 'problems'}.", err=True)
    sys.exit(1)


def _known(word: str, known: Sequence[str], what: str, hint: str) -> None:
    if word not in known:
        meant = suggestion(word, known)
        message = f"no such {what}: {word!r}{f'; {meant}' if meant else ''}"
        raise click.BadParameter(message, param_hint=f"'{hint}'")


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


def _told(explanation: Explanation) -> str:
    level = f" to {explanation.level}" if explanation.outcome == "coarsened" else ""
    lines = [
        f"{explanation.signal}: {explanation.outcome}{level}",
        f"  {explanation.because}",
    ]
    for rule in explanation.rules:
        mark = ">" if rule.decided else " "
        lines += [f"{mark} {rule.place} {rule.rule}: {rule.says}", f"    {rule.why}"]
    return "\n".join(lines)


def _print_json(value: Any) -> None:
    click.echo(msgspec.json.format(msgspec.json.encode(value)).decode())
