"""The templates of the tagger's sentences: readable, well formed, each once, and as many as meant."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from ruamel.yaml import YAML

FOLDER = Path(__file__).parents[3] / "training" / "tagging" / "sentences"
FILES = sorted(FOLDER.glob("*.yaml"))
LABELLED = {
    *("person", "given", "family", "celebrity", "character", "artist"),
    *("city", "district", "country", "landmark", "street", "address"),
    *("company", "school", "hospital", "public", "club", "service"),
}
PLAIN = {
    *("title", "genre", "mood", "nationality", "word"),
    *("day", "number", "phone", "email", "handle", "date", "age"),
}
LEAST = {
    "notes": 200,
    "searches": 200,
    "interests": 150,
    "support": 250,
    "chat": 200,
    "longer": 100,
    "nothing": 300,
    "ambiguous": 120,
}
HOLE = re.compile(r"\{([a-z]+)\}")
MARKED = re.compile(r"\[\[([^\[\]|]*)\|(PERSON|LOCATION|ORGANIZATION|ADDRESS)\]\]")


def read(path):
    return YAML(typ="safe").load(path.read_text(encoding="utf-8"))


def templates(path):
    return [template for kind in read(path).values() for template in kind]


@pytest.fixture(params=FILES, ids=lambda path: path.stem)
def path(request):
    return request.param


def test_a_file_holds_lists_of_strings_by_their_kind(path):
    kinds = read(path)
    assert kinds
    for name, texts in kinds.items():
        assert isinstance(name, str)
        assert texts
        assert all(isinstance(text, str) and text == text.strip() and text for text in texts)


def test_every_placeholder_is_known(path):
    unknown = {hole for text in templates(path) for hole in HOLE.findall(text)} - LABELLED - PLAIN
    assert not unknown


def test_braces_and_markup_are_well_formed(path):
    for text in templates(path):
        rest = MARKED.sub("", HOLE.sub("", text))
        assert not re.search(r"[{}]|\[\[|\]\]", rest), text
        assert all(words and words == words.strip() for words, _ in MARKED.findall(text)), text


def test_no_template_is_there_twice():
    counts = Counter(text.casefold() for path in FILES for text in templates(path))
    assert [text for text, count in counts.items() if count > 1] == []


@pytest.mark.parametrize("name", LEAST)
def test_there_are_as_many_as_meant(name):
    assert len(templates(FOLDER / f"{name}.yaml")) >= LEAST[name]


def test_nothing_names_nothing():
    for text in templates(FOLDER / "nothing.yaml"):
        assert not LABELLED & set(HOLE.findall(text)), text
        assert not MARKED.search(text), text


def test_eighty_words_are_names_in_the_ambiguous_ones():
    marked = {
        words.casefold()
        for text in templates(FOLDER / "ambiguous.yaml")
        for words, _ in MARKED.findall(text)
    }
    assert len(marked) >= 80
