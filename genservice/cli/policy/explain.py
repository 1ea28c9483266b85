"""`genservice policy explain`: what may be used in a context, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from genservice.cli.options import (
    consent_string_options,
    example,
    region_option,
    unusable_told,
    vendor_option,
)
from genservice.cli.policy.sets import FOLDER, SETTING, json_option, known, loaded, print_json
from genservice.consents import hear
from genservice.contexts import resolved, string_notices
from genservice.domain import AGE_BANDS, CHANNELS, PROCESSORS, PURPOSES, Context
from genservice.policy import Explained, explained

if TYPE_CHECKING:
    from pathlib import Path


_NEAR = 3
"""Allows shown of a signal asked for that none allows."""


@click.command(
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
@consent_string_options
@vendor_option
@click.option("--channel", type=click.Choice(CHANNELS), default="detail", show_default=True)
@click.option("--processor", type=click.Choice(PROCESSORS), default="in_process", show_default=True)
@click.option("--policies", "folder", type=FOLDER, envvar=SETTING, help="Folder of the policy set.")
@json_option
def command(
    signal: str | None,
    folder: Path | None,
    *,
    tcf: str | None,
    gpp: str | None,
    vendor: int,
    as_json: bool,
    **context: Any,
) -> None:
    """Say what may be used of SIGNAL, or of every signal, in a context, and which rules say so.

    Rules marked > settled it. Of a signal that no rule allows here, the allows that come nearest are
    named with what they lack.
    """
    policies = loaded(folder, as_json=as_json)
    if signal is not None:
        known(signal, [item.name for item in policies.signals], "signal", "SIGNAL")
    for consent in context["consents"]:
        known(consent, [item.name for item in policies.consents], "consent", "--consent")
    heard = hear(tcf, gpp, vendor=vendor)
    asked = resolved(Context(**context), heard, policies)
    for notice in string_notices(heard):
        click.echo(unusable_told(notice), err=True)
    explanations = explained(policies, asked, signal=signal)
    if as_json:
        print_json({"policy": policies.version, "context": asked, "decisions": explanations})
    else:
        near = _NEAR if signal else 1
        click.echo("\n\n".join(_told(explanation, near) for explanation in explanations))


def _told(explanation: Explained, near: int) -> str:
    level = f" to {explanation.level}" if explanation.outcome == "coarsened" else ""
    lines = [
        f"{explanation.signal}: {explanation.outcome}{level}",
        f"  {explanation.because}",
    ]
    for rule in explanation.rules:
        mark = ">" if rule.decided else " "
        lines += [f"{mark} {rule.place} {rule.rule}: {rule.says}", f"    {rule.why}"]
    if explanation.near:
        lines.append("  What would allow it:")
    for miss in explanation.near[:near]:
        lines.append(f"    {miss.place} {miss.rule}: {miss.lacks}")
    if more := len(explanation.near[near:]):
        lines.append(f"    and {more} more, further off")
    return "\n".join(lines)
