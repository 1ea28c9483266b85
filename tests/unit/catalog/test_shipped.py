"""The shipped catalogue holds what docs and demo promise, in texts that fit every frame.

A writer puts the story parts together ("<Who> must <goal> — until <turn>."), so a part that is
badly formed makes bad sentences in many texts. What a test can see of that, these tests see.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec
import pytest

from genservice.briefing.build import GRAVE_ALERTS, tone_for
from genservice.catalog import load_vocabulary, slotted
from genservice.domain import Title, Vocabulary
from genservice.domain.briefs import LENGTHS
from genservice.shipped import shipped

if TYPE_CHECKING:
    from collections.abc import Iterator

FILES = ("children", "documentaries", "films", "series")
LONGEST = {"who": 45, "goal": 55, "turn": 65, "where": 50, "event": 140}
PREPOSITION = re.compile(
    r"(above|across|along|among|at|behind|beneath|between|beyond|in|inside|on) "
)
NUMBER = re.compile(r"(two|three|four|five|six|seven|eight|nine|ten) ")
PRAISE = re.compile(
    r"\b(best|greatest|finest|most|worst|biggest|youngest|oldest|newest|new|unforgettable|iconic"
    r"|masterpiece|stunning|acclaimed|classic|beloved|award|brilliant|breathtaking|true story"
    r"|must-see|unmissable|legendary)\b",
    re.IGNORECASE,
)
AUDIENCE = re.compile(r"\b(you|your|we|us|our|ourselves)\b", re.IGNORECASE)
SUICIDE = re.compile(r"\bsuicide\b|\btakes? (?:his|her|their) own life\b|shoots himself|overdose")
SENSITIVE = {
    "disability": re.compile(r"\b(autistic|disabled|disabilities|wheelchairs?)\b"),
    "faith": re.compile(r"\b(church|devout|priests?|religio\w+|scripture|zealots)\b"),
    "illness": re.compile(r"\billness\b"),
    "immigration": re.compile(r"\b(emigrat\w+|traffickers)\b"),
    "queer_love": re.compile(r"\b(gay|lesbian)\b"),
}
"""Words of a story that only a title with the sensitive theme has a use for."""
LEANING = re.compile(r"\b(he|him|his|himself|she|her|hers|herself)\b|\bof them\b")
BACKED = re.compile(r"\b(lady|man|men|woman|women)\b")


@pytest.fixture(scope="module")
def titles() -> tuple[Title, ...]:
    files = (shipped("catalogue") / f"{name}.json" for name in FILES)
    return tuple(
        title
        for file in files
        for title in msgspec.json.decode(file.read_bytes(), type=tuple[Title, ...])
    )


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return load_vocabulary(shipped("catalogue"))


def parts(title: Title, part: str) -> tuple[str, ...]:
    return tuple(element.text for element in title.story if element.part == part)


def names(title: Title) -> frozenset[str]:
    """Every word of the names in the credits, and of the places."""
    credited = [text for credit in title.credits for text in (credit.name, credit.character or "")]
    places = [setting.place or "" for setting in title.setting]
    said = (word for text in (*credited, *places) for word in words(text))
    return frozenset(word for word in said if word[0].isupper() and len(word) > 1)


def words(text: str) -> tuple[str, ...]:
    """The words of a text, without what follows an apostrophe at their end."""
    return tuple(re.sub(r"'s?$", "", word) for word in re.findall(r"[\w'-]+", text))


def texts(title: Title) -> Iterator[tuple[str, str]]:
    yield "logline", title.logline or ""
    for element in title.story:
        yield element.part, element.text


def test_every_json_file_of_the_folder_is_one_of_the_four():
    assert sorted(file.stem for file in shipped("catalogue").glob("*.json")) == list(FILES)


def test_there_are_enough_titles_of_every_sort(titles: tuple[Title, ...]):
    def count(*genres: str) -> int:
        return sum(bool(set(genres) & set(title.genres)) for title in titles)

    assert len(titles) >= 90
    assert sum(title.kind == "series" for title in titles) >= 22
    assert count("documentary") >= 12
    assert count("kids", "family") >= 14
    assert len({country for title in titles for country in title.countries}) >= 20
    assert {year // 10 for title in titles if (year := title.year)} >= set(range(192, 203))


def test_ids_are_unique(titles: tuple[Title, ...]):
    assert len({title.id for title in titles}) == len(titles)


def test_whole_series_of_seasons_and_episodes_are_there(titles: tuple[Title, ...]):
    known = {title.id for title in titles if title.kind == "series"}
    assert [t.id for t in titles if t.part_of and t.part_of.series not in known] == []


@pytest.mark.parametrize("family", ["genres", "moods", "themes", "alerts"])
def test_words_are_in_the_vocabulary(
    family: str, titles: tuple[Title, ...], vocabulary: Vocabulary
):
    known = {term.name for term in getattr(vocabulary, family)}
    assert [(t.id, w) for t in titles for w in getattr(t, family) if w not in known] == []


def test_pace_and_countries_are_in_the_vocabulary(
    titles: tuple[Title, ...], vocabulary: Vocabulary
):
    paces = {term.name for term in vocabulary.pace}
    countries = {term.name.upper() for term in vocabulary.countries}
    assert [title.id for title in titles if title.pace not in paces] == []
    assert [title.id for title in titles if not countries.issuperset(title.countries)] == []


def test_genres_that_name_films_are_kept_to_films(
    titles: tuple[Title, ...], vocabulary: Vocabulary
):
    for_films = {term.name for term in vocabulary.genres if "film" in term.label}
    wrong = [
        (title.id, genre)
        for title in titles
        for genre in title.genres
        if title.kind in ("series", "season", "episode") and genre in for_films
    ]
    assert wrong == []


def test_fiction_genres_are_not_given_to_documentaries(titles: tuple[Title, ...]):
    fiction = {"crime", "drama", "history", "legal", "medical", "political", "thriller"}
    factual = (title for title in titles if "documentary" in title.genres)
    assert [title.id for title in factual if fiction & set(title.genres)] == []


def test_every_title_offers_what_a_writer_builds_on(titles: tuple[Title, ...]):
    def complete(title: Title) -> bool:
        counts = {part: len(parts(title, part)) for part in LONGEST}
        told = sum(e.part == "event" and e.spoiler == "none" for e in title.story)
        return (
            title.logline is not None
            and counts["who"] == counts["goal"] == counts["where"] == 1
            and 1 <= counts["turn"] <= 2
            and told >= 2
        )

    assert [title.id for title in titles if not complete(title)] == []


def test_every_title_can_prove_a_spoiler_check(titles: tuple[Title, ...]):
    assert [t.id for t in titles if all(e.spoiler == "none" for e in t.story)] == []


def test_two_events_of_every_title_name_nobody(titles: tuple[Title, ...]):
    def nameless(title: Title) -> int:
        told = (e.text for e in title.story if e.part == "event" and e.spoiler == "none")
        return sum(not (names(title) & set(words(text))) for text in told)

    assert [title.id for title in titles if nameless(title) < 2] == []


def test_loglines_are_one_sentence_that_names_nobody(titles: tuple[Title, ...]):
    def good(title: Title) -> bool:
        line = title.logline or ""
        first, *rest = words(line)
        return (
            60 <= len(line) <= 120
            and line.endswith(".")
            and line.count(".") == 1
            and first not in names(title)
            and not any(word[0].isupper() for word in rest)
        )

    assert [(title.id, title.logline) for title in titles if not good(title)] == []


def test_parts_keep_their_length(titles: tuple[Title, ...]):
    long = [
        (title.id, text)
        for title in titles
        for part, text in texts(title)
        if len(text) > LONGEST.get(part, 140)
    ]
    assert long == []


def test_parts_are_pieces_and_events_are_sentences(titles: tuple[Title, ...]):
    piece = re.compile(r"[a-z][^A-Z.!?;]*[^\W_](?<![,:])")
    sentence = re.compile(r"[A-Z].*[^.!?]\.", re.DOTALL)
    wrong = [
        (title.id, element.text)
        for title in titles
        for element in title.story
        if not (sentence if element.part == "event" else piece).fullmatch(element.text)
    ]
    assert wrong == []


def test_every_text_reaches_a_brief_and_stands_alone(
    titles: tuple[Title, ...], vocabulary: Vocabulary
):
    offered = [(title.id, slotted(title, vocabulary)) for title in titles]
    assert [(id_, slots.withheld) for id_, slots in offered if slots.withheld] == []
    assert [(id_, slots.leaning) for id_, slots in offered if slots.leaning] == []


def test_no_text_speaks_of_the_audience(titles: tuple[Title, ...]):
    assert [(t.id, text) for t in titles for _, text in texts(t) if AUDIENCE.search(text)] == []


def test_no_two_titles_share_a_piece_of_their_story(titles: tuple[Title, ...]):
    seen: dict[str, list[str]] = {}
    for title in titles:
        for _, text in texts(title):
            seen.setdefault(text.lower(), []).append(title.id)
    assert {text: ids for text, ids in seen.items() if len(ids) > 1} == {}


def test_a_story_of_suicide_carries_its_alert(titles: tuple[Title, ...]):
    telling = [t for t in titles if any(SUICIDE.search(text) for _, text in texts(t))]
    assert len(telling) >= 3
    assert [title.id for title in telling if "suicide" not in title.alerts] == []


@pytest.mark.parametrize("theme", sorted(SENSITIVE))
def test_a_story_of_what_could_betray_somebody_carries_its_sensitive_theme(
    theme: str, titles: tuple[Title, ...], vocabulary: Vocabulary
):
    telling = [t for t in titles if any(SENSITIVE[theme].search(text) for _, text in texts(t))]
    assert telling
    assert {term.name for term in vocabulary.themes if term.sensitive} >= {theme}
    assert [title.id for title in telling if theme not in title.themes] == []


def test_grave_titles_are_never_written_about_in_play_or_haste(titles: tuple[Title, ...]):
    grave = [title for title in titles if GRAVE_ALERTS.intersection(title.alerts)]
    assert grave
    assert [t.id for t in grave if {"playful", "urgent"}.intersection(t.copy.tones)] == []
    assert {tone_for(title, tone) for title in grave for tone in ("playful", "urgent")} <= {
        "plain",
        "warm",
        "tense",
        "dry",
    }


def test_billing_counts_from_one_without_gaps(titles: tuple[Title, ...]):
    billed = {title.id: [c.billing for c in title.credits if c.billing] for title in titles}
    assert {id_: n for id_, n in billed.items() if n != list(range(1, len(n) + 1))} == {}


def test_a_character_has_one_performer_and_pronouns_belong_to_a_character(
    titles: tuple[Title, ...],
):
    for title in titles:
        played = [credit.character for credit in title.credits if credit.character]
        assert len(played) == len(set(played)), title.id
        loose = [c.name for c in title.credits if c.character_pronouns and not c.character]
        assert not loose, title.id


def test_no_text_praises_or_sells(titles: tuple[Title, ...]):
    assert [(t.id, text) for t in titles for _, text in texts(t) if PRAISE.search(text)] == []


def is_who(text: str, *, plural: bool) -> bool:
    """Whether a noun phrase has a determiner, or is plural and can do without."""
    return plural or re.match(r"(a|an|the) ", text) is not None


def is_bare_infinitive(text: str) -> bool:
    """Whether the first word carries no ending of another form of a verb."""
    first = text.split()[0]
    third_person = first.endswith("s") and not first.endswith("ss")
    participle = first.endswith("ed") and not first.endswith("eed")
    gerund = first.endswith("ing") and first not in {"bring", "sing", "swing", "cling"}
    return first != "to" and not (third_person or participle or gerund)


@pytest.mark.parametrize("text", ["clear a name", "cross a sea", "sing her life", "feed the young"])
def test_a_bare_infinitive_is_known(text: str):
    assert is_bare_infinitive(text)


@pytest.mark.parametrize("text", ["clears a name", "tried to go", "finding a thief", "to find it"])
def test_other_forms_of_a_verb_are_not_bare_infinitives(text: str):
    assert not is_bare_infinitive(text)


def test_goals_are_bare_infinitives(titles: tuple[Title, ...]):
    goals = [(title.id, goal) for title in titles for goal in parts(title, "goal")]
    assert [goal for goal in goals if not is_bare_infinitive(goal[1])] == []


def test_who_is_a_noun_phrase_of_the_number_it_states(titles: tuple[Title, ...]):
    whos = [(t.id, e.text, e.plural) for t in titles for e in t.story if e.part == "who"]
    assert [who for who in whos if not is_who(who[1], plural=who[2])] == []
    assert [who for who in whos if NUMBER.match(who[1]) and not who[2]] == []


def test_only_a_who_is_plural(titles: tuple[Title, ...]):
    assert [t.id for t in titles for e in t.story if e.plural and e.part != "who"] == []


def test_where_begins_with_a_preposition(titles: tuple[Title, ...]):
    wheres = [(title.id, where) for title in titles for where in parts(title, "where")]
    assert [where for where in wheres if not PREPOSITION.match(where[1])] == []


def test_goal_turn_and_where_lean_on_nobody_named_before(titles: tuple[Title, ...]):
    """Frames put each of them alone: "What happens when <turn>?", "Begin <where>."."""
    leaning = [
        (title.id, text)
        for title in titles
        for part in ("goal", "turn", "where")
        for text in parts(title, part)
        for said in LEANING.finditer(text)
        if not BACKED.search(text[: said.start()])
    ]
    assert leaning == []


def test_editorial_texts_keep_their_length_and_their_own_rules(titles: tuple[Title, ...]):
    written = [(title, text) for title in titles for text in title.texts]
    assert [t.id for t, text in written if len(text.text) > LENGTHS[text.length]] == []
    assert sum(text.pinned for _, text in written) >= 1
    broken = [
        (title.id, word)
        for title in titles
        for word in title.copy.avoid
        for said in (*(text.text for text in title.texts), *(text for _, text in texts(title)))
        if re.search(rf"\b{re.escape(word)}\b", said, re.IGNORECASE)
    ]
    assert broken == []


def test_titles_left_to_editors_have_a_text_of_every_length(titles: tuple[Title, ...]):
    locked = [title for title in titles if title.copy.mode == "editorial_only"]
    assert len(locked) >= 2
    assert [t.id for t in locked if {text.length for text in t.texts} != set(LENGTHS)] == []


def test_ratings_of_one_board_ask_for_one_age(titles: tuple[Title, ...]):
    ages: dict[tuple[str, str], set[int | None]] = {}
    for title in titles:
        for rating in title.ratings:
            ages.setdefault((rating.system, rating.value), set()).add(rating.min_age)
    assert {key for key, found in ages.items() if len(found) != 1 or None in found} == set()
