"""`genservice keys rotate-signing`: another key signs from now on."""

from __future__ import annotations

from pathlib import Path

import click
import msgspec

from genservice.cli.options import example
from genservice.settings import read_settings
from genservice.signing import rotate


@click.command("rotate-signing", epilog=example("genservice keys rotate-signing --destroy-private"))
@click.option(
    "--keystore",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of the signing keys [GENSERVICE_KEYSTORE].",
)
@click.option(
    "--destroy-private",
    is_flag=True,
    help="Delete the private keys of all retired ones; the public ones stay.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def rotate_signing(keystore: Path | None, *, destroy_private: bool, as_json: bool) -> None:
    """Make a new key sign receipts from now on, in running services too, within a second.

    What older keys signed stays valid: their public halves are published as before.
    """
    done = rotate(read_settings(keystore=keystore).keystore, destroy_private=destroy_private)
    if as_json:
        click.echo(msgspec.json.encode(done).decode())
        return
    click.echo(f"{done.current} signs from now on; {done.retired} is retired.")
    if done.destroyed:
        click.echo(f"Destroyed the private keys of {', '.join(done.destroyed)}.")
