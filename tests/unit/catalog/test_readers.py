from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from genservice.catalog import FORMATS, Format, detect, load_vocabulary, read
from genservice.catalog.validity import BLANK, LIKE_A_SLOT
from genservice.checking.runs import SLOTS
from genservice.errors import DocumentError
from genservice.shipped import shipped

FIXTURES = Path(__file__).parents[2] / "fixtures" / "catalog"
SHARED = Path(__file__).parents[4] / "shared" / "data"
VOCABULARY = load_vocabulary(shipped("catalogue"))
FILM = {"id": "cold-quay", "kind": "film", "name": "Cold Quay", "language": "en"}


def reading(raw: bytes | str | object, kind: Format = "json"):
    data = (
        raw
        if isinstance(raw, bytes)
        else (raw if isinstance(raw, str) else json.dumps(raw)).encode()
    )
    return read(data, format=kind, vocabulary=VOCABULARY)


def places(problems):
    return [(problem.line, problem.pointer) for problem in problems]


# -- our own JSON ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        pytest.param([FILM], "json", id="array"),
        pytest.param(FILM, "json", id="object"),
        pytest.param(
            json.dumps(FILM) + "\n" + json.dumps({**FILM, "id": "b"}), "json", id="in a row"
        ),
        pytest.param("\n" + json.dumps(FILM) + "\n\n", "jsonl", id="lines"),
        pytest.param(b"\xef\xbb\xbf" + json.dumps([FILM]).encode(), "json", id="byte order mark"),
    ],
)
def test_own_records_are_read_from_every_shape_of_file(raw, kind: Format):
    found = reading(raw, kind)
    assert found.titles[0].name == "Cold Quay"
    assert not found.problems


@dataclass(frozen=True)
class Case:
    id: str
    record: object
    pointer: str | None
    detail: str


BAD = [
    Case("no name", {"id": "x", "kind": "film", "language": "en"}, "/name", "missing"),
    Case("no id", {"kind": "film", "name": "X", "language": "en"}, "/id", "missing"),
    Case("kind", {**FILM, "kind": "secretword"}, "/kind", "not one of the words allowed here"),
    Case("year", {**FILM, "year": 12}, "/year", "expected `int` >= 1870"),
    Case("deep", {**FILM, "credits": [{"name": "A", "job": "actor", "billing": 0}]}, "/credits/0/billing", "expected `int` >= 1"),
    Case("unknown field", {**FILM, "shoe_size": 4}, "/shoe_size", "a field that titles do not have"),
    Case("not an object", [1], None, "a title record is an object"),
    Case("nul", {**FILM, "logline": "a\x00b"}, "/logline", "a character that no text may hold"),
    Case("half a character", {**FILM, "logline": "a\ud800b"}, "/logline", "a character that no text may hold"),
    Case("direction", {**FILM, "also_named": ["ok", "a\u202eb"]}, "/also_named/1", "a character that no text may hold"),
    Case("genres no list", {**FILM, "genres": "drama"}, "/genres", "expected `array`, got `str`"),
    Case("genre no text", {**FILM, "genres": [3]}, "/genres/0", "expected `str`, got `int`"),
    Case("id", {**FILM, "id": "Cold Quay"}, "/id", "not of the form allowed here; expected 1 to 64 of the letters a to z, digits and hyphens"),
    Case("language", {**FILM, "language": "English!"}, "/language", "not of the form allowed here; expected a tag of BCP 47, such as en or pt-BR"),
    Case("country", {**FILM, "countries": ["gbr"], "available": [{"region": "gbr"}]}, "/available/0/region", "not of the form allowed here; expected a code of ISO 3166-1, such as GB"),
    Case("job", {**FILM, "credits": [{"name": "A", "job": "An Actor"}]}, "/credits/0/job", "not of the form allowed here; expected small letters and underscores, such as actor"),
    Case("blank name", {**FILM, "name": " \u200b"}, "/name", BLANK),
    Case("blank character", {**FILM, "credits": [{"name": "A", "job": "actor", "character": " "}]}, "/credits/0/character", BLANK),
    Case("name like a slot", {**FILM, "name": "The [TITLE]"}, "/name", LIKE_A_SLOT),
    Case("other name like a slot", {**FILM, "also_named": ["A", "[CHARACTER_2_LAST]"]}, "/also_named/1", LIKE_A_SLOT),
    Case("person like a slot", {**FILM, "credits": [{"name": "[LEAD]", "job": "actor"}]}, "/credits/0/name", LIKE_A_SLOT),
    Case("place like a slot", {**FILM, "setting": [{"place": "[PLACE]"}]}, "/setting/0/place", LIKE_A_SLOT),
    Case("id no text", {**FILM, "id": ["x"]}, "/id", "expected `str`, got `array`"),
]  # fmt: skip


