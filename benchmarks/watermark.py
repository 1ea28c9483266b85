"""How often the watermark is found, and how often it is found where it is not: `python -m benchmarks.watermark`.

The model is the real one of ../shared/data/stories260k (260,000 parameters, a vocabulary of 512): the only
trained one at hand that writes freely. A larger model chooses among more words, but is surer of each; what
that comes to for yours, `--model FOLDER` measures.

Texts are cut to so many characters, reworded by chance, and set beside texts without a watermark: those of the
same model, and, with `--films`, descriptions by people.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import torch
from rich.console import Console
from rich.table import Table

from genservice.domain import Rendered, Turn
from genservice.generation import Request
from genservice.generation.checkpoint import Checkpoint
from genservice.generation.reading import read_tokenizer
from genservice.generation.watermark import Detector, Watermark, judged
from training.convert_llama2c import convert

if TYPE_CHECKING:
    from collections.abc import Sequence

STORIES = Path(__file__).parents[2] / "shared" / "data" / "stories260k"
SECRETS = (bytes(32), bytes([1]) * 32)
CUTS = (90, 180, 400, 600, 900)
COUNTED = (25, 50, 100, 200, 300)
BATCH = 20
OPENINGS = ("Once upon a time", "One day", "There was a", "In a small town", "The little")


def main() -> int:
    """Measure, print, and return an exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--texts", type=int, default=200, help="of each kind")
    parser.add_argument("--model", type=Path, help="a model's folder; else the stories")
    parser.add_argument("--films", type=Path, help="wikipedia-movie-data: texts by people")
    given = parser.parse_args()
    if given.model is None and not STORIES.is_dir():
        sys.stderr.write(f"{STORIES} is not here: name a model's folder with --model\n")
        return 2
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as scratch:
        folder = given.model or Path(scratch) / "stories260k"
        if given.model is None:
            convert(STORIES / "stories260K.bin", STORIES / "tok512.bin", folder)
        _measure(folder, given.texts, given.films)
    return 0


def _measure(folder: Path, count: int, films: Path | None) -> None:
    marks = [Watermark(secret) for secret in SECRETS]
    tokenizer = read_tokenizer(folder)
    marked = _texts(Checkpoint(folder, device="cpu", watermark=marks[0]), count)
    plain = _texts(Checkpoint(folder, device="cpu"), count)
    chance = random.Random(7)
    tenth, fourth = ([_reworded(text, every, chance) for text in marked] for every in (10, 4))
    kinds: dict[str, tuple[list[str], Watermark]] = {
        "watermarked": (marked, marks[0]),
        "every tenth word another": (tenth, marks[0]),
        "every fourth word another": (fourth, marks[0]),
        "another secret's": (marked, marks[1]),
        "same model's without": (plain, marks[0]),
    }
    if films is not None:
        kinds["people's"] = (_by_people(films, 5000), marks[0])
    console = Console(width=140)
    for unit, cuts in (("characters", CUTS), ("tokens that count", COUNTED)):
        table = Table("texts", "found below", *(f"{cut} {unit}" for cut in cuts))
        for name, (texts, mark) in kinds.items():
            values = {cut: _p_values(texts, mark, tokenizer, cut, unit) for cut in cuts}
            for bound in (0.01, 0.001):
                table.add_row(name, f"p {bound}", *(_share(values[cut], bound) for cut in cuts))
        console.print(table)


def _p_values(
    texts: Sequence[str], mark: Watermark, tokenizer: Any, cut: int, unit: str
) -> list[float]:
    """Of each text that is so long, cut to that length."""
    if unit == "characters":
        detector = Detector([mark], tokenizer)
        return [detector.detect(text[:cut]).p_value for text in texts if len(text) >= cut]
    lucks = (mark.luck(tokenizer(text, add_special_tokens=False)["input_ids"]) for text in texts)
    return [judged(luck[:cut]).p_value for luck in lucks if len(luck) >= cut]


def _share(values: Sequence[float], bound: float) -> str:
    if not values:
        return "-"
    found = sum(value < bound for value in values)
    return f"{found / len(values):.1%} of {len(values)}"


def _texts(checkpoint: Checkpoint, count: int) -> list[str]:
    texts: list[str] = []
    for start in range(0, count, BATCH):
        turn = Turn(role="user", content=OPENINGS[start // BATCH % len(OPENINGS)])
        request = Request(
            prompt=Rendered(turns=(turn,), compact="", revision=""),
            slots=(),
            limit=1200,
            seeds=tuple(range(start, min(start + BATCH, count))),
        )
        texts += checkpoint.write(request, threading.Event())
        sys.stderr.write(f"\r{len(texts)} of {count} texts")
    sys.stderr.write("\n")
    return texts


def _reworded(text: str, every: int, chance: random.Random) -> str:
    """The text with one in so many words taken from elsewhere in it."""
    words = text.split(" ")
    return " ".join(chance.choice(words) if chance.random() < 1 / every else word for word in words)


def _by_people(films: Path, most: int) -> list[str]:
    class Film(msgspec.Struct):
        extract: str | None = None

    texts = [
        film.extract
        for file in sorted(films.glob("movies-*.json"))
        for film in msgspec.json.decode(file.read_bytes(), type=list[Film])
        if film.extract and len(film.extract) >= CUTS[0]
    ]
    return texts[:: max(1, len(texts) // most)][:most]


if __name__ == "__main__":
    sys.exit(main())
