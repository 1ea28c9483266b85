"""`genservice policy schema`: the JSON Schema of policy files, for completion and hover in editors."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from genservice.cli.options import example
from genservice.cli.policy.sets import FOLDER, print_json, refuse
from genservice.errors import PolicyError
from genservice.policy import declared_in
from genservice.policy.schemas import schemas

if TYPE_CHECKING:
    from genservice.policy.declarations import Declarations

OUT = click.Path(file_okay=False, path_type=Path)


@click.command(
    name="schema",
    short_help="Write the JSON Schema of policy files, for editors.",
    epilog=example(
        "genservice policy schema policies/ --out policies/schema",
    ),
)
@click.argument("folder", metavar="[DIR]", type=FOLDER, required=False)
@click.option("--out", type=OUT, help="Folder to write the schemas to; made where it is missing.")
def command(folder: Path | None, out: Path | None) -> None:
    """Write a JSON Schema for each kind of policy file: signals, segments, rules and tests.

    With DIR, its signals, consents, groups and segments are the only ones known, so that an editor
    offers them and marks others; run it again when they change. Without --out, the schemas are
    printed as one JSON object, each under the name of its file.
    """
    declared = None if folder is None else _declared(folder)
    made = schemas(declared)
    if out is None:
        print_json(made)
        return
    out.mkdir(parents=True, exist_ok=True)
    for name, schema in made.items():
        (out / name).write_text(written(schema), encoding="utf-8")
        click.echo(str(out / name))


def _declared(folder: Path) -> Declarations:
    try:
        return declared_in(folder)
    except PolicyError as error:
        refuse(error, as_json=False)


def written(schema: dict[str, object]) -> str:
    """A schema as its file holds it."""
    return msgspec.json.format(msgspec.json.encode(schema)).decode() + "\n"
