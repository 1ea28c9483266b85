"""What stands already and may be served in the place of a text that cannot be written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from genservice.briefing import tone_for
from genservice.checking import implies
from genservice.domain import TitleRef, limit_of

if TYPE_CHECKING:
    from genservice.answers import Order
    from genservice.inference import Inferences
    from genservice.parts import Texts
    from genservice.store import Entry


async def twin_held(texts: Texts, order: Order, inferences: Inferences) -> Entry | None:
    """A twin that was stored for the place asked for, and keeps the inference rules of today.

    Raises:
        UnavailableError: The store does not answer.
    """
    if not order.stored:
        return None
    title, options = order.title, order.options
    held = await texts.twin(
        TitleRef(id=title.id, revision=title.revision),
        purpose=options.purpose,
        channel=options.channel,
        length=options.length,
        language=title.language,
        tone=tone_for(title, options.tone),
    )
    return None if held is None or _breaks(held, inferences) else held


async def other_held(texts: Texts, order: Order, inferences: Inferences) -> Entry | None:
    """A neutral text that was stored for another place, has room here, and keeps those rules.

    Raises:
        UnavailableError: The store does not answer.
    """
    if not order.stored:
        return None
    title, options = order.title, order.options
    held = await texts.fitting(
        TitleRef(id=title.id, revision=title.revision),
        purpose=options.purpose,
        language=title.language,
        limit=limit_of(options.channel, options.length),
        tone=tone_for(title, options.tone),
    )
    return None if held is None or _breaks(held, inferences) else held


def _breaks(text: Entry, inferences: Inferences) -> bool:
    """Whether a stored text breaks rules that may be younger than it."""
    return implies(text.written.text, text.written.spans, inferences)
