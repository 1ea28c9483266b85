"""Choosing the next token: seeded row by row, and only what spells offered slots.

Sampling is Gumbel-max: the largest of `logits / temperature + g`, where every g is drawn from the
standard Gumbel distribution, is a sample of the softmax (E. J. Gumbel, Statistical Theory of Extreme
Values, 1954; C. J. Maddison, D. Tarlow, T. Minka, A* Sampling, NeurIPS 2014). A row's noise comes
from a generator of its own, so a text depends on its seed and prompt, never on the rows beside it
nor on torch's global generator. Only logits may differ in their last digits with the batch size,
which can tip the balance between two tokens that are equal up to rounding.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, cast

import msgspec
import torch
from transformers.generation.logits_process import LogitsProcessor
from transformers.generation.stopping_criteria import StoppingCriteria
from transformers.generation.streamers import BaseStreamer

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Sequence

    from genservice.generation.model import Reading
    from genservice.generation.slot_spelling import Place, Spelling
    from genservice.generation.watermark import Row

_SLOT_PIECE = re.compile(r"[A-Z0-9_]+")
_FORBIDDEN = float("-inf")
_FIRST = 512
"""Tokens looked at first: sorting a vocabulary of 150,000 would take longer than a small model."""


OPENING = 3
"""Tokens that make the beginning of a text."""


class Sampling(msgspec.Struct, frozen=True, kw_only=True):
    """How freely to choose."""

    temperature: float = 0.8
    """0 always takes the likeliest token, whatever the seed."""
    top_p: float = 0.95
    """Only the likeliest tokens that together reach this probability are in the draw."""
    opening: float | None = None
    """Temperature of the first few tokens, with all of them in the draw, so that texts written for one
    prompt begin differently; only for models held to a grammar, in which whatever begins a text is fit to."""


class GumbelMax(LogitsProcessor):
    """Scores whose largest is a sample; with greedy decoding the whole of sampling."""

    def __init__(
        self,
        sampling: Sampling,
        seeds: Sequence[int],
        prompt: str,
        marked: Sequence[Row] = (),
    ) -> None:
        """Prepare one row per seed.

        Args:
            sampling: How freely to choose.
            seeds: One per row of the batch.
            prompt: Mixed into the seeds: a catalogue where every title is written with seed 0 would
                otherwise get the same choice of words wherever two models' minds are alike.
            marked: The watermark of each row; none, and nothing is watermarked.
        """
        self._sampling = sampling
        self._marked = marked
        self._drawn = 0
        self._generators = [generator(seed, prompt) for seed in seeds]

    def __call__(self, input_ids: torch.LongTensor, scores: torch.Tensor) -> torch.Tensor:
        """Scores with improbable tokens forbidden and the noise added."""
        if self._sampling.temperature == 0:
            return scores
        temperature, top_p = self._sampling.temperature, self._sampling.top_p
        if self._sampling.opening is not None and self._drawn < OPENING:
            temperature, top_p = self._sampling.opening, 1.0
        likely, tokens = _likeliest(scores.float() / temperature, top_p)
        if self._marked:
            likely = self._played(input_ids, likely, tokens)
        self._drawn += 1
        # Drawn on the CPU whatever the device, so that a seed means the same everywhere; and for
        # every token, so that one that falls out of the draw moves no other's noise.
        draws = [torch.rand(scores.shape[-1], generator=rng) for rng in self._generators]
        uniform = torch.stack(draws).to(scores.device).gather(-1, tokens)
        sampled = torch.full_like(scores, _FORBIDDEN, dtype=torch.float32)
        return sampled.scatter_(-1, tokens, likely - uniform.log().neg().log())

    def _played(
        self, input_ids: torch.Tensor, likely: torch.Tensor, tokens: torch.Tensor
    ) -> torch.Tensor:
        """The draw after each row's tournament; a row that has ended plays on unheard."""
        if self._drawn:
            last = cast("list[int]", input_ids[:, -1].tolist())
            for row, token in zip(self._marked, last, strict=True):
                row.chosen(token)
        rows = zip(self._marked, likely, tokens, strict=True)
        return torch.stack([row.tournament(scores, ids) for row, scores, ids in rows])


