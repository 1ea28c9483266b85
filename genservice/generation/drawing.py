"""One text in the making: what may come next, what is drawn, and when it ends.

The same draw as `genservice.generation.sampling` makes for transformers' loop, number for number, for one
row and the few tokens that are lawful: so texts are the same whichever writes them, up to rounding.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import msgspec
import numpy as np
import torch

from genservice.generation.sampling import OPENING, generator

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from genservice.generation.model import Reading
    from genservice.generation.sampling import Pieces, Sampling, WholeWords
    from genservice.generation.slot_spelling import Place, Spelling


class Lawful(Protocol):
    """Which tokens may come next."""

    def tokens(self) -> Sequence[int]:
        """Their ids in rising order; never none before the text has ended."""
        ...

    def go(self, token: int) -> None:
        """The text goes on with this one of them."""
        ...


class ByGrammar:
    """The words after which the text can still become one of a grammar's."""

    def __init__(self, words: WholeWords, reading: Reading) -> None:
        self._words = words
        self._reading = reading

    def tokens(self) -> Sequence[int]:
        """See `Lawful`."""
        return self._words.choices(self._reading)

    def go(self, token: int) -> None:
        """See `Lawful`."""
        word = self._words.word(token)
        after = None if word is None else self._reading.after(word)
        if after is None:
            raise ValueError("a word that was not offered")
        self._reading = after


class BySlots:
    """Whatever spells offered slots only."""

    def __init__(self, pieces: Pieces, spelling: Spelling, place: Place) -> None:
        self._pieces = pieces
        self._spelling = spelling
        self._place = place

    def tokens(self) -> Sequence[int]:
        """See `Lawful`."""
        allowed = self._pieces.allowed(self._spelling, self._place)
        return np.flatnonzero(allowed.numpy()).tolist()

    def go(self, token: int) -> None:
        """See `Lawful`."""
        place = self._spelling.advance(self._place, self._pieces.text(token))
        if place is None:
            raise ValueError("a piece that was not offered")
        self._place = place


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What a request comes to, in tokens."""

    read: list[int]
    """Prompt, and what stands of the text."""
    lawful: Callable[[], Lawful]
    """Where each text begins."""
    sampling: Sampling
    noise: str
    vocabulary: int
    room: int
    ends: frozenset[int]

    def text(self, seed: int) -> Text:
        """The text of a seed, of which nothing is written yet."""
        draw = Draw(self.sampling, seed, self.noise, self.vocabulary)
        return Text(self.lawful(), draw, room=self.room, ends=self.ends)


class Draw:
    """Draws tokens of one text by its seed; see `GumbelMax`."""

    def __init__(self, sampling: Sampling, seed: int, noise: str, vocabulary: int) -> None:
        """Prepare the noise.

        Args:
            sampling: How freely to choose.
            seed: The text's.
            noise: Mixed into the seed: the prompt.
            vocabulary: How many tokens the model weighs: so much noise is used up at every one.
        """
        self._sampling = sampling
        self._generator = generator(seed, noise)
        self._vocabulary = vocabulary
        self._drawn = 0
        self._owed = 0

    def skip(self) -> None:
        """Only one token was lawful: its noise would have changed nothing, and passes unseen."""
        self._drawn += 1
        self._owed += 1

    def choose(self, scores: NDArray[np.float32], tokens: Sequence[int]) -> int:
        """One of these tokens.

        Args:
            scores: The model's, for the whole vocabulary.
            tokens: Those in the draw.
        """
        ids = np.asarray(tokens)
        held = scores[ids]
        sampling = self._sampling
        if sampling.temperature == 0:
            return int(ids[held.argmax()])
        temperature, top_p = sampling.temperature, sampling.top_p
        if sampling.opening is not None and self._drawn < OPENING:
            temperature, top_p = sampling.opening, 1.0
        held = held / np.float32(temperature)
        order = (-held).argsort(kind="stable")
        ids, held = ids[order], held[order]
        weights = np.exp(held - held[0])
        shares = weights / weights.sum()
        # Those before which the likelier ones together have not reached it yet.
        kept = max(1, np.count_nonzero(shares.cumsum() - shares < top_p))
        ids, held = ids[:kept], held[:kept]
        with np.errstate(divide="ignore"):  # noise of exactly 0 is the least there is
            gumbel = -np.log(-np.log(self._noise()[ids]))
        self._drawn += 1
        return int(ids[(held + gumbel).argmax()])

    def _noise(self) -> NDArray[np.float32]:
        rows = torch.rand((self._owed + 1, self._vocabulary), generator=self._generator)
        self._owed = 0
        return rows[-1].numpy()


class Text:
    """One text in the making."""

    def __init__(self, lawful: Lawful, draw: Draw, *, room: int, ends: frozenset[int]) -> None:
        """Nothing stands yet.

        Args:
            lawful: Which tokens may come next.
            draw: What chooses among them.
            room: Most tokens.
            ends: Tokens that end it.
        """
        self.tokens: list[int] = []
        self.done = False
        self._lawful = lawful
        self._draw = draw
        self._room = room
        self._ends = ends
        self._choices = lawful.tokens()

    def go_on(self, scores: NDArray[np.float32]) -> list[int]:
        """Add the next token, and all after it that are the only lawful ones.

        Returns:
            What the model has to read before it can say how the text goes on; nothing once it is done.
        """
        begun = len(self.tokens)
        if len(self._choices) > 1:
            self._add(self._draw.choose(scores, self._choices))
        while not self.done and len(self._choices) == 1:
            self._draw.skip()
            self._add(self._choices[0])
        return [] if self.done else self.tokens[begun:]

    def _add(self, token: int) -> None:
        self.tokens.append(token)
        ended = token in self._ends
        self.done = ended or len(self.tokens) >= self._room
        if not ended:
            self._lawful.go(token)
        if not self.done:
            self._choices = self._lawful.tokens()
