"""The tagger: names of people, places and organisations, and addresses, in short informal English.

A small BERT (Devlin et al., 2019) with four layers, weights in the repository; how they were made is
told beside them. What it answers is what transformers makes of the same weights (a test holds both to
the same numbers). It is run here without transformers because the
library's own bookkeeping was seen to take a third of the time of a short text, and because sentences of several texts go through the network side by side in one row, unpadded, each
blind to the others.
"""

from __future__ import annotations

import hashlib
import re
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from importlib import resources
from itertools import chain
from typing import TYPE_CHECKING

import msgspec
import torch
from safetensors import SafetensorError
from safetensors.torch import load
from tokenizers import Tokenizer

from genservice.errors import ModelFilesError
from genservice.privacy.encoding import Encoded, Encoder, sentences
from genservice.privacy.network import TYPES, Network, read_shape
from genservice.privacy.values import Finding

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from importlib.resources.abc import Traversable

    from genservice.privacy.network import Chances


THRESHOLD = 0.15
"""A word is part of a name from this chance on. Low: what is missed leaks, what is found in vain costs a word."""
IN_LOWER_CASE = 0.45
"""The same for places and firms in lower case in a sentence that has capitals: below, nearly all are
misspellings and other languages. People keep the lower one: they are who must not be missed."""
LEAST_SCORE = 0.3
"""The score of such a word: Presidio's scale begins to count there."""
ROW = 192
"""Pieces that go through the network side by side. Attention costs grow with the square of it."""

LEAST = 20
"""Pieces below which a row is not shared among threads."""

_WITH_CAPITALS = frozenset({"LOCATION", "ORGANIZATION"})
_LETTERS = re.compile(r"[^\W_]+")
_FILES = ("config.json", "model.safetensors", "tokenizer.json")


def shipped_tagger(
    *,
    quiet: Callable[[str], bool] = lambda sentence: not sentence,
    nobody: Callable[[str], bool] = lambda word: not word,
) -> Tagger:
    """The tagger whose weights are part of the package.

    Args:
        quiet: Whether a sentence cannot hold a name at all, so that it need not be read.
        nobody: Whether a word in lower case names nobody by itself.

    Raises:
        ModelFilesError: They are missing or damaged; names the file.
    """
    network, encoder, revision = _shipped()
    return Tagger(network, encoder, revision=revision, quiet=quiet, nobody=nobody)


def load_tagger(
    folder: Traversable,
    *,
    quiet: Callable[[str], bool] = lambda sentence: not sentence,
    nobody: Callable[[str], bool] = lambda word: not word,
) -> Tagger:
    """A tagger from a folder: `config.json`, `model.safetensors`, `tokenizer.json`.

    Args:
        folder: Where they lie.
        quiet: Whether a sentence cannot hold a name at all, so that it need not be read.
        nobody: Whether a word in lower case names nobody by itself.

    Raises:
        ModelFilesError: A file is missing, damaged, or of another kind of model; names it.
    """
    network, encoder, revision = _read(folder)
    return Tagger(network, encoder, revision=revision, quiet=quiet, nobody=nobody)


@lru_cache(maxsize=1)
def _shipped() -> tuple[Network, Encoder, str]:
    """Read once a process: they never change, and guards that share them share their memory."""
    return _read(resources.files("genservice.privacy").joinpath("weights"))


def _read(folder: Traversable) -> tuple[Network, Encoder, str]:
    read: dict[str, bytes] = {}
    for name in _FILES:
        try:
            read[name] = folder.joinpath(name).read_bytes()
        except OSError:
            raise ModelFilesError(f"{folder}/{name}", "cannot be read") from None
    shape = read_shape(read["config.json"], f"{folder}/config.json")
    try:
        network = Network(load(read["model.safetensors"]), shape)
        network.run([_ANY])
    except (SafetensorError, KeyError, RuntimeError, ValueError, IndexError):
        raise ModelFilesError(
            f"{folder}/model.safetensors", "not the weights of this tagger"
        ) from None
    try:
        encoder = Encoder(Tokenizer.from_str(read["tokenizer.json"].decode()))
    except Exception:  # noqa: BLE001 - tokenizers raises Exception itself
        raise ModelFilesError(
            f"{folder}/tokenizer.json", "not the tokenizer of this tagger"
        ) from None
    sha256 = hashlib.sha256(b"".join(hashlib.sha256(read[name]).digest() for name in _FILES))
    return network, encoder, f"tagger sha256:{sha256.hexdigest()}"


_ANY = Encoded(pieces=(0, 1, 2), cases=(0, 1, 0), heads=(1,), words=((0, 1),), signs=(False,))
"""A sentence to try weights on: tensors that do not fit together fail at the first."""


