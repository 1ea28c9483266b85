"""Controls over decisions: the stricter of the two, and nothing shown of a control that changes nothing."""

from __future__ import annotations

import pytest

from genservice.controls import (
    CONTEXT_ONLY,
    CONTROLS,
    LEFT_OUT,
    LEFT_OUT_WHOLE,
    OBJECTION,
    OFF,
    SIGNAL_OFF,
    controlled,
    is_off,
)
from genservice.domain import PURPOSES, Controls
from genservice.errors import PolicyError
from genservice.policy import accounting, because, decide
from tests.unit.policy.making import context, policy_set, rule

SIGNALS = """
consents: {content_use: {tcf: 6}}
signals:
  device: {label: Your screen, value: term, data: user.device, sensitivity: low, ladder: [word, none], keep_days: 1, terms: [tv], context: true}
  moment: {label: The moment, value: times, data: user.behavior, sensitivity: low, ladder: [times, daypart, none], keep_days: 1}
  search: {label: What you searched for, value: text, data: user.content, sensitivity: high, ladder: [text, terms, none], keep_days: 1}
  said: {label: What you said, value: text, data: user.content, sensitivity: high, ladder: [text, none], keep_days: 1}
  taste: {label: Genres you like, value: terms, data: user.demographic, sensitivity: medium, ladder: [words, none], keep_days: 1}
"""
ALL = ["device", "moment", "said", "search", "taste"]
GRANTING = policy_set(
    rule("all", "allow", ALL), rule("part-of-day", {"coarsen": "daypart"}, ["moment"]), signals=SIGNALS
)  # fmt: skip
REFUSING = policy_set(rule("never", "withhold", ["taste"]), signals=SIGNALS)
EVERYTHING = Controls(
    level="off", signals_off=tuple(ALL), themes_left_out=("grief",), objections=PURPOSES
)


def left(controls: Controls, policies=GRANTING) -> dict[str, str]:
    """Signal -> what it comes to, and the control that says so."""
    made = controlled(policies, decide(policies, context()), controls, "promo")
    own = {control.id for control in CONTROLS}
    return {
        decision.signal: " ".join(
            (decision.level or decision.outcome, *(id_ for id_ in decision.rules if id_ in own))
        )
        for decision in made
    }


UNCONTROLLED = left(Controls())


def test_without_controls_what_policy_says_stands() -> None:
    assert UNCONTROLLED == {
        "device": "released", "moment": "daypart", "said": "released", "search": "released",
        "taste": "released",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("controls", "by"),
    [(Controls(level="off"), OFF), (Controls(objections=("promo",)), OBJECTION)],
    ids=["off", "objected"],
)
def test_off_and_an_objection_withhold_everything(controls, by) -> None:
    assert left(controls) == dict.fromkeys(ALL, f"withheld {by.id}")


def test_an_objection_holds_for_its_purpose_alone() -> None:
    assert left(Controls(objections=("synopsis", "advertising"))) == UNCONTROLLED


def test_context_only_leaves_what_is_declared_to_be_context_and_goes_by_no_name() -> None:
    found = left(Controls(level="context_only"))
    assert found.pop("device") == "released"
    assert set(found.values()) == {f"withheld {CONTEXT_ONLY.id}"}


def test_a_signal_switched_off_is_withheld_and_no_other() -> None:
    found = left(Controls(signals_off=("shoe_size", "taste")))
    assert found == {**UNCONTROLLED, "taste": f"withheld {SIGNAL_OFF.id}"}


@pytest.mark.parametrize(
    "controls", [Controls(themes_left_out=("grief",)), Controls(titles_left_out=("cold-quay",))]
)
def test_whoever_leaves_anything_out_is_read_in_words_of_the_vocabulary_alone(controls) -> None:
    assert left(controls) == {
        **UNCONTROLLED,
        "search": f"terms {LEFT_OUT.id}",
        "said": f"withheld {LEFT_OUT_WHOLE.id}",
    }


def test_a_text_that_policy_coarsens_shows_nothing_of_what_is_left_out() -> None:
    policies = policy_set(
        rule("all", "allow", ["search"]), rule("words", {"coarsen": "terms"}, ["search"]),
        signals=SIGNALS,
    )  # fmt: skip
    made = decide(policies, context())
    assert controlled(policies, made, Controls(themes_left_out=("grief",)), "promo") == made


@pytest.mark.parametrize("purpose", PURPOSES)
def test_a_control_of_what_policy_withholds_shows_in_nothing(purpose) -> None:
    made = decide(REFUSING, context(purpose=purpose))
    assert controlled(REFUSING, made, EVERYTHING, purpose) == made
    assert not is_off(made, EVERYTHING, purpose)


def test_a_control_beside_a_wider_one_shows_in_nothing() -> None:
    assert left(EVERYTHING) == left(Controls(objections=("promo",)))
    narrower = Controls(level="off", signals_off=("taste",), titles_left_out=("cold-quay",))
    assert left(narrower) == left(Controls(level="off"))


@pytest.mark.parametrize(
    ("controls", "off"),
    [
        (Controls(), False),
        (Controls(level="off"), True),
        (Controls(objections=("promo",)), True),
        (Controls(objections=("synopsis",)), False),
        (Controls(level="context_only", signals_off=tuple(ALL)), False),
    ],
)
def test_personalisation_is_off_where_the_viewer_let_nothing_count_that_policy_grants(
    controls, off
) -> None:
    assert is_off(decide(GRANTING, context()), controls, "promo") is off


def test_a_decision_is_accounted_for_by_the_control_that_made_it() -> None:
    made = {
        decision.signal: decision
        for decision in controlled(
            GRANTING,
            decide(GRANTING, context()),
            Controls(signals_off=("moment",), themes_left_out=("grief",)),
            "promo",
        )
    }
    assert made["moment"].rules == ("all", "part-of-day", SIGNAL_OFF.id)
    spoken = [control for control in CONTROLS if control.id in made["moment"].rules]
    assert because(made["moment"], spoken) == SIGNAL_OFF.why
    assert accounting(made["search"]) == ("allow", LEFT_OUT.says)


def test_every_control_has_an_id_that_no_rule_can_have() -> None:
    assert [control.id for control in CONTROLS] == sorted(control.id for control in CONTROLS)
    for control in CONTROLS:
        with pytest.raises(PolicyError):
            policy_set(rule(control.id, "withhold", ["taste"]), signals=SIGNALS)
