from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings

from genservice.domain import Context
from genservice.policy import near_misses
from genservice.policy.nearmisses import unmet
from tests.unit.policy.making import context, policy_set, quick_set, rule
from tests.unit.policy.test_policy_engine import CONTEXTS, RULES, numbered

EEA = {"region": ["EEA"], "consents": ["content_profile", "content_use"]}


@settings(max_examples=200, deadline=None)
@given(RULES, CONTEXTS)
def test_a_rule_speaks_exactly_where_nothing_stops_it(rules: list[dict[str, Any]], asked: Context):
    policies = quick_set(*numbered(rules))
    speaking = set(policies.index.spelled(policies.index.matching(asked)))
    for made in policies.rules:
        assert (made in speaking) is (unmet(made, asked, policies) == ())


@pytest.mark.parametrize(
    ("when", "asked", "lacks"),
    [
        (EEA, {"consents": ("content_profile",)}, "needs the consent content_use"),
        (EEA, {"consents": ()}, "needs the consents content_profile and content_use"),
        (EEA, {"region": "US-CA"}, "holds for EEA, not for US-CA"),
        ({"region": {"not": ["EEA"]}}, {}, "does not hold for DE"),
        ({}, {"region": "unknown"}, "does not name unknown as region"),
        ({"age_band": ["adult"]}, {"age_band": "age_13"}, "holds for adult, not for age_13"),
        ({"age_band": {"not": ["minor"]}}, {"age_band": "unknown"}, "does not name unknown as age_band"),
        ({"purpose": ["synopsis", "measurement"]}, {}, "holds for measurement or synopsis, not for promo"),
        ({"gpc": False}, {"gpc": True}, "holds only without Global Privacy Control"),
        ({"gpc": True}, {}, "holds only with Global Privacy Control"),
        ({"consents": {"not": ["content_use"]}}, {}, "holds only without the consent content_use"),
        ({"channel": ["push"], "processor": ["own_server"]}, {}, "holds for push, not for detail; holds for own_server, not for in_process"),
    ],
)  # fmt: skip
def test_what_stopped_an_allow_is_told_in_words(when: Any, asked: dict[str, Any], lacks: str):
    policies = policy_set(rule("r", "allow", ["location"], when))
    (miss,) = near_misses(policies, context(**asked), "location")
    assert miss.lacks == lacks


def test_allows_of_the_viewers_region_come_first_then_those_that_lack_least():
    far = rule("a-far", "allow", ["location"], {"region": ["US"]})
    two = rule("b-two", "allow", ["location"], {**EEA, "gpc": True})
    one = rule("c-one", "allow", ["location"], EEA)
    caps = rule("cap", "withhold", ["location"], {"region": ["US"], "gpc": True})
    policies = policy_set(far, two, one, caps)
    found = near_misses(policies, context(consents=()), "location")
    assert [miss.rule for miss in found] == ["c-one", "b-two", "a-far"]


def test_an_allow_that_speaks_is_no_near_miss():
    assert (
        near_misses(policy_set(rule("r", "allow", ["location"], EEA)), context(), "location") == ()
    )
