"""What the tagger learns from: labelled sentences, filled templates, and texts written in haste."""

from __future__ import annotations

import random
import zipfile
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genservice.privacy.folding import BLANK
from training.tagging.corpora import read_corpora
from training.tagging.examples import LABELS, TAGS, Example, Span, marked, tags_of
from training.tagging.filling import Filler, load_templates
from training.tagging.lists import Coined, load_lists, side_of
from training.tagging.noise import noised
from training.tagging.swapping import swapped

if TYPE_CHECKING:
    from pathlib import Path

SEEDS = st.integers(0, 10_000)


@pytest.fixture(scope="module")
def filler() -> Filler:
    return Filler(load_lists(), "learned")


def said(example: Example) -> list[tuple[str, str]]:
    return [(example.text[span.start : span.end], span.label) for span in example.spans]


def test_markup_becomes_spans() -> None:
    example = marked("Ask [[Will|PERSON]] in [[Bath|LOCATION]].")
    assert example.text == "Ask Will in Bath."
    assert said(example) == [("Will", "PERSON"), ("Bath", "LOCATION")]


def test_an_unknown_label_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown label CITY"):
        marked("in [[Bath|CITY]]")


def test_each_word_gets_the_tag_of_its_place() -> None:
    example = Example("Emma May in Bath", (Span(0, 8, "PERSON"), Span(12, 16, "LOCATION")))
    tags = tags_of(example, [(0, 4), (5, 8), (9, 11), (12, 16)])
    assert [TAGS[tag] for tag in tags] == ["B-PERSON", "I-PERSON", "O", "B-LOCATION"]


@given(seed=SEEDS)
def test_what_fills_a_template_is_what_is_labelled(filler: Filler, seed: int) -> None:
    rng = random.Random(seed)
    template = "me {given} and {person} at {street}, {city} on {day}, {title}, {company}"
    example = filler.fill(template, rng)
    assert [label for _, label in said(example)] == [
        "PERSON", "PERSON", "ADDRESS", "LOCATION", "ORGANIZATION",
    ]  # fmt: skip
    assert all(text.strip() == text and text for text, _ in said(example))


@given(seed=SEEDS)
def test_every_template_can_be_filled(filler: Filler, seed: int) -> None:
    rng = random.Random(seed)
    templates = [text for texts in load_templates().values() for text in texts]
    example = filler.fill(rng.choice(templates), rng)
    assert "{" not in example.text
    assert "[[" not in example.text
    assert {span.label for span in example.spans} <= set(LABELS)


def test_names_kept_aside_are_never_learned() -> None:
    for group in load_lists().groups:
        for names in (group.given, group.family):
            assert not set(names["learned"]) & set(names["aside"])
            assert all(side_of(name) == "aside" for name in names["aside"])
            assert len(names["aside"]) > 10


@given(seed=SEEDS)
def test_haste_moves_labels_with_their_words(filler: Filler, seed: int) -> None:
    rng = random.Random(seed)
    example = filler.fill("{given}, {given} from {city}: thanks (really)!", rng)
    changed = noised(example, rng, typos=False)
    blanked = BLANK in changed.text
    assert len(changed.spans) == len(example.spans) - blanked
    if not blanked:
        before = [(text.lower(), label) for text, label in said(example)]
        after = [(text.lower(), label) for text, label in said(changed)]
        assert [label for _, label in after] == [label for _, label in before]
        for (one, _), (other, _) in zip(before, after, strict=True):
            assert other in {one, "".join(c for c in one if c not in ',;:!?"().')}


@given(seed=SEEDS)
def test_a_typo_never_loses_a_label(filler: Filler, seed: int) -> None:
    rng = random.Random(seed)
    example = filler.fill("{person} and {given} near {landmark}", rng)
    changed = noised(example, rng, typos=True)
    assert len(changed.spans) == len(example.spans) - (BLANK in changed.text)
    assert all(changed.text[span.start : span.end].strip() for span in changed.spans)


@given(seed=SEEDS)
def test_an_outcry_is_no_name_and_hides_none(filler: Filler, seed: int) -> None:
    rng = random.Random(seed)
    example = filler.fill("so {given} and {person} went home", rng)
    changed = noised(example, rng, typos=True)
    if BLANK not in changed.text:
        assert [label for _, label in said(changed)] == ["PERSON", "PERSON"]


