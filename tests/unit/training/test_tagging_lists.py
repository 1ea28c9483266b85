"""The word lists that sentences for the tagger are filled from: whole, tidy, and each word once."""

from __future__ import annotations

from pathlib import Path

import pytest
from ruamel.yaml import YAML

FOLDER = Path(__file__).parents[3] / "training" / "tagging"
GROUPS = sorted((FOLDER / "names").glob("*.yaml"))
KEYS = {
    "places.yaml": [
        "cities",
        "districts",
        "countries",
        "landmarks",
        "streets",
        "street_types",
        "foreign_streets",
    ],
    "organisations.yaml": ["companies", "schools", "hospitals", "public", "clubs", "services"],
    "screen.yaml": ["titles", "real_titles", "celebrities", "characters"],
}
LISTS = [
    *((group, key) for group in GROUPS for key in ("given", "family")),
    *((FOLDER / name, key) for name, keys in KEYS.items() for key in keys),
]


def read(path):
    return YAML(typ="safe").load(path.read_text(encoding="utf-8"))


def named(value):
    return value.stem if isinstance(value, Path) else value


@pytest.mark.parametrize(("path", "key"), LISTS, ids=named)
def test_entries_are_tidy_and_each_is_there_once(path, key):
    entries = read(path)[key]
    assert entries
    assert [e for e in entries if not isinstance(e, str) or not e or e != e.strip()] == []
    folded = [entry.casefold() for entry in entries]
    assert sorted({entry for entry in folded if folded.count(entry) > 1}) == []


@pytest.mark.parametrize("path", GROUPS, ids=named)
def test_a_group_has_names_enough_and_an_order(path):
    group = read(path)
    assert set(group) == {"given", "family", "order"}
    assert group["order"] in {"given_first", "family_first_too"}
    for key in ("given", "family"):
        assert len(group[key]) >= 100
        assert [name for name in group[key] if any(c.isdigit() for c in name)] == []


def test_files_have_the_keys_that_filling_reads():
    assert len(GROUPS) == 17
    for name, keys in KEYS.items():
        assert list(read(FOLDER / name)) == keys
