"""Tiny random models of many families, each as its makers lay it out on the hub."""

from __future__ import annotations

import re
import threading

import pytest
import torch
from safetensors import safe_open
from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

from genservice.errors import ModelUnavailableError
from genservice.generation.checkpoint import Checkpoint
from genservice.generation.model_files import weights_in
from tests.unit.generation import tiny_models
from tests.unit.generation.asking import request
from tests.unit.generation.test_slot_spelling import lawful
from tests.unit.generation.tiny_models import FAMILIES, SLOTS

NEVER = threading.Event()
SEEDS = (5, 6, 7, 8)
OFFERED = frozenset({"TITLE", "GENRE", "CAST_12"})
SYSTEM, USER = "Be brief.", "Write."
each_family = pytest.mark.parametrize("family", FAMILIES)


@pytest.fixture(scope="module")
def places(tmp_path_factory):
    place = tmp_path_factory.mktemp("families")
    return {family: build(place / family) for family, build in FAMILIES.items()}


@pytest.fixture(scope="module")
def loaded(places):
    return {family: Checkpoint(folder, device="cpu") for family, folder in places.items()}


DESCRIBED = {
    "llama": ("LlamaForCausalLM", "causal", 8192, "chat"),
    "qwen3": ("Qwen3ForCausalLM", "causal", 8192, "chat"),
    "gemma3": ("Gemma3ForCausalLM", "causal", 8192, "chat without system turns"),
    "mistral": ("MistralForCausalLM", "causal", 8192, "chat without system turns"),
    "phi3": ("Phi3ForCausalLM", "causal", 8192, "chat without system turns"),
    "gpt2": ("GPT2LMHeadModel", "causal", 1024, "plain text"),
    "t5": ("T5ForConditionalGeneration", "sequence-to-sequence", None, "plain text"),
    "bart": ("BartForConditionalGeneration", "sequence-to-sequence", 1024, "plain text"),
}


@each_family
def test_a_family_is_known_for_what_it_is(loaded, family):
    described = loaded[family].describe("tiny")
    known = (described.architecture, described.kind, described.context, described.prompt)
    assert known == DESCRIBED[family]
    assert described.family.startswith(family)
    assert (described.dtype, described.device) == ("float32", "cpu")


PROMPTS = {
    "llama": "<s><|start_header_id|>system<|end_header_id|>\n\nBe brief.<|eot_id|>"
    "<|start_header_id|>user<|end_header_id|>\n\nWrite.<|eot_id|>"
    "<|start_header_id|>assistant<|end_header_id|>\n\n",
    "qwen3": "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nWrite.<|im_end|>\n"
    "<|im_start|>assistant\n<think>\n\n</think>\n\n",
    "gemma3": "<start_of_turn>user\nBe brief.\n\nWrite.<end_of_turn>\n<start_of_turn>model\n",
    "mistral": "<s>[INST] Be brief.\n\nWrite. [/INST]",
    "phi3": "<|user|>\nBe brief.\n\nWrite.<|end|>\n<|assistant|>\n",
    "gpt2": "Be brief.\n\nWrite.\n\n",
    "t5": "Be brief. Write.</s>",
    "bart": "<s>Be brief.\n\nWrite.</s>",
}


@each_family
def test_a_prompt_is_put_in_the_form_that_the_family_takes(loaded, family):
    model = loaded[family]
    assert model._tokenizer.decode(model.encode(request().prompt)) == PROMPTS[family]


@each_family
def test_texts_hold_offered_slots_only_spelled_whole_and_no_control_tokens(loaded, family):
    model = loaded[family]
    special = model._tokenizer.all_special_tokens
    for text in model.write(request(*range(6), slots=sorted(OFFERED), limit=120), NEVER):
        assert lawful(re.sub(r"\[[^\]]*$", "", text), OFFERED)
        assert not any(token in text for token in special)


@each_family
def test_a_seed_gives_the_same_text_alone_among_others_and_in_another_process(
    loaded, places, family
):
    together = loaded[family].write(request(*SEEDS), NEVER)
    assert len(set(together)) == len(SEEDS)
    anew = Checkpoint(places[family], device="cpu")
    assert anew.write(request(SEEDS[2]), NEVER) == (together[2],)


@each_family
def test_a_text_stops_where_the_model_ends_it(loaded, family):
    model = loaded[family]
    for end in model._ends:
        known = model._tokenizer("A story", add_special_tokens=False)["input_ids"]
        after = model._tokenizer(" with more", add_special_tokens=False)["input_ids"]
        assert model.text([*known, end, *after]) == "A story"


ENDS = {
    "llama": {"</s>", "<|eot_id|>"},
    "qwen3": {"<|im_end|>"},
    "gemma3": {"<eos>", "<end_of_turn>"},
    "mistral": {"</s>"},
    "phi3": {"<|endoftext|>", "<|end|>"},
    "gpt2": {"<|endoftext|>"},
    "t5": {"</s>"},
    "bart": {"</s>"},
}


