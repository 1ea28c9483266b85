"""What the path is put together from: its parts, and what it asks of those that keep things."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import msgspec

from genservice.flights import Shelf, Turns
from genservice.watch import Watch

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from genservice.briefing import Occasion
    from genservice.checking import Phrases
    from genservice.domain import (
        Channel,
        Context,
        Decision,
        Held,
        Length,
        Purpose,
        Receipt,
        Statement,
        Title,
        TitleRef,
        Tone,
        Vocabulary,
    )
    from genservice.dossiers import Dossiers, Screener
    from genservice.generation import TextModel
    from genservice.given import GivenAnswers
    from genservice.policy import PolicySet
    from genservice.prompting import Prompts
    from genservice.store import Entry


class Titles(Protocol):
    """Where watched titles are looked up, to coarsen them."""

    async def get_many(self, title_ids: Iterable[str]) -> Mapping[str, Title]:
        """The titles that are held, by id."""
        ...

    def at_hand(self, title_ids: Iterable[str]) -> Mapping[str, Title] | None:
        """The same without waiting; None if the database would have to be asked for any."""
        ...


class Texts(Shelf, Protocol):
    """Where texts stand, twins among them."""

    async def twin(
        self,
        title: TitleRef,
        *,
        purpose: Purpose,
        channel: Channel,
        length: Length,
        language: str,
        tone: Tone | None = None,
    ) -> Entry | None:
        """The neutral text held for exactly that title, revision and place; best in that tone."""
        ...

    async def fitting(
        self, title: TitleRef, *, purpose: Purpose, language: str, limit: int, tone: Tone
    ) -> Entry | None:
        """The neutral text of that title and revision that suits best, written for any place."""
        ...


class Receipts(Protocol):
    """Where receipts are signed and kept."""

    async def issue(self, statement: Statement) -> Receipt:
        """The signed receipt of a statement, durably stored."""
        ...

    def signing_key(self) -> str:
        """The id of the key that signs now."""
        ...


class Shadow(Protocol):
    """What looks on, beside the path: nothing of it reaches an answer."""

    def saw(
        self,
        policies: PolicySet,
        decisions: Sequence[Decision],
        under: Callable[[PolicySet], Context],
    ) -> None:
        """Take note of what was decided, without waiting and without failing."""
        ...


class Decisions(Protocol):
    """Where decisions are logged."""

    def record(
        self,
        policies: PolicySet,
        context: Context,
        decisions: Sequence[Decision],
        sent: Collection[str],
    ) -> None:
        """Log one request, as policy decided it, without waiting and without failing."""
        ...


class Viewers(Protocol):
    """Where what is held of viewers lies, and what they were shown."""

    async def held(self, viewer: str) -> Held:
        """What counts at this moment; of a viewer of whom nothing is held, the same as of an unknown one."""
        ...

    async def record_serving(
        self, viewer: str, receipt: str, blurbs: Sequence[str], *, known: bool = False
    ) -> None:
        """Record what a viewer is about to be shown; it is durable once this returns.

        Args:
            viewer: Who.
            receipt: Its id.
            blurbs: Their ids.
            known: Something was held of the viewer when the blurbs were begun. Is nothing left by now,
                the viewer was erased meanwhile, and this raises ConflictError.
        """
        ...


class Parts(msgspec.Struct, frozen=True, kw_only=True):
    """What the path is put together from; `genservice.assembly` does so once."""

    policies: Callable[[], PolicySet]
    """The policy set in force; asked once per request, so that one request sees one set."""
    prompts: Prompts
    phrases: Phrases
    vocabulary: Vocabulary
    occasions: tuple[Occasion, ...]
    guard: Screener
    model: TextModel
    reserve: TextModel
    """Writes neutral twins when `model` does not answer: the embedded one."""
    dossiers: Dossiers
    titles: Titles
    texts: Texts
    receipts: Receipts
    viewers: Viewers
    shadow: Shadow
    decisions: Decisions
    given: GivenAnswers
    """Answers that may be given again as they are."""
    ordinary: frozenset[str] = frozenset()
    """Words that are nobody's: the vocabulary and the house phrases; they never become deny terms."""
    turns: Turns | None = None
    """Who may write under a key, among processes; None: whoever comes, and the first text stands."""
    attempts: int = 4
    watch: Watch = msgspec.field(default_factory=Watch)
    """Sees the steps of the path, for metrics and traces."""
