"""Train the embedded model from nothing: `python -m training.train --help`.

The same seed and steps give the same pairs in the same order; weights differ between machines only
as far as their arithmetic does. A run cut short by `--minutes` still ends on a small learning rate.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
from functools import cache
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import torch
from torch.utils.data import DataLoader, IterableDataset

from genservice.catalog.vocabulary import load_vocabulary
from genservice.checking.phrases import load_phrases
from genservice.composition import frames
from genservice.generation.placement import this_machine
from genservice.shipped import shipped
from training import tokens
from training.batches import IGNORED, Batch, batches, padded, row
from training.model import begin_with, save, untrained
from training.pairs import groups
from training.written import TEXTS, learned

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tokenizers import Tokenizer
    from transformers import LlamaForCausalLM

    from genservice.checking.phrases import Phrases
    from genservice.domain import Vocabulary
    from training.written import Joins

FOLDER = Path("genservice/generation/embedded")
RUNS = Path("training/runs")
HELD_OUT_SEED = 1_000_003
_WARM_UP = 0.02
_CHECKPOINT_SECONDS = 180
_REPORT_SECONDS = 20


class Recipe(NamedTuple):
    """What a run is made of."""

    seed: int
    steps: int
    minutes: float
    """The run ends after so many at the latest."""
    rows: int
    """Groups to a batch."""
    answers: int
    """Texts to a prompt."""
    rate: float
    start: Path | None = None
    """A folder of weights, the shipped ones for example, that the run begins with."""


class Material(NamedTuple):
    """What texts are drawn from, read once: a run outlives edits of the files."""

    phrases: Phrases
    vocabulary: Vocabulary
    joins: Joins


def material() -> Material:
    """That of the repository.

    Raises:
        DocumentError: A file has a wrong shape.
        PhraseError: The house phrases do not make some of the texts written by hand.
    """
    phrases = load_phrases(shipped("prompts") / "phrases.yaml")
    joins = learned(TEXTS, frames(phrases.phrases))
    return Material(phrases, load_vocabulary(shipped("catalogue")), joins)


class Stream(IterableDataset[Batch]):
    """Batches without end, made beside the training."""

    def __init__(self, source: Material, recipe: Recipe, seed: int) -> None:
        super().__init__()
        self._parts = (source, recipe, seed)

    def __iter__(self) -> Iterator[Batch]:
        source, recipe, seed = self._parts
        tokenizer = tokens.build(source.phrases, source.vocabulary)
        drawn = groups(*source, seed, answers=recipe.answers)
        for rows in batches((row(group, tokenizer) for group in drawn), recipe.rows):
            yield padded(rows)


def loss_of(model: LlamaForCausalLM, batch: Batch) -> torch.Tensor:
    """Mean cross-entropy of the texts' tokens; prompts are read, not learned."""
    with torch.autocast("cpu", torch.bfloat16, enabled=_has_bfloat16()):
        hidden = model.model(
            input_ids=batch.tokens, attention_mask=batch.mask, position_ids=batch.positions
        ).last_hidden_state
        learned = batch.labels != IGNORED
        logits = model.lm_head(hidden[learned])
    return torch.nn.functional.cross_entropy(logits.float(), batch.labels[learned])


@cache
def _has_bfloat16() -> bool:
    """Whether the processor reckons in bfloat16; one that has to imitate it takes four times as long."""
    return this_machine().cpu_bfloat16


def train(
    recipe: Recipe, source: Material, run: Path, *, threads: int
) -> tuple[LlamaForCausalLM, Tokenizer]:
    """A trained model; goes on from the run's last checkpoint if there is one."""
    torch.set_num_threads(threads)
    torch.manual_seed(recipe.seed)
    tokenizer = tokens.build(source.phrases, source.vocabulary)
    model = untrained(tokenizer)
    optimizer = _optimizer(model, recipe.rate)
    if recipe.start is not None:
        known = begin_with(model, tokenizer, recipe.start)
        _say(f"{recipe.start} knows {known} of {tokenizer.get_vocab_size()} words")
    first, spent = _resume(run / "last.pt", model, optimizer)
    stream = Stream(source, recipe, recipe.seed + first)
    clock = _Clock(recipe, spent)
    loader = DataLoader(stream, batch_size=None, num_workers=1, prefetch_factor=16)
    step = first
    for step, batch in enumerate(loader, start=first):
        done = clock.done(step)
        if done >= 1:
            break
        for group in optimizer.param_groups:
            group["lr"] = recipe.rate * _share(done)
        loss = loss_of(model, batch)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        clock.tick(step, loss.item(), int((batch.positions > 0).sum()))
        if clock.checkpoint_due():
            _store(run / "last.pt", model, optimizer, step + 1, clock.spent())
    _store(run / "last.pt", model, optimizer, step, clock.spent())
    return model, tokenizer


