"""Three titles of our own with the slots they offer, for tests of the check."""

from __future__ import annotations

from pathlib import Path

from genservice.catalog import load_vocabulary
from genservice.checking import Phrases, Sources, load_phrases
from genservice.domain import (
    Award,
    Credit,
    EditorialText,
    PartOf,
    Rating,
    Setting,
    Slot,
    StoryElement,
    Title,
    Vocabulary,
)
from genservice.shipped import shipped

VOCABULARY: Vocabulary = load_vocabulary(shipped("catalogue"))
PHRASES: Phrases = load_phrases(Path(shipped("prompts")) / "phrases.yaml")

HARBOUR = Title(
    id="harbour-lights-s1",
    kind="season",
    name="Harbour Lights",
    language="en",
    part_of=PartOf(series="harbour-lights", season=1),
    year=2024,
    minutes=52,
    countries=("GB",),
    credits=(
        Credit(
            name="Imre Vale",
            person="p-17",
            job="actor",
            billing=1,
            character="Ada Thorne",
            character_pronouns="she",
        ),
        Credit(name="Noor Castellan", person="p-52", job="director"),
        Credit(name="Tobias Renn", job="actor", billing=2, character="Silas Crowe"),
    ),
    genres=("crime", "drama"),
    moods=("tense", "melancholy"),
    themes=("grief", "family_ties"),
    pace="slow_burn",
    setting=(Setting(place="Whitby", period="1980s"),),
    logline="In a town that keeps its dead close, a harbour pilot's daughter comes home to clear his name",
    story=(
        StoryElement(text="a harbour pilot's daughter", part="who"),
        StoryElement(text="clear his name before the inquest closes", part="goal"),
        StoryElement(text="the tide brings up a boat nobody missed", part="turn"),
        StoryElement(text="in a town that keeps its dead close", part="where"),
        StoryElement(text="Ada Thorne asks who rang the chapel bell on the night of the storm."),
        StoryElement(text="The body in the chapel is her brother's.", spoiler="major"),
    ),
    ratings=(Rating(region="GB", system="BBFC", value="15", min_age=15),),
    alerts=("violence", "bereavement"),
    awards=(Award(name="Northern Screen Award", year=2025, result="nominated"),),
    texts=(EditorialText(language="en", length="short", text="A pilot's daughter comes home."),),
    revision=3,
)

OWLS = Title(
    id="the-night-owls",
    kind="film",
    name="The Night Owls!",
    language="en",
    year=2011,
    minutes=88,
    countries=("FR",),
    credits=(
        Credit(name="Maud Lindqvist", job="voice", billing=1, character="Pip", pronouns="she"),
        Credit(name="Otto Baptiste", job="director"),
    ),
    genres=("animation", "family", "adventure"),
    moods=("charming", "whimsical"),
    themes=("friendship", "courage"),
    pace="brisk",
    logline="Two young owls fly across a sleeping city to return a lost music box",
    story=(
        StoryElement(text="two young owls", part="who", plural=True),
        StoryElement(text="return a lost music box before dawn", part="goal"),
        StoryElement(text="a jealous weathercock gives the alarm", part="turn"),
        StoryElement(text="above the roofs of a sleeping city", part="where"),
        StoryElement(text="The weathercock was a toymaker once.", spoiler="minor"),
    ),
    ratings=(Rating(region="GB", system="BBFC", value="U", min_age=4),),
    awards=(Award(name="Academy Award", category="Animated Feature", year=2012, result="won"),),
)

GLACIER = Title(
    id="under-the-ice",
    kind="programme",
    name="Under the Ice",
    language="en",
    year=2019,
    minutes=60,
    countries=("NO",),
    credits=(
        Credit(name="Runa Eide", job="presenter", billing=1, pronouns="she"),
        Credit(name="Lars Holm", job="director"),
    ),
    genres=("documentary", "nature"),
    moods=("thoughtful",),
    themes=("environment", "exploration"),
    pace="measured",
    setting=(Setting(place="Svalbard"),),
    description=(
        "Runa Eide spends one winter with the divers who map a glacier from below. "
        "The film is based on real events of the expedition of 2017. "
        "Their instruments record 412 cracks in a single night."
    ),
    accessibility=("subtitles",),
)


def _slot(name: str, kind: str, text: str, pointer: str, term: str | None = None) -> Slot:
    return Slot(name=name, kind=kind, text=text, pointer=pointer, term=term)


