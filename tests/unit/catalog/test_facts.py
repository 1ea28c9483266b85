from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from genservice import catalog
from genservice.catalog import facts, written
from genservice.domain import (
    Award,
    Copy,
    Credit,
    EditorialText,
    PartOf,
    Rating,
    Setting,
    StoryElement,
    Title,
)

TITLE = Title(
    id="hl-s1",
    kind="season",
    name="Harbour Lights",
    language="en",
    part_of=PartOf(series="harbour-lights", season=1),
    year=2024,
    credits=(
        Credit(name="Imre Vale", job="actor", billing=1, character="Ada Thorne", person="p-17"),
    ),
    genres=("crime", "drama"),
    setting=(Setting(place="Whitby", period="1980s"),),
    logline="A pilot's daughter comes home.",
    story=(
        StoryElement(text="The tide turns.", spoiler="minor"),
        StoryElement(text="two brothers", part="who", plural=True),
        StoryElement(text="It was the uncle.", spoiler="major"),
    ),
    ratings=(Rating(region="GB", system="BBFC", value="15", min_age=15),),
    awards=(Award(name="Northern Screen Award", year=2025, result="nominated"),),
    texts=(EditorialText(language="en", length="short", text="A text."),),
    copy=Copy(avoid=("gritty",)),
)


def test_every_fact_has_a_pointer_that_leads_to_it():
    record: Any = msgspec.to_builtins(TITLE)
    for fact in facts(TITLE):
        value = record
        for step in fact.pointer.split("/")[1:]:
            value = value[int(step)] if isinstance(value, list | tuple) else value[step]
        assert value == fact.value


def test_what_people_wrote_of_a_title_is_found_with_names_and_texts():
    assert written(TITLE) == (
        ("/name", "Harbour Lights"),
        ("/credits/0/name", "Imre Vale"),
        ("/credits/0/character", "Ada Thorne"),
        ("/setting/0/place", "Whitby"),
        ("/setting/0/period", "1980s"),
        ("/logline", "A pilot's daughter comes home."),
        ("/story/0/text", "The tide turns."),
        ("/story/1/text", "two brothers"),
        ("/story/2/text", "It was the uncle."),
        ("/awards/0/name", "Northern Screen Award"),
        ("/texts/0/text", "A text."),
    )


def test_facts_are_what_the_record_says_of_its_title_and_nothing_else():
    assert [(fact.pointer, fact.spoiler) for fact in facts(TITLE)] == [
        ("/kind", "none"),
        ("/name", "none"),
        ("/part_of/series", "none"),
        ("/part_of/season", "none"),
        ("/year", "none"),
        ("/credits/0/name", "none"),
        ("/credits/0/job", "none"),
        ("/credits/0/person", "none"),
        ("/credits/0/character", "none"),
        ("/genres/0", "none"),
        ("/genres/1", "none"),
        ("/setting/0/place", "none"),
        ("/setting/0/period", "none"),
        ("/logline", "none"),
        ("/story/0/text", "minor"),
        ("/story/1/text", "none"),
        ("/story/2/text", "major"),
        ("/ratings/0/region", "none"),
        ("/ratings/0/system", "none"),
        ("/ratings/0/value", "none"),
        ("/ratings/0/min_age", "none"),
        ("/awards/0/name", "none"),
        ("/awards/0/year", "none"),
        ("/awards/0/result", "none"),
    ]


def test_no_public_name_of_the_catalogue_is_that_of_a_module() -> None:
    """Else importing the module would put it in the place of what is meant."""
    modules = {path.stem for path in Path(catalog.__file__).parent.glob("*.py")}
    assert modules.isdisjoint(catalog.__all__)
    assert all(getattr(catalog, name) is not None for name in catalog.__all__)
