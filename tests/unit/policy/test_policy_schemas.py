"""The JSON Schema of policy files: up to date, met by what is shipped, no stricter than the readers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from genservice.cli.policy import policy
from genservice.cli.policy.schema import written
from genservice.documents import Document, parse, parse_text
from genservice.domain import AGE_BANDS, CHANNELS, PROCESSORS, PURPOSES
from genservice.errors import PolicyError
from genservice.inference import CLASSES, FAMILIES
from genservice.policy import declared_in, fileshapes, from_files, load
from genservice.policy.reader import Reader, required_of
from genservice.policy.schemas import FILES, schemas
from genservice.policy.variations import KEYS
from genservice.shipped import shipped
from tests.unit.policy.test_policy_fuzz import SCALARS, VALUES, paths, replaced
from tests.unit.policy.test_policy_invalid import CASES, RULE, SIGNALS

POLICIES = shipped("policies")
GENERAL = schemas()
HEADER = "# yaml-language-server: $schema=schema/"


def kind_of(text: str) -> str:
    """The schema that a file's first line names."""
    first = text.partition("\n")[0]
    assert first.startswith(HEADER)
    return first.removeprefix(HEADER)


def refusals(schema: dict[str, Any], value: Any) -> list[str]:
    return [error.message for error in jsonschema.Draft202012Validator(schema).iter_errors(value)]


@pytest.mark.parametrize("name", sorted(FILES))
def test_the_schemas_shipped_are_those_that_the_types_make(name: str):
    """If this fails: `genservice policy schema --out policies/schema`."""
    assert (POLICIES / "schema" / name).read_text(encoding="utf-8") == written(GENERAL[name])


def test_nothing_else_lies_beside_them():
    assert {path.name for path in (POLICIES / "schema").iterdir()} == set(FILES)


@pytest.mark.parametrize("name", sorted(FILES))
def test_each_is_a_schema(name: str):
    jsonschema.Draft202012Validator.check_schema(GENERAL[name])


def test_every_key_says_what_it_is_for():
    for name, schema in GENERAL.items():
        shapes = [schema, *(item for item in schema["$defs"].values() if "properties" in item)]
        for shape in shapes:
            assert shape["description"], name
            assert all(item.get("description") for item in shape["properties"].values()), name


@pytest.mark.parametrize("path", sorted(POLICIES.rglob("*.yaml")), ids=lambda path: path.name)
def test_every_shipped_file_names_its_schema_and_meets_it(path: Path):
    text = path.read_text(encoding="utf-8")
    value = parse_text(text, file=path.name).value
    name = kind_of(text)
    assert refusals(GENERAL[name], value) == []
    assert refusals(schemas(declared_in(POLICIES))[name], value) == []


def test_loading_passes_schemas_by():
    assert not any(name.startswith("schema/") for name in load(POLICIES).files)


