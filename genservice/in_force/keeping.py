"""Everything that keeps the sets of one process those that should rule and be in shadow."""

from __future__ import annotations

from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from genservice.in_force.following import FolderFollower, RegistryFollower
    from genservice.in_force.ruling import InForce
    from genservice.in_force.shadow import Shadow


@dataclass(frozen=True, kw_only=True)
class Following:
    """The followers of a process; the folder's only where the folder rules."""

    folder: FolderFollower
    registry: RegistryFollower
    in_force: InForce
    shadow: Shadow

    @asynccontextmanager
    async def kept(self) -> AsyncGenerator[None]:
        """Follow until the block ends."""
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self.shadow.kept())
            await stack.enter_async_context(self.registry.kept())
            if self.in_force.source == "files":
                await stack.enter_async_context(self.folder.kept())
            yield
