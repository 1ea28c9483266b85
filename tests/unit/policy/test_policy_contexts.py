"""What receipts state of a context: enough for every decision, and no wording of the caller's own."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genservice.domain import Context
from genservice.policy import decide, stated
from tests.unit.policy.making import context, quick_set, rule
from tests.unit.policy.test_policy_engine import CONTEXTS, RULES, numbered

POLICIES = quick_set(
    rule("here", "allow", ["location"], {"region": ["EEA", "US-CA"]}),
    rule("there", "withhold", ["location"], {"region": {"not": ["GB-SCT"]}}),
)
WORDS = st.sampled_from(["content_use", "everything", "zebulon", "jane_doe"])


@settings(max_examples=100, deadline=None)
@given(RULES, CONTEXTS, st.sets(WORDS), st.sampled_from(["", "-ZEB", "-CA"]))
def test_the_stated_context_decides_as_the_sent_one(
    rules: list[dict[str, Any]], asked: Context, words: set[str], ending: str
):
    policies = quick_set(*numbered(rules))
    region = asked.region if "-" in asked.region or asked.region == "unknown" else asked.region + ending  # fmt: skip
    sent = context(region=region, consents=(*asked.consents, *sorted(words)), gpc=asked.gpc)
    assert decide(policies, stated(sent, policies)) == decide(policies, sent)


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ("DE", "DE"), ("DE-ZEB", "DE"), ("US-CA", "US-CA"), ("US-NY", "US"), ("GB-SCT", "GB-SCT"),
        ("ZZ", "unknown"), ("zebulon", "unknown"), ("unknown", "unknown"),
    ],
)  # fmt: skip
def test_a_region_that_no_rule_names_is_stated_as_its_country(sent: str, said: str):
    assert stated(context(region=sent), POLICIES).region == said


def test_consents_are_stated_only_if_they_are_declared_and_each_once():
    sent = context(consents=("zebulon", "content_use", "content_profile", "content_use"))
    assert stated(sent, POLICIES).consents == ("content_profile", "content_use")


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ("en", "en"), ("EN-gb", "en-GB"), ("zh-hant-tw", "zh-Hant-TW"), ("es-419", "es-419"),
        ("en-zebulon-quixwort", "en"), ("de-AT-1996", "de-AT"), ("zebulon", "und"), ("", "und"),
    ],
)  # fmt: skip
def test_a_language_is_stated_by_its_subtags_of_language_script_and_region(sent: str, said: str):
    assert stated(context(language=sent), POLICIES).language == said
