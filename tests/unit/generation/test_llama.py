"""Our arithmetic is transformers', whichever rows read however many tokens, and whoever runs it."""

from __future__ import annotations

import random

import pytest
import torch

from genservice.generation import embedded_folder, layers
from genservice.generation.checkpoint import Checkpoint
from genservice.generation.llama import Llama, _size_for


@pytest.fixture(scope="module")
def model():
    return Checkpoint(embedded_folder(), device="cpu").plain


def read(llama: Llama, seed: int) -> list[tuple[list[list[int]], torch.Tensor]]:
    """Rows that join, go on by some tokens and leave; what all had read by then, and the scores, after each step."""
    drawn = random.Random(seed)

    def some(most: int) -> list[int]:
        return [drawn.randrange(4, 2000) for _ in range(drawn.randint(1, most))]

    told: list[tuple[list[list[int]], torch.Tensor]] = []
    texts: list[list[int]] = []

    def advance(first: int, tokens: list[list[int]]) -> None:
        for text, more in zip(texts[first:], tokens, strict=True):
            text += more
        scores = llama.advance(range(first, len(texts)), tokens)
        told.append(([list(text) for text in texts[first:]], scores))

    for _ in range(8):
        if texts:
            advance(0, [some(6) for _ in texts])
        joining = drawn.randint(1, 3)
        first = llama.open(joining).start
        texts += [[] for _ in range(joining)]
        advance(first, [some(70) for _ in range(joining)])
        gone = drawn.randrange(len(texts))
        llama.close(gone)
        last = texts.pop()
        if gone < len(texts):
            texts[gone] = last
    return told


@pytest.mark.parametrize("seed", range(3))
def test_scores_are_those_of_transformers_for_what_each_row_has_read(model, seed: int) -> None:
    double = Checkpoint(embedded_folder(), device="cpu").plain.double()
    for texts, scores in read(Llama(double), seed):
        for text, ours in zip(texts, scores, strict=True):
            with torch.inference_mode():
                theirs = double(torch.tensor([text])).logits[0, -1]
            torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-5)


def test_torch_runs_the_program_and_its_numbers_are_those_of_python(model, monkeypatch) -> None:
    assert isinstance(layers.program(), torch.jit.ScriptFunction)
    scripted = [scores for _, scores in read(Llama(model), 1)]
    monkeypatch.setattr(layers, "program", lambda: layers.advanced)
    plain = [scores for _, scores in read(Llama(model), 1)]
    for one, other in zip(scripted, plain, strict=True):
        torch.testing.assert_close(one, other)


@pytest.mark.parametrize("error", [AttributeError, OSError, RuntimeError])
def test_where_torch_cannot_compile_it_python_runs_it(monkeypatch, error: type[Exception]) -> None:
    def fails(_: object) -> None:
        raise error

    monkeypatch.setattr(torch.jit, "script", fails)
    assert layers._compiled(layers.advanced) is layers.advanced


def test_few_numbers_of_tokens_are_computed_and_little_that_nobody_asked_for() -> None:
    sizes = {tokens: _size_for(tokens) for tokens in range(1, 4097)}
    assert all(tokens <= size <= tokens * 9 / 8 for tokens, size in sizes.items())
    assert len(set(sizes.values())) < 90
