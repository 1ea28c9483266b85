"""`genservice check`: the checks on any text."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, BinaryIO, get_args

import click
import msgspec

from genservice.api.schemas import CheckRequest
from genservice.cli.options import example, settings_options, shaped, text_of
from genservice.cli.running import title_of, with_service
from genservice.domain import CHANNELS, Length

if TYPE_CHECKING:
    from genservice.api.service import Service
    from genservice.checking import Finding, Report


@click.command(epilog=example('genservice check double-indemnity "A dark, tense noir from 1944."'))
@click.argument("title_id")
@click.argument("text", required=False)
@click.option(
    "--file",
    "file",
    type=click.File("rb"),
    help="Read the text from a file; - is stdin.",
)
@click.option("--channel", type=click.Choice(CHANNELS), default="detail", show_default=True)
@click.option("--length", type=click.Choice(get_args(Length)), default="long", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print findings and spans as JSON.")
@settings_options
def check(
    *,
    title_id: str,
    text: str | None,
    file: BinaryIO | None,
    channel: Any,
    length: Any,
    as_json: bool,
    **flags: Any,
) -> None:
    """Check TEXT against the facts of TITLE_ID. Exit code 1 if anything is found."""
    if (text is None) == (file is None):
        raise click.UsageError("give either TEXT or --file")
    words = text if file is None else text_of(file, flag="--file").strip()
    asked = shaped(
        {"title_id": title_id, "text": words, "channel": channel, "length": length},
        CheckRequest,
        flags={"title_id": "TITLE_ID", "text": "TEXT" if file is None else "--file"},
    )

    async def work(service: Service) -> Report:
        title = await title_of(service, title_id)
        return await service.checks.check(asked.text, title, channel=channel, length=length)

    report = with_service(flags, work, writes=False)
    if as_json:
        click.echo(
            msgspec.json.encode(
                {"passed": report.passed, "findings": report.findings, "spans": report.spans}
            )
        )
    else:
        click.echo(_marked(asked.text, report))
        for found in report.findings:
            click.echo(f"  {found.at[0]}-{found.at[1]} {_called(found)}: {found.detail}")
        click.echo("passed" if report.passed else f"{len(report.findings)} found")
    sys.exit(0 if report.passed else 1)


def _called(found: Finding) -> str:
    return found.kind if found.rule is None else f"{found.kind} ({found.rule})"


def _marked(text: str, report: Report) -> str:
    """The text with what was found underlined in red and what is vouched for in green."""
    bad = {at for found in report.findings for at in range(*found.at)}
    good = {at for span in report.spans for at in range(*span.at)}
    return "".join(
        click.style(letter, fg="red", underline=True)
        if at in bad
        else click.style(letter, fg="green")
        if at in good
        else letter
        for at, letter in enumerate(text)
    )
