"""What a brief keeps back or sets aside shapes what is written, whoever writes."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec
import pytest

from genservice.answers import Order
from genservice.briefing import Options
from genservice.domain import Credit, Rating, StoryElement, Title
from genservice.generation import Description, Scripted

if TYPE_CHECKING:
    from genservice.checking import Phrase
    from genservice.domain import Answer
    from genservice.generation import Request
    from tests.small_service import Small

LIKED = {"mood_affinity": ["tense"]}
SHOWN = Title(
    id="the-weir",
    kind="film",
    name="The Weir",
    language="en",
    genres=("thriller", "drama"),
    moods=("tense",),
    themes=("grief", "revenge", "faith"),
    logline="A lock-keeper opens the gate that took a brother.",
    story=(
        StoryElement(text="a lock-keeper", part="who"),
        StoryElement(text="open the gate", part="goal"),
    ),
    ratings=(Rating(region="GB", system="BBFC", value="15", min_age=15),),
)


def ask(small: Small, say, signals, title: Title = SHOWN, **place) -> Answer:
    """What an adult who agreed is served, with a model that says `say`."""
    small.put_in(model=Scripted(say))
    order = Order(
        title=title,
        options=Options(purpose="promo", **place),
        region="DE",
        age_band="age_25_34",
        consents=("content_profile", "content_use"),
        signals=signals,
        stored=False,
    )
    return small.run(small.blurbs.write(order))


class Walker:
    """Writes by chance what the house phrases allow, as the embedded model could."""

    def __init__(self, words: frozenset[str]) -> None:
        self.words = words
        self.written: list[str] = []
        self.slots: tuple[str, ...] = ()
        self.phrases: list[Phrase] = []

    def __call__(self, request: Request, seed: int) -> str:
        assert request.grammar is not None
        self.slots = request.slots
        self.phrases = [frame.phrase for frame in request.grammar._parts[1]]
        chance = random.Random(seed)
        slots = {f"[{name}]" for name in request.slots}
        reading = request.grammar.begin(self.words | slots)
        said: list[str] = []
        while not (reading.may_end() and chance.random() < 0.5):
            choices = sorted(reading.words())
            if not choices:
                break
            said.append(chance.choice(choices))
            following = reading.after(said[-1])
            assert following is not None
            reading = following
        self.written.append(re.sub(r" (?=[.,:;?!])", "", " ".join(said)))
        return self.written[-1]


@pytest.fixture
def walker(small: Small) -> Walker:
    words = set[str]()
    for phrase in small._held.phrases.phrases:
        for word in re.findall(r"[.,:;?!]|[^\s.,:;?!]+", phrase.text):
            words |= {word, word[0].upper() + word[1:]}
    return Walker(frozenset(words))


def built_on(small: Small, theme: str) -> list[str]:
    """The words of every phrase that is said of titles with this theme alone."""
    return [
        re.sub(r"\[[A-Z_0-9]+\]", "", phrase.text).strip(" .:,")
        for phrase in small._held.phrases.phrases
        if phrase.needs.themes and set(phrase.needs.themes) & {*SHOWN.themes} == {theme}
    ]


def written(small: Small, walker: Walker, signals) -> list[str]:
    for _ in range(6):
        ask(small, walker, {**LIKED, **signals}, length="medium")
        ask(small, walker, {**LIKED, **signals}, length="long", tone="tense")
    return walker.written


def test_no_phrase_makes_a_hook_of_a_disliked_theme(small: Small, walker: Walker) -> None:
    phrases = built_on(small, "revenge")
    assert len(phrases) > 5
    texts = written(small, walker, {"disliked_themes": ["revenge"]})
    assert len(texts) >= 12
    assert not [text for text in texts for phrase in phrases if phrase in text]
    assert "[THEME_2]" not in " ".join(texts)


HOOKS = {"hook", "lead", "line", "tag", "end"}


def test_a_disliked_subject_may_be_said_and_is_no_hook(small: Small, walker: Walker) -> None:
    def hooks() -> list[str]:
        return [
            phrase.text
            for phrase in walker.phrases
            if phrase.role in HOOKS and "[THEME]" in phrase.text
        ]

    ask(small, walker, LIKED)
    assert hooks()
    ask(small, walker, {**LIKED, "disliked_themes": ["grief"]})
    assert "THEME" in walker.slots
    assert [phrase.text for phrase in walker.phrases if "about [THEME]" in phrase.text]
    assert hooks() == []


@pytest.mark.parametrize(
    ("word", "signals"),
    [("faith", LIKED), ("revenge", {**LIKED, "disliked_themes": ["revenge"]})],
    ids=["sensitive", "disliked"],
)
def test_a_text_that_says_a_word_that_was_kept_back_is_written_anew(
    small: Small, word: str, signals
) -> None:
    bad, good = f"[TITLE]: a [MOOD] [GENRE] about {word}.", "[TITLE]: a [MOOD] [GENRE]."
    answer = ask(small, [bad, bad, good, good], signals)
    assert [blurb.text for blurb in answer.blurbs] == ["The Weir: a tense thriller."]
    assert answer.receipt.statement.attempts == 2


def test_the_same_word_is_heard_where_it_is_offered(small: Small) -> None:
    (blurb,) = ask(
        small, lambda request, seed: "[TITLE]: a [MOOD] [GENRE] about revenge.", LIKED
    ).blurbs
    assert (blurb.source, blurb.text) == ("written", "The Weir: a tense thriller about revenge.")


def test_a_disliked_theme_that_the_story_tells_is_told(small: Small) -> None:
    title = msgspec.structs.replace(SHOWN, logline="A lock-keeper plans a long revenge.")
    signals = {**LIKED, "disliked_themes": ["revenge"]}
    say = "[LOGLINE]. [TITLE]: a [MOOD] [GENRE]."
    (blurb,) = ask(small, lambda request, seed: say, signals, title).blurbs
    assert blurb.source == "written"
    assert "plans a long revenge" in blurb.text


def test_a_dislike_that_shaped_the_text_stands_in_the_receipt(small: Small) -> None:
    signals = {**LIKED, "disliked_themes": ["revenge", "war"]}
    say = "[TITLE]: a [MOOD] [GENRE]."
    statement = ask(small, lambda request, seed: say, signals).receipt.statement
    assert [(item.signal, item.value) for item in statement.used] == [
        ("mood_affinity", ("tense",)),
        ("disliked_themes", ("revenge",)),
    ]
    unmet = {**LIKED, "disliked_themes": ["war"]}
    statement = ask(small, lambda request, seed: say, unmet).receipt.statement
    assert [item.signal for item in statement.used] == ["mood_affinity"]


ABOUT_THE_VIEWER = [
    "Because you watched The Weir: a [MOOD] [GENRE].",
    "[TITLE]: a [MOOD] [GENRE] for you.",
    "You like [MOOD]: here is [TITLE].",
    "For fans of the [MOOD] [GENRE]: [TITLE].",
    "[TITLE], a [MOOD] [GENRE], as you watched at 23:40.",
    "Your evening: [TITLE], a [MOOD] [GENRE].",
    "We know what is [MOOD]: [TITLE].",
    "[TITLE]: a [MOOD] [GENRE], picked for late evenings at home.",
    "More [MOOD] than the last one: [TITLE], a [GENRE].",
    "Since the last [MOOD] [GENRE] was seen: [TITLE].",
    "[TITLE]: a [MOOD] [GENRE] for whoever lives in Kiel.",
    "[TITLE]: a [MOOD] [GENRE] for women.",
]


@pytest.mark.parametrize("text", ABOUT_THE_VIEWER)
def test_no_text_speaks_of_who_reads_it(small: Small, text: str) -> None:
    (blurb,) = ask(small, lambda request, seed: text, LIKED).blurbs
    assert (blurb.source, blurb.reason) == ("twin", "check_failed")


@dataclass(frozen=True)
class Case:
    id: str
    signals: dict[str, object]
    raw: str
    text: str


FOLLOWS = [
    Case("genre", {"genre_affinity": ["drama"]}, "[TITLE]: a [GENRE_2].", "The Weir: a drama."),
    Case("mood", LIKED, "[TITLE]: a [MOOD] [GENRE].", "The Weir: a tense thriller."),
    Case("theme", {"theme_affinity": ["revenge"]}, "[TITLE]: a [GENRE] about [THEME_2].", "The Weir: a thriller about revenge."),
    Case("person", {"followed_people": ["imre-vale"]}, "[TITLE]: a [GENRE] with [LEAD].", "The Weir: a thriller with Imre Vale."),
    Case("pace", {"pace_preference": "slow_burn"}, "[TITLE]: a [PACE] [GENRE].", "The Weir: a slow-burn thriller."),
    Case("time of day", {"time_of_day": ["23:40"]}, "[TITLE]: a [GENRE] for [OCCASION].", "The Weir: a thriller for late evenings."),
    Case("tier", {"subscription_tier": "free_with_ads"}, "Included with [TIER]: [TITLE], a [GENRE].", "Included with the free plan with adverts: The Weir, a thriller."),
    Case("company", {"companions": "partner"}, "For [OCCASION]: [TITLE].", "For an evening for two: The Weir."),
]  # fmt: skip


@pytest.mark.parametrize("case", FOLLOWS, ids=lambda case: case.id)
def test_a_text_follows_its_angle_and_is_written_anew_until_it_does(
    small: Small, case: Case
) -> None:
    title = msgspec.structs.replace(
        SHOWN,
        credits=(Credit(name="Imre Vale", job="actor", billing=1),),
        genres=(*SHOWN.genres, "romance"),
        pace="slow_burn",
        tiers=("premium", "free_with_ads"),
    )
    astray = "A lock-keeper opens the gate that took a brother."
    answer = ask(small, [astray, astray, case.raw, case.raw], case.signals, title)
    (blurb,) = answer.blurbs
    assert (blurb.source, blurb.text) == ("written", case.text)
    assert answer.receipt.statement.attempts == 2
    (used,) = answer.receipt.statement.used
    assert blurb.angle == used.signal in case.signals
    assert "23:40" not in str(answer.receipt)


def test_without_a_signal_that_the_title_answers_the_twin_is_written(small: Small) -> None:
    say = "[TITLE]: a [MOOD] [GENRE]."
    twin = ask(small, lambda request, seed: say, {})
    assert [(blurb.source, blurb.personalised) for blurb in twin.blurbs] == [("twin", False)]
    for signals in (
        {"genre_affinity": ["western"]},
        {"disliked_themes": ["revenge"]},
        {"subscription_tier": "premium"},
        {"device": "tv", "language_preference": "en"},
    ):
        assert ask(small, lambda request, seed: say, signals).blurbs == twin.blurbs


def test_who_is_who_is_said_only_where_a_fact_says_so(small: Small) -> None:
    says = "[LEAD] and her [GENRE]: [TITLE], [MOOD]."
    unknown = Credit(name="Imre Vale", job="actor", billing=1)
    known = msgspec.structs.replace(unknown, pronouns="she")
    for credit, source in ((unknown, "twin"), (known, "written")):
        title = msgspec.structs.replace(SHOWN, credits=(credit,))
        (blurb,) = ask(small, lambda request, seed: says, LIKED, title).blurbs
        assert blurb.source == source


class Told(Scripted):
    """A model that says in which form it reads."""

    def __init__(self, form) -> None:
        super().__init__()
        self.description = Description(
            revision="told 1",
            family="llama",
            architecture="LlamaForCausalLM",
            kind="causal",
            parameters=1,
            dtype="float32",
            device="cpu",
            context=None,
            prompt=form,
        )


@pytest.mark.parametrize(
    ("model", "roles"),
    [
        (Told("compact"), []),
        (Told("chat"), ["system", "user"]),
        (Told("plain text"), ["system", "user"]),
        (Scripted(), ["system", "user"]),
    ],
    ids=["compact", "chat", "plain text", "not told"],
)
def test_a_model_gets_the_prompt_in_the_form_that_it_reads(small: Small, model, roles) -> None:
    small.put_in(model=model)
    small.ask("cold-quay", {"genre_affinity": ["crime"]})
    asked = model.requests[0].prompt
    assert [turn.role for turn in asked.turns] == roles
    assert asked.compact.startswith("promo ")