@pytest.mark.parametrize("case", BAD, ids=lambda case: case.id)
def test_a_malformed_record_is_named_by_line_and_pointer_and_the_rest_is_read(case: Case):
    raw = f"[\n  {json.dumps({**FILM, 'id': 'first'})},\n\n  {json.dumps(case.record)},\n  {json.dumps({**FILM, 'id': 'last'})}\n]"
    found = reading(raw)
    assert [title.id for title in found.titles] == ["first", "last"]
    assert places(found.problems) == [(4, case.pointer)]
    assert found.problems[0].detail == case.detail


def test_every_slot_that_texts_hold_is_refused_in_names_and_other_brackets_are_not():
    for word in SLOTS:
        for name in (f"[{word}]", f"A [{word}_2] B"):
            assert [problem.detail for problem in reading([{**FILM, "name": name}]).problems] == [
                LIKE_A_SLOT
            ]
    for name in ("[REC]", "[lead]", "Lead [", "LEAD"):
        assert reading([{**FILM, "name": name}]).titles[0].name == name


def test_records_on_one_line_are_told_apart_by_their_place_in_the_array():
    records = [
        {**FILM, "id": "first"},
        {**FILM, "id": "second", "year": 12},
        [],
        {"kind": "film"},
        {**FILM, "id": "first"},
        {**FILM, "id": "last", "genres": ["harbourcore"]},
    ]
    found = reading(records)
    assert sorted(places(found.problems)) == [(1, "/1/year"), (1, "/2"), (1, "/3/id"), (1, "/4/id")]
    assert places(found.warnings) == [(1, "/5/genres/0")]
    assert found.pointers == ("/0", "/5")


def test_a_record_alone_on_its_line_goes_by_its_line():
    bad = json.dumps({**FILM, "id": "bad", "year": 12})
    found = reading(f"[{bad},\n{bad}, {bad},\n{bad}]")
    assert places(found.problems) == [(1, "/year"), (2, "/1/id"), (2, "/2/id"), (3, "/id")]


def test_films_of_wikipedia_on_one_line_are_told_apart_too():
    film = {"title": "Cold Quay", "year": 2021, "cast": [], "genres": []}
    found = reading([film, {**film, "title": 3}, {**film, "year": "old"}], "wikipedia")
    assert places(found.problems) == [(1, "/1/name"), (1, "/2/year")]


def test_problems_never_hold_what_was_sent():
    found = reading([{**FILM, "kind": "secretword"}, {**FILM, "Secret Word": 1}])
    assert len(found.problems) == 2
    assert "ecret" not in repr(found.problems)


@pytest.mark.parametrize(
    ("raw", "line", "titles"),
    [
        pytest.param(
            f'[{json.dumps(FILM)},\n {{"id": oops}}, {json.dumps(FILM)}]', 2, 1, id="syntax"
        ),
        pytest.param(f"[{json.dumps(FILM)}\n{json.dumps(FILM)}]", 2, 1, id="comma"),
        pytest.param(f"[{json.dumps(FILM)},\n", 2, 1, id="open array"),
        pytest.param(f"[{json.dumps(FILM)}]\n[]", 2, 1, id="text behind"),
        pytest.param("[" * 200_000, 1, 0, id="deep"),
        pytest.param("[" + "9" * 5000 + "]", 1, 0, id="huge number"),
        pytest.param(b'{"id": "a",\n "name": "\xff"}', 2, 0, id="not UTF-8"),
    ],
)
def test_broken_json_is_a_problem_and_what_stands_before_it_is_read(raw, line: int, titles: int):
    found = reading(raw)
    assert len(found.titles) == titles
    assert [problem.line for problem in found.problems] == [line]


