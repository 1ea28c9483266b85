"""The language of frames, and texts read by rules written in it."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genservice.inference import (
    CLASSES,
    NO_INFERENCES,
    FrameError,
    Grammar,
    InferenceRule,
    Inferences,
    parse_frame,
)
from genservice.policy import load
from genservice.shipped import shipped

SHIPPED = load(shipped("policies"))
READS = SHIPPED.inferences.reads
GRAMMAR = Grammar(
    lists={"adverb": ("very", "a bit")},
    parts={"someone": ("_ {who}", "{being} people")},
    frames=("you are ({adverb*}) {being}", "as a {who} , you", "^ dear {someone}", "^ {being} ?"),
)


def rule(id_: str = "faith", **changes) -> InferenceRule:
    plain = {
        "why": "Because.",
        "traits": {"who": ("believer",), "being": ("devout", "god-fearing")},
        "words": {},
    }
    return InferenceRule(id=id_, **{**plain, **changes})


def found(text: str, *rules: InferenceRule, grammar: Grammar = GRAMMAR) -> list[str]:
    hits = Inferences(rules or (rule(),), grammar).find(text)
    return [text[hit.start : hit.end] for hit in hits]


@dataclass(frozen=True)
class Case:
    id: str
    text: str
    hits: tuple[str, ...]


CASES = (
    Case("a frame and a word", "You are devout.", ("You are devout",)),
    Case("entries of a list between", "You are very, very devout.", ("You are very, very devout",)),
    Case("an entry of two words", "You are a bit devout.", ("You are a bit devout",)),
    Case("a contraction", "You\u2019re devout.", ("You\u2019re devout",)),
    Case("a hyphen or none", "You are God fearing.", ("You are God fearing",)),
    Case("no frame, no hit", "Devout people gather.", ()),
    Case("a sentence ends a frame", "There you are. Devout people gather.", ()),
    Case("so does a colon", "There you are: devout people gather.", ()),
    Case("a comma that is asked for", "As a believer, you know.", ("As a believer, you",)),
    Case("and is not there", "As a believer you know.", ()),
    Case("a plural", "Dear believers, watch.", ("Dear believers",)),
    Case("a word of description", "Dear old believers, watch.", ("Dear old believers",)),
    Case("no word that begins another phrase", "Dear to believers.", ()),
    Case("another way of a part", "Dear devout people, watch.", ("Dear devout people",)),
    Case("a beginning only where a clause begins", "My dear believers.", ()),
    Case("a question", "Devout? Watch.", ("Devout",)),
    Case("and no question", "Devout. Watch.", ()),
    Case("twice at two places", "You are devout. You are devout.", ("You are devout",) * 2),
)  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_a_text_is_read_by_frames_and_words(case: Case) -> None:
    assert tuple(found(case.text)) == case.hits


def test_a_hit_names_the_rule_whose_word_was_said_of_the_viewer() -> None:
    ill = rule("health", traits={"being": ("ill",)})
    hits = Inferences((rule(), ill), GRAMMAR).find("You are ill. You are devout.")
    assert [hit.rule.id for hit in hits] == ["health", "faith"]


def test_what_a_rule_permits_is_spared_for_that_rule_alone() -> None:
    sick = rule("health", traits={"being": ("sick",)}, permitted=("sick of",))
    other = rule("mood", traits={"being": ("sick",)})
    text = "You are sick of the sea."
    assert found(text, sick) == []
    assert found("You are sick at sea.", sick) != []
    assert [hit.rule.id for hit in Inferences((sick, other), GRAMMAR).find(text)] == ["mood"]


def test_words_that_are_part_of_a_name_say_nothing_of_anybody() -> None:
    text = "You are Devout tells of a nun."
    assert found(text) != []
    assert Inferences((rule(),), GRAMMAR).find(text, [(0, 14)]) == ()
    assert found("You are [TITLE].") == []


def test_without_rules_nothing_is_found() -> None:
    assert NO_INFERENCES.find("You are devout.") == ()
    assert NO_INFERENCES.barred == frozenset()


WRONG = {
    "": "everything in it may be missing",
    "({adverb*})": "everything in it may be missing",
    "(very) {being}": "it begins with a part, or with what may be missing",
    "{someone} will": "it begins with a part, or with what may be missing",
    "you are ((very) {being}": "a bracket inside a bracket",
    "you are (very {being}": "a bracket that is not closed",
    "you are very) {being}": "a bracket that holds nothing, or was not opened",
    "you are () {being}": "a bracket that holds nothing, or was not opened",
    "you are .* {being}": "neither a word nor a mark that frames know",
    "you [a-z]+ {being}": "neither a word nor a mark that frames know",
    "you are {bieng}": "no such list: 'bieng'",
    "you are {adverb*}|{being}": "a * beside other choices",
    "you $ are {being}": "$ stands before other words",
    "you " * 17: "it has more than 16 pieces",
}


@pytest.mark.parametrize("text", WRONG)
def test_what_is_no_frame_is_refused_with_a_reason(text: str) -> None:
    with pytest.raises(FrameError, match=WRONG[text].replace("$", r"\$").replace("*", r"\*")):
        parse_frame(text, {*CLASSES, "adverb"}, {"someone"})


@given(st.text(max_size=200))
def test_any_text_is_read_and_every_hit_lies_in_it(text: str) -> None:
    for hit in READS.find(text):
        assert 0 <= hit.start < hit.end <= len(text)


@given(
    st.lists(
        st.sampled_from(
            [
                "you",
                "are",
                "a",
                "the",
                "very",
                "lonely",
                "gay",
                "your",
                "faith",
                ",",
                ".",
                "?",
                "and",
                "for",
                "as",
            ]
        ),
        max_size=60,
    )
)
def test_no_row_of_the_frames_own_words_makes_reading_run_away(words: list[str]) -> None:
    calls = 0
    text = " ".join(words)
    for hit in READS.find(text):
        calls += 1
        assert hit.rule in READS.rules
    assert calls <= len(words) * len(READS.rules)


FORBIDDEN = [tried for tried in SHIPPED.sentences if tried.rule is not None]
PERMITTED = [tried for tried in SHIPPED.sentences if tried.rule is None]


def test_many_sentences_of_both_sides_are_tried() -> None:
    assert len(FORBIDDEN) >= 140
    assert len(PERMITTED) >= 140
    assert {tried.rule for tried in FORBIDDEN} == {rule.id for rule in READS.rules}


@given(st.sampled_from(FORBIDDEN), st.data())
def test_a_forbidden_sentence_is_found_in_any_dress(tried, data) -> None:
    text = tried.text
    dress = data.draw(
        st.sampled_from(
            [
                str.upper,
                str.lower,
                lambda t: t.replace("'", "\u2019"),
                lambda t: t.replace(" ", "  "),
                lambda t: t.replace(" ", "\u00a0"),
                lambda t: t.replace("e", "e\u0301"),
                lambda t: "\u200b".join(t[at : at + 3] for at in range(0, len(t), 3)).replace("\u200b ", " ").replace(" \u200b", " "),
                lambda t: f"A tense film. {t} See it.",
                lambda t: f"\u201c{t}\u201d",
                lambda t: "".join(chr(ord(c) + 0xFEE0) if c.isascii() and c.isalpha() else c for c in t),
            ]
        )
    )  # fmt: skip
    assert tried.rule in {hit.rule.id for hit in READS.find(dress(text))}


@given(st.lists(st.sampled_from(PERMITTED), min_size=1, max_size=4))
def test_stories_told_in_a_row_stay_permitted(told) -> None:
    assert READS.find(" ".join(tried.text for tried in told)) == ()
