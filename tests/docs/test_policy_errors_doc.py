"""docs/policy-errors.md, followed to the letter: its files are written, its commands run, its output held.

Write what the commands print anew with `python -m tests.docs.test_policy_errors_doc`, then read it.
"""

from __future__ import annotations

import contextlib
import re
import shlex
import tempfile
from pathlib import Path

from click.testing import CliRunner

from genservice.cli.policy import policy

PAGE = Path(__file__).parents[2] / "docs" / "policy-errors.md"
BLOCK = re.compile(r"^```(yaml|console)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FILE = re.compile(r"# (mine/\S+)\n")


def printed(command: str) -> str:
    words = shlex.split(command)
    assert words[:2] == ["genservice", "policy"]
    result = CliRunner().invoke(policy, words[2:])
    return result.output


def followed(page: str) -> str:
    """The page with what its commands print, in an empty folder that its files are written to."""

    def block(found: re.Match[str]) -> str:
        kind, text = found.groups()
        file = FILE.match(text)
        if kind == "yaml" and file is not None:
            path = Path(file[1])
            path.parent.mkdir(exist_ok=True)
            path.write_text(text[file.end() :], encoding="utf-8")
        if kind == "console":
            command = text.partition("\n")[0].removeprefix("$ ")
            return f"```console\n$ {command}\n{printed(command)}```"
        return found[0]

    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        return BLOCK.sub(block, page)


def test_the_page_says_what_the_commands_print() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert followed(page) == page


if __name__ == "__main__":
    PAGE.write_text(followed(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