def test_a_broken_line_of_json_lines_costs_only_itself():
    raw = f'{json.dumps(FILM)}\n{{"id": \n\xff\n{json.dumps({**FILM, "id": "b"})}'.encode("latin-1")
    found = reading(raw, "jsonl")
    assert [title.id for title in found.titles] == ["cold-quay", "b"]
    assert [problem.line for problem in found.problems] == [2, 3]


def test_an_empty_file_holds_nothing():
    assert [reading(b"", kind).titles for kind in FORMATS] == [()] * len(FORMATS)


def test_the_second_of_two_records_with_one_id_is_refused():
    found = reading(
        "[" + ",\n".join([json.dumps(FILM), json.dumps({**FILM, "name": "Other"})]) + "]"
    )
    assert [title.name for title in found.titles] == ["Cold Quay"]
    assert places(found.problems) == [(2, "/id")]
    assert "line 1" in found.problems[0].detail


# -- words of the vocabulary -----------------------------------------------------------------------


def test_genres_are_known_by_every_name_others_give_them():
    said = [
        "Sci-Fi",
        "SCIENCE FICTION",
        "urn:tva:metadata:cs:ContentCS:2011:3.4.6.10.7",
        "period drama",
        "crime",
    ]
    found = reading([{**FILM, "genres": said, "themes": ["Small Town"], "pace": "Slow burn"}])
    (title,) = found.titles
    assert title.genres == ("science_fiction", "thriller", "history", "crime")
    assert (title.themes, title.pace) == (("small_town",), "slow_burn")
    assert not found.warnings


def test_unknown_words_are_dropped_with_a_warning_and_the_record_stays():
    found = reading(
        [
            {
                **FILM,
                "genres": ["crime", "harbourcore"],
                "pace": "glacial",
                "countries": ["GB", "Ireland", "Atlantis"],
            }
        ]
    )
    (title,) = found.titles
    assert (title.genres, title.pace, title.countries) == (("crime",), None, ("GB", "IE"))
    assert not found.problems
    assert [item.pointer for item in found.warnings] == ["/genres/1", "/countries/2", "/pace"]
    assert "harbourcore" not in repr(found.warnings)


# -- CSV -------------------------------------------------------------------------------------------


def test_csv_rows_become_titles_and_problems_name_their_lines():
    found = read(
        (FIXTURES / "titles.csv").read_bytes(),
        format="csv",
        vocabulary=VOCABULARY,
        file="titles.csv",
    )
    quay = found.titles[0]
    assert (quay.id, quay.year, quay.minutes, quay.genres) == (
        "cold-quay",
        2021,
        95,
        ("thriller", "crime"),
    )
    assert [(c.name, c.job, c.billing, c.character) for c in quay.credits] == [
        ("Imre Vale", "actor", 1, "Ada Thorne"),
        ("Bea Lind", "actor", 2, None),
        ("Noor Castellan", "director", None, None),
    ]
    assert quay.countries == ("GB", "IE")
    assert (quay.setting[0].place, quay.setting[0].period) == ("Whitby", "1980s")
    assert quay.description == "A diver finds a car, that nobody reported."
    assert found.titles[-1].part_of is not None
    assert found.titles[-1].part_of.season == 2
    assert places(found.problems) == [(6, "/year"), (8, "/id")]
    assert {problem.file for problem in (*found.problems, *found.warnings)} == {"titles.csv"}
    assert [(item.line, item.column) for item in found.warnings] == [(1, 15), (2, None)]


