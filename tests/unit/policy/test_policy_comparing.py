"""What another set would decide otherwise: every context of it, and no other."""

from __future__ import annotations

import json
from itertools import combinations, product
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from hypothesis import given, settings

from genservice.domain import AGE_BANDS, CHANNELS, PROCESSORS, PURPOSES, Context
from genservice.policy import compare, decide, load, told
from genservice.policy.classes import Box, domain_of, parts
from genservice.policy.comparing import WITHHELD
from genservice.policy.engine import Use, use_of
from genservice.policy.wheres import groups_of
from genservice.shipped import shipped
from tests.unit.policy.making import SIGNALS, context, policy_set, quick_set, rule
from tests.unit.policy.test_policy_engine import RULES, numbered

if TYPE_CHECKING:
    from collections.abc import Iterator

    from genservice.policy import Comparison, PolicySet

CONSENTS = ("content_profile", "content_use")
REGIONS = ("AT", "DE", "NO", "GB", "GB-SCT", "US", "US-CA", "US-NV", "FR", "unknown")
AGES = ("under_13", "age_13", "age_16_17", "age_18_24", "age_25_34", "age_35_49", "unknown")


def contexts() -> Iterator[Context]:
    """Every context of a cut-down vocabulary: each class that the rules of these tests know is there."""
    subsets = [held for size in range(len(CONSENTS) + 1) for held in combinations(CONSENTS, size)]
    for purpose, region, band, consents, gpc, channel, processor in product(
        ("synopsis", "promo", "advertising"),
        REGIONS,
        AGES,
        subsets,
        (False, True),
        ("tile", "push", "detail"),
        PROCESSORS,
    ):
        yield Context(
            purpose=purpose,
            region=region,
            age_band=band,
            consents=consents,
            gpc=gpc,
            channel=channel,
            processor=processor,
        )


EVERY = tuple(contexts())


def holds(box: Box, asked: Context, policies: tuple[PolicySet, ...]) -> bool:
    """Whether a context is in a box, read off the box as anybody would."""
    plain = {
        "purpose": asked.purpose,
        "region": asked.region,
        "age_band": asked.age_band,
        "gpc": "yes" if asked.gpc else "no",
        "channel": asked.channel,
        "processor": asked.processor,
    }
    told_regions = domain_of(*policies).words["region"]
    if asked.region not in told_regions:
        plain["region"] = asked.region.partition("-")[0]
    for key, words in box.keys:
        if key in plain:
            if plain[key] not in words:
                return False
        elif words != (("with",) if key in asked.consents else ("without",)):
            return False
    return True


def uses(policies: PolicySet, asked: Context) -> dict[str, Use]:
    return {
        decision.signal: Use(
            decision.outcome,
            decision.level or ("none" if decision.outcome == "withheld" else signal.ladder[0]),
        )
        for decision, signal in zip(decide(policies, asked), policies.signals, strict=True)
    }


def by_force(old: PolicySet, new: PolicySet, asked: Context) -> dict[str, tuple[Use, Use]]:
    before, after = uses(old, asked), uses(new, asked)
    return {
        name: (before.get(name, WITHHELD), after.get(name, WITHHELD))
        for name in {*before, *after}
        if before.get(name, WITHHELD) != after.get(name, WITHHELD)
    }


