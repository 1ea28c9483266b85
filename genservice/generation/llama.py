"""A small Llama on a CPU, many texts at a time, each at its own place: attention, cache and all.

For the embedded model alone: at two million parameters the bookkeeping of a general library takes longer
than the arithmetic. Every text has a row of a cache for keys and values; `advance` reads any number of
tokens per row, so that prompts, words that no choice led to and single words go through one function. The
numbers are transformers' own up to rounding, and a test holds both to each other.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

import torch

from genservice.generation import layers
from genservice.generation.layers import Layer, Matrix, Weights

if TYPE_CHECKING:
    from collections.abc import Sequence

_PLACES = 64
"""The cache grows by so many places, and by so many rows at least."""
_ROWS = 8


def fits(config: Any) -> bool:
    """Whether a config is of a Llama as it is computed here: whole heads, no biases, plain rotation."""
    rope: Any = getattr(config, "rope_parameters", None) or {}
    return (
        config.model_type == "llama"
        and config.hidden_act == "silu"
        and not config.attention_bias
        and not config.mlp_bias
        and config.num_key_value_heads == config.num_attention_heads
        and rope.get("rope_type", "default") == "default"
    )


class Llama:
    """The arithmetic of one model, and the cache of what its rows have read.

    Rows are numbered from 0 without gaps. One thread at a time.
    """

    def __init__(self, model: Any) -> None:
        """Take over the weights of transformers' model.

        Args:
            model: A `LlamaForCausalLM` on the CPU whose config `fits`.
        """
        self._program = layers.program()
        config, inner = model.config, model.model
        embedding: torch.Tensor = inner.embed_tokens.weight.detach()
        self._weights = Weights(
            embedding=embedding,
            layers=[_layer(layer, config.head_dim) for layer in inner.layers],
            head=_joined(inner.norm, model.lm_head.weight.detach()),
            turns=_rotations(config, embedding.dtype),
            heads=config.num_attention_heads,
            eps=config.rms_norm_eps,
        )
        self._width: int = config.head_dim
        self._lengths: list[int] = []
        self._cache = self._room(0, 0)

    @property
    def rows(self) -> int:
        """How many there are."""
        return len(self._lengths)

    def open(self, count: int) -> range:
        """So many new rows, which have read nothing, behind those there are."""
        first = len(self._lengths)
        self._lengths += [0] * count
        return range(first, first + count)

    def close(self, row: int) -> None:
        """Let go of a row; the last one takes its number."""
        last = len(self._lengths) - 1
        if row != last:
            self.copy(last, row)
        self._lengths.pop()

    def clear(self) -> None:
        """Let go of every row."""
        self._lengths.clear()

    @torch.inference_mode()
    def copy(self, source: int, row: int) -> None:
        """Have `row` stand where `source` stands."""
        length = self._lengths[source]
        self._grow(row + 1, length)
        self._cache[:, row, :length] = self._cache[:, source, :length]
        self._lengths[row] = length

    @torch.inference_mode()
    def advance(self, rows: range, tokens: Sequence[Sequence[int]]) -> torch.Tensor:
        """What each row makes of its next tokens: the logits after the last of them.

        Args:
            rows: Without gaps.
            tokens: At least one for each of these rows.

        Returns:
            Shape (rows, vocabulary).
        """
        begun = self._lengths[rows.start : rows.stop]
        counts = [len(each) for each in tokens]
        reached = [before + count for before, count in zip(begun, counts, strict=True)]
        reach = max(reached)
        self._grow(rows.stop, reach)
        flat = list(chain.from_iterable(tokens))
        flat += flat[-1:] * (_size_for(len(flat)) - len(flat))
        scores = self._program(
            self._weights, self._cache, rows.start, reach, *map(torch.tensor, (flat, counts, begun))
        )
        self._lengths[rows.start : rows.stop] = reached
        return scores

    def _grow(self, rows: int, places: int) -> None:
        """Have room for so many rows of so many tokens each."""
        has_rows, has_places = self._cache.shape[1:3]
        if rows <= has_rows and places <= has_places:
            return
        wanted = max(has_rows, -(-rows // _ROWS) * _ROWS)
        grown = self._room(wanted, max(has_places, -(-places // _PLACES) * _PLACES))
        grown[:, :has_rows, :has_places] = self._cache
        self._cache = grown

    def _room(self, rows: int, places: int) -> torch.Tensor:
        # Zeros: what is hidden is multiplied by nothing, and nothing times not-a-number is none.
        heads, width = self._weights.heads, self._width
        shape = (len(self._weights.layers), rows, places, 2, heads, width)
        return torch.zeros(shape, dtype=self._weights.embedding.dtype)


def _size_for(tokens: int) -> int:
    """How many tokens to compute where so many are to be read: at most an eighth more.

    oneDNN makes a program for every number of rows that it meets with a matrix, which takes longer than most
    products do, and keeps a thousand of them. So numbers are few: less than ninety up to four thousand.
    """
    step = 1 << max(0, tokens.bit_length() - 4)
    return -(-tokens // step) * step


def _matrix(weight: torch.Tensor) -> Matrix:
    laid_out = None
    if torch.backends.mkldnn.is_available() and weight.dtype == torch.float32:
        laid_out = torch.ops.mkldnn._reorder_linear_weight(weight, 32)  # noqa: SLF001
    return Matrix(weight, laid_out)


def _layer(layer: Any, width: int) -> Layer:
    attention, network = layer.self_attn, layer.mlp
    return Layer(
        qkv=_joined(
            layer.input_layernorm,
            _paired(attention.q_proj, width),
            _paired(attention.k_proj, width),
            attention.v_proj.weight.detach(),
        ),
        out=_matrix(attention.o_proj.weight.detach()),
        gate_up=_joined(
            layer.post_attention_layernorm,
            network.gate_proj.weight.detach(),
            network.up_proj.weight.detach(),
        ),
        down=_matrix(network.down_proj.weight.detach()),
    )


def _joined(norm: Any, *weights: torch.Tensor) -> Matrix:
    return _matrix(torch.cat(weights) * norm.weight.detach())


def _paired(projection: Any, width: int) -> torch.Tensor:
    """Its rows with both halves of each head in turn: what turns together stands together."""
    weight: torch.Tensor = projection.weight.detach()
    return weight.view(-1, 2, width // 2, weight.shape[1]).transpose(1, 2).reshape(weight.shape)


def _rotations(config: Any, dtype: torch.dtype) -> torch.Tensor:
    """What turns the pairs of a head, as complex numbers by place (RoPE; Su et al., 2021)."""
    half = torch.arange(0, config.head_dim, 2, dtype=torch.float32) / config.head_dim
    angles = torch.outer(
        torch.arange(config.max_position_embeddings, dtype=torch.float32),
        1.0 / config.rope_parameters["rope_theta"] ** half,
    )
    return torch.complex(angles.cos().to(dtype), angles.sin().to(dtype))[:, None, None]
