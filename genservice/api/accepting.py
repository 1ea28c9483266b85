"""What a client accepts: an answer as JSON, or the same in events (RFC 9110, 12.5.1)."""

import re

from litestar.exceptions import ClientException

EVENT_STREAM = "text/event-stream"
JSON = "application/json"
HTML = "text/html"
PLAIN_TEXT = "text/plain"
_WEIGHT = re.compile(r"0(\.[0-9]{0,3})?|1(\.0{0,3})?")


class NotAcceptableError(ClientException):
    """A client accepts something, and nothing of it is served."""

    status_code = 406


def wants_events(accept: str) -> bool:
    """Whether events are asked for, by name or as text, and JSON is not liked better.

    Whoever takes anything gets JSON; so does who says only what is not accepted.

    Args:
        accept: The header's value; empty if there is none.

    Raises:
        NotAcceptableError: Neither is accepted, and something else is.
    """
    return _wants(accept, EVENT_STREAM)


def wants_text(accept: str) -> bool:
    """Whether plain text is asked for, and JSON is not liked better; else as `wants_events`.

    Raises:
        NotAcceptableError: Neither is accepted, and something else is.
    """
    return _wants(accept, PLAIN_TEXT)


def wants_html(accept: str) -> bool:
    """Whether a page is asked for, and JSON is not liked better; else as `wants_events`.

    Raises:
        NotAcceptableError: Neither is accepted, and something else is.
    """
    return _wants(accept, HTML)


def _wants(accept: str, kind: str) -> bool:
    weights = _weights(accept)
    asked = _weight_of(weights, kind, "text/*")
    taken = _weight_of(weights, kind, "text/*", "*/*")
    plain = _weight_of(weights, JSON, "application/*", "*/*")
    if not taken and not plain and any(weights.values()):
        raise NotAcceptableError
    return asked > 0 and asked >= plain


def _weight_of(weights: dict[str, float], *ranges: str) -> float:
    """The weight given to the most specific of the ranges that is named."""
    return next((weights[name] for name in ranges if name in weights), 0.0)


def _weights(accept: str) -> dict[str, float]:
    weights: dict[str, float] = {}
    for said in accept.lower().split(","):
        kind, *parameters = (part.strip() for part in said.split(";"))
        if kind:
            weights[kind] = _weight(parameters)
    return weights


def _weight(parameters: list[str]) -> float:
    """The weight among the parameters of a media range; a malformed one refuses."""
    said = [
        value.strip()
        for name, _, value in (p.partition("=") for p in parameters)
        if name.strip() == "q"
    ]
    if not said:
        return 1.0
    return float(said[0]) if _WEIGHT.fullmatch(said[0]) else 0.0
