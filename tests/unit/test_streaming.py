"""Long texts told sentence by sentence: what leaves, when, and what never does."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from genservice.answers import Order
from genservice.briefing import Options
from genservice.canonical import canonical
from genservice.domain import Blurb, Credit, StoryElement, Title
from genservice.errors import GuardUnavailableError, ModelUnavailableError, UnavailableError
from genservice.generation import Scripted
from genservice.privacy import Screening
from genservice.telling import Closing, Replace, Sentence

if TYPE_CHECKING:
    from collections.abc import Callable

    from genservice.telling import Event
    from tests.small_service import Small

LIKED = {"mood_affinity": ["tense"]}
WEIR = Title(
    id="the-weir",
    kind="film",
    name="The Weir",
    language="en",
    year=1999,
    genres=("thriller", "drama"),
    moods=("tense",),
    logline="A lock-keeper opens the gate that took a brother.",
    credits=(Credit(name="Imre Vale", job="actor", billing=1),),
    story=(
        StoryElement(text="a lock-keeper", part="who"),
        StoryElement(text="open the gate", part="goal"),
    ),
)
FIRST, SECOND, THIRD = "A [MOOD] [GENRE].", "[LOGLINE].", "With [LEAD]: [TITLE]."
RAW = f"{FIRST} {SECOND} {THIRD}"
TOLD = [
    "A tense thriller.",
    "A lock-keeper opens the gate that took a brother.",
    "With Imre Vale: The Weir.",
]
TEXT = " ".join(TOLD)
TWIN_RAW = "[LOGLINE]. [TITLE]: a [GENRE]."
TWIN = "A lock-keeper opens the gate that took a brother. The Weir: a thriller."
BAD = "The best film ever made."


def long_order(small: Small, signals: Any = LIKED, **changes: Any) -> Order:
    options = Options(purpose=changes.pop("purpose", "promo"), length=changes.pop("length", "long"))
    given = {
        "title": small.weir,
        "options": options,
        "region": "DE",
        "age_band": "age_25_34",
        "consents": ("content_profile", "content_use"),
        "signals": signals,
    }
    return Order(**{**given, **changes})


async def heard(blurbs, order: Order) -> tuple[list[Event], Exception | None]:
    """The events of an answer, and the error that ended them."""
    events: list[Event] = []
    try:
        async for event in blurbs.stream(order):
            events.append(event)  # noqa: PERF401
    except UnavailableError as error:
        return events, error
    return events, None


def tell(small: Small, order: Order) -> list[Event]:
    events, error = small.run(heard(small.blurbs, order))
    assert error is None
    assert isinstance(events[-1], Closing)
    return events


def sentences(events: list[Event]) -> list[str]:
    return [event.text for event in events if isinstance(event, Sentence)]


def shapes(events: list[Event]) -> list[str]:
    return [type(event).__name__ for event in events]


@pytest.fixture
def small(small: Small) -> Small:
    """The small service with a title that has more to tell, in a revision of its own."""
    small.run(small.service.titles.delete(WEIR.id))
    small.run(small.service.titles.put(WEIR))
    small.weir = small.title(WEIR.id)
    return small


def personal(said: str, neutral: str = TWIN_RAW) -> Callable[..., str]:
    return lambda request, seed: said if request.must else neutral


def test_a_long_text_is_told_in_its_sentences_and_then_as_a_whole(small: Small) -> None:
    small.put_in(model=Scripted(lambda request, seed: RAW))
    events = tell(small, long_order(small))
    assert shapes(events) == ["Sentence", "Sentence", "Sentence", "Blurb", "Closing"]
    assert sentences(events) == TOLD
    assert [event.index for event in events[:3]] == [0, 1, 2]
    blurb = events[3]
    assert (blurb.text, blurb.source, blurb.angle) == (TEXT, "written", "mood_affinity")


@pytest.mark.parametrize("length", ["short", "medium"])
def test_other_texts_are_told_as_one_checked_blurb(small: Small, length: str) -> None:
    small.put_in(model=Scripted(lambda request, seed: FIRST))
    events = tell(small, long_order(small, length=length))
    assert shapes(events) == ["Blurb", "Closing"]


SCRIPTS = {
    "written": personal(RAW),
    "told of nobody": personal(BAD, RAW),
    "broken in the midst": personal(f"{FIRST} {BAD}"),
    "broken at once": personal(BAD),
    "never answering the angle": personal(TWIN_RAW),
}


@pytest.mark.parametrize("say", SCRIPTS.values(), ids=SCRIPTS)
def test_what_was_told_is_byte_for_byte_what_the_plain_answer_holds(small: Small, say) -> None:
    small.put_in(model=Scripted(say))
    events = tell(small, long_order(small, variants=2))
    small.run(small.service.titles.delete(WEIR.id))
    small.run(small.service.titles.put(WEIR))
    small.put_in(model=Scripted(say))
    title = msgspec.structs.replace(small.title(WEIR.id), revision=small.weir.revision)
    answer = small.run(small.blurbs.write(long_order(small, variants=2, title=title)))
    assert canonical([event for event in events if isinstance(event, Blurb)]) == canonical(
        answer.blurbs
    )
    assert canonical(events[-1]) == canonical(
        {"receipt": answer.receipt, "notices": answer.notices}
    )


def test_a_text_that_stands_is_told_in_the_same_events(small: Small) -> None:
    model = Scripted(lambda request, seed: RAW)
    small.put_in(model=model)
    first = tell(small, long_order(small))
    again = tell(small, long_order(small))
    assert canonical(first) == canonical(again)
    assert len(model.requests) == 1


def test_a_failed_sentence_is_written_anew_behind_what_was_released(small: Small) -> None:
    model = Scripted([f"{FIRST} {BAD} {THIRD}", BAD, f"{SECOND} {THIRD}"])
    small.put_in(model=model)
    events = tell(small, long_order(small))
    assert sentences(events) == TOLD
    assert [request.prefix for request in model.requests] == ["", FIRST, FIRST]
    assert len({request.seeds for request in model.requests}) == 3
    assert events[-1].receipt.statement.attempts == 3


def test_a_whole_that_misses_its_angle_has_its_last_sentence_written_anew(small: Small) -> None:
    model = Scripted([f"{SECOND} [TITLE].", "With [LEAD].", FIRST])
    small.put_in(model=model)
    events = tell(small, long_order(small))
    assert sentences(events) == [TOLD[1], "A tense thriller."]
    assert [request.prefix for request in model.requests] == ["", SECOND, SECOND]


def test_a_text_that_cannot_be_finished_is_replaced_by_the_twin(small: Small) -> None:
    small.put_in(model=Scripted(personal(f"{FIRST} {BAD}")))
    events = tell(small, long_order(small))
    assert shapes(events) == ["Sentence", "Replace", "Blurb", "Closing"]
    assert (events[1].index, events[1].text) == (0, TWIN)
    blurb = events[2]
    assert (blurb.text, blurb.source, blurb.reason) == (TWIN, "twin", "check_failed")
    assert not blurb.personalised


def test_tries_are_bounded_however_far_a_text_comes(small: Small) -> None:
    model = Scripted(
        lambda request, seed: f"{SECOND} {BAD}" if request.prefix else f"{FIRST} {BAD}"
    )
    small.put_in(model=model, attempts=3, reserve=Scripted(lambda request, seed: TWIN_RAW))
    tell(small, long_order(small))
    asked = [request for request in model.requests if request.must]
    assert len(asked) == 6
    assert asked[-1].prefix == f"{FIRST} {SECOND}"


def test_where_no_sentence_passed_the_twin_is_told_in_sentences(small: Small) -> None:
    small.put_in(model=Scripted(personal(BAD)))
    events = tell(small, long_order(small))
    assert shapes(events) == ["Sentence", "Sentence", "Blurb", "Closing"]
    assert " ".join(sentences(events)) == TWIN


def test_a_text_whose_wrapping_shows_only_at_its_end_is_read_as_a_whole(small: Small) -> None:
    class Wrapped(Scripted):
        """Reasons before its text, and tells of that what a server would."""

        async def write(self, request):
            await super().write(request)
            return (RAW,)

    small.put_in(model=Wrapped(personal("The task is a promo. " + RAW)))
    events = tell(small, long_order(small))
    assert sentences(events) == TOLD


class Counted:
    """A guard that fails from a given reading of a model's text on."""

    def __init__(self, guard, readings: int) -> None:
        self._guard = guard
        self._left = readings

    @property
    def revision(self) -> str:
        return self._guard.revision

    async def screen(self, texts, *, side) -> tuple[Screening, ...]:
        if side == "output":
            if self._left == 0:
                raise GuardUnavailableError("The guard cannot screen.")
            self._left -= 1
        return await self._guard.screen(texts, side=side)


