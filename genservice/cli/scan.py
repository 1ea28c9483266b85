"""`genservice scan`: the guard over a text."""

from __future__ import annotations

import asyncio
import itertools
import sys
from typing import IO, TYPE_CHECKING, BinaryIO

import click
import msgspec
from rich.console import Console
from rich.text import Text

from genservice.catalog.vocabulary import load_vocabulary
from genservice.cli.options import example, text_of
from genservice.errors import DocumentError, Problem
from genservice.privacy import SIDES, Guard, Screening, Side, allowed_words, build_guard
from genservice.shipped import shipped

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

BATCH = 64
"""Lines read ahead."""
PATIENCE = 30.0
"""Seconds one text may take: nobody waits for a page here."""


class _Line(msgspec.Struct, frozen=True):
    """A line of a JSONL file; labelled files carry more, which is left alone."""

    text: str
    side: str | None = None


@click.command(epilog=example('genservice scan "I\'m 34 and my daughter Emma loves whales"'))
@click.argument("text", required=False)
@click.option("--file", type=click.File("rb"), help="Read the text from a file; - is stdin.")
@click.option(
    "--side",
    type=click.Choice(SIDES),
    default="viewer",
    show_default=True,
    help="viewer: when unsure, it goes; title: names stay; output: names are leaks.",
)
@click.option("--json", "as_json", is_flag=True, help="Print findings and screened text as JSON.")
@click.option(
    "--jsonl",
    type=click.File("rb"),
    help='Read {"text", "side"} a line, print {"findings"} a line; - is stdin.',
)
def scan(
    *,
    text: str | None,
    file: BinaryIO | None,
    side: Side,
    as_json: bool,
    jsonl: IO[bytes] | None,
) -> None:
    """Find the personal data in TEXT. Exit code 1 if anything is found.

    With --jsonl the exit code is 0 once every line is answered, and 2 at a line that cannot be read.
    """
    if sum(given is not None for given in (text, file, jsonl)) != 1:
        raise click.UsageError("give one of TEXT, --file and --jsonl")
    if jsonl is not None:
        asyncio.run(_answer_lines(_lines(jsonl, side)))
        return
    words = (text if file is None else text_of(file, flag="--file")) or ""
    (screening,) = asyncio.run(_screened([(words, side)]))
    if as_json:
        click.echo(_json({"findings": screening.findings, "text": screening.text}))
    else:
        _show(words, screening)
    sys.exit(1 if screening.findings else 0)


def _lines(stream: IO[bytes], side: Side) -> Iterator[tuple[str, Side]]:
    """The texts of a JSONL file with their sides.

    Raises:
        DocumentError: A line is not what it should be; names it, and nothing of what it holds.
    """
    name = getattr(stream, "name", "stdin")
    for number, raw in enumerate(stream, start=1):
        try:
            line = msgspec.json.decode(raw, type=_Line)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            detail = _wrong(raw, error)
            raise DocumentError(Problem(file=name, line=number, detail=detail)) from None
        known: Side | None = next((each for each in SIDES if each == line.side), None)
        if line.side is not None and known is None:
            detail = f"side is none of {', '.join(SIDES)}"
            raise DocumentError(Problem(file=name, line=number, detail=detail))
        yield line.text, known or side


def _wrong(raw: bytes, error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "nested too deeply"
    if isinstance(error, UnicodeDecodeError):
        return "not UTF-8"
    return str(error) if raw.strip() else "an empty line"


async def _answer_lines(lines: Iterable[tuple[str, Side]]) -> None:
    lines = iter(lines)
    guard = _guard()
    try:
        while batch := list(itertools.islice(lines, BATCH)):
            for screening in await _each(guard, batch):
                click.echo(_json({"findings": screening.findings}))
    finally:
        guard.close()


async def _screened(texts: Sequence[tuple[str, Side]]) -> Sequence[Screening]:
    guard = _guard()
    try:
        return await _each(guard, texts)
    finally:
        guard.close()


async def _each(guard: Guard, texts: Sequence[tuple[str, Side]]) -> Sequence[Screening]:
    return [
        screening for text, side in texts for screening in await guard.screen([text], side=side)
    ]


def _guard() -> Guard:
    with Console(stderr=True).status("Loading the guard"):
        vocabulary = load_vocabulary(shipped("catalogue"))
        return build_guard(allowed=allowed_words(vocabulary), deadline=PATIENCE, workers=1)


def _show(text: str, screening: Screening) -> None:
    """The text with its findings marked, then one line for each, then the text without them."""
    shown = Text(text)
    for finding in screening.findings:
        shown.stylize("bold white on red", finding.start, finding.end)
    console = Console(highlight=False, soft_wrap=True)
    console.print(shown)
    for finding in screening.findings:
        console.print(
            f"  {finding.start}-{finding.end} {finding.type} {finding.score:.2f}", markup=False
        )
    console.print(f"{len(screening.findings)} found" if screening.findings else "nothing found")
    if screening.findings:
        console.print(Text(screening.text))


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
