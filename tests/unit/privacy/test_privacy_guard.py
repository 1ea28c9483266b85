"""The guard refuses whenever it cannot vouch for a text, and never blocks or tells what it read."""

from __future__ import annotations

import asyncio
import logging
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from blockbuster import blockbuster_ctx

from genservice.errors import GuardUnavailableError, SettingsError
from genservice.privacy import SIDES, Finding, Guard, Recogniser, build_guard, guard_revision
from genservice.privacy import deny as deny_module
from genservice.privacy.screening import BATCH
from genservice.privacy.tagger import shipped_tagger
from tests.unit.privacy.engines import Answering, Hanging, Plain, Raising, Writing

SECRET = "emma of 12 Harbour Street"


def _guard(engine, **options) -> Guard:
    return Guard(engine, revision="guard@test", **{"deadline": 20.0, "workers": 1, **options})


def _finding(**changes) -> Finding:
    return Finding(**{"start": 0, "end": 4, "type": "PERSON", "score": 0.5, **changes})


@dataclass(frozen=True)
class Case:
    id: str
    engine: Callable[[], Plain]


def _next_letter(text: str) -> list[Finding]:
    at = next(index for index, letter in enumerate(text) if letter.isalpha())
    return [_finding(start=at, end=at + 1)]


BROKEN = (
    Case("raises", lambda: Raising()),
    Case("runs out of stack", lambda: Raising(error=RecursionError)),
    Case("runs out of memory", lambda: Raising(error=MemoryError)),
    Case("answers nothing iterable", lambda: Answering(answer=lambda _: None)),
    Case("answers words", lambda: Answering(answer=lambda _: ["PERSON"])),
    Case("finds beyond the text", lambda: Answering(answer=lambda t: [_finding(end=len(t) + 1)])),
    Case("finds before the text", lambda: Answering(answer=lambda _: [_finding(start=-1)])),
    Case("finds an empty span", lambda: Answering(answer=lambda _: [_finding(end=0)])),
    Case("finds a span backwards", lambda: Answering(answer=lambda _: [_finding(start=3, end=1)])),
    Case("finds a type nobody knows", lambda: Answering(answer=lambda _: [_finding(type="NICE")])),
    Case("is surer than sure", lambda: Answering(answer=lambda _: [_finding(score=float("nan"))])),
    Case("never settles", lambda: Answering(answer=_next_letter)),
    Case("replaces nothing", lambda: Writing(written=lambda text: text)),
    Case("replaces with nothing", lambda: Writing(written=lambda _: "")),
    Case("replaces with another text", lambda: Writing(written=lambda t: "x" * (len(t) + 4))),
    Case("replaces with bytes", lambda: Writing(written=lambda text: text.encode())),
)  # fmt: skip


@pytest.mark.parametrize("case", [pytest.param(case, id=case.id) for case in BROKEN])
async def test_a_broken_engine_refuses_and_tells_nothing(case: Case, caplog):
    guard = _guard(case.engine())
    with caplog.at_level(logging.DEBUG), pytest.raises(GuardUnavailableError) as caught:
        await guard.screen([SECRET], side="viewer")
    guard.close()
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
    assert "emma" not in str(caught.value)
    assert "emma" not in caplog.text


async def test_one_text_that_fails_refuses_them_all():
    guard = _guard(Answering(answer=lambda text: None if "bad" in text else ()))
    assert len(await guard.screen(["good"], side="title")) == 1
    with pytest.raises(GuardUnavailableError):
        await guard.screen(["good", "bad"], side="title")
    guard.close()


async def test_a_hang_refuses_again_and_again_and_then_recovers():
    engine = Hanging()
    guard = _guard(engine, deadline=0.05)
    with pytest.raises(GuardUnavailableError, match="deadline"):
        await guard.screen([SECRET], side="output")
    for _ in range(3):
        with pytest.raises(GuardUnavailableError, match="every thread is held"):
            await guard.screen([SECRET], side="output")
    engine.go.set()
    await asyncio.get_running_loop().run_in_executor(guard._executor, lambda: None)
    guard._deadline = 20.0
    (screening,) = await guard.screen([SECRET], side="output")
    assert screening.text == "<PERSON> of 12 Harbour Street"
    guard.close()


async def test_a_late_failure_leaves_no_trace_of_the_text(caplog):
    class LateRaising(Hanging):
        def find(self, text, side):
            self.go.wait()
            raise ValueError(text)

    engine = LateRaising()
    guard = _guard(engine, deadline=0.05)
    with caplog.at_level(logging.DEBUG):
        with pytest.raises(GuardUnavailableError):
            await guard.screen([SECRET], side="viewer")
        engine.go.set()
        await asyncio.get_running_loop().run_in_executor(guard._executor, lambda: None)
    guard.close()
    assert "emma" not in caplog.text


async def test_a_screening_nobody_waits_for_stops_at_the_next_batch():
    reading, go = threading.Event(), threading.Event()
    reads: list[int] = []

    class Slow(Plain):
        def find(self, text, side):
            reads.append(len(text))
            reading.set()
            go.wait()
            return ()

    guard = _guard(Slow(), deadline=0.05)
    with pytest.raises(GuardUnavailableError):
        await guard.screen(["word " * 20_000], side="viewer")
    go.set()
    await asyncio.get_running_loop().run_in_executor(guard._executor, lambda: None)
    guard.close()
    assert reading.is_set()
    assert sum(reads) <= BATCH


