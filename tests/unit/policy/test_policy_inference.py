"""Inference files in a policy set: read, refused, added to, and part of its version."""

from __future__ import annotations

import pytest

from genservice.errors import PolicyError
from genservice.policy import barring, from_files, load, run
from genservice.policy.demands import require_tests, require_words
from genservice.shipped import shipped
from tests.unit.policy.making import SHAPES, SIGNALS, WORDS

RULES = """
inferences:
  - id: religion
    why: What you believe is yours to tell (GDPR Art. 9(1)).
    who: [believer]
    being: [devout]
    words: {themes: [faith]}
lists: {adverb: [very]}
parts: {someone: ["{who}"]}
frames: ["you are ({adverb*}) {being}", "^ dear {someone}"]
"""
TESTS = """
forbidden: {religion: ["You are very devout."]}
permitted: ["A devout nun."]
"""


def made(inferring: str = RULES, **files: str):
    named = {f"{name}.yaml": text for name, text in files.items()}
    return from_files({"signals.yaml": SIGNALS, "inference.yaml": inferring, **named})


def problems(inferring: str = RULES, **files: str) -> list[str]:
    with pytest.raises(PolicyError) as caught:
        made(inferring, **files)
    return [str(problem) for problem in caught.value.problems]


def ids(policies, text: str) -> list[str]:
    return [hit.rule.id for hit in policies.inferences.reads.find(text)]


def test_rules_are_read_with_their_reasons_and_places() -> None:
    policies = made()
    (placed,) = policies.inferences.rules
    assert (placed.rule.id, str(placed.place)) == ("religion", "inference.yaml:3:5")
    assert placed.rule.why.startswith("What you believe")
    assert ids(policies, "You are very devout.") == ["religion"]
    assert policies.inferences.reads.barred == {"faith"}


WRONG = {
    "religion": (
        RULES.replace("being:", "bieng:"),
        ["inference.yaml:6:5: unknown key 'bieng' (did you mean 'being'?)"],
    ),
    "list": (
        RULES.replace("{adverb*}", "{advrb*}"),
        ["inference.yaml:10:10: no such list: 'advrb' (did you mean 'adverb'?)"],
    ),
    "expression": (
        RULES.replace("you are", "you .+"),
        [
            "inference.yaml:10:10: not a frame: neither a word nor a mark that frames know "
            "(words, {lists}, this|that, (what may be missing), _, ..., a comma, and ^ $ ? at the ends)"
        ],
    ),
    "trait": (
        RULES.replace(" {being}", " here"),
        [
            "inference.yaml:10:10: a frame that names no trait forbids nothing "
            "(name one of {who}, {being}, {state}, {having}, {doing}, {topic})"
        ],
    ),
    "entry": (
        RULES.replace("[believer]", "[believer*]"),
        ["inference.yaml:5:11: an entry is words, and 'believer*' has other marks"],
    ),
    "name": (
        RULES.replace("lists: {adverb:", "lists: {being: [x], adverb:"),
        ["inference.yaml:8:9: 'being' means something already"],
    ),
    "nothing": (
        "inferences: [{id: x, why: Because.}]\n",
        ["inference.yaml:1:14: this rule forbids nothing (give it traits, said or words)"],
    ),
    "several": (
        RULES.replace("    why: What you believe is yours to tell (GDPR Art. 9(1)).\n", "").replace(
            "themes:", "theme:"
        ),
        [
            "inference.yaml:3:5: an inference rule needs 'why'",
            "inference.yaml:6:13: unknown key 'theme' (did you mean 'themes'?)",
        ],
    ),
}  # fmt: skip


@pytest.mark.parametrize("wrong", WRONG)
def test_what_is_wrong_is_named_at_its_place_all_at_once(wrong: str) -> None:
    rules, expected = WRONG[wrong]
    assert problems(rules) == expected


def test_an_id_and_a_sentence_that_name_a_wrong_rule_are_refused() -> None:
    own = RULES.partition("lists:")[0]
    assert problems(own=own) == [
        "own.yaml:3:5: the id 'religion' is taken by the rule at inference.yaml:3:5 "
        "(give one of them another id)"
    ]
    assert problems(inference_test=TESTS.replace("{religion", "{relgion")) == [
        "inference_test.yaml:2:23: not an inference rule: 'relgion' (did you mean 'religion'?)"
    ]


