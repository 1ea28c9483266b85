"""The prompts of a folder, one per purpose."""

from __future__ import annotations

from typing import TYPE_CHECKING

from genservice.canonical import digest
from genservice.documents import read
from genservice.domain import Purpose
from genservice.errors import DocumentError, NotFoundError, Problem, PromptError
from genservice.prompting.prompt import Prompt, parse_prompt

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

PURPOSES: tuple[Purpose, ...] = ("synopsis", "promo")
"""A file for each, of that name."""


class Prompts:
    """One prompt per purpose.

    Attributes:
        revision: Digest over all of them.
    """

    def __init__(self, prompts: Iterable[Prompt]) -> None:
        self._by_purpose = {prompt.purpose: prompt for prompt in prompts}
        self.revision = digest(sorted(prompt.revision for prompt in self._by_purpose.values()))

    def for_purpose(self, purpose: Purpose) -> Prompt:
        """The prompt of a purpose.

        Raises:
            NotFoundError: No prompt serves it.
        """
        try:
            return self._by_purpose[purpose]
        except KeyError:
            raise NotFoundError("prompt for this purpose") from None

    @property
    def reads(self) -> tuple[tuple[str, str], ...]:
        """Every signal that a prompt reads, with the prompt's purpose; a policy set must declare it."""
        return tuple(
            (purpose, signal)
            for purpose, prompt in sorted(self._by_purpose.items())
            for signal in sorted(prompt.reads_signals)
        )


def load_prompts(directory: Path, *, signals: Iterable[str] | None = None) -> Prompts:
    """The prompts in `directory`.

    Args:
        directory: Their folder.
        signals: Names of the declared signals; None if the policy set is held to the prompts instead.

    Raises:
        PromptError: With everything that is wrong in any of the files.
    """
    if not directory.is_dir():
        raise PromptError(Problem(file=str(directory), detail="no such folder"))
    known = None if signals is None else tuple(signals)
    prompts: list[Prompt] = []
    problems: list[Problem] = []
    for purpose in PURPOSES:
        try:
            document = read(directory / f"{purpose}.yaml")
            prompts.append(parse_prompt(document, signals=known))
        except DocumentError as error:
            problems.extend(error.problems)
            continue
        if prompts[-1].purpose != purpose:
            detail = f"this file is for {purpose!r}, and not for {prompts[-1].purpose!r}"
            problems.append(document.problem("/purpose", detail))
    if problems:
        raise PromptError(*problems)
    return Prompts(prompts)
