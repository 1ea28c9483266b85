"""Sampling: a draw from the softmax, seeded row by row."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from genservice.generation.sampling import GumbelMax, Sampling

PLAIN = Sampling(temperature=1.0, top_p=1.0)
NONE = torch.zeros((1, 0), dtype=torch.long)


def draws(logits, sampling, count):
    scores = torch.tensor(logits).repeat(count, 1)
    return GumbelMax(sampling, range(count), "prompt")(NONE, scores).argmax(dim=-1)


def test_tokens_come_as_often_as_the_softmax_says():
    logits = [2.0, 1.0, 0.0, -1.0]
    found = torch.bincount(draws(logits, PLAIN, 4000), minlength=4) / 4000
    # Seeds are fixed, so this is no matter of luck: four standard deviations hold for these.
    assert torch.allclose(found, torch.tensor(logits).softmax(0), atol=0.032)


def test_a_low_temperature_prefers_what_is_likely():
    cold = draws([1.0, 0.5], Sampling(temperature=0.1, top_p=1.0), 1000)
    warm = draws([1.0, 0.5], Sampling(temperature=2.0, top_p=1.0), 1000)
    assert cold.sum() < warm.sum()


def test_only_the_first_tokens_of_a_text_are_drawn_more_freely():
    sampling = Sampling(temperature=0.1, top_p=0.5, opening=5.0)
    scores = torch.tensor([1.0, 0.5, float("-inf")]).repeat(1000, 1)
    draw = GumbelMax(sampling, range(1000), "prompt")
    shares = [(draw(NONE, scores).argmax(dim=-1) == 1).float().mean().item() for _ in range(5)]
    assert all(share > 0.4 for share in shares[:3])
    assert shares[3:] == [0.0, 0.0]


def test_at_temperature_zero_every_seed_takes_the_likeliest():
    assert set(draws([0.1, 0.3, 0.2], Sampling(temperature=0.0), 50).tolist()) == {1}


def test_only_the_tokens_that_together_reach_top_p_are_drawn():
    logits = torch.tensor([0.6, 0.3, 0.07, 0.03]).log().tolist()
    drawn = draws(logits, Sampling(temperature=1.0, top_p=0.85), 2000)
    assert set(drawn.tolist()) == {0, 1}


@given(st.floats(0.01, 1.0), st.lists(st.floats(-30, 30), min_size=2, max_size=12))
def test_something_can_always_be_drawn(top_p, logits):
    drawn = draws(logits, Sampling(temperature=0.7, top_p=top_p), 3)
    assert all(0 <= token < len(logits) for token in drawn.tolist())


@given(st.lists(st.booleans(), min_size=2, max_size=12).filter(any), st.integers())
def test_a_forbidden_token_is_never_drawn(allowed, seed):
    scores = torch.zeros(1, len(allowed)).masked_fill(~torch.tensor([allowed]), float("-inf"))
    drawn = GumbelMax(Sampling(), [seed], "prompt")(NONE, scores).argmax().item()
    assert allowed[drawn]


@given(st.lists(st.integers(), min_size=1, max_size=5))
def test_the_noise_of_a_row_depends_on_its_seed_alone(seeds):
    scores = torch.zeros(len(seeds), 40)
    together = GumbelMax(PLAIN, seeds, "prompt")(NONE, scores)
    alone = [GumbelMax(PLAIN, [seed], "prompt")(NONE, scores[:1])[0] for seed in seeds]
    assert torch.equal(together, torch.stack(alone))


def test_seeds_that_differ_beyond_32_bits_and_prompts_that_differ_give_other_noise():
    scores = torch.zeros(1, 40)
    noise = [
        GumbelMax(PLAIN, [seed], prompt)(NONE, scores)
        for seed, prompt in [(0, "a"), (2**32, "a"), (-1, "a"), (0, "b")]
    ]
    assert all(
        not torch.equal(one, other) for i, one in enumerate(noise) for other in noise[i + 1 :]
    )


def test_the_global_generator_is_left_alone():
    before = torch.get_rng_state()
    draws([1.0, 0.5], Sampling(), 8)
    assert torch.equal(before, torch.get_rng_state())


@pytest.mark.parametrize("spread", [0.0, 1.0, 8.0])
def test_a_large_vocabulary_is_drawn_from_as_a_whole(spread):
    """Looking at the likeliest tokens first gives what sorting all of them gives."""
    scores = torch.randn(6, 20_000, generator=torch.Generator().manual_seed(3)) * spread
    sampling = Sampling(temperature=1.0, top_p=0.9)
    found = GumbelMax(sampling, range(6), "prompt")(NONE, scores)
    ordered, order = scores.softmax(dim=-1).sort(dim=-1, descending=True, stable=True)
    kept = (ordered.cumsum(dim=-1) - ordered < 0.9).sum(dim=-1)
    for row in range(6):
        drawable = set(found[row].isfinite().nonzero().flatten().tolist())
        assert abs(len(drawable) - int(kept[row])) <= 1
        if spread:
            assert drawable >= set(order[row, : int(kept[row]) - 1].tolist())
