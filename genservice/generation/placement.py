"""Where a model computes, and with which numbers: all of the rules, in one place.

| where | numbers |
| --- | --- |
| CUDA, then Apple's MPS, then the CPU | the first one there is, unless one is asked for |
| GPU, weights in bfloat16 | bfloat16 where the GPU has it, else float32: in float16 they could overflow |
| GPU, weights in float16 | float16 |
| GPU, weights in float32 | float32 up to a billion parameters, then bfloat16 where the GPU has it |
| CPU, up to a billion parameters | float32, which every CPU computes fastest |
| CPU, larger | bfloat16 where the CPU has instructions for it, else float32 |
| CPU, where float32 would take more than half of the memory | bfloat16 |
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Literal

import msgspec
import torch

if TYPE_CHECKING:
    from collections.abc import Mapping

Numbers = Literal["float32", "bfloat16", "float16"]

_SMALL = 1_000_000_000
"""Parameters up to which float32 costs little memory, and nothing in speed."""
_CPU_BFLOAT16 = ("amx_bf16", "avx512_bf16", "bf16")


class Machine(msgspec.Struct, frozen=True, kw_only=True):
    """What a computer has to compute with."""

    cuda: bool = False
    mps: bool = False
    gpu_bfloat16: bool = False
    """Whether that GPU computes in bfloat16."""
    cpu_bfloat16: bool = False
    """Whether the CPU has instructions for bfloat16."""
    memory: int
    """Bytes of main memory."""


class Placement(msgspec.Struct, frozen=True):
    """Where a model computes, and with which numbers."""

    device: str
    """As torch names it: `cuda`, `mps`, `cpu`."""
    numbers: Numbers


def this_machine() -> Machine:
    """What the computer has that this runs on."""
    cuda, mps = torch.cuda.is_available(), torch.backends.mps.is_available()
    # Emulated bfloat16 is slower than float32.
    newer: Any = torch.backends.mps.is_macos_or_newer
    gpu = torch.cuda.is_bf16_supported(including_emulation=False) if cuda else mps and newer(14, 0)
    capabilities: Any = getattr(torch.cpu, "get_capabilities", dict)
    has: Mapping[str, object] = capabilities()
    return Machine(
        cuda=cuda,
        mps=mps,
        gpu_bfloat16=bool(gpu),
        cpu_bfloat16=any(has.get(name) for name in _CPU_BFLOAT16),
        memory=os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
    )


def place(
    stored: Numbers, parameters: int, machine: Machine, *, device: str | None = None
) -> Placement:
    """Where a model should compute, and with which numbers, by the rules above.

    Args:
        stored: What its weights are kept in.
        parameters: How many there are.
        machine: What there is to compute with.
        device: Where, if that is asked for; `cuda:1` will do too.
    """
    where = device or ("cuda" if machine.cuda else "mps" if machine.mps else "cpu")
    on_cpu = where.partition(":")[0] == "cpu"
    choose = _on_cpu if on_cpu else _on_gpu
    return Placement(where, choose(stored, parameters, machine))


def _on_gpu(stored: Numbers, parameters: int, machine: Machine) -> Numbers:
    if stored == "float16":
        return "float16"
    if stored == "float32" and parameters <= _SMALL:
        return "float32"
    return "bfloat16" if machine.gpu_bfloat16 else "float32"


def _on_cpu(stored: Numbers, parameters: int, machine: Machine) -> Numbers:
    del stored  # float16 too: CPUs are slow at it
    if parameters * 4 > machine.memory / 2:
        return "bfloat16"
    return "bfloat16" if parameters > _SMALL and machine.cpu_bfloat16 else "float32"