class Tagger:
    """Finds names of people, places and organisations, and addresses.

    Computes on threads of its own, one core each: where torch shares one text among the cores, and
    another thread holds one of them, every step waits for the other (seen: fifty times as long).

    Args:
        network: The weights.
        encoder: Turns sentences into what the network reads.
        revision: Names both.
        quiet: Whether a sentence cannot hold a name at all, so that it need not be read.
        nobody: Whether a word in lower case names nobody by itself.
        threads: How many rows are computed at once.
    """

    types = TYPES

    def __init__(
        self,
        network: Network,
        encoder: Encoder,
        *,
        revision: str,
        quiet: Callable[[str], bool] = lambda sentence: not sentence,
        nobody: Callable[[str], bool] = lambda word: not word,
        threads: int = 2,
    ) -> None:
        self.revision = revision
        self._network = network
        self._encoder = encoder
        self._quiet = quiet
        self._nobody = nobody
        self._threads = threads
        self._executor = ThreadPoolExecutor(
            threads, thread_name_prefix="tagger", initializer=_on_one_core
        )

    def tag(self, texts: Sequence[str]) -> list[tuple[Finding, ...]]:
        """What is found in each text, in order, disjoint.

        Args:
            texts: Folded (see `genservice.privacy.folding`). One call over many costs less a text.
        """
        places = [
            (index, start, text[start:end])
            for index, text in enumerate(texts)
            for start, end in sentences(text)
        ]
        read = [place for place in places if not self._quiet(place[2])]
        parts = [
            (index, start, part)
            for (index, start, _), row in zip(
                read, self._encoder.encode([sentence for _, _, sentence in read]), strict=True
            )
            for part in row
        ]
        found: list[list[Finding]] = [[] for _ in texts]
        rows = _rows([part for _, _, part in parts], self._threads)
        chances = chain.from_iterable(self._executor.map(self._network.run, rows))
        for (index, start, part), chance in zip(parts, chances, strict=True):
            found[index] += [_moved(finding, start) for finding in _findings(part, chance)]
        return [
            tuple(finding for finding in each if self._counts(text, finding))
            for text, each in zip(texts, found, strict=True)
        ]

    def _counts(self, text: str, finding: Finding) -> bool:
        shown = text[finding.start : finding.end]
        if finding.score < _IN_LOWER_CASE and shown.islower() and _wants_capitals(text, finding):
            return False
        words = _LETTERS.findall(shown.lower())
        return not words or not all(map(self._nobody, words))


def _wants_capitals(sentence: str, finding: Finding) -> bool:
    """Whether whoever wrote the sentence would have given such a name a capital."""
    return finding.type in _WITH_CAPITALS and any(map(str.isupper, sentence))


def _moved(finding: Finding, by: int) -> Finding:
    return msgspec.structs.replace(finding, start=finding.start + by, end=finding.end + by)


def _on_one_core() -> None:
    torch.set_num_threads(1)


def _rows(parts: Sequence[Encoded], threads: int) -> list[list[Encoded]]:
    """Parts that go side by side, in order; no more of them than there is work for every thread."""
    total = sum(len(part.pieces) for part in parts)
    most = max(LEAST, min(ROW, -(-total // threads)))
    rows: list[list[Encoded]] = []
    length = most
    for part in parts:
        if length + len(part.pieces) // 2 >= most:
            rows.append([])
            length = 0
        rows[-1].append(part)
        length += len(part.pieces)
    return rows


def _findings(part: Encoded, chances: Chances) -> list[Finding]:
    """Words that are something, those that belong together as one finding.

    A sign neither begins nor ends a finding; between two words it joins them ("O'Brien").
    """
    found: list[Finding] = []
    goes_on = False
    for (start, end), sign, row in zip(part.words, part.signs, chances, strict=True):
        if sign:
            continue
        chance = 1.0 - row[0]
        if chance < THRESHOLD:
            goes_on = False
            continue
        score = _score(chance)
        at = max(range(len(TYPES)), key=lambda at: row[1 + 2 * at] + row[2 + 2 * at])
        joined = goes_on and found[-1].type == TYPES[at]
        if joined and (row[2 + 2 * at] >= row[1 + 2 * at] or (found[-1].end, start) in part.words):
            last = found.pop()
            start, score = last.start, max(last.score, score)
        found.append(Finding(start=start, end=end, type=TYPES[at], score=score))
        goes_on = True
    return found


def _score(chance: float) -> float:
    share = (chance - THRESHOLD) / (1.0 - THRESHOLD)
    return min(LEAST_SCORE + (1.0 - LEAST_SCORE) * share, 1.0)


_IN_LOWER_CASE = _score(IN_LOWER_CASE)
