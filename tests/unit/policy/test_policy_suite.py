from __future__ import annotations

from genservice.policy import from_files, rows, run
from genservice.policy.values import InventedTitle
from tests.unit.policy.making import SHAPES, WORDS

TITLES = {
    "cold-quay": InventedTitle(genres=("crime",)),
    "the-ferryman": InventedTitle(genres=("crime",)),
}
TEST = SHAPES["promo_test.yaml"]


def failures(tests: str, **changed: str) -> list[str]:
    policies = from_files({**SHAPES, "promo_test.yaml": tests, **changed})
    return [str(failure) for failure in run(policies, words=WORDS, titles=TITLES).failures]


def test_the_example_of_shapes_passes():
    results = run(from_files(SHAPES), words=WORDS, titles=TITLES)
    assert results.failures == ()
    assert results.rows == 3


def test_titles_may_be_made_up_in_the_file():
    made_up = TEST + "titles: {cold-quay: {genres: [noir]}}\n"
    assert (
        failures(
            made_up.replace(
                "brief: {watch_history: [crime]}", "brief: {watch_history: [noir, crime]}"
            )
        )
        == []
    )


def test_another_level_is_shown_as_a_difference_with_its_reason():
    assert failures(
        TEST.replace(
            "expect: {watch_history: genres}", "expect: {watch_history: titles, location: country}"
        )
    ) == [
        f"promo_test.yaml:6:5: genres with consent [consented, {purpose}]\n"
        "  - location: country\n"
        "  + location: withheld  (because no rule ever allows it)\n"
        "  - watch_history: titles\n"
        "  + watch_history: genres  (because history-with-consent, promo.yaml:2, says allow and history-as-genres, promo.yaml:7, says coarsen to genres)"
        for purpose in ("promo", "synopsis")
    ]


def test_what_is_not_listed_is_expected_withheld():
    (failure, *_) = failures(TEST.replace("expect: {watch_history: genres}", "expect: {}"))
    assert "- watch_history: withheld\n  + watch_history: genres" in failure


def test_none_may_be_said_out_loud():
    assert (
        failures(TEST.replace("expect: {}", "expect: {watch_history: none, location: none}")) == []
    )


def test_another_coarse_value_is_shown_as_a_difference():
    (failure, *_) = failures(TEST.replace("[crime]", "[noir]"))
    assert failure.splitlines()[1:] == [
        '  - brief watch_history: ["noir"]',
        '  + brief watch_history: ["crime"]',
    ]


def test_a_title_nobody_knows_is_named():
    (failure, *_) = failures(TEST.replace("[cold-quay, the-ferryman]", "[hot-quay]"))
    assert (
        failure.splitlines()[2]
        == "  + brief watch_history: nothing  (no such title: hot-quay; make it up under `titles`)"
    )


def test_a_value_of_the_wrong_shape_fails_its_test():
    (failure, *_) = failures(TEST.replace("[cold-quay, the-ferryman]", "cold-quay"))
    assert failure.splitlines()[1:] == [
        '  - brief watch_history: ["crime"]',
        "  + brief watch_history: nothing  (the audience's value is wrong: expected a list of at most 500 title ids)",
    ]


def test_nothing_can_be_expected_of_a_withheld_value():
    assert (
        failures(
            TEST.replace(
                "brief: {watch_history: [crime]}", "brief: {watch_history: [crime], location: null}"
            )
        )
        == []
    )
    (failure, *_) = failures(
        TEST.replace("brief: {watch_history: [crime]}", "brief: {location: {country: DE}}")
    )
    assert failure.splitlines()[1:] == [
        '  - brief location: {"country":"DE"}',
        "  + brief location: nothing",
    ]


def test_a_rule_taken_out_fails_the_test_beside_it():
    promo = SHAPES["promo.yaml"].replace(
        "decision: {coarsen: genres}", "decision: {coarsen: titles}"
    )
    assert len(failures(TEST, **{"promo.yaml": promo})) == 2


def test_what_no_rule_allows_here_is_told_with_the_allow_that_came_nearest():
    (failure,) = failures(TEST.replace("expect: {}", "expect: {watch_history: genres}"))
    assert failure.splitlines()[1:] == [
        "  - watch_history: genres",
        "  + watch_history: withheld  (because no rule allows it here: history-with-consent, promo.yaml:2, needs the consents content_profile and content_use)",
    ]


VARIED = """
contexts:
  consented: {region: DE, age_band: age_25_34, consents: [content_profile, content_use]}
expectations:
  agreed: {watch_history: genres}
tests:
  - name: wherever they agreed
    contexts: [consented]
    vary: {region: [EEA], age_band: [adult], channel: [tile, push]}
    purposes: [promo]
    expect: agreed
  - name: not if any consent is missing, or objected
    contexts: [consented]
    vary: {consents: [[], [content_use], [content_profile]], gpc: [true, false]}
    purposes: [promo, synopsis]
    expect: {}
  - name: as agreed, but not for advertising
    contexts: [consented]
    purposes: [advertising]
    expect: [agreed, {watch_history: none}]
"""


def test_a_varied_key_is_tried_with_each_of_its_values_and_each_of_the_other_keys():
    policies = from_files({**SHAPES, "promo_test.yaml": VARIED})
    cases = [row.case for row in rows(policies)]
    regions, bands = len(policies.groups.region["EEA"]), len(policies.groups.age_band["adult"])
    assert len(cases) == len(set(cases)) == regions * bands * 2 + 3 * 2 * 2 + 1
    assert "consented, promo, DE, age_18_24, push" in cases
    assert "consented, synopsis, content_use, no gpc" in cases
    assert "consented, promo, no consent, gpc" in cases
    assert failures(VARIED) == []


def test_a_group_is_varied_in_the_order_people_read_it_in():
    policies = from_files({**SHAPES, "promo_test.yaml": VARIED})
    bands = list(dict.fromkeys(row.asked.age_band for row in rows(policies)))
    assert bands == ["age_18_24", "age_25_34", "age_35_49", "age_50_64", "age_65_plus"]


def test_of_a_list_of_expectations_what_stands_later_counts():
    broken = VARIED.replace("[agreed, {watch_history: none}]", "[{watch_history: none}, agreed]")
    (failure,) = failures(broken)
    assert "as agreed, but not for advertising [consented, advertising]" in failure


def test_what_an_unvaried_key_says_stays_as_it_is_in_the_context():
    policies = from_files({**SHAPES, "promo_test.yaml": VARIED})
    for row in rows(policies):
        if row.test.name == "wherever they agreed":
            assert row.asked.consents == ("content_profile", "content_use")
            assert not row.asked.gpc


def test_tests_are_chosen_by_text_in_whatever_case():
    policies = from_files({**SHAPES, "promo_test.yaml": VARIED})
    assert run(policies, words=WORDS, titles=TITLES, named="NOT FOR ADV").rows == 1
    assert run(policies, words=WORDS, titles=TITLES, named="no gpc").rows == 6
    assert run(policies, words=WORDS, titles=TITLES, named="nothing of the kind").rows == 0


def test_stopping_at_the_first_failure_tries_nothing_behind_it():
    policies = from_files(
        {**SHAPES, "promo_test.yaml": VARIED.replace("expect: agreed", "expect: {}")}
    )
    results = run(policies, words=WORDS, titles=TITLES, fail_fast=True)
    assert (results.rows, len(results.failures)) == (1, 1)
