"""What is told of an answer while it is made: sentences, blurbs, and the receipt at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from genservice.domain import (
    TRAINED_ALGORITHMIC_MEDIA,
    Blurb,
    DigitalSourceType,
    Notice,
    Receipt,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class Sentence(msgspec.Struct, frozen=True, kw_only=True):
    """A sentence that has passed every check behind those before it."""

    index: int
    """Its place in the blurb."""
    text: str
    digital_source_type: DigitalSourceType = TRAINED_ALGORITHMIC_MEDIA
    """As the blurb will have it: what leaves is marked when it leaves."""


class Replace(msgspec.Struct, frozen=True, kw_only=True):
    """The text that stands in place of the sentences that came: drop those."""

    index: int
    """The first of them."""
    text: str
    digital_source_type: DigitalSourceType = TRAINED_ALGORITHMIC_MEDIA


class Closing(msgspec.Struct, frozen=True, kw_only=True):
    """The end of an answer."""

    receipt: Receipt
    notices: tuple[Notice, ...]


Event = Sentence | Replace | Blurb | Closing


class Telling:
    """Tells whoever listens, in an order that holds for any answer.

    Per blurb its sentences, if it is told in sentences; one `Replace`, if those that were told are not
    the blurb's; the blurb itself.
    """

    def __init__(self, hear: Callable[[Event], None] | None = None) -> None:
        """Nothing is told yet.

        Args:
            hear: Takes the events. Without it nobody listens, and nothing has been told ever.
        """
        self._hear = hear
        self._said: list[str] = []
        self._blurbs = 0
        self._begun = False

    @property
    def begun(self) -> bool:
        """Whether anything was told: what was cannot be taken back."""
        return self._begun

    @property
    def blurbs(self) -> int:
        """How many blurbs were told."""
        return self._blurbs

    def line(self) -> Callable[[str], None]:
        """What takes the sentences of one text as they are released.

        Once a blurb has sentences those of another text are not told beside them: that text can only
        replace them as a whole.
        """
        return self._sentence if self._hear and not self._said else lambda _: None

    def blurb(self, blurb: Blurb, sentences: Sequence[str] = ()) -> None:
        """The blurb that is told now stands.

        Args:
            blurb: As it is answered.
            sentences: Its text in sentences, if it is to be told so and was not yet.
        """
        if not self._said:
            for sentence in sentences:
                self._sentence(sentence, blurb.digital_source_type)
        elif " ".join(self._said) != blurb.text:
            source = blurb.digital_source_type
            self._tell(Replace(index=0, text=blurb.text, digital_source_type=source))
        self._said.clear()
        self._blurbs += 1
        self._tell(blurb)

    def close(self, receipt: Receipt, notices: tuple[Notice, ...]) -> None:
        """The answer is complete."""
        self._tell(Closing(receipt=receipt, notices=notices))

    def _sentence(self, text: str, source: DigitalSourceType = TRAINED_ALGORITHMIC_MEDIA) -> None:
        self._said.append(text)
        index = len(self._said) - 1
        self._tell(Sentence(index=index, text=text, digital_source_type=source))

    def _tell(self, event: Event) -> None:
        if self._hear is not None:
            self._begun = True
            self._hear(event)
