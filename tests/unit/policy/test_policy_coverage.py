from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from genservice.domain import Context
from genservice.policy import Row, covered, differences, from_files, rows
from genservice.policy.suite import levels
from genservice.policy.values import NONE, Expectation, Place, PolicySet, Suite
from tests.unit.policy.making import SHAPES, WORDS, policy_set, quick_set, rule
from tests.unit.policy.test_policy_engine import CONTEXTS, RULES, numbered

INFERENCES = """
inferences:
  - {id: faith, why: It is yours to tell., who: [believer], being: [devout]}
  - {id: health, why: It is yours to tell., who: [patient]}
frames: ["as a|an {who}"]
"""


def counts(policies: PolicySet, **told: Any) -> dict[str, tuple[int, int, int]]:
    found = covered(policies, rows(policies), policies.sentences)
    return {item.rule: (item.exercised, item.decisive, item.needed) for item in found.rules}


def test_rules_are_counted_where_they_speak_settle_and_would_be_missed():
    assert counts(from_files(SHAPES)) == {
        "history-with-consent": (2, 0, 2),
        "history-as-genres": (3, 2, 2),
    }


def test_a_rule_that_no_test_meets_is_uncovered():
    more = "rules: [{id: push, why: Because., when: {channel: push}, signals: [location], decision: withhold}]"
    found = covered(*_tested({**SHAPES, "more.yaml": more}))
    (push,) = found.uncovered()
    assert (push.rule, str(push.place)) == ("push", "more.yaml:1:9")
    assert round(found.percent(), 1) == 66.7


def test_a_rule_whose_work_another_does_is_exercised_and_would_not_be_missed():
    twice = (
        "rules: [{id: twice, why: Because., signals: [watch_history], decision: {coarsen: genres}}]"
    )
    found = covered(*_tested({**SHAPES, "more.yaml": twice}))
    assert found.uncovered() == ()
    assert [item.rule for item in found.uncovered(strict=True)] == ["twice", "history-as-genres"]


def test_a_set_without_rules_is_covered():
    assert covered(policy_set(), [], []).percent(strict=True) == 100


def _tested(files: dict[str, str]) -> tuple[PolicySet, Any, Any]:
    policies = from_files(files)
    return policies, list(rows(policies)), policies.sentences


@settings(max_examples=100, deadline=None)
@given(RULES, st.lists(CONTEXTS, min_size=1, max_size=3))
def test_needed_means_that_a_test_fails_without_the_rule(
    rules: list[dict[str, Any]], asked: list[Context]
):
    """Against the slow way: take each rule out, and run every test again."""
    rules = numbered(rules)
    policies = quick_set(*rules)
    tests = [_passing(policies, context) for context in asked]
    found = covered(policies, tests, [])
    for item in found.rules:
        without = quick_set(*(made for made in rules if made["id"] != item.rule), SPARE)
        failing = sum(bool(differences(without, row, words=WORDS)) for row in tests)
        assert item.needed == failing


SPARE = rule("spare", "withhold", ["payment_history"])
"""A set has a rule at least; this one changes nothing."""


def _passing(policies: PolicySet, asked: Context) -> Row:
    found = levels(policies, asked)
    test = Expectation(
        name="as it is",
        contexts=("here",),
        purposes=(asked.purpose,),
        audience=None,
        segment=None,
        expect={name: level for name, level in found.items() if level != NONE},
        brief={},
        place=Place("some_test.yaml", 1, 1),
    )
    suite = Suite(
        file="some_test.yaml", contexts={"here": asked}, audiences={}, titles={}, tests=(test,)
    )
    return Row(suite=suite, test=test, context="here", purpose=asked.purpose)


def test_inference_rules_are_covered_by_the_sentences_that_hit_them():
    sentences = msgspec.json.encode(
        {
            "forbidden": {"faith": ["A treat for you as a believer."]},
            "permitted": ["A believer prays."],
        }
    ).decode()
    files = {**SHAPES, "inference.yaml": INFERENCES, "inference_test.yaml": sentences}
    found = counts(from_files(files))
    assert found["faith"] == (1, 1, 1)
    assert found["health"] == (0, 0, 0)
