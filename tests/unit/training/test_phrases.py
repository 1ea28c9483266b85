from __future__ import annotations

import re

import pytest

from genservice.checking.claims import claims_in
from genservice.checking.lexicon import ADDRESS, PRONOUNS
from genservice.checking.words import tokens
from genservice.composition import SLOT
from genservice.domain import Vocabulary
from tests.unit.composition.making import phrases, vocabulary

PHRASES = phrases().phrases
WHOLE = [p for p in PHRASES if p.role not in {"lead", "noun", "tail"}]
CLICHES = (
    "dive", "embark", "unforgettable", "journey like", "gripping", "rollercoaster", "must-see", "delve",
    "unravel", "world where", "everything changes", "edge of", "heart-", "tapestry", "nothing is as it seems",
)  # fmt: skip
SINGULAR = r"has|sets|tries|hopes|goes|is|faces|means|comes"
PLURAL = r"have|set|try|hope|go|are|face|mean|come"


def words(text: str) -> list[str]:
    return [token.norm for token in tokens(SLOT.sub(" ", text)) if token.kind == "word"]


def test_there_are_enough_of_them_for_every_tone_and_part():
    assert len(PHRASES) >= 300
    for tone in ("plain", "warm", "dry", "tense", "playful", "urgent"):
        own = [p for p in PHRASES if tone in p.tones]
        assert len(own) >= 30, tone
    roles = {p.role for p in PHRASES}
    assert roles == {
        "lead", "noun", "tail", "hook", "premise", "then", "story", "angle", "cast", "close", "line", "tag", "end",
    }  # fmt: skip


@pytest.mark.parametrize("phrase", PHRASES, ids=lambda p: p.id)
def test_a_phrase_claims_nothing_and_speaks_to_nobody(phrase):
    said = words(phrase.text)
    assert not [claim for claim in claims_in(said) if not claim.loose]
    assert not ADDRESS.union(PRONOUNS).intersection(said)
    assert not any(cliche in phrase.text.lower() for cliche in CLICHES)


@pytest.mark.parametrize("phrase", PHRASES, ids=lambda p: p.id)
def test_a_phrase_is_punctuated_for_its_part(phrase):
    text = phrase.text
    assert text == " ".join(text.split())
    assert not re.search(r"[,.:;?!]{2}|\s[,.:;?!]|\ban \[|[\u2013\u2014]", text)
    if phrase.role in {"noun", "tail"}:
        assert text[0].islower() or text[0] == "["
        assert text[-1] not in ".:,"
    elif phrase.role != "lead":
        assert text[-1] in ".?"
        assert text[0].isupper() or text[0] == "["


@pytest.mark.parametrize(
    "phrase",
    [p for p in PHRASES if "[WHO" in p.text and not re.search("^(How far would|Can) ", p.text)],
    ids=lambda p: p.id,
)
def test_verbs_agree_with_who_acts(phrase):
    wrong = PLURAL if "[WHO]" in phrase.text else SINGULAR
    assert not re.search(rf"\[WHO(_PL)?\] (?:{wrong})\b", phrase.text)


def test_what_one_person_may_do_several_may_too():
    alone = {p.text.replace("[WHO]", "[WHO_PL]") for p in PHRASES if "must [GOAL]" in p.text}
    assert alone <= {p.text for p in PHRASES}


def test_needs_name_words_of_the_vocabulary():
    families = ("genres", "moods", "themes", "pace")
    known = {f: {t.name for t in getattr(vocabulary(), f)} for f in families}
    for phrase in PHRASES:
        for family in families:
            assert set(getattr(phrase.needs, family)) <= known[family], phrase.id
    assert set(families) < set(Vocabulary.__struct_fields__)


def test_no_sensitive_theme_brings_a_joke():
    sensitive = {term.name for term in vocabulary().themes if term.sensitive}
    assert not [p.id for p in PHRASES if sensitive.intersection(p.needs.themes)]


def test_only_films_run_and_only_series_have_episodes():
    for phrase in WHOLE:
        if "[MINUTES]" in phrase.text:
            assert phrase.kinds, phrase.id
            episodes = "episode" in phrase.text.lower()
            assert episodes == bool({"series", "season"}.intersection(phrase.kinds)), phrase.id
