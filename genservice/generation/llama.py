"""A small Llama on a CPU, many texts at a time, each at its own place: attention, cache and all.

For the embedded model alone: at two million parameters the bookkeeping of a general library takes longer
than the arithmetic. Every text has a row of a cache for keys and values; `advance` reads any number of
tokens per row, so that prompts, words that no choice led to and single words go through one function. The
numbers are transformers' own up to rounding, and a test holds both to each other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch.nn.functional import linear, scaled_dot_product_attention, silu

if TYPE_CHECKING:
    from collections.abc import Sequence

_OPS: Any = torch.ops.mkldnn
_FEW = 4
"""Rows below which a matrix as it stands is as quick as one that oneDNN laid out."""
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
        config, self._dtype = model.config, model.dtype
        self._heads: int = config.num_attention_heads
        self._width: int = config.head_dim
        self._eps: float = config.rms_norm_eps
        self._embedding: torch.Tensor = model.model.embed_tokens.weight.detach()
        self._layers = [_Layer(layer, self._width) for layer in model.model.layers]
        # What a norm multiplies with is part of the matrix behind it.
        self._head = _Matrix(model.lm_head.weight.detach() * model.model.norm.weight.detach())
        self._turns = _rotations(config, self._embedding.dtype)
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
        self._cache[:, :, row, :length] = self._cache[:, :, source, :length]
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
        begun = [self._lengths[row] for row in rows]
        counts = [len(each) for each in tokens]
        reach = max(a + b for a, b in zip(begun, counts, strict=True))
        self._grow(rows.stop, reach)
        most, size = max(counts), len(counts)
        at = torch.tensor([row for row, n in enumerate(counts) for _ in range(n)])
        nth = torch.tensor([i for n in counts for i in range(n)])
        place = torch.tensor([b + i for b, n in zip(begun, counts, strict=True) for i in range(n)])
        last = torch.tensor(counts).cumsum(0) - 1
        turns = self._turns[place]
        # A row sees what it has read, and of what it reads now what stands before.
        seen = torch.zeros(size, most, dtype=torch.long)
        seen[at, nth] = place
        mask = mask_last = self._hidden(seen, reach)
        even = most * size == len(at)
        if most > 1:
            mask_last = self._hidden(place[last][:, None], reach)
        x = self._embedding[torch.tensor([t for each in tokens for t in each])]
        whole = slice(rows.start, rows.stop)
        for layer, (keys, values) in zip(self._layers, self._cache, strict=True):
            qkv = layer.qkv(self._normed(x)).view(-1, 3, self._heads, self._width)
            turned = _turned(qkv[:, :2], turns)
            keys[at + rows.start, place] = turned[:, 1]
            values[at + rows.start, place] = qkv[:, 2]
            final = layer is self._layers[-1]
            if final:  # of what it makes of all tokens only the last ones' is asked for
                x, asked, mask = x[last], turned[last, 0].unsqueeze(1), mask_last
            elif even:
                asked = turned[:, 0].view(size, most, self._heads, self._width)
            else:
                asked = turned.new_zeros(size, most, self._heads, self._width)
                asked[at, nth] = turned[:, 0]
            heard = scaled_dot_product_attention(
                asked.transpose(1, 2),
                keys[whole, :reach].transpose(1, 2),
                values[whole, :reach].transpose(1, 2),
                attn_mask=mask[:, None],
            ).transpose(1, 2)
            heard = heard.reshape(len(x), -1) if final or even else heard[at, nth].flatten(1)
            x = x + layer.out(heard)
            gate, up = layer.gate_up(self._normed(x)).chunk(2, dim=-1)
            x = x + layer.down(silu(gate) * up)
        for row, count in zip(rows, counts, strict=True):
            self._lengths[row] += count
        return self._head(self._normed(x))

    def _hidden(self, seen: torch.Tensor, reach: int) -> torch.Tensor:
        """What is added to scores so that each token sees its own place and those before."""
        hidden = torch.arange(reach) > seen[:, :, None]
        return torch.zeros(hidden.shape, dtype=self._dtype).masked_fill_(hidden, float("-inf"))

    def _normed(self, x: torch.Tensor) -> torch.Tensor:
        return x * torch.rsqrt(x.square().mean(-1, keepdim=True) + self._eps)

    def _grow(self, rows: int, places: int) -> None:
        """Have room for so many rows of so many tokens each."""
        has_rows, has_places = self._cache.shape[2:4]
        if rows <= has_rows and places <= has_places:
            return
        wanted = max(has_rows, -(-rows // _ROWS) * _ROWS)
        grown = self._room(wanted, max(has_places, -(-places // _PLACES) * _PLACES))
        grown[:, :, :has_rows, :has_places] = self._cache
        self._cache = grown

    def _room(self, rows: int, places: int) -> torch.Tensor:
        # Zeros: what is hidden is multiplied by nothing, and nothing times not-a-number is none.
        shape = (len(self._layers), 2, rows, places, self._heads, self._width)
        return torch.zeros(shape, dtype=self._dtype)


class _Matrix:
    """A matrix to multiply rows with.

    oneDNN's own layout takes half the time of what torch calls on an AMD processor, with the same numbers
    up to rounding. Where torch comes without it, or has no such layout for the numbers at hand, the
    matrix is taken as it stands.
    """

    def __init__(self, weight: torch.Tensor) -> None:
        self._weight = weight
        self._multiplied: Any = None
        if torch.backends.mkldnn.is_available() and weight.dtype == torch.float32:
            self._laid_out = _OPS._reorder_linear_weight(weight, 32)  # noqa: SLF001
            self._multiplied = _OPS._linear_pointwise.default  # noqa: SLF001

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        """Every row of `x`, multiplied."""
        if self._multiplied is None or len(x) < _FEW:
            return linear(x, self._weight)
        return self._multiplied(x, self._laid_out, None, "none", [], "")


class _Layer:
    """One layer's matrices, those that read the same input in one."""

    def __init__(self, layer: Any, width: int) -> None:
        attention, network = layer.self_attn, layer.mlp
        self.qkv = _joined(
            layer.input_layernorm,
            _paired(attention.q_proj, width),
            _paired(attention.k_proj, width),
            attention.v_proj.weight.detach(),
        )
        self.out = _Matrix(attention.o_proj.weight.detach())
        self.gate_up = _joined(
            layer.post_attention_layernorm,
            network.gate_proj.weight.detach(),
            network.up_proj.weight.detach(),
        )
        self.down = _Matrix(network.down_proj.weight.detach())


def _joined(norm: Any, *weights: torch.Tensor) -> _Matrix:
    return _Matrix(torch.cat(weights) * norm.weight.detach())


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


def _turned(x: torch.Tensor, turns: torch.Tensor) -> torch.Tensor:
    shape = (*x.shape[:-1], -1, 2)
    pairs = torch.view_as_complex(x.view(shape))
    return torch.view_as_real(pairs * turns).flatten(-2)
