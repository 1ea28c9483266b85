"""What config, generation config and tokenizer say of a model, and what is refused by name."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from transformers import BartConfig, GPT2Config, Qwen2Config, T5Config

from genservice.errors import ModelFilesError
from genservice.generation.reading import (
    advised,
    check_vocabulary,
    ends_of,
    opening_of,
    reads,
    start_of,
    writes,
)

FOLDER = Path("/models/tiny")


class Words:
    """As much of a tokenizer as is asked."""

    def __init__(self, size, *, end=None):
        self.vocab_size = size
        self.eos_token_id = end

    def __len__(self):
        return self.vocab_size


def said(**changes):
    names = (
        "eos_token_id", "decoder_start_token_id", "bos_token_id", "pad_token_id",
        "forced_bos_token_id", "temperature", "top_p",
    )  # fmt: skip
    return SimpleNamespace(**(dict.fromkeys(names) | changes))


@pytest.mark.parametrize("named", [5, [5], [5, 7]])
def test_every_token_named_as_an_end_ends_a_text(named):
    ends = ends_of(FOLDER, said(eos_token_id=named), Words(10, end=9))
    assert ends == {9, *([named] if isinstance(named, int) else named)}


def test_without_an_end_the_file_that_should_name_it_is_told():
    with pytest.raises(ModelFilesError, match="ends a text") as caught:
        ends_of(FOLDER, said(), Words(10))
    assert caught.value.file == str(FOLDER / "tokenizer_config.json")


def test_an_end_that_the_tokenizer_lacks_is_another_models():
    with pytest.raises(ModelFilesError, match="has no token 10,") as caught:
        ends_of(FOLDER, said(eos_token_id=[3, 10]), Words(10))
    assert caught.value.file == str(FOLDER / "tokenizer.json")


def test_a_tokenizer_may_be_smaller_than_the_model_but_not_larger():
    check_vocabulary(FOLDER, Words(10), 12)
    with pytest.raises(ModelFilesError, match="10 tokens, the model 9") as caught:
        check_vocabulary(FOLDER, Words(10), 9)
    assert caught.value.file == str(FOLDER / "tokenizer.json")


def test_a_causal_model_begins_with_its_prompt():
    assert start_of(FOLDER, said(bos_token_id=1), Qwen2Config()) == []


@pytest.mark.parametrize(
    ("given", "start"),
    [
        (said(decoder_start_token_id=2, bos_token_id=0), [2]),
        (said(decoder_start_token_id=2, forced_bos_token_id=0), [2, 0]),
        (said(bos_token_id=4, pad_token_id=1), [4]),
        (said(pad_token_id=0), [0]),
    ],
)
def test_a_sequence_to_sequence_model_begins_with_what_its_makers_name(given, start):
    config = SimpleNamespace(is_encoder_decoder=True)
    assert start_of(FOLDER, given, config) == start


def test_without_a_beginning_the_file_that_should_name_it_is_told():
    with pytest.raises(ModelFilesError, match="decoder_start_token_id") as caught:
        start_of(FOLDER, said(), SimpleNamespace(is_encoder_decoder=True))
    assert caught.value.file == str(FOLDER / "generation_config.json")


@pytest.mark.parametrize(
    ("config", "both"),
    [
        (Qwen2Config(max_position_embeddings=77), (77, 77)),
        (GPT2Config(n_positions=77), (77, 77)),
        (BartConfig(max_position_embeddings=77), (77, 77)),
        (T5Config(), (None, None)),
    ],
    ids=lambda value: getattr(value, "model_type", None),
)
def test_how_much_a_model_reads_and_writes_is_known_whatever_its_family_calls_it(config, both):
    assert (reads(config), writes(config)) == both


def test_the_makers_advice_counts_and_greedy_advice_too():
    assert advised(said(temperature=0.0, top_p=0.5)).temperature == 0
    assert advised(said(temperature=0.6)).temperature == 0.6
    assert advised(said()).top_p == 0.95


def test_advice_that_would_leave_no_token_to_draw_is_not_taken_literally():
    odd = advised(said(temperature=-1.0, top_p=0.0))
    assert odd.temperature == 0
    assert 0 < odd.top_p < 0.001
    assert advised(said(top_p=7.0)).top_p == 1


@pytest.mark.parametrize(
    ("marks", "opening"),
    [
        ({"prompt": "compact", "opening": 1.6}, 1.6),
        ({"prompt": "compact"}, None),
        ({"opening": 1.6}, None),
        ({"prompt": "compact", "opening": "often"}, None),
        ({"prompt": "compact", "opening": -1}, None),
        ({"prompt": "compact", "opening": float("inf")}, None),
        ("another's", None),
        (None, None),
    ],
)
def test_how_freely_a_text_begins_is_for_our_own_models_to_say(marks, opening):
    assert opening_of(SimpleNamespace(genservice=marks)) == opening