async def test_a_closed_guard_refuses_also_those_who_wait():
    engine = Hanging()
    guard = _guard(engine)
    waiting = [asyncio.create_task(guard.screen([SECRET], side="viewer")) for _ in range(2)]
    await asyncio.sleep(0)
    guard.close()
    engine.go.set()
    first, second = await asyncio.gather(*waiting, return_exceptions=True)
    assert not isinstance(first, BaseException)
    assert isinstance(second, GuardUnavailableError)
    with pytest.raises(GuardUnavailableError, match="closed"):
        await guard.screen(["anything"], side="viewer")


async def test_a_caller_who_gives_up_is_not_answered():
    engine = Hanging()
    guard = _guard(engine)
    task = asyncio.create_task(guard.screen([SECRET], side="viewer"))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    engine.go.set()
    guard.close()


async def test_one_text_instead_of_several_is_a_mistake_not_a_pass():
    guard = _guard(Plain())
    with pytest.raises(TypeError, match="letter by letter"):
        await guard.screen("emma", side="viewer")
    guard.close()


async def test_what_is_no_text_is_refused():
    guard = _guard(Plain())
    with pytest.raises(GuardUnavailableError):
        await guard.screen([None], side="viewer")  # type: ignore[list-item]
    guard.close()


async def test_screening_runs_on_the_guards_own_threads_and_blocks_no_loop(engine):
    plain = Plain()
    ours, theirs = _guard(plain), _guard(engine)
    with blockbuster_ctx("genservice"):
        await ours.screen([SECRET], side="viewer")
        (screening,) = await theirs.screen([SECRET], side="viewer")
    assert screening.text == "<PERSON> of <ADDRESS>"
    assert all(name.startswith("guard") for name in plain.threads)
    ours.close()
    theirs.close()


async def test_answers_come_in_the_order_of_the_texts(guard: Guard):
    texts = ["calm", "emma", "", "mail a@b.com"]
    screenings = await guard.screen(texts, side="viewer")
    assert [each.text for each in screenings] == ["calm", "<PERSON>", "", "mail <EMAIL_ADDRESS>"]
    assert [each.counts for each in screenings] == [{}, {"PERSON": 1}, {}, {"EMAIL_ADDRESS": 1}]
    assert await guard.screen([], side="viewer") == ()


async def test_deny_terms_are_leaks(guard: Guard):
    deny = deny_module.deny_terms(["the moth-keeper Qorvex"])
    (screening,) = await guard.screen(["a qorv3x flies to [PLACE]"], side="output", deny=deny)
    assert screening.text == "a <DENY_TERM> flies to [PLACE]"


async def test_nothing_is_looked_up_on_the_network(monkeypatch: pytest.MonkeyPatch):
    import socket

    tried: list[object] = []

    def refuse(*args: object, **_: object) -> None:
        tried.append(args)
        raise OSError("no network in tests")

    for name in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, name, refuse)
    for name in ("getaddrinfo", "create_connection", "gethostbyname"):
        monkeypatch.setattr(socket, name, refuse)
    guard = build_guard(deadline=20)
    for side in SIDES:
        (screening,) = await guard.screen(["emma@example.co.uk, https://example.com"], side=side)
        assert screening.counts == {"EMAIL_ADDRESS": 1, "URL": 1}
        assert {finding.score for finding in screening.findings} >= {1.0}
    guard.close()
    assert tried == []


async def test_presidio_logs_nothing_at_any_level(guard: Guard, caplog):
    with caplog.at_level(logging.DEBUG):
        for name in ("presidio-analyzer", "presidio-anonymizer", "decision_process", "tldextract"):
            logging.getLogger(name).setLevel(logging.DEBUG)
            logging.getLogger(name).error("Failed to validate text %s", SECRET)
        for side in SIDES:
            await guard.screen([f"{SECRET}, GB82WEST12345698765432, 4111111111111111"], side=side)
    # A service that other tests opened in this process may look at its database meanwhile.
    others = ("asyncio", "aiosqlite")
    assert [record for record in caplog.records if record.name not in others] == []


def test_presidio_may_not_give_up_before_the_guard_does(monkeypatch: pytest.MonkeyPatch):
    from presidio_analyzer import pattern_recognizer

    monkeypatch.setattr(pattern_recognizer, "REGEX_TIMEOUT_SECONDS", 1)
    with pytest.raises(SettingsError, match="REGEX_TIMEOUT_SECONDS"):
        build_guard(deadline=2)


async def test_a_recogniser_more_comes_in_beside_the_others():
    more = Recogniser(
        name="moths@1",
        types=("PERSON",),
        sides=frozenset({"viewer"}),
        find=lambda text: Plain(words=("moth",)).find(text, "viewer"),
    )
    tagger = shipped_tagger()
    guard = build_guard(also=[more], tagger=tagger, deadline=20)
    (viewer,) = await guard.screen(["a moth"], side="viewer")
    (title,) = await guard.screen(["a moth"], side="title")
    guard.close()
    assert (viewer.text, title.text) == ("a <PERSON>", "a moth")
    assert guard.revision == guard_revision(also=[more], tagger=tagger)


def test_the_revision_names_everything_that_decides():
    plain = guard_revision()
    assert plain == guard_revision()
    assert plain.startswith("guard@1 sha256:")
    tagger = Recogniser(name="tagger@1", types=(), sides=frozenset(), find=lambda _: ())
    others = {
        guard_revision(ordinary=["moth"]),
        guard_revision(allowed=["moth"]),
        guard_revision(also=[tagger]),
    }
    assert len(others | {plain}) == 4


def test_importing_the_package_imports_neither_presidio_nor_torch():
    code = (
        "import sys, genservice.privacy;"
        "print(sorted({'presidio_analyzer', 'spacy', 'torch', 'tldextract'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
