"""docs/privacy.md names everything that is held, and what it says of time limits is what holds."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from genservice.policy import load
from genservice.settings import Settings
from genservice.shipped import shipped
from genservice.store.keystore_tables import keystore_metadata
from genservice.store.tables import metadata

DOC = (Path(__file__).parents[2] / "docs" / "privacy.md").read_text(encoding="utf-8")
HELD = DOC.partition("## What is held")[2].partition("## What is not")[0]


def rows() -> dict[str, list[str]]:
    """The tables on the page, each with the cells beside it."""
    found: dict[str, list[str]] = {}
    for line in HELD.splitlines():
        first, *cells = (cell.strip() for cell in line.strip("|").split(" | "))
        for name in re.findall(r"`(\w+)`", first) if line.startswith("|") else ():
            found[name] = cells
    return found


def test_every_table_of_both_databases_is_on_the_page_and_no_other() -> None:
    held = {*metadata().tables, *keystore_metadata().tables}
    assert set(rows()) == held


@pytest.mark.parametrize(
    ("table", "setting"),
    [("servings", "servings_days"), ("decision_log", "decision_log_days")],
)
def test_a_time_limit_on_the_page_is_the_default_of_its_setting(table, setting) -> None:
    kept = next(cell for cell in rows()[table] if setting.upper() in cell)
    assert f"{getattr(Settings(), setting)} days" in kept


def test_signals_are_kept_from_a_day_to_a_year_as_the_page_says() -> None:
    kept = [signal.keep_days for signal in load(shipped("policies")).signals if signal.keep_days]
    assert (min(kept), max(kept)) == (1, 365)
    assert "one day to one year" in rows()["viewer_signals"][2]


def test_every_right_has_a_row() -> None:
    rights = DOC.partition("## Rights")[2].partition("## Measures")[0]
    articles = set(re.findall(r"Art\. (\d+)", rights))
    assert {"7", "13", "15", "16", "17", "18", "20", "21"} <= articles
