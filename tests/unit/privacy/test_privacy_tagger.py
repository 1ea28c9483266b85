"""The shipped tagger, and what happens to folders that hold another or a broken one."""

from __future__ import annotations

import json
import shutil
from importlib import resources
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer
from transformers import BertConfig, BertForTokenClassification

from genservice.errors import ModelFilesError
from genservice.privacy.eight_bits import in_eight_bits, in_full
from genservice.privacy.encoding import Encoder
from genservice.privacy.lexicon import load_lexicon
from genservice.privacy.network import Network, read_shape
from genservice.privacy.quiet import nobody_in, quiet_in
from genservice.privacy.tagger import Tagger, load_tagger, shipped_tagger
from genservice.privacy.values import Finding

SHIPPED = Path(str(resources.files("genservice.privacy").joinpath("weights")))
TEXTS = (
    "my daughter Emma loves whales",
    "Send it to Tomasz Kowalczyk in Gdansk, he works at Ridgeway Academy.",
    "something slow and sad for a rainy sunday",
    "priya and i are watching tonight",
    "14 Maple Street, Leeds",
)


@pytest.fixture(scope="module")
def tagger() -> Tagger:
    return shipped_tagger()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SHIPPED, tmp_path / "tagger"))


def found(tagger: Tagger, text: str) -> list[tuple[str, str]]:
    (findings,) = tagger.tag([text])
    return [(text[each.start : each.end], each.type) for each in findings]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("my daughter Emma loves whales", [("Emma", "PERSON")]),
        ("my daughter emma loves whales", [("emma", "PERSON")]),
        ("priya and i are watching tonight", [("priya", "PERSON")]),
        ("Regards, Oluwaseun Adebayo", [("Oluwaseun Adebayo", "PERSON")]),
        ("we live in Gdansk", [("Gdansk", "LOCATION")]),
        ("cheers, Siobhan O'Brien", [("Siobhan O'Brien", "PERSON")]),
        ("something slow and sad for a rainy sunday", []),
        ("Best Thriller Of The Year", []),
        ("please make it funny and short", []),
    ],
)
def test_names_are_found_and_everyday_words_are_not(
    tagger: Tagger, text: str, expected: list[tuple[str, str]]
) -> None:
    assert found(tagger, text) == expected


def chances_of(network: Network) -> list[torch.Tensor]:
    encoder = Encoder(Tokenizer.from_file(str(SHIPPED / "tokenizer.json")))
    parts = [part for row in encoder.encode(TEXTS) for part in row]
    return [torch.tensor(chances) for chances in network.run(parts)]


@pytest.fixture(scope="module")
def networks() -> dict[bool, Network]:
    """The shipped weights in whole numbers (True) and in single precision (False)."""
    shape = read_shape((SHIPPED / "config.json").read_bytes(), "config.json")
    weights = load_file(SHIPPED / "model.safetensors")
    return {way: Network(weights, shape, whole_numbers=way) for way in (True, False)}


def test_transformers_makes_the_same_numbers_of_the_weights(networks: dict[bool, Network]) -> None:
    config = BertConfig.from_json_file(str(SHIPPED / "config.json"))
    model = BertForTokenClassification(config).float().eval()
    model.load_state_dict(in_full(load_file(SHIPPED / "model.safetensors")))
    encoder = Encoder(Tokenizer.from_file(str(SHIPPED / "tokenizer.json")))
    parts = [part for row in encoder.encode(TEXTS) for part in row]
    for part, chances in zip(parts, chances_of(networks[False]), strict=True):
        with torch.inference_mode():
            logits = model(
                input_ids=torch.tensor([part.pieces]), token_type_ids=torch.tensor([part.cases])
            ).logits
        assert torch.allclose(chances, logits.softmax(-1)[0][list(part.heads)], atol=1e-5)


def test_whole_numbers_say_what_single_precision_says(networks: dict[bool, Network]) -> None:
    for whole, single in zip(chances_of(networks[True]), chances_of(networks[False]), strict=True):
        assert (whole - single).abs().max() < 0.1
        assert torch.equal(whole.argmax(-1), single.argmax(-1))


@given(st.integers(1, 40), st.integers(1, 40), st.integers(0, 10_000))
def test_rounding_moves_no_weight_by_more_than_half_a_step(rows: int, columns: int, seed: int):
    matrix = torch.randn(rows, columns, generator=torch.Generator().manual_seed(seed))
    held = in_eight_bits({"a.weight": matrix, "a.bias": matrix[0]})
    assert held["a.weight"].dtype == torch.int8
    back = in_full(held)
    step = matrix.abs().amax(1, keepdim=True) / 127
    assert ((back["a.weight"] - matrix).abs() <= step * 0.5001).all()
    assert torch.allclose(back["a.bias"], matrix[0], atol=1e-2)
    again = in_eight_bits(back)
    assert torch.equal(again["a.weight"], held["a.weight"])


@settings(deadline=None, max_examples=25)
@given(st.permutations(TEXTS))
def test_a_text_is_read_alike_in_whatever_company(tagger: Tagger, texts: list[str]) -> None:
    together = tagger.tag(texts)
    for text, findings in zip(texts, together, strict=True):
        (alone,) = tagger.tag([text])
        assert [(each.start, each.end, each.type) for each in findings] == [
            (each.start, each.end, each.type) for each in alone
        ]


