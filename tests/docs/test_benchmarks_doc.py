"""Figures in README and docs/benchmarks.md are those of the run that is kept beside them."""

from __future__ import annotations

import pytest

from benchmarks.parts import PARTS
from benchmarks.published import DOCUMENTS, PICTURES, ROOT, between, read, shown

PUBLISHED = ROOT / "docs" / "bench"


@pytest.mark.parametrize("name", list(DOCUMENTS))
def test_figures_are_those_of_the_run_that_is_kept_or_there_are_none(name: str):
    """If not: `python -m benchmarks.published var/bench`, after a run of `make bench`."""
    kept = (PUBLISHED / "results.json").exists()
    expected = DOCUMENTS[name](read(PUBLISHED)) if kept else ""
    assert shown((ROOT / name).read_text(encoding="utf-8")) == expected


def test_the_run_that_is_kept_can_be_relied_on_and_its_pictures_are_small():
    if not PUBLISHED.exists():
        return
    results = read(PUBLISHED)
    assert results.sound
    assert results.commit
    assert {part.name for part in results.parts} <= set(PARTS)
    for picture in PICTURES:
        assert 0 < (PUBLISHED / picture).stat().st_size < 150_000, picture


def test_what_stands_around_the_marks_stays():
    text = "a\n<!-- figures -->\nold\n<!-- end of figures -->\nb"
    changed = between(text, "new")
    assert shown(changed) == "new"
    assert changed.startswith("a\n")
    assert changed.endswith("\nb")
