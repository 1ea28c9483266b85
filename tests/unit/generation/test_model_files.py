"""Folders that hold no loadable model are refused, and the file at fault is named."""

from __future__ import annotations

import json
import pickle
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from genservice.errors import ModelFilesError
from genservice.generation.checkpoint import Checkpoint
from genservice.generation.model_files import check_folder, folder_digest, weight_bytes

SHARDS = ("model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors")
INDEX = "model.safetensors.index.json"


@pytest.fixture
def folder(folders, tmp_path):
    """A whole model folder that a test may break."""
    return Path(shutil.copytree(folders["chat"], tmp_path / "model"))


def cut_short(folder):
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-100])


def edit_config(folder, **changes):
    edit(folder / "config.json", **changes)


def edit(path, **changes):
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def only_pickled(folder):
    (folder / "model.safetensors").unlink()
    (folder / "pytorch_model.bin").write_bytes(pickle.dumps({"weights": [1.0]}))


def only(name):
    def replace(folder):
        (folder / "model.safetensors").rename(folder / name)

    return replace


def adapter_folder(folder):
    only("adapter_model.safetensors")(folder)
    (folder / "config.json").unlink()


def older_tokenizer(folder):
    (folder / "tokenizer.json").rename(folder / "spiece.model")


def larger_tokenizer(folder):
    path = folder / "tokenizer.json"
    content = json.loads(path.read_text())
    size = len(content["model"]["vocab"])
    content["model"]["vocab"] |= {f"more{i}": 5000 + size + i for i in range(5000)}
    path.write_text(json.dumps(content))


def no_such_end(folder):
    edit(folder / "generation_config.json", eos_token_id=9999)


def no_end(folder):
    edit(folder / "generation_config.json", eos_token_id=None)
    edit(folder / "tokenizer_config.json", eos_token=None)


def template(text):
    return lambda folder: (folder / "chat_template.jinja").write_text(text)


def lose_a_tensor(folder):
    tensors = load_file(folder / "model.safetensors")
    tensors.pop("model.layers.0.mlp.up_proj.weight")
    save_file(tensors, folder / "model.safetensors", {"format": "pt"})


def in_shards(folder):
    tensors = load_file(folder / "model.safetensors")
    (folder / "model.safetensors").unlink()
    names = sorted(tensors)
    places = {name: SHARDS[i % 2] for i, name in enumerate(names)}
    for shard in SHARDS:
        held = {name: tensors[name] for name in names if places[name] == shard}
        save_file(held, folder / shard, {"format": "pt"})
    (folder / INDEX).write_text(json.dumps({"metadata": {}, "weight_map": places}))


def lose_a_shard(folder):
    in_shards(folder)
    (folder / SHARDS[1]).unlink()


def point_outside(folder):
    (folder / "model.safetensors").unlink()
    (folder / INDEX).write_text(json.dumps({"weight_map": {"a": "../other.safetensors"}}))


def empty_index(folder):
    (folder / "model.safetensors").unlink()
    (folder / INDEX).write_text('{"weight_map": {}}')


@dataclass(frozen=True)
class Case:
    id: str
    broken: Callable[[Path], object]
    file: str
    detail: str


