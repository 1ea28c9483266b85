"""A converted model computes what llama2.c computes; real trained weights write what they learned."""

from __future__ import annotations

import random
import re
import struct
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from transformers import AutoModelForCausalLM, AutoTokenizer

from genservice.generation.checkpoint import Checkpoint
from tests.unit.generation.asking import request
from tests.unit.training import llama2c
from training.convert_llama2c import LayoutError, convert, main, read_pieces, tokenizer_of

STORIES = Path(__file__).parents[4] / "shared" / "data" / "stories260k"
with_stories = pytest.mark.skipif(
    not STORIES.is_dir(), reason="../shared/data/stories260k is not here"
)
NEVER = threading.Event()
PLAIN = (
    "Once upon a time, there was a little girl named Lily. She loved to play with her toys.",
    "Tim and his mom went to the park. They saw a big dog and a red ball.",
    "The cat was very happy. She wanted to play with the bird in the tree.",
)
_COMMON = """
a and she he was it the to her his with in of they there upon time once one day little big girl boy
named lily tim loved love play played very happy saw see went go said mom dad wanted want toy toys
park friend friends so that had have is on are you but not for all them something were ball dog cat
bird tree box car sun home house find found help up out some will can
"""
COMMON = frozenset(_COMMON.split())

torch.set_num_threads(1)


@pytest.fixture(scope="module")
def vocabulary(tmp_path_factory):
    path = tmp_path_factory.mktemp("vocabulary") / "tok.bin"
    llama2c.write_vocabulary(path, llama2c.pieces())
    return path


@pytest.fixture(scope="module")
def tokenizer(vocabulary):
    return tokenizer_of(read_pieces(vocabulary, len(llama2c.pieces())))


@pytest.mark.parametrize("shared", [True, False], ids=["shared output", "own output"])
def test_a_converted_model_computes_what_llama2c_computes(tmp_path, vocabulary, shared):
    size = len(llama2c.pieces())
    llama2c.write_weights(tmp_path / "model.bin", shared=shared, size=size)
    convert(tmp_path / "model.bin", vocabulary, tmp_path / "model")
    model = AutoModelForCausalLM.from_pretrained(tmp_path / "model", dtype=torch.float32)
    tokens = [1, 270, 44, 3, 275, 290, 261, 99]
    with torch.inference_mode():
        computed = model(torch.tensor([tokens])).logits[0].numpy()
    expected = llama2c.logits(llama2c.read_weights(tmp_path / "model.bin"), tokens)
    assert np.abs(expected).max() > 1
    np.testing.assert_allclose(computed, expected, atol=2e-4, rtol=2e-4)


def test_a_converted_folder_is_a_model_like_any_other(tmp_path, vocabulary):
    size = len(llama2c.pieces())
    llama2c.write_weights(tmp_path / "model.bin", shared=False, size=size, reads=512)
    convert(tmp_path / "model.bin", vocabulary, tmp_path / "model")
    checkpoint = Checkpoint(tmp_path / "model", device="cpu")
    described = checkpoint.describe("tiny")
    assert (described.family, described.prompt, described.context) == ("llama", "plain text", 512)
    assert len(checkpoint.write(request(0, 1), NEVER)) == 2


@given(st.text(st.sampled_from([*llama2c.LETTERS, "é", "\n", "猫", "\x00"]), max_size=30))
def test_texts_are_cut_as_llama2c_cuts_them(tokenizer, text):
    assert tokenizer(text)["input_ids"] == llama2c.encode(text, llama2c.pieces())


@given(st.text(st.sampled_from([*llama2c.LETTERS, "é", "猫"]), max_size=30))
def test_what_was_cut_is_put_together_again(tokenizer, text):
    assert tokenizer.decode(tokenizer(text)["input_ids"], skip_special_tokens=True) == text


