"""The whole service over a catalogue of four titles, and parts of it that fail on demand."""

from __future__ import annotations

import asyncio
import json
import shutil
from contextlib import AsyncExitStack, contextmanager
from typing import TYPE_CHECKING, Any

import msgspec

from genservice.answers import Order
from genservice.app import open_service
from genservice.blurbs import Blurbs
from genservice.briefing import Options
from genservice.domain import Title
from genservice.dossiers import Dossiers
from genservice.errors import GuardUnavailableError
from genservice.generation import Scripted
from genservice.given import GivenAnswers
from genservice.settings import Settings
from genservice.shipped import shipped

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator, Sequence
    from pathlib import Path

    from genservice.api.service import Service
    from genservice.domain import Answer
    from genservice.dossiers import Screener
    from genservice.parts import Parts
    from genservice.privacy import Screening, Side

PILOT = "A pilot comes home."
TITLES: tuple[dict[str, Any], ...] = (
    {
        "id": "cold-quay",
        "kind": "film",
        "name": "Cold Quay",
        "language": "en",
        "year": 2021,
        "genres": ["crime", "drama"],
        "moods": ["tense"],
    },
    {
        "id": "harbour-lights",
        "kind": "series",
        "name": "Harbour Lights",
        "language": "en",
        "year": 2024,
        "genres": ["crime"],
        "texts": [{"language": "en", "length": "short", "text": PILOT}],
    },
    {
        "id": "kept-by-editors",
        "kind": "film",
        "name": "Slow Water",
        "language": "en",
        "genres": ["drama"],
        "copy": {"mode": "editorial_only"},
        "texts": [{"language": "en", "length": "short", "text": "A river and two brothers."}],
    },
    {
        "id": "pinned-in-part",
        "kind": "film",
        "name": "Salt Road",
        "language": "en",
        "genres": ["drama"],
        "texts": [
            {"language": "en", "length": "short", "text": "Salt, sand, sun.", "pinned": True}
        ],
    },
)
PLACES = "promo/detail/medium, promo/tile/short"
WRITTEN = 5
"""Texts that the four titles get for the two places; three belong to the editors."""
LOCKED = 3


def small_settings(folder: Path, **changes: Any) -> Settings:
    """Settings over a catalogue of those titles, in folders of a test's own."""
    catalogue = folder / "catalogue"
    if not catalogue.exists():
        catalogue.mkdir(parents=True)
        for name in ("vocabulary.yaml", "occasions.yaml"):
            shutil.copy(shipped("catalogue") / name, catalogue / name)
        (catalogue / "titles.json").write_text(json.dumps(TITLES), encoding="utf-8")
    settings = Settings(
        data=folder / "data", keystore=folder / "keystore", catalogue=catalogue, twins=PLACES,
        guard_timeout=30,
    )  # fmt: skip
    return msgspec.structs.replace(settings, **changes)


class Watched:
    """A guard that fails while it is `down`."""

    def __init__(self, guard: Screener) -> None:
        self._guard = guard
        self.down = False

    @property
    def revision(self) -> str:
        return self._guard.revision

    async def screen(self, texts: Sequence[str], *, side: Side) -> tuple[Screening, ...]:
        if self.down:
            raise GuardUnavailableError("The guard cannot screen.")
        return await self._guard.screen(texts, side=side)


class Small:
    """A service, opened but not listening, with a guard that may fail."""

    def __init__(self, runner: asyncio.Runner, service: Service, model: Scripted) -> None:
        self._runner = runner
        self._held: Parts = service.blurbs._parts
        self.service = service
        self.model = model
        self.reserve = Scripted(revision="reserve 1")
        self.guard = Watched(self._held.guard)
        self.texts = self._held.texts
        self.put_in()

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self._runner.run(work)

    def begin_anew(self) -> None:
        """Everything works, no text is stored, and every title is as in TITLES, in a new revision."""
        for record in TITLES:
            self.run(self.service.titles.delete(record["id"]))
            self.run(self.service.titles.put(msgspec.convert(record, Title)))
        for model in (self.model, self.reserve):
            model.recover()
            model.requests.clear()
        self.guard.down = False
        self.put_in()

    def put_in(self, **parts: Any) -> None:
        """The path with other parts, and, as after a restart, with nothing in memory."""
        dossiers = Dossiers(
            vocabulary=self._held.vocabulary,
            phrases=self._held.phrases,
            occasions=self._held.occasions,
            guard=self.guard,
        )
        self.blurbs = Blurbs(
            msgspec.structs.replace(
                self._held,
                **{
                    "guard": self.guard,
                    "dossiers": dossiers,
                    "reserve": self.reserve,
                    "given": GivenAnswers(most_bytes=2**24, secret=bytes(32)),
                    **parts,
                },
            )
        )

    def title(self, title_id: str) -> Title:
        return self.run(self.service.titles.get(title_id))

    def store(self, title_id: str, **place: Any) -> str:
        """The twin of a place, stored by a service in good order."""
        options = Options(**{"purpose": "promo", **place})
        return self.run(self.blurbs.write_twin(self.title(title_id), options)).written.text

    def ask(
        self, title_id: str, signals: Any = None, note: str | None = None, **place: Any
    ) -> Answer:
        """What an adult in Germany who agreed is served."""
        order = Order(
            title=self.title(title_id),
            options=Options(**{"purpose": "promo", **place}),
            region="DE",
            age_band="age_25_34",
            consents=("content_profile", "content_use"),
            signals=signals or {},
            note=note,
        )  # fmt: skip
        return self.run(self.blurbs.write(order))


@contextmanager
def opened(folder: Path, model: Scripted | None = None, **changes: Any) -> Iterator[Small]:
    """A small service in an event loop of its own."""
    model = model or Scripted()
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        settings = small_settings(folder, **changes)
        opening = open_service(settings, model=model, reserve=Scripted(revision="reserve 0"))
        try:
            yield Small(runner, runner.run(stack.enter_async_context(opening)), model)
        finally:
            runner.run(stack.aclose())