@pytest.mark.parametrize("readings", [1, 2])
@pytest.mark.parametrize("stored", [False, True], ids=["nothing stored", "a twin stored"])
def test_a_guard_that_dies_in_the_midst_ends_it_with_an_error(
    small: Small, readings: int, stored: bool
) -> None:
    small.put_in(model=Scripted(personal(RAW)))
    if stored:
        small.store(WEIR.id, length="long")
    small.put_in(model=Scripted(personal(RAW)), guard=Counted(small.guard, readings))
    events, error = small.run(heard(small.blurbs, long_order(small)))
    assert isinstance(error, GuardUnavailableError)
    assert shapes(events) == ["Sentence"] * readings
    assert sentences(events) == TOLD[:readings]


def test_a_guard_that_dies_before_anything_was_told_leaves_the_stored_twin(small: Small) -> None:
    small.put_in(model=Scripted(personal(RAW)))
    small.store(WEIR.id, length="long")
    small.put_in(model=Scripted(personal(RAW)), guard=Counted(small.guard, 0))
    events = tell(small, long_order(small))
    assert shapes(events) == ["Sentence", "Sentence", "Blurb", "Closing"]
    assert events[2].text == TWIN
    assert events[2].reason == "guard_unavailable"


def test_a_plain_answer_whose_guard_dies_in_the_midst_is_the_stored_twin(small: Small) -> None:
    small.put_in(model=Scripted(personal(RAW)))
    small.store(WEIR.id, length="long")
    small.put_in(model=Scripted(personal(RAW)), guard=Counted(small.guard, 1))
    (blurb,) = small.run(small.blurbs.write(long_order(small))).blurbs
    assert (blurb.text, blurb.reason) == (TWIN, "guard_unavailable")


