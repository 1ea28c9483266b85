"""What a text model says of itself, for people who choose and look after one. Without torch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Protocol, runtime_checkable

import msgspec

if TYPE_CHECKING:
    from genservice.generation.model import TextModel

Form = Literal["compact", "chat", "chat without system turns", "plain text"]
"""How a prompt is put to a model: as one line of words, by its chat template, or as mere text."""


class Description(msgspec.Struct, frozen=True, kw_only=True):
    """A model that computes in this process."""

    revision: str
    """Name and commit or folder, and the digest of its files; as receipts have it."""
    family: str
    """What config.json calls its `model_type`: `llama`, `qwen3`, `t5`."""
    architecture: str
    """The class of transformers that it is."""
    kind: Literal["causal", "sequence-to-sequence"]
    parameters: int
    dtype: str
    """What it computes in, which need not be what the weights are kept in."""
    device: str
    context: int | None
    """Most tokens it can read (a causal model: read and write); None if it has no fixed limit."""
    prompt: Form

    @property
    def chat_template(self) -> bool:
        """Whether it brings a chat template, by which prompts are put to it."""
        return self.prompt.startswith("chat")


@runtime_checkable
class Described(Protocol):
    """What a text model has besides if it knows what it is made of."""

    @property
    def description(self) -> Description:
        """What it is made of."""
        ...


def describe(model: TextModel) -> Description | None:
    """What a model is made of; None for one elsewhere, of which only its name is known."""
    return model.description if isinstance(model, Described) else None