@each_family
def test_every_end_that_its_makers_name_is_known(loaded, family):
    model = loaded[family]
    assert set(model._tokenizer.convert_ids_to_tokens(sorted(model._ends))) == ENDS[family]


@each_family
def test_a_prompt_that_is_too_long_is_refused_and_not_cut(loaded, family):
    model = loaded[family]
    limit = model.describe("tiny").context or 4096
    asked = request(user="a story of the quiet " * limit)
    assert len(model.encode(asked.prompt)) > limit
    with pytest.raises(ModelUnavailableError, match="longer"):
        model.write(asked, NEVER)


@pytest.mark.parametrize("family", ["gpt2", "bart"])
def test_the_room_that_a_prompt_leaves_decides_to_the_token(loaded, family):
    model = loaded[family]
    fixed = len(model.encode(request(user="").prompt))
    one = len(model.encode(request(user=" [" * 10).prompt)) - fixed
    per = one // 10
    assert one == per * 10
    most = 1024 if family == "bart" else 1024 - 90 // 4
    fits = (most - fixed) // per
    assert model.write(request(user=" [" * fits, limit=90), NEVER)
    with pytest.raises(ModelUnavailableError, match="longer"):
        model.write(request(user=" [" * (fits + 1), limit=90), NEVER)


@pytest.mark.parametrize(
    ("family", "stored"), [("llama", "float32"), ("mistral", "bfloat16"), ("phi3", "float16")]
)
def test_half_precision_is_told_from_the_files_and_widened_on_a_cpu(places, loaded, family, stored):
    assert weights_in(places[family]).stored == stored
    with safe_open(str(places[family] / "model.safetensors"), "pt") as tensors:
        name = "model.embed_tokens.weight"
        kept = tensors.get_tensor(name)
    assert str(kept.dtype) == f"torch.{stored}"
    read = loaded[family]._model.get_input_embeddings().weight
    assert read.dtype == torch.float32
    assert torch.equal(read, kept.float())


def test_a_sequence_to_sequence_model_in_shards_writes_the_same(places, loaded, tmp_path):
    folder = tmp_path / "t5"
    AutoModelForSeq2SeqLM.from_pretrained(places["t5"]).save_pretrained(
        folder, max_shard_size="60KB"
    )
    AutoTokenizer.from_pretrained(places["t5"]).save_pretrained(folder)
    assert len(list(folder.glob("model-*.safetensors"))) > 1
    asked = request(1, 2)
    assert Checkpoint(folder, device="cpu").write(asked, NEVER) == loaded["t5"].write(asked, NEVER)


@pytest.mark.parametrize("family", ["llama", "gemma3", "mistral", "phi3", "qwen3", "gpt2", "bart"])
def test_letters_that_a_vocabulary_lacks_reach_the_model_as_bytes(loaded, family):
    model = loaded[family]
    content = "Zürich, 猫 and 🎬"
    ids = model.encode(request(user=content).prompt)
    assert content in model._tokenizer.decode(ids)
    unknown = model._tokenizer.unk_token_id
    assert unknown is None or unknown not in ids


@pytest.mark.parametrize("family", ["llama", "gemma3", "mistral", "phi3"])
def test_bytes_that_would_spell_a_bracket_are_never_written(loaded, family):
    model = loaded[family]
    for byte in ("<0x5B>", "<0x5D>"):
        token = model._tokenizer.convert_tokens_to_ids(byte)
        assert model._pieces.text(token) == ""


@pytest.mark.parametrize("template", [tiny_models.THINKING, tiny_models.ALWAYS_THINKING])
def test_a_model_that_reasons_is_put_behind_its_reasoning(tmp_path, template):
    model = Checkpoint(tiny_models.qwen3(tmp_path / "model", template=template), device="cpu")
    prompt = model._tokenizer.decode(model.encode(request().prompt))
    assert prompt.endswith("<|im_start|>assistant\n<think>\n\n</think>\n\n")


def test_a_tag_that_would_begin_to_reason_is_never_written(loaded):
    model = loaded["qwen3"]
    for tag in ("<think>", "</think>"):
        assert model._pieces.text(model._tokenizer.convert_tokens_to_ids(tag)) == ""


def test_what_an_instruct_model_puts_around_a_text_is_taken_off(loaded):
    model = loaded["llama"]
    around = '<think>Hm.</think>Sure! Here is your promo:\n\n"A [MOOD] [GENRE]."'
    tokens = model._tokenizer(around, add_special_tokens=False)["input_ids"]
    assert model.text([*tokens, *sorted(model._ends)[:1]]) == "A [MOOD] [GENRE]."


def test_a_model_in_the_embedded_form_may_be_of_another_family(tmp_path):
    folder = tiny_models.t5(tmp_path / "t5", marks={"prompt": "compact"})
    model = Checkpoint(folder, device="cpu")
    assert model.describe("tiny").prompt == "compact"
    assert len(model.write(request(0, slots=SLOTS), NEVER)) == 1
