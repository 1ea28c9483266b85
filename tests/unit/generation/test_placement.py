"""Where models compute and with which numbers: the table of decisions, row by row."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from genservice.generation.placement import Machine, Placement, place, this_machine

GIB = 2**30
LAPTOP = Machine(memory=16 * GIB)
NEW_CPU = Machine(memory=64 * GIB, cpu_bfloat16=True)
OLD_GPU = Machine(cuda=True, memory=64 * GIB)
GPU = Machine(cuda=True, gpu_bfloat16=True, memory=64 * GIB)
MAC = Machine(mps=True, gpu_bfloat16=True, memory=32 * GIB)
SMALL, LARGE, HUGE = 500_000_000, 1_500_000_000, 8_000_000_000


@dataclass(frozen=True)
class Case:
    id: str
    stored: str
    parameters: int
    machine: Machine
    device: str
    numbers: str
    asked: dict = field(default_factory=dict)


CASES = [
    Case("a new GPU keeps bfloat16", "bfloat16", LARGE, GPU, "cuda", "bfloat16"),
    Case("an old GPU widens bfloat16", "bfloat16", LARGE, OLD_GPU, "cuda", "float32"),
    Case("a new GPU keeps float16", "float16", LARGE, GPU, "cuda", "float16"),
    Case("an old GPU keeps float16", "float16", SMALL, OLD_GPU, "cuda", "float16"),
    Case("a GPU keeps float32 of a small model", "float32", SMALL, GPU, "cuda", "float32"),
    Case("a GPU halves float32 of a large one", "float32", LARGE, GPU, "cuda", "bfloat16"),
    Case("an old GPU does not", "float32", LARGE, OLD_GPU, "cuda", "float32"),
    Case("a Mac takes its GPU", "bfloat16", LARGE, MAC, "mps", "bfloat16"),
    Case("a CPU widens a small model", "bfloat16", SMALL, LAPTOP, "cpu", "float32"),
    Case("a CPU widens float16", "float16", SMALL, NEW_CPU, "cpu", "float32"),
    Case("an old CPU widens a large one", "bfloat16", LARGE, LAPTOP, "cpu", "float32"),
    Case("a new CPU halves a large one", "float32", LARGE, NEW_CPU, "cpu", "bfloat16"),
    Case("little memory halves any", "float32", HUGE, LAPTOP, "cpu", "bfloat16"),
    Case("asked for, the CPU beside a GPU", "float32", SMALL, GPU, "cpu", "float32", {"device": "cpu"}),
    Case("asked for, the second GPU", "bfloat16", LARGE, GPU, "cuda:1", "bfloat16", {"device": "cuda:1"}),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_a_model_is_placed_by_what_it_is_and_what_there_is(case):
    placed = place(case.stored, case.parameters, case.machine, **case.asked)
    assert placed == Placement(case.device, case.numbers)


def test_exactly_half_of_the_memory_is_still_enough():
    assert place("float32", 2 * GIB, Machine(memory=16 * GIB)).numbers == "float32"
    assert place("float32", 2 * GIB + 1, Machine(memory=16 * GIB)).numbers == "bfloat16"


def test_this_machine_has_memory_and_at_most_one_kind_of_gpu():
    machine = this_machine()
    assert machine.memory > GIB
    assert not (machine.cuda and machine.mps)
