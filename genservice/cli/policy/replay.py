"""`genservice policy replay`: what a draft would have changed in real traffic."""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from genservice.cli.options import example
from genservice.cli.policy.sets import FOLDER, json_option, loaded, print_json
from genservice.errors import InvalidInputError
from genservice.policy import from_files
from genservice.replays import Window, replay, window_of
from genservice.settings import Settings, read_settings

if TYPE_CHECKING:
    from genservice.policy import Against, Change, PolicySet, Replay, Share, Use
    from genservice.replays import Replayed
    from genservice.store import Store

_SHOWN = 5
"""Most purposes, regions or age bands named of one change; the JSON names all."""


@click.command(
    name="replay",
    short_help="Say what a draft would have changed in real traffic.",
    epilog=example("genservice policy replay draft/ --since 7d"),
)
@click.argument("draft", type=FOLDER)
@click.option(
    "--since",
    default="7d",
    show_default=True,
    help="From when: days or hours ago (7d, 36h), a day, or a time of RFC 3339.",
)
@click.option("--until", help="Until when; else now.")
@click.option(
    "--against",
    type=click.Choice(["in_force", "then"]),
    default="in_force",
    show_default=True,
    help="Compare with the set in force, or with what was decided then.",
)
@click.option(
    "--policies",
    "folder",
    type=FOLDER,
    help="The set in force; else the one that rules by the settings.",
)
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of the database [GENSERVICE_DATA].",
)
@click.option(
    "--database-url", help="postgresql://..., or another SQLite file [GENSERVICE_DATABASE_URL]."
)
@json_option
def command(
    *,
    draft: Path,
    since: str,
    until: str | None,
    against: Against,
    folder: Path | None,
    data: Path | None,
    database_url: str | None,
    as_json: bool,
) -> None:
    """Say what the policy set in DRAFT would have changed in the requests that were logged.

    Exits with 0 if nothing and 1 if something.
    """
    settings = read_settings(data=data, database_url=database_url, policies=folder)
    try:
        window = window_of(since, until, now=datetime.now(UTC))
    except InvalidInputError as error:
        _refuse(error)
    in_force: PolicySet | None = None
    if folder is not None or settings.policy_source == "files":
        in_force = loaded(settings.policies, as_json=as_json)
    drafted = loaded(draft, as_json=as_json)
    found = asyncio.run(_replayed(settings, in_force, drafted, window, against))
    if as_json:
        print_json(found)
    else:
        click.echo(told(found))
        if not settings.decision_log_days:
            click.echo("The decision log is off (GENSERVICE_DECISION_LOG_DAYS is 0).")
    sys.exit(0 if found.replay.is_quiet else 1)


async def _replayed(
    settings: Settings,
    in_force: PolicySet | None,
    draft: PolicySet,
    window: Window,
    against: Against,
) -> Replayed:
    """A replay against `in_force`, or against the version that the database puts in force."""
    # SQLAlchemy takes a second to import: what is wrong with folders and times is told before.
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TimeRemainingColumn

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
    async with open_store(
        database, clock=lambda: datetime.now(UTC), **settings.database_limits()
    ) as store:
        await store.migrate()
        in_force = in_force or await _registered(store)
        total = await store.decisions.count(since=window.since, until=window.until)
        with bar:
            task = bar.add_task("replaying", total=total)
            return await replay(
                store.decisions,
                in_force,
                draft,
                window=window,
                against=against,
                told=lambda requests: bar.update(task, completed=requests),
            )


async def _registered(store: Store) -> PolicySet:
    standing = await store.policies.standing()
    version = standing.in_force and await store.policies.get(standing.in_force)
    if not version:
        raise click.UsageError("no version is in force in the database; --policies names a folder")
    return from_files(version.files)


def told(found: Replayed) -> str:
    """A replay in words."""
    result, window = found.replay, found.window
    lines = [
        f"Draft     {result.draft}",
        f"Against   {_against(result)}",
        f"Requests  {result.requests:,}, from {window.since}:00 until {window.until}:00 UTC",
        "",
        _summary(result),
    ]
    for effect in result.effects:
        share = effect.share
        lines += ["", f"{_of(share, result)} {_said(effect.change)}", *_split(share)]
    for share, what in (
        (result.twin, "would serve the neutral twin: no signal is left that can answer a title"),
        (result.no_longer_twin, "would no longer be left with the neutral twin alone"),
    ):
        if share.requests:
            lines += ["", f"{_of(share, result)} {what}", *_split(share)]
    if notes := [*_notes(result)]:
        lines += ["", *notes]
    return "\n".join(lines)


def _against(result: Replay) -> str:
    if result.against == "then":
        return "what was decided then"
    return f"{result.in_force}, the set in force"


def _summary(result: Replay) -> str:
    if not result.requests:
        return "No requests are logged in these hours."
    if result.is_quiet:
        return "Nothing would change."
    return (
        f"{result.changed:,} of {_requests(result.requests)} would be decided otherwise; "
        f"{result.twin.requests:,} would serve the neutral twin."
    )


def _of(share: Share, result: Replay) -> str:
    return f"{share.requests:,} of {_requests(result.requests)}"


def _requests(count: int) -> str:
    return f"{count:,} {'request' if count == 1 else 'requests'}"


_VERBS = {
    "lost": "would lose {}",
    "gained": "would gain {}",
    "coarser": "would have {} more coarsely",
    "finer": "would have {} more finely",
    "other": "would have {} at another level",
}


def _said(change: Change) -> str:
    verb = _VERBS[change.direction].format(change.signal)
    return f"{verb} ({_use(change.was)} -> {_use(change.will)})"


def _use(use: Use) -> str:
    return f"coarsened to {use.level}" if use.outcome == "coarsened" else use.outcome


def _split(share: Share) -> list[str]:
    dimensions = {
        "purpose": share.purposes,
        "region": share.regions,
        "age band": share.age_bands,
    }
    return [f"  {name:<9} {_counts(counts)}" for name, counts in dimensions.items()]


def _counts(counts: dict[str, int]) -> str:
    shown = [f"{word} {count:,}" for word, count in list(counts.items())[:_SHOWN]]
    if len(counts) > _SHOWN:
        rest = list(counts.values())[_SHOWN:]
        shown.append(f"{len(rest)} more {sum(rest):,}")
    return ", ".join(shown)


def _notes(result: Replay) -> list[str]:
    """What the figures do not say."""
    notes: list[str] = []
    others = {v: n for v, n in result.versions.items() if v != result.in_force}
    if others and result.against == "in_force":
        notes.append(
            f"Note: {_requests(sum(others.values()))} were decided by another version than the one in "
            "force now; --against then compares with what was decided."
        )
    for name, count in result.dropped.items():
        notes.append(f"Note: the draft does not declare {name}, which {_requests(count)} carried.")
    unseen = result.unseen
    for words, what, why in (
        (unseen.signals, "signals", "which requests carried them is not known"),
        (unseen.consents, "consents", "who gave them is not known, and they count as not given"),
        (unseen.regions, "subdivisions", "their requests were logged as their country's"),
    ):
        if words:
            notes.append(f"Note: the draft brings new {what} ({', '.join(words)}): {why}.")
    if unseen.inferences:
        notes.append("Note: the inference rules differ; what texts may say is not replayed.")
    return notes


def _refuse(error: InvalidInputError) -> NoReturn:
    (problem,) = error.problems
    flag = f"'--{(problem.pointer or '').removeprefix('#/')}'"
    detail = f"{problem.detail}; {problem.hint}" if problem.hint else problem.detail
    raise click.BadParameter(detail, param_hint=flag) from None
