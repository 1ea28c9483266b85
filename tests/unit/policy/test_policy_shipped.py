"""What the shipped policy set promises, in every kind of context there is."""

from __future__ import annotations

import csv
import re
from itertools import product
from pathlib import Path

import msgspec
import pytest

from genservice.domain import PURPOSES, AgeBand, Context
from genservice.policy import PolicySet, decide, load, rows
from genservice.shipped import shipped

FIDESLANG = Path(__file__).parents[4] / "shared/data/fideslang/data_files/data_categories.csv"
CATEGORIES = {
    "user.account", "user.account.settings", "user.behavior", "user.behavior.browsing_history",
    "user.behavior.media_consumption", "user.behavior.purchase_history", "user.behavior.search_history",
    "user.content.private", "user.demographic.age_range", "user.demographic.gender", "user.demographic.language",
    "user.demographic.profile", "user.device", "user.location.imprecise", "user.social",
}  # fmt: skip
"""The data categories of fideslang 2 that the set uses."""

ALL = (
    "accessibility",
    "ads_profile",
    "ads_use",
    "content_profile",
    "content_use",
    "parental",
    "store",
)
CONSENTS = ((), ("content_profile", "content_use"), ALL[1:], ("accessibility",), ALL)
REGIONS = ("DE", "NO", "GB", "GB-SCT", "US", "US-CA", "BR", "JP", "XX", "unknown")
MINORS = ("under_13", "age_13", "age_14", "age_15", "age_16_17", "unknown")
BANDS = (*MINORS, "age_18_24", "age_65_plus")
PROCESSORS = ("in_process", "third_party")
SITUATION = {"device", "language_preference", "time_of_day"}
LOW = SITUATION | {"accessibility_needs"}
CONTEXTS = [
    Context(purpose=purpose, region=region, age_band=band, consents=consents, gpc=gpc, processor=processor, channel=channel)
    for purpose, region, band, consents, gpc, processor, channel in product(
        PURPOSES, REGIONS, BANDS, CONSENTS, (False, True), PROCESSORS, ("detail", "push")
    )
]  # fmt: skip
HISTORY = {
    "abandoned_titles",
    "completions",
    "promo_engagement",
    "ratings",
    "rewatches",
    "watch_history",
    "wish_list",
}


@pytest.fixture(scope="module")
def policies() -> PolicySet:
    return load(shipped("policies"))


@pytest.fixture(scope="module")
def used(policies: PolicySet) -> list[tuple[Context, dict[str, str]]]:
    """Signal -> level of what may be used, in every context."""
    return [(context, used_in(policies, context)) for context in CONTEXTS]


def used_in(policies: PolicySet, context: Context) -> dict[str, str]:
    """Signal -> level of what may be used in a context."""
    return {
        signal.name: decision.level or signal.ladder[0]
        for signal, decision in zip(policies.signals, decide(policies, context), strict=True)
        if decision.outcome != "withheld"
    }


Used = list[tuple[Context, dict[str, str]]]


def test_minors_and_the_unknown_are_shaped_by_no_profile(used: Used):
    assert all(found.keys() <= LOW for context, found in used if context.age_band in MINORS)


def test_aids_point_to_a_disability_and_so_want_a_consent_of_their_own(used: Used):
    seen = {context.consents for context, found in used if "accessibility_needs" in found}
    assert seen == {ALL, ("accessibility",)}


AGES = {
    "AT": 14, "BE": 13, "BG": 14, "CY": 14, "CZ": 15, "DE": 16, "DK": 15, "EE": 13, "ES": 16, "FI": 13, "FR": 15,
    "GB": 13, "GF": 15, "GR": 15, "HR": 16, "HU": 16, "IE": 16, "IS": 13, "IT": 14, "LI": 16, "LT": 14, "LU": 16,
    "LV": 13, "MT": 13, "NL": 16, "NO": 15, "PL": 16, "PT": 13, "RO": 16, "SE": 13, "SI": 16, "SK": 16, "US": 13,
    "US-CA": 13, "BR": 16, "JP": 16,
}  # fmt: skip
"""From when a child may agree alone: GDPR Art. 8(1) and national law, or later by our choice."""


