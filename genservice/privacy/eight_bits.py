"""Weights in eight bits: each row of a matrix as whole numbers, and what one of them is worth.

Half the size of half precision, and whole numbers multiply several times as fast on processors that
have instructions for it. The scale of row i is its largest entry over 127 (symmetric, per channel;
Krishnamoorthi, 2018, "Quantizing deep convolutional networks for efficient inference", section 3).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

SCALE = ".scale"
"""What follows the name of a matrix in the name of its rows' scales."""
LARGEST = 127
"""The largest whole number that is used; the smallest is its opposite."""


def in_eight_bits(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Matrices as whole numbers with a scale a row; what is no matrix as it is, in half precision."""
    held: dict[str, Tensor] = {}
    for name, tensor in weights.items():
        if tensor.dim() != 2:
            held[name] = tensor.half().contiguous()
            continue
        held[name], held[name + SCALE] = rounded(tensor.float())
    return held


def in_full(held: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The weights that `in_eight_bits` wrote, in single precision; others pass through.

    Raises:
        RuntimeError: A scale does not fit its matrix.
    """
    full: dict[str, Tensor] = {}
    for name, tensor in held.items():
        if name.endswith(SCALE):
            continue
        scale = held.get(name + SCALE)
        full[name] = tensor.float() if scale is None else tensor.float() * scale.float()[:, None]
    return full


def rounded(matrix: Tensor) -> tuple[Tensor, Tensor]:
    """A matrix as whole numbers of eight bits, and the scale of each row."""
    scale = matrix.abs().amax(1).clamp(min=torch.finfo(torch.float32).tiny) / LARGEST
    return torch.round(matrix / scale[:, None]).to(torch.int8), scale
