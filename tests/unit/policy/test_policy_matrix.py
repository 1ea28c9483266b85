"""What is released to whom, as a table and as statements; and the commands that print it."""

from __future__ import annotations

import csv
import io
import json
from itertools import combinations
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings

from genservice.cli.policy import policy
from genservice.domain import AGE_BANDS, CHANNELS, PROCESSORS, PURPOSES, Context
from genservice.policy import PLAIN_KEYS, Use, decide, grants, load, matrix
from genservice.shipped import shipped
from tests.unit.policy.making import policy_set, quick_set, rule
from tests.unit.policy.test_policy_comparing import EVERY, holds, uses
from tests.unit.policy.test_policy_engine import RULES, numbered

if TYPE_CHECKING:
    from pathlib import Path

FIXED = {
    "purpose": "promo",
    "region": "DE",
    "age_band": "age_25_34",
    "gpc": "no",
    "channel": "detail",
    "processor": "in_process",
}
WORDS = {
    "purpose": PURPOSES,
    "region": ("DE", "GB", "US", "US-CA", "FR", "unknown"),
    "age_band": AGE_BANDS,
    "gpc": ("yes", "no"),
    "channel": CHANNELS,
    "processor": PROCESSORS,
}
CONSENTS = ("content_profile", "content_use")


def met(under: str, given_: tuple[str, ...]) -> bool:
    """Whether consents meet a condition as a cell words it."""
    for clause in under.split(", ") if under != "always" else []:
        verb, _, names = clause.partition(" ")
        held = [name in given_ for name in names.split(" and ")]
        if not (all(held) if verb == "with" else not any(held)):
            return False
    return True


@settings(max_examples=30)
@given(RULES)
@pytest.mark.parametrize("by", PLAIN_KEYS)
def test_every_cell_is_what_is_decided_there(by: str, rules: list[dict[str, Any]]) -> None:
    policies = quick_set(*numbered(rules))
    fixed = {key: word for key, word in FIXED.items() if key != by}
    made = matrix(policies, by=by, fixed=fixed)
    columns = {word: place for place, words in enumerate(made.words) for word in words}
    for word in WORDS[by]:
        region = policies.index.region_of(word) if by == "region" else word
        for size in range(len(CONSENTS) + 1):
            for held in combinations(CONSENTS, size):
                keys: dict[str, Any] = {**fixed, by: word}
                keys["gpc"] = keys["gpc"] == "yes"
                decided = decide(policies, Context(consents=held, **keys))
                for line, decision, signal in zip(
                    made.lines, decided, policies.signals, strict=True
                ):
                    ways = [
                        level
                        for level, under in line.cells[columns[region]].ways
                        if met(under, held)
                    ]
                    level = decision.level or signal.ladder[0]
                    assert ways == ([] if decision.outcome == "withheld" else [level])