@pytest.mark.parametrize("region", AGES)
def test_a_child_below_its_countrys_age_does_not_agree_alone(policies: PolicySet, region: str):
    def counts(band: AgeBand, *consents: str) -> bool:
        context = Context(purpose="promo", region=region, age_band=band, consents=consents)
        return used_in(policies, context).keys() >= {"accessibility_needs"}

    bands: dict[AgeBand, int] = {"under_13": 12, "age_13": 13, "age_14": 14, "age_15": 15, "age_16_17": 16}  # fmt: skip
    alone = {band for band in bands if counts(band, "accessibility")}
    assert alone == {band for band, age in bands.items() if age >= AGES[region]}
    assert all(counts(band, "accessibility", "parental") for band in bands)


def test_no_country_may_agree_at_two_ages(policies: PolicySet):
    groups = [policies.groups.region[f"consent_from_{age}"] for age in (13, 14, 15)]
    assert len({*groups[0], *groups[1], *groups[2]}) == sum(map(len, groups))


def test_parents_agree_to_nothing_but_aids(policies: PolicySet, used: Used):
    with_parents = {
        (context, name)
        for context, found in used
        if "parental" in context.consents
        for name in found
    }
    minors = {name for context, name in with_parents if context.age_band in MINORS}
    assert minors <= LOW


def test_children_get_their_language_and_aids_and_nothing_else(used: Used):
    kept = {"accessibility_needs", "language_preference"}
    assert all(found.keys() <= kept for context, found in used if context.age_band == "under_13")


def test_global_privacy_control_holds_everywhere(used: Used):
    assert all(found.keys() <= LOW for context, found in used if context.gpc)


def test_an_unknown_region_gets_the_situation_alone(used: Used):
    assert all(
        found.keys() <= SITUATION for context, found in used if context.region in ("unknown", "XX")
    )


def test_without_consent_europe_britain_and_brazil_use_no_profile(used: Used):
    markets = {"DE", "NO", "GB", "GB-SCT", "BR", "JP"}
    assert all(
        found.keys() <= SITUATION
        for context, found in used
        if context.region in markets and not context.consents
    )


def test_sensitive_signals_never_reach_a_third_party_or_a_lock_screen(
    policies: PolicySet, used: Used
):
    high = {signal.name for signal in policies.signals if signal.sensitivity == "high"}
    assert all(
        found.keys().isdisjoint(high)
        for context, found in used
        if context.processor == "third_party" or context.channel == "push"
    )


def test_in_america_no_video_history_reaches_a_third_party(used: Used):
    assert all(
        found.keys().isdisjoint(HISTORY)
        for context, found in used
        if context.processor == "third_party" and context.region.startswith("US")
    )


def test_titles_are_kept_for_a_year_at_most(policies: PolicySet):
    assert all(
        signal.keep_days <= 365 for signal in policies.signals if signal.value == "title_ids"
    )


def test_the_group_of_sensitive_signals_holds_exactly_the_high_ones(policies: PolicySet):
    high = tuple(signal.name for signal in policies.signals if signal.sensitivity == "high")
    assert policies.groups.signal["sensitive"] == high


def test_advertising_follows_genres_and_only_with_consent(used: Used):
    advertising = [(context, found) for context, found in used if context.purpose == "advertising"]
    assert all(found.keys() <= {"genre_affinity"} for _, found in advertising)
    assert all(
        {"ads_profile", "ads_use"} <= set(context.consents)
        for context, found in advertising
        if found
    )
    assert any(found for _, found in advertising)


def test_nothing_is_measured(used: Used):
    assert not any(found for context, found in used if context.purpose == "measurement")


def test_raw_values_of_histories_words_places_and_times_are_never_used(used: Used):
    raw = {"titles", "text", "city", "times", "hour", "years", "minutes"}
    assert all(raw.isdisjoint(found.values()) for _, found in used)


def test_consent_in_europe_is_what_makes_the_difference(used: Used):
    levels = {context.consents: found for context, found in used if msgspec.structs.replace(context, consents=()) ==
              Context(purpose="promo", region="DE", age_band="age_18_24")}  # fmt: skip
    assert levels[()].keys() == SITUATION
    assert levels[CONSENTS[1]].keys() >= SITUATION | (HISTORY - {"abandoned_titles"}) | {
        "followed_people",
        "search_terms",
    }