def test_two_titles_of_one_name_and_year_get_ids_from_what_they_say_whatever_their_order():
    rows = ["name,year,genres", "Lone Buoy,1978,drama", "Lone Buoy,1978,horror", "Lone Buoy,1979,"]
    there = reading("\n".join(rows), "csv")
    back = reading("\n".join([rows[0], *reversed(rows[1:])]), "csv")
    ids = {title.genres: title.id for title in there.titles}
    assert ids == {title.genres: title.id for title in back.titles}
    assert ids[()] == "lone-buoy-1979"
    assert len(set(ids.values())) == 3


def test_the_same_row_twice_is_one_title_and_a_problem():
    found = reading("name,year\nLone Buoy,1978\nLone Buoy,1978", "csv")
    assert len(found.titles) == 1
    assert places(found.problems) == [(3, None)]


@pytest.mark.parametrize(
    ("raw", "line", "titles"),
    [
        pytest.param('name\nA\n"B', 3, 1, id="open quote"),
        pytest.param("title\nA", 1, 0, id="no name column"),
        pytest.param("name\nA,B", 2, 0, id="too many cells"),
    ],
)
def test_broken_csv_is_a_problem_with_its_line(raw: str, line: int, titles: int):
    found = reading(raw, "csv")
    assert len(found.titles) == titles
    assert [problem.line for problem in found.problems] == [line]


def test_semicolons_separate_columns_where_the_first_row_says_so():
    assert reading("name;year\nCold Quay;2021", "csv").titles[0].year == 2021


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Ça va?", "ca-va"),
        ("東京", None),
        ("Fish & Chips!", "fish-and-chips"),
        ("A" * 90, "a" * 40),
    ],
)
def test_ids_are_made_of_plain_letters(name: str, expected: str | None):
    (title,) = reading(f"name\n{name}", "csv").titles
    assert title.id == expected or (expected is None and title.id.startswith("title-"))


# -- schema.org ------------------------------------------------------------------------------------


def test_json_ld_is_read_from_the_script_blocks_of_a_page():
    found = read((FIXTURES / "page.html").read_bytes(), format="jsonld", vocabulary=VOCABULARY)
    titles = {title.id: title for title in found.titles}
    assert list(titles) == [
        "harbour-lights-2024", "harbour-lights-2024-s2", "harbour-lights-2024-s2e4", "cold-quay-2021", "lone-buoy-1978",
    ]  # fmt: skip
    quay = titles["cold-quay-2021"]
    assert (quay.kind, quay.language, quay.minutes, quay.countries) == (
        "film",
        "en-GB",
        95,
        ("GB",),
    )
    assert (quay.genres, quay.also_named) == (("thriller", "mystery"), ("The Quay",))
    assert [(c.name, c.job, c.billing, c.character) for c in quay.credits] == [
        ("Imre Vale", "actor", 1, "Ada Thorne"),
        ("Bea Lind", "actor", 2, None),
        ("Noor Castellan", "director", None, None),
        ("Sol Adeyemi", "creator", None, None),
    ]
    assert [(r.region, r.system, r.value, r.min_age) for r in quay.ratings] == [
        ("GB", "BBFC", "15", 15)
    ]
    season = titles["harbour-lights-2024-s2"]
    assert (season.name, season.kind) == ("Harbour Lights", "season")
    episode = titles["harbour-lights-2024-s2e4"]
    assert episode.part_of is not None
    assert (episode.part_of.series, episode.part_of.season, episode.part_of.episode) == (
        "harbour-lights-2024",
        2,
        4,
    )
    assert [(p.line, p.pointer) for p in found.problems] == [(40, "/name"), (46, None)]
    assert [item.pointer for item in found.warnings] == ["/ratings", "/genres/2", "/countries/1"]


def test_a_mention_of_a_film_is_no_record():
    node = {"@type": "WatchAction", "object": {"@type": "Movie", "name": "Cold Quay"}}
    assert reading(node, "jsonld").titles == ()


def test_the_same_node_twice_is_one_title_and_no_problem():
    node = {"@type": "Movie", "name": "Cold Quay", "datePublished": "2021"}
    found = reading([node, node], "jsonld")
    assert len(found.titles) == 1
    assert not found.problems


