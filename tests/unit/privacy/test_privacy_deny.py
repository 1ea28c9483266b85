"""Words that may not come back are found however they are written, and nothing else is."""

from __future__ import annotations

import itertools
import random
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genservice.catalog import load_vocabulary
from genservice.checking import load_phrases
from genservice.first_titles import _read_shipped
from genservice.privacy import allowed_words, deny_terms, ordinary_words
from genservice.shipped import shipped
from genservice.words import words_of_phrases
from tests.disguises import DISGUISES

NOTE = (
    "For Emma Thornbury and Zoë, who adores quokkas. Rose Miller asked too, jo.lindqvist@example.com,"
    " 07700 900123, born 1988. Families, grief, <PERSON>, [PLACE]: a Slow-Burn crime drama."
)


@dataclass(frozen=True)
class Case:
    id: str
    text: str
    found: tuple[str, ...] = ()


HITS = (
    Case("as written", "Emma comes home", ("Emma",)),
    Case("small", "so emma left", ("emma",)),
    Case("shouted, with a mark", "EMMA!", ("EMMA",)),
    Case("possessive", "Emma's boat", ("Emma's",)),
    Case("handle", "@emma", ("emma",)),
    Case("with a number", "emma88", ("emma",)),
    Case("diacritics", "Émmä", ("Émmä",)),
    Case("diacritics left out", "zoe", ("zoe",)),
    Case("spaced out", "e m m a", ("e m m a",)),
    Case("dotted", "E.M.M.A", ("E.M.M.A",)),
    Case("hyphened", "em-ma", ("em-ma",)),
    Case("underscored", "_emma_ e_m_m_a", ("emma", "e_m_m_a")),
    Case("zero width", "e\u200bm\u200cm\u200da", ("e\u200bm\u200cm\u200da",)),
    Case("Cyrillic", "Еmmа", ("Еmmа",)),
    Case("Greek capitals", "ΕΜΜΑ", ("ΕΜΜΑ",)),
    Case("full width", "Ｅｍｍａ", ("Ｅｍｍａ",)),
    Case("styled", "𝐄𝐦𝐦𝐚", ("𝐄𝐦𝐦𝐚",)),
    Case("figures for letters", "3mm4", ("3mm4",)),
    Case("signs for letters", "qu0kk@$", ("qu0kk@$",)),
    Case("inside a longer word", "Thornburyesque", ("Thornbury",)),
    Case("in two pieces", "thorn bury", ("thorn bury",)),
    Case("run together", "EmmaThornbury", ("EmmaThornbury",)),
    Case("full name of ordinary words", "rose miller", ("rose miller",)),
    Case("local part", "jo.lindqvist", ("jo.lindqvist",)),
    Case("part of a local part", "L1NDQVIST", ("L1NDQVIST",)),
    Case("number, spaced otherwise", "0-7700-900123", ("0-7700-900123",)),
    Case("part of a number", "(900123)", ("900123",)),
    Case("year", "in 1988", ("1988",)),
)

MISSES = (
    Case("ordinary words of the note", "families and grief, a slow-burn crime drama"),
    Case("a short term inside another word", "dilemma, Emmental"),
    Case("a short term across words", "the memma rye"),
    Case("letters that only meet across words", "it's a thorn, bury it"),
    Case("a word that is also a name", "a rose"),
    Case("inside a longer number", "19880, 219880"),
    Case("slots and place-holders", "<PERSON> [PLACE] [EMMA]".replace("[EMMA]", "[CAST_2]")),
    Case("nothing", ""),
)


@pytest.fixture(scope="module")
def deny():
    return deny_terms([NOTE])


@pytest.mark.parametrize("case", [pytest.param(case, id=case.id) for case in (*HITS, *MISSES)])
def test_finds_exactly(case: Case, deny):
    assert tuple(case.text[start:end] for start, end in deny.spans_in(case.text)) == case.found
    assert deny.found_in(case.text) == len(case.found)


def test_a_note_never_denies_its_own_vocabulary():
    deny = deny_terms(["qorvex noir"], ordinary=frozenset({"qorvex"}))
    assert deny.words == ()


def test_nothing_entered_nothing_denied():
    deny = deny_terms([])
    assert len(deny) == 0
    assert deny.found_in("anything") == 0


def _disguised(word: str, draw: random.Random) -> str:
    signs = {"a": "4@а", "o": "0о", "e": "3е", "i": "1l", "s": "5$"}
    joint = draw.choice(["", "", "\u200b", ".", "-", " "])
    return joint.join(
        draw.choice([letter, letter.upper(), *signs.get(letter, "")]) for letter in word
    )