@settings(deadline=None, max_examples=50)
@given(st.text(max_size=400))
def test_findings_lie_within_their_text_in_order(tagger: Tagger, text: str) -> None:
    (findings,) = tagger.tag([text])
    end = 0
    for finding in findings:
        assert end <= finding.start < finding.end <= len(text)
        assert 0 < finding.score <= 1
        end = finding.end


def test_nothing_is_found_in_no_text(tagger: Tagger) -> None:
    assert tagger.tag([]) == []
    assert tagger.tag(["", "  \n "]) == [(), ()]


def test_sentences_of_everyday_words_are_not_read_and_change_nothing() -> None:
    gated = shipped_tagger(quiet=quiet_in(load_lexicon()))
    text = "We love slow films with a happy ending. Ask Emma, please. No gore."
    assert found(gated, text) == [("Emma", "PERSON")]


def test_words_that_name_nobody_are_left_unless_a_name_stands_with_them() -> None:
    tagger = shipped_tagger(nobody={"merci", "iban"}.__contains__)
    assert found(tagger, "Merci, IBAN") == []
    assert found(tagger, "Merci Emma Thorne") == [("Emma Thorne", "PERSON")]


@pytest.mark.parametrize(
    "word", ["hahahaha", "kekeke", "sooooo", "crazyyyy", "tweets", "thx", "iban", "the"]
)
def test_laughter_chat_and_drawn_out_words_name_nobody(word: str) -> None:
    assert nobody_in(load_lexicon())(word)


@pytest.mark.parametrize(
    "word", ["emma", "emmaaa", "aaron", "keke", "rose", "willlll", "chase", "zhu", "lee"]
)
def test_what_may_name_somebody_is_not_taken_for_nobody(word: str) -> None:
    assert not nobody_in(load_lexicon())(word)


@pytest.mark.parametrize("name", ["config.json", "model.safetensors", "tokenizer.json"])
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(ModelFilesError, match=name):
        load_tagger(folder)


@pytest.mark.parametrize("name", ["config.json", "model.safetensors", "tokenizer.json"])
@pytest.mark.parametrize("content", [b"", b"{}", b"\x00" * 40])
def test_a_damaged_file_is_named(folder: Path, name: str, content: bytes) -> None:
    (folder / name).write_bytes(content)
    with pytest.raises(ModelFilesError, match=name):
        load_tagger(folder)


def test_a_truncated_file_of_weights_is_refused(folder: Path) -> None:
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-100])
    with pytest.raises(ModelFilesError, match=r"model\.safetensors"):
        load_tagger(folder)


def test_a_model_with_other_labels_is_refused(folder: Path) -> None:
    config = json.loads((folder / "config.json").read_text())
    config["id2label"]["1"] = "B-MOVIE"
    (folder / "config.json").write_text(json.dumps(config))
    with pytest.raises(ModelFilesError, match="another kind of model"):
        load_tagger(folder)


def test_weights_that_are_no_numbers_are_refused(folder: Path) -> None:
    weights = load_file(folder / "model.safetensors")
    weights["classifier.bias"] = torch.full_like(weights["classifier.bias"], float("nan"))
    save_file(weights, folder / "model.safetensors")
    with pytest.raises(ModelFilesError, match=r"model\.safetensors"):
        load_tagger(folder)


def test_weights_of_another_shape_are_refused(folder: Path) -> None:
    weights = load_file(folder / "model.safetensors")
    weights["classifier.weight"] = weights["classifier.weight"][:5].contiguous()
    save_file(weights, folder / "model.safetensors")
    with pytest.raises(ModelFilesError, match=r"model\.safetensors"):
        load_tagger(folder)


def test_other_weights_have_another_revision(folder: Path, tagger: Tagger) -> None:
    weights = load_file(folder / "model.safetensors")
    weights["classifier.bias"] = weights["classifier.bias"] + 0.5
    save_file(weights, folder / "model.safetensors")
    assert load_tagger(folder).revision != tagger.revision
    assert load_tagger(SHIPPED).revision == tagger.revision


@pytest.mark.parametrize(
    ("text", "name", "type_", "counts"),
    [
        ("ask zanele", "zanele", "PERSON", True),
        ("Please ask zanele", "zanele", "PERSON", True),
        ("Please ask Zanele", "Zanele", "PERSON", True),
        ("we like zanele", "zanele", "LOCATION", True),
        ("We like zanele", "zanele", "ORGANIZATION", False),
        ("we like Zanele", "Zanele", "ORGANIZATION", True),
        ("9 elm row", "9 elm row", "ADDRESS", True),
    ],
)
def test_a_doubtful_place_or_firm_in_lower_case_counts_where_nothing_has_capitals(
    tagger: Tagger, text: str, name: str, type_: str, counts: bool
) -> None:
    start = text.index(name)
    doubtful = Finding(start=start, end=start + len(name), type=type_, score=0.4)
    sure = Finding(start=start, end=start + len(name), type=type_, score=0.6)
    assert tagger._counts(text, doubtful) == counts
    assert tagger._counts(text, sure)
