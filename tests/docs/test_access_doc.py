"""docs/access.md says what the bounds are."""

from __future__ import annotations

from pathlib import Path

from genservice.api.bodies import DEEPEST, MOST_ITEMS
from genservice.api.deadlines import MOST_ADDRESS_BYTES, MOST_HEADER_BYTES
from genservice.api.headers import _ALWAYS
from genservice.api.titles import IMPORT_SECONDS
from genservice.app import BODY_LIMIT
from genservice.domain.access import ROLES, RateLimit
from genservice.listening.connections import MOST_HEAD_BYTES, REQUEST_SECONDS
from genservice.settings import Settings
from genservice.tokens import LONGEST_MINUTES

DOC = (Path(__file__).parents[2] / "docs" / "access.md").read_text(encoding="utf-8")
UNITS = {1: "second", 60: "minute", 3600: "hour"}


def table(heading: str) -> list[list[str]]:
    section = DOC.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[1:]][1:]


def test_every_limit_is_in_the_table_with_its_default() -> None:
    told = {name.strip("`"): default for name, default, _ in table("Rate limits")}
    held = {
        name: f"{limit.requests}/{UNITS[limit.seconds]}"
        for name, limit in Settings().limits().items()
        if isinstance(limit, RateLimit)
    }
    assert told == held


def test_every_role_is_in_the_table() -> None:
    assert [row[0].strip("`") for row in table("API keys")] == list(ROLES)


def test_the_bounds_are_those_that_hold() -> None:
    told = {what: bound for what, bound, _ in table("Sizes and deadlines")}
    settings = Settings()
    assert told == {
        "path and query": f"{MOST_ADDRESS_BYTES:,} bytes",
        "headers": f"{MOST_HEADER_BYTES:,} bytes",
        "a head that is not whole": f"{MOST_HEAD_BYTES:,} bytes",
        "body": f"{BODY_LIMIT // 10**6} MB; imports 50 MB",
        "lists, objects and members of a JSON body, all together": f"{MOST_ITEMS:,}",
        "nesting of a JSON body": f"{DEEPEST}",
        "a connection on which no request begins": f"{REQUEST_SECONDS:g} s",
        "the whole body": f"`GENSERVICE_BODY_TIMEOUT`, {settings.body_timeout:g} s; imports {IMPORT_SECONDS:g} s",
        "from then until the answer begins": f"`GENSERVICE_REQUEST_TIMEOUT`, {settings.request_timeout:g} s; imports {IMPORT_SECONDS:g} s",
        "the silence between two parts of an answer": "the same",
    }
    assert f"1 to {LONGEST_MINUTES} minutes" in DOC


def test_every_header_that_all_answers_carry_is_named() -> None:
    assert [name for name in _ALWAYS if f"`{name}" not in DOC] == []
