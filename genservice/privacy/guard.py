"""The guard: Presidio and what surrounds it, behind one call that refuses when anything fails."""

from __future__ import annotations

import asyncio
import hashlib
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from importlib import metadata, resources
from typing import TYPE_CHECKING

import msgspec

from genservice.canonical import digest
from genservice.errors import GuardUnavailableError
from genservice.privacy.disguised import disguised
from genservice.privacy.fiction import fiction_in
from genservice.privacy.lexicon import load_lexicon
from genservice.privacy.memory import Memory
from genservice.privacy.persons import names_in_output, names_in_viewer_text
from genservice.privacy.quiet import nobody_in, quiet_in
from genservice.privacy.rules import structured
from genservice.privacy.screening import Engine, StoppedError, screen_all
from genservice.privacy.values import Recogniser, Screening, Side, Tagger

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from concurrent.futures import Future
    from pathlib import Path

    from genservice.privacy.deny import DenyTerms

VERSION = 1
DEADLINE = 2.0
"""Seconds a call may take, waiting included."""
WORKERS = 2
REMEMBERED = 16_384
"""Texts of the catalogue whose screening is kept."""

_LIBRARIES = ("presidio-analyzer", "presidio-anonymizer", "phonenumbers", "tldextract")


class Guard:
    """Finds and removes personal data, or refuses.

    Screening runs on threads of the guard's own. One that hangs keeps its thread until it ends; calls
    that find no thread in time are refused, at once where every thread hangs, and never passed.

    What was found in texts of the catalogue (side `title`) is remembered; nothing else is.

    Args:
        engine: What finds and replaces.
        revision: Names the recognisers and rules, for cache keys.
        deadline: Seconds a call may take, waiting included.
        workers: Threads.
        remembered: Texts of the catalogue whose screening is kept.
        clock: Seconds that only grow.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        revision: str,
        deadline: float = DEADLINE,
        workers: int = WORKERS,
        remembered: int = REMEMBERED,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.revision = revision
        self._engine = engine
        self._deadline = deadline
        self._workers = workers
        self._clock = clock
        self._executor = ThreadPoolExecutor(workers, thread_name_prefix="guard")
        self._running: dict[Future[tuple[Screening, ...] | _Failed], float] = {}
        self._memory = Memory(remembered)
        self._closed = False

    async def screen(
        self, texts: Sequence[str], *, side: Side, deny: DenyTerms | None = None
    ) -> tuple[Screening, ...]:
        """One screening per text, in order, without blocking the event loop.

        Many texts in one call cost less than one call each.

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
        texts = tuple(texts)
        if side != "title" or deny is not None:
            return await self._screen(texts, side, deny)
        known = {text: held for text in texts if (held := self._memory.get(text)) is not None}
        new = tuple(dict.fromkeys(text for text in texts if text not in known))
        if new:
            screenings = await self._screen(new, side, None)
            known.update(zip(new, screenings, strict=True))
            self._memory.keep(zip(new, screenings, strict=True))
        return tuple(known[text] for text in texts)

    def close(self) -> None:
        """Refuse from now on, and let the threads end. Does not wait for them."""
        self._closed = True
        self._executor.shutdown(wait=False, cancel_futures=True)

    async def _screen(
        self, texts: tuple[str, ...], side: Side, deny: DenyTerms | None
    ) -> tuple[Screening, ...]:
        expires = self._clock() + self._deadline
        stop = threading.Event()

        def stopped() -> bool:
            return stop.is_set() or self._clock() >= expires

        work = asyncio.wrap_future(
            self._begin(lambda: self._screen_all(texts, side, deny, stopped), expires)
        )
        try:
            done, _ = await asyncio.wait((work,), timeout=self._deadline)
        finally:
            stop.set()  # whatever still runs for this call may end
        if not done or work.cancelled():
            work.cancel()
            raise _refusal("it is closing" if self._closed else "the deadline passed")
        answer = work.result()
        if isinstance(answer, _Failed):
            raise _refusal(answer.why)
        return answer

    def _begin(
        self, screening: Callable[[], tuple[Screening, ...] | _Failed], expires: float
    ) -> Future[tuple[Screening, ...] | _Failed]:
        """The work, on its way to a thread.

        Raises:
            GuardUnavailableError: There is no thread for it, and none is about to be free.
        """
        now = self._clock()
        running = [work for work in tuple(self._running) if work.running()]
        if sum(self._running.get(work, now) < now for work in running) >= self._workers:
            raise _refusal("every thread is held by a screening that does not end")
        work = self._submitted(screening)
        if isinstance(work, _Failed):
            raise _refusal(work.why)
        self._running[work] = expires
        work.add_done_callback(lambda ended: self._running.pop(ended, None))
        return work

    def _submitted(
        self, screening: Callable[[], tuple[Screening, ...] | _Failed]
    ) -> Future[tuple[Screening, ...] | _Failed] | _Failed:
        try:
            return self._executor.submit(screening)
        except Exception as error:  # noqa: BLE001 - no thread can be had, for whatever reason
            return _Failed(type(error).__name__)

    def _screen_all(
        self,
        texts: tuple[str, ...],
        side: Side,
        deny: DenyTerms | None,
        stopped: Callable[[], bool],
    ) -> tuple[Screening, ...] | _Failed:
        """On a thread. Never raises: an exception may carry text, and somebody would log it."""
        try:
            return screen_all(texts, side, engine=self._engine, deny=deny, stopped=stopped)
        except StoppedError:
            return _Failed("the deadline passed")
        except BaseException as error:  # noqa: BLE001 - whatever it is, nothing may pass
            return _Failed(type(error).__name__)