CASES = [
    Case("no folder", shutil.rmtree, "model", "no such folder"),
    Case("no config", lambda f: (f / "config.json").unlink(), "config.json", "missing"),
    Case("no tokenizer", lambda f: (f / "tokenizer.json").unlink(), "tokenizer.json", "missing"),
    Case("no weights", lambda f: (f / "model.safetensors").unlink(), "model.safetensors", "missing"),
    Case("pickled weights", only_pickled, "pytorch_model.bin", "run code"),
    Case("an adapter alone", only("adapter_model.safetensors"), "adapter_model.safetensors", "merge it"),
    Case("weights for llama.cpp", only("model.Q4_K_M.gguf"), "model.Q4_K_M.gguf", "give its address"),
    Case("weights of TensorFlow", only("tf_model.h5"), "tf_model.h5", "TensorFlow"),
    Case("an adapter and no config", adapter_folder, "adapter_model.safetensors", "merge it"),
    Case("an older tokenizer", older_tokenizer, "tokenizer.json", "save it anew"),
    Case("another model's tokenizer", larger_tokenizer, "tokenizer.json", "another model's"),
    Case("a tokenizer without the end", no_such_end, "tokenizer.json", "has no token 9999"),
    Case("no end", no_end, "tokenizer_config.json", "ends a text"),
    Case("a chat template with a mistake", template("{% for m in messages %}"), "chat_template.jinja", "no user's turn"),
    Case("a chat template that says nothing", template("Hello."), "chat_template.jinja", "no user's turn"),
    Case("weights cut short", cut_short, "model.safetensors", "not whole"),
    Case("empty weights", lambda f: (f / "model.safetensors").write_bytes(b""), "model.safetensors", "not whole"),
    Case("weights are text", lambda f: (f / "model.safetensors").write_text("x" * 99), "model.safetensors", "not whole"),
    Case("no tensors", lambda f: save_file({}, f / "model.safetensors"), "model.safetensors", "no weights"),
    Case("a tensor lost", lose_a_tensor, "model.safetensors", "up_proj"),
    Case("another shape", lambda f: edit_config(f, hidden_size=64), "config.json", "no model can be built"),
    Case("config is no JSON", lambda f: (f / "config.json").write_text("{"), "config.json", "not JSON"),
    Case("config is a list", lambda f: (f / "config.json").write_text("[]"), "config.json", "object"),
    Case("generation config is no JSON", lambda f: (f / "generation_config.json").write_text("x"), "generation_config.json", "not JSON"),
    Case("tokenizer is no JSON", lambda f: (f / "tokenizer.json").write_bytes(b"\xff"), "tokenizer.json", "not JSON"),
    Case("tokenizer is another JSON", lambda f: (f / "tokenizer.json").write_text('{"version": "1.0"}'), "tokenizer.json", "no tokenizer can be read"),
    Case("unknown architecture", lambda f: edit_config(f, model_type="nothing"), "config.json", "knows no architecture 'nothing'"),
    Case("no architecture", lambda f: edit_config(f, model_type=None), "config.json", "no model_type"),
    Case("code of its own", lambda f: edit_config(f, model_type="evil", auto_map={"AutoModelForCausalLM": "evil.Evil"}), "config.json", "never run"),
    Case("a model that only reads", lambda f: edit_config(f, model_type="bert", architectures=["BertForMaskedLM"]), "config.json", "BertForMaskedLM writes no texts"),
    Case("a model that hears", lambda f: edit_config(f, model_type="whisper", architectures=["WhisperForConditionalGeneration"]), "config.json", "writes no texts"),
    Case("quantised for a package that is not here", lambda f: edit_config(f, quantization_config={"quant_method": "gptq", "bits": 4}), "config.json", "no model can be built"),
    Case("an index of nothing", empty_index, INDEX, "no weight files"),
    Case("an index that leads away", point_outside, INDEX, "outside"),
    Case("a shard lost", lose_a_shard, SHARDS[1], "missing"),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_a_broken_folder_is_refused_and_the_file_named(folder, case):
    case.broken(folder)
    with pytest.raises(ModelFilesError, match=case.detail) as caught:
        Checkpoint(folder, device="cpu")
    assert Path(caught.value.file).name == case.file
    assert "\n" not in str(caught.value)


def test_a_device_that_cannot_hold_the_model_is_named_with_its_folder(folder):
    with pytest.raises(
        ModelFilesError, match=r"weights \(float32\) cannot be put on abacus"
    ) as caught:
        Checkpoint(folder, device="abacus")
    assert caught.value.file == str(folder)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("mark", ["compact", ["prompt"], {"prompt": 7}, None])
def test_a_mark_that_is_none_of_ours_makes_a_model_like_any_other(folder, mark):
    edit_config(folder, genservice=mark)
    assert Checkpoint(folder, device="cpu").describe("tiny").prompt == "chat"


def test_code_in_a_folder_is_never_run(folder):
    (folder / "evil.py").write_text("raise SystemExit('ran')\nclass Evil: pass\n")
    edit_config(
        folder,
        model_type="evil",
        auto_map={"AutoConfig": "evil.Evil", "AutoModelForCausalLM": "evil.Evil"},
    )
    with pytest.raises(ModelFilesError):
        Checkpoint(folder, device="cpu")


def test_a_pickle_beside_safetensors_is_not_read(folder):
    before = folder_digest(folder)
    (folder / "pytorch_model.bin").write_bytes(b"not a pickle")
    assert Checkpoint(folder, device="cpu").digest == before


def test_weights_in_shards_are_the_same_model(folder, folders):
    in_shards(folder)
    check_folder(folder)
    assert weight_bytes(folder) > 0
    whole = Checkpoint(folders["chat"], device="cpu")._model.state_dict()
    parts = Checkpoint(folder, device="cpu")._model.state_dict()
    assert whole.keys() == parts.keys()
    assert all(torch.equal(whole[name], parts[name]) for name in whole)


@pytest.mark.parametrize(
    "name", ["config.json", "tokenizer.json", "chat_template.jinja", "model.safetensors"]
)
def test_the_digest_tells_any_file_that_loading_reads(folder, name):
    before = folder_digest(folder)
    content = (folder / name).read_bytes()
    (folder / name).write_bytes(content + b" ")
    assert folder_digest(folder) != before
    (folder / name).write_bytes(content)
    assert folder_digest(folder) == before


def test_the_digest_does_not_depend_on_where_a_folder_lies_nor_on_its_readme(folder, folders):
    (folder / "README.md").write_text("A model.")
    assert folder_digest(folder) == folder_digest(folders["chat"])