class Pieces:
    """What every token of a vocabulary spells, arranged for asking which may come next."""

    def __init__(self, texts: Sequence[str | None], ends: frozenset[int]) -> None:
        """Arrange them.

        Args:
            texts: By token id, what it adds to a text; None for tokens that may never be written.
            ends: Ids that end a text.
        """
        self._texts = texts
        self._ends = sorted(ends)
        self._free = torch.tensor([bool(text) and not _bracketed(text) for text in texts])
        self._free[self._ends] = False
        self._bracketed = [(i, text) for i, text in enumerate(texts) if text and _bracketed(text)]
        self._inner: dict[str, list[int]] = {}
        for i, text in enumerate(texts):
            if text and _SLOT_PIECE.fullmatch(text):
                self._inner.setdefault(text, []).append(i)

    def text(self, token: int) -> str:
        """What a token spells."""
        return self._texts[token] or ""

    def ends(self, token: int) -> bool:
        """Whether it ends a text."""
        return token in self._ends

    def allowed(self, spelling: Spelling, place: Place) -> torch.Tensor:
        """Which tokens may come next, as booleans by token id; never none."""
        if place.name is None:
            allowed = self._free.clone()
            allowed[self._ends] = place.complete
        else:
            allowed = torch.zeros_like(self._free)
            for ending in spelling.endings(place):
                for length in range(1, len(ending)):
                    allowed[self._inner.get(ending[:length], [])] = True
        for token, text in self._bracketed:
            if spelling.advance(place, text) is not None:
                allowed[token] = True
        if not bool(allowed.any()):
            # A vocabulary without the letters of a name: end here, and let the checks refuse it.
            allowed[self._ends] = True
        return allowed


class SlotMask(LogitsProcessor):
    """Forbids every token after which the text could no longer be one of offered slots only."""

    def __init__(
        self, pieces: Pieces, spelling: Spelling, rows: int, start: Place | None = None
    ) -> None:
        self._pieces = pieces
        self._spelling = spelling
        self._places: list[Place | None] = [start or spelling.start] * rows
        self._begun = False
        self._known: dict[Place, torch.Tensor] = {}

    def __call__(self, input_ids: torch.LongTensor, scores: torch.Tensor) -> torch.Tensor:
        """Scores with what would spell anything else set to minus infinity."""
        if self._begun:
            last: list[int] = input_ids[:, -1].tolist()  # pyright: ignore[reportUnknownVariableType]
            self._places = [
                self._after(place, token) for place, token in zip(self._places, last, strict=True)
            ]
        masks = torch.stack([self._mask(place, scores.shape[-1]) for place in self._places])
        self._begun = True
        return scores.masked_fill(~masks.to(scores.device), _FORBIDDEN)

    def _after(self, place: Place | None, token: int) -> Place | None:
        """None once the text has ended: what follows is padding."""
        if place is None or self._pieces.ends(token):
            return None
        return self._spelling.advance(place, self._pieces.text(token))

    def _mask(self, place: Place | None, size: int) -> torch.Tensor:
        if place is None:
            return torch.ones(size, dtype=torch.bool)
        if place not in self._known:
            allowed = self._pieces.allowed(self._spelling, place)
            # Models pad their vocabulary: ids beyond the tokenizer's spell nothing.
            self._known[place] = torch.nn.functional.pad(allowed, (0, size - len(allowed)))
        return self._known[place]


class GrammarMask(LogitsProcessor):
    """Forbids every word after which the text could no longer be one of a grammar's."""

    def __init__(self, words: WholeWords, reading: Reading, rows: int) -> None:
        self._words = words
        self._readings: list[Reading | None] = [reading] * rows
        self._begun = False

    def __call__(self, input_ids: torch.LongTensor, scores: torch.Tensor) -> torch.Tensor:
        """Scores with every other word set to minus infinity."""
        if self._begun:
            last: list[int] = input_ids[:, -1].tolist()  # pyright: ignore[reportUnknownVariableType]
            self._readings = [
                self._after(reading, token)
                for reading, token in zip(self._readings, last, strict=True)
            ]
        self._begun = True
        # Rows that stand at the same place share its mask, as all do at the beginning.
        known: dict[int, torch.Tensor] = {}
        for reading in self._readings:
            if id(reading) not in known:
                known[id(reading)] = self._words.mask(reading, scores.shape[-1])
        masks = torch.stack([known[id(reading)] for reading in self._readings])
        return scores.masked_fill(~masks.to(scores.device), _FORBIDDEN)

    def _after(self, reading: Reading | None, token: int) -> Reading | None:
        """None once the text has ended: what follows is padding."""
        word = self._words.word(token)
        return None if reading is None or word is None else reading.after(word)