class Dying(Scripted):
    """Breaks off after so many words."""

    def __init__(self, say, words: int) -> None:
        super().__init__(say)
        self._words = words

    async def stream(self, request):
        words = 0
        async for word in super().stream(request):
            if words == self._words:
                raise ModelUnavailableError("The model broke off.")
            words += 1
            yield word


@pytest.mark.parametrize("words", range(7))
def test_a_model_that_dies_in_the_midst_is_stood_in_for(small: Small, words: int) -> None:
    model = Dying(lambda request, seed: RAW, words)
    small.put_in(model=model, reserve=Scripted(lambda request, seed: TWIN_RAW, revision="r 1"))
    events = tell(small, long_order(small))
    blurb = events[-2]
    assert (blurb.text, blurb.reason) == (TWIN, "model_unavailable")
    replaced = [event.text for event in events if isinstance(event, Replace)]
    if replaced:
        assert replaced == [TWIN]
        assert sentences(events) == TOLD[: len(sentences(events))]
    else:
        assert " ".join(sentences(events)) == TWIN


def test_a_model_that_dies_with_nothing_to_stand_in_for_it_is_an_error(small: Small) -> None:
    small.reserve.fail()
    small.put_in(model=Dying(lambda request, seed: RAW, 4))
    events, error = small.run(heard(small.blurbs, long_order(small)))
    assert isinstance(error, UnavailableError)
    assert shapes(events) == ["Sentence"]