@pytest.mark.parametrize(
    ("node", "language"),
    [
        pytest.param({}, "en", id="unsaid"),
        pytest.param({"inLanguage": "Spanish"}, "es", id="by name"),
        pytest.param(
            {"inLanguage": {"@type": "Language", "name": "Welsh", "alternateName": "cy"}},
            "cy",
            id="thing",
        ),
        pytest.param(
            {"inLanguage": "fr", "description": {"@language": "de", "@value": "x"}},
            "de",
            id="of the text",
        ),
    ],
)
def test_the_language_is_that_of_the_texts(node: dict[str, object], language: str):
    (title,) = reading({"@type": "Movie", "name": "X", **node}, "jsonld").titles
    assert title.language == language


@pytest.mark.parametrize(
    ("said", "minutes"),
    [
        ("PT95M", 95),
        ("PT1H35M", 95),
        ("PT5400S", 90),
        ("P0DT2H", 120),
        ("95", None),
        ("PT", None),
        ("P9999D", None),
    ],
)
def test_durations_are_minutes(said: str, minutes: int | None):
    (title,) = reading({"@type": "Movie", "name": "X", "duration": said}, "jsonld").titles
    assert title.minutes == minutes


@pytest.mark.parametrize("opening", ["<script type='application/ld+json'>", "<script>"])
def test_many_unclosed_scripts_are_no_work(opening: str):
    assert reading(opening * 100_000, "jsonld").titles == ()


# -- TV-Anytime ------------------------------------------------------------------------------------


def test_tv_anytime_becomes_titles():
    found = read((FIXTURES / "guide.xml").read_bytes(), format="tva", vocabulary=VOCABULARY)
    titles = {title.id: title for title in found.titles}
    assert list(titles) == [
        "harbour-lights",
        "harbour-lights-s1",
        "cold-quay-2021",
        "harbour-lights-s1e3",
    ]
    quay = titles["cold-quay-2021"]
    assert (quay.kind, quay.name, quay.minutes, quay.countries) == (
        "film",
        "Cold Quay",
        95,
        ("GB",),
    )
    assert (quay.genres, quay.alerts) == (("thriller", "crime"), ("gore",))
    assert quay.also_named == ("The Quay",)
    assert quay.accessibility == ("subtitles",)
    assert [(c.name, c.person, c.job, c.billing, c.character) for c in quay.credits] == [
        ("Imre Vale", "p-17", "actor", 1, "Ada Thorne"),
        ("Noor Castellan", None, "director", None, None),
    ]
    assert [(t.language, t.length, t.text[:5]) for t in quay.texts] == [
        ("en", "short", "A div"),
        ("en", "short", "A div"),
        ("de", "short", "Eine "),
    ]
    assert quay.description is not None
    assert quay.description.endswith("whose it was.")
    assert [(r.region, r.min_age) for r in quay.ratings] == [("GB", 15)]
    episode = titles["harbour-lights-s1e3"]
    assert (episode.name, episode.kind) == ("Slack Water", "episode")
    assert episode.part_of is not None
    assert (episode.part_of.series, episode.part_of.season, episode.part_of.episode) == (
        "harbour-lights",
        1,
        3,
    )
    assert places(found.problems) == [(42, "/name")]
    assert [item.pointer for item in found.warnings] == ["/ratings", "/genres/2"]


TVA = '<TVAMain xmlns="urn:tva:metadata:2019"><T>{}</T></TVAMain>'
PROGRAMME = (
    "<ProgramInformation><BasicDescription><Title>A</Title></BasicDescription></ProgramInformation>"
)


@pytest.mark.parametrize(
    ("raw", "titles"),
    [
        pytest.param(TVA.format(PROGRAMME)[:-12], 1, id="cut off"),
        pytest.param('<!DOCTYPE x [<!ENTITY a "b">]>' + TVA.format("&a;"), 0, id="entity"),
        pytest.param(
            '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + TVA.format("&a;"),
            0,
            id="external",
        ),
        pytest.param("<html/>", 0, id="something else"),
        pytest.param("no xml", 0, id="no xml"),
        pytest.param(TVA.format("<a>" * 100_000), 0, id="deep"),
        pytest.param('<?xml version="1.0" encoding="nonsense"?><a/>', 0, id="encoding"),
    ],
)
def test_xml_that_cannot_be_read_is_one_problem(raw: str, titles: int):
    found = reading(raw, "tva")
    assert len(found.titles) == titles
    assert len(found.problems) == 1
    assert found.problems[0].line is not None


