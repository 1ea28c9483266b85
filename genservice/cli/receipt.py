"""`genservice receipt`: receipts verified and put in words, offline if one likes."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

import click
import msgspec

from genservice.cli.signed import read_small, trusted_keys
from genservice.domain import Receipt
from genservice.explanations import in_words
from genservice.policy import load
from genservice.receipts import Fault, read_receipt, verify
from genservice.shipped import shipped

_REASONS: dict[Fault, str] = {
    "not_a_receipt": "it is not a receipt: a field is missing, unknown, doubled or of another shape",
    "statement_altered": "its statement is not the one its id was made from",
    "unknown_key": "it was signed with a key that is not among those given",
    "signature_wrong": "its signature does not fit its statement",
    "text_not_covered": "it is genuine, but not about this text",
}


@click.group()
def receipt() -> None:
    """Verify receipts, and put them in words.

    Example: genservice receipt verify receipt.json --keys keys.json
    """


@receipt.command("explain")
@click.argument("file", type=click.File("rb"))
@click.option(
    "--policies",
    "folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    envvar="GENSERVICE_POLICIES",
    help="Folder of the policy set that decided, for the labels of signals.",
)
@click.option("--keys", metavar="FILE|URL", help="Public keys: verify the receipt first.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
def explain_(file: BinaryIO, folder: Path | None, keys: str | None, *, as_json: bool) -> None:
    """Say in plain words what the receipt in FILE (- is standard input) used, what not, and why.

    The whys are the receipt's own. Signals go by their labels if the policy set is the one that
    decided, and by their names if not. With --keys, a receipt that does not hold exits with 1.

    Example: genservice receipt explain receipt.json --keys keys.json
    """
    raw = read_small(file)
    verdict = None if keys is None else verify(raw, trusted_keys(keys, None))
    if verdict is not None and verdict.reason is not None:
        click.echo(f"The receipt is not valid: {_REASONS[verdict.reason]}.", err=True)
        raise SystemExit(1)
    words = in_words(_receipt(raw), load(folder or shipped("policies")))
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(words)).decode())
        return
    checked = "not verified: give --keys" if verdict is None else "valid"
    click.echo(f"{words}\n\nReceipt {words.receipt}: {checked}.")


@receipt.command("verify")
@click.argument("file", type=click.File("rb"))
@click.option("--keys", metavar="FILE|URL", help="Public keys; else those of the keystore.")
@click.option(
    "--keystore",
    type=click.Path(path_type=Path),
    help="Folder of the signing keys [GENSERVICE_KEYSTORE].",
)
@click.option(
    "--text",
    type=click.File("rb"),
    help="A text that the receipt must speak of, in UTF-8; one line break at its end is not read.",
)
@click.option("--json", "as_json", is_flag=True, help='Print {"valid", "reason"}.')
def verify_(
    file: BinaryIO,
    keys: str | None,
    keystore: Path | None,
    text: BinaryIO | None,
    *,
    as_json: bool,
) -> None:
    """Tell whether the receipt in FILE (- is standard input) holds. Exits with 1 if it does not.

    A service's keys are at /.well-known/genservice-keys.json; kept once, they verify offline.

    Example: genservice receipt verify receipt.json --keys keys.json --text blurb.txt
    """
    shown = None if text is None else _text(read_small(text))
    verdict = verify(read_small(file), trusted_keys(keys, keystore), shown)
    if as_json:
        click.echo(msgspec.json.encode(verdict).decode())
    elif verdict.reason is None:
        click.echo("The receipt is valid.")
    else:
        click.echo(f"The receipt is not valid: {_REASONS[verdict.reason]}.")
    raise SystemExit(0 if verdict.valid else 1)


def _receipt(raw: bytes) -> Receipt:
    try:
        return read_receipt(raw)
    except ValueError:
        raise click.BadParameter(_REASONS["not_a_receipt"], param_hint="FILE") from None


def _text(raw: bytes) -> str:
    try:
        return raw.decode("utf-8").removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError:
        raise click.BadParameter("not UTF-8", param_hint="--text") from None
