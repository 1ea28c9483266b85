"""A policy set as read: its version, its files, and what the loader takes for the same."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from genservice.errors import PolicyError
from genservice.policy import COUNTRIES, decide, from_files, is_region, load
from tests.unit.policy.making import SHAPES, SIGNALS, context, policy_set, rule

PROMO = SHAPES["promo.yaml"]


def version(**changed: str) -> str:
    return from_files(
        {**SHAPES, **{name.replace("__", "."): text for name, text in changed.items()}}
    ).version


BASE = from_files(SHAPES).version
GENRES = '  - {id: history-as-genres, why: "Genres are enough for an angle (GDPR Art. 5(1)(c)).", signals: [watch_history], decision: {coarsen: genres}}\n'


def test_a_version_is_a_digest():
    kind, _, hexadecimal = BASE.partition(":")
    assert kind == "sha256"
    assert len(bytes.fromhex(hexadecimal)) == 32


@pytest.mark.parametrize(
    "promo",
    [
        f"# A comment.\n{PROMO}",
        PROMO.replace("signals: [watch_history]", "signals: watch_history"),
        PROMO.replace("[synopsis, promo]", "[promo, synopsis]"),
        "rules:\n" + GENRES + PROMO.removeprefix("rules:\n").replace(GENRES, ""),
        PROMO.replace("    signals: [watch_history]\n    decision: allow", "    decision: allow\n    signals: [watch_history]"),
    ],
    ids=["comment", "one word for a list of one", "order of words", "order of rules", "order of keys"],
)  # fmt: skip
def test_what_says_the_same_has_the_same_version(promo: str):
    assert promo != PROMO
    assert version(promo__yaml=promo) == BASE


@pytest.mark.parametrize(
    "promo",
    [
        PROMO.replace("Genres are enough", "Genres will do"),
        PROMO.replace("history-as-genres", "history-by-genre"),
        PROMO.replace("gpc: false", "gpc: true"),
        PROMO.replace("[synopsis, promo]", "{not: [synopsis, promo]}"),
        PROMO.replace(GENRES, ""),
    ],
    ids=["why", "id", "when", "not", "a rule less"],
)
def test_what_says_something_else_has_another_version(promo: str):
    assert promo != PROMO
    assert version(promo__yaml=promo) != BASE


def test_neither_tests_nor_file_names_count():
    files = {
        "signals.yaml": SHAPES["signals.yaml"],
        "a/b.yaml": "rules:\n" + GENRES,
        "zeta.yaml": PROMO.replace(GENRES, ""),
    }
    assert from_files(files).version == BASE


def test_a_changed_group_is_another_version():
    assert version(signals__yaml=SHAPES["signals.yaml"].replace("[AT, DE,", "[AT,")) != BASE


def test_a_folder_is_read_with_its_subfolders_and_nothing_hidden(tmp_path: Path):
    (tmp_path / "markets").mkdir()
    (tmp_path / "signals.yaml").write_bytes(b"\xef\xbb\xbf" + SHAPES["signals.yaml"].encode())
    (tmp_path / "markets" / "promo.yaml").write_text(PROMO, encoding="utf-8")
    (tmp_path / "README.md").write_text("Not a policy.", encoding="utf-8")
    (tmp_path / ".draft.yaml").write_text("rules: [", encoding="utf-8")
    policies = load(tmp_path)
    assert policies.version == BASE
    assert sorted(policies.files) == ["markets/promo.yaml", "signals.yaml"]
    assert from_files(policies.files).version == BASE


def test_a_folder_that_is_not_there_is_named(tmp_path: Path):
    with pytest.raises(PolicyError, match="nowhere: no such folder"):
        load(tmp_path / "nowhere")


def test_a_file_of_rules_that_cannot_be_found_or_read_is_never_passed_over(tmp_path: Path):
    for name, text in SHAPES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "caps.yaml").symlink_to(tmp_path / "gone.yaml")
    (tmp_path / "MORE.YAML").write_text("rules: []\n", encoding="utf-8")
    os.mkfifo(tmp_path / "pipe.yaml")
    with pytest.raises(PolicyError) as caught:
        load(tmp_path)
    assert [str(problem) for problem in caught.value.problems] == [
        "MORE.YAML: not a policy file: 'MORE.YAML' (end it in .yaml)",
        "caps.yaml: cannot be read: No such file or directory",
        "pipe.yaml: not a file",
    ]
    (tmp_path / "caps.yaml").unlink()
    (tmp_path / "pipe.yaml").unlink()
    with pytest.raises(PolicyError, match="not a policy file"):
        load(tmp_path)


def test_the_set_keeps_its_files_as_they_were_given():
    assert from_files(SHAPES).files == SHAPES


def test_signals_rules_and_consents_come_in_order():
    policies = policy_set(
        rule("b", "withhold", "all", {"gpc": True}),
        rule("a", "withhold", "all", {"gpc": True}),
        rule("z", "allow", ["location"]),
    )
    assert [found.id for found in policies.rules] == ["z", "a", "b"]
    assert [signal.name for signal in policies.signals] == sorted(
        signal.name for signal in policies.signals
    )
    assert [(consent.name, consent.tcf) for consent in policies.consents] == [
        ("content_profile", 5),
        ("content_use", 6),
    ]
    assert policies.signal("location") is policies.signals[1]
    assert policies.signal("shoe_size") is None
    assert policies.rule("z") is policies.rules[0]
    assert policies.rule("nobody") is None


def test_a_consent_may_stand_for_a_special_feature():
    signals = SIGNALS.replace("content_use: {tcf: 6}", "content_use: {special_feature: 1}")
    policies = policy_set(signals=signals)
    assert [(each.tcf, each.special_feature) for each in policies.consents] == [
        (5, None),
        (None, 1),
    ]


def test_norway_need_not_be_quoted():
    signals = SIGNALS.replace('"NO"', "NO")
    policies = policy_set(
        rule("norway", "allow", ["location"], {"region": ["EEA"]}), signals=signals
    )
    assert decide(policies, context(region="NO"))[1].outcome == "released"


def test_there_are_249_countries_and_the_usual_mistakes_are_none_of_them():
    assert len(COUNTRIES) == 249
    assert {"DE", "GB", "GR", "NO", "US", "XK", "UK", "EU", "EL"} & COUNTRIES == {
        "DE",
        "GB",
        "GR",
        "NO",
        "US",
    }


@pytest.mark.parametrize(("word", "known"), [("US", True), ("US-CA", True), ("GB-SCT", True), ("FR-75", True), ("unknown", False),
    ("us", False), ("US-", False), ("US-CALI", False), ("XX-CA", False), ("US-ca", False), ("US-CA\n", False)])  # fmt: skip
def test_a_region_is_a_country_or_a_part_of_one(word: str, known: bool):
    assert is_region(word) is known
