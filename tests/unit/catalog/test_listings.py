from __future__ import annotations

from dataclasses import dataclass

import pytest

from genservice.catalog import Format, load_vocabulary, read, slotted
from genservice.catalog.story import story_sentences
from genservice.shipped import shipped

VOCABULARY = load_vocabulary(shipped("catalogue"))


@dataclass(frozen=True)
class Case:
    id: str
    said: str
    told: tuple[str, ...]


CASES = [
    Case("notices and codes", "New series. 1/6. A young vicar finds that the church roof has been sold. Starring Bea Lind and Imre Vale. [S][AD]", ("A young vicar finds that the church roof has been sold.",)),
    Case("also in HD", "A reporter must find a killer before the presses roll. Also in HD. [AD,S]", ("A reporter must find a killer before the presses roll.",)),
    Case("series and episode", "The potters throw a tea set against the clock. (S2, Ep3)", ("The potters throw a tea set against the clock.",)),
    Case("episode first", "S1 Ep4: Dee plans her revenge on a landlord.", ("Dee plans her revenge on a landlord.",)),
    Case("drama about", "Drama about a widower who takes on an allotment. Last in the series.", ("A widower takes on an allotment.",)),
    Case("series following", "Drama series following two coastguards who answer a call. Contains strong language.", ("Two coastguards answer a call.",)),
    Case("comedy in which", "Comedy in which a stagehand steps in for an actor and forgets to step out.", ("A stagehand steps in for an actor and forgets to step out.",)),
    Case("wildlife", "Wildlife documentary following a clan of badgers in a Devon wood. Narrated by Wren Ito. With subtitles.", ("The programme tells of a clan of badgers in a Devon wood.",)),
    Case("a label", "Medical drama. A ward runs short of beds on the coldest night.", ("A ward runs short of beds on the coldest night.",)),
    Case("in this drama", "In this award-winning drama, a beekeeper befriends the boy who burnt her hives.", ("A beekeeper befriends the boy who burnt her hives.",)),
    Case("a festival's note", "Shot over seven winters, the film observes a family of reed cutters.", ("The programme observes a family of reed cutters.",)),
    Case("how", "How a group of librarians saved the manuscripts of a city.", ("The programme tells how a group of librarians saved the manuscripts of a city.",)),
    Case("sport", "Coverage of the opening session from Sheffield. Coverage continues on the red button.", ("Coverage of the opening session from Sheffield.",)),
    Case("a concert", "The city orchestra performs a programme of Elgar and Holst.", ("The city orchestra performs a programme of Elgar and Holst.",)),
    Case("children", "Today, Pip is too scared to ring the bell. (R)", ("Pip is too scared to ring the bell.",)),
    Case("in this comedy", "Two strangers swap lives on a train in this romantic comedy.", ("Two strangers swap lives on a train.",)),
    Case("a couple's budget", "A retired couple look for a house on a small budget.", ("A retired couple look for a house on a small budget.",)),
    Case("best friends are no claim", "A cook and her best friend open a stall on the quay.", ("A cook and her best friend open a stall on the quay.",)),
    Case("a star pupil is no star", "A tennis coach is fooled by her star pupil.", ("A tennis coach is fooled by her star pupil.",)),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_listings_tell_their_story_without_notices(case: Case):
    assert (
        tuple(
            text.replace("The film ", "The programme ")
            for text in story_sentences(case.said, noun="programme")
        )
        == case.told
    )


@pytest.mark.parametrize(
    "sentence",
    [
        "Hilarious and heart-warming, a comedy of manners on a quay.",
        "A must-see for lovers of boats and quays.",
        "You won't forget the diver who finds a car.",
        "The hit fantasy returns with a blacksmith and a king.",
        "An unforgettable journey to the bottom of a harbour.",
        "Find out who burnt the map of the town.",
        "Join us for an evening of songs from the quay.",
        "A warm, funny and beautifully acted comedy.",
        "A gripping night in the deep waters of a harbour.",
    ],
)
def test_claims_and_invitations_are_no_story(sentence: str):
    assert story_sentences(sentence) == ()


FIELDS: dict[Format, str] = {
    "jsonld": """{"@type": "Movie", "name": "Cold Quay", "description": "Drama about a widower who takes on an allotment. Also in HD."}""",
    "csv": "name,description\nCold Quay,Drama about a widower who takes on an allotment. Also in HD.\n",
    "json": """[{"id": "cold-quay", "kind": "film", "name": "Cold Quay", "language": "en", "description": "Drama about a widower who takes on an allotment. Also in HD."}]""",
    "tva": """<TVAMain xmlns="urn:tva:metadata:2019" xml:lang="en"><ProgramDescription><ProgramInformationTable>
      <ProgramInformation programId="crid://quay.example/1"><BasicDescription><Title type="main">Cold Quay</Title>
      <Synopsis length="medium">Drama about a widower who takes on an allotment. Also in HD.</Synopsis>
      </BasicDescription></ProgramInformation></ProgramInformationTable></ProgramDescription></TVAMain>""",
    "wikipedia": """[{"title": "Cold Quay", "year": 1985, "cast": [], "genres": [], "extract": "Drama about a widower who takes on an allotment. Also in HD."}]""",
}


@pytest.mark.parametrize("format_", sorted(FIELDS))
def test_every_format_tells_the_story_of_its_descriptions_alike(format_: Format):
    reading = read(FIELDS[format_].encode(), format=format_, vocabulary=VOCABULARY)
    (title,) = reading.titles
    (story,) = (slot for slot in slotted(title, VOCABULARY).slots if slot.kind == "sentence")
    assert (story.text, story.pointer) == ("A widower takes on an allotment", "/description")