def test_gender_and_payments_are_never_used(used: Used):
    assert all({"gender", "payment_history"}.isdisjoint(found) for _, found in used)


def test_every_other_signal_is_used_somewhere(policies: PolicySet, used: Used):
    somewhere = {name for _, found in used for name in found}
    assert {signal.name for signal in policies.signals} - somewhere == {"gender", "payment_history"}


def test_every_rule_speaks_somewhere(policies: PolicySet):
    spoke = {
        rule for context in CONTEXTS for item in decide(policies, context) for rule in item.rules
    }
    assert spoke == {rule.id for rule in policies.rules}


def test_every_rule_is_exercised_by_a_test_beside_the_rules(policies: PolicySet):
    contexts = {
        msgspec.structs.replace(row.suite.contexts[row.context], purpose=row.purpose)
        for row in rows(policies)
    }
    spoke = {
        rule for context in contexts for item in decide(policies, context) for rule in item.rules
    }
    assert {rule.id for rule in policies.rules} - spoke == set()


CITED = re.compile(
    r"\b(?:Art\. \d|Recitals? \d|\d+ CFR \d|\d+ USC \d|\d+ CCR \d|Civ\. Code \d|RCW \d|purpose \d"
    r"|Lei \d|Our choice|our choice)"
)


def test_every_why_cites_its_source_or_says_that_it_is_our_choice(policies: PolicySet):
    inferences = ((placed.rule.id, placed.rule.why) for placed in policies.inferences.rules)
    whys = [*((rule.id, rule.why) for rule in policies.rules), *inferences]
    assert [id_ for id_, why in whys if not CITED.search(why)] == []


def test_every_file_says_that_it_is_no_legal_advice(policies: PolicySet):
    files = {name: text for name, text in policies.files.items() if not name.endswith("_test.yaml")}
    silent = [name for name, text in files.items() if "Not legal advice." not in _comments(text)]
    assert silent == []


def _comments(text: str) -> str:
    return " ".join(line.lstrip("# ") for line in text.splitlines() if line.startswith("#"))


def test_the_european_economic_area_has_thirty_states_and_seven_of_their_regions(
    policies: PolicySet,
):
    area = set(policies.groups.region["EEA"])
    overseas = {"AX", "GF", "GP", "MF", "MQ", "RE", "YT"}
    assert len(area - overseas) == 30
    assert area >= {"NO", "IS", "LI", "GR", "IE"} | overseas
    # Saint Barthélemy, Greenland, New Caledonia and Svalbard are no part of it.
    assert area.isdisjoint({"GB", "CH", "BL", "GL", "NC", "SJ"})


def test_consents_carry_their_tcf_purposes(policies: PolicySet):
    assert {consent.name: consent.tcf for consent in policies.consents} == {
        "accessibility": None, "parental": None, "store": 1, "ads_profile": 3, "ads_use": 4, "content_profile": 5, "content_use": 6,
    }  # fmt: skip


def test_data_categories_are_those_of_fideslang(policies: PolicySet):
    assert {signal.data for signal in policies.signals} == CATEGORIES
    if FIDESLANG.exists():
        with FIDESLANG.open(encoding="utf-8", newline="") as file:
            assert {row["fides_key"] for row in csv.DictReader(file)} >= CATEGORIES


def test_viewers_are_spoken_to(policies: PolicySet):
    assert len(policies.signals) >= 24
    for signal in policies.signals:
        assert {"you", "your"} & set(signal.label.lower().split()), signal.label


def test_people_weigh_heaviest_and_no_two_signals_tie(policies: PolicySet):
    weights = [signal.weight for signal in policies.signals if signal.answered_by]
    assert len(set(weights)) == len(weights)
    assert max(policies.signals, key=lambda signal: signal.weight).name == "followed_people"


def test_sixty_expectations_and_more_stand_beside_the_rules(policies: PolicySet):
    assert len(list(rows(policies))) >= 60
    markets = {
        name.removesuffix(".yaml") for name in policies.files if not name.endswith("_test.yaml")
    }
    tested = {
        name.removesuffix("_test.yaml") for name in policies.files if name.endswith("_test.yaml")
    }
    assert markets - tested == {"signals"}
