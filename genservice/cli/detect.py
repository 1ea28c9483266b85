"""`genservice detect`: whether a text carries this service's watermark."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Literal

import click
import msgspec

from genservice.cli.options import example, text_of
from genservice.kept_secrets import kept_secrets
from genservice.settings import WATERMARK_FILE, read_settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from genservice.generation.watermark import Detection

ENOUGH = 100
"""Counted tokens below which nothing is said: texts by people were seen to score high more often there."""


Verdict = Literal["watermarked", "none_found", "too_short"]
_WORDS: Mapping[Verdict, str] = {
    "watermarked": "watermarked",
    "none_found": "no watermark found",
    "too_short": f"too short to tell: {ENOUGH} tokens have to count",
}


@click.command(
    epilog=example(
        'genservice detect "A text of some length ..."',
        "genservice detect --file text.txt --model models/writer --json",
    )
)
@click.argument("text", required=False)
@click.option("--file", type=click.File("rb"), help="Read the text from a file; - is stdin.")
@click.option("--model", "source", help="The model whose texts they may be [GENSERVICE_MODEL].")
@click.option(
    "--keystore",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder with the watermark's secret [GENSERVICE_KEYSTORE].",
)
@click.option(
    "--false-alarms",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    default=0.001,
    show_default=True,
    help="The share of other texts that may be taken for watermarked.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def detect(
    text: str | None,
    file: BinaryIO | None,
    source: str | None,
    keystore: Path | None,
    *,
    false_alarms: float,
    as_json: bool,
) -> int:
    """Say whether a text carries the watermark of this service's long texts.

    Exit codes: 0 none was found or the text is too short to tell, 1 one was found, 2 wrong usage. That none
    was found proves nothing: reworded texts lose it.
    """
    if (text is None) == (file is None):
        raise click.UsageError("give a text, or --file")
    read = text if file is None else text_of(file, flag="--file")
    settings = read_settings(model=source, keystore=keystore)
    secrets = kept_secrets(settings.keystore / WATERMARK_FILE, create=False)
    # torch takes seconds to import: wrong usage is told before.
    from genservice.generation import load_detector

    detector = load_detector(settings.model, secrets)
    found = detector.detect(read or "")
    verdict = _verdict(found, false_alarms)
    if as_json:
        told = {
            "verdict": verdict,
            "false_alarms": false_alarms,
            **msgspec.to_builtins(found),
        }
        click.echo(msgspec.json.encode(told).decode())
    else:
        score = "none" if found.score is None else f"{found.score:.3f} (0.5 by chance)"
        click.echo(_WORDS[verdict])
        click.echo(f"tokens that count  {found.tokens}")
        click.echo(f"score              {score}")
        click.echo(f"p-value            {found.p_value:.2g}")
    return 1 if verdict == "watermarked" else 0


def _verdict(found: Detection, false_alarms: float) -> Verdict:
    if found.tokens < ENOUGH:
        return "too_short"
    return "watermarked" if found.p_value < false_alarms else "none_found"
