"""The prompts of a folder, one per purpose."""

from __future__ import annotations

from typing import TYPE_CHECKING

from genservice.canonical import digest
from genservice.documents import read
from genservice.errors import DocumentError, NotFoundError, Problem, PromptError
from genservice.prompting.prompt import Prompt, parse_prompt

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from genservice.domain import Purpose

FILES = ("synopsis.yaml", "promo.yaml")


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


def load_prompts(directory: Path, *, signals: Iterable[str]) -> Prompts:
    """The prompts in `directory`.

    Raises:
        PromptError: With everything that is wrong in any of the files.
    """
    known = tuple(signals)
    prompts: list[Prompt] = []
    problems: list[Problem] = []
    for name in FILES:
        try:
            prompts.append(parse_prompt(read(directory / name), signals=known))
        except DocumentError as error:
            problems.extend(error.problems)
    if problems:
        raise PromptError(*problems)
    return Prompts(prompts)
