"""`genservice consent`: what a TC or GPP string says, and what of it counts."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

import click
import msgspec

from genservice.cli.options import example, vendor_option
from genservice.consents import (
    GPPString,
    Heard,
    TCString,
    USPrivacy,
    USSection,
    Vendors,
    decode_gpp,
    decode_tc,
    hear,
    invalid_because,
    opt_outs,
)
from genservice.errors import ConsentStringError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from genservice.consents import Section

_GPP_BEGINS = "D"
"""How every GPP string begins, and no TC string ("Section Information": 3 is D, 2 is C)."""
_PURPOSES = (
    "store and read on the device", "choose advertising from little data", "advertising profile",
    "advertising by profile", "content profile", "content by profile", "measure advertising",
    "measure content", "know audiences", "improve services", "choose content from little data",
)  # fmt: skip
_FEATURES = ("precise location", "identify the device by scanning it")
_KINDS = ("not allowed", "consent required", "legitimate interest required", "undefined")


@click.group(epilog=example("genservice consent show CQSbk4AQSbk4ANwAAAENAwCgAAAAAAAAAAYgACPAAAAA"))
def consent() -> None:
    """Say what IAB TCF and GPP strings say."""


@consent.command(
    epilog=example(
        "genservice consent show DBABLA~BVQVAAAAAgA.YA",
        "genservice consent show --tcf-vendor 99 - < string.txt",
    )
)
@click.argument("string")
@vendor_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
def show(string: str, *, vendor: int, as_json: bool) -> None:
    """Say what STRING says, a TC or a GPP string, and what of it counts; - reads it from standard input.

    Exits with 1 if it is malformed.
    """
    text = sys.stdin.read().strip() if string == "-" else string
    is_gpp = text.startswith(_GPP_BEGINS)
    try:
        decoded = decode_gpp(text) if is_gpp else decode_tc(text)
    except ConsentStringError as error:
        if as_json:
            _print_json({"valid": False, "malformed": {"part": error.part, "detail": error.detail}})
        else:
            click.echo(f"Malformed: {error}.", err=True)
        sys.exit(1)
    sections = decoded.sections if isinstance(decoded, GPPString) else (decoded,)
    heard = hear(None, text, vendor=vendor) if is_gpp else hear(text, None, vendor=vendor)
    if as_json:
        _print_json(
            {
                "valid": not heard.unusable,
                "kind": "gpp" if is_gpp else "tcf",
                "sections": [_shown(section) for section in sections],
                "counts": _counts(heard),
            }
        )
        return
    if isinstance(decoded, GPPString):
        click.echo(f"GPP string: {', '.join(map(str, decoded.ids)) or 'no sections'}")
    for section in sections:
        _print_lines(_lines(section))
    _print_lines([("What counts", ""), *_counted(heard, sections)])


def _print_lines(lines: Iterable[tuple[str, str]]) -> None:
    """A heading and what stands below it, in two columns."""
    heading, *below = lines
    click.echo(": ".join(part for part in heading if part))
    wide = max((len(name) for name, _ in below), default=0)
    for name, value in below:
        click.echo(f"  {name:<{wide}}  {value}")


def _counts(heard: Heard) -> dict[str, Any]:
    """What the string comes to, for programs."""
    usable = not heard.unusable
    return {
        "purposes": heard.purposes if usable else (),
        "special_features": heard.special_features if usable else (),
        "gpc": heard.opted_out,
    }


def _counted(heard: Heard, sections: tuple[Section, ...]) -> Iterator[tuple[str, str]]:
    """What the string comes to, for people."""
    because = [
        reason
        for section in sections
        if isinstance(section, TCString) and (reason := invalid_because(section))
    ]
    if because:
        yield "invalid", "; ".join(because)
    elif heard.purposes is None:
        yield "consents", "says nothing of purposes"
    else:
        yield "consents to", _named(heard.purposes, _PURPOSES)
        yield "opts in to", _named(heard.special_features or (), _FEATURES)
    said = [name for section in sections for name in opt_outs(section)]
    yield "opts out", f"yes: {', '.join(dict.fromkeys(said))}" if said else "no"


def _lines(section: Section) -> Iterator[tuple[str, str]]:
    match section:
        case TCString():
            yield from _tc_lines(section)
        case USSection():
            yield f"Section {section.section}", f"{section.name}, version {section.version}"
            for name, values in section.fields.items():
                yield f"{name}", " ".join(map(str, values))
            if section.gpc is not None:
                yield "Gpc", "yes" if section.gpc else "no"
        case USPrivacy():
            yield "Section 6", "uspv1, version 1"
            for name, value in msgspec.structs.asdict(section).items():
                yield f"{name}", value
        case _:
            yield f"Section {section.section}", "passed over"


def _tc_lines(string: TCString) -> Iterator[tuple[str, str]]:
    yield f"TC string, {string.framework}", f"policy version {string.policy_version}"
    yield "last updated", _day(string.last_updated)
    yield (
        "made by",
        f"CMP {string.cmp}, version {string.cmp_version}, in {string.consent_language}",
    )
    yield "vendor list", str(string.vendor_list_version)
    yield "consents", _named(string.purposes_consent, _PURPOSES)
    yield "special features", _named(string.special_features, _FEATURES)
    yield "interests", f"{_numbers(string.purposes_interest)} (never counted)"
    if string.purpose_one_treatment:
        yield "purpose 1", f"was not disclosed ({string.publisher_country})"
    yield "vendors consent", _spans(string.vendor_consent)
    yield "vendors interest", _spans(string.vendor_interest)
    for restriction in string.restrictions:
        said = f"{_KINDS[restriction.kind]} for vendors {_spans(restriction.vendors)}"
        yield f"purpose {restriction.purpose}", said
    if string.disclosed is not None:
        yield "vendors disclosed", _spans(string.disclosed)
    if string.publisher is not None:
        said = _numbers(string.publisher.purposes_consent)
        yield "publisher's own", f"{said} (not counted)"


def _named(ids: Iterable[int], names: tuple[str, ...]) -> str:
    told = (f"{at} {names[at - 1]}" if at <= len(names) else str(at) for at in ids)
    return ", ".join(told) or "none"


def _numbers(ids: Iterable[int]) -> str:
    return ", ".join(map(str, ids)) or "none"


def _spans(vendors: Vendors) -> str:
    return ", ".join(_words(vendors)) or "none"


def _words(vendors: Vendors) -> list[str]:
    return [str(first) if first == last else f"{first}-{last}" for first, last in vendors.runs()]


def _day(tenths: int) -> str:
    return datetime.fromtimestamp(tenths / 10, UTC).date().isoformat()


def _shown(value: Any) -> Any:
    """A decoded string as JSON: lists of vendors as `5` and `7-9`, times as days."""
    if isinstance(value, Vendors):
        return _words(value)
    if isinstance(value, msgspec.Struct):
        fields = {name: _shown(item) for name, item in msgspec.structs.asdict(value).items()}
        for name in ("created", "last_updated"):
            if name in fields:
                fields[name] = _day(fields[name])
        return fields
    if isinstance(value, tuple):
        return [_shown(item) for item in cast("tuple[Any, ...]", value)]
    return value


def _print_json(value: Any) -> None:
    click.echo(msgspec.json.format(msgspec.json.encode(value)).decode())
