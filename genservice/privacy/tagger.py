"""The tagger: names of people, places and organisations, and addresses, in short informal English.

A small BERT (Devlin et al., 2019) with three layers, weights in the repository; how they were made
is told beside them. The folder is what transformers calls a token classifier, and transformers reads
it too (a test holds both to the same numbers). It is run here without transformers because a text of
some sixty pieces takes three milliseconds, and the library's own bookkeeping would double that;
and because sentences of several texts go through the network side by side in one row, unpadded, each
blind to the others.
"""

from __future__ import annotations

import hashlib
import re
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from importlib import resources
from itertools import chain
from typing import TYPE_CHECKING, Any, cast

import msgspec
import torch
from safetensors import SafetensorError
from safetensors.torch import load
from tokenizers import Tokenizer
from torch.nn.functional import gelu, layer_norm, linear, scaled_dot_product_attention

from genservice.errors import ModelFilesError
from genservice.privacy.encoding import Encoded, Encoder, sentences
from genservice.privacy.values import Finding

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from importlib.resources.abc import Traversable

    from torch import Tensor

TYPES = ("PERSON", "LOCATION", "ORGANIZATION", "ADDRESS")
THRESHOLD = 0.2
"""A word is part of a name from this chance on. Low: what is missed leaks, what is found in vain costs a word."""
LEAST_SCORE = 0.3
"""The score of such a word: Presidio's scale begins to count there."""
ROW = 192
"""Pieces that go through the network side by side. Attention costs grow with the square of it."""

LEAST = 20
"""Pieces below which a row is not shared among threads."""

_TAGS = ("O", *(f"{place}-{type_}" for type_ in TYPES for place in "BI"))
_LETTERS = re.compile(r"[^\W_]+")
Chances = list[list[float]]
_FILES = ("config.json", "model.safetensors", "tokenizer.json")


def shipped_tagger(
    *,
    quiet: Callable[[str], bool] = lambda sentence: not sentence,
    nobody: frozenset[str] = frozenset(),
) -> Tagger:
    """The tagger whose weights are part of the package.

    Args:
        quiet: Whether a sentence cannot hold a name at all, so that it need not be read.
        nobody: Words in lower case that name nobody by themselves.

    Raises:
        ModelFilesError: They are missing or damaged; names the file.
    """
    network, encoder, revision = _shipped()
    return Tagger(network, encoder, revision=revision, quiet=quiet, nobody=nobody)


def load_tagger(
    folder: Traversable,
    *,
    quiet: Callable[[str], bool] = lambda sentence: not sentence,
    nobody: frozenset[str] = frozenset(),
) -> Tagger:
    """A tagger from a folder: `config.json`, `model.safetensors`, `tokenizer.json`.

    Args:
        folder: Where they lie.
        quiet: Whether a sentence cannot hold a name at all, so that it need not be read.
        nobody: Words in lower case that name nobody by themselves.

    Raises:
        ModelFilesError: A file is missing, damaged, or of another kind of model; names it.
    """
    network, encoder, revision = _read(folder)
    return Tagger(network, encoder, revision=revision, quiet=quiet, nobody=nobody)


@lru_cache(maxsize=1)
def _shipped() -> tuple[_Network, Encoder, str]:
    """Read once a process: they never change, and guards that share them share their memory."""
    return _read(resources.files("genservice.privacy").joinpath("weights"))


def _read(folder: Traversable) -> tuple[_Network, Encoder, str]:
    read: dict[str, bytes] = {}
    for name in _FILES:
        try:
            read[name] = folder.joinpath(name).read_bytes()
        except OSError:
            raise ModelFilesError(f"{folder}/{name}", "cannot be read") from None
    shape = _shape(read["config.json"], f"{folder}/config.json")
    try:
        weights = {name: tensor.float() for name, tensor in load(read["model.safetensors"]).items()}
        network = _Network(weights, shape)
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
        nobody: Words in lower case that name nobody by themselves.
        threads: How many rows are computed at once.
    """

    types = TYPES

    def __init__(
        self,
        network: _Network,
        encoder: Encoder,
        *,
        revision: str,
        quiet: Callable[[str], bool] = lambda sentence: not sentence,
        nobody: frozenset[str] = frozenset(),
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
            tuple(finding for finding in each if not self._names_nobody(text, finding))
            for text, each in zip(texts, found, strict=True)
        ]

    def _names_nobody(self, text: str, finding: Finding) -> bool:
        words = _LETTERS.findall(text[finding.start : finding.end].lower())
        return bool(words) and self._nobody.issuperset(words)

    def close(self) -> None:
        """Let the threads end."""
        self._executor.shutdown(wait=False, cancel_futures=True)


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


class _Shape(msgspec.Struct, frozen=True):
    """What of `config.json` the network needs."""

    model_type: str
    vocab_size: int
    hidden_size: int
    num_hidden_layers: int
    num_attention_heads: int
    intermediate_size: int
    max_position_embeddings: int
    type_vocab_size: int
    layer_norm_eps: float
    hidden_act: str
    id2label: dict[str, str]


def _shape(raw: bytes, where: str) -> _Shape:
    try:
        shape = msgspec.json.decode(raw, type=_Shape)
    except msgspec.DecodeError:
        raise ModelFilesError(where, "not the configuration of a tagger") from None
    labels = tuple(
        label for _, label in sorted(shape.id2label.items(), key=lambda item: int(item[0]))
    )
    if shape.model_type != "bert" or shape.hidden_act != "gelu" or labels != _TAGS:
        raise ModelFilesError(
            where, f"another kind of model; expected a BERT with the tags {', '.join(_TAGS)}"
        )
    return shape


class _Layer(msgspec.Struct, frozen=True):
    """One layer's weights, the three projections of attention as one."""

    attend: tuple[Tensor, Tensor]
    project: tuple[Tensor, Tensor]
    attended: tuple[Tensor, Tensor]
    widen: tuple[Tensor, Tensor]
    narrow: tuple[Tensor, Tensor]
    passed: tuple[Tensor, Tensor]


