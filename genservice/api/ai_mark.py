"""The AI mark in headers: what wrote a text, for machines that do not read the body.

No standard says how an HTTP answer that a model wrote is marked. Two fields come nearest, and both are sent:

- `Link` with the relation `type` (RFC 8288, RFC 6903) to a term of IPTC's digital source types, the
  vocabulary that C2PA takes its own from;
- `AI-Disclosure`, a dictionary (RFC 9651) as in the Internet-Draft draft-abaris-aicdh-01, which expired
  in August 2026 without a successor.
"""

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

from litestar.datastructures import ResponseHeader

from genservice.api.headers import lines_of
from genservice.domain import TRAINED_ALGORITHMIC_MEDIA, Blurb, DigitalSourceType, WrittenBy
from genservice.telling import Replace, Sentence

SOURCE_TYPES = "http://cv.iptc.org/newscodes/digitalsourcetype/"
"""Where IPTC's digital source types have their addresses."""
_REMEMBERED = 64
"""A service writes with a model or two, and tells of those that wrote what is stored."""

RESPONSE_HEADERS = (
    ResponseHeader(
        name="Link",
        description="The IPTC digital source type of the text, as `rel=type`.",
        documentation_only=True,
    ),
    ResponseHeader(
        name="AI-Disclosure",
        description="`mode=machine-generated` and the model, of a text that a model wrote.",
        documentation_only=True,
    ),
)


def marks_of(told: Blurb | Sentence | Replace) -> Mapping[str, str]:
    """The headers of an answer that tells this first; all texts of one answer are of one source.

    An editor's text has no `AI-Disclosure`: whether its author used a model is not known here, and the
    field's `none` would say that nobody did.
    """
    return _marks(told.digital_source_type, told.model if isinstance(told, Blurb) else None)


def mark_lines(told: Blurb) -> bytes:
    """The same as lines of a head."""
    return _lines(told.digital_source_type, told.model)


@lru_cache(_REMEMBERED)
def _marks(source_type: DigitalSourceType, model: WrittenBy | None) -> Mapping[str, str]:
    marks = {"Link": f'<{SOURCE_TYPES}{source_type}>; rel="type"'}
    if source_type == TRAINED_ALGORITHMIC_MEDIA:
        marks["AI-Disclosure"] = ", ".join(["mode=machine-generated", *_named(model)])
    return MappingProxyType(marks)


@lru_cache(_REMEMBERED)
def _lines(source_type: DigitalSourceType, model: WrittenBy | None) -> bytes:
    marks = _marks(source_type, model)
    return lines_of((name.lower().encode(), value.encode()) for name, value in marks.items())


def _named(model: WrittenBy | None) -> list[str]:
    if model is None:
        return []
    name = f"{model.name} {model.version or ''}".rstrip()
    if not (name.isascii() and name.isprintable()):
        # A string of RFC 9651 holds no other letters; the body names the model.
        return []
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return [f'model="{escaped}"']
