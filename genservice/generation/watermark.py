"""A watermark in the choice of words: SynthID-Text, as transformers implements it.

At every token a tournament among the likely ones prefers those that a secret calls lucky in the place where
they stand, and over many texts every token keeps its probability. Whoever knows the secret counts the lucky
tokens of a text afterwards: chance makes half of them. (S. Dathathri et al., Scalable watermarking for
identifying large language model outputs, Nature 634, 2024.)

It costs nothing to read and says nothing to whoever lacks the secret. It is weak where there was little to
choose: in short texts, and where one word was all but certain. And it wears off as a text is reworded.
"""

from __future__ import annotations

import hashlib
import math
from typing import TYPE_CHECKING, Any, cast

import msgspec
import torch
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from transformers.generation.logits_process import SynthIDTextWatermarkLogitsProcessor

if TYPE_CHECKING:
    from collections.abc import Sequence

NGRAM = 5
"""A token counts as lucky by itself and the four before it."""
DEPTH = 30
"""Rounds of the tournament, each with a luck of its own; the number of the paper."""
_TABLE = 2**16
_CONTEXT = NGRAM - 1
_FORBIDDEN = float("-inf")


class Watermark:
    """One secret's watermark. Holds no state of a text, so any number may be written with it."""

    def __init__(self, secret: bytes) -> None:
        """Derive everything from a secret of 32 bytes or more."""
        keys = HKDF(SHA256(), 8 * DEPTH, salt=None, info=b"genservice watermark").derive(secret)
        # Below 2**31, so that no arithmetic of theirs depends on how a platform overflows.
        numbers = [int.from_bytes(keys[i : i + 4]) >> 1 for i in range(0, 8 * DEPTH, 8)]
        self._synthid = SynthIDTextWatermarkLogitsProcessor(
            ngram_len=NGRAM,
            keys=numbers,
            sampling_table_size=_TABLE,
            sampling_table_seed=int.from_bytes(keys[4:7]),
            # Which contexts a text had is kept by the row, exactly, and not by hash.
            context_history_size=1,
            device=torch.device("cpu"),
        )
        self.id = f"w-{hashlib.sha256(keys).hexdigest()[:8]}"

    def row(self, begun: Sequence[int] = ()) -> Row:
        """What watermarks one text that stands as `begun` already."""
        return Row(self._synthid, begun)

    def luck(self, tokens: Sequence[int]) -> list[list[bool]]:
        """How every token that counts fared in each round; those after a repeated context do not count."""
        if len(tokens) < NGRAM:
            return []
        ids = torch.tensor([tokens], dtype=torch.long)
        values = self._synthid.compute_g_values(cast("torch.LongTensor", ids))
        lucky = cast("list[list[int]]", values[0].tolist())
        seen: set[tuple[int, ...]] = set()
        counted: list[list[bool]] = []
        for position, rounds in enumerate(lucky):
            context = tuple(tokens[position : position + _CONTEXT])
            if context not in seen:
                seen.add(context)
                counted.append([bool(luck) for luck in rounds])
        return counted


class Row:
    """The watermark of one text in the making."""

    def __init__(
        self, synthid: SynthIDTextWatermarkLogitsProcessor, begun: Sequence[int] = ()
    ) -> None:
        self._synthid = synthid
        self._tokens = list(begun)
        self._seen = {
            tuple(self._tokens[end - _CONTEXT : end]) for end in range(_CONTEXT, len(self._tokens))
        }

    def tournament(self, scores: torch.Tensor, tokens: torch.Tensor) -> torch.Tensor:
        """Log probabilities of the tokens in the draw after the tournament.

        Args:
            scores: Log probabilities up to a constant, shape (tokens,); minus infinity is out of the draw.
            tokens: Their ids, in the same order.
        """
        context = tuple(self._tokens[-_CONTEXT:])
        if len(context) < _CONTEXT or context in self._seen:
            return scores
        self._seen.add(context)
        draw = scores > _FORBIDDEN
        ids = tokens[draw].cpu()
        before = torch.tensor(context, dtype=torch.long).expand(len(ids), _CONTEXT)
        ngrams = torch.cat([before, ids[:, None]], dim=1)[None]
        numbers = self._synthid.compute_ngram_keys(cast("torch.LongTensor", ngrams))
        luck = self._synthid.sample_g_values(numbers)
        played = self._synthid.update_scores(scores[draw].cpu()[None], luck)[0]
        after = torch.full_like(scores, _FORBIDDEN)
        after[draw] = played.to(scores.device)
        return after

    def chosen(self, token: int) -> None:
        """Hear which token the text went on with."""
        self._tokens.append(token)


class Detection(msgspec.Struct, frozen=True, kw_only=True):
    """What a text shows of a watermark."""

    tokens: int
    """Tokens that counted."""
    score: float | None
    """Weighted share of lucky rounds: 0.5 by chance; None where no token counted."""
    p_value: float
    """How often a text without the watermark scores as high."""
    watermark: str | None = None
    """The id of the watermark that was looked for."""


class Detector:
    """Finds the watermarks of some secrets in texts that a model's tokenizer reads."""

    def __init__(self, watermarks: Sequence[Watermark], tokenizer: Any) -> None:
        self._watermarks = watermarks
        self._tokenizer = tokenizer

    def detect(self, text: str) -> Detection:
        """What a text shows of the one it shows most of."""
        tokens = self._tokenizer(text, add_special_tokens=False)["input_ids"]
        found = [
            msgspec.structs.replace(judged(watermark.luck(tokens)), watermark=watermark.id)
            for watermark in self._watermarks
        ]
        best = min(found, key=lambda detection: detection.p_value)
        # As many secrets, as many chances to err (Bonferroni).
        return msgspec.structs.replace(best, p_value=min(1.0, best.p_value * len(found)))


def judged(luck: Sequence[Sequence[bool]]) -> Detection:
    """How likely chance alone makes tokens as lucky as these.

    The score is the paper's weighted mean: early rounds decide more, so they weigh more, from 10 down
    to 1. By chance every round is a fair coin, so its mean is 0.5 and its variance known, and the sum of
    many is normal. No detector was trained, and none is needed to say how often it errs on other texts.
    """
    if not luck:
        return Detection(tokens=0, score=None, p_value=1.0)
    weights = [10 - 9 * i / (DEPTH - 1) for i in range(DEPTH)]
    whole = sum(weights)
    score = sum(
        weight * lucky for rounds in luck for weight, lucky in zip(weights, rounds, strict=True)
    ) / (whole * len(luck))
    deviation = math.sqrt(sum(weight**2 for weight in weights) / 4 / len(luck)) / whole
    p_value = math.erfc((score - 0.5) / deviation / math.sqrt(2)) / 2
    return Detection(tokens=len(luck), score=score, p_value=p_value)
