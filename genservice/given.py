"""Answers given before: what is alike in all that shapes an answer is answered with the same bytes again.

An answer is a function of the title's revision, of what was asked, of the context, and of what policy
and the viewer's controls let be seen; its receipt is signed once. What was given once is kept as it
left, and from then on costs no brief, no lookup, no signature and no write: its receipt is on disk.

What is kept under is a keyed digest of all that, under a key of this process: of values there is
nothing to be read here, and what was withheld is not in it, so a hit tells nothing of it. Nothing is
kept of answers to notes or to viewers' own words, of titles outside the catalogue, or of an answer that
is what it is because something failed.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from typing import TYPE_CHECKING, Any, cast

import msgspec

from genservice.cache import Tally
from genservice.domain import Answer, Blurb, Notice, Reason, Released, Source

if TYPE_CHECKING:
    from collections.abc import Sequence

    from genservice.answers import Order, Served
    from genservice.domain import Context, Decision, Receipt

OVERHEAD = 1024
"""Bytes reckoned for one answer beside its own: digest, ids, the first blurb, and what holds them."""

_NO_NOTICES = b"[]}"
_OWN_WORDS = "text"
_encoder = msgspec.json.Encoder()
_packer = msgspec.msgpack.Encoder()
_answers = msgspec.json.Decoder(Answer)


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """One answer, ready to leave."""

    bare: bytes
    """Its JSON without notices, which are each request's own."""
    notices: tuple[Notice, ...] = ()
    receipt: str
    """The receipt's id."""
    signed_by: str
    """The id of the key that signed it."""
    blurbs: tuple[str, ...]
    """Ids of its blurbs."""
    first: Blurb
    source: Source
    reason: Reason | None
    personalised: bool

    @property
    def body(self) -> bytes:
        """The whole answer, as JSON."""
        if not self.notices:
            return self.bare
        return b"%b%b}" % (self.bare.removesuffix(_NO_NOTICES), _encoder.encode(self.notices))

    @property
    def answer(self) -> Answer:
        """The whole answer."""
        answer = _answers.decode(self.body)
        statement = answer.receipt.statement
        # JSON knows no tuples, and of what type a value is depends on its level.
        used = tuple(
            msgspec.structs.replace(item, value=tuple(cast("list[str]", item.value)))
            if isinstance(item.value, list)
            else item
            for item in statement.used
        )
        statement = msgspec.structs.replace(statement, used=used)
        receipt = msgspec.structs.replace(answer.receipt, statement=statement)
        return msgspec.structs.replace(answer, receipt=receipt)


def given(served: Served, blurbs: tuple[Blurb, ...], receipt: Receipt) -> Given:
    """The answer that tells these texts, without notices."""
    return Given(
        bare=_encoder.encode(Answer(blurbs=blurbs, receipt=receipt, notices=())),
        receipt=receipt.id,
        signed_by=receipt.signature.key,
        blurbs=tuple(blurb.id for blurb in blurbs),
        first=blurbs[0],
        source=served.source,
        reason=served.reason,
        personalised=bool(served.angle),
    )


def is_keepable(order: Order, released: Sequence[Released]) -> bool:
    """Whether an answer may be kept at all: nobody's own words are in it, and its title is the catalogue's."""
    return (
        order.stored and order.note is None and all(item.level != _OWN_WORDS for item in released)
    )


class GivenAnswers:
    """Answers of one process by what shaped them; the least recently asked for go first.

    Args:
        most_bytes: Of all of them together; 0 keeps none.
        secret: Keys the digests; at most 64 bytes.
    """

    name = "answers"

    def __init__(self, *, most_bytes: int, secret: bytes) -> None:
        self._most = most_bytes
        self._secret = secret
        self._held: OrderedDict[bytes, Given] = OrderedDict()
        self._tally = Tally()
        self._bytes = 0

    @property
    def tally(self) -> Tally:
        """What became of lookups."""
        self._tally.bytes = self._bytes
        return self._tally

    def key(
        self,
        order: Order,
        released: Sequence[Released],
        context: Context,
        decisions: Sequence[Decision] | None,
        **else_shaped: Any,
    ) -> bytes | None:
        """What an answer is kept under; None where none may be.

        Args:
            order: What is asked for, by nobody in particular.
            released: What of the signals may be seen.
            context: The context that decided.
            decisions: Those that do not follow from context and policy alone; None where all do.
            else_shaped: Whatever else the answer depends on.
        """
        if not self._most or not is_keepable(order, released):
            return None
        title = order.title
        shaped = (
            title.id,
            title.revision,
            order.options,
            order.seed,
            order.variants,
            order.language,
            context,
            decisions,
            released,
            else_shaped,
        )
        return hashlib.blake2b(_packer.encode(shaped), digest_size=16, key=self._secret).digest()

    def get(self, key: bytes) -> Given | None:
        """The answer kept under `key`; the lookup counts."""
        held = self.find(key)
        if held is None:
            self._tally.misses += 1
        else:
            self._tally.hits += 1
        return held

    def find(self, key: bytes) -> Given | None:
        """The answer kept under `key`, for somebody who may not give it: nothing is counted."""
        held = self._held.get(key)
        if held is not None:
            self._held.move_to_end(key)
        return held

    def put(self, key: bytes, answer: Given) -> None:
        """Keep an answer whose receipt is on disk, in place of those that were not asked for the longest."""
        self.drop(key)
        size = len(answer.bare) + OVERHEAD
        if size > self._most:
            return
        while self._bytes + size > self._most:
            self.drop(next(iter(self._held)))
        self._held[key] = answer
        self._bytes += size

    def drop(self, key: bytes) -> None:
        """Keep it no longer."""
        if (held := self._held.pop(key, None)) is not None:
            self._bytes -= len(held.bare) + OVERHEAD