@given(
    word=st.text("bdgkmnrtvz", min_size=2, max_size=5).map(lambda w: f"qa{w}ox"),
    draw=st.randoms(use_true_random=False),
    before=st.sampled_from(["", "so, ", "[LEAD] ", "(", "mit\n"]),
    after=st.sampled_from(["", ".", " left", "'s boat", " [PLACE]"]),
)
def test_no_disguise_hides_a_term(word: str, draw: random.Random, before: str, after: str):
    shown = f"{before}{_disguised(word, draw)}{after}"
    assert deny_terms([f"about {word}"]).found_in(shown) >= 1


NAMES = (
    "Emma Thornbury", "Priya Raghunathan", "Oluwaseun Adeyemi", "Nguyen Thi Hoa", "Søren Kjærgaard",
    "María José Ibáñez", "Siobhán Ní Dhomhnaill", "Xóchitl Cuauhtémoc", "Dmitri Voskresensky",
    "Yuki Matsumoto", "Kwame Nkansah", "Fatima al-Zahrani", "Ngozi Okonkwo", "Zsófia Szabó",
    "Jean-Luc Bélanger", "Aoife O'Shaughnessy", "Mehmet Yıldırım", "Łukasz Wójcik", "Tane Mahuta",
    "Leilani Kealoha", "Bjørk", "Anh", "Ali", "Imre Vale",
)  # fmt: skip


@pytest.mark.parametrize("disguise", DISGUISES)
def test_a_name_of_any_culture_is_found_in_any_disguise(disguise: str) -> None:
    for name in NAMES:
        deny = deny_terms([f"For {name}, who asked."])
        for said in {name, name.split()[-1]}:
            shown = f"A tense drama for {DISGUISES[disguise](said)} tonight."
            assert deny.found_in(shown), shown


ROMANISED = (
    ("Владимир и Юлия", "Vladimir"), ("Владимир и Юлия", "Yulia"), ("Владимир и Юлия", "Wladimir"),
    ("Щербаков", "Shcherbakov"), ("Γιώργος", "Giorgos"), ("さくら", "Sakura"), ("김민수", "Kim Minsu"),
    ("Jürgen Müller", "Juergen Mueller"), ("Juergen Mueller", "Jürgen Müller"), ("Åse", "aase"),
)  # fmt: skip


@pytest.mark.parametrize(("note", "said"), ROMANISED)
def test_a_name_is_found_in_the_letters_of_another_alphabet(note: str, said: str) -> None:
    assert deny_terms([f"fuer {note}."]).found_in(f"So {said} comes home.")


NUMBERS = (
    "oh seven seven double oh nine oh oh one two three",
    "07700, then 900, and at last 123",
    "077 00 9OO 123",
    "It begins with 07700. The rest is 900123.",
    "zero seven seven zero zero nine hundred, or 900123",
    "nineteen eighty-eight",
    "l988",
    "１９８８",
    "thirty-four",
    "&#51;4",
)


@pytest.mark.parametrize("text", NUMBERS)
def test_a_number_is_found_however_it_is_said(text: str) -> None:
    deny = deny_terms(["Call 07700 900123, born 1988, aged 34."])
    assert deny.found_in(text)


def test_a_number_said_in_words_is_denied_in_figures() -> None:
    deny = deny_terms(["my code is double seven four nine, and she is thirty-four"])
    assert deny.found_in("7749")
    assert deny.found_in("7 7 4 9")
    assert deny.found_in("34 years")


def test_an_everyday_name_counts_with_a_capital_only() -> None:
    for deny in (
        deny_terms(["my daughter Rose loves it"]),
        deny_terms(["my daughter rose loves it"], personal=["rose"]),
        deny_terms(["a film for Mr Baker"], personal=["Mr Baker"]),
    ):
        assert not deny.found_in("A rose in the garden of a baker.")
    assert deny_terms(["for my daughter Rose"]).found_in("Rose comes home.")
    assert deny_terms(["something for grace please"]).found_in("Grace comes home.")
    assert not deny_terms(["this will do for summer"]).found_in("Will they? Summer is near.")
    kin = deny_terms(["for our daughter rose"], personal=["daughter rose"])
    assert kin.found_in("Rose comes home.")
    assert not kin.found_in("Daughter of a pilot.")
    assert deny_terms(["for rose"], personal=["rose"]).found_in("[PLACE], and Rose's boat.")
    assert deny_terms(["for Mr Baker"], personal=["Mr Baker"]).found_in("Baker comes home.")


def test_a_name_hidden_in_the_note_itself_is_denied() -> None:
    for hidden in (
        "z u z a n n a",
        "Z.u.z.a.n.n.a",
        "zuz&#97;nna",
        "Zuz\u200banna",
        "ℤ𝕦𝕫𝕒𝕟𝕟𝕒",
        "2u24nn4",
    ):
        assert deny_terms([f"it is for {hidden}"]).found_in("Zuzanna comes home."), hidden


