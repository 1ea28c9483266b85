"""The policy set in force, and what keeps it the one that should be."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from genservice.catalog import terms_in_folder
from genservice.in_force import (
    Candidates,
    FolderFollower,
    Following,
    InForce,
    PolicyActs,
    RegistryFollower,
    Shadow,
    choose,
    choose_registered,
    signature,
)
from genservice.words import policy_words

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from genservice.assembly.files import Files
    from genservice.settings import Settings
    from genservice.store import Store


@dataclass(frozen=True, kw_only=True)
class Ruling:
    """Which set rules, which is in shadow, who may change that, and who follows it."""

    in_force: InForce
    shadow: Shadow
    acts: PolicyActs
    following: Following


async def chosen(
    settings: Settings, files: Files, store: Store, *, clock: Callable[[], datetime]
) -> Ruling:
    """The policy set that is to rule at the start.

    Raises:
        PolicyError: The policy set is invalid, and none was ever accepted.
        UnavailableError: The database does not answer.
    """
    candidates = Candidates(
        words=policy_words(files.vocabulary),
        titles=lambda: terms_in_folder(settings.catalogue, files.vocabulary),
        read=files.prompts.reads,
    )
    # Before the folder is read: what changes while it is counts as a change.
    seen = await asyncio.to_thread(signature, settings.policies)
    first = choose if settings.policy_source == "files" else choose_registered
    in_force = await first(settings.policies, store.policies, candidates, clock=clock)
    shadow = Shadow(store.shadows)
    following = Following(
        folder=FolderFollower(
            settings.policies,
            seen=seen,
            in_force=in_force,
            history=store.policies,
            candidates=candidates,
        ),
        registry=RegistryFollower(
            store.policies, in_force=in_force, shadow=shadow, candidates=candidates
        ),
        in_force=in_force,
        shadow=shadow,
    )
    acts = PolicyActs(
        store.policies, store.shadows, in_force=in_force, shadow=shadow, candidates=candidates
    )
    return Ruling(in_force=in_force, shadow=shadow, acts=acts, following=following)