def test_files_that_are_not_of_the_format_are_refused_by_name(tmp_path, vocabulary):
    size = len(llama2c.pieces())
    weights = tmp_path / "model.bin"
    llama2c.write_weights(weights, shared=True, size=size)
    whole = weights.read_bytes()
    zeros = struct.pack("<7i", *[0] * 7)
    negative = struct.pack("<7i", -24, *struct.unpack("<6i", whole[4:28])) + whole[28:]
    odd = struct.pack("<7i", 25, *struct.unpack("<6i", whole[4:28])) + whole[28:]
    broken = (b"", whole[:20], whole[:-4], whole + b"0000", zeros, negative, odd, b"PK" * 60)
    for content in broken:
        weights.write_bytes(content)
        with pytest.raises(LayoutError, match=r"model\.bin"):
            convert(weights, vocabulary, tmp_path / "model")
    for count in (size - 1, size + 1):
        with pytest.raises(LayoutError, match=r"tok\.bin"):
            read_pieces(vocabulary, count)
    assert not (tmp_path / "model").exists()


def test_the_command_takes_two_files_and_a_folder(tmp_path, vocabulary, monkeypatch):
    weights, folder = tmp_path / "model.bin", tmp_path / "model"
    llama2c.write_weights(weights, shared=True, size=len(llama2c.pieces()))
    monkeypatch.setattr(sys, "argv", ["convert", str(weights), str(vocabulary), str(folder)])
    main()
    assert (folder / "model.safetensors").is_file()


@pytest.fixture(scope="module")
def stories(tmp_path_factory):
    folder = tmp_path_factory.mktemp("stories") / "stories260k"
    convert(STORIES / "stories260K.bin", STORIES / "tok512.bin", folder)
    return folder


@pytest.fixture(scope="module")
def trained(stories):
    return AutoModelForCausalLM.from_pretrained(stories), AutoTokenizer.from_pretrained(stories)


@with_stories
def test_real_weights_compute_what_llama2c_computes(trained):
    model, tokenizer = trained
    tokens = tokenizer(PLAIN[0])["input_ids"]
    with torch.inference_mode():
        computed = model(torch.tensor([tokens])).logits[0].numpy()
    expected = llama2c.logits(llama2c.read_weights(STORIES / "stories260K.bin"), tokens)
    np.testing.assert_allclose(computed, expected, atol=2e-3)
    assert (computed.argmax(-1) == expected.argmax(-1)).all()


@with_stories
def test_the_real_vocabulary_cuts_texts_as_llama2c_does(trained):
    held = llama2c.read_vocabulary(STORIES / "tok512.bin", 512)
    texts = (
        *PLAIN,
        "",
        "[TITLE]: a [GENRE].",
        "Zürich, 3:15 — “quoted” 🎬!?",
        "  two  spaces\n\nnew",
    )
    for text in (*texts, Path(__file__).read_text(encoding="utf-8")[:2000]):
        assert trained[1](text)["input_ids"] == llama2c.encode(text, held)


@with_stories
def test_real_weights_know_plain_english_from_the_same_words_shuffled(trained):
    for text in PLAIN:
        words = text.split()
        random.Random(3).shuffle(words)
        assert likelihood(trained, text) > likelihood(trained, " ".join(words)) + 3.0


def likelihood(trained, text):
    """Mean log-likelihood of a token."""
    model, tokenizer = trained
    ids = torch.tensor([tokenizer(text)["input_ids"]])
    with torch.inference_mode():
        return -model(ids, labels=ids).loss.item()


@with_stories
def test_real_weights_go_on_with_a_story_in_common_words(trained):
    model, tokenizer = trained
    ids = torch.tensor([tokenizer("Once upon a time")["input_ids"]])
    with torch.inference_mode():
        output = model.generate(ids, max_new_tokens=80, do_sample=False, pad_token_id=0)
    text = tokenizer.decode(output[0], skip_special_tokens=True)
    assert text.startswith("Once upon a time, there was a little ")
    words = re.findall(r"[a-z]+", text.lower())
    assert len(words) > 40
    assert sum(word in COMMON for word in words) / len(words) > 0.75


@with_stories
def test_real_weights_are_loaded_and_described_like_any_model(stories):
    described = Checkpoint(stories, device="cpu").describe("stories260k")
    assert (described.family, described.kind, described.prompt) == ("llama", "causal", "plain text")
    assert (described.parameters, described.context) == (260_032, 512)
