from __future__ import annotations

from dataclasses import dataclass

import pytest

from genservice.catalog.retelling import retold
from genservice.catalog.story import story_sentences


@dataclass(frozen=True)
class Case:
    id: str
    said: str
    told: str


CASES = [
    Case("who", "The film follows a diver who finds a car.", "A diver finds a car."),
    Case("who of many", "The film follows two divers who find a car.", "Two divers find a car."),
    Case("who of a group", "It follows a group of divers who find a car.", "A group of divers find a car."),
    Case("who with an aside", "It follows a diver who, looking for pearls, finds a car.", "A diver, looking for pearls, finds a car."),
    Case("somebody with a name", "The plot follows Ada Thorne, a diver who finds a car.", "Ada Thorne, a diver, finds a car."),
    Case("a name alone", "The story centers on Ada, who finds a car.", "Ada finds a car."),
    Case("two adjectives", "It tells of a shy, retired diver who finds a car.", "A shy, retired diver finds a car."),
    Case("two trades of one", "It follows a diver and painter who finds a car.", "A diver and painter finds a car."),
    Case("a row", "It follows a diver, a cook and a vicar who find a car.", "A diver, a cook and a vicar find a car."),
    Case("as", "The film follows Ada as she looks for a car.", "Ada looks for a car."),
    Case("the adventures of", "It follows the adventures of two divers as they look for a car.", "Two divers look for a car."),
    Case("the story of", "The film tells the story of a diver who finds a car.", "A diver finds a car."),
    Case("a time", "Set in 1950, the film follows a diver who finds a car.", "In 1950, a diver finds a car."),
    Case("a time of many", "Set in 1950, it follows two divers who find a car.", "In 1950, two divers find a car."),
    Case("and how", "It follows a diver who finds a car, and how she hides it.", "The film follows a diver who finds a car, and how she hides it."),
    Case("one in a town", "It follows a diver in a small town who finds a car.", "A diver in a small town finds a car."),
    Case("one from a town in a state", "It follows a diver from Salem, Oregon, who finds a car.", "A diver from Salem, Oregon, finds a car."),
    Case("initials", "It follows two U.S. Navy divers who find a car.", "Two U.S. Navy divers find a car."),
    Case("no verb", "The film follows a diver looking for a car.", "The film follows a diver looking for a car."),
    Case("either of two", "It follows the sister of a diver who finds a car.", "The film follows the sister of a diver who finds a car."),
    Case("one with another", "It follows a cook in love with a diver who finds a car.", "The film follows a cook in love with a diver who finds a car."),
    Case("a further thing", "It follows a diver who finds a car, and the sister left behind.", "The film follows a diver who finds a car, and the sister left behind."),
    Case("whose", "Its plot revolves around a diver whose car is lost.", "The film revolves around a diver whose car is lost."),
    Case("American spelling", "The story centers on a lost car.", "The film centres on a lost car."),
    Case("cameras", "Cameras follow two divers as they look for a car.", "Two divers look for a car."),
    Case("no opening", "A diver finds a car.", "A diver finds a car."),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_what_a_film_follows_is_told_as_what_happens_where_that_is_certain(case: Case):
    assert retold(case.said, "film") == case.told


def test_a_series_is_not_called_a_film():
    assert retold("It follows a lost car.", "series") == "The series follows a lost car."


LEADS = [
    Case("about", "Cold Quay is a 1985 film about a diver who finds a car.", "A diver finds a car."),
    Case("directed by", "Cold Quay is a 1985 film directed by Noor Castellan about a diver who finds a car.", "A diver finds a car."),
    Case("starring, behind it", "Cold Quay is a 1985 film about a diver who finds a car, starring Imre Vale.", "A diver finds a car."),
    Case("a part", "Bea Lind plays a diver who finds a car.", "A diver finds a car."),
    Case("played by many", "It follows two divers, played by Ada Lind, Mo de Hale and Wren Ito, who find a car.", "Two divers find a car."),
    Case("based on, and starring", "Based on a poem by Mo Hale, it stars Bea Lind as Ada Thorne, a diver who finds a car.", "Ada Thorne, a diver, finds a car."),
    Case("written by, and about", "Written by Mo Hale, the film is about a diver who finds a car.", "A diver finds a car."),
    Case("a part with a trade", "Lind plays struggling pearl diver Ada Thorne, who finds a car.", "Struggling pearl diver Ada Thorne finds a car."),
    Case("the title character", "Bea Lind plays the title character, a diver who finds a car.", "A diver finds a car."),
    Case("a cast, and whom they play", "The film stars Imre Vale, Bea Lind and Mo Hale as three divers who find a car.", "Three divers find a car."),
    Case("starring as", "A thriller starring Bea Lind as a diver who finds a car.", "A diver finds a car."),
]  # fmt: skip


@pytest.mark.parametrize("case", LEADS, ids=lambda case: case.id)
def test_the_story_is_taken_out_of_sentences_about_the_title(case: Case):
    assert story_sentences(case.said, name="Cold Quay") == (case.told,)


@pytest.mark.parametrize(
    "sentence",
    [
        "Cold Quay is a 1985 film about divers.",
        "Bea Lind plays Ada Thorne, a diver.",
        "Bea Lind stars as a diver looking for a car.",
        "The film stars Bea Lind as a cook and Mo Hale as a diver who finds a car.",
        "The film stars Bea Lind as a diver who finds a car, and Mo Hale as a cook.",
        "Bea Lind plays a diver whose life is changed when she finds a car.",
        "A letter by Wren Ito, it dramatizes much of the war at sea.",
    ],
)
def test_what_comes_to_no_sentence_of_its_own_is_left_out(sentence: str):
    assert story_sentences(sentence, name="Cold Quay") == ()
