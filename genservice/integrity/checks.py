"""What must hold of the rows of each table."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, get_args

import msgspec

from genservice.canonical import canonical
from genservice.domain import Receipt, Signature, Statement, Title
from genservice.domain.access import ROLES
from genservice.errors import GenserviceError, PolicyError
from genservice.policy import from_files
from genservice.receipts import KeySet, verify
from genservice.store import DecisionBatch, What, Written

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_KEY = re.compile(r"[0-9a-f]{64}")
_HOUR = re.compile(r"\d{4}-\d\d-\d\dT\d\d")
_MOVES: tuple[What, ...] = ("activated", "rolled_back")
"""What puts a set in force."""

_titles = msgspec.json.Decoder(Title)
_texts = msgspec.json.Decoder(Written)
_statements = msgspec.json.Decoder(Statement)
_files = msgspec.json.Decoder(dict[str, str])


class Checks:
    """One check for each table, and what has been read so far that later rows must fit."""

    def __init__(self, keys: KeySet) -> None:
        self.unread = 0
        self._keys = keys
        self._revisions: dict[str, int] = {}
        """Of titles, the highest that a text was written for."""
        self._named: set[str] = set()
        """Policy versions that acts name."""
        self._acts = 0
        self._in_force: str | None = None
        self._begun: set[int] = set()
        """Acts whose counts are kept."""

    def of(self, table: str, row: Mapping[str, Any]) -> Iterator[str]:
        """What is wrong with a row."""
        match table:
            case "titles":
                return self._title(row)
            case "blurbs":
                return self._text(row)
            case "receipts":
                return self._receipt(row)
            case "policy_versions":
                return self._version(row)
            case "policy_acts":
                return self._act(row)
            case "policy_shadow_counts":
                return self._count(row)
            case "decision_log":
                return _batch(row)
            case "api_keys":
                return _api_key(row)
            case _:
                return iter(())

    def after(self, table: str) -> Iterator[str]:
        """What is missing once all rows of a table were read."""
        if table == "titles":
            for title_id in sorted(self._revisions):
                yield f"there is no title {title_id}, of which there are texts"
        elif table == "policy_versions":
            for version in sorted(self._named):
                yield f"there is no policy set {version}, which acts name"
        elif table == "policy_acts":
            for number in sorted(self._begun):
                yield f"there is no act {number}, of which there are counts"

    def _title(self, row: Mapping[str, Any]) -> Iterator[str]:
        written_for = self._revisions.pop(row["id"], 0)
        if row["revision"] < max(1, written_for):
            yield "its revision is lower than one that texts were written for"
        if row["record"] is None:
            return
        try:
            title = _titles.decode(row["record"])
        except (msgspec.DecodeError, RecursionError):
            yield "its record cannot be read"
            return
        if (title.id, title.kind, title.year) != (row["id"], row["kind"], row["year"]):
            yield "its record is of another title"
        if title.revision != 0 or canonical(title) != row["record"]:
            yield "its record is not written as this service writes it"

    def _text(self, row: Mapping[str, Any]) -> Iterator[str]:
        known = self._revisions.get(row["title_id"], 0)
        self._revisions[row["title_id"]] = max(known, row["title_revision"])
        if not _KEY.fullmatch(row["key"]):
            yield "its key is no digest"
        try:
            text = _texts.decode(row["value"])
        except (msgspec.DecodeError, RecursionError):
            yield "it cannot be read"
            return
        if any(not 0 <= span.at[0] < span.at[1] <= len(text.text) for span in text.spans):
            yield "a source is given for what is not in the text"

    def _receipt(self, row: Mapping[str, Any]) -> Iterator[str]:
        try:
            statement = _statements.decode(row["statement"])
        except (msgspec.DecodeError, RecursionError):
            yield "its statement cannot be read"
            return
        signature = Signature(alg="Ed25519", key=row["key_id"], value=row["signature"])
        receipt = Receipt(id=row["id"], statement=statement, signature=signature)
        if canonical(statement) != row["statement"]:
            yield "its statement is not stored as it was signed"
        elif (reason := verify(receipt, self._keys).reason) is not None:
            yield f"it does not hold: {reason}"

    def _version(self, row: Mapping[str, Any]) -> Iterator[str]:
        self._named.discard(row["version"])
        try:
            files = _files.decode(row["files"])
        except (msgspec.DecodeError, RecursionError):
            yield "its files cannot be read"
            return
        try:
            version = from_files(files).version
        except PolicyError:
            self.unread += 1
            return
        if version != row["version"]:
            yield "its files are those of another version"

    def _act(self, row: Mapping[str, Any]) -> Iterator[str]:
        self._acts += 1
        self._begun.discard(row["number"])
        if row["number"] != self._acts:
            yield f"acts {self._acts} to {row['number'] - 1} are missing"
            self._acts = row["number"]
        if row["what"] not in get_args(What):
            yield "nobody knows what was done"
        if row["what"] in _MOVES:
            if row["before"] != self._in_force:
                yield "it took over from another version than the one in force"
            self._in_force = row["after"]
        if row["after"] is not None:
            self._named.add(row["after"])

    def _count(self, row: Mapping[str, Any]) -> Iterator[str]:
        self._begun.add(row["act"])
        if row["requests"] < 1:
            yield "it counts nothing"


def _batch(row: Mapping[str, Any]) -> Iterator[str]:
    if not _HOUR.fullmatch(row["hour"]):
        yield "its hour is none"
    fields = DecisionBatch.__struct_fields__
    try:
        counted = DecisionBatch(**{name: row[name] for name in fields}).counted()
    except GenserviceError:
        yield "it cannot be read"
        return
    if sum(count for count, _ in counted) != row["requests"]:
        yield "it does not count as many requests as it says"


def _api_key(row: Mapping[str, Any]) -> Iterator[str]:
    if not _KEY.fullmatch(row["hash"]) or row["prefix"] != f"gs_{row['id']}":
        yield "it is no digest of a key of that id"
    if row["role"] not in ROLES:
        yield "its role is unknown"
