"""docs/policy-tests.md and docs/explain.md show what the commands print.

Write what they show anew with `python -m tests.docs.test_policy_tests_doc`, then read it.
"""

from __future__ import annotations

import re
import shlex
import shutil
import tempfile
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

from genservice.api.schemas import ExplainRequest
from genservice.cli import cli
from genservice.cli.policy.test import command
from genservice.policy.variations import MOST_CASES
from genservice.shipped import shipped
from tests.docs.test_docs import ROOT, blocks, column, text_of

TESTS = ROOT / "docs" / "policy-tests.md"
EXPLAIN = ROOT / "docs" / "explain.md"
SHOWN = [
    (sh.text.strip(), text.text)
    for doc in (TESTS, EXPLAIN)
    for sh, text in zip(blocks("sh", doc), blocks("text", doc), strict=True)
    if "genservice policy" in sh.text
]


def printed(line: str, folder: Path | None = None) -> str:
    place = str(folder or shipped("policies"))
    words = [place if word == "policies" else word for word in shlex.split(line)[1:]]
    return CliRunner().invoke(cli, words).stdout


def edited(made: Path) -> Path:
    """The shipped set with `hour` in place of `daypart` in time-as-daypart."""
    folder = made / "policies"
    shutil.copytree(shipped("policies"), folder)
    path = folder / "minimisation.yaml"
    path.write_text(
        text_of(path).replace("{coarsen: daypart}", "{coarsen: hour}"), encoding="utf-8"
    )
    return folder


@pytest.mark.parametrize(("line", "text"), SHOWN[1:], ids=[line for line, _ in SHOWN[1:]])
def test_what_is_shown_is_what_is_printed(line: str, text: str) -> None:
    assert printed(line) == text


def test_the_failure_shown_is_what_the_edit_told_of_brings_about(tmp_path: Path) -> None:
    line, text = SHOWN[0]
    assert line == "genservice policy test policies -k half_consented"
    assert printed(line, edited(tmp_path)) == text


def test_every_option_of_the_command_is_in_the_table() -> None:
    options = {word for option in command.params for word in option.opts if word.startswith("-")}
    told = " ".join(column(TESTS, "## What a failure looks like"))
    assert set(re.findall(r"(?<!\S)--?[a-z-]+", told)) == options


def test_figures_are_those_of_the_code() -> None:
    assert f"A test may come to {MOST_CASES:,} cases." in text_of(TESTS)
    listed = printed("genservice policy test policies -v")
    assert re.search(r"an objection outweighs every consent: 90 of 90\n", listed)


def test_the_request_shown_is_one() -> None:
    (request,) = blocks("json", EXPLAIN)
    assert msgspec.json.decode(request.text, type=ExplainRequest).signal == "genre_affinity"


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        anew = [printed(SHOWN[0][0], edited(Path(made))), *(printed(line) for line, _ in SHOWN[1:])]
    for doc in (TESTS, EXPLAIN):
        told = text_of(doc)
        for (_, old), new in zip(SHOWN, anew, strict=True):
            told = told.replace(f"```text\n{old}```", f"```text\n{new}```")
        doc.write_text(told, encoding="utf-8")
