"""Policy sets made small, for tests."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from genservice.documents import Document, parse
from genservice.domain import Context
from genservice.policy import PolicySet, Words, from_files
from genservice.policy.declarations import Declarations, read_declarations
from genservice.policy.document import _assembled
from genservice.policy.reader import Reader
from genservice.policy.rulefiles import read_rules

SHAPES = {
    path.name: path.read_text(encoding="utf-8")
    for path in (Path(__file__).parent / "shapes").glob("*.yaml")
}
"""SHAPES' own example, to the letter."""

SIGNALS = """
groups:
  region: {EEA: [AT, DE, "NO"], UK: [GB]}
  age_band: {minor: [under_13, age_13], adult: [age_18_24, age_25_34]}
  signal: {history: [completions, watch_history]}
consents: {content_profile: {tcf: 5}, content_use: {tcf: 6}}
signals:
  watch_history: {label: Titles you watched, value: title_ids, max: 4, data: user.behavior, sensitivity: high, ladder: [titles, genres, none], keep_days: 90, answered_by: [genres]}
  completions: {label: Titles you finished, value: title_ids, data: user.behavior, sensitivity: high, ladder: [titles, moods, none], keep_days: 90}
  location: {label: Where you are, value: place, data: user.location, sensitivity: high, ladder: [city, country, none], keep_days: 1}
  time_of_day: {label: When you watch, value: times, data: user.behavior, sensitivity: low, ladder: [times, hour, daypart, none], keep_days: 1}
  payment_history: {label: What you paid for, value: terms, data: user.payment, sensitivity: high, ladder: [none], keep_days: 0}
"""

WORDS = Words(
    families={
        "genres": frozenset({"crime", "drama", "noir"}),
        "moods": frozenset({"tense", "warm"}),
        "themes": frozenset({"grief", "faith", "ocean"}),
        "pace": frozenset({"slow_burn"}),
    },
    sensitive=frozenset({"faith"}),
    read=lambda text: {
        family: tuple(word for word in words if word in text)
        for family, words in (
            ("genres", ("crime", "drama", "noir")),
            ("themes", ("faith", "grief", "ocean")),
            ("moods", ("tense", "warm")),
        )
    },
)


def rule(
    id_: str, decision: Any, signals: Any, when: Any = None, why: str = "Because."
) -> dict[str, Any]:
    """A rule as a YAML file would give it."""
    made = {"id": id_, "why": why, "signals": signals, "decision": decision}
    return made if when is None else {**made, "when": when}


def policy_set(*rules: dict[str, Any], signals: str = SIGNALS, **files: str) -> PolicySet:
    """A set of the signals above and these rules. JSON is YAML."""
    texts = {"signals.yaml": signals, **{f"{name}.yaml": text for name, text in files.items()}}
    if rules:
        texts["rules.yaml"] = json.dumps({"rules": rules})
    return from_files(texts)


def quick_set(*rules: dict[str, Any]) -> PolicySet:
    """The same as `policy_set`, without a way through YAML: for properties, which make thousands."""
    problems = []
    document = Document("rules.yaml", {"rules": list(rules)}, {})
    read = read_rules(Reader(document, problems), _declared())
    assert not problems
    return _assembled({}, _declared(), read, [])


@cache
def _declared() -> Declarations:
    return read_declarations(Reader(parse(SIGNALS.encode(), file="signals.yaml"), []))


def context(**changes: Any) -> Context:
    """A consenting adult in Germany who is shown a promo, but for the changes."""
    plain: dict[str, Any] = {
        "purpose": "promo",
        "region": "DE",
        "age_band": "age_25_34",
        "consents": ("content_profile", "content_use"),
    }
    return Context(**{**plain, **changes})
