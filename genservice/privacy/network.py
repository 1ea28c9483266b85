"""The tagger's network: BERT for token classification, over sentences side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import msgspec
import torch
from torch.nn.functional import gelu, layer_norm, linear, scaled_dot_product_attention

from genservice.errors import ModelFilesError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from torch import Tensor

    from genservice.privacy.encoding import Encoded

TYPES = ("PERSON", "LOCATION", "ORGANIZATION", "ADDRESS")
TAGS = ("O", *(f"{place}-{type_}" for type_ in TYPES for place in "BI"))
Chances = list[list[float]]
"""The chance of every tag of `TAGS`, words by tags."""


class Shape(msgspec.Struct, frozen=True):
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


def read_shape(raw: bytes, where: str) -> Shape:
    """The shape that a `config.json` tells.

    Args:
        raw: Its content.
        where: Its name, for the error.

    Raises:
        ModelFilesError: It is none, or that of another kind of model.
    """
    try:
        shape = msgspec.json.decode(raw, type=Shape)
    except msgspec.DecodeError:
        raise ModelFilesError(where, "not the configuration of a tagger") from None
    labels = tuple(
        label for _, label in sorted(shape.id2label.items(), key=lambda item: int(item[0]))
    )
    if shape.model_type != "bert" or shape.hidden_act != "gelu" or labels != TAGS:
        raise ModelFilesError(
            where, f"another kind of model; expected a BERT with the tags {', '.join(TAGS)}"
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


class Network:
    """BERT for token classification, over sentences side by side.

    Raises:
        KeyError: A tensor is missing.
        ValueError: One has another shape than the configuration tells.
    """

    def __init__(self, weights: Mapping[str, Tensor], shape: Shape) -> None:
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
            (len(TAGS), self._width): self._classify[0],
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
