"""`genservice log`: whether the decision log is whole."""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from genservice.cli.options import example
from genservice.errors import DocumentError, SettingsError
from genservice.public_keys import KeySet, read_keys
from genservice.settings import Settings, read_settings
from genservice.signing import public_keys_of

if TYPE_CHECKING:
    from genservice.log_findings import Finding, LogVerdict

_SHOWN = 50
"""Most findings on the screen; the JSON lists all."""
_FOLDER = click.Path(file_okay=False, path_type=Path)


@click.group(epilog=example("genservice log verify"))
def log() -> None:
    """Verify the decision log."""


@log.command(
    epilog=example(
        "genservice log verify",
        "genservice log verify --heads kept-by-auditor.json --keys keys.json",
    )
)
@click.option("--data", type=_FOLDER, help="Folder of the database [GENSERVICE_DATA].")
@click.option("--database-url", help="SQLAlchemy URL [GENSERVICE_DATABASE_URL].")
@click.option("--keystore", type=_FOLDER, help="Folder of the signing keys [GENSERVICE_KEYSTORE].")
@click.option(
    "--heads",
    "places",
    type=click.Path(exists=True, path_type=Path),
    multiple=True,
    help="Folder or file of signed heads, more than once if hosts have their own [GENSERVICE_LOG_HEADS].",
)
@click.option(
    "--keys",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Public keys, as a service publishes them; else those of the keystore.",
)
@click.option(
    "--days",
    type=click.IntRange(0, 3650),
    help="Days that the log is kept [GENSERVICE_DECISION_LOG_DAYS].",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def verify(
    *,
    data: Path | None,
    database_url: str | None,
    keystore: Path | None,
    places: tuple[Path, ...],
    keys: Path | None,
    days: int | None,
    as_json: bool,
) -> None:
    """Find what was removed, altered, moved, doubled or cut off in the decision log since it was signed.

    Exits with 0 if nothing was and 1 if something was. The service may run meanwhile.
    """
    settings = read_settings(
        data=data, database_url=database_url, keystore=keystore, decision_log_days=days
    )
    trusted = _keys(settings, keys)
    verdict = asyncio.run(_verified(settings, places or (settings.heads_folder(),), trusted))
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(verdict)).decode())
    else:
        click.echo(told(verdict))
    sys.exit(0 if verdict.whole else 1)


def _keys(settings: Settings, file: Path | None) -> KeySet:
    try:
        if file is not None:
            return read_keys(file.read_bytes(), file=str(file))
        return public_keys_of(settings.keystore)
    except (SettingsError, DocumentError) as error:
        raise click.BadParameter(str(error), param_hint="--keys") from None
    except OSError as error:
        detail = error.strerror or "cannot be read"
        raise click.BadParameter(f"{file}: {detail}", param_hint="--keys") from None


async def _verified(settings: Settings, places: tuple[Path, ...], keys: KeySet) -> LogVerdict:
    # SQLAlchemy takes a second to import: what is wrong with files is told before.
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TimeRemainingColumn

    from genservice.log_heads import Found, read_heads
    from genservice.log_verification import verify_log
    from genservice.store import open_store

    database = settings.database()
    if isinstance(database, Path) and not database.exists():
        raise click.UsageError(f"no database at {database}; --data names its folder")
    bar = Progress(
        "{task.description}",
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
        console=Console(file=sys.stderr),
        transient=True,
    )

    def heads() -> Found:
        # The folder of a service that never wrote is not there, and holds nothing.
        found = [read_heads(place) for place in places if place.exists()]
        return Found(
            signed=tuple(item for each in found for item in each.signed),
            broken=tuple(place for each in found for place in each.broken),
        )

    async with open_store(database, clock=lambda: datetime.now(UTC)) as store:
        await store.migrate()
        total = await store.decisions.count(since="", until=None)
        with bar:
            task = bar.add_task("verifying", total=total)
            return await verify_log(
                store.decisions,
                heads,
                keys,
                days=settings.decision_log_days,
                clock=lambda: datetime.now(UTC),
                told=lambda requests: bar.update(task, completed=requests),
            )


def told(verdict: LogVerdict) -> str:
    """A verdict in words."""
    lines = [
        f"Log        {verdict.requests:,} requests in {_batches(verdict.batches)} of "
        f"{_counted(verdict.writers, 'chained writer')}{_hours(verdict)}",
        f"Heads      {_signed(verdict)}",
    ]
    if verdict.unsigned:
        lines.append(
            f"Unsigned   {_batches(verdict.unsigned)} beyond the last head of their writer, within the "
            "minute that signing takes"
        )
    if verdict.unchained:
        lines.append(
            f"Unchained  {_batches(verdict.unchained)} of before there were chains: nothing vouches for them"
        )
    if verdict.overdue:
        lines.append(f"Overdue    {_batches(verdict.overdue)} that should be forgotten by now")
    if verdict.whole:
        return "\n".join(
            [*lines, "", "Nothing was removed, altered or cut off since it was signed."]
        )
    lines += ["", *(_line(finding) for finding in verdict.findings[:_SHOWN])]
    if rest := max(0, len(verdict.findings) - _SHOWN) + verdict.more:
        lines.append(f"and {rest:,} more; --json lists {len(verdict.findings):,} of all")
    if all(finding.kind in {"cut_off", "dropped"} for finding in verdict.findings):
        lines += ["", "The database may have been restored from a backup older than the heads."]
    return "\n".join(lines)


_SAID = {
    "altered": "was altered",
    "unlinked": "does not follow from the one before",
    "misplaced": "stands twice or out of order",
    "removed": "missing: removed",
    "cut_off": "missing at the end, although signed",
    "dropped": "missing, and with it all of this writer, although signed",
    "rewritten": "is not the one that was signed",
    "unsigned": "signed by nobody",
    "unchained": "has no digest, and should have",
}


def _line(finding: Finding) -> str:
    if finding.kind == "bad_record":
        of = f" of writer {finding.writer}" if finding.writer else ""
        return (
            f"heads: {finding.place}{of}: cannot be read, or none of the keys given has signed it"
        )
    if finding.kind == "forgotten_early":
        return (
            f"writer {finding.writer}: up to batch {finding.last} forgotten sooner than the settings say, "
            f"with all before {finding.until}:00 UTC"
        )
    span = f"batch {finding.first}"
    if finding.last != finding.first:
        span = f"batches {finding.first} to {finding.last}"
    hours = " to ".join(
        dict.fromkeys(f"{hour}:00" for hour in (finding.since, finding.until) if hour)
    )
    where = f", {hours} UTC" if hours else ""
    return f"writer {finding.writer}{where}: {span} {_SAID[finding.kind]}"


def _signed(verdict: LogVerdict) -> str:
    if verdict.signed_at is None:
        return "none"
    return f"the last one signed at {verdict.signed_at:%Y-%m-%dT%H:%M:%SZ}"


def _hours(verdict: LogVerdict) -> str:
    if not verdict.since:
        return ""
    return f", from {verdict.since}:00 to {verdict.until}:59 UTC"


def _batches(count: int) -> str:
    return _counted(count, "batch", "batches")


def _counted(count: int, one: str, many: str = "") -> str:
    return f"{count:,} {one if count == 1 else many or f'{one}s'}"