# -- Wikipedia's films -----------------------------------------------------------------------------

WIKI = {"title": "Cold Quay", "year": 1984, "cast": ["Imre Vale", "Bea Lind"], "genres": ["Crime", "Sports"],
        "href": "Cold_Quay", "extract": "Cold Quay is a 1984 film.  A diver finds a\u00a0car.", "thumbnail": "x"}  # fmt: skip


def test_films_of_the_wikipedia_data_are_read_with_their_cast_billed():
    style = "Cold .mw-parser-output .frac{white-space:nowrap}.mw-parser-output .x{a:b}33+1\u20443"
    found = reading([WIKI, {"title": style, "year": 1994, "cast": [], "genres": []}], "wikipedia")
    quay, other = found.titles
    assert quay.id == "cold-quay-1984"
    assert [(c.name, c.billing) for c in quay.credits] == [("Imre Vale", 1), ("Bea Lind", 2)]
    assert quay.genres == ("crime", "sport")
    assert quay.description == "Cold Quay is a 1984 film. A diver finds a car."
    assert other.name == "Cold 33+1\u20443"


def wikipedia(**fields):
    return reading([{**WIKI, "cast": [], "genres": [], "extract": "", **fields}], "wikipedia")


def test_what_is_no_performer_of_a_wikipedia_film_is_left_out_and_named():
    found = wikipedia(cast=["voices of", "Imre Vale", "and", "Bea Lind", "Music by", "Noor Ray"])
    assert [(c.name, c.job, c.billing) for c in found.titles[0].credits] == [
        ("Imre Vale", "voice", 1),
        ("Bea Lind", "voice", 2),
        ("Noor Ray", "composer", None),
    ]
    assert [(warning.line, warning.pointer) for warning in found.warnings] == [
        (1, "/cast/0"),
        (1, "/cast/2"),
        (1, "/cast/4"),
    ]


def test_a_remark_on_the_release_is_no_part_of_a_wikipedia_films_name():
    for said in ("Cold Quay (3D re-release)", "Cold Quay (re-release) [2]"):
        assert wikipedia(title=said).titles[0].name == "Cold Quay"
    assert wikipedia(title="(Cold) Quay (First Sequence)").titles[0].name == (
        "(Cold) Quay (First Sequence)"
    )


@pytest.mark.parametrize(
    ("extract", "said", "kept"),
    [
        ("Cold Quay is a 1984 film with Edward Stark, an award winner.", "War", False),
        ("Cold Quay is a 1984 American war film.", "War", True),
        ("Cold Quay is a 1984 film set in the Cold War.", "War", True),
        ("Cold Quay is a 1984 film. It was shown shortly afterwards.", "Short", False),
        ("Cold Quay is a 1984 film, the sixteenth of its series.", "Teen", False),
        ("Cold Quay is a 1984 film about teenagers.", "Teen", True),
        ("Cold Quay is a 1984 biographical film after an autobiography.", "Biography", True),
        ("Cold Quay is a 1984 film after an autobiography.", "Biography", False),
        (
            "Cold Quay is a 1984 drama film based on the documentary Deep Quay.",
            "Documentary",
            False,
        ),
        ("Cold Quay is a 1984 nature documentary.", "Documentary", True),
        ("Cold Quay is a 1984 film. It is a documentary.", "Documentary", True),
        ("Cold Quay is a 1984 comedy film based on an animated series.", "Animated", False),
        ("Cold Quay is a 1984 stop motion comedy film.", "Animated", True),
        ("Cold Quay is a 1984 tragicomedy.", "Comedy", True),
        ("Cold Quay is a 1984 comedy film.", "Drama", True),
        ("", "War", True),
    ],
)
def test_a_genre_that_a_wikipedia_text_gainsays_is_left_out(extract: str, said: str, kept: bool):
    found = wikipedia(genres=[said], extract=extract)
    assert bool(found.titles[0].genres) is kept
    assert [warning.pointer for warning in found.warnings] == ([] if kept else ["/genres/0"])