EXAMPLES = {
    "signals.yaml": SIGNALS.replace("tcf: 6", "tcf: 6, special_feature: 1, label: Use it")
    + """\
  device: {label: Your screen, value: term, data: user.device, sensitivity: low, ladder: [word, none], keep_days: 1, max: 5, terms: [tv, phone], answered_by: [occasion], weight: 3}
""",
    "segments.yaml": "segments: {near: {label: Nearby, why: Because., signals: {location: {country: DE}}}}",
    "promo.yaml": """
rules:
  - {id: a, why: Because., when: {purpose: [promo], region: {not: [EEA, US-CA]}, age_band: adult, consents: [content_use], channel: [tile], processor: {not: third_party}, gpc: false}, signals: [location, watch_history], decision: allow}
  - {id: b, why: Because., signals: {not: [location]}, decision: withhold, when: {gpc: true}}
  - {id: c, why: Because., signals: watch_history, decision: {coarsen: genres}}
""",
    "promo_test.yaml": """
contexts: {one: {region: DE, age_band: age_18_24, consents: [content_use], gpc: false, channel: tile, processor: in_process}, two: {region: unknown, age_band: unknown, consents: content_use}}
audiences: {fan: {watch_history: [a]}}
titles: {a: {genres: [crime], moods: [tense], themes: [grief], alerts: [x], sensitive: false}}
expectations: {none: {location: none}}
tests:
  - {name: a, contexts: [one], purposes: promo, audience: fan, expect: [none, {location: none}], brief: {watch_history: []}, vary: {region: [EEA, unknown], age_band: minor, consents: [[], [content_use]], gpc: [true, false], channel: [tile], processor: [in_process]}}
  - {name: b, contexts: one, purposes: [promo], expect: none}
""",
    "inference.yaml": """
inferences:
  - {id: faith, why: Because., who: [a monk], being: [pious], state: [devout], having: [faith], doing: [pray], topic: [belief], said: ["eid mubarak"], permitted: ["faith in humanity"], words: {themes: [faith], genres: [x], moods: [y], alerts: [z]}}
frames: ["you are {being}"]
parts: {you: ["you|your"]}
lists: {adverb: [very, quite]}
""",
    "inference_test.yaml": "forbidden: {faith: [You are pious.]}\npermitted: [A story.]\n",
}
"""A file of each kind with every key that it may have."""
KINDS = {
    "signals.yaml": "signals",
    "segments.yaml": "segments",
    "promo.yaml": "rules",
    "promo_test.yaml": "tests",
    "inference.yaml": "inferences",
    "inference_test.yaml": "sentences",
}
DOCUMENTS = {name: parse(text.encode(), file=name).value for name, text in EXAMPLES.items()}
PLACES = [(name, path) for name, value in DOCUMENTS.items() for path in paths(value)]


def of(name: str) -> dict[str, Any]:
    return GENERAL[f"{KINDS[name]}.schema.json"]


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_an_example_of_every_key_is_taken_by_both(name: str):
    from_files(EXAMPLES)
    assert refusals(of(name), DOCUMENTS[name]) == []


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(PLACES), VALUES | SCALARS | st.sampled_from([" x", "x ", "promo ", "Ä", ["promo", "promo"], ["x"] * 2, 10**6, "a" * 600]))  # fmt: skip
def test_what_the_schema_refuses_the_reader_refuses(place: tuple[str, tuple[Any, ...]], new: Any):
    name, path = place
    changed = replaced(DOCUMENTS[name], path, new)
    if refusals(of(name), changed):
        with pytest.raises(PolicyError):
            from_files({**EXAMPLES, name: json.dumps(changed)})


@settings(max_examples=100, deadline=None)
@given(st.sampled_from([place for place in PLACES if place[1]]))
def test_a_key_that_is_gone_or_new_is_refused_by_both_or_by_neither(
    place: tuple[str, tuple[Any, ...]],
):
    name, path = place
    holder = DOCUMENTS[name]
    for step in path[:-1]:
        holder = holder[step]
    if not isinstance(holder, dict):
        return
    more = replaced(DOCUMENTS[name], (*path[:-1], "no_such_key"), "x")
    less = json.loads(json.dumps(DOCUMENTS[name]))
    held = less
    for step in path[:-1]:
        held = held[step]
    del held[path[-1]]
    for changed in (more, less):
        if refusals(of(name), changed):
            with pytest.raises(PolicyError):
                from_files({**EXAMPLES, name: json.dumps(changed)})


@pytest.mark.parametrize(
    "case",
    ["rules-unknown-words", "rules-decisions", "rules-allow-all", "rules-missing", "rules-twice-in-a-list", "signals-wrong", "tests-wrong"],
)  # fmt: skip
def test_the_schema_finds_what_can_be_found_without_the_set(case: str):
    (path,) = (each for each in CASES if each.stem == case)
    value = parse(path.read_bytes(), file="x").value
    assert refusals(GENERAL[f"{case.partition('-')[0]}.schema.json"], value)


def shapes() -> list[type[fileshapes.Shape]]:
    return [
        value
        for value in vars(fileshapes).values()
        if isinstance(value, type)
        and issubclass(value, fileshapes.Shape)
        and value not in (fileshapes.Shape, fileshapes.Not)
    ]


