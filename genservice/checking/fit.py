"""Whether a filled text is fit to be shown: its length, its marks, and what must never be in it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from genservice.checking.articles import article_for
from genservice.checking.findings import Finding, FindingKind
from genservice.checking.words import NO_NAMES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from genservice.checking.words import Names

_MASK = "\ue000"
"""Stands for every character of a name, so that no rule reads a name as prose."""

_PATTERNS: tuple[tuple[FindingKind, str, re.Pattern[str]], ...] = (
    ("bracket", "a slot that was not filled", re.compile(r"[\[\]{}<>]|\bSLOT\b")),
    ("double", "a word said twice", re.compile(r"\b([^\W\d_]+)[ \-]\1\b", re.IGNORECASE)),
    ("double", "a space too many", re.compile(r"\A\s|\s\Z|\s{2,}|[\n\r\t]|\s(?=[,.;:!?\u2026)])")),
    ("double", "a mark too many", re.compile(r"[,;:][,;:.!?]|[!?]\.|(?<!\.)\.\.(?!\.)|\.{4,}|--")),
    ("punctuation", "a space is missing", re.compile(r"[,;:!?](?=[^\W\d_])|[^\W\d_]\.(?=[A-Z][a-z])")),
    ("punctuation", "a sentence without a capital", re.compile(r"\A[a-z]|(?<=[^\W\d_][^\W\d_][.!?] )[a-z]")),
    ("punctuation", "a mark before the first word", re.compile(r"\A[.,;:!?)\u2026\u2013\u2014-]")),
    ("punctuation", "no mark ends the text", re.compile(r"[^.!?\u2026\ue000\"\u201d\u2019)]\Z")),
    ("identifier", "an e-mail address", re.compile(r"[\w.+\-]+@[\w\-]+\.\w+")),
    ("identifier", "an account name", re.compile(r"(?<!\w)@\w{2,}")),
    ("identifier", "a web address", re.compile(
        r"\bhttps?:|\bwww\.|\b[a-z0-9\-]{2,}\.(?:com|org|net|io|tv|co|uk|de|fr|eu|info|biz|app)\b", re.IGNORECASE)),
    ("identifier", "a number that could be a person's", re.compile(
        r"(?<!\w)(?:\+|00)\d(?:[ ().\-/]?\d){6,}|(?<!\w)\d(?:[ ().\-/]?\d){8,}|\b\d{3}-\d{2}-\d{4}\b")),
    ("identifier", "a network address", re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}\b")),
)  # fmt: skip

_ARTICLE = re.compile(r"(?:(?<=[\s(\"\u201c\u2018])|\A)([Aa]n?) [\"\u201c\u2018]?([^\W_]+)")
_PAIRS: tuple[tuple[str, str, FindingKind, str], ...] = (
    ("(", ")", "bracket", "a bracket without its other half"),
    ("\u201c", "\u201d", "quote", "a quotation without its other half"),
)
_TWICE = frozenset({"had had", "that that", "bye bye", "ha ha", "no no", "very very", "tut tut"})


def fit(text: str, limit: int, *, names: Names = NO_NAMES) -> tuple[Finding, ...]:
    """What keeps a filled text from being shown, in order of place; nothing if it is fit.

    Args:
        text: The text as it would be served.
        limit: Most characters, in code points.
        names: Names that may hold any mark: `Sources.names`.
    """
    findings: list[Finding] = []
    if len(text) > limit:
        findings.append(_finding("length", limit, len(text), "longer than its place holds"))
    if not text.strip():
        findings.append(_finding("length", 0, len(text), "no text"))
    masked = _masked(text, names)
    for kind, detail, pattern in _PATTERNS:
        findings.extend(
            _finding(kind, match.start(), match.end(), detail)
            for match in pattern.finditer(masked)
            if match[0].lower() not in _TWICE
        )
    findings.extend(_articles(masked))
    findings.extend(_unpaired(masked))
    return tuple(sorted(findings, key=lambda finding: (finding.at, finding.kind)))


def _finding(kind: FindingKind, start: int, end: int, detail: str) -> Finding:
    return Finding(kind=kind, at=(start, end), detail=detail)


def _masked(text: str, names: Names) -> str:
    masked: list[str] = []
    at = told = 0
    while at < len(text):
        # Most characters begin no name.
        found = names.at(text, at) if text[at] in names.by_first else None
        if found is None:
            at += 1
            continue
        masked += (text[told:at], _MASK * (found[0] - at))
        at = told = found[0]
    return "".join((*masked, text[told:]))


def _articles(text: str) -> Iterable[Finding]:
    for match in _ARTICLE.finditer(text):
        wanted = article_for(match[2])
        if wanted is not None and wanted != match[1].lower():
            yield _finding(
                "article", match.start(1), match.end(1), "the other article belongs here"
            )


def _unpaired(text: str) -> Iterable[Finding]:
    for left, right, kind, detail in _PAIRS:
        if (at := _unpaired_at(text, left, right)) is not None:
            yield _finding(kind, at, at + 1, detail)
    if text.count('"') % 2:
        at = text.rindex('"')
        yield _finding("quote", at, at + 1, "a quotation without its other half")


def _unpaired_at(text: str, left: str, right: str) -> int | None:
    if left not in text and right not in text:
        return None
    opened: int | None = None
    for at, character in enumerate(text):
        if character == left and opened is None:
            opened = at
        elif character == right and opened is not None:
            opened = None
        elif character in {left, right}:
            return at
    return opened
