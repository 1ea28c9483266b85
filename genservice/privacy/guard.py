"""The guard: Presidio and what surrounds it, behind one call that refuses when anything fails."""

from __future__ import annotations

import asyncio
import hashlib
import threading
from concurrent.futures import ThreadPoolExecutor
from importlib import metadata, resources
from typing import TYPE_CHECKING

import msgspec

from genservice.canonical import digest
from genservice.errors import GuardUnavailableError
from genservice.privacy.lexicon import load_lexicon
from genservice.privacy.persons import names_in_output, names_in_viewer_text
from genservice.privacy.rules import structured
from genservice.privacy.screening import Engine, screen
from genservice.privacy.values import Recogniser, Screening, Side

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from genservice.privacy.deny import DenyTerms

VERSION = 1
DEADLINE = 2.0
"""Seconds a call may take, waiting included."""
WORKERS = 2

_LIBRARIES = ("presidio-analyzer", "presidio-anonymizer", "phonenumbers", "tldextract")


class Guard:
    """Finds and removes personal data, or refuses.

    Screening runs on threads of the guard's own. One that hangs keeps its thread until it ends; calls
    that find no thread in time are refused, never passed.

    Args:
        engine: What finds and replaces.
        revision: Names the recognisers and rules, for cache keys.
        deadline: Seconds a call may take, waiting included.
        workers: Threads.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        revision: str,
        deadline: float = DEADLINE,
        workers: int = WORKERS,
    ) -> None:
        self.revision = revision
        self._engine = engine
        self._deadline = deadline
        self._executor = ThreadPoolExecutor(workers, thread_name_prefix="guard")
        self._closed = False

    async def screen(
        self, texts: Sequence[str], *, side: Side, deny: DenyTerms | None = None
    ) -> tuple[Screening, ...]:
        """One screening per text, in order, without blocking the event loop.

        Args:
            texts: Any Unicode, lone surrogates and NUL included; each read on its own.
            side: Where they come from; see `Side`.
            deny: Terms that count as leaks besides.

        Raises:
            GuardUnavailableError: They could not all be screened in time. Nothing may leave.
        """
        if isinstance(texts, str):
            raise TypeError("texts is one text; it would be screened letter by letter")
        if self._closed:
            raise GuardUnavailableError("The guard is closed.")
        stop = threading.Event()
        work = asyncio.get_running_loop().run_in_executor(
            self._executor, self._screen_all, tuple(texts), side, deny, stop
        )
        try:
            done, _ = await asyncio.wait((work,), timeout=self._deadline)
        finally:
            stop.set()  # whatever still runs for this call may end
        if not done or work.cancelled():
            work.cancel()
            why = "it is closing" if self._closed else "the deadline passed"
            raise GuardUnavailableError(f"The guard could not screen a text: {why}.")
        answer = work.result()
        if isinstance(answer, _Failed):
            raise GuardUnavailableError(f"The guard could not screen a text: {answer.why}.")
        return answer

    def close(self) -> None:
        """Refuse from now on, and let the threads end. Does not wait for them."""
        self._closed = True
        self._executor.shutdown(wait=False, cancel_futures=True)

    def _screen_all(
        self, texts: tuple[str, ...], side: Side, deny: DenyTerms | None, stop: threading.Event
    ) -> tuple[Screening, ...] | _Failed:
        """On a thread. Never raises: an exception may carry text, and somebody would log it."""
        try:
            return tuple(
                screen(text, side, engine=self._engine, deny=deny, stopped=stop.is_set)
                for text in texts
            )
        except Exception as error:  # noqa: BLE001 - whatever it is, nothing may pass
            return _Failed(type(error).__name__)


class _Failed(msgspec.Struct, frozen=True):
    """Why there is no answer, without a word of the text."""

    why: str


def build_guard(
    *,
    ordinary: Iterable[str] = (),
    allowed: Iterable[str] = (),
    also: Sequence[Recogniser] = (),
    deadline: float = DEADLINE,
    workers: int = WORKERS,
) -> Guard:
    """A guard over Presidio, ready to screen. Takes seconds; build it once.

    Args:
        ordinary: Ordinary words besides the shipped ones: they may start a sentence.
        allowed: Words that may stand anywhere with a capital, such as the vocabulary's.
        also: Further recognisers, such as a tagger of names.
        deadline: Seconds a call may take, waiting included.
        workers: Threads that screen.

    Raises:
        SettingsError: Presidio's own time limit is below the deadline.
    """
    from genservice.privacy.presidio import Presidio  # takes seconds

    ordinary, allowed = frozenset(ordinary), frozenset(allowed)
    lexicon = load_lexicon(ordinary=ordinary, allowed=allowed)
    recognisers = (
        *structured(),
        Recogniser(
            name="names (viewer)",
            types=("PERSON",),
            sides=frozenset({"viewer"}),
            find=names_in_viewer_text(lexicon),
        ),
        Recogniser(
            name="names (output)",
            types=("PERSON",),
            sides=frozenset({"output"}),
            find=names_in_output(lexicon),
        ),
        *also,
    )
    return Guard(
        Presidio(recognisers, deadline=deadline),
        revision=guard_revision(ordinary=ordinary, allowed=allowed, also=also),
        deadline=deadline,
        workers=workers,
    )


def guard_revision(
    *,
    ordinary: Iterable[str] = (),
    allowed: Iterable[str] = (),
    also: Sequence[Recogniser] = (),
) -> str:
    """`guard@1 sha256:...`, over everything that decides what is found.

    The rules' own source is part of it, so no change to them can be forgotten. A recogniser that
    comes in through `also` must carry its version in its name.
    """
    package = resources.files("genservice.privacy")
    files = {
        f"{folder.name}/{file.name}": hashlib.sha256(file.read_bytes()).hexdigest()
        for folder in (package, package.joinpath("data"), package.joinpath("rules"))
        for file in folder.iterdir()
        if file.name.endswith((".py", ".txt"))
    }
    content = {
        "files": files,
        "libraries": {name: metadata.version(name) for name in _LIBRARIES},
        "ordinary": sorted(ordinary),
        "allowed": sorted(allowed),
        "also": [recogniser.name for recogniser in also],
    }
    return f"guard@{VERSION} sha256:{digest(content)}"
