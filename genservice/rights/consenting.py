"""What viewers agreed to: on record, withdrawn as easily as given."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from genservice.documents import suggestion
from genservice.domain.viewers import ConsentAct
from genservice.errors import InvalidInputError, Problem
from genservice.rights.shapes import ConsentKept
from genservice.rights.telling import consent_kept, standing

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from genservice.domain import ConsentRecord
    from genservice.policy import PolicySet
    from genservice.viewers import Viewers

UNKNOWN_VERSION = "unknown"
"""The wording of a consent that was withdrawn without ever being recorded as given."""


class ConsentPage(msgspec.Struct, frozen=True, kw_only=True):
    """Some acts of consent, and the consents that stand after all of them."""

    standing: tuple[str, ...]
    items: tuple[ConsentKept, ...]
    next: int | None


class Withdrawal(msgspec.Struct, frozen=True, kw_only=True):
    """How consents were withdrawn."""

    source: str
    text_version: str | None = None
    """Which wording was shown; None: the one that had been agreed to."""
    language: str | None = None
    region: str | None = None
    method: str | None = None


class ViewerConsents:
    """The consents of viewers.

    Every method raises `UnavailableError` where a database does not answer, and every one that writes
    `ConflictError` where an erasure came between.

    Args:
        viewers: What is held.
        policies: The set in force.
    """

    def __init__(self, viewers: Viewers, *, policies: Callable[[], PolicySet]) -> None:
        self._viewers = viewers
        self._policies = policies

    async def page(self, viewer: str, *, limit: int, before: int | None) -> ConsentPage:
        """Some acts of consent, the last one first, and the consents that stand after all of them.

        Args:
            viewer: The app's own id.
            limit: Most acts.
            before: `next` of the page before; None for the first.
        """
        records = await self._viewers.consents(viewer)
        rest = [record for record in records if before is None or record.number < before][::-1]
        return ConsentPage(
            standing=standing(records),
            items=self._consents(rest[:limit]),
            next=rest[limit - 1].number if len(rest) > limit else None,
        )

    async def record(self, viewer: str, acts: Sequence[ConsentAct]) -> ConsentPage:
        """What was recorded just now, in the order told, and the consents that stand since.

        Raises:
            InvalidInputError: An act speaks of a consent that is not declared.
        """
        self._require([act.consent for act in acts], at="#/acts/{}/consent")
        recorded = await self._viewers.record_consents(viewer, acts)
        return await self._recorded(viewer, recorded)

    async def withdraw(
        self, viewer: str, names: Sequence[str] | None, how: Withdrawal
    ) -> ConsentPage:
        """What was recorded of a withdrawal, and the consents that still stand.

        Args:
            viewer: The app's own id.
            names: Which; None: all that stand.
            how: How it was said.

        Raises:
            InvalidInputError: A name is that of no consent, declared now or recorded for this viewer.
        """
        records = await self._viewers.consents(viewer)
        versions = {record.consent: record.text_version for record in records}
        if names is None:
            names = standing(records)
        else:
            self._require(names, at="#/consents/{}", besides=versions)
        acts = [
            ConsentAct(
                consent=name,
                action="withdrawn",
                source=how.source,
                text_version=how.text_version or versions.get(name, UNKNOWN_VERSION),
                language=how.language,
                region=how.region,
                method=how.method,
            )
            for name in dict.fromkeys(names)
        ]
        recorded = await self._viewers.record_consents(viewer, acts) if acts else ()
        return await self._recorded(viewer, recorded)

    async def _recorded(self, viewer: str, recorded: Sequence[ConsentRecord]) -> ConsentPage:
        stand = standing(await self._viewers.consents(viewer))
        return ConsentPage(standing=stand, items=self._consents(recorded), next=None)

    def _consents(self, records: Iterable[ConsentRecord]) -> tuple[ConsentKept, ...]:
        policies = self._policies()
        return tuple(consent_kept(record, policies) for record in records)

    def _require(self, names: Sequence[str], *, at: str, besides: Collection[str] = ()) -> None:
        declared = {consent.name for consent in self._policies().consents}
        problems = strangers(names, declared.union(besides), "not a declared consent", at=at)
        if problems:
            raise InvalidInputError(*problems)


def strangers(
    words: Sequence[str], known: Collection[str], detail: str, *, at: str
) -> tuple[Problem, ...]:
    """A problem for each word that is not known, with the known one that was probably meant.

    Args:
        words: As they were sent.
        known: Those that will do.
        detail: What is wrong with the others.
        at: The pointer to a word, with `{}` for its place among the words.
    """
    return tuple(
        Problem(pointer=at.format(index), detail=detail, hint=suggestion(word, sorted(known)))
        for index, word in enumerate(words)
        if word not in known
    )
