"""Where a text that was cut off can end after all."""

from __future__ import annotations

import re

_ENDED = re.compile(r"(?s).*[.!?…][\"'\u201d\u2019)]*(?=\s|$)")


def whole_sentences(text: str) -> str:
    """`text` up to the end of its last whole sentence; all of it if it has none."""
    ended = _ENDED.match(text)
    return ended.group() if ended else text
