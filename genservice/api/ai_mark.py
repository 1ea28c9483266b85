"""The AI mark in headers: what wrote a text, for machines that do not read the body.

No standard says how an HTTP answer that a model wrote is marked. Two fields come nearest, and both are sent:

- `Link` with the relation `type` (RFC 8288, RFC 6903) to a term of IPTC's digital source types, the
  vocabulary that C2PA takes its own from;
- `AI-Disclosure`, a dictionary (RFC 9651) as in the Internet-Draft draft-abaris-aicdh-01, which expired
  in August 2026 without a successor.
"""

from collections.abc import Mapping

from litestar.datastructures import ResponseHeader

from genservice.domain import TRAINED_ALGORITHMIC_MEDIA, Blurb
from genservice.telling import Replace, Sentence

SOURCE_TYPES = "http://cv.iptc.org/newscodes/digitalsourcetype/"
"""Where IPTC's digital source types have their addresses."""

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
    marks = {"Link": f'<{SOURCE_TYPES}{told.digital_source_type}>; rel="type"'}
    if told.digital_source_type == TRAINED_ALGORITHMIC_MEDIA:
        marks["AI-Disclosure"] = ", ".join(["mode=machine-generated", *_model(told)])
    return marks


def _model(told: Blurb | Sentence | Replace) -> list[str]:
    if not isinstance(told, Blurb) or told.model is None:
        return []
    name = f"{told.model.name} {told.model.version or ''}".rstrip()
    if not (name.isascii() and name.isprintable()):
        # A string of RFC 9651 holds no other letters; the body names the model.
        return []
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return [f'model="{escaped}"']