def test_a_word_that_the_vocabulary_lacks_is_refused_where_it_is_known() -> None:
    require_words(made(), WORDS)
    with pytest.raises(
        PolicyError, match=r"inference\.yaml:7:22: not a word of the vocabulary's themes: 'fath'"
    ):
        require_words(made(RULES.replace("themes: [faith]", "themes: [fath]")), WORDS)


def test_another_file_adds_rules_that_use_the_shipped_frames() -> None:
    own = "inferences: [{id: sailors, why: Our choice., being: [seasick]}]\nlists: {adverb: [often]}\n"
    policies = made(own=own)
    assert ids(policies, "You are often seasick.") == ["sailors"]
    assert ids(policies, "You are often devout.") == ["religion"]
    assert policies.version != made().version


def test_no_file_that_is_added_takes_anything_away() -> None:
    shipped_set = load(shipped("policies"))
    own = """
inferences:
  - id: nobody
    why: Our choice.
    being: [seasick]
    permitted: ["you ... {being}", "your ... {having}", "as a ... {who}"]
"""
    more = from_files({**shipped_set.files, "own.yaml": own})
    for tried in shipped_set.sentences:
        if tried.rule is not None:
            assert tried.rule in ids(more, tried.text), tried.text
    assert more.inferences.reads.barred >= shipped_set.inferences.reads.barred


EDITS = {
    "a word fewer": ("[believer]", "[parishioner]"),
    "a frame": ("you are (", "you look ("),
    "a list": ("[very]", "[quite]"),
    "a reason": ("yours to tell", "your own"),
    "a barred word": ("words: {themes: [faith]}", "words: {themes: [grief]}"),
}


@pytest.mark.parametrize("edit", EDITS)
def test_every_edit_of_what_the_rules_say_changes_the_version_and_the_key(edit: str) -> None:
    before, after = made(), made(RULES.replace(*EDITS[edit]))
    assert before.version != after.version
    assert before.inferences.reads.revision != after.inferences.reads.revision


def test_comments_sentences_and_the_names_of_files_do_not() -> None:
    same = from_files(
        {"signals.yaml": SIGNALS, "z.yaml": f"# A note.\n{RULES}", "z_test.yaml": TESTS}
    )
    assert same.version == made().version


def test_a_set_without_inference_rules_keeps_the_version_it_had() -> None:
    assert from_files(SHAPES).inferences.rules == ()


def test_sentences_are_tried_by_the_sets_own_tests() -> None:
    assert run(made(inference_test=TESTS), words=WORDS).wrong == ()
    loose = made(RULES.replace("[devout]", "[pious]"), inference_test=TESTS)
    (wrong,) = run(loose, words=WORDS).wrong
    assert str(wrong) == (
        "inference_test.yaml:2:24: 'You are very devout.'\n  - religion\n  + permitted"
    )
    with pytest.raises(PolicyError, match="You are very devout"):
        require_tests(loose, words=WORDS, titles={})


def test_barred_words_are_no_reason_and_titles_that_carry_one_are_left_out() -> None:
    history = """
contexts: {all: {region: DE, age_band: age_25_34, consents: [content_profile]}}
titles: {nun: {genres: [noir], themes: [grief]}, quay: {genres: [crime]}, wake: {genres: [drama], alerts: [suicide]}}
audiences: {fan: {watch_history: [nun, quay, wake]}}
tests: [{name: t, contexts: [all], purposes: [promo], audience: fan, expect: {watch_history: genres}, brief: {watch_history: %s}}]
"""
    allow = "rules: [{id: a, why: Because., signals: [watch_history], decision: allow}, {id: g, why: Because., signals: [watch_history], decision: {coarsen: genres}}]"
    barred = RULES.replace("themes: [faith]", "themes: [grief], alerts: [suicide]")
    words = WORDS.__class__(
        families=WORDS.families,
        sensitive=WORDS.sensitive,
        alerts=frozenset({"suicide"}),
        read=WORDS.read,
    )
    for rules, genres in ((RULES, "[crime, drama, noir]"), (barred, "[crime]")):
        policies = made(rules, rules=allow, promo_test=history % genres)
        assert run(policies, words=words).wrong == ()
    assert barring(words, made(barred)).sensitive == {"faith", "grief", "suicide"}


def test_every_word_that_the_catalogue_marks_sensitive_has_a_rule_that_says_why() -> None:
    from genservice.briefing.angles import sensitive_words
    from genservice.catalog import load_vocabulary

    marked = sensitive_words(load_vocabulary(shipped("catalogue")))
    assert marked <= load(shipped("policies")).inferences.reads.barred