@pytest.mark.parametrize(
    ("extract", "kept"),
    [
        ("Cold Quay is a 1984 film about a novel.", True),
        ("Cold Quay is a 1982 American crime film.", True),
        ("Cold Quay is a 1984 television film adaptation of the play.", True),
        ("Cold Quay is a remake of a Danish 1951 film.", True),
        ("Cold Quay is a 1984 drama film depicting the murder of a diver.", True),
        ("Cold Quay. A diver finds a car.", True),
        ("Cold Quay is a 1951 American crime film.", False),
        ("Cold Quay is a 1982 novel by Imre Vale.", False),
        ("Cold Quay is the third album by a band.", False),
        ('"Cold Quay" is a song, and a good one.', False),
    ],
)
def test_a_wikipedia_text_about_another_work_is_left_out(extract: str, kept: bool):
    found = wikipedia(genres=["Crime"], extract=extract)
    assert found.titles[0].description == (extract if kept else None)
    assert [warning.pointer for warning in found.warnings] == ([] if kept else ["/extract"])
    assert found.titles[0].genres == ("crime",)


@pytest.mark.skipif(not SHARED.is_dir(), reason="../shared/data is not here")
def test_all_wikipedia_films_are_read():
    titles = problems = 0
    for path in sorted((SHARED / "wikipedia-movies").glob("movies-*.json")):
        raw = path.read_bytes()
        assert detect(path.name, raw) == "wikipedia"
        found = read(raw, format="wikipedia", vocabulary=VOCABULARY)
        assert len({title.id for title in found.titles}) == len(found.titles)
        titles += len(found.titles)
        problems += len(found.problems)
        names = [credit.name for title in found.titles for credit in title.credits]
        assert [name for name in names if re.search(r"[()\[\]:]|^\W*$", name)] == []
    assert titles > 10_000
    assert problems < 6


@pytest.mark.skipif(not SHARED.is_dir(), reason="../shared/data is not here")
def test_films_and_shows_of_the_schema_org_examples_are_read():
    path = SHARED / "schemaorg" / "data" / "releases" / "30.0" / "schemaorg-all-examples.txt"
    found = read(path.read_bytes(), format="jsonld", vocabulary=VOCABULARY)
    titles = {title.id: title for title in found.titles}
    assert titles["greys-anatomy-s2e1"].part_of is not None
    assert titles["the-lord-of-the-rings-the-fellowship-of-2001"].minutes == 178
    assert {problem.detail for problem in found.problems} == {"missing"}


# -- formats ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "raw", "kind"),
    [
        ("a.csv", b"", "csv"),
        ("a.jsonl", b"", "jsonl"),
        ("a.xml", b"", "tva"),
        ("page.HTML", b"", "jsonld"),
        ("a.json", b'[{"id": "a", "kind": "film"}]', "json"),
        ("a.json", b'\xef\xbb\xbf {"id": "a"}\n{"id": "b"}', "jsonl"),
        ("a.json", json.dumps([WIKI]).encode(), "wikipedia"),
        ("a.json", b'{"@context": "https://schema.org"}', "jsonld"),
        ("-", b'<?xml version="1.0"?><TVAMain xmlns="urn:tva:metadata:2019">', "tva"),
        ("upload", b"id,name\n", "csv"),
        ("a.txt", b" " * 30_000 + b'<script type="application/ld+json">', "jsonld"),
    ],
)
def test_the_format_of_a_file_is_told_by_its_name_or_its_content(name: str, raw: bytes, kind: str):
    assert detect(name, raw) == kind


def test_a_file_that_could_be_anything_is_refused_with_the_formats_to_choose_from():
    with pytest.raises(DocumentError) as caught:
        detect("notes", b"a quiet day")
    assert "wikipedia" in str(caught.value.problems[0].hint)
