"""`genservice viewer`: what is taken out of viewers' data, and confirmations that it was erased."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

import click
import msgspec

from genservice.cli.held import erase, export, tidy
from genservice.cli.options import example
from genservice.cli.signed import read_small, trusted_keys
from genservice.confirmations import Fault, verify_confirmation
from genservice.rights import export_schema

_REASONS: dict[Fault, str] = {
    "not_a_confirmation": "it is not one: a field is missing, unknown, doubled or of another shape",
    "statement_altered": "its statement is not the one its id was made from",
    "unknown_key": "it was signed with a key that is not among those given",
    "signature_wrong": "its signature does not fit its statement",
    "another_viewer": "it is genuine, but nothing in the file shows that it is about this viewer",
}


@click.group()
def viewer() -> None:
    """Export, erase and tidy what is held of viewers, and verify confirmations of erasure.

    Example: genservice viewer verify confirmation.json --keys keys.json
    """


for _command in (export, erase, tidy):
    viewer.add_command(_command)


@viewer.command("schema", epilog=example("genservice viewer schema > viewer-export.schema.json"))
def schema() -> None:
    """Print the JSON Schema of what `GET /v1/viewers/{viewer_id}/export` answers."""
    click.echo(msgspec.json.format(msgspec.json.encode(export_schema())).decode())


@viewer.command(
    "verify",
    epilog=example("genservice viewer verify confirmation.json --keys keys.json --viewer u-7f3a"),
)
@click.argument("file", type=click.File("rb"))
@click.option("--keys", metavar="FILE|URL", help="Public keys; else those of the keystore.")
@click.option(
    "--keystore",
    type=click.Path(path_type=Path),
    help="Folder of the signing keys [GENSERVICE_KEYSTORE].",
)
@click.option("--viewer", "viewer_id", metavar="ID", help="The viewer whom it must be about.")
@click.option("--json", "as_json", is_flag=True, help='Print {"valid", "reason"}.')
def verify_(
    file: BinaryIO,
    keys: str | None,
    keystore: Path | None,
    viewer_id: str | None,
    *,
    as_json: bool,
) -> None:
    """Tell whether the confirmation of an erasure in FILE (- is standard input) holds.

    FILE is what the erasure answered, with its secret or without; only with it can be shown whom it is
    about. Exits with 1 if the confirmation does not hold.
    """
    verdict = verify_confirmation(read_small(file), trusted_keys(keys, keystore), viewer=viewer_id)
    if as_json:
        click.echo(msgspec.json.encode(verdict).decode())
    elif verdict.reason is None:
        click.echo("The confirmation is valid.")
    else:
        click.echo(f"The confirmation is not valid: {_REASONS[verdict.reason]}.")
    raise SystemExit(0 if verdict.valid else 1)
