"""`genservice model`: the text model."""

from __future__ import annotations

import asyncio

import click
import msgspec

from genservice.cli.evaluate import evaluate
from genservice.generation import TextModel, connect, load_model
from genservice.settings import read_settings


@click.group()
def model() -> None:
    """Show the text model, and measure what it writes.

    Example: genservice model info
    """


model.add_command(evaluate)


@model.command()
@click.option(
    "--model", "source", help="embedded, a folder, a hub id or an address [GENSERVICE_MODEL]."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def info(*, source: str | None, as_json: bool) -> None:
    """Load the model and say what it is: revision and where prompts go.

    Example: genservice model info --model embedded
    """
    settings = read_settings(model=source)
    loaded = load_model(
        settings.model,
        name=settings.model_name,
        key=settings.model_key,
        processor=settings.model_processor,
        deadline=settings.model_timeout,
    )
    asyncio.run(_named(loaded))
    facts = {"model": settings.model, "revision": loaded.revision, "processor": loaded.processor}
    if as_json:
        click.echo(msgspec.json.encode(facts))
        return
    for name, value in facts.items():
        click.echo(f"{name:10} {value}")


async def _named(model: TextModel) -> None:
    """Return once the model's revision is known, its connection closed."""
    try:
        await connect(model)
    finally:
        await model.close()
