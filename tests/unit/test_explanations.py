from __future__ import annotations

from typing import Any

import msgspec
import pytest

from genservice.domain import Context, Decision, Receipt, Signature, StatedRule, Used
from genservice.explanations import in_words
from genservice.policy import PolicySet, decide, from_files
from tests.unit.policy.making import SHAPES
from tests.unit.test_receipts import statement


@pytest.fixture(scope="module")
def policies() -> PolicySet:
    return from_files(SHAPES)


def receipt(policies: PolicySet, **fields: Any) -> Receipt:
    context = Context(
        purpose="promo",
        region="DE",
        age_band="age_25_34",
        consents=("content_profile", "content_use"),
    )
    rules = tuple(
        StatedRule(id=rule.id, says=rule.decision, why=rule.why) for rule in policies.rules
    )
    made = {
        "policy": policies.version,
        "decisions": decide(policies, context),
        "rules": rules,
        **fields,
    }
    signature = Signature(alg="Ed25519", key="k-1", value="")
    return Receipt(id="r-1", statement=statement(**made), signature=signature)


AGREED = "What you watched shapes a text only if you agreed (GDPR Art. 6(1)(a))."
GENRES = "Genres are enough for an angle (GDPR Art. 5(1)(c))."
NOTHING = "Nothing allows it here, and what nothing allows is not used."


def test_what_shaped_a_text_is_told_with_its_value_and_every_reason(policies):
    (used,) = in_words(receipt(policies), policies).used
    assert used.value == ("crime",)
    assert used.said == f"Titles you watched: used, only as their genres (crime). {AGREED} {GENRES}"


def test_what_was_allowed_and_not_needed_is_told_apart(policies):
    words = in_words(receipt(policies, used=()), policies)
    assert words.used == ()
    (idle,) = words.not_needed
    assert (
        idle.said == f"Titles you watched: could be used, only as their genres. {AGREED} {GENRES}"
    )


def test_what_nothing_allows_is_said_to_be_withheld_for_that(policies):
    (withheld,) = in_words(receipt(policies), policies).not_used
    assert withheld.said == f"Where you are: not used. {NOTHING}"


def test_what_a_rule_withholds_is_told_by_that_rule_though_nothing_allows_it_either(policies):
    decision = Decision(signal="location", outcome="withheld", rules=("coarse", "never"))
    rules = (
        StatedRule(id="coarse", says="coarsen to country", why="The country is enough."),
        StatedRule(id="never", says="withhold", why="It is nobody's business."),
    )
    words = in_words(receipt(policies, decisions=(decision,), rules=rules), policies)
    assert [item.said for item in words.not_used] == [
        "Where you are: not used. It is nobody's business."
    ]


def test_the_signed_words_count_whatever_a_set_says_now(policies):
    rules = (StatedRule(id="history-as-genres", says="coarsen to genres", why="As signed."),)
    (used,) = in_words(receipt(policies, rules=rules), policies).used
    assert used.said.endswith(f"{AGREED} As signed.")


def test_without_the_set_signals_go_by_their_names(policies):
    words = in_words(receipt(policies))
    assert [item.label for item in (*words.used, *words.not_used)] == ["watch_history", "location"]
    assert words.used[0].said.endswith(GENRES)


def test_a_set_of_another_version_is_not_believed(policies):
    other = from_files({**SHAPES, "more.yaml": "rules: [{id: x, why: y, signals: [location], decision: withhold}]"})  # fmt: skip
    assert in_words(receipt(policies), other) == in_words(receipt(policies))


def test_a_receipt_from_before_rules_were_stated_is_told_by_the_set_it_names(policies):
    old = receipt(policies, rules=())
    assert in_words(old, policies) == in_words(receipt(policies), policies)
    (used,) = in_words(old).used
    assert used.said == (
        "watch_history: used, only as their genres (crime). "
        "The rules that spoke: history-with-consent, history-as-genres."
    )


def test_every_decision_is_in_exactly_one_list(policies):
    made = receipt(policies)
    words = in_words(made, policies)
    told = [item.signal for item in (*words.used, *words.not_needed, *words.not_used)]
    assert sorted(told) == [decision.signal for decision in made.statement.decisions]


def test_values_of_one_signal_are_told_together(policies):
    used = tuple(
        Used(signal="watch_history", level="genres", value=(term,)) for term in ("crime", "noir")
    )
    words = in_words(receipt(policies, used=used), policies)
    assert words.used[0].value == ("crime", "noir")
    assert "(crime, noir)" in words.used[0].said


def test_as_a_text_it_reads_from_top_to_bottom(policies):
    assert str(in_words(receipt(policies), policies)) == (
        f"The promo of harbour-lights-s1, by the rules of {policies.version}.\n\n"
        f"Used for this text:\n- Titles you watched: used, only as their genres (crime). {AGREED} {GENRES}\n\n"
        f"Not used:\n- Where you are: not used. {NOTHING}"
    )


def test_a_text_of_nobody_says_so(policies):
    nobody = receipt(
        policies, used=(), decisions=(Decision(signal="location", outcome="withheld"),)
    )
    assert "\n\nNothing that is known of you shaped it.\n\n" in str(in_words(nobody, policies))


def test_a_statement_without_rules_is_the_bytes_it_always_was():
    held = msgspec.json.decode(msgspec.json.encode(statement()))
    assert "rules" not in held
