"""Learning on one device: rows in batches of like length, labels and teachers' words, averaged weights."""

from __future__ import annotations

import copy
import logging
import time
from typing import TYPE_CHECKING, Any, cast

import msgspec
import numpy as np
import torch
from torch.nn.functional import log_softmax, one_hot

from training.tagging.drawing import UNMEASURED, Rows
from training.tagging.examples import LABELS, TAGS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray
    from torch import Tensor
    from transformers import BertForTokenClassification

    Said = NDArray[np.float16]
    """What teachers say of the measured words of rows, in order, words by tags."""

log = logging.getLogger("training.tagging")


class Learning(msgspec.Struct, frozen=True, kw_only=True):
    """How fast, in what portions, and how much weight is given to what teachers say."""

    rate: float = 2.5e-4
    pieces: int = 1_600
    """Word pieces of one step, padding included."""
    warm: float = 0.04
    taught: float = 0.6
    """Share of the teachers' word in what is learned; the rest is the label."""
    averaged: float = 0.998
    """How much of the running average of the weights each step keeps."""
    seed: int = 11


class Batch(msgspec.Struct, frozen=True):
    """Sentences side by side, padded; on a device."""

    given: dict[str, Tensor]
    tags: Tensor
    said: Tensor | None


def groups_of(
    rows: Rows,
    pieces: int,
    *,
    rng: np.random.Generator | None = None,
    leave_out: int | None = None,
) -> list[NDArray[np.int64]]:
    """The indices of sentences of like length, at most `pieces` in a batch with the padding.

    In random order with `rng`, else in order of length; without the sentences of part `leave_out`.
    """
    lengths = np.diff(rows.ends, prepend=0)
    order = np.arange(len(lengths))
    if leave_out is not None:
        order = order[rows.part != leave_out]
    if rng is not None:
        order = rng.permutation(order)
    step = len(order) if rng is None else 6_000
    groups: list[NDArray[np.int64]] = []
    for first in range(0, len(order), max(1, step)):
        some = order[first : first + step]
        some = some[np.argsort(lengths[some], kind="stable")]
        at = 0
        while at < len(some):
            end = at + 1
            while end < len(some) and (end + 1 - at) * lengths[some[end]] <= pieces:
                end += 1
            groups.append(some[at:end])
            at = end
    if rng is not None:
        rng.shuffle(cast("Any", groups))
    return groups


class Table:
    """Rows on a device, from which batches are taken."""

    def __init__(self, rows: Rows, said: Said | None, device: torch.device) -> None:
        def there(array: NDArray[Any]) -> Tensor:
            return torch.from_numpy(array).to(device)

        self._device = device
        self._pieces, self._cases, self._tags = map(there, (rows.pieces, rows.cases, rows.tags))
        self._ends = there(rows.ends)
        self._starts = torch.cat((self._ends.new_zeros(1), self._ends[:-1]))
        self._word = there(np.cumsum(rows.tags != UNMEASURED) - 1)
        self._said = None if said is None else there(said)

    def batch(self, group: NDArray[np.int64]) -> Batch:
        """These sentences."""
        which = torch.from_numpy(group).to(self._device)
        start = self._starts[which][:, None]
        length = self._ends[which][:, None] - start
        reach = torch.arange(int(length.max()), device=self._device)[None, :]
        inside = reach < length
        at = torch.where(inside, start + reach, start)
        tags = torch.where(inside, self._tags[at], UNMEASURED)
        given = {
            "input_ids": torch.where(inside, self._pieces[at], 0).long(),
            "token_type_ids": torch.where(inside, self._cases[at], 0).long(),
            "attention_mask": inside.long(),
        }
        said = None if self._said is None else self._said[self._word[at[tags != UNMEASURED]]]
        return Batch(given, tags.long(), said)


def logits_of(model: BertForTokenClassification, batch: Batch) -> Tensor:
    """What the model makes of the measured words of a batch, words by tags."""
    with torch.autocast(batch.tags.device.type, torch.bfloat16, enabled=batch.tags.is_cuda):
        logits: Tensor = model(**batch.given).logits
    return logits[batch.tags != UNMEASURED].float()