class Watchful(Scripted):
    """Writes on word for word when it is told to, and notes when nobody reads any more."""

    def __init__(self, say) -> None:
        super().__init__(say)
        self.words = asyncio.Semaphore(0)
        self.begun = asyncio.Event()
        self.ended = asyncio.Event()

    def write_on(self, words: int = 100) -> None:
        for _ in range(words):
            self.words.release()

    async def stream(self, request):
        self.begun.set()
        try:
            async for word in super().stream(request):
                await self.words.acquire()
                yield word
        finally:
            self.ended.set()


async def ended_of(model: Watchful) -> None:
    """Return once the model was stopped, and fail if it is not."""
    async with asyncio.timeout(60):
        await model.ended.wait()


def test_two_who_ask_at_once_hear_one_writing(small: Small) -> None:
    model = Watchful(personal(RAW))
    small.put_in(model=model)

    async def both():
        one = small.blurbs.stream(long_order(small))
        model.write_on(4)
        first = await anext(one)
        other = small.blurbs.stream(long_order(small))
        assert await anext(other) == first
        model.write_on()
        return [first, *[event async for event in one]], [first, *[event async for event in other]]

    one, other = small.run(both())
    assert canonical(one) == canonical(other)
    assert sentences(one) == TOLD
    assert len(model.requests) == 1


def test_who_leaves_alone_stops_the_writing(small: Small) -> None:
    model = Watchful(personal(RAW))
    small.put_in(model=model)

    async def leave() -> None:
        stream = small.blurbs.stream(long_order(small))
        model.write_on(4)
        await anext(stream)
        assert small.blurbs.traffic.under_way == 1
        stream.stop()
        await ended_of(model)

    small.run(leave())
    assert small.blurbs.traffic.under_way == 0
    model.write_on()
    assert sentences(tell(small, long_order(small))) == TOLD


def test_who_leaves_others_behind_stops_nothing(small: Small) -> None:
    model = Watchful(personal(RAW))
    small.put_in(model=model)

    async def leave():
        one, other = (small.blurbs.stream(long_order(small)) for _ in range(2))
        model.write_on(4)
        await asyncio.gather(anext(one), anext(other))
        one.stop()
        with pytest.raises(asyncio.CancelledError):
            await anext(one)
        model.write_on()
        return [event async for event in other]

    assert sentences(small.run(leave())) == TOLD[1:]
    assert len(model.requests) == 1


def test_a_plain_request_that_is_cancelled_stops_its_writing_too(small: Small) -> None:
    model = Watchful(personal(RAW))
    small.put_in(model=model)

    async def leave() -> None:
        asked = asyncio.ensure_future(small.blurbs.write(long_order(small)))
        await model.begun.wait()
        asked.cancel()
        await ended_of(model)

    small.run(leave())


def test_withheld_signals_change_no_byte_of_the_events(small: Small) -> None:
    told = []
    for signals in (LIKED, {**LIKED, "gender": "f", "location": {"country": "DE", "city": "Kiel"}}):
        small.put_in(model=Scripted(personal(RAW)))
        order = long_order(small, signals, stored=False)
        told.append(canonical(tell(small, order)))
    assert told[0] == told[1]


def test_further_variants_are_told_once_they_stand(small: Small) -> None:
    texts = [RAW, f"{THIRD} {FIRST}", f"{THIRD} {BAD}"]
    small.put_in(model=Scripted([*texts, *[BAD] * 7]))
    events = tell(small, long_order(small, variants=3))
    assert shapes(events) == [*["Sentence"] * 3, "Blurb", *["Sentence"] * 2, "Blurb", "Closing"]
    assert [event.index for event in events[4:6]] == [0, 1]
    assert len(events[-1].receipt.statement.blurbs) == 2


