"""Word by word: at each place exactly the words that a lawful text goes on with."""

from __future__ import annotations

from random import Random

from genservice.composition import House, begin, makes
from genservice.composition.frames import WORD
from genservice.prompting import said_length
from tests.unit.composition.making import brief, composition, read_frames

EVERY = frozenset(word for frame in read_frames() for word in frame.words)
EVERY |= {word[0].upper() + word[1:] for word in EVERY} | {"[TITLE]", ":", "."}


def read(reading, text: str):
    for word in WORD.findall(text):
        reading = reading.after(word)
        assert reading is not None, word
    return reading


def test_a_text_goes_on_with_the_next_words_of_its_pieces():
    reading = read(begin(composition(brief())), "A [MOOD]")
    assert {"[GENRE]", ",", "[KIND]", "[YEAR]", "look"} >= reading.words() >= {"[GENRE]", ","}
    assert not reading.may_end()


def test_a_phrase_that_begins_another_may_end_or_go_on():
    reading = read(begin(composition(brief())), "A [GENRE]")
    assert reading.words() >= {".", ":", "about", "in", "with"}


def test_a_text_may_end_where_it_says_enough():
    reading = begin(composition(brief(channel="push")))
    assert not reading.may_end()
    assert not read(reading, "A [MOOD] [GENRE].").may_end()
    assert read(reading, "A [MOOD], [PACE] [GENRE]: [TITLE].").may_end()


def test_a_word_that_no_text_goes_on_with_leads_nowhere():
    reading = begin(composition(brief()))
    assert reading.after("Unforgettable") is None
    assert reading.after("[CREATOR]") is None


def test_a_writer_is_held_to_the_words_it_knows():
    made = brief()
    house = House(made, read_frames(), said_length)
    assert "Watch" in house.begin(EVERY).words()
    assert "Watch" not in house.begin(EVERY - {"Watch"}).words()
    reading, rng = house.begin(EVERY - {"[MOOD]", "with"}), Random(5)
    while words := sorted(reading.words()):
        assert "[MOOD]" not in words
        assert "with" not in words
        reading = reading.after(rng.choice(words))


def test_reading_one_text_leaves_the_reading_it_began_from_as_it_was():
    laid_out = composition(brief(channel="push"))
    reading = begin(laid_out)
    before = reading.words()
    read(reading, "A [MOOD], [PACE] [GENRE]: [TITLE].")
    assert reading.words() == before
    assert makes(laid_out, "A [MOOD], [PACE] [GENRE]: [TITLE].")
