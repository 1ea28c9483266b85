"""Wherever the analyser breaks, no text passes, nothing is told of it, and the guard recovers."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from genservice.errors import GuardUnavailableError
from genservice.privacy import SIDES, Finding, Guard, Recogniser, build_guard
from tests.unit.privacy.engines import BREAKS, Breakable, Hanging, Plain

SECRET = "ask quellmark of 12 Harbour Street, quellmark@example.com, 4111 1111 1111 1111"
WORDS = ("quellmark", "harbour", "4111")


@pytest.fixture(scope="module")
def tagger() -> Breakable:
    return Breakable()


@pytest.fixture(scope="module")
def guard(tagger: Breakable) -> Iterator[Guard]:
    guard = build_guard(tagger=tagger, deadline=20)
    yield guard
    guard.close()


@pytest.fixture(autouse=True)
def mended(tagger: Breakable) -> Iterator[None]:
    yield
    tagger.breaks = None


async def _refused(guard: Guard, caplog, *, side="viewer", texts=(SECRET,)) -> str:
    with caplog.at_level(logging.DEBUG), pytest.raises(GuardUnavailableError) as caught:
        await guard.screen(texts, side=side)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
    told = f"{caught.value} {caplog.text}".lower()
    assert not any(word in told for word in WORDS)
    return str(caught.value)


@pytest.mark.parametrize("how", BREAKS)
@pytest.mark.parametrize("side", ["viewer", "output"])
async def test_a_broken_tagger_refuses_and_then_recovers(
    guard: Guard, tagger: Breakable, caplog, how: str, side
):
    tagger.breaks = BREAKS[how]
    await _refused(guard, caplog, side=side)
    tagger.breaks = None
    (screening,) = await guard.screen([SECRET], side=side)
    assert not any(word in screening.text.lower() for word in ("quellmark", "4111"))


async def test_one_text_that_cannot_be_tagged_refuses_all_of_the_call(
    guard: Guard, tagger: Breakable, caplog
):
    def fail(texts: object) -> object:
        raise ValueError if any("zorvath" in text for text in texts) else tagger

    tagger.breaks = fail
    await _refused(guard, caplog, texts=("calm", "a zorvath", SECRET))


async def test_a_tagger_that_breaks_on_the_second_reading_refuses(
    guard: Guard, tagger: Breakable, caplog
):
    readings: list[object] = []

    def second(texts: object) -> object:
        readings.append(texts)
        if len(readings) > 1:
            raise ValueError(SECRET)
        return [() for _ in texts]

    tagger.breaks = second
    await _refused(guard, caplog)
    assert len(readings) == 2


async def test_hung_taggers_are_refused_at_once_when_no_thread_is_left_and_forgotten_when_they_end(
    guard: Guard, tagger: Breakable, caplog
):
    short = Guard(guard._engine, revision="guard@test", deadline=0.3, workers=2)
    tagger.go.clear()
    tagger.breaks = tagger.hang
    for _ in range(2):
        assert "deadline" in await _refused(short, caplog)
    for _ in range(50):
        assert "every thread is held" in await _refused(short, caplog)
    assert "every thread is held" in await _refused(short, caplog, side="title")
    tagger.breaks = None
    tagger.go.set()
    await asyncio.get_running_loop().run_in_executor(short._executor, lambda: None)
    short._deadline = 20.0
    (screening,) = await short.screen([SECRET], side="viewer")
    assert screening.findings
    assert short._running == {}
    short.close()


async def test_one_hung_screening_leaves_the_other_thread_working():
    engine = Hanging()
    guard = Guard(engine, revision="guard@test", deadline=0.05, workers=2)
    with pytest.raises(GuardUnavailableError, match="deadline"):
        await guard.screen(["emma"], side="viewer")
    guard._engine, guard._deadline = Plain(), 20.0
    (screening,) = await guard.screen(["emma"], side="viewer")
    assert screening.text == "<PERSON>"
    engine.go.set()
    guard.close()


async def test_an_answer_after_the_deadline_is_none_even_where_the_loop_was_held_up():
    """As when a pattern holds every thread of the process, gives up, and the rest is quick."""
    now = iter([0.0, 0.0])
    guard = Guard(Plain(), revision="guard@test", deadline=20, clock=lambda: next(now, 21.0))
    with pytest.raises(GuardUnavailableError, match="deadline"):
        await guard.screen(["emma"], side="viewer")
    guard.close()


async def test_threads_that_cannot_be_had_refuse(guard: Guard, caplog):
    class NoThreads:
        def submit(self, *_: object) -> object:
            raise RuntimeError("can't start new thread")

        def shutdown(self, **_: object) -> None: ...

    other = Guard(guard._engine, revision="guard@test")
    other._executor.shutdown()
    other._executor = NoThreads()
    assert "RuntimeError" in await _refused(other, caplog)
    other.close()


async def test_an_executor_that_was_shut_down_behind_its_back_refuses(guard: Guard, caplog):
    other = Guard(guard._engine, revision="guard@test")
    other._executor.shutdown()
    await _refused(other, caplog)


# ----- within Presidio -----


@dataclass(frozen=True)
class Broken:
    id: str
    find: Callable[[str], object]


def _raise(text: str) -> object:
    raise ValueError(text)


def _one(**changes: object) -> Callable[[str], object]:
    return lambda _: [Finding(**{"start": 0, "end": 1, "type": "PERSON", "score": 0.5, **changes})]


RECOGNISERS = (
    Broken("raises", _raise),
    Broken("answers nothing", lambda _: None),
    Broken("answers words", lambda _: ["PERSON"]),
    Broken("is surer than sure", _one(score=float("nan"))),
    Broken("is less than unsure", _one(score=-1.0)),
    Broken("finds before the text", _one(start=-1)),
    Broken("finds beyond the text", _one(end=10_000)),
    Broken("finds a span backwards", _one(start=3, end=1)),
    Broken("finds a type nobody knows", _one(type="NICE")),
)


@pytest.mark.parametrize("broken", [pytest.param(each, id=each.id) for each in RECOGNISERS])
async def test_a_broken_recogniser_refuses(broken: Broken, caplog):
    recogniser = Recogniser(
        name="broken@1", types=("PERSON",), sides=frozenset(SIDES), find=broken.find
    )
    guard = build_guard(also=[recogniser], deadline=20)
    for side in SIDES:
        await _refused(guard, caplog, side=side)
    guard.close()


async def test_a_recogniser_of_presidios_that_raises_refuses(guard: Guard, caplog, monkeypatch):
    for at in range(len(guard._engine._analysers["viewer"].registry.recognizers)):
        recogniser = guard._engine._analysers["viewer"].registry.recognizers[at]

        def fail(text: str, *_: object, **__: object) -> object:
            raise ValueError(text)

        with monkeypatch.context() as patch:
            patch.setattr(recogniser, "analyze", fail)
            await _refused(guard, caplog)


async def test_a_recogniser_that_signs_with_another_name_is_heard_all_the_same(
    guard: Guard, monkeypatch
):
    from presidio_analyzer import RecognizerResult

    (cards,) = (
        each
        for each in guard._engine._analysers["title"].registry.recognizers
        if each.name == "CreditCardRecognizer"
    )
    stray = RecognizerResult(
        "CREDIT_CARD", 0, 3, 0.9, None, {RecognizerResult.RECOGNIZER_IDENTIFIER_KEY: "somebody"}
    )
    monkeypatch.setattr(cards, "analyze", lambda *_, **__: [stray])
    (screening,) = await guard.screen(["ask 5 of them"], side="title")
    assert screening.text == "<CREDIT_CARD> 5 of them"


@pytest.mark.parametrize(
    "answer",
    [_raise, lambda text: None, lambda text: "", lambda text: text, lambda text: text + " "],
    ids=["raises", "answers nothing", "answers no text", "replaces nothing", "adds something"],
)
async def test_a_broken_anonymiser_refuses(guard: Guard, caplog, monkeypatch, answer):
    class Answer:
        def __init__(self, text: object) -> None:
            self.text = text

    monkeypatch.setattr(
        guard._engine._anonymiser, "anonymize", lambda text, *_, **__: Answer(answer(text))
    )
    await _refused(guard, caplog)


# ----- what is remembered -----


async def test_a_title_is_screened_once_and_nothing_else_is_remembered():
    class Counting(Plain):
        def __init__(self) -> None:
            super().__init__()
            self.read: list[str] = []

        def find(self, text, side):
            self.read.append(text)
            return super().find(text, side)

    engine = Counting()
    guard = Guard(engine, revision="guard@test", deadline=20, remembered=2)
    texts = ["calm", "a tale of emma", "calm"]
    first = await guard.screen(texts, side="title")
    assert [each.text for each in first] == ["calm", "a tale of <PERSON>", "calm"]
    engine.read.clear()
    assert await guard.screen(texts, side="title") == first
    assert engine.read == []
    for side in ("viewer", "output"):
        for _ in range(2):
            engine.read.clear()
            await guard.screen(["calm"], side=side)
            assert engine.read == ["calm"]
    await guard.screen(["one more", "and another"], side="title")
    engine.read.clear()
    await guard.screen(["calm"], side="title")
    assert engine.read == ["calm"]
    guard.close()


async def test_a_screening_that_failed_is_not_remembered():
    engine = Hanging()
    guard = Guard(engine, revision="guard@test", deadline=0.05)
    with pytest.raises(GuardUnavailableError):
        await guard.screen(["emma"], side="title")
    engine.go.set()
    guard._deadline = 20.0
    (screening,) = await guard.screen(["emma"], side="title")
    assert screening.text == "<PERSON>"
    guard.close()
