"""What the layers of a Llama make of tokens: one program, which torch runs without Python.

Called from Python, each of its hundred and more operations lets go of the interpreter's lock, and waits for it
again behind whatever else the process does: beside a busy event loop that took a quarter more of the processor,
and three times as long. As TorchScript it lets go of the lock once. torch calls TorchScript deprecated, but what it
recommends instead needs a C++ compiler where it runs.
"""

# TorchScript reads the annotations, so they are not those of the future.

import warnings
from collections.abc import Callable
from functools import cache
from typing import NamedTuple

import torch
from torch.nn.functional import linear, scaled_dot_product_attention, silu


class Matrix(NamedTuple):
    """A matrix to multiply rows with."""

    weight: torch.Tensor
    laid_out: torch.Tensor | None
    """The same in oneDNN's own layout, which takes half the time of what torch calls on an AMD processor, with
    the same numbers up to rounding. None where torch comes without it, or has no such layout for the numbers at
    hand: then it is taken as it stands."""


class Layer(NamedTuple):
    """One layer's matrices, those that read the same input in one; what norms multiply with is part of them."""

    qkv: Matrix
    out: Matrix
    gate_up: Matrix
    down: Matrix


class Weights(NamedTuple):
    """A whole model."""

    embedding: torch.Tensor
    layers: list[Layer]
    head: Matrix
    turns: torch.Tensor
    """What turns the pairs of a head, as complex numbers by place."""
    heads: int
    eps: float


def product(x: torch.Tensor, by: Matrix) -> torch.Tensor:
    """Every row of `x`, multiplied."""
    laid_out = by.laid_out
    # A matrix as it stands is as quick for fewer rows.
    if laid_out is None or x.shape[0] < 4:
        return linear(x, by.weight)
    return torch.ops.mkldnn._linear_pointwise(x, laid_out, None, "none", [], "")  # noqa: SLF001


def normed(x: torch.Tensor, eps: float) -> torch.Tensor:
    """Every row of `x`, made as long as any other."""
    return x * torch.rsqrt(x.square().mean(-1, keepdim=True) + eps)


def hidden(seen: torch.Tensor, reach: int, dtype: torch.dtype) -> torch.Tensor:
    """What is added to scores so that each token sees its own place and those before."""
    beyond = torch.arange(reach) > seen.unsqueeze(-1)
    return torch.zeros(beyond.shape, dtype=dtype).masked_fill_(beyond, float("-inf")).unsqueeze(1)


def advanced(
    weights: Weights,
    cache: torch.Tensor,
    first: int,
    reach: int,
    tokens: torch.Tensor,
    counts: torch.Tensor,
    begun: torch.Tensor,
) -> torch.Tensor:
    """The logits after the last token of each row.

    Args:
        weights: The model's.
        cache: Keys and values by layer, row and place; those of these tokens are added.
        first: The first of the rows.
        reach: How far any of them gets.
        tokens: One row's after the other's; the last one may be there several times.
        counts: How many are each row's.
        begun: How many it has read before.
    """
    size, most, width = counts.shape[0], int(counts.max()), cache.shape[-1]
    last = counts.cumsum(0) - 1
    begin = last + 1 - counts
    number = torch.arange(tokens.shape[0]).clamp(max=int(last[-1]))
    rows = torch.repeat_interleave(counts)[number]
    nth = number - begin[rows]
    place = begun[rows] + nth
    turns = weights.turns[place]
    # Rows are laid out as long as the longest: what is missing of one asks what its last token asks.
    laid_out = torch.minimum(begin.unsqueeze(1) + torch.arange(most), last.unsqueeze(1))
    mask = hidden(place[laid_out], reach, cache.dtype)
    x = weights.embedding[tokens]
    for depth, layer in enumerate(weights.layers):
        qkv = product(normed(x, weights.eps), layer.qkv).view(-1, 3, weights.heads, width)
        pairs = qkv[:, :2].view(-1, 2, weights.heads, width // 2, 2)
        torch.view_as_complex(pairs).mul_(turns)
        held = cache[depth]
        held[rows + first, place] = qkv[:, 1:]
        if depth == len(weights.layers) - 1:
            # Of what it makes of all tokens only the last ones' is asked for.
            x, laid_out = x[last], last.unsqueeze(1)
            rows, nth = torch.arange(size), torch.zeros_like(last)
            mask = hidden(place[laid_out], reach, cache.dtype)
        keys, values = held[first : first + size, :reach].unbind(2)
        heard = scaled_dot_product_attention(
            qkv[:, 0][laid_out].transpose(1, 2),
            keys.transpose(1, 2),
            values.transpose(1, 2),
            attn_mask=mask,
        )
        x = x + product(heard.transpose(1, 2)[rows, nth].flatten(1), layer.out)
        gate, up = product(normed(x, weights.eps), layer.gate_up).chunk(2, dim=-1)
        x = x + product(silu(gate) * up, layer.down)
    return product(normed(x, weights.eps), weights.head)


@cache
def program() -> Callable[..., torch.Tensor]:
    """`advanced` as TorchScript; where torch lacks that, or something that it calls, as it stands."""
    return _compiled(advanced)


def _compiled(program: Callable[..., torch.Tensor]) -> Callable[..., torch.Tensor]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        try:
            return torch.jit.script(program)  # pyright: ignore[reportUnknownVariableType]  of a type it does not tell
        except (AttributeError, OSError, RuntimeError):
            # It compiles the source, which need not lie there.
            return program