def listed(comparison: Comparison, asked: Context, sets: tuple[PolicySet, ...]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for changed in comparison.changed:
        if holds(changed.where, asked, sets):
            for change in changed.changes:
                assert change.signal not in found, "two statements of one context"
                found[change.signal] = (change.was, change.will)
    return found


@settings(max_examples=25)
@given(RULES, RULES)
def test_a_comparison_lists_every_change_and_no_other(
    before: list[dict[str, Any]], after: list[dict[str, Any]]
) -> None:
    old, new = quick_set(*numbered(before)), quick_set(*numbered(after))
    comparison = compare(old, new)
    for asked in EVERY[:: max(1, len(EVERY) // 3000)]:
        assert listed(comparison, asked, (old, new)) == by_force(old, new, asked)


def test_a_comparison_is_complete_over_every_context_of_a_cut_down_vocabulary() -> None:
    old = quick_set(
        rule("a", "allow", ["location"], {"region": ["EEA"], "age_band": ["adult"], "consents": ["content_use"]}),
        rule("b", "allow", ["watch_history"], {"age_band": ["adult", "unknown"], "gpc": False}),
        rule("c", {"coarsen": "genres"}, ["watch_history"], {"processor": ["third_party"]}),
    )  # fmt: skip
    new = quick_set(
        rule("a", "allow", ["location"], {"region": ["EEA", "US-CA"], "age_band": ["adult"], "consents": ["content_use", "content_profile"]}),
        rule("b", "allow", ["watch_history"], {"age_band": ["adult"], "gpc": False}),
        rule("c", {"coarsen": "genres"}, ["watch_history"], {"processor": {"not": ["in_process"]}}),
        rule("d", "withhold", ["watch_history"], {"channel": "push"}),
    )  # fmt: skip
    comparison = compare(old, new)
    assert comparison.changed
    for asked in EVERY:
        assert listed(comparison, asked, (old, new)) == by_force(old, new, asked)


def test_contexts_are_counted_as_they_are() -> None:
    old = quick_set(rule("a", "allow", ["location"], {"region": ["EEA"], "age_band": ["adult"]}))
    new = quick_set(
        rule("a", "allow", ["location"], {"region": ["EEA"], "age_band": ["age_18_24"]})
    )
    (changed,) = compare(old, new).changed
    # Three countries, one age band, and whatever else there is.
    others = len(PURPOSES) * 2 * len(CHANNELS) * len(PROCESSORS) * 2 ** len(CONSENTS)
    assert changed.contexts == 3 * 1 * others
    assert compare(old, new).domain.size == 250 * len(AGE_BANDS) * others


def test_a_set_is_like_itself_and_like_itself_in_another_order() -> None:
    policies = load(shipped("policies"))
    assert compare(policies, policies).changed == ()
    comparison = compare(policies, load(shipped("policies")))
    assert (comparison.changed, comparison.besides, comparison.decisions) == ((), (), 0)


def test_turning_a_comparison_round_swaps_what_was_and_what_will_be() -> None:
    old = quick_set(rule("a", "allow", ["location"], {"region": ["EEA"], "age_band": ["adult"]}))
    new = quick_set(rule("b", {"coarsen": "country"}, ["location"]))
    there, back = compare(old, new), compare(new, old)

    def told_of(comparison: Comparison, *, turned: bool) -> set[tuple[Any, ...]]:
        return {
            (item.where, one.signal, *((one.will, one.was) if turned else (one.was, one.will)))
            for item in comparison.changed
            for one in item.changes
        }

    assert told_of(there, turned=False) == told_of(back, turned=True)
    assert {one.direction for item in there.changed for one in item.changes} == {"lost"}
    assert {one.direction for item in back.changed for one in item.changes} == {"gained"}


def test_statements_read_as_an_owner_would_say_them() -> None:
    old = policy_set(
        rule("a", "allow", ["location", "time_of_day"], {"region": ["EEA"], "age_band": ["adult"], "purpose": ["promo"]}),
    )  # fmt: skip
    new = policy_set(
        rule("a", "allow", ["location", "time_of_day"], {"region": ["EEA"], "age_band": ["adult"], "purpose": ["promo"], "consents": ["content_use"]}),
    )  # fmt: skip
    comparison = compare(old, new)
    (changed,) = comparison.changed
    where = told(changed.where, comparison.domain, groups_of(old, new))
    assert where == "promo, in EEA, age adult, without content_use"
    assert [(one.signal, str(one.was), str(one.will)) for one in changed.changes] == [
        ("location", "city", "withheld"),
        ("time_of_day", "times", "withheld"),
    ]


@pytest.mark.parametrize(
    ("when", "said"),
    [
        ({"age_band": ["adult", "minor", "unknown"]}, "in any known region, age adult, minor and unknown age"),
        ({"region": ["US"], "age_band": ["age_13"]}, "in US, age age_13"),
        ({"region": ["US-CA"], "age_band": ["age_13"], "gpc": True}, "in US-CA, age age_13, with GPC"),
        ({"age_band": ["age_13"], "channel": {"not": ["push"]}}, "in any known region, age age_13, every channel but push"),
        ({"age_band": ["age_13"], "consents": {"not": ["content_use"]}, "gpc": False}, "in any known region, age age_13, without GPC, without content_use"),
    ],
)  # fmt: skip
def test_contexts_are_said_in_few_words(when: dict[str, Any], said: str) -> None:
    old, new = policy_set(), policy_set(rule("a", "allow", ["location"], when))
    comparison = compare(old, new)
    (changed,) = comparison.changed
    assert told(changed.where, comparison.domain, groups_of(old, new)) == said


def test_a_country_without_one_of_its_parts_is_said_so() -> None:
    old = policy_set(rule("a", "allow", ["location"], {"region": ["US-CA"], "age_band": ["adult"]}))
    new = policy_set(rule("a", "allow", ["location"], {"region": ["US"], "age_band": ["adult"]}))
    comparison = compare(old, new)
    (changed,) = comparison.changed
    said = told(changed.where, comparison.domain, groups_of(old, new))
    assert said == "in US outside US-CA, age adult"


def test_a_group_that_means_another_thing_in_either_set_names_nothing() -> None:
    when = {"region": ["EEA"], "age_band": ["adult"]}
    old = policy_set(rule("a", "allow", ["location"], when))
    new = policy_set(
        rule("a", "allow", ["location"], when),
        signals=SIGNALS.replace('[AT, DE, "NO"]', "[AT, DE]"),
    )
    comparison = compare(old, new)
    (changed,) = comparison.changed
    assert told(changed.where, comparison.domain, groups_of(old, new)) == "in NO, age adult"
    assert comparison.besides == ("group of regions EEA: another members",)


def test_what_no_decision_shows_is_said_besides() -> None:
    old = policy_set(rule("a", "withhold", ["location"]), rule("b", "withhold", ["location"]))
    new = policy_set(
        rule("a", "withhold", ["location"], why="Said better."),
        rule("c", "withhold", ["location"]),
        signals=SIGNALS.replace("keep_days: 90, answered_by", "keep_days: 30, answered_by"),
    )
    comparison = compare(old, new)
    assert comparison.changed == ()
    assert comparison.besides == (
        "rule a: another why",
        "rule b: removed",
        "rule c: added",
        "signal watch_history: another keep_days",
    )


def test_a_signal_that_one_set_does_not_declare_is_withheld_there() -> None:
    less = SIGNALS.replace(
        "  location: {label: Where you are, value: place, data: user.location, sensitivity: high, ladder: [city, country, none], keep_days: 1}\n",
        "",
    )
    assert less != SIGNALS
    old = policy_set(rule("a", "withhold", ["time_of_day"]), signals=less)
    new = policy_set(
        rule("a", "withhold", ["time_of_day"]),
        rule("b", "allow", ["location"], {"age_band": ["adult"]}),
    )
    (changed,) = compare(old, new).changed
    (change,) = changed.changes
    assert (change.signal, change.was, str(change.will)) == ("location", WITHHELD, "city")


def test_a_rule_that_no_context_meets_changes_nothing() -> None:
    # Such a set is refused where it is read; the comparison is exact all the same.
    old = quick_set(rule("a", "withhold", ["time_of_day"]))
    nowhere = {"purpose": {"not": list(PURPOSES)}, "age_band": ["adult"]}
    new = quick_set(
        rule("a", "withhold", ["time_of_day"]), rule("b", "allow", ["location"], nowhere)
    )
    comparison = compare(old, new)
    assert (comparison.changed, comparison.besides) == ((), ("rule b: added",))


def test_many_rules_and_consents_are_compared_in_a_moment() -> None:
    consents = {f"consent_{number:02}": {} for number in range(14)}
    declared = json.loads(json.dumps(msgspec.to_builtins(_plain(SIGNALS))))
    declared["consents"] = consents
    signals = json.dumps(declared)
    rules = [
        rule(f"r{number:03}", "allow", ["location"], {"consents": [name], "age_band": ["adult"], "region": [country]})
        for number, (name, country) in enumerate(product(consents, ["AT", "DE", "FR", "GB", "US"]))
    ]  # fmt: skip
    old, new = policy_set(*rules, signals=signals), policy_set(*rules[:-1], signals=signals)
    (changed,) = compare(old, new).changed
    (change,) = changed.changes
    assert changed.where.get("region") == ("US",)
    assert str(change.will) == "withheld"
    # Whoever gave that consent and none of the others.
    assert changed.where.get("consent_13") == ("with",)
    assert all(changed.where.get(name) == ("without",) for name in list(consents)[:-1])


def _plain(text: str) -> Any:
    from genservice.yaml12 import plain

    read = plain(text, depth=20)
    assert read is not None
    return read.value


def test_parts_of_one_set_are_what_it_decides() -> None:
    policies = load(shipped("policies"))
    index = policies.index
    entry = next(e for e in index.entries if e.signal.name == "genre_affinity")
    found = parts(
        [index],
        (entry.speaking,),
        domain_of(policies),
        lambda masks: None if (use := use_of(index, entry, masks[0])) == WITHHELD else use,
    )
    asked = context(region="FR")
    (held,) = [part for part in found if holds(part.box, asked, (policies,))]
    assert str(held.value) == uses(policies, asked)["genre_affinity"].level
