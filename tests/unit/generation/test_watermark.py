"""The watermark: found where it is, not where it is not, and of no other effect."""

from __future__ import annotations

import threading

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from genservice.errors import SettingsError
from genservice.generation import load_detector, load_model
from genservice.generation.checkpoint import Checkpoint
from genservice.generation.sampling import GumbelMax, Sampling
from genservice.generation.watermark import DEPTH, NGRAM, Watermark, judged
from tests.unit.generation import tiny_models
from tests.unit.generation.asking import request

MARK = Watermark(bytes(32))
OTHER = Watermark(bytes([1]) * 32)
FREELY = Sampling(temperature=1.0, top_p=1.0)


def written(seed, count, watermark=None, size=50):
    """Tokens drawn from a vocabulary in which all are equally likely, as a model would draw them."""
    marked = [] if watermark is None else [watermark.row()]
    draw = GumbelMax(FREELY, [seed], "prompt", marked)
    tokens = torch.zeros((1, 0), dtype=torch.long)
    for _ in range(count):
        following = draw(tokens, torch.zeros(1, size)).argmax(dim=-1, keepdim=True)
        tokens = torch.cat([tokens, following], dim=1)
    return tokens[0].tolist()


def test_a_watermark_is_found_with_its_secret_and_with_no_other():
    for seed in range(5):
        tokens = written(seed, 200, MARK)
        assert judged(MARK.luck(tokens)).p_value < 1e-9
        assert judged(OTHER.luck(tokens)).p_value > 1e-3


def test_texts_without_one_score_as_chance_does():
    values = [judged(MARK.luck(written(seed, 100))).p_value for seed in range(100)]
    # Seeds are fixed, so this is no matter of luck.
    assert 0.3 < sum(values) / len(values) < 0.7
    assert sum(value < 0.01 for value in values) <= 3


def test_what_is_found_survives_the_loss_of_other_words():
    tokens = written(3, 300, MARK)
    changed = [token if i % 10 else 49 - token for i, token in enumerate(tokens)]
    whole, part = judged(MARK.luck(tokens)), judged(MARK.luck(changed))
    assert whole.p_value < part.p_value < 1e-6


def test_a_text_too_short_to_count_shows_nothing():
    for count in range(NGRAM):
        shown = judged(MARK.luck(list(range(count))))
        assert (shown.tokens, shown.score, shown.p_value) == (0, None, 1.0)


def test_over_all_secrets_every_token_keeps_its_probability():
    scores = torch.tensor([0.6, 0.3, 0.1]).log()
    shares = torch.zeros(3)
    for number in range(400):
        row = Watermark(number.to_bytes(32)).row([7, 8, 9, 10])
        shares += row.tournament(scores, torch.tensor([4, 5, 6])).exp()
    assert torch.allclose(shares / 400, torch.tensor([0.6, 0.3, 0.1]), atol=0.06)


def test_what_is_out_of_the_draw_stays_out():
    scores = torch.tensor([0.0, float("-inf"), 0.0])
    played = MARK.row([1, 2, 3, 4]).tournament(scores, torch.tensor([0, 1, 2]))
    assert played[1] == float("-inf")
    assert torch.isclose(played.exp().sum(), torch.tensor(1.0))


def test_a_context_that_came_before_is_not_played_again():
    row = MARK.row([1, 2, 3, 4])
    scores, tokens = torch.zeros(4), torch.arange(4)
    assert not torch.equal(row.tournament(scores, tokens), scores)
    for token in (1, 2, 3, 4):
        row.chosen(token)
    assert torch.equal(row.tournament(scores, tokens), scores)


def test_a_text_that_goes_on_from_a_prefix_is_marked_as_the_whole_one():
    tokens = written(1, 60, MARK)
    row = MARK.row(tokens[:40])
    whole = MARK.row()
    scores, ids = torch.zeros(50), torch.arange(50)
    for token in tokens[:40]:
        whole.tournament(scores, ids)
        whole.chosen(token)
    assert torch.equal(row.tournament(scores, ids), whole.tournament(scores, ids))


@given(st.lists(st.integers(0, 2**31 - 1), max_size=40))
def test_any_tokens_have_a_judgement(tokens):
    luck = MARK.luck(tokens)
    assert all(len(rounds) == DEPTH for rounds in luck)
    assert len(luck) <= max(0, len(tokens) - NGRAM + 1)
    assert 0.0 <= judged(luck).p_value <= 1.0


def test_rows_written_together_are_those_written_alone(tmp_path):
    tiny_models.llama(tmp_path)
    checkpoint = Checkpoint(tmp_path, device="cpu", watermark=MARK)
    going = threading.Event()
    together = checkpoint.write(request(seeds=(1, 2), limit=1200), going)
    alone = [checkpoint.write(request(seeds=(seed,), limit=1200), going)[0] for seed in (1, 2)]
    assert list(together) == alone


def test_only_long_texts_of_models_that_write_freely_carry_one(tmp_path):
    tiny_models.llama(tmp_path)
    marked, plain = Checkpoint(tmp_path, watermark=MARK), Checkpoint(tmp_path)
    going = threading.Event()
    short, long = request(seeds=(1,), limit=180), request(seeds=(1,), limit=1200)
    assert marked.write(short, going) == plain.write(short, going)
    assert marked.write(long, going) != plain.write(long, going)


def test_a_watermark_is_part_of_the_revision_and_of_nothing_embedded(tmp_path):
    tiny_models.llama(tmp_path)
    revisions = [
        load_model(source, watermark=secret).revision
        for source in (str(tmp_path), "embedded")
        for secret in (None, bytes(32))
    ]
    assert revisions[1] == f"{revisions[0]} {MARK.id}"
    assert revisions[2] == revisions[3]


@pytest.mark.parametrize("source", ["embedded", "http://127.0.0.1:1/v1"])
def test_a_model_whose_texts_carry_none_has_no_detector(source):
    with pytest.raises(SettingsError, match="only texts of a folder or a hub id"):
        load_detector(source, [bytes(32)])
