"""A prompt as the tokens that a model takes: by its chat template, or as mere text; never cut."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from genservice.errors import ModelFilesError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from genservice.domain import Rendered
    from genservice.generation.description import Form

_PROBE = "house style"
_OPENED, _CLOSED = "<think>", "\n</think>\n\n"


class PromptForm:
    """How prompts are put to one model.

    Attributes:
        name: Which of the forms it is.
    """

    def __init__(
        self,
        folder: Path,
        tokenizer: Any,
        *,
        compact: bool,
        encoder: bool,
        words: Iterable[str] = (),
    ) -> None:
        """Find out what the model takes.

        Args:
            folder: The model's, to be named where it is at fault.
            tokenizer: The model's.
            compact: Whether it was trained on prompts of one line.
            encoder: Whether what it reads stands apart from what it writes.
            words: What prompts of one line are made of.

        Raises:
            ModelFilesError: It has a chat template by which not even a user's turn can be put.
        """
        self._tokenizer = tokenizer
        self._encoder = encoder
        self.name: Form = _form(folder, tokenizer, compact=compact)
        self._closing = _closing(tokenizer) if self.name.startswith("chat") else []
        self._begin, self._known = _known(tokenizer, words) if compact else ([], {})

    def encode(self, prompt: Rendered) -> list[int]:
        """The whole prompt as token ids, however long.

        Control tokens spelled out in the prompt's contents stay text: they end no turn.
        """
        if self.name == "compact":
            return self._line(prompt.compact)
        turns = [{"role": turn.role, "content": turn.content} for turn in prompt.turns]
        if self.name == "plain text":
            # A causal model goes on where a text stops; an encoder is given all of one.
            text = _joined(turns) + ("" if self._encoder else "\n\n")
            return self._tokenizer(text, split_special_tokens=True)["input_ids"]
        if self.name == "chat without system turns":
            turns = [{"role": "user", "content": _joined(turns)}]
        ids: list[int] = self._tokenizer.apply_chat_template(
            turns,
            add_generation_prompt=True,
            sanitize_control_tokens=True,
            return_dict=False,
            enable_thinking=False,
        )
        return ids + self._closing

    def _line(self, line: str) -> list[int]:
        try:
            return self._begin + [self._known[word] for word in line.split(" ")]
        except KeyError:
            return self._tokenizer(line)["input_ids"]


def _known(tokenizer: Any, words: Iterable[str]) -> tuple[list[int], dict[str, int]]:
    """What a line begins with, and the words that are one token wherever they stand in it; none if any is not.

    Looking words up takes a twentieth of the time that the tokenizer takes.
    """
    listed = sorted(words)
    alone: list[list[int]] = (
        tokenizer(listed, add_special_tokens=False)["input_ids"] if listed else []
    )
    known = {word: ids[0] for word, ids in zip(listed, alone, strict=True) if len(ids) == 1}
    begin: list[int] = tokenizer("")["input_ids"]
    together: list[int] = tokenizer(" ".join(known), verbose=False)["input_ids"]
    return begin, known if together == [*begin, *known.values()] else {}


def _form(folder: Path, tokenizer: Any, *, compact: bool) -> Form:
    if compact:
        return "compact"
    if tokenizer.chat_template is None:
        return "plain text"
    if _passes_on(tokenizer, "system", "user"):
        return "chat"
    if _passes_on(tokenizer, "user"):
        return "chat without system turns"
    raise ModelFilesError(str(folder / "chat_template.jinja"), "puts no user's turn to the model")


def _closing(tokenizer: Any) -> list[int]:
    """What ends the reasoning that some templates begin in the model's name, asked not to or not.

    The room for an answer is that of a text: a model that reasoned would not come to its end.
    """
    rendered = _rendered(tokenizer, [{"role": "user", "content": _PROBE}])
    if not rendered.rstrip().endswith(_OPENED):
        return []
    return tokenizer(_CLOSED, add_special_tokens=False)["input_ids"]


def _rendered(tokenizer: Any, turns: list[dict[str, str]]) -> str:
    return tokenizer.apply_chat_template(
        turns, tokenize=False, add_generation_prompt=True, enable_thinking=False
    )


def _passes_on(tokenizer: Any, *roles: str) -> bool:
    """Whether the chat template passes turns on; some refuse a system turn, some drop it."""
    turns = [{"role": role, "content": f"{_PROBE} of {role}"} for role in roles]
    try:
        rendered = _rendered(tokenizer, turns)
    except Exception:  # noqa: BLE001  a template is a program of its makers': it fails as it likes
        return False
    return all(turn["content"] in rendered for turn in turns)


def _joined(turns: list[dict[str, str]]) -> str:
    return "\n\n".join(turn["content"] for turn in turns)
