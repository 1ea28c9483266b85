"""`genservice write`: one blurb."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

import click
import msgspec

from genservice.answers import Order
from genservice.briefing import Options
from genservice.cli.options import region_option, settings_options
from genservice.cli.running import title_of, with_service
from genservice.domain import AGE_BANDS, CHANNELS, Length, Tone

if TYPE_CHECKING:
    from genservice.api.service import Service
    from genservice.domain import Answer


@click.command()
@click.argument("title_id")
@click.option(
    "--purpose", type=click.Choice(["promo", "synopsis"]), default="promo", show_default=True
)
@click.option("--channel", type=click.Choice(CHANNELS), default="detail", show_default=True)
@click.option("--length", type=click.Choice(get_args(Length)), default="medium", show_default=True)
@click.option("--tone", type=click.Choice(get_args(Tone)), default="plain", show_default=True)
@region_option(default="unknown", show_default=True)
@click.option("--age-band", type=click.Choice(AGE_BANDS), default="unknown", show_default=True)
@click.option("--consent", "consents", multiple=True, help="A consent given; repeat for more.")
@click.option("--gpc", is_flag=True, help="Global Privacy Control is asserted.")
@click.option(
    "--signal", "signals", multiple=True, metavar="NAME=JSON", help="A signal; repeat for more."
)
@click.option("--note", help="A wish about style; screened, never stored.")
@click.option("--variants", type=click.IntRange(1, 5), default=1, show_default=True)
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print the whole answer, receipt included.")
@settings_options
def write(**options: Any) -> None:
    """Write a blurb for TITLE_ID and an audience.

    Example: genservice write double-indemnity --channel tile --region GB --age-band age_25_34
    --consent content_profile --consent content_use --signal 'genre_affinity=["crime"]'
    """
    own = ("title_id", "purpose", "channel", "length", "tone", "region", "age_band", "consents", "gpc",
           "signals", "note", "variants", "seed", "as_json")  # fmt: skip
    asked = {name: options.pop(name) for name in own}
    signals = dict(_signal(text) for text in asked["signals"])

    async def work(service: Service) -> Answer:
        order = Order(
            title=await title_of(service, asked["title_id"]),
            options=Options(
                purpose=asked["purpose"],
                channel=asked["channel"],
                length=asked["length"],
                tone=asked["tone"],
            ),
            region=asked["region"],
            age_band=asked["age_band"],
            consents=asked["consents"],
            gpc=asked["gpc"],
            signals=signals,
            note=asked["note"],
            variants=asked["variants"],
            seed=asked["seed"],
        )
        return await service.blurbs.write(order)

    answer = with_service(options, work)
    if asked["as_json"]:
        click.echo(msgspec.json.encode(answer))
        return
    for blurb in answer.blurbs:
        click.echo(blurb.text)
        why = blurb.angle or (blurb.reason or "").replace("_", " ")
        click.echo(click.style(f"  {blurb.source}: {why}", dim=True), err=True)
    for notice in answer.notices:
        click.echo(f"  not declared, dropped: {notice.name}", err=True)


def _signal(text: str) -> tuple[str, Any]:
    name, separator, value = text.partition("=")
    try:
        decoded = msgspec.json.decode(value) if separator else None
    except msgspec.DecodeError:
        decoded = None
    if decoded is None:
        raise click.UsageError(
            f"--signal {name!r}: expected NAME=JSON, as in genre_affinity='[\"crime\"]'"
        )
    return name, decoded
