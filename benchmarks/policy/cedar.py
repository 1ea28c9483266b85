"""The same rules in Cedar, for cedarpy to decide.

Cedar knows permit and forbid and no levels: a rule that coarsens is left out there, which only makes
its work lighter. What it is asked of each signal is whether anything of it may be used.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import cedarpy

from genservice.policy import COUNTRIES, Choice, PolicySet, Rule

if TYPE_CHECKING:
    from genservice.domain import Context


class Cedar:
    """A policy set in Cedar, parsed beforehand as far as cedarpy can."""

    def __init__(self, policies: PolicySet) -> None:
        groups = {**policies.groups.region, **policies.groups.age_band}
        written = [_policy(rule, groups) for rule in policies.rules if rule.level in (None, "none")]
        self._policies = cedarpy.PolicySet.from_str("\n".join(written))
        self._entities = cedarpy.Entities.from_json_str("[]")
        self._signals = [signal.name for signal in policies.signals]

    def decide(self, context: Context) -> list[bool]:
        """For each signal, in order of name, whether anything of it may be used."""
        # The country goes by itself, as a subdivision lies within it.
        sent = {
            "purpose": context.purpose,
            "region": context.region,
            "country": context.region.partition("-")[0],
            "age_band": context.age_band,
            "consents": list(context.consents),
            "gpc": context.gpc,
            "channel": context.channel,
            "processor": context.processor,
        }
        requests = [
            {
                "principal": 'Writer::"writer"',
                "action": f'Action::"{name}"',
                "resource": 'Text::"text"',
                "context": sent,
            }
            for name in self._signals
        ]
        results = cedarpy.is_authorized_batch(requests, self._policies, self._entities)
        return [result.allowed for result in results]


def _policy(rule: Rule, groups: dict[str, tuple[str, ...]]) -> str:
    verb = "permit" if rule.verb == "allow" else "forbid"
    # In the scope, where Cedar looks first: a rule that does not speak of the signal costs little.
    signals = ", ".join(f"Action::{json.dumps(name)}" for name in rule.signals)
    when = ["true"]
    for key in ("purpose", "region", "age_band", "channel", "processor"):
        choice: Choice | None = getattr(rule.when, key)
        if choice is not None:
            when.append(_asked(key, choice, groups))
        if key in ("region", "age_band") and verb == "permit" and choice is not None:
            when += [f'context.{key} != "unknown"'] * choice.none_of
        if key in ("region", "age_band") and verb == "permit" and choice is None:
            when.append(f'context.{key} != "unknown"')
    if (asked := rule.when.consents) is not None:
        words = json.dumps(list(asked.words))
        held = f"context.consents.contains{'Any' if asked.none_of else 'All'}({words})"
        when.append(f"!{held}" if asked.none_of else held)
    if rule.when.gpc is not None:
        when.append(f"context.gpc == {json.dumps(rule.when.gpc)}")
    return f"{verb}(principal, action in [{signals}], resource) when {{ {' && '.join(when)} }};"


def _asked(key: str, choice: Choice, groups: dict[str, tuple[str, ...]]) -> str:
    words = [member for word in choice.words for member in groups.get(word, (word,))]
    listed = json.dumps(words)
    tests = [f"{listed}.contains(context.{key})"]
    if key == "region" and not COUNTRIES.isdisjoint(words):
        tests.append(f"{listed}.contains(context.country)")
    joined = " || ".join(tests)
    return f"!({joined})" if choice.none_of else f"({joined})"
