"""Which policy set rules, by the tests that it brings."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime

import pytest

from genservice.catalog import TitleTerms, load_vocabulary, terms_in_folder
from genservice.errors import PolicyError
from genservice.in_force import Candidates, choose
from genservice.policy import load, titles_named
from genservice.shipped import shipped
from genservice.words import policy_words

VOCABULARY = load_vocabulary(shipped("catalogue"))
WORDS = policy_words(VOCABULARY)


def now():
    return datetime(2026, 3, 1, 12, tzinfo=UTC)


class Remembered:
    """A history in memory."""

    files = None

    async def accept(self, version, files, *, who="start"):
        self.version, self.files, self.who = version, files, who
        return self

    async def latest(self):
        return None if self.files is None else self

    async def newest(self):
        return 0 if self.files is None else 1


def candidates(titles=dict, **more):
    return Candidates(words=WORDS, titles=titles, **more)


@pytest.fixture
def folder(tmp_path):
    """A set with one rule, whose test names a title that its file does not make up."""
    (tmp_path / "signals.yaml").write_text(
        """
signals:
  watch_history: {label: Watched, value: title_ids, data: user.behavior, sensitivity: high,
                  ladder: [titles, genres, none], keep_days: 90}
""",
        encoding="utf-8",
    )
    (tmp_path / "base.yaml").write_text(
        """
rules:
  - {id: watched, why: It is theirs., signals: [watch_history], decision: allow}
  - {id: as-genres, why: Enough., signals: [watch_history], decision: {coarsen: genres}}
""",
        encoding="utf-8",
    )
    (tmp_path / "base_test.yaml").write_text(
        """
contexts: {adult: {region: DE, age_band: age_25_34, consents: []}}
audiences: {fan: {watch_history: [cold-quay, made-up]}}
titles: {made-up: {genres: [drama]}}
tests:
  - {name: as genres, contexts: [adult], purposes: [promo], audience: fan,
     expect: {watch_history: genres}, brief: {watch_history: [crime, drama]}}
""",
        encoding="utf-8",
    )
    return tmp_path


async def test_tests_know_the_titles_of_the_catalogue(folder):
    def catalogue():
        return {"cold-quay": TitleTerms(genres=("crime",))}

    chosen = await choose(folder, Remembered(), candidates(catalogue), clock=now)

    assert chosen.problems == ()


async def test_a_test_whose_title_is_nowhere_fails_and_says_so(folder):
    with pytest.raises(PolicyError, match=r"as genres.*\n.*\n.*no such title: cold-quay"):
        await choose(folder, Remembered(), candidates(), clock=now)


async def test_the_catalogue_is_read_only_if_a_test_asks_for_it(folder):
    (folder / "base_test.yaml").unlink()

    def catalogue():
        raise AssertionError("nothing asks for it")

    assert (await choose(folder, Remembered(), candidates(catalogue), clock=now)).problems == ()


def test_titles_that_a_file_makes_up_are_asked_of_nobody(folder):
    assert titles_named(load(folder)) == {"cold-quay"}


def test_a_catalogue_folder_coarsens_as_its_titles_do(tmp_path):
    for name in ("films.json", "vocabulary.yaml"):
        shutil.copy(shipped("catalogue") / name, tmp_path / name)

    found = terms_in_folder(tmp_path, VOCABULARY)

    assert "crime" in found["double-indemnity"].genres
    assert len(found) > 20
