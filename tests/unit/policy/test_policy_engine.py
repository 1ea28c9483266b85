from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genservice.domain import AGE_BANDS, CHANNELS, PROCESSORS, PURPOSES, Context, Decision
from genservice.policy import decide, explain, from_files
from tests.unit.policy.making import SHAPES, context, policy_set, quick_set, rule

SIGNALS = ("completions", "location", "payment_history", "time_of_day", "watch_history")
DEPTH = {"released": 0, "coarsened": 1, "withheld": 9}


def decision_of(rules: list[dict[str, Any]], asked: Context, signal: str = "location") -> Decision:
    found = decide(quick_set(*rules), asked)
    return next(decision for decision in found if decision.signal == signal)


def level_of(rules: list[dict[str, Any]], asked: Context, signal: str = "location") -> str:
    decision = decision_of(rules, asked, signal)
    return decision.level or decision.outcome


def test_the_example_of_shapes_decides_as_its_receipt_says():
    policies = from_files(SHAPES)
    assert decide(policies, context()) == (
        Decision(signal="location", outcome="withheld", rules=()),
        Decision(
            signal="watch_history",
            outcome="coarsened",
            level="genres",
            rules=("history-with-consent", "history-as-genres"),
        ),
    )


ALLOW = rule("allow", "allow", ["location"])
COUNTRY = rule("country", {"coarsen": "country"}, ["location"])
NOT = rule("not", "withhold", ["location"])


@dataclass(frozen=True)
class Case:
    id: str
    rules: list[dict[str, Any]]
    expected: str
    context: dict[str, Any] = field(default_factory=dict)
    signal: str = "location"


def only(key: str, value: Any, decision: Any = "allow") -> list[dict[str, Any]]:
    found = [rule("only", decision, ["location"], {key: value})]
    return found if decision == "allow" else [*both_unknown(), *found]


def both_unknown() -> list[dict[str, Any]]:
    """Allows that leave nothing out, the unknown included."""
    bands = ["minor", "adult", "age_35_49", "unknown"]
    return [
        rule("known", "allow", ["location"], {"age_band": bands}),
        rule("lost", "allow", ["location"], {"region": "unknown", "age_band": bands}),
    ]


TIMES = [rule("time", "allow", ["time_of_day"])]