def test_a_model_that_dies_between_variants_does_not_cost_those_that_came(small: Small) -> None:
    small.put_in(model=Scripted([RAW]))
    events = tell(small, long_order(small, variants=3))
    assert [event.source for event in events if isinstance(event, Blurb)] == ["written"]


class Spanning:
    """A guard that takes one stretch of a text for somebody's, wherever its sentences end."""

    revision = "spanning"

    def __init__(self, guard, stretch: str) -> None:
        self._guard = guard
        self._stretch = stretch

    async def screen(self, texts, *, side) -> tuple[Screening, ...]:
        found = await self._guard.screen(texts, side=side)
        if side != "output":
            return found
        (name,) = await self._guard.screen(["Call Jane Roe on +44 20 7946 0958."], side=side)
        return tuple(
            msgspec.structs.replace(one, findings=name.findings) if self._stretch in text else one
            for text, one in zip(texts, found, strict=True)
        )


def test_what_is_somebodys_only_together_with_the_sentence_before_never_leaves(
    small: Small,
) -> None:
    guard = Spanning(small.guard, "[GENRE]. [LOGLINE]")
    small.put_in(model=Scripted([RAW, SECOND, THIRD]), guard=guard)
    events = tell(small, long_order(small))
    assert sentences(events) == [TOLD[0], TOLD[2]]
    assert events[-1].receipt.statement.screened.text != {}


SECRETS = ("Jane Roe", "+44 20 7946 0958", "jane.roe@example.org", "DE89 3704 0044 0532 0130 00")


class Chopped(Scripted):
    """Gives a text out in pieces of given sizes."""

    def __init__(self, say, sizes: list[int]) -> None:
        super().__init__(say)
        self._sizes = sizes

    async def stream(self, request):
        text = "".join([piece async for piece in super().stream(request)])
        sizes = iter(self._sizes * len(text))
        while text:
            size = next(sizes)
            yield text[:size]
            text = text[size:]


@given(
    secret=st.sampled_from(SECRETS),
    at=st.integers(0, len(RAW)),
    cut=st.integers(0, 30),
    sizes=st.lists(st.integers(1, 9), min_size=1, max_size=5),
)
@example(secret="Jane Roe", at=len(RAW), cut=0, sizes=[1])
@example(secret="+44 20 7946 0958", at=len(RAW), cut=0, sizes=[1])
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_personal_data_never_leaves_wherever_it_stands_and_however_it_is_cut(
    small: Small, secret: str, at: int, cut: int, sizes: list[int]
) -> None:
    said = f"{secret[:cut]}. {secret[cut:]}" if 0 < cut < len(secret) else secret
    raw = f"{RAW[:at]} {said} {RAW[at:]}"
    small.put_in(model=Chopped(lambda request, seed: raw if request.must else TWIN_RAW, sizes))
    events = tell(small, long_order(small, stored=False))
    shown = "".join(event.text for event in events[:-1])
    assert not any(part in shown for part in secret.split() if len(part) > 3)
    # Behind the last full stop it is a sentence that never ended, and falls away with it. No sentence
    # begins with a sign: before one, the sentence that stands there never ended either.
    ended = " ".join(TOLD[:2]) if secret.startswith("+") else TEXT
    assert events[-2].text in ({TWIN} if at < len(RAW) else {TWIN, ended})


def test_a_deny_term_split_over_two_sentences_never_leaves(small: Small) -> None:
    title = msgspec.structs.replace(WEIR, minutes=117)
    first, second = "A [GENRE] from 1999.", "Set aside 117 minutes."
    model = Scripted(lambda request, seed: second if request.prefix else f"{first} {second}")
    small.put_in(model=model)
    told = [
        sentences(tell(small, long_order(small, {}, title=title, stored=False, note=note)))
        for note in ("Keep it plain.", "For booking 1999117.")
    ]
    assert told == [["A thriller from 1999.", second], ["A thriller from 1999."]]
