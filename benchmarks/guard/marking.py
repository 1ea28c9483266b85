"""Texts with their personal data marked in place, and the lines that `genservice scan --eval` reads."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = Path(__file__).parent

LABELS = {
    "per": "PERSON",
    "loc": "LOCATION",
    "org": "ORGANIZATION",
    "addr": "ADDRESS",
    "tel": "PHONE_NUMBER",
    "mail": "EMAIL_ADDRESS",
    "url": "URL",
    "handle": "HANDLE",
    "age": "AGE",
    "dob": "DATE_OF_BIRTH",
    "id": "NATIONAL_ID",
    "acct": "ACCOUNT_NUMBER",
    "dev": "DEVICE_ID",
}
_MARK = re.compile(
    r"\[(?P<words>[^][{}<>|]+)\|(?P<label>[a-z]+)\]|\{(?P<free>[^][{}<>|]+)\}|<(?P<kept>[^][{}<>|]+)>"
)


def marked(line: str, *, group: str | None = None) -> dict[str, Any]:
    """A marked text as a line of a labelled file.

    `[words|label]` is personal data, `{words}` may go or stay, `<words>` must be kept. It names no side:
    `genservice scan --side` decides.

    Raises:
        ValueError: A mark is not closed, or its label is unknown; says what stands there.
    """
    text, at = "", 0
    found: dict[str, list[dict[str, Any]]] = {"spans": [], "free": [], "kept": []}
    line = line.replace("\\n", "\n")
    for mark in _MARK.finditer(line):
        text += line[at : mark.start()]
        words = mark["words"] or mark["free"] or mark["kept"]
        place: dict[str, Any] = {"start": len(text), "end": len(text) + len(words)}
        if mark["words"]:
            if mark["label"] not in LABELS:
                raise ValueError(mark[0])
            found["spans"].append({**place, "label": LABELS[mark["label"]]})
        else:
            found["free" if mark["free"] else "kept"].append(place)
        text += words
        at = mark.end()
    text += line[at:]
    if re.search(r"[][{}<>|]", text):
        raise ValueError(line)
    labelled: dict[str, Any] = {"text": text, "spans": found["spans"]}
    labelled |= {name: found[name] for name in ("free", "kept") if found[name]}
    return labelled if group is None else {**labelled, "group": group}


def lines_of(name: str) -> Iterator[str]:
    """The lines of a source file that are texts: neither empty nor a comment."""
    for line in (FOLDER / name).read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            yield line


def written(lines: Iterator[dict[str, Any]]) -> str:
    """The content of a labelled file."""
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
