from __future__ import annotations

from genservice.policy import from_files, run
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
        "  + location: withheld  (No rule allows it here, and what no rule allows is withheld.)\n"
        "  - watch_history: titles\n"
        "  + watch_history: genres  (Used as genres, by history-as-genres.)"
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
    assert (
        failure.splitlines()[1]
        == "  ! watch_history: the audience's value is wrong: expected a list of at most 500 title ids"
    )


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
