"""`genservice write`: one blurb."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

import click
import msgspec

from genservice.answers import Order
from genservice.api.schemas import BlurbRequest
from genservice.briefing import Options
from genservice.cli.options import (
    consent_string_options,
    example,
    region_option,
    settings_options,
    shaped,
    unusable_told,
)
from genservice.cli.running import title_of, with_service
from genservice.consents import hear
from genservice.domain import AGE_BANDS, CHANNELS, Blurb, Length, Tone
from genservice.errors import InvalidInputError
from genservice.policy import with_segment
from genservice.telling import Closing, Replace, Sentence

if TYPE_CHECKING:
    from genservice.api.service import Service
    from genservice.domain import Answer, Notice, Purpose, Title
    from genservice.policy import PolicySet
    from genservice.telling import AnswerStream

_FLAGS = {
    "title_id": "TITLE_ID",
    "consents": "--consent",
    "tcf": "--tcf",
    "gpp": "--gpp",
    "language": "--language",
    "signals": "--signal",
    "segment": "--segment",
    "seed": "--seed",
    "note": "--note",
}
"""Field of a request -> the option that gives it, where the option does not hold to the shape itself."""


@click.command(
    epilog=example(
        "genservice write double-indemnity --channel tile --region GB --age-band age_25_34 \\",
        "  --consent content_profile --consent content_use --signal 'genre_affinity=[\"crime\"]'",
    )
)
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
@consent_string_options
@click.option("--language", default="en", show_default=True, help="BCP 47; the text's.")
@click.option(
    "--signal", "signals", multiple=True, metavar="NAME=JSON", help="A signal; repeat for more."
)
@click.option("--segment", help="A segment of the policy set, whose signals are sent besides.")
@click.option("--note", help="A wish about style; screened, never stored.")
@click.option("--variants", type=click.IntRange(1, 5), default=1, show_default=True)
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True)
@click.option(
    "--stream", is_flag=True, help="Print each sentence of a long text once it may leave."
)
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="Print the whole answer, receipt included; with --stream its events, one a line.",
)
@settings_options
def write(*, purpose: Purpose, stream: bool, as_json: bool, **given: Any) -> None:
    """Write a blurb for TITLE_ID and an audience."""
    asked = _request(given)
    flags = {name: given[name] for name in given.keys() - _OPTIONS}

    async def work(service: Service) -> Answer | None:
        for consent in asked.context.consents:
            if consent not in {known.name for known in service.policies().consents}:
                raise click.BadParameter(f"no such consent: {consent!r}", param_hint="--consent")
        _refuse_segment(service.policies(), asked)
        title = await title_of(service, asked.title_id or "")
        order = _order(asked, title, purpose, vendor=service.tcf_vendor)
        if not stream:
            return await service.blurbs.write(order)
        await _print_events(service.blurbs.stream(order), as_json=as_json)
        return None

    answer = with_service(flags, work)
    if answer is None:
        return
    if as_json:
        click.echo(msgspec.json.encode(answer))
        return
    for blurb in answer.blurbs:
        click.echo(blurb.text)
        _print_source(blurb)
    _print_dropped(answer.notices)


def _refuse_segment(policies: PolicySet, asked: BlurbRequest) -> None:
    try:
        with_segment(policies, asked.audience.segment, asked.audience.signals)
    except InvalidInputError as error:
        told = (f"{problem.detail} ({problem.hint})" for problem in error.problems)
        raise click.BadParameter("; ".join(told), param_hint="--segment") from None


async def _print_events(events: AnswerStream, *, as_json: bool) -> None:
    """Each part of an answer on a line of its own, as soon as it may leave."""
    told = False
    async for event in events:
        if as_json:
            name = "receipt" if isinstance(event, Closing) else type(event).__name__.lower()
            click.echo(msgspec.json.encode({"event": name, "data": event}))
            continue
        match event:
            case Sentence():
                click.echo(event.text)
                told = True
            case Replace():
                click.echo(click.style("  instead of what came:", dim=True), err=True)
                click.echo(event.text)
            case Closing():
                _print_dropped(event.notices)
            case Blurb():
                if not told:
                    click.echo(event.text)
                _print_source(event)
                told = False


def _print_source(blurb: Blurb) -> None:
    why = blurb.angle or (blurb.reason or "for everyone").replace("_", " ")
    click.echo(click.style(f"  {blurb.source}: {why}", dim=True), err=True)


def _print_dropped(notices: tuple[Notice, ...]) -> None:
    for notice in notices:
        if notice.kind.endswith("_consent_string"):
            click.echo(f"  {unusable_told(notice)}", err=True)
        else:
            click.echo(f"  not declared, dropped: {notice.name}", err=True)


_CONTEXT = ("region", "age_band", "consents", "gpc", "language", "tcf", "gpp")
_PLAIN = ("title_id", "channel", "length", "tone", "note", "variants", "seed")
_OPTIONS = frozenset((*_CONTEXT, *_PLAIN, "signals", "segment"))


def _request(given: dict[str, Any]) -> BlurbRequest:
    """What was given, as a request over HTTP would say it, and held to the same limits."""
    signals = dict(_signal(text) for text in given["signals"])
    fields = {
        **{name: given[name] for name in _PLAIN},
        "context": {name: given[name] for name in _CONTEXT},
        "audience": {"signals": signals, "segment": given["segment"]},
    }
    return shaped(fields, BlurbRequest, flags=_FLAGS)


def _order(asked: BlurbRequest, title: Title, purpose: Purpose, *, vendor: int) -> Order:
    return Order(
        title=title,
        options=Options(
            purpose=purpose, channel=asked.channel, length=asked.length, tone=asked.tone
        ),
        region=asked.context.region,
        age_band=asked.context.age_band,
        consents=asked.context.consents,
        gpc=asked.context.gpc,
        heard=hear(asked.context.tcf, asked.context.gpp, vendor=vendor),
        language=asked.context.language,
        signals=asked.audience.signals,
        segment=asked.audience.segment,
        note=asked.note,
        variants=asked.variants,
        seed=asked.seed,
    )


def _signal(text: str) -> tuple[str, Any]:
    name, separator, value = text.partition("=")
    try:
        decoded = msgspec.json.decode(value) if separator else None
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        decoded = None
    if decoded is None:
        # Neither name nor value is shown: who forgets the one gives the other in its place.
        raise click.BadParameter(
            "expected NAME=JSON, as in 'genre_affinity=[\"crime\"]'", param_hint="--signal"
        )
    return name, decoded