def held_out_loss(model: LlamaForCausalLM, tokenizer: Tokenizer, source: Material) -> float:
    """Mean loss on combinations of phrases that training never saw."""
    drawn = groups(*source, HELD_OUT_SEED, answers=8, held_out=True)
    rows = [row(group, tokenizer) for group in islice(drawn, 128)]
    with torch.no_grad():
        losses = [loss_of(model, padded(rows[at : at + 16])).item() for at in range(0, 128, 16)]
    return sum(losses) / len(losses)


def main() -> None:
    """Train, measure, and write the weights folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--steps", type=int, default=8000)
    parser.add_argument("--minutes", type=float, default=150.0, help="end after so many")
    parser.add_argument("--rows", type=int, default=12, help="prompts to a batch")
    parser.add_argument("--answers", type=int, default=5, help="texts to a prompt")
    parser.add_argument("--rate", type=float, default=2e-3, help="largest learning rate")
    parser.add_argument("--start", type=Path, help="a folder of weights to begin with")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--run", default="embedded", help="name of the run, for its checkpoints")
    parser.add_argument("--out", type=Path, default=FOLDER)
    given = parser.parse_args()
    recipe = Recipe(
        given.seed, given.steps, given.minutes, given.rows, given.answers, given.rate, given.start
    )
    run = RUNS / given.run
    run.mkdir(parents=True, exist_ok=True)
    source = material()
    model, tokenizer = train(recipe, source, run, threads=given.threads)
    model.eval()
    save(model, tokenizer, given.out)
    figures = {
        "recipe": recipe._asdict() | {"start": str(given.start or "")},
        "parameters": sum(p.numel() for p in model.parameters()),
        "held_out_loss": round(held_out_loss(model, tokenizer, source), 4),
    }
    (run / "figures.json").write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    _say(f"{figures} -> {given.out}")


class _Clock:
    """Time, progress and the lines that tell of them."""

    def __init__(self, recipe: Recipe, spent: float) -> None:
        self._recipe = recipe
        self._start = time.monotonic() - spent
        self._reported = self._stored = time.monotonic()
        self._tokens = 0
        self._losses: list[float] = []

    def spent(self) -> float:
        return time.monotonic() - self._start

    def done(self, step: int) -> float:
        """The share of the run that is over, by steps or by minutes, whichever is more."""
        return max(step / self._recipe.steps, self.spent() / 60 / self._recipe.minutes)

    def tick(self, step: int, loss: float, tokens_read: int) -> None:
        self._tokens += tokens_read
        self._losses.append(loss)
        since = time.monotonic() - self._reported
        if since < _REPORT_SECONDS:
            return
        done = max(self.done(step + 1), 1e-6)
        left = self.spent() * (1 - done) / done / 60
        mean = sum(self._losses) / len(self._losses)
        _say(
            f"step {step + 1}  loss {mean:.3f}  {self._tokens / since:.0f} tokens/s"
            f"  {done:.0%} done, {left:.0f} min left"
        )
        self._reported, self._tokens, self._losses = time.monotonic(), 0, []

    def checkpoint_due(self) -> bool:
        if time.monotonic() - self._stored < _CHECKPOINT_SECONDS:
            return False
        self._stored = time.monotonic()
        return True


def _share(done: float) -> float:
    """Of the largest learning rate: a short warm-up, then half a cosine down to a hundredth."""
    if done < _WARM_UP:
        return max(done / _WARM_UP, 0.02)
    return 0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * (done - _WARM_UP) / (1 - _WARM_UP)))


def _optimizer(model: LlamaForCausalLM, rate: float) -> torch.optim.AdamW:
    matrices = [p for p in model.parameters() if p.dim() > 1]
    vectors = [p for p in model.parameters() if p.dim() <= 1]
    parts = [{"params": matrices, "weight_decay": 0.05}, {"params": vectors, "weight_decay": 0.0}]
    return torch.optim.AdamW(parts, lr=rate, betas=(0.9, 0.98))


def _store(
    path: Path, model: LlamaForCausalLM, optimizer: torch.optim.AdamW, step: int, spent: float
) -> None:
    state = {
        "model": model.state_dict(),
        "optimizer": optimizer.state_dict(),
        "step": step,
        "spent": spent,
    }
    beside = path.with_suffix(".part")
    torch.save(state, beside)
    beside.replace(path)


def _resume(path: Path, model: LlamaForCausalLM, optimizer: torch.optim.AdamW) -> tuple[int, float]:
    """The step to go on from and the seconds spent so far; 0 and 0 for a fresh run."""
    if not path.exists():
        return 0, 0.0
    state = torch.load(path, weights_only=True)
    model.load_state_dict(state["model"])
    optimizer.load_state_dict(state["optimizer"])
    return int(state["step"]), float(state["spent"])


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
