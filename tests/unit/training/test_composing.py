from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import islice
from random import Random

import pytest

from genservice.checking import fill, fit
from genservice.composition import SLOT, makes
from tests.unit.composition.making import (
    ADDED,
    ANGLES,
    SPARSE,
    brief,
    composition,
    joins,
    phrases,
    vocabulary,
)
from training.briefs import TONES, made_up
from training.composing import Composed, compose
from training.pairs import groups, is_held_out
from training.tokens import UNKNOWN, build

BARE = {"TITLE": "Marrow", "KIND": "film"}


def texts(made, count: int = 40, seed: int = 1) -> list[Composed]:
    laid_out, rng = composition(made), Random(seed)
    return [text for _ in range(count) if (text := compose(laid_out, joins(), rng)) is not None]


def filled(made, composed: Composed) -> str:
    return fill(composed.text, (*made.slots, *made.inner)).text


@dataclass(frozen=True)
class Case:
    id: str
    options: dict[str, object] = field(default_factory=dict)


CASES = [
    Case("tile", {"channel": "tile", "tone": "tense"}),
    Case("push", {"channel": "push", "tone": "urgent"}),
    Case("home row", {"channel": "home_row", "tone": "playful"}),
    Case("e-mail", {"channel": "email", "tone": "warm"}),
    Case("detail page", {"channel": "detail", "length": "long", "tone": "dry"}),
    Case("short synopsis", {"purpose": "synopsis", "length": "short"}),
    Case("long synopsis", {"purpose": "synopsis", "channel": "detail", "length": "long"}),
    Case("sparse", {"texts": SPARSE, "kind": "film", "terms": {"GENRE": "horror"}}),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_texts_fit_their_place_and_are_well_formed(case):
    made = brief(**case.options)
    drawn = texts(made)
    assert len(drawn) >= 35
    for text in drawn:
        assert not fit(filled(made, text), made.limit), text


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_a_slot_is_said_once_and_only_where_offered(case):
    made = brief(**case.options)
    offered = {slot.name for slot in made.slots}
    for text in texts(made):
        said = SLOT.findall(text.text)
        assert set(said) <= offered
        assert len(said) == len(set(said))


@pytest.mark.parametrize("tone", TONES)
@pytest.mark.parametrize("purpose", ["promo", "synopsis"])
@pytest.mark.parametrize("name", sorted(ANGLES))
def test_the_angle_is_followed_in_every_tone(name, purpose, tone):
    for channel in ("tile", "email", "detail"):
        made = brief(angle=(name,), purpose=purpose, tone=tone, channel=channel)
        drawn = texts(made, 6)
        assert drawn, channel
        assert all(f"[{name}]" in text.text for text in drawn)


@pytest.mark.parametrize("name", sorted(ADDED))
def test_a_bare_title_can_still_follow_an_angle(name):
    for text in texts(brief(BARE, angle=(name,), kind="film"), 10):
        assert f"[{name}]" in text.text


def test_sentences_of_the_story_keep_their_order_and_follow_the_premise():
    made = brief(purpose="synopsis", channel="detail", length="long")
    seen = 0
    for text in texts(made, 80):
        told = re.findall(r"STORY_\d", text.text)
        assert told == ["STORY_1", "STORY_2"][: len(told)]
        if told:
            seen += 1
            before = text.text[: text.text.index("[STORY_1]")]
            assert "[LOGLINE]" in before or "[GOAL]" in before or "[WHO]" in before
    assert seen > 20


def test_a_logline_and_the_parts_it_is_made_of_are_not_both_told():
    for text in texts(brief(), 200):
        said = set(SLOT.findall(text.text))
        assert not ("LOGLINE" in said and said & {"WHO", "GOAL", "TURN", "WHERE"})


def test_promos_name_the_title():
    assert all("[TITLE]" in text.text for text in texts(brief(), 60))


def test_phrases_come_only_where_their_needs_are_met():
    by_id = {phrase.id: phrase for phrase in phrases().phrases}
    for text in texts(brief(tone="playful"), 200) + texts(brief(tone="dry"), 200):
        for name in text.phrases:
            phrase = by_id[name]
            assert not phrase.needs.genres or "crime" in phrase.needs.genres
            assert not phrase.needs.moods or "tense" in phrase.needs.moods
            assert not phrase.needs.themes or "grief" in phrase.needs.themes
            assert not phrase.kinds or "season" in phrase.kinds


def test_every_text_can_be_read_word_by_word():
    rng = Random(4)
    for _ in range(25):
        laid_out = composition(made_up(vocabulary(), rng))
        for _ in range(4):
            text = compose(laid_out, joins(), rng)
            assert text is not None
            assert makes(laid_out, text.text), text.text


def test_openings_differ():
    made = brief(channel="email")
    openings = {" ".join(filled(made, text).split()[:3]) for text in texts(made, 20, seed=3)}
    assert len(openings) >= 15


def test_a_seed_tells_the_whole_stream():
    def first(seed):
        stream = groups(phrases(), vocabulary(), joins(), seed, answers=3)
        return list(islice(stream, 5))

    assert first(5) == first(5)
    assert first(5) != first(6)


def test_held_out_texts_are_never_trained_on():
    rng = Random(2)
    kinds = set()
    for _ in range(60):
        made = made_up(vocabulary(), rng)
        kinds |= {is_held_out(text) for text in texts(made, 3)}
    assert kinds == {True, False}
    held = islice(groups(phrases(), vocabulary(), joins(), 1, answers=8, held_out=True), 3)
    assert all(group.texts for group in held)


def test_what_is_encoded_is_decoded_again():
    tokenizer = build(phrases(), vocabulary())
    for group in islice(groups(phrases(), vocabulary(), joins(), 11, answers=4), 60):
        for text in group.texts:
            ids = tokenizer.encode(text, add_special_tokens=False).ids
            assert UNKNOWN not in ids, text
            assert tokenizer.decode(ids) == text


def test_every_word_of_a_prompt_is_known_but_those_of_other_vocabularies():
    tokenizer = build(phrases(), vocabulary())
    for group in islice(groups(phrases(), vocabulary(), joins(), 12, answers=1), 60):
        ids = tokenizer.encode(group.prompt, add_special_tokens=False).ids
        unknown = group.prompt.split().count("made_up")
        assert ids.count(UNKNOWN) == unknown, group.prompt


def test_a_slot_is_one_token():
    tokenizer = build(phrases(), vocabulary())
    for name in ("TITLE", "WHO_PL", "STORY_12", "CAST_2"):
        assert len(tokenizer.encode(f"[{name}]", add_special_tokens=False).ids) == 1