class _Network:
    """BERT for token classification, over sentences side by side.

    Raises:
        KeyError: A tensor is missing.
        ValueError: One has another shape than the configuration tells.
    """

    def __init__(self, weights: Mapping[str, Tensor], shape: _Shape) -> None:
        def pair(name: str) -> tuple[Tensor, Tensor]:
            return weights[f"{name}.weight"], weights[f"{name}.bias"]

        embeddings = "bert.embeddings"
        self._pieces = weights[f"{embeddings}.word_embeddings.weight"]
        self._places = weights[f"{embeddings}.position_embeddings.weight"]
        self._cases = weights[f"{embeddings}.token_type_embeddings.weight"]
        self._embedded = pair(f"{embeddings}.LayerNorm")
        self._layers = tuple(
            _layer(pair, f"bert.encoder.layer.{index}") for index in range(shape.num_hidden_layers)
        )
        self._classify = pair("classifier")
        self._heads, self._width = shape.num_attention_heads, shape.hidden_size
        self._eps = shape.layer_norm_eps
        expected = {
            (shape.vocab_size, self._width): self._pieces,
            (shape.max_position_embeddings, self._width): self._places,
            (shape.type_vocab_size, self._width): self._cases,
            (len(_TAGS), self._width): self._classify[0],
        }
        if any(tuple(tensor.shape) != size for size, tensor in expected.items()):
            raise ValueError("a tensor has another shape")
        if not all(torch.isfinite(tensor.sum()) for tensor in weights.values()):
            raise ValueError("a weight is no number")

    @torch.inference_mode()
    def run(self, parts: Sequence[Encoded]) -> list[Chances]:
        """For each part the chance of every tag, words by tags."""
        lengths = [len(part.pieces) for part in parts]
        pieces = torch.tensor([piece for part in parts for piece in part.pieces])
        cases = torch.tensor([case for part in parts for case in part.cases])
        places = torch.cat([torch.arange(length) for length in lengths])
        mask = None
        if len(parts) > 1:
            owner = torch.repeat_interleave(torch.arange(len(parts)), torch.tensor(lengths))
            mask = owner[:, None] == owner[None, :]
        state = self._pieces[pieces] + self._places[places] + self._cases[cases]
        state = self._norm(state, self._embedded)
        for layer in self._layers:
            state = self._through(layer, state, mask)
        heads, start = list[int](), 0
        for part, length in zip(parts, lengths, strict=True):
            heads += [start + head for head in part.heads]
            start += length
        chances = linear(state[torch.tensor(heads, dtype=torch.long)], *self._classify).softmax(-1)
        by_word = iter(cast("Chances", chances.tolist()))
        return [[next(by_word) for _ in part.heads] for part in parts]

    def _through(self, layer: _Layer, state: Tensor, mask: Tensor | None) -> Tensor:
        length = state.shape[0]
        asked = linear(state, *layer.attend).view(length, 3, self._heads, -1).permute(1, 2, 0, 3)
        seen = scaled_dot_product_attention(
            asked[0][None], asked[1][None], asked[2][None], attn_mask=mask
        )
        seen = seen[0].transpose(0, 1).reshape(length, self._width)
        state = self._norm(state + linear(seen, *layer.project), layer.attended)
        wide = gelu(linear(state, *layer.widen))
        return self._norm(state + linear(wide, *layer.narrow), layer.passed)

    def _norm(self, state: Tensor, by: tuple[Tensor, Tensor]) -> Tensor:
        return layer_norm(state, (self._width,), *by, eps=self._eps)


def _layer(pair: Any, name: str) -> _Layer:
    attention = [pair(f"{name}.attention.self.{which}") for which in ("query", "key", "value")]
    return _Layer(
        attend=(torch.cat([w for w, _ in attention]), torch.cat([b for _, b in attention])),
        project=pair(f"{name}.attention.output.dense"),
        attended=pair(f"{name}.attention.output.LayerNorm"),
        widen=pair(f"{name}.intermediate.dense"),
        narrow=pair(f"{name}.output.dense"),
        passed=pair(f"{name}.output.LayerNorm"),
    )