@settings(max_examples=20)
@given(RULES)
def test_grants_are_what_is_decided_everywhere(rules: list[dict[str, Any]]) -> None:
    policies = quick_set(*numbered(rules))
    found, _ = grants(policies)
    for asked in EVERY[:: max(1, len(EVERY) // 3000)]:
        granted: dict[str, Use] = {}
        for grant in found:
            if holds(grant.where, asked, (policies,)):
                assert granted.keys().isdisjoint(name for name, _ in grant.uses)
                granted.update(grant.uses)
        wanted = {name: use for name, use in uses(policies, asked).items() if use.level != "none"}
        assert granted == wanted


def test_values_that_no_signal_tells_apart_share_a_column() -> None:
    policies = policy_set(rule("a", "allow", ["location"], {"region": ["EEA", "US-CA"], "age_band": ["adult"]}))  # fmt: skip
    made = matrix(policies, by="region", fixed={k: v for k, v in FIXED.items() if k != "region"})
    assert made.columns == ("EEA, US-CA", "elsewhere")


def run(*args: object) -> Result:
    return CliRunner().invoke(policy, [str(arg) for arg in args], prog_name="genservice policy")


def test_a_table_for_a_terminal_puts_conditions_below() -> None:
    result = run("matrix", "--by", "age_band", "--region", "DE")
    assert result.exit_code == 0
    title, *lines = result.stdout.splitlines()
    assert title.startswith("What may be used, by age; region DE, purpose promo, GPC no,")
    (row,) = [line.split() for line in lines if line.startswith("genre_affinity")]
    number = row[-1]
    assert row == ["genre_affinity", "-", "-", "-", "words", number]
    assert f"{number} with content_profile and content_use" in lines


def test_markdown_and_csv_and_html_hold_the_same_cells() -> None:
    made = json.loads(run("matrix", "--format", "json").stdout)
    rows = list(csv.reader(io.StringIO(run("matrix", "--format", "csv").stdout)))
    assert rows[0] == ["signal", "label", *made["columns"]]
    assert [row[0] for row in rows[1:]] == [line["signal"] for line in made["lines"]]
    markdown = run("matrix", "--format", "markdown").stdout
    assert f"| signal | {' | '.join(made['columns'])} |" in markdown
    page = run("matrix", "--format", "html").stdout
    for line, row in zip(made["lines"], rows[1:], strict=True):
        cells = [said(cell) for cell in line["cells"]]
        assert row[2:] == cells
        assert all(f"<td>{cell}</td>" in page for cell in cells)


def said(cell: dict[str, Any]) -> str:
    ways = [level if under == "always" else f"{level} {under}" for level, under in cell["ways"]]
    return "; ".join(ways) or "-"


def test_in_full_everything_released_is_said() -> None:
    result = run("matrix", "--in-full")
    assert "synopsis and promo, in US-CA, age adult" in result.stdout
    assert result.stdout.splitlines()[-1].startswith("Withheld in every other of ")
    told = json.loads(run("matrix", "--in-full", "--format", "json").stdout)
    assert told["policy"] == load(shipped("policies")).version
    assert run("matrix", "--in-full", "--format", "html").exit_code == 2


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    old, new = tmp_path / "old", tmp_path / "new"
    for folder in (old, new):
        folder.mkdir()
        for name, text in load(shipped("policies")).files.items():
            (folder / name).write_text(text, encoding="utf-8")
    return old, new


def test_diff_of_equal_sets_finds_nothing(folders: tuple[Path, Path]) -> None:
    result = run("diff", *folders)
    assert (result.exit_code, result.stdout) == (0, "Nothing changes.\n")


def test_diff_says_who_loses_what(folders: tuple[Path, Path]) -> None:
    _, new = folders
    draft = "rules:\n  - {id: calm, why: Calm., when: {region: [BR]}, signals: [mood_affinity], decision: withhold}\n"
    (new / "calm.yaml").write_text(draft, encoding="utf-8")
    result = run("diff", *folders)
    assert result.exit_code == 1
    where, change, _, besides, rule_added, _, summary = result.stdout.splitlines()
    assert where.startswith("synopsis, promo and recommendation, in BR, age adult, without GPC")
    assert change == "  - mood_affinity: words -> withheld"
    assert (besides, rule_added) == ("Besides:", "  rule calm: added")
    assert summary.endswith("contexts: less of 1 signal may be used.")
    told = json.loads(run("diff", *folders, "--json").stdout)
    assert [change["signal"] for item in told["changed"] for change in item["changes"]] == [
        "mood_affinity"
    ]


def test_diff_of_a_broken_draft_says_what_is_wrong(folders: tuple[Path, Path]) -> None:
    _, new = folders
    (new / "calm.yaml").write_text("rules: [{}]\n", encoding="utf-8")
    result = run("diff", *folders)
    assert result.exit_code == 1
    assert "calm.yaml:1:9: a rule needs 'id'" in result.stderr