@pytest.mark.parametrize("shape", shapes(), ids=lambda shape: shape.__name__)
def test_a_reader_takes_exactly_the_keys_of_its_shape(shape: type[fileshapes.Shape]):
    names = shape.__struct_encode_fields__
    value = dict.fromkeys((*names, "no_such_key"))
    problems: list[Any] = []
    reader = Reader(Document("x.yaml", value, {}), problems)
    assert set(reader.fields("", value, "it", shape)) == set(names)
    assert [problem.detail for problem in problems] == ["unknown key 'no_such_key'"]
    problems.clear()
    reader.fields("", {}, "it", shape)
    needed = [field.encode_name for field in msgspec.structs.fields(shape) if field.required]
    assert [problem.detail for problem in problems] == [f"it needs {name!r}" for name in needed]
    assert required_of(shape) == needed


def test_closed_words_are_those_of_the_domain():
    when = GENERAL["rules.schema.json"]["$defs"]["When"]["properties"]
    for key, words in (("purpose", PURPOSES), ("channel", CHANNELS), ("processor", PROCESSORS)):
        assert set(when[key]["anyOf"][0]["enum"]) == set(words)
    bands = GENERAL["rules.schema.json"]["$defs"]["age_or_group"]["anyOf"][0]["enum"]
    assert bands == list(AGE_BANDS)
    vary = GENERAL["tests.schema.json"]["$defs"]["Vary"]["properties"]
    assert set(vary) == set(KEYS)
    rule = GENERAL["inferences.schema.json"]["$defs"]["Inference"]["properties"]
    assert set(CLASSES) <= set(rule)
    barred = GENERAL["inferences.schema.json"]["$defs"]["BarredWords"]["properties"]
    assert set(barred) == set(FAMILIES)


def test_a_folders_own_words_are_the_only_ones_in_its_schema():
    own = schemas(declared_in(POLICIES))
    tests = own["tests.schema.json"]["$defs"]["Expectation"]["properties"]["brief"]
    assert tests["properties"]["watch_history"]["description"] == "Titles you watched"
    assert tests["additionalProperties"] is False
    defs = own["rules.schema.json"]["$defs"]
    assert {"all", "moment", "watch_history"} <= set(defs["signal_or_group"]["enum"])
    assert {"EEA", "unknown", "DE"} <= set(defs["region_or_group"]["anyOf"][0]["enum"])
    assert "content_use" in defs["consent"]["enum"]
    rule = {"id": "x", "why": "y", "signals": ["watch_histroy"], "decision": "withhold"}
    assert refusals(own["rules.schema.json"], {"rules": [rule]})
    assert not refusals(GENERAL["rules.schema.json"], {"rules": [rule]})


def test_the_command_writes_a_file_for_each_kind(tmp_path: Path):
    result = CliRunner().invoke(policy, ["schema", "--out", str(tmp_path / "made")])
    assert result.exit_code == 0
    assert {path.name for path in (tmp_path / "made").iterdir()} == set(FILES)
    assert result.stdout.splitlines() == [str(tmp_path / "made" / name) for name in sorted(FILES)]
    assert json.loads(CliRunner().invoke(policy, ["schema"]).stdout) == GENERAL


def test_the_command_knows_a_folder_whose_rules_are_broken(tmp_path: Path):
    (tmp_path / "signals.yaml").write_text(SIGNALS, encoding="utf-8")
    (tmp_path / "promo.yaml").write_text(RULE.replace("withhold", "wihthold"), encoding="utf-8")
    made = json.loads(CliRunner().invoke(policy, ["schema", str(tmp_path)]).stdout)
    assert made["rules.schema.json"]["$defs"]["consent"]["enum"] == [
        "content_profile",
        "content_use",
    ]
    (tmp_path / "signals.yaml").write_text("signals: {}", encoding="utf-8")
    refused = CliRunner().invoke(policy, ["schema", str(tmp_path)])
    assert refused.exit_code == 1
    assert "signals.yaml:1:10: no signals are declared" in refused.stderr