NOT_TOLD_APART = (
    Case("a verb before a common noun", "When I man the boat"),
    Case("a clitic and a word", "[LEAD]'s ally"),
    Case("words of a sentence", "a rose, a mill and errors"),
    Case("a name inside a word of its own", "Marathons and dilemmas"),
)


@pytest.mark.parametrize("case", NOT_TOLD_APART, ids=lambda case: case.id)
def test_words_that_any_text_may_hold_are_not_taken_for_a_name(case: Case) -> None:
    deny = deny_terms(["For Iman, Sally, Mara, Emma and Rose Miller."])
    assert deny.spans_in(case.text) == ()


STYLE = (
    "Keep it short and dry", "Make it warm, please", "Lead with the mood", "Open on the place, not the plot",
    "Start with the house by the sea", "More tension, fewer adjectives", "Please avoid clichés",
    "Don't mention the ending", "A bit punchier", "Something wry", "Think back-of-the-paperback copy",
    "Understated; no hype", "Lean into the small-town setting", "Keep under 90 characters",
    "End on a question mark? No, never", "Not too cosy", "Mention the lighthouse", "Snappier!!", "TONE: deadpan",
    "no spoilers pls", "It should feel like a campfire tale", "Whimsical, not zany", "Two sentences max",
)  # fmt: skip
AUDIENCE = (
    "families on a Sunday", "fans of slow-burn crime", "people who loved the eighties", "night owls",
    "students with an hour to kill", "viewers who come for the cast", "teenagers and their parents",
    "readers of detective novels", "people new to subtitles", "couples planning a night in",
    "commuters on the train", "grandparents babysitting", "sports fans in the off season", "cat people",
)  # fmt: skip
REASON = (
    "this goes on the home row", "it is for the newsletter", "we run it over Easter", "it follows the news at ten",
    "it's our Halloween slot", "the poster is blue", "it launches on Friday", "the 1980s are in fashion",
    "it's part of the World Cup weekend", "the Christmas schedule is full of it", "it is the 20th this year",
)  # fmt: skip
ORDINARY_NOTES = tuple(
    f"{style}. For {audience}; {reason}."
    for at, style in enumerate(STYLE)
    for audience, reason in zip(AUDIENCE, (*REASON[at % 11 :], *REASON), strict=False)
)


@pytest.fixture(scope="module")
def said() -> frozenset[str]:
    vocabulary = load_vocabulary(shipped("catalogue"))
    phrases = load_phrases(shipped("prompts") / "phrases.yaml")
    return ordinary_words() | allowed_words(vocabulary) | words_of_phrases(phrases)


def test_what_an_ordinary_note_holds_is_in_no_house_phrase_and_no_text_of_the_catalogue(
    said,
) -> None:
    vocabulary = load_vocabulary(shipped("catalogue"))
    texts = [phrase.text for phrase in load_phrases(shipped("prompts") / "phrases.yaml").phrases]
    for _, reading in _read_shipped(shipped("catalogue"), vocabulary):
        for title in reading.titles:
            texts += [text for text in (title.logline, title.description) if text]
            texts += [element.text for element in title.story]
            texts += [text.text for text in title.texts]
    assert len(ORDINARY_NOTES) > 300
    assert len(texts) > 2000
    # Terms of one note never join with another's, so all of them may be looked for at once.
    deny = deny_terms(ORDINARY_NOTES, ordinary=said)
    assert [text for text in texts if deny.found_in(text)] == []


@given(words=st.data())
def test_a_note_of_ordinary_words_denies_nothing(said, words) -> None:
    listed = st.sampled_from(sorted(word for word in said if word.isalpha()))
    note = " ".join(words.draw(st.lists(listed, max_size=40)))
    deny = deny_terms([note], ordinary=said)
    assert (deny.words, deny.numbers) == ((), ())


@given(st.text(max_size=80), st.text(max_size=80))
def test_any_text_can_be_read_for_any_note(note: str, text: str) -> None:
    spans = deny_terms([note]).spans_in(text)
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert all(one[1] <= other[0] for one, other in itertools.pairwise(spans))


@given(st.sampled_from(NAMES), st.sampled_from(sorted(DISGUISES)), st.text(max_size=40))
def test_what_was_found_is_found_no_more_once_it_is_gone(
    name: str, disguise: str, around: str
) -> None:
    deny = deny_terms([f"For {name}."])
    text = f"{around} {DISGUISES[disguise](name)} tonight"
    spans = deny.spans_in(text)
    for start, end in reversed(spans):
        text = f"{text[:start]} / {text[end:]}"
    assert name.lower() not in text.lower()