@given(seed=SEEDS, lower=st.booleans())
def test_other_names_take_the_places_and_the_case_of_those_before(
    filler: Filler, seed: int, lower: bool
) -> None:
    text = "ask Ada Thorne of Kiel, at Acme"
    spans = (Span(4, 14, "PERSON"), Span(18, 22, "LOCATION"), Span(27, 31, "ORGANIZATION"))
    example = Example(text.lower() if lower else text, spans)
    changed = swapped(example, filler, random.Random(seed), performers=False)
    assert [label for _, label in said(changed)] == ["PERSON", "LOCATION", "ORGANIZATION"]
    assert changed.text.startswith("ask ")
    assert not lower or changed.text == changed.text.lower()


def test_coined_names_sound_like_names_and_repeat_by_seed() -> None:
    coined = Coined(["Amara", "Amina", "Aminata", "Marama", "Tamara"])
    names = [coined.draw(random.Random(seed)) for seed in range(30)]
    assert names == [coined.draw(random.Random(seed)) for seed in range(30)]
    assert all(name[0].isupper() and 3 <= len(name) <= 12 for name in names)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Sets in the layouts of the real ones, with sentences of our own."""

    def write(path: str, text: str) -> None:
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")

    for section in "abefgh":
        write(
            f"btc/data/BTC/CONLL-format/data/{section}.conll",
            "@ada\tB-PER\n@\tB-PER\nbob\tI-PER\nis\tO\nin\tO\nBad\tB-LOC\nEms\tI-LOC\n\n",
        )
    for name in ("wnut17train.conll", "emerging.dev.conll"):
        write(f"wnut17-train/{name}", "Vale\tB-person\nsings\tO\nHome\tB-creative-work\n\n")
    wiki = "Ada I-PER\nThorne I-PER\n, O\nof O\nKiel I-LOC\n\n"
    write("wikigold/data/wikigold/CONLL-format/data/wikigold.conll.txt", wiki * 20)
    music = "songs\tO\nby\tO\nthe\tB-Artist\nlanterns\tI-Artist\n\n"
    write("music-ner/data/dataset4/train.bio", music * 20)
    for name in ("train/FIN5.txt", "test/FIN3.txt"):
        write(
            f"sec-filings/data/SEC-filings/CONLL-format/data/{name}",
            "-DOCSTART- -X- O O\n\nBorrower NN - I-PER\nand CC - O\nAda NNP - I-PER\n\n",
        )
    archive = tmp_path / "multiner-en/nerannotateddatasets.zip"
    archive.parent.mkdir()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("Final_English.txt", "Ministry B-ORG\nof I-ORG\nTea I-ORG\n. O\nOn O\n")
    return tmp_path


def test_every_set_is_read_in_its_own_tongue(data: Path) -> None:
    corpora = read_corpora(data)
    learned = [example for examples in corpora.learned.values() for example in examples]
    found = {pair for example in learned for pair in said(example)}
    assert found == {
        ("Bad Ems", "LOCATION"),
        ("Vale", "PERSON"),
        ("Ada Thorne", "PERSON"),
        ("Kiel", "LOCATION"),
        ("the lanterns", "PERSON"),
        ("Ada", "PERSON"),
        ("Ministry of Tea", "ORGANIZATION"),
    }
    assert "Ada Thorne, of Kiel" in {example.text for example in learned}


def test_what_is_kept_aside_is_not_learned_from(data: Path) -> None:
    corpora = read_corpora(data)
    assert {name: len(examples) for name, examples in corpora.aside.items()} == {
        "btc (section h)": 1,
        "wnut17 (dev)": 1,
        "wikigold (every tenth)": 2,
        "music queries (every tenth)": 2,
    }
    music = corpora.learned["music"], corpora.checked["music"]
    assert [len(examples) for examples in music] == [17, 1]


def test_what_is_chosen_by_is_not_learned_from(data: Path) -> None:
    corpora = read_corpora(data)
    assert set(corpora.checked) == {"btc", "wnut17", "wikigold", "music"}
    for name in ("wikigold", "music"):
        assert len(corpora.checked[name]) + len(corpora.learned[name]) == 18


def test_a_missing_set_is_told_of(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_corpora(tmp_path)
