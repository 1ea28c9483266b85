"""Texts written by hand: the house phrases make every one of them, and training follows their joins."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest

from genservice.errors import DocumentError, PhraseError
from tests.unit.composition.making import HARBOUR, brief, composition, read_frames
from training.composing import compose
from training.written import TEXTS, Joins, Text, drafted, joins, learned, texts

FILES = sorted(TEXTS.glob("*.yaml"))
WRITTEN = [(path.name, at, text) for path in FILES for at, text in enumerate(texts(path))]


def test_they_were_written_in_every_tone_and_for_every_purpose():
    every = [text for _, _, text in WRITTEN]
    assert len(every) >= 400
    assert len({text.text for text in every}) == len(every)
    tones = Counter(text.tone for text in every)
    assert min(tones[tone] for tone in ("plain", "warm", "dry", "tense", "playful", "urgent")) >= 8
    assert Counter(text.purpose for text in every)["synopsis"] >= 15
    assert {text.kind for text in every} >= {"film", "series", "programme"}
    genres = {genre for text in every for genre in text.of.get("genres", ())}
    assert genres >= {"documentary", "nature", "news", "reality", "short", "sport", "travel"}


@pytest.mark.parametrize(("file", "at", "text"), WRITTEN, ids=lambda part: str(part)[:40])
def test_the_house_phrases_make_a_text_written_by_hand(file, at, text):
    assert drafted(text, read_frames()) is not None, f"{file} {at}"


def test_training_prefers_the_joins_that_were_written():
    laid_out = composition(brief(HARBOUR, channel="push"))

    def endings(preferred: Joins) -> Counter[str]:
        rng = Random(3)
        drawn = [compose(laid_out, preferred, rng) for _ in range(300)]
        return Counter(text.phrases[-1] for text in drawn if text and len(text.phrases) > 1)

    without = endings(Joins(frozenset(), frozenset()))
    often = [phrase for phrase in without if without[phrase] >= 5]
    rare = min(often, key=lambda phrase: (without[phrase], phrase))
    before = [frame.phrase for frame in read_frames()]
    preferred = Joins(
        frozenset((phrase.id, rare) for phrase in before),
        frozenset((phrase.role, rare) for phrase in before),
    )
    assert endings(preferred)[rare] > 2 * without[rare]


def test_what_followed_what_is_known_by_phrase_and_by_role():
    text = Text(text="[WHO] must [GOAL]. Then [TURN]. [TITLE].")
    draft = drafted(text, read_frames())
    assert draft is not None
    first, second = [piece.phrase for piece in draft.path if piece.phrase]
    assert joins([draft]) == Joins(
        frozenset({("", first), (first, second)}),
        frozenset({("", first), ("premise", second)}),
    )


def test_a_text_that_no_phrases_make_is_refused_with_its_place(tmp_path):
    (tmp_path / "odd.yaml").write_text(
        'texts:\n  - {text: "[WHO] must [GOAL]. [TITLE]."}\n  - {text: "Nothing of the house, [TITLE]."}\n',
        "utf-8",
    )
    with pytest.raises(PhraseError) as refused:
        learned(tmp_path, read_frames())
    assert [(one.file, one.pointer) for one in refused.value.problems] == [("odd.yaml", "/texts/1")]


def test_a_file_of_the_wrong_shape_is_refused(tmp_path):
    (tmp_path / "odd.yaml").write_text("texts:\n  - {say: hello}\n", "utf-8")
    with pytest.raises(DocumentError):
        learned(tmp_path, read_frames())
