"""`genservice demo`: the main job on real titles, over HTTP, printed side by side."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import httpx
from rich.console import Console
from rich.table import Table
from rich.text import Text

from genservice.cli.audiences import AUDIENCES, FAN, Audience
from genservice.cli.options import settings_options

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence

START_SECONDS = 120
WIDTH = 150
"""Columns where the output is no terminal."""


@click.command()
@click.option(
    "--titles",
    "count",
    type=click.IntRange(1, 40),
    default=5,
    show_default=True,
    help="How many titles.",
)
@settings_options
def demo(*, count: int, **flags: Any) -> None:
    """Start the service on a loopback port and write for real titles and several audiences.

    Example: genservice demo --titles 3
    """
    # A file has no width of its own, and 80 columns would break words.
    console = Console(width=None if sys.stdout.isatty() else WIDTH)
    console.print("[bold]genservice[/bold]: starting the service on a loopback port ...")
    started = time.monotonic()
    with _running(flags) as (address, key), _client(address, key) as client:
        console.print(f"listening on {address} after {time.monotonic() - started:.1f} s\n")
        answers: list[dict[str, Any]] = []
        for title in _chosen(client, count):
            answers += _show(console, client, title)
        _prove(console, client, answers)


@contextmanager
def _running(flags: dict[str, Any]) -> Generator[tuple[str, str]]:
    """Address and key of a service in a process and folders of its own, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="genservice-demo-") as folder:
        own = {
            "data": Path(folder) / "data",
            "keystore": Path(folder) / "keystore",
            # A line for every request would stand among the tables.
            "log_level": "warning",
        }
        given = {**own, **{name: value for name, value in flags.items() if value is not None}}
        command = [sys.executable, "-m", "genservice", "serve", "--json", "--port", "0"]
        for name, value in given.items():
            command += [f"--{name.replace('_', '-')}", str(value)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own interpreter and module, and no shell
            try:
                line = process.stdout.readline() if process.stdout else ""
                if not line:
                    raise click.ClickException("the service did not start; see above")
                said = json.loads(line)
                if said["key"] is None:
                    raise click.ClickException("--data holds a service with keys; leave it out")
                yield said["address"], said["key"]
            finally:
                process.terminate()
                try:
                    process.wait(timeout=15)
                except subprocess.TimeoutExpired:
                    process.kill()


@contextmanager
def _client(address: str, key: str) -> Generator[httpx.Client]:
    headers = {"Authorization": f"Bearer {key}"}
    # No proxy of the environment stands between a loopback address and us.
    with httpx.Client(base_url=address, headers=headers, timeout=60, trust_env=False) as client:
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                client.get("/health/ready").raise_for_status()
            except httpx.TransportError:
                if time.monotonic() > deadline:
                    raise click.ClickException("the service did not answer") from None
                time.sleep(0.1)
            else:
                yield client
                return


def _chosen(client: httpx.Client, count: int) -> list[dict[str, Any]]:
    """Titles of every group in turn, those to the fan's taste first."""
    found = client.get("/v1/titles", params={"limit": 500}).raise_for_status().json()["items"]
    groups: dict[str, list[dict[str, Any]]] = {group: [] for group in _GROUPS}
    for title in found:
        groups[_group(title)].append(title)
    # A title that answers nothing shows the twin alone, which is no use for a first look; a stride
    # through each group, so that the names do not all begin with A.
    ranked = [_strided(titles, _liked) + _strided(titles, _other) for titles in groups.values()]
    in_turn = (title for row in itertools.zip_longest(*ranked) for title in row if title)
    return list(itertools.islice(in_turn, count))


_GROUPS = ("film", "young", "factual", "series", "season", "episode", "programme")
_STRIDE = 7


def _group(title: dict[str, Any]) -> str:
    genres = title.get("genres", [])
    if {"kids", "family"}.intersection(genres):
        return "young"
    if {"documentary", "nature", "science"}.intersection(genres):
        return "factual"
    return title["kind"]


def _liked(title: dict[str, Any]) -> bool:
    taste = {*FAN["genre_affinity"], *FAN["mood_affinity"]}
    return not taste.isdisjoint((*title.get("genres", ()), *title.get("moods", ())))


def _other(title: dict[str, Any]) -> bool:
    return not _liked(title)


def _strided(
    titles: Sequence[dict[str, Any]], wanted: Callable[[dict[str, Any]], bool]
) -> list[dict[str, Any]]:
    """The wanted ones of `titles`, every seventh first."""
    kept = [title for title in titles if wanted(title)]
    return [title for start in range(_STRIDE) for title in kept[start::_STRIDE]]


def _show(console: Console, client: httpx.Client, title: dict[str, Any]) -> list[dict[str, Any]]:
    table = Table(
        title=f"{title['name']} ({title.get('year', '')})",
        title_justify="left",
        title_style="bold",
        show_lines=True,
        expand=True,
    )
    for heading, ratio in (
        ("Audience", 3),
        ("Promo", 5),
        ("Synopsis", 7),
        ("Used", 3),
        ("Held back, by rule", 5),
    ):
        table.add_column(heading, ratio=ratio, overflow="fold")
    answers: list[dict[str, Any]] = []
    for audience in AUDIENCES:
        promo = _write(client, "promos", title["id"], audience, channel="home_row")
        synopsis = _write(client, "synopses", title["id"], audience, channel="detail")
        answers += [promo, synopsis]
        table.add_row(
            audience.name,
            _text(promo),
            _text(synopsis),
            Text(_used(promo, synopsis), style="green"),
            Text(_held_back(promo, audience), style="yellow"),
        )
    console.print(table)
    console.print()
    return answers


def _write(
    client: httpx.Client, route: str, title_id: str, audience: Audience, *, channel: str
) -> dict[str, Any]:
    body = {
        "title_id": title_id,
        "context": audience.context,
        "audience": {"signals": audience.signals},
        "channel": channel,
        "length": "medium",
    }
    answer = client.post(f"/v1/{route}", json=body)
    if answer.is_error:
        raise click.ClickException(
            f"{route} answered {answer.status_code}: {answer.json()['detail']}"
        )
    return answer.json()


def _text(answer: dict[str, Any]) -> Text:
    blurb = answer["blurbs"][0]
    return Text(blurb["text"], style="" if blurb["personalised"] else "dim")


def _used(*answers: dict[str, Any]) -> str:
    used = {
        f"{item['signal']}: {', '.join(map(str, item['value']))}"
        for answer in answers
        for item in answer["receipt"]["statement"]["used"]
    }
    return "\n".join(sorted(used)) or "nothing (the neutral twin)"


def _held_back(answer: dict[str, Any], audience: Audience) -> str:
    lines: list[str] = []
    for decision in answer["receipt"]["statement"]["decisions"]:
        if decision["signal"] not in audience.signals or decision["outcome"] == "released":
            continue
        rules = ", ".join(decision.get("rules", [])) or "no rule allows it"
        what = f"only {decision['level']}" if decision["outcome"] == "coarsened" else "withheld"
        lines.append(f"{decision['signal']}: {what} ({rules})")
    return "\n".join(lines) or "nothing"


def _prove(console: Console, client: httpx.Client, answers: list[dict[str, Any]]) -> None:
    """Say what was checked along the way: signatures, and that what is withheld changes nothing."""
    valid = sum(
        client.post("/v1/receipts/verify", json={"receipt": answer["receipt"]}).json()["valid"]
        for answer in answers
    )
    console.print(f"{valid} of {len(answers)} receipts carry a valid signature.")
    title = answers[0]["receipt"]["statement"]["title"]["id"]
    refused = AUDIENCES[1]
    told = _write(client, "promos", title, refused, channel="tile")
    withheld = {
        decision["signal"]
        for decision in told["receipt"]["statement"]["decisions"]
        if decision["outcome"] == "withheld"
    }
    kept = {name: value for name, value in refused.signals.items() if name not in withheld}
    bare = Audience(refused.name, refused.context, kept)
    untold = _write(client, "promos", title, bare, channel="tile")
    console.print(
        "With and without the withheld signals, the answers are byte for byte "
        + ("the same." if told == untold else "[bold red]different[/bold red].")
    )
    twins = sum(answer["blurbs"][0]["source"] == "twin" for answer in answers)
    console.print(
        f"{len(answers)} texts: {len(answers) - twins} personalised, {twins} neutral twins."
    )
    if valid != len(answers) or told != untold:
        click.echo("The demo found a broken guarantee.", err=True)
        sys.exit(1)
