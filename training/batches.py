"""Groups of pairs as tensors: one prompt, read once, and several texts that each go on from it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import torch

from training.tokens import END, PAD

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tokenizers import Tokenizer

    from training.pairs import Group

_POOL = 8
"""Batches drawn at a time, so that groups of one length come together."""
IGNORED = -100


class Row(NamedTuple):
    """One group as numbers."""

    tokens: list[int]
    labels: list[int]
    """What each token is to be followed by; IGNORED where nothing is learned."""
    positions: list[int]
    segments: list[int]
    """0 for the prompt, from 1 for what follows: a text sees the prompt and itself only."""


class Batch(NamedTuple):
    """Rows of a batch, padded."""

    tokens: torch.Tensor
    labels: torch.Tensor
    positions: torch.Tensor
    mask: torch.Tensor
    """True where a token may look; rows x 1 x length x length."""


def row(group: Group, tokenizer: Tokenizer) -> Row:
    """A group as one sequence: the prompt's last token begins every text anew."""
    *prompt, last = tokenizer.encode(group.prompt).ids
    made = Row(list(prompt), [IGNORED] * len(prompt), list(range(len(prompt))), [0] * len(prompt))
    for number, text in enumerate(group.texts, start=1):
        ids = tokenizer.encode(text, add_special_tokens=False).ids
        made.tokens.extend([last, *ids])
        made.labels.extend([*ids, END])
        made.positions.extend(range(len(prompt), len(prompt) + len(ids) + 1))
        made.segments.extend([number] * (len(ids) + 1))
    return made


def batches(rows: Iterable[Row], size: int) -> Iterator[list[Row]]:
    """Rows in lists of `size`, each of rows about as long as each other."""
    pool: list[Row] = []
    for one in rows:
        pool.append(one)
        if len(pool) == size * _POOL:
            pool.sort(key=lambda row: len(row.tokens))
            # Every other length first, so that a pool does not run from short to long.
            starts = [*range(0, len(pool), 2 * size), *range(size, len(pool), 2 * size)]
            for start in starts:
                yield pool[start : start + size]
            pool = []


def padded(rows: Sequence[Row]) -> Batch:
    """A batch of rows."""
    longest = max(len(row.tokens) for row in rows)

    def table(lists: list[list[int]], filler: int) -> torch.Tensor:
        return torch.tensor([[*items, *([filler] * (longest - len(items)))] for items in lists])

    segments = table([row.segments for row in rows], -1)
    same = segments[:, :, None] == segments[:, None, :]
    to_prompt = (segments == 0)[:, None, :]
    earlier = torch.ones(longest, longest, dtype=torch.bool).tril()
    return Batch(
        tokens=table([row.tokens for row in rows], PAD),
        labels=table([row.labels for row in rows], IGNORED),
        positions=table([row.positions for row in rows], 0),
        mask=((same | to_prompt) & earlier)[:, None],
    )
