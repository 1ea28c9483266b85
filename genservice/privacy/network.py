"""The tagger's network: BERT for token classification, over sentences side by side, in whole numbers.

Weights are whole numbers of eight bits with a scale a row, and so is what goes into each product,
with a scale a word piece (Yao et al., 2022, "ZeroQuant", section 4.1). Processors with instructions
for it multiply these several times as fast, and what a sentence gets does not depend on its
neighbours, since sums of whole numbers are exact. Elsewhere the same weights go in single precision.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, cast

import msgspec
import torch
from torch.nn.functional import gelu, layer_norm, linear, scaled_dot_product_attention

from genservice.errors import ModelFilesError
from genservice.privacy.eight_bits import LARGEST, SCALE, rounded

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from torch import Tensor

    from genservice.privacy.encoding import Encoded

TYPES = ("PERSON", "LOCATION", "ORGANIZATION", "ADDRESS")
TAGS = ("O", *(f"{place}-{type_}" for type_ in TYPES for place in "BI"))
Chances = list[list[float]]
"""The chance of every tag of `TAGS`, words by tags."""


_any: Any = torch
_product: Callable[[Tensor, Tensor], Tensor] = _any._int_mm  # noqa: SLF001 - torch has no other product of whole numbers
_TINY = torch.finfo(torch.float32).tiny


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


class _Linear(Protocol):
    """Multiplies rows by a matrix, and adds what is added to each."""

    def __call__(self, rows: Tensor) -> Tensor: ...


class _InWholeNumbers:
    """A product of whole numbers: every row of what comes in is rounded with a scale of its own."""

    def __init__(self, matrix: Tensor, scale: Tensor, added: Tensor) -> None:
        self._matrix = matrix.t()
        self._scale = scale
        self._added = added

    def __call__(self, rows: Tensor) -> Tensor:
        worth = rows.abs().amax(1, keepdim=True).clamp_(min=_TINY).div_(LARGEST)
        whole = torch.div(rows, worth).round_().to(torch.int8)
        product = _product(whole, self._matrix)
        return torch.addcmul(self._added, product.mul(self._scale), worth)


class _InSinglePrecision:
    """The same matrix where whole numbers are not faster."""

    def __init__(self, matrix: Tensor, scale: Tensor, added: Tensor) -> None:
        self._matrix = matrix.float().mul_(scale[:, None])
        self._added = added

    def __call__(self, rows: Tensor) -> Tensor:
        return linear(rows, self._matrix, self._added)


class _Layer(msgspec.Struct, frozen=True):
    """One layer's weights, the three projections of attention as one."""

    attend: _Linear
    project: _Linear
    attended: tuple[Tensor, Tensor]
    widen: _Linear
    narrow: _Linear
    passed: tuple[Tensor, Tensor]


class Network:
    """BERT for token classification, over sentences side by side.

    Args:
        weights: As `genservice.privacy.eight_bits` writes them, or plain ones, which are rounded.
        shape: Their sizes.
        whole_numbers: Whether products are of whole numbers; by default where that is faster.

    Raises:
        KeyError: A tensor is missing.
        ValueError: One has another shape than the configuration tells.
    """

    def __init__(
        self, weights: Mapping[str, Tensor], shape: Shape, *, whole_numbers: bool | None = None
    ) -> None:
        read = _Read(weights, whole_numbers=_fast() if whole_numbers is None else whole_numbers)
        embeddings = "bert.embeddings"
        self._pieces, self._worth = read.matrix(f"{embeddings}.word_embeddings.weight")
        self._places = read.full(f"{embeddings}.position_embeddings.weight")
        self._cases = read.full(f"{embeddings}.token_type_embeddings.weight")
        self._embedded = read.norm(f"{embeddings}.LayerNorm")
        self._layers = tuple(
            _layer(read, f"bert.encoder.layer.{index}") for index in range(shape.num_hidden_layers)
        )
        self._classify = read.full("classifier.weight"), read.full("classifier.bias")
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
        if not all(torch.isfinite(tensor.float().sum()) for tensor in weights.values()):
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
        state = self._pieces[pieces] * self._worth[pieces, None]
        state = state + self._places[places] + self._cases[cases]
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
        asked = layer.attend(state).view(length, 3, self._heads, -1).permute(1, 2, 0, 3)
        seen = scaled_dot_product_attention(
            asked[0][None], asked[1][None], asked[2][None], attn_mask=mask
        )
        seen = seen[0].transpose(0, 1).reshape(length, self._width)
        state = self._norm(state + layer.project(seen), layer.attended)
        wide = gelu(layer.widen(state))
        return self._norm(state + layer.narrow(wide), layer.passed)

    def _norm(self, state: Tensor, by: tuple[Tensor, Tensor]) -> Tensor:
        return layer_norm(state, (self._width,), *by, eps=self._eps)


class _Read:
    """Reads weights by name."""

    def __init__(self, weights: Mapping[str, Tensor], *, whole_numbers: bool) -> None:
        self._weights = weights
        self._kind = _InWholeNumbers if whole_numbers else _InSinglePrecision

    def matrix(self, name: str) -> tuple[Tensor, Tensor]:
        """A matrix as whole numbers, and the scale of each row."""
        held = self._weights[name]
        if held.dtype != torch.int8:
            return rounded(held.float())
        return held, self._weights[name + SCALE].float()

    def full(self, name: str) -> Tensor:
        """A tensor in single precision."""
        if self._weights[name].dtype != torch.int8:
            return self._weights[name].float()
        matrix, scale = self.matrix(name)
        return matrix.float() * scale[:, None]

    def linear(self, *names: str) -> _Linear:
        """Products with these matrices, one below the other."""
        matrices, scales = zip(*(self.matrix(f"{name}.weight") for name in names), strict=True)
        added = torch.cat([self.full(f"{name}.bias") for name in names])
        return self._kind(torch.cat(matrices), torch.cat(scales), added)

    def norm(self, name: str) -> tuple[Tensor, Tensor]:
        """What a normalisation multiplies with and adds."""
        return self.full(f"{name}.weight"), self.full(f"{name}.bias")


def _layer(read: _Read, name: str) -> _Layer:
    attention = [f"{name}.attention.self.{which}" for which in ("query", "key", "value")]
    return _Layer(
        attend=read.linear(*attention),
        project=read.linear(f"{name}.attention.output.dense"),
        attended=read.norm(f"{name}.attention.output.LayerNorm"),
        widen=read.linear(f"{name}.intermediate.dense"),
        narrow=read.linear(f"{name}.output.dense"),
        passed=read.norm(f"{name}.output.LayerNorm"),
    )


def _fast() -> bool:
    """Whether the processor has instructions for products of whole numbers, and torch uses them."""
    told: Any = torch.cpu
    return bool(told._is_vnni_supported())  # noqa: SLF001 - torch tells it nowhere else
