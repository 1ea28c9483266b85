"""`genservice check`: the checks on any text."""

from __future__ import annotations

import sys
from typing import IO, TYPE_CHECKING, Any, get_args

import click
import msgspec

from genservice.cli.options import settings_options
from genservice.cli.running import title_of, with_service
from genservice.domain import CHANNELS, Length

if TYPE_CHECKING:
    from genservice.api.service import Service
    from genservice.checking import Report


@click.command()
@click.argument("title_id")
@click.argument("text", required=False)
@click.option(
    "--file",
    "file",
    type=click.File(encoding="utf-8"),
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
    file: IO[str] | None,
    channel: Any,
    length: Any,
    as_json: bool,
    **flags: Any,
) -> None:
    """Check TEXT against the facts of TITLE_ID. Exit code 1 if anything is found.

    Example: genservice check double-indemnity "A dark, tense noir from 1944."
    """
    if (text is None) == (file is None):
        raise click.UsageError("give either TEXT or --file")
    words = (text if file is None else file.read().strip()) or ""

    async def work(service: Service) -> Report:
        title = await title_of(service, title_id)
        return await service.checks.check(words, title, channel=channel, length=length)

    report = with_service(flags, work)
    if as_json:
        click.echo(
            msgspec.json.encode(
                {"passed": report.passed, "findings": report.findings, "spans": report.spans}
            )
        )
    else:
        click.echo(_marked(words, report))
        for found in report.findings:
            click.echo(f"  {found.at[0]}-{found.at[1]} {found.kind}: {found.detail}")
        click.echo("passed" if report.passed else f"{len(report.findings)} found")
    sys.exit(0 if report.passed else 1)


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
