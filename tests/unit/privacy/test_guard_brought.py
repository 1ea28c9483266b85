"""What others bring to the guard: their models and recognisers, beside ours and under its promises."""

from __future__ import annotations

import json
import logging
import re
import shutil
import warnings
from pathlib import Path
from textwrap import dedent

import pytest
import spacy

from genservice.errors import DocumentError, GuardUnavailableError
from genservice.privacy import Guard
from genservice.privacy import build_guard as build_any_guard
from genservice.privacy.bringing import load_brought
from genservice.privacy.brought_files import read_engine
from tests.unit.privacy.engines import PlainTagger, offline


def build_guard(**options) -> Guard:
    """A guard whose own tagger finds nothing: what is found by a model is theirs."""
    return build_any_guard(tagger=PlainTagger(words=()), **options)


SECRET = "mail zorvath@example.com about Quellmark, badge QX-1234"

ENGINE = """
nlp_engine_name: spacy
models:
  - lang_code: en
    model_name: {folder}
ner_model_configuration:
  model_to_presidio_entity_mapping: {{PERSON: PERSON, SHIP: VESSEL}}
  labels_to_ignore: [GENRE]
"""
REGISTRY = r"""
recognizers:
  - name: badges
    supported_entity: BADGE
    patterns: [{name: badge, regex: '\bQX-\d{4}\b', score: 0.8}]
  - name: rooms
    supported_entity: ROOM
    deny_list: [Marrow Hall]
"""


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A real pipeline: English words, and three kinds of names by rule."""
    folder = tmp_path_factory.mktemp("spacy") / "pipeline"
    nlp = spacy.blank("en")
    ruler = nlp.add_pipe("entity_ruler")
    ruler.add_patterns(
        [
            {"label": "PERSON", "pattern": [{"LOWER": "quellmark"}]},
            {"label": "SHIP", "pattern": [{"LOWER": "moth"}, {"LOWER": "queen"}]},
            {"label": "GENRE", "pattern": [{"LOWER": "noir"}]},
        ]
    )
    lemmas = nlp.add_pipe("attribute_ruler")
    lemmas.add([[{"LOWER": "locker"}]], {"LEMMA": "locker"})
    nlp.to_disk(folder)
    return folder


def _written(where: Path, name: str, text: str, **values: object) -> Path:
    path = where / name
    path.write_text(dedent(text).format(**values) if values else dedent(text), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def files(pipeline: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("brought")
    return (
        _written(folder, "nlp.yaml", ENGINE, folder=pipeline),
        _written(folder, "recognisers.yaml", REGISTRY),
    )


@pytest.fixture(scope="module")
def brought(files: tuple[Path, Path]):
    guard = build_guard(engine_file=files[0], registry_file=files[1], deadline=20)
    yield guard
    guard.close()


async def _shown(guard: Guard, text: str, side="viewer") -> str:
    (screening,) = await guard.screen([text], side=side)
    return screening.text


async def test_what_others_find_is_found_beside_what_we_find(brought: Guard):
    text = "quellmark sails the moth queen, badge qx-1234, mail a@example.com, in Marrow Hall"
    assert await _shown(brought, text) == (
        "<PERSON> sails the <VESSEL>, badge <BADGE>, mail <EMAIL_ADDRESS>, in <ROOM>"
    )
    assert await _shown(brought, text, side="output") == await _shown(brought, text)


async def test_in_titles_their_names_stay_and_their_identifiers_go(brought: Guard):
    text = "Quellmark sails the Moth Queen with badge QX-1234 in a noir"
    assert await _shown(brought, text, side="title") == (
        "Quellmark sails the Moth Queen with badge <BADGE> in a noir"
    )


async def test_only_place_holders_of_types_that_somebody_named_are_left_standing(brought: Guard):
    assert await _shown(brought, "a <BADGE> and a <VESSEL>") == "a <BADGE> and a <VESSEL>"
    assert await _shown(brought, "a <QUELLMARK>") == "a <<PERSON>>"
    plain = build_guard(deadline=20)
    assert "<BADGE>" not in {f"<{type_}>" for type_ in plain._engine.types}
    plain.close()


async def test_screening_what_was_screened_changes_nothing(brought: Guard):
    for side in ("viewer", "title", "output"):
        once = await _shown(brought, f"{SECRET}; Moth Queen, Marrow Hall", side=side)
        assert await _shown(brought, once, side=side) == once


def test_file_and_model_are_part_of_the_revision(files, pipeline, tmp_path):
    def revision(engine: Path | None, registry: Path | None) -> str:
        loaded = load_brought(engine, registry, deadline=20)
        assert loaded is not None
        return loaded.revision

    both = revision(*files)
    assert both == revision(*files)
    other_file = _written(tmp_path, "other.yaml", REGISTRY.replace("0.8", "0.9"))
    other_model = tmp_path / "pipeline"
    nlp = spacy.load(pipeline)
    nlp.get_pipe("entity_ruler").add_patterns([{"label": "PERSON", "pattern": "zorvath"}])
    nlp.to_disk(other_model)
    moved = _written(tmp_path, "nlp.yaml", ENGINE, folder=other_model)
    others = {revision(files[0], None), revision(files[0], other_file), revision(moved, files[1])}
    assert len(others | {both}) == 4


async def test_nothing_is_asked_of_the_network(files, monkeypatch: pytest.MonkeyPatch):
    with offline(monkeypatch) as tried:
        guard = build_guard(engine_file=files[0], registry_file=files[1], deadline=20)
        await _shown(guard, SECRET)
        guard.close()
    assert tried == []


async def test_a_model_keeps_no_word_that_it_read(brought: Guard):
    await _shown(brought, "zorvathian glimmerfrost")
    strings = brought._engine._brought._engine.nlp["en"].vocab.strings
    assert "glimmerfrost" not in set(strings)


async def test_context_words_count_where_an_engine_splits_texts_into_words(pipeline, tmp_path):
    engine = _written(tmp_path, "nlp.yaml", ENGINE, folder=pipeline)
    registry = _written(
        tmp_path,
        "recognisers.yaml",
        r"""
        recognizers:
          - name: lockers
            supported_entity: LOCKER
            context: [locker]
            patterns: [{name: weak, regex: '\b\d{3}\b', score: 0.1}]
        """,
    )
    guard = build_guard(engine_file=engine, registry_file=registry, deadline=20)
    assert await _shown(guard, "locker 123") == "locker <LOCKER>"
    assert await _shown(guard, "about 123 times") == "about 123 times"
    guard.close()


# ----- what is wrong is told at the start, with its place -----


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("nlp_engine_name: [", r"nlp\.yaml:\d+:\d+: "),
        ("nlp_engine_name: flair\nmodels: []", r"nlp\.yaml:1:18: .*flair"),
        (
            "nlp_engine_name: spacy\nmodels:\n  - {lang_code: de, model_name: x}",
            r"nlp\.yaml:3:17: .*'de'",
        ),
        (
            "nlp_engine_name: spacy\nmodels:\n  - lang_code: en\n    model_name: en_core_web_lg",
            r"nlp\.yaml:4:17: the spaCy model en_core_web_lg is not installed "
            r"\(install it first: python -m spacy download en_core_web_lg\)",
        ),
        (
            "nlp_engine_name: spacy\nmodels:\n"
            "  - {lang_code: en, model_name: {spacy: x, transformers: y}}",
            r"nlp\.yaml:3:33: spacy takes one model",
        ),
        (
            "nlp_engine_name: transformers\nmodels:\n  - {lang_code: en, model_name: x}",
            r"nlp\.yaml:3:33: transformers takes two models",
        ),
        (
            "nlp_engine_name: stanza\nmodels:\n  - {lang_code: en, model_name: en}",
            r"nlp\.yaml:1:18: the package stanza is not installed",
        ),
    ],
)  # fmt: skip
def test_a_wrong_engine_file_is_told_with_its_place(tmp_path, text, told):
    file = _written(tmp_path, "nlp.yaml", text)
    with pytest.raises(DocumentError, match=told):
        build_guard(engine_file=file)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(DocumentError, match=r"none\.yaml: cannot be read"):
        build_guard(registry_file=tmp_path / "none.yaml")


def test_labels_that_would_be_dropped_in_silence_are_told(pipeline, tmp_path):
    text = ENGINE.replace("  labels_to_ignore: [GENRE]\n", "").replace(", SHIP: VESSEL", "")
    file = _written(tmp_path, "nlp.yaml", text, folder=pipeline)
    with pytest.raises(DocumentError, match=r"nlp\.yaml:7:\d+: labels without a type: GENRE, SHIP"):
        build_guard(engine_file=file)


def test_a_type_that_could_not_stand_in_a_text_is_told(pipeline, tmp_path):
    file = _written(tmp_path, "nlp.yaml", ENGINE.replace("VESSEL", "my-ship"), folder=pipeline)
    with pytest.raises(DocumentError, match=r"nlp\.yaml:7:\d+: 'my-ship' cannot stand in a text"):
        build_guard(engine_file=file)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("recognizers: []", r"registry\.yaml:1:14: "),
        ("recognizers:\n  - NoSuchRecognizer", r"registry\.yaml:2:5: .*NoSuchRecognizer"),
        (
            "recognizers:\n  - name: a\n    supported_entity: A\n    patern: []\n    deny_list: [x]",
            r"registry\.yaml:4:5: not a key of a recogniser: 'patern' \(did you mean 'patterns'\?\)",
        ),
        (
            "recognizers:\n  - name: a\n    supported_entity: a b\n    deny_list: [x]",
            r"registry\.yaml:3:23: 'a b' cannot stand in a text as <a b>",
        ),
        (
            "recognizers:\n  - name: a\n    supported_entity: A\n"
            "    patterns:\n      - {name: p, regex: '(', score: 1.0}",
            r"registry\.yaml:5:26: not a regular expression",
        ),
        (
            "recognizers:\n  - name: a\n    supported_entity: A\n"
            "    patterns:\n      - {name: p, regex: 'x', score: 0.1}",
            r"registry\.yaml:2:5: no pattern scores 0\.3 or more",
        ),
        (
            "recognizers:\n  - {name: GLiNERRecognizer, type: predefined}",
            r"registry\.yaml:2:5: sends texts elsewhere, or loads a model by itself",
        ),
    ],
)  # fmt: skip
def test_a_wrong_registry_is_told_with_its_place(tmp_path, text, told):
    with pytest.raises(DocumentError, match=told):
        build_guard(registry_file=_written(tmp_path, "registry.yaml", text))


async def test_a_recogniser_that_is_a_name_alone_counts(tmp_path):
    guard = build_guard(
        registry_file=_written(tmp_path, "registry.yaml", "recognizers: [MacAddressRecognizer]"),
        deadline=20,
    )
    assert guard._engine.types > {"MAC_ADDRESS"}
    guard.close()


# ----- whatever of theirs fails, nothing passes -----


async def test_a_pattern_that_explodes_refuses(tmp_path):
    registry = _written(
        tmp_path,
        "registry.yaml",
        """
        recognizers:
          - name: bomb
            supported_entity: BOMB
            patterns: [{name: bomb, regex: '(x|xx)+[yz]', score: 1.0}]
        """,
    )
    guard = build_guard(registry_file=registry, deadline=0.5)
    with pytest.raises(GuardUnavailableError):
        await guard.screen(["x" * 60], side="viewer")
    guard.close()


async def test_a_label_that_nobody_announced_refuses(files, tmp_path, caplog):
    guard = build_guard(engine_file=files[0], deadline=20)
    ruler = guard._engine._brought._engine.nlp["en"].get_pipe("entity_ruler")
    ruler.add_patterns([{"label": "SPY", "pattern": "zorvath"}])
    with caplog.at_level(logging.DEBUG), pytest.raises(GuardUnavailableError):
        await guard.screen(["zorvath"], side="viewer")
    guard.close()
    assert "zorvath" not in caplog.text


# ----- a model of transformers -----

TRANSFORMERS = """
nlp_engine_name: transformers
models:
  - lang_code: en
    model_name: {{spacy: {words}, transformers: {folder}}}