class WholeWords:
    """A vocabulary in which every token is a word, a slot or a mark."""

    def __init__(self, texts: Sequence[str | None], ends: frozenset[int]) -> None:
        """Arrange it; see `Pieces`."""
        self._texts = [text.strip() if text else None for text in texts]
        self._ends = sorted(ends)
        self._tokens = {text: i for i, text in enumerate(self._texts) if text}
        self.known = frozenset(self._tokens)

    def word(self, token: int) -> str | None:
        """The word that a token is; None for one that ends a text or spells nothing."""
        return self._texts[token] if token < len(self._texts) else None

    def after(self, reading: Reading, tokens: Sequence[int]) -> Reading | None:
        """The reading with these words more; None if no lawful text goes on so."""
        for token in tokens:
            word = self.word(token)
            following = None if word is None else reading.after(word)
            if following is None:
                return None
            reading = following
        return reading

    def mask(self, reading: Reading | None, size: int) -> torch.Tensor:
        """Which tokens may come next, as booleans by token id; any, where the text has ended."""
        if reading is None:
            return torch.ones(size, dtype=torch.bool)
        mask = torch.zeros(size, dtype=torch.bool)
        mask[self.choices(reading)] = True
        return mask

    def choices(self, reading: Reading) -> list[int]:
        """Which tokens may come next, in rising order; those that end a text where nothing else may."""
        allowed = [self._tokens[word] for word in reading.words() if word in self._tokens]
        if not allowed or reading.may_end():
            allowed += self._ends
        return sorted(allowed)


class Listener(BaseStreamer):
    """Hears a text while it is written, without the prompt that comes first."""

    def __init__(self, hear: Callable[[Sequence[int]], None]) -> None:
        self._hear = hear
        self._tokens: list[int] | None = None

    def put(self, value: torch.Tensor) -> None:
        """Hear what the text has come to."""
        if self._tokens is None:
            self._tokens = []
            return
        self._tokens += value.tolist()
        self._hear(self._tokens)

    def end(self) -> None:
        """No more will come."""


class Abandoned(StoppingCriteria):
    """Ends a batch at the next step once nobody waits for it any more."""

    def __init__(self, abandoned: threading.Event) -> None:
        self._abandoned = abandoned

    def __call__(
        self, input_ids: torch.LongTensor, scores: tuple[torch.Tensor] | None, **_: object
    ) -> torch.BoolTensor:
        """All rows done, or none."""
        done = torch.full((input_ids.shape[0],), self._abandoned.is_set(), device=input_ids.device)
        return cast("torch.BoolTensor", done)


def generator(seed: int, prompt: str) -> torch.Generator:
    """Where the noise of one text comes from."""
    # The digest also spreads seeds: torch reads no more than 32 bits of one.
    digest = hashlib.sha256(f"{seed}\n{prompt}".encode()).digest()
    return torch.Generator().manual_seed(int.from_bytes(digest[:4]))


def _likeliest(scores: torch.Tensor, top_p: float) -> tuple[torch.Tensor, torch.Tensor]:
    """Scores in falling order, those beyond `top_p` forbidden, and the tokens they belong to."""
    size = scores.shape[-1]
    whole = scores.logsumexp(dim=-1, keepdim=True)
    count = min(_FIRST, size)
    while True:
        ordered, tokens = scores.topk(count, dim=-1)
        probabilities = (ordered - whole).exp()
        reached = probabilities.cumsum(dim=-1)
        if count == size or bool((reached[:, -1] >= top_p).all()):
            return ordered.masked_fill(reached - probabilities >= top_p, _FORBIDDEN), tokens
        count = min(count * 16, size)


def _bracketed(text: str) -> bool:
    return "[" in text or "]" in text