class _Failed(msgspec.Struct, frozen=True):
    """Why there is no answer, without a word of the text."""

    why: str


def _refusal(why: str) -> GuardUnavailableError:
    return GuardUnavailableError(f"The guard could not screen a text: {why}.")


def build_guard(
    *,
    ordinary: Iterable[str] = (),
    allowed: Iterable[str] = (),
    also: Sequence[Recogniser] = (),
    tagger: Tagger | None = None,
    engine_file: Path | None = None,
    registry_file: Path | None = None,
    deadline: float = DEADLINE,
    workers: int = WORKERS,
) -> Guard:
    """A guard over Presidio, ready to screen. Takes seconds; build it once.

    Args:
        ordinary: Ordinary words besides the shipped ones: they may start a sentence.
        allowed: Words that may stand anywhere with a capital, such as the vocabulary's.
        also: Further recognisers.
        tagger: Finds names in what viewers write and models answer, instead of the shipped one.
        engine_file: A Presidio NLP engine configuration: an engine in addition to ours.
        registry_file: A Presidio recogniser registry: recognisers in addition to ours.
        deadline: Seconds a call may take, waiting included.
        workers: Threads that screen.

    Raises:
        SettingsError: Presidio's own time limit is below the deadline.
        ModelFilesError: The shipped tagger's weights are missing or damaged; names the file.
        DocumentError: One of the files is wrong, or names a model that is not on this machine.
    """
    from genservice.privacy.bringing import load_brought  # takes seconds
    from genservice.privacy.presidio import Presidio
    from genservice.privacy.tagger import shipped_tagger

    ordinary, allowed = frozenset(ordinary), frozenset(allowed)
    lexicon = load_lexicon(ordinary=ordinary, allowed=allowed)
    tagger = tagger or shipped_tagger(quiet=quiet_in(lexicon), nobody=nobody_in(lexicon))
    recognisers = (
        *structured(),
        Recogniser(
            name="names (viewer)",
            types=("PERSON",),
            sides=frozenset({"viewer"}),
            find=names_in_viewer_text(lexicon, beside_tagger=True),
        ),
        Recogniser(
            name="names (output)",
            types=("PERSON",),
            sides=frozenset({"output"}),
            find=names_in_output(lexicon),
        ),
        Recogniser(
            name="disguises",
            types=("OPAQUE", "PERSON"),
            sides=frozenset({"viewer", "output"}),
            find=disguised(lexicon),
        ),
        *also,
    )
    brought = load_brought(engine_file, registry_file, deadline=deadline)
    return Guard(
        Presidio(
            recognisers,
            deadline=deadline,
            tagger=tagger,
            fiction=fiction_in(lexicon),
            brought=brought,
        ),
        revision=guard_revision(
            ordinary=ordinary,
            allowed=allowed,
            also=also,
            tagger=tagger,
            brought=None if brought is None else brought.revision,
        ),
        deadline=deadline,
        workers=workers,
    )


def guard_revision(
    *,
    ordinary: Iterable[str] = (),
    allowed: Iterable[str] = (),
    also: Sequence[Recogniser] = (),
    tagger: Tagger | None = None,
    brought: str | None = None,
) -> str:
    """`guard@1 sha256:...`, over everything that decides what is found.

    The rules' own source is part of it, so no change to them can be forgotten. A recogniser that
    comes in through `also` must carry its version in its name; `brought` pins what others bring.
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
        "tagger": None if tagger is None else tagger.revision,
        "brought": brought,
    }
    return f"guard@{VERSION} sha256:{digest(content)}"