CASES = [
    Case("nothing is granted without an allow", [COUNTRY], "withheld"),
    Case("an allow grants the value as sent", [ALLOW], "released"),
    Case("a coarsening caps an allow", [ALLOW, COUNTRY], "country"),
    Case("a withholding caps everything", [NOT, ALLOW, COUNTRY], "withheld"),
    Case(
        "the coarsest coarsening wins",
        [*TIMES, rule("b", {"coarsen": "daypart"}, "time_of_day"), rule("c", {"coarsen": "hour"}, "time_of_day")],
        "daypart",
        signal="time_of_day",
    ),
    Case("coarsening to the finest level changes nothing", [ALLOW, rule("top", {"coarsen": "city"}, ["location"])], "released"),
    Case("coarsening to none withholds", [ALLOW, rule("none", {"coarsen": "none"}, ["location"])], "withheld"),
    Case("an allow for one signal is none for another", [rule("other", "allow", ["watch_history"])], "withheld"),
    Case("a cap on all caps each", [ALLOW, rule("all", "withhold", "all")], "withheld"),
    Case("a cap on all but one spares it", [ALLOW, rule("but", "withhold", {"not": ["location"]})], "released"),
    Case("a group of signals stands for its members", [rule("group", "allow", ["history"])], "released", signal="completions"),
    Case("what is never used stays so", [rule("cap", "withhold", ["payment_history"])], "withheld", signal="payment_history"),
    # keys
    Case("a purpose named is met", only("purpose", ["promo"]), "released"),
    Case("one word is a list of one", only("purpose", "promo"), "released"),
    Case("another purpose is not", only("purpose", ["synopsis", "advertising"]), "withheld"),
    Case("a country lies in its group", only("region", ["EEA"]), "released"),
    Case("Norway is a country", only("region", ["EEA"]), "released", {"region": "NO"}),
    Case("a country outside does not", only("region", ["EEA"]), "withheld", {"region": "FR"}),
    Case("a subdivision lies in its country", only("region", ["US"]), "released", {"region": "US-CA"}),
    Case("a subdivision lies in its country's group", only("region", ["UK"]), "released", {"region": "GB-SCT"}),
    Case("a country does not lie in its subdivision", only("region", ["US-CA"]), "withheld", {"region": "US"}),
    Case("subdivisions keep apart", only("region", ["US-CA"]), "withheld", {"region": "US-NV"}),
    Case("not a group, not its subdivisions", only("region", {"not": ["UK"]}), "withheld", {"region": "GB-SCT"}),
    Case("not a group, but another", only("region", {"not": ["UK"]}), "released"),
    Case("an age band lies in its group", only("age_band", ["adult"]), "released"),
    Case("a minor is no adult", only("age_band", ["adult"]), "withheld", {"age_band": "age_13"}),
    Case("both consents are given", only("consents", ["content_profile", "content_use"]), "released"),
    Case("of two consents one is not enough", only("consents", ["content_profile", "content_use"]), "withheld", {"consents": ("content_use",)}),
    Case("no consent is no consent", only("consents", "content_use"), "withheld", {"consents": ()}),
    Case("none of the consents", only("consents", {"not": ["content_use"]}), "withheld"),
    Case("none of the consents given", only("consents", {"not": ["content_use"]}), "released", {"consents": ("content_profile",)}),
    Case("an undeclared consent means nothing", only("consents", "content_use"), "withheld", {"consents": ("everything",)}),
    Case("a channel", only("channel", ["tile"]), "withheld"),
    Case("not a channel", only("channel", {"not": ["tile"]}), "released"),
    Case("a processor", only("processor", ["in_process", "own_server"]), "withheld", {"processor": "third_party"}),
    Case("no objection", only("gpc", False), "released"),
    Case("an objection", only("gpc", False), "withheld", {"gpc": True}),
    Case("keys all hold", [rule("two", "allow", ["location"], {"purpose": "promo", "gpc": True})], "withheld"),
    # unknown
    Case("an allow without a region misses the unknown one", [ALLOW], "withheld", {"region": "unknown"}),
    Case("an allow without an age band misses the unknown one", [ALLOW], "withheld", {"age_band": "unknown"}),
    Case("an allow by negation misses the unknown region", only("region", {"not": ["UK"]}), "withheld", {"region": "unknown"}),
    Case("an allow by negation misses the unknown age", only("age_band", {"not": ["minor"]}), "withheld", {"age_band": "unknown"}),
    Case("an allow that names the unknown region meets it", only("region", ["DE", "unknown"]), "released", {"region": "unknown"}),
    Case("an allow that names the unknown age meets it", only("age_band", ["unknown"]), "released", {"age_band": "unknown"}),
    Case("both have to be named", only("region", ["unknown"]), "withheld", {"region": "unknown", "age_band": "unknown"}),
    Case("a country that is none is unknown", only("region", {"not": ["EEA"]}), "withheld", {"region": "XX"}),
    Case("a subdivision of none is unknown", [ALLOW], "withheld", {"region": "UK-SCT"}),
    Case("a cap without the key meets the unknown", only("purpose", "promo", "withhold"), "withheld", {"region": "unknown", "age_band": "unknown"}),
    Case("a cap by negation meets the unknown", only("age_band", {"not": ["adult"]}, "withhold"), "withheld", {"age_band": "unknown"}),
    Case("a cap that names others misses the unknown", only("age_band", ["minor"], "withhold"), "released", {"age_band": "unknown"}),
    Case("a cap that names the unknown meets it", only("region", ["unknown"], "withhold"), "withheld", {"region": "unknown"}),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_rules_decide(case: Case):
    assert level_of(case.rules, context(**case.context), case.signal) == case.expected


def test_a_decision_lists_every_rule_that_spoke_allows_before_caps():
    rules = [NOT, rule("a-cap", {"coarsen": "country"}, ["location"]), ALLOW, rule("z-allow", "allow", ["location"]),
             rule("silent", "allow", ["location"], {"region": "FR"})]  # fmt: skip
    assert decision_of(rules, context()).rules == ("allow", "z-allow", "a-cap", "not")


def test_every_declared_signal_gets_a_decision_in_order():
    assert tuple(decision.signal for decision in decide(policy_set(ALLOW), context())) == SIGNALS


@dataclass(frozen=True)
class Settled:
    id: str
    rules: list[dict[str, Any]]
    deciding: set[str]
    because: str


@pytest.mark.parametrize(
    "case",
    [
        Settled("default deny", [COUNTRY], set(), "No rule allows it here, and what no rule allows is withheld."),
        Settled("released", [ALLOW, rule("top", {"coarsen": "city"}, ["location"])], {"allow"}, "Used as city, by allow."),
        Settled("coarsened", [ALLOW, COUNTRY], {"country"}, "Used as country, by country."),
        Settled("withheld", [ALLOW, COUNTRY, {**NOT, "when": {"region": ["DE"]}}], {"not"}, "Withheld by not, whatever else allows it."),
    ],
    ids=lambda case: case.id,
)  # fmt: skip
def test_an_explanation_tells_which_rule_settled_it(case: Settled):
    (explained,) = explain(policy_set(*case.rules), context(), signal="location")
    assert explained.because == case.because
    assert {spoken.rule for spoken in explained.rules if spoken.decided} == case.deciding
    assert {spoken.rule for spoken in explained.rules} == {made["id"] for made in case.rules}


def test_an_explanation_gives_reason_and_place_of_each_rule():
    (explained,) = explain(from_files(SHAPES), context(), signal="watch_history")
    assert [(spoken.says, str(spoken.place), spoken.why) for spoken in explained.rules] == [
        ("allow", "promo.yaml:2:5", "What you watched shapes a text only if you agreed (GDPR Art. 6(1)(a))."),
        ("coarsen to genres", "promo.yaml:7:5", "Genres are enough for an angle (GDPR Art. 5(1)(c))."),
    ]  # fmt: skip


# ----- properties -----

REGIONS = ("DE", "NO", "GB", "GB-SCT", "US", "US-CA", "FR", "XX", "unknown")


CONTEXTS = st.builds(
    Context,
    purpose=st.sampled_from(PURPOSES),
    region=st.sampled_from(REGIONS),
    age_band=st.sampled_from(AGE_BANDS),
    consents=st.sets(st.sampled_from(["content_profile", "content_use"])).map(lambda found: tuple(sorted(found))),
    gpc=st.booleans(),
    channel=st.sampled_from(CHANNELS),
    processor=st.sampled_from(PROCESSORS),
)  # fmt: skip
# Everything a rule may ask, one clause each, drawn whole: cheap to generate, and it shrinks well.
CLAUSES = [
    (key, {"not": words} if negated else words)
    for key, choices in {
        "purpose": [["promo"], ["synopsis", "promo"], ["advertising", "measurement"]],
        "region": [["EEA"], ["UK", "DE"], ["US"], ["US-CA"], ["EEA", "UK", "US"]],
        "age_band": [["minor"], ["adult"], ["adult", "age_35_49"], ["under_13"]],
        "consents": [["content_profile"], ["content_use"], ["content_profile", "content_use"]],
        "channel": [["tile"], ["push", "email"]],
        "processor": [["third_party"], ["in_process", "own_server"]],
    }.items()
    for words in choices
    for negated in (False, True)
] + [("gpc", False), ("gpc", True)]
UNKNOWN_CLAUSES = [
    ("region", ["unknown"]), ("region", ["EEA", "unknown"]), ("region", {"not": ["unknown"]}),
    ("age_band", ["unknown"]), ("age_band", ["adult", "unknown"]), ("age_band", {"not": ["unknown"]}),
]  # fmt: skip
NAMES = [
    ["location"],
    ["time_of_day"],
    ["watch_history"],
    ["history", "location"],
    ["location", "time_of_day"],
]
CAPS = [
    ("withhold", "all"), ("withhold", {"not": ["location"]}), ({"coarsen": "country"}, ["location"]),
    ({"coarsen": "hour"}, ["time_of_day"]), ({"coarsen": "daypart"}, ["time_of_day"]), ({"coarsen": "genres"}, ["watch_history"]),
]  # fmt: skip
WHENS = st.lists(st.sampled_from(CLAUSES + UNKNOWN_CLAUSES), max_size=3).map(dict)
KNOWING = st.lists(st.sampled_from(CLAUSES), max_size=3).map(dict)


def allows(whens: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    return st.builds(
        lambda names, when: rule("", "allow", names, when), st.sampled_from(NAMES), whens
    )


ALLOWS = allows(WHENS)
BLIND = allows(KNOWING)
CAPPING = st.builds(lambda cap, when: rule("", *cap, when), st.sampled_from(CAPS), WHENS)
RULES = st.lists(ALLOWS | CAPPING, min_size=1, max_size=6)


def numbered(rules: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**made, "id": f"r{index}"} for index, made in enumerate(rules)]


def depths(rules: list[dict[str, Any]], asked: Context) -> dict[str, int]:
    policies = quick_set(*rules)
    return {
        signal.name: signal.ladder.index(decision.level)
        if decision.level
        else DEPTH[decision.outcome]
        for signal, decision in zip(policies.signals, decide(policies, asked), strict=True)
    }


@settings(max_examples=100, deadline=None)
@given(RULES, CAPPING, CONTEXTS)
def test_adding_a_cap_never_releases_more(
    rules: list[dict[str, Any]], cap: dict[str, Any], asked: Context
):
    rules = numbered(rules)
    before, after = depths(rules, asked), depths([*rules, {**cap, "id": "cap"}], asked)
    assert all(after[name] >= before[name] for name in before)


@settings(max_examples=100, deadline=None)
@given(RULES, ALLOWS, CONTEXTS)
def test_adding_an_allow_never_releases_less(
    rules: list[dict[str, Any]], allow: dict[str, Any], asked: Context
):
    rules = numbered(rules)
    before, after = depths(rules, asked), depths([*rules, {**allow, "id": "allow"}], asked)
    assert all(after[name] <= before[name] for name in before)


@settings(max_examples=100, deadline=None)
@given(RULES, CONTEXTS, st.randoms(use_true_random=False))
def test_order_never_matters(rules: list[dict[str, Any]], asked: Context, random: Any):
    rules = numbered(rules)
    shuffled = list(rules)
    random.shuffle(shuffled)
    one, other = quick_set(*rules), quick_set(*shuffled)
    assert one.version == other.version
    assert decide(one, asked) == decide(other, asked)


@settings(max_examples=100, deadline=None)
@given(st.lists(BLIND, min_size=1, max_size=6), CONTEXTS)
def test_an_unknown_region_or_age_is_granted_nothing_that_does_not_name_it(
    rules: list[dict[str, Any]], asked: Context
):
    for change in ({"region": "unknown"}, {"age_band": "unknown"}, {"region": "XX"}):
        blind = msgspec.structs.replace(asked, **change)
        assert all(
            item.outcome == "withheld" for item in decide(quick_set(*numbered(rules)), blind)
        )


@settings(max_examples=100, deadline=None)
@given(RULES, CONTEXTS)
def test_decisions_are_total_and_repeat(rules: list[dict[str, Any]], asked: Context):
    policies = quick_set(*numbered(rules))
    found = decide(policies, asked)
    assert found == decide(quick_set(*numbered(rules)), asked)
    assert tuple(item.signal for item in found) == SIGNALS
    for signal, item in zip(policies.signals, found, strict=True):
        assert (item.level in signal.ladder[1:-1]) is (item.outcome == "coarsened")
        assert {
            spoken.rule for spoken in explain(policies, asked, signal=signal.name)[0].rules
        } == set(item.rules)


def by_the_book(policies: Any, asked: Context) -> dict[str, str]:
    """The rules of DESIGN once more, written as slowly and plainly as they read."""

    def holds(
        choice: Any, has: set[str], groups: dict[str, tuple[str, ...]], *, every: bool = False
    ) -> bool:
        if choice is None:
            return True
        words = {word for named in choice.words for word in groups.get(named, (named,))}
        if choice.none_of:
            return not words & has
        return words <= has if every else bool(words & has)

    def speaks(made: Any) -> bool:
        when, groups = made.when, policies.groups
        region = "unknown" if asked.region == "XX" else asked.region
        keys = (
            holds(when.purpose, {asked.purpose}, {}),
            holds(
                when.region,
                {region, region[:2]} if region != "unknown" else {region},
                groups.region,
            ),
            holds(when.age_band, {asked.age_band}, groups.age_band),
            holds(when.consents, set(asked.consents), {}, every=True),
            holds(when.channel, {asked.channel}, {}),
            holds(when.processor, {asked.processor}, {}),
            when.gpc in (None, asked.gpc),
        )
        named = [(region, when.region), (asked.age_band, when.age_band)]
        blind = any(
            value == "unknown"
            and (choice is None or choice.none_of or "unknown" not in choice.words)
            for value, choice in named
        )
        return all(keys) and not (made.verb == "allow" and blind)

    levels = {}
    for signal in policies.signals:
        spoke = [made for made in policies.rules if signal.name in made.signals and speaks(made)]
        steps = [
            signal.ladder.index(made.level or "none") for made in spoke if made.verb != "allow"
        ]
        allowed = any(made.verb == "allow" for made in spoke)
        levels[signal.name] = signal.ladder[max(steps, default=0)] if allowed else "none"
    return levels


@settings(max_examples=150, deadline=None)
@given(RULES, CONTEXTS)
def test_the_index_decides_as_the_rules_read(rules: list[dict[str, Any]], asked: Context):
    policies = quick_set(*numbered(rules))
    assert {item.signal: item.level for item in explain(policies, asked)} == by_the_book(
        policies, asked
    )
