"""A group whose commands are imported when they are called, so that none waits for what others need."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class Later(click.Group):
    """A group of commands in modules of their own.

    Args:
        helps: Command -> its short help: listing commands imports none.
        home: Command -> the module that holds it, and its name there.
        kwargs: As for `click.Group`.
    """

    def __init__(
        self,
        *,
        helps: Mapping[str, str],
        home: Callable[[str], tuple[str, str]],
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self._helps = helps
        self._home = home

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Their names, sorted."""
        del ctx
        return sorted(self._helps)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of a name, imported now."""
        del ctx
        if cmd_name not in self._helps:
            return None
        module, name = self._home(cmd_name)
        return getattr(importlib.import_module(module), name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """What `--help` lists."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl(sorted(self._helps.items()))