HARBOUR_SLOTS = (
    _slot("TITLE", "title", "Harbour Lights", "/name"),
    _slot("LEAD", "person", "Imre Vale", "/credits/0/name"),
    _slot("CAST_2", "person", "Tobias Renn", "/credits/2/name"),
    _slot("DIRECTOR", "person", "Noor Castellan", "/credits/1/name"),
    _slot("CHARACTER_1", "character", "Ada Thorne", "/credits/0/character"),
    _slot("PLACE", "place", "Whitby", "/setting/0/place"),
    _slot("GENRE", "genre", "crime drama", "/genres/0", "crime"),
    _slot("GENRE_2", "genre", "drama", "/genres/1", "drama"),
    _slot("MOOD", "mood", "tense", "/moods/0", "tense"),
    _slot("MOOD_2", "mood", "melancholy", "/moods/1", "melancholy"),
    _slot("THEME", "theme", "grief", "/themes/0", "grief"),
    _slot("THEME_2", "theme", "family ties", "/themes/1", "family_ties"),
    _slot("PACE", "pace", "slow-burn", "/pace", "slow_burn"),
    _slot("COUNTRY", "country", "British", "/countries/0", "gb"),
    _slot("PERIOD", "period", "1980s", "/setting/0/period"),
    _slot("YEAR", "year", "2024", "/year"),
    _slot("OCCASION", "occasion", "late evenings", "/genres/0", "late_evening"),
    _slot("WHO", "who", "a harbour pilot's daughter", "/story/0"),
    _slot("GOAL", "goal", "clear his name before the inquest closes", "/story/1"),
    _slot("TURN", "turn", "the tide brings up a boat nobody missed", "/story/2"),
    _slot("WHERE", "where", "in a town that keeps its dead close", "/story/3"),
    _slot("LOGLINE", "sentence", HARBOUR.logline or "", "/logline"),
    _slot(
        "STORY_1",
        "sentence",
        "[CHARACTER_1] asks who rang the chapel bell on the night of the storm",
        "/story/4",
    ),
)
OWLS_SLOTS = (
    _slot("TITLE", "title", "The Night Owls!", "/name"),
    _slot("LEAD", "person", "Maud Lindqvist", "/credits/0/name"),
    _slot("DIRECTOR", "person", "Otto Baptiste", "/credits/1/name"),
    _slot("CHARACTER_1", "character", "Pip", "/credits/0/character"),
    _slot("GENRE", "genre", "animated story", "/genres/0", "animation"),
    _slot("GENRE_2", "genre", "family story", "/genres/1", "family"),
    _slot("MOOD", "mood", "charming", "/moods/0", "charming"),
    _slot("THEME", "theme", "friendship", "/themes/0", "friendship"),
    _slot("PACE", "pace", "brisk", "/pace", "brisk"),
    _slot("YEAR", "year", "2011", "/year"),
    _slot("KIND", "kind", "film", "/kind"),
    _slot("MINUTES", "minutes", "88 minutes", "/minutes"),
    _slot("WHO_PL", "who", "two young owls", "/story/0"),
    _slot("GOAL", "goal", "return a lost music box before dawn", "/story/1"),
    _slot("TURN", "turn", "a jealous weathercock gives the alarm", "/story/2"),
    _slot("WHERE", "where", "above the roofs of a sleeping city", "/story/3"),
    _slot("LOGLINE", "sentence", OWLS.logline or "", "/logline"),
)
GLACIER_SLOTS = (
    _slot("TITLE", "title", "Under the Ice", "/name"),
    _slot("LEAD", "person", "Runa Eide", "/credits/0/name"),
    _slot("DIRECTOR", "person", "Lars Holm", "/credits/1/name"),
    _slot("PLACE", "place", "Svalbard", "/setting/0/place"),
    _slot("GENRE", "genre", "documentary", "/genres/0", "documentary"),
    _slot("GENRE_2", "genre", "nature documentary", "/genres/1", "nature"),
    _slot("MOOD", "mood", "thoughtful", "/moods/0", "thoughtful"),
    _slot("THEME", "theme", "the natural world", "/themes/0", "environment"),
    _slot("PACE", "pace", "unhurried", "/pace", "measured"),
    _slot("COUNTRY", "country", "Norwegian", "/countries/0", "no"),
    _slot("MINUTES", "minutes", "60 minutes", "/minutes"),
    _slot("ACCESS", "accessibility", "subtitles", "/accessibility/0", "subtitles"),
    _slot(
        "STORY_1",
        "sentence",
        "[LEAD] spends one winter with the divers who map a glacier from below",
        "/description",
    ),
)

TITLES: tuple[tuple[Title, tuple[Slot, ...]], ...] = (
    (HARBOUR, HARBOUR_SLOTS),
    (OWLS, OWLS_SLOTS),
    (GLACIER, GLACIER_SLOTS),
)


def sources(title: Title, slots: tuple[Slot, ...], phrases: Phrases = PHRASES) -> Sources:
    return Sources.of(title, slots=slots, vocabulary=VOCABULARY, phrases=phrases)