def learn(
    model: BertForTokenClassification,
    passes: Sequence[Path],
    learning: Learning,
    device: torch.device,
    *,
    load: Callable[[Path], tuple[Rows, Said | None]],
    leave_out: int | None = None,
    name: str = "",
) -> BertForTokenClassification:
    """Teach `model` pass by pass; a model with the running average of its weights.

    Args:
        model: Where it starts; ends as the last step left it.
        passes: Files of rows.
        learning: How.
        device: Where.
        load: Reads a file of rows, and what teachers say of them, if they were asked.
        leave_out: A part of the sets that is not shown.
        name: For the log.
    """
    cast("Any", model).to(device)
    averaged = copy.deepcopy(model).eval()
    pairs = list(zip(averaged.parameters(), model.parameters(), strict=True))
    rng = np.random.default_rng(learning.seed)
    torch.manual_seed(learning.seed)
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=learning.rate, weight_decay=0.01, fused=device.type == "cuda"
    )
    done, began = 0, time.monotonic()
    for number, path in enumerate(passes):
        rows, said = load(path)
        table = Table(rows, said, device)
        groups = groups_of(rows, learning.pieces, rng=rng, leave_out=leave_out)
        lost = torch.zeros((), device=device)
        model.train()
        for index, group in enumerate(groups):
            progress = (number + index / len(groups)) / len(passes)
            for each in optimizer.param_groups:
                each["lr"] = learning.rate * min(
                    progress / learning.warm, (1 - progress) / (1 - learning.warm)
                )
            batch = table.batch(group)
            loss = _loss(logits_of(model, batch), batch, learning.taught)
            optimizer.zero_grad()
            cast("Any", loss).backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            done += 1
            _average(pairs, min(learning.averaged, done / (done + 10)))
            lost += loss.detach()
            if done % 100 == 0:
                log.debug("%s: %d of %d steps of this pass", name, index + 1, len(groups))
        log.info(
            "%s pass %d of %d: %d steps, loss %.4f, %.0f s so far",
            name, number + 1, len(passes), done, lost.item() / len(groups), time.monotonic() - began,
        )  # fmt: skip
    return averaged


def _loss(logits: Tensor, batch: Batch, taught: float) -> Tensor:
    wanted = one_hot(batch.tags[batch.tags != UNMEASURED], len(TAGS)).float()
    if batch.said is not None:
        wanted = torch.lerp(wanted, batch.said.float(), taught)
    return -(wanted * log_softmax(logits, -1)).sum(-1).mean()


@torch.no_grad()
def _average(pairs: Sequence[tuple[Tensor, Tensor]], kept: float) -> None:
    held, new = zip(*pairs, strict=True)
    cast("Any", torch)._foreach_lerp_(list(held), list(new), 1 - kept)


@torch.inference_mode()
def said_by(
    teachers: Sequence[BertForTokenClassification], rows: Rows, device: torch.device
) -> Said:
    """What teachers say of every measured word: of a part, the one that never saw it; else all of them.

    Args:
        teachers: Teacher i was taught without part i; one alone answers for all parts.
        rows: Sentences with their parts.
        device: Where.
    """
    table = Table(rows, None, device)
    until = np.r_[0, np.cumsum(rows.tags != UNMEASURED)][rows.ends]
    first = np.r_[0, until[:-1]]
    answer = np.zeros((int(until[-1]), len(TAGS)), np.float16)
    for group in groups_of(rows, 60_000):
        batch = table.batch(group)
        chances = torch.stack([logits_of(each, batch).softmax(-1) for each in teachers])
        counts = (batch.tags != UNMEASURED).sum(1).cpu().numpy()
        part = torch.from_numpy(np.repeat(rows.part[group], counts)).to(device).long()
        chosen = chances[part.clamp(0, len(teachers) - 1), torch.arange(len(part), device=device)]
        mixed = torch.where((part < 0)[:, None], chances.mean(0), chosen)
        offset = np.arange(int(counts.sum())) - np.repeat(np.cumsum(counts) - counts, counts)
        places = np.repeat(first[group], counts) + offset
        answer[places] = mixed.half().cpu().numpy()
    return answer


@torch.inference_mode()
def measured(
    models: Sequence[BertForTokenClassification],
    rows: Rows,
    device: torch.device,
    *,
    at: Sequence[float],
) -> dict[str, object]:
    """Precision, recall and F2 by word and without types, at several thresholds of "is something".

    With them, the recall of each label at the lowest threshold. Several models answer as one.
    """
    table = Table(rows, None, device)
    chances, tags = list[torch.Tensor](), list[torch.Tensor]()
    for model in models:
        model.eval()
    for group in groups_of(rows, 20_000):
        batch = table.batch(group)
        every = torch.stack([logits_of(model, batch).softmax(-1) for model in models]).mean(0)
        chances.append(1 - every[:, 0])
        tags.append(batch.tags[batch.tags != UNMEASURED])
    chance, tag = torch.cat(chances), torch.cat(tags)
    measures: dict[str, object] = {}
    for threshold in at:
        hit = ((chance >= threshold) & (tag > 0)).sum().item()
        precision = hit / max(1, (chance >= threshold).sum().item())
        recall = hit / max(1, (tag > 0).sum().item())
        f2 = 5 * precision * recall / max(1e-9, 4 * precision + recall)
        measures[f"at {threshold}"] = [round(value, 3) for value in (precision, recall, f2)]
    for index, label in enumerate(LABELS):
        mine = (tag == 1 + 2 * index) | (tag == 2 + 2 * index)
        if mine.any():
            measures[label] = round(((chance >= at[-1]) & mine).sum().item() / mine.sum().item(), 3)
    return measures