ner_model_configuration:
  model_to_presidio_entity_mapping: {{PER: PERSON}}
  labels_to_ignore: [O]
  aggregation_strategy: max
  stride: 4
"""


@pytest.fixture(scope="module")
def classifier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A real token classifier, tiny, that calls the piece `zorvath` a person and nothing else."""
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import BertConfig, BertForTokenClassification, PreTrainedTokenizerFast

    folder = tmp_path_factory.mktemp("classifier")
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "zorvath", "a", "the"]
    tokenizer = Tokenizer(models.WordPiece({w: i for i, w in enumerate(words)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, unk_token="[UNK]", pad_token="[PAD]", model_max_length=32
    ).save_pretrained(folder)
    config = BertConfig(
        vocab_size=len(words), hidden_size=8, num_hidden_layers=0, num_attention_heads=1,
        intermediate_size=8, max_position_embeddings=32, num_labels=2,
        id2label={0: "O", 1: "B-PER"}, label2id={"O": 0, "B-PER": 1},
    )  # fmt: skip
    model = BertForTokenClassification(config).eval()
    with torch.no_grad():
        embeddings = model.bert.embeddings
        for table in (embeddings.word_embeddings, embeddings.position_embeddings, embeddings.token_type_embeddings):  # fmt: skip
            table.weight.zero_()
        embeddings.word_embeddings.weight[:, 0] = 1.0
        embeddings.word_embeddings.weight[4, 0] = -1.0
        model.classifier.weight.zero_()
        model.classifier.weight[0, 0], model.classifier.weight[1, 0] = 5.0, -5.0
        model.classifier.bias.zero_()
    model.save_pretrained(folder)
    return folder


@pytest.fixture
def hub(classifier: Path, pipeline: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    file = _written(tmp_path, "nlp.yaml", TRANSFORMERS, words=pipeline, folder=classifier)
    with warnings.catch_warnings(), offline(monkeypatch) as tried:
        warnings.simplefilter("ignore")  # of transformers' own pipelines
        guard = build_guard(engine_file=file, deadline=20)
    assert tried == []
    yield guard
    guard.close()


def _pipe(guard: Guard):
    return guard._engine._brought._engine.nlp["en"].get_pipe("presidio_hf_token_pipe").pipeline


async def test_a_token_classifier_is_read_to_the_end_of_a_long_text(hub: Guard):
    assert await _shown(hub, "a zorvath") == "a <PERSON>"
    long = "the a " * 80
    assert await _shown(hub, f"{long}zorvath") == f"{long}<PERSON>"
    assert await _shown(hub, "a zorvath", side="title") == "a zorvath"


async def test_a_classifier_that_fails_is_no_text_without_names(hub: Guard, caplog):
    strict = _pipe(hub)

    def fails(_: object) -> object:
        raise RuntimeError(SECRET)

    strict._pipeline = fails
    with caplog.at_level(logging.DEBUG), pytest.raises(GuardUnavailableError, match="ModelFailed"):
        await hub.screen([SECRET, "another"], side="viewer")
    assert "zorvath" not in caplog.text


@pytest.mark.parametrize(
    "prediction",
    [
        {"start": 0, "end": 7, "score": float("nan"), "entity_group": "PER"},
        {"start": 0, "end": 7, "score": 0.9, "entity_group": "SPY"},
        {"start": 0, "end": 7, "score": 0.9},
        {"score": 0.9, "entity_group": "PER"},
        "PER",
    ],
)
async def test_a_classifier_that_answers_nonsense_refuses(hub: Guard, prediction):
    _pipe(hub)._pipeline = lambda texts: [[prediction] for _ in texts]
    with pytest.raises(GuardUnavailableError):
        await hub.screen(["zorvath"], side="viewer")


async def test_names_within_one_word_are_all_removed(hub: Guard):
    text = "zorvath/quell mark"
    _pipe(hub)._pipeline = lambda texts: [
        []
        if each != text
        else [
            {"start": 0, "end": 7, "score": 0.9, "entity_group": "PER"},
            {"start": 8, "end": 18, "score": 0.9, "entity_group": "PER"},
        ]
        for each in texts
    ]
    assert await _shown(hub, text) == "<PERSON>"


def test_a_hub_model_that_is_not_here_is_named_with_the_way_to_it(pipeline, tmp_path, monkeypatch):
    file = _written(
        tmp_path, "nlp.yaml", TRANSFORMERS, words=pipeline, folder="no-such/bert-base-NER"
    )
    told = r"nlp\.yaml:5:\d+: the model no-such/bert-base-NER is not on this machine \(fetch it first: hf download"
    with offline(monkeypatch) as tried, pytest.raises(DocumentError, match=told):
        build_guard(engine_file=file)
    assert tried == []


def test_a_classifier_with_a_broken_file_is_told_at_the_start(classifier, pipeline, tmp_path):
    broken = tmp_path / "broken"
    shutil.copytree(classifier, broken)
    (broken / "model.safetensors").write_bytes(b"no weights")
    file = _written(tmp_path, "nlp.yaml", TRANSFORMERS, words=pipeline, folder=broken)
    with pytest.raises(DocumentError, match=r"nlp\.yaml:5:\d+: cannot be loaded"):
        build_guard(engine_file=file)


def test_labels_of_a_classifier_that_would_be_dropped_are_told(classifier, pipeline, tmp_path):
    other = tmp_path / "other"
    shutil.copytree(classifier, other)
    config = json.loads((other / "config.json").read_text("utf-8"))
    config["id2label"]["1"] = "B-SPY"
    (other / "config.json").write_text(json.dumps(config), encoding="utf-8")
    file = _written(tmp_path, "nlp.yaml", TRANSFORMERS, words=pipeline, folder=other)
    with pytest.raises(DocumentError, match="labels without a type: SPY"):
        build_guard(engine_file=file)


# ----- what the documentation shows -----

DOC = Path(__file__).parents[3] / "docs" / "bring-your-own-guard.md"


def _shown_files(name: str) -> list[str]:
    found = re.findall(
        r"^```yml\n(# (\S+)\n.*?)^```$", DOC.read_text("utf-8"), re.DOTALL | re.MULTILINE
    )
    return [text for text, file in found if file == name]


def test_the_engines_of_the_documentation_are_right_but_for_their_models(tmp_path):
    spacys, hubs = _shown_files("nlp.yaml")
    for text, engine in ((spacys, "spacy"), (hubs, "transformers")):
        _, read = read_engine(_written(tmp_path, "nlp.yaml", text))
        assert read.nlp_engine_name == engine
    with pytest.raises(DocumentError, match="en_core_web_lg is not installed"):
        build_guard(engine_file=_written(tmp_path, "nlp.yaml", spacys))


async def test_the_registry_of_the_documentation_finds_what_it_says(tmp_path):
    (text,) = _shown_files("recognisers.yaml")
    guard = build_guard(registry_file=_written(tmp_path, "recognisers.yaml", text), deadline=20)
    shown = await _shown(guard, "my card LC-12345678, seats in marrow hall, as <STUDIO_ROOM>")
    guard.close()
    assert shown == "my card <LOYALTY_CARD>, seats in <STUDIO_ROOM>, as <STUDIO_ROOM>"


async def test_in_titles_rooms_and_cards_go_and_dates_stay(tmp_path):
    registry = _written(tmp_path, "registry.yaml", "recognizers: [DateRecognizer, UsSsnRecognizer]")
    guard = build_guard(registry_file=registry, deadline=20)
    assert await _shown(guard, "on 12/24/1944", side="title") == "on 12/24/1944"
    assert await _shown(guard, "on 12/24/1944") == "on <DATE_TIME>"
    guard.close()
