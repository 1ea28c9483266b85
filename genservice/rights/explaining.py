"""Why a viewer was shown a text: servings, and the receipts that account for them, in plain words."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import msgspec

from genservice.errors import PolicyError
from genservice.explanations import ReceiptInWords, in_words
from genservice.policy import from_files
from genservice.rights.shapes import Shown, TitleNamed
from genservice.rights.telling import Why, in_a_sentence, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from genservice.domain import Receipt, Serving
    from genservice.policy import PolicySet
    from genservice.store import Policies, Receipts, Titles
    from genservice.viewers import Viewers


class ShownPage(msgspec.Struct, frozen=True, kw_only=True):
    """Some of the texts that a viewer was shown, the last one first."""

    items: tuple[Shown, ...]
    next: int | None


class Explanations:
    """What viewers were shown, and why.

    Args:
        viewers: What is held.
        receipts: Every receipt that was given out.
        titles: The catalogue.
        versions: Every version of the policy set.
        policies: The set in force.
    """

    def __init__(
        self,
        viewers: Viewers,
        *,
        receipts: Receipts,
        titles: Titles,
        versions: Policies,
        policies: Callable[[], PolicySet],
    ) -> None:
        self._viewers = viewers
        self._receipts = receipts
        self._titles = titles
        self._versions = versions
        self._policies = policies

    async def page(self, viewer: str, *, limit: int, before: int | None) -> ShownPage:
        """Some of what a viewer was shown, the last first.

        Args:
            viewer: The app's own id.
            limit: Most items.
            before: `next` of the page before; None for the first.

        Raises:
            UnavailableError: A database does not answer.
        """
        page = await self._viewers.servings(viewer, limit=limit, before=before)
        return ShownPage(items=await self.told(page.items), next=page.next)

    async def told(self, servings: Sequence[Serving]) -> tuple[Shown, ...]:
        """Servings as their viewer reads of them, in their order.

        Raises:
            UnavailableError: The database does not answer.
        """
        receipts = await self._receipts.get_many(serving.receipt for serving in servings)
        words = await self._words(receipts.values())
        names = await self._names(each.title for each in words.values())
        return tuple(shown(each, words.get(each.receipt), names) for each in servings)

    async def why(self, viewer: str, shown_id: str) -> Why | None:
        """Why a viewer was shown a text; None if they were not, or it is forgotten.

        Args:
            viewer: The app's own id.
            shown_id: The id of a blurb or of a receipt.

        Raises:
            UnavailableError: A database does not answer.
        """
        serving = await self._viewers.find_serving(viewer, shown_id)
        receipt = serving and await self._receipts.get(serving.receipt)
        if serving is None or receipt is None:
            return None
        words = (await self._words((receipt,)))[receipt.id]
        names = await self._names((words.title,))
        return Why(
            at=serving.at,
            receipt=serving.receipt,
            blurbs=serving.blurbs,
            title=TitleNamed(id=words.title, name=names.get(words.title)),
            said=in_a_sentence(words),
            explanation=words,
        )

    async def policies_of(self, version: str) -> PolicySet | None:
        """The policy set of that version, if it is known and can still be read.

        Raises:
            UnavailableError: The database does not answer.
        """
        if version == self._policies().version:
            return self._policies()
        stored = await self._versions.get(version)
        try:
            return stored and await asyncio.to_thread(from_files, stored.files)
        except PolicyError:
            # A set of an earlier version of genservice; receipts have the whys, and lack only labels.
            return None

    async def _words(self, receipts: Iterable[Receipt]) -> Mapping[str, ReceiptInWords]:
        receipts = tuple(receipts)
        versions = {receipt.statement.policy for receipt in receipts}
        sets = {version: await self.policies_of(version) for version in versions}
        return await asyncio.to_thread(
            lambda: {each.id: in_words(each, sets[each.statement.policy]) for each in receipts}
        )

    async def _names(self, title_ids: Iterable[str]) -> Mapping[str, str]:
        titles = await self._titles.get_many(title_ids)
        return {title_id: title.name for title_id, title in titles.items()}
