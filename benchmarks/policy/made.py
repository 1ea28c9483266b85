"""Policy sets of any size, made as the shipped one is made, and contexts to decide in."""

from __future__ import annotations

import json
import random
from itertools import product
from typing import Any

from genservice.domain import AGE_BANDS, CHANNELS, PROCESSORS, PURPOSES, Context
from genservice.policy import COUNTRIES, PolicySet, from_files

CONSENTS = ("accessibility", "ads_profile", "ads_use", "content_profile", "content_use", "store")
EEA = [
    "AT",
    "BE",
    "BG",
    "CY",
    "CZ",
    "DE",
    "DK",
    "EE",
    "ES",
    "FI",
    "FR",
    "GR",
    "HR",
    "HU",
    "IE",
    "IS",
    "IT",
    "LI",
    "LT",
    "LU",
    "LV",
    "MT",
    "NL",
    "NO",
    "PL",
    "PT",
    "RO",
    "SE",
    "SI",
    "SK",
]
ADULT = ["age_18_24", "age_25_34", "age_35_49", "age_50_64", "age_65_plus"]
KINDS = (
    ("title_ids", ["titles", "genres", "none"]),
    ("terms", ["words", "none"]),
    ("place", ["city", "country", "none"]),
    ("times", ["times", "hour", "daypart", "none"]),
)
_GRANTING = 0.6


def made(*, signals: int, rules: int, seed: int) -> PolicySet:
    """A valid set: three rules in five allow in some market, the others cap, as in the shipped set."""
    rng = random.Random(seed)
    names = [f"signal_{number:02}" for number in range(signals)]
    declared = {
        name: {
            "label": f"What {name} holds",
            "value": KINDS[number % len(KINDS)][0],
            "data": "user.behavior",
            "sensitivity": "medium",
            "ladder": KINDS[number % len(KINDS)][1],
            "keep_days": 30,
        }
        for number, name in enumerate(names)
    }
    vocabulary = {
        "groups": {"region": {"EEA": EEA}, "age_band": {"adult": ADULT}},
        "consents": {name: {} for name in CONSENTS},
        "signals": declared,
    }
    written = [_rule(number, names, declared, rng) for number in range(rules)]
    return from_files(
        {
            "signals.yaml": json.dumps(vocabulary),
            "rules.yaml": json.dumps({"rules": written}),
        }
    )


def _rule(
    number: int, names: list[str], declared: dict[str, dict[str, Any]], rng: random.Random
) -> dict[str, object]:
    rule: dict[str, object] = {"id": f"rule-{number:04}", "why": "Made for measuring."}
    if rng.random() < _GRANTING:
        market = rng.choice([["EEA"], ["GB"], ["US"], ["BR"], rng.sample(sorted(COUNTRIES), 4)])
        rule["when"] = {
            "purpose": sorted(rng.sample(PURPOSES, 3)),
            "region": market,
            "age_band": ["adult"],
            "consents": sorted(rng.sample(CONSENTS, rng.randint(0, 2))) or ["content_use"],
            "gpc": False,
        }
        return {**rule, "signals": sorted(rng.sample(names, 7)), "decision": "allow"}
    when = rng.choice(
        [
            {"age_band": {"not": ["adult"]}},
            {"gpc": True},
            {"processor": ["third_party"]},
            {"channel": ["push"]},
            {"region": [rng.choice(sorted(COUNTRIES))]},
            {"purpose": [rng.choice(PURPOSES)], "region": ["EEA"]},
        ]
    )
    chosen = sorted(rng.sample(names, 4))
    withheld = rng.random() < _GRANTING
    if withheld:
        return {**rule, "when": when, "signals": chosen, "decision": "withhold"}
    level = declared[chosen[0]]["ladder"][-2]
    return {**rule, "when": when, "signals": chosen[:1], "decision": {"coarsen": level}}


def contexts(count: int, *, seed: int) -> list[Context]:
    """So many contexts, no two alike."""
    rng = random.Random(seed)
    made: dict[Context, None] = {}
    regions = [*sorted(COUNTRIES), "US-CA", "US-CO", "unknown"]
    places = list(product(PURPOSES, CHANNELS, PROCESSORS))
    while len(made) < count:
        purpose, channel, processor = rng.choice(places)
        made[
            Context(
                purpose=purpose,
                region=rng.choice(regions if rng.random() < 0.5 else EEA),
                age_band=rng.choice(AGE_BANDS),
                consents=tuple(sorted(rng.sample(CONSENTS, rng.randint(0, len(CONSENTS))))),
                gpc=rng.random() < 0.1,
                channel=channel,
                processor=processor,
            )
        ] = None
    return list(made)
