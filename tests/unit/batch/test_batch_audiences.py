"""The file of audiences: what it may say, and what is told of what it may not."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pytest

from genservice.batch import read_audiences
from genservice.batch.audiences import require_known
from genservice.errors import DocumentError
from genservice.policy import load
from genservice.shipped import shipped

CONTEXT = "{region: DE, age_band: age_25_34, consents: [content_profile]}"
TWO = f"""\
audiences:
  crime_fans:
    context: {CONTEXT}
    signals: {{genre_affinity: [crime]}}
    purposes: [synopsis, promo]
    channels: [detail, tile]
  families:
    context: {{region: "NO", age_band: unknown, consents: [], gpc: true, language: nb}}
    segment: families_on_a_sunday
    tones: [warm]
    lengths: [short, long]
"""


def read(tmp_path, text: str, name: str = "audiences.yaml"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return read_audiences(path)


def refused(tmp_path, text: str, name: str = "audiences.yaml") -> list[str]:
    with pytest.raises(DocumentError) as caught:
        read(tmp_path, text, name)
    return [str(problem) for problem in caught.value.problems]


def test_an_audience_wants_every_combination_once_in_an_order_of_the_services_own(tmp_path):
    crime_fans, families = read(tmp_path, TWO).audiences
    wanted = [(each.purpose, each.channel) for each in crime_fans.options()]
    assert wanted == [
        ("promo", "tile"), ("promo", "detail"), ("synopsis", "tile"), ("synopsis", "detail"),
    ]  # fmt: skip
    assert [(each.length, each.tone) for each in families.options()] == [
        ("short", "warm"), ("long", "warm"),
    ]  # fmt: skip


def test_norway_stays_a_country(tmp_path):
    assert read(tmp_path, TWO).audiences[1].region == "NO"


def test_lines_of_json_say_the_same_as_yaml(tmp_path):
    lines = [
        {"name": "crime_fans",
         "context": {"region": "DE", "age_band": "age_25_34", "consents": ["content_profile"]},
         "signals": {"genre_affinity": ["crime"]},
         "purposes": ["promo", "synopsis"], "channels": ["tile", "detail"]},
        {"name": "families",
         "context": {"region": "NO", "age_band": "unknown", "consents": [], "gpc": True, "language": "nb"},
         "segment": "families_on_a_sunday", "tones": ["warm"], "lengths": ["long", "short"]},
    ]  # fmt: skip
    text = "\n\n".join(map(json.dumps, lines))
    assert read(tmp_path, text, "a.jsonl").audiences == read(tmp_path, TWO).audiences


def test_letters_that_json_writes_in_two_halves_stay_one(tmp_path):
    line = {"name": "a", "context": {"region": "DE", "age_band": "unknown", "consents": []}}
    text = json.dumps({**line, "signals": {"search_terms": "😀"}})
    assert read(tmp_path, text, "a.jsonl").audiences[0].signals == {"search_terms": "😀"}


@dataclass(frozen=True)
class Case:
    id: str
    text: str
    told: str
    name: str = "audiences.yaml"


def one(more: str, context: str = CONTEXT) -> str:
    return f"audiences:\n  fans:\n    context: {context}\n    {more}\n"


WRONG = [
    Case("a viewer", one("viewer: u-1"), "audiences.yaml:4:5: unknown key 'viewer' (an audience may have "),
    Case("a consent string", one("", "{region: DE, age_band: unknown, consents: [], tcf: C}"),
         "audiences.yaml:3:60: unknown key 'tcf'"),
    Case("no context", "audiences:\n  fans:\n    segment: x\n", "audiences.yaml:3:5: an audience needs 'context'"),
    Case("a word close by", one("channels: [tiles]"), "audiences.yaml:4:16: not a channel: 'tiles' (did you mean 'tile'?)"),
    Case("a purpose that is not written", one("purposes: [measurement]"), "audiences.yaml:4:16: not a purpose: 'measurement'"),
    Case("twice the same", one("tones: [warm, warm]"), "audiences.yaml:4:19: 'warm' stands twice in this list"),
    Case("no region", one("", "{region: XX, age_band: unknown, consents: []}"), "audiences.yaml:3:23: not a region"),
    Case("Norway unquoted as YAML 1.1 has it", one("", "{region: false, age_band: unknown, consents: []}"),
         "audiences.yaml:3:23: a region must be text, and this is false"),
    Case("no language", one("", "{region: DE, age_band: unknown, consents: [], language: german!}"),
         "audiences.yaml:3:70: not a language tag of BCP 47"),
    Case("a name with a space", f"audiences:\n  crime fans:\n    context: {CONTEXT}\n", "audiences.yaml:2:3: an audience's name is "),
    Case("a name twice", TWO + TWO.partition("\n")[2], "audiences.yaml:12:3: the key 'crime_fans' stands twice here"),
    Case("nobody", "audiences: {}\n", "audiences.yaml: there is no audience in it"),
    Case("another key", "audience: {}\n", "audiences.yaml:1:1: unknown key 'audience' (did you mean 'audiences'?)"),
    Case("not JSON", '{"name": "a"}\nname: b\n', "a.jsonl:2: not a line of JSON", "a.jsonl"),
    Case("a line's place", '\n{"name": "a", "context": {"region": "DE", "age_band": "old", "consents": []}}\n',
         "a.jsonl:2:55: not an age band: 'old'", "a.jsonl"),
]  # fmt: skip


@pytest.mark.parametrize("case", WRONG, ids=lambda case: case.id)
def test_what_is_wrong_is_told_at_its_place(tmp_path, case: Case):
    assert any(told.startswith(case.told) for told in refused(tmp_path, case.text, case.name)), (
        refused(tmp_path, case.text, case.name)
    )


def test_everything_wrong_is_told_at_once(tmp_path):
    text = TWO.replace("tile", "tiles").replace("warm", "cosy")
    assert len(refused(tmp_path, text)) == 2


def test_two_lines_of_one_name_are_refused(tmp_path):
    line = '{"name": "a", "context": {"region": "DE", "age_band": "unknown", "consents": []}}\n'
    assert refused(tmp_path, line * 2, "a.jsonl") == [
        "a.jsonl:2:10: an audience called 'a' stands above"
    ]


def test_what_the_policy_set_does_not_declare_is_told_at_its_place(tmp_path):
    text = TWO.replace("genre_affinity", "genre_affinty").replace(
        "content_profile", "content_profil"
    )
    file = read(tmp_path, text.replace("families_on_a_sunday", "families_on_sundays"))
    with pytest.raises(DocumentError) as caught:
        require_known(file, load(shipped("policies")))
    assert [str(problem) for problem in caught.value.problems] == [
        "audiences.yaml:4:15: not a signal: 'genre_affinty' (did you mean 'genre_affinity'?)",
        "audiences.yaml:3:59: not a consent: 'content_profil' (did you mean 'content_profile'?)",
        "audiences.yaml:9:5: no such segment (did you mean 'families_on_a_sunday'?)",
    ]  # fmt: skip


def test_the_audiences_that_travel_with_the_package_are_known_to_its_policy_set():
    file = read_audiences(shipped("catalogue") / "audiences.yaml")
    require_known(file, load(shipped("policies")))
    assert sum(1 for audience in file.audiences for _ in audience.options()) == 6
