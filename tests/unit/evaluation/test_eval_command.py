"""`genservice model eval`: from files to figures."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from genservice.cli import main
from genservice.cli.model import model
from tests.small_service import TITLES

SMALL = ("--briefs", "6", "--openings", "1")


def run(*args: str):
    return CliRunner(catch_exceptions=False).invoke(model, ["eval", *args])


@pytest.fixture(scope="module")
def titles(tmp_path_factory):
    path = tmp_path_factory.mktemp("titles") / "titles.json"
    path.write_text(json.dumps(TITLES), encoding="utf-8")
    return path


def test_it_writes_about_the_titles_of_a_file_and_tells_the_figures(titles, tmp_path):
    against, sheet = tmp_path / "texts.txt", tmp_path / "blind.csv"
    against.write_text("[WHO] must [GOAL]. [TITLE].\n", "utf-8")
    done = run(
        str(titles), "--json", "--against", str(against), "--blind", str(sheet), *SMALL
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert told["model"].startswith("embedded sha256:")
    assert told["figures"]["within"]["of"] == 6
    assert told["figures"]["copies"]["of"] >= 6
    assert told["openings"]["texts"] == 20
    assert sheet.read_text("utf-8").startswith("number,title,text")
    assert (tmp_path / "blind-key.csv").exists()


def test_a_table_sets_each_figure_beside_its_aim(titles):
    done = run(str(titles), "--show", "2", *SMALL)
    assert done.exit_code == 0, done.output
    assert "unsupported claims, as written" in done.stdout
    assert "at most 0.5%" in done.stdout
    assert "Cold Quay" in done.stdout or "Harbour Lights" in done.stdout


@pytest.mark.parametrize("text", ["[]", "not json", '[{"id": "X"}]'])
def test_files_without_a_title_are_wrong_usage(text, tmp_path):
    path = tmp_path / "none.json"
    path.write_text(text, "utf-8")
    with pytest.raises(SystemExit) as ended:
        main(["model", "eval", str(path), *SMALL])
    assert ended.value.code == 2


def test_titles_that_editors_keep_are_nothing_to_measure(tmp_path):
    path = tmp_path / "kept.json"
    path.write_text(json.dumps([TITLES[2]]), "utf-8")
    done = run(str(path), *SMALL)
    assert done.exit_code == 2
    assert "may be written about" in done.stderr
