"""A small policy set as files, edits of it, and what is needed to follow it."""

from __future__ import annotations

from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from genservice.errors import UnavailableError
from genservice.in_force import (
    Candidates,
    FolderFollower,
    InForce,
    Pace,
    PolicyActs,
    RegistryFollower,
    Shadow,
    choose,
    choose_registered,
    signature,
)
from genservice.store import open_store
from tests.unit.policy.making import WORDS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from pathlib import Path

SIGNALS = """
signals:
  mood: {label: Mood, value: terms, data: user.behavior, sensitivity: low, ladder: [words, none], keep_days: 1}
  genre: {label: Genre, value: terms, data: user.behavior, sensitivity: low, ladder: [words, none], keep_days: 1}
"""
RULES = """
rules:
  - {id: mood, why: Asked for., signals: [mood], decision: allow}
  - {id: genre, why: Asked for., signals: [genre], decision: allow}
"""
TESTS = """
contexts: {adult: {region: DE, age_band: age_25_34, consents: []}}
tests:
  - {name: genres count, contexts: [adult], purposes: [promo], expect: {genre: words, mood: words}}
"""
FILES: Mapping[str, str] = {"signals.yaml": SIGNALS, "base.yaml": RULES}
CAP = "rules:\n  - {id: no-mood, why: Counsel., when: {region: [DE]}, signals: [mood], decision: withhold}\n"
"""A file that takes mood away in Germany."""
FAST = Pace(poll=0.05, settle=0.02)


def now() -> datetime:
    return datetime(2026, 3, 1, 12, tzinfo=UTC)


def write(folder: Path, files: Mapping[str, str] = FILES) -> Path:
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def candidates(**more: Any) -> Candidates:
    return Candidates(**{"words": WORDS, "titles": dict, **more})


class Troubled:
    """A record that does not answer while it is `down`."""

    def __init__(self, record: Any) -> None:
        self._record = record
        self.down = False

    def __getattr__(self, name: str) -> Any:
        if self.down:
            raise UnavailableError("The database does not answer.")
        return getattr(self._record, name)


class Process:
    """What one process has: its store, the set it rules by, and what follows."""

    def __init__(self, store: Any, in_force: InForce, folder: Path, seen: Any, able: Any) -> None:
        self.store = store
        self.in_force = in_force
        self.record = Troubled(store.policies)
        self.shadow = Shadow(store.shadows)
        self.acts = PolicyActs(
            store.policies, store.shadows, in_force=in_force, shadow=self.shadow, candidates=able
        )
        self.folder = FolderFollower(
            folder, seen=seen, in_force=in_force, history=self.record, candidates=able, pace=FAST
        )
        self.registry = RegistryFollower(
            self.record, in_force=in_force, shadow=self.shadow, candidates=able, pace=FAST
        )

    @property
    def version(self) -> str:
        return self.in_force.policies.version


@asynccontextmanager
async def process(
    folder: Path, database: Path, *, source: str = "files", able: Candidates | None = None
) -> AsyncIterator[Process]:
    """A process that started on a folder and a database; nothing follows by itself."""
    able = able or candidates()
    async with open_store(database, clock=now) as store:
        await store.migrate()
        seen = signature(folder)
        first = choose if source == "files" else choose_registered
        in_force = await first(folder, store.policies, able, clock=now)
        yield Process(store, in_force, folder, seen, able)
