"""The OpenAI chat protocol: what is asked, and a text put together from what comes back.

Answers are read as server-sent events where a server streams, so that one that stalls is noticed
between two words and one that rambles is cut off; a server that answers all at once is understood too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from genservice.errors import ModelUnavailableError
from genservice.generation.endings import whole_sentences
from genservice.generation.wrappings import unwrapped

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from genservice.domain import Turn

T = TypeVar("T")

_ANSWER_BYTES = 1_000_000
_DONE = "[DONE]"
_EVENTS = "text/event-stream"
_GO_ON = (
    "That was only the beginning, and it stands as it is. Go on from there: write nothing but the"
    " sentences that follow, repeat none, and keep to everything said above."
)


class _Content(msgspec.Struct):
    content: str | None = None


class _Choice(msgspec.Struct):
    message: _Content | None = None
    delta: _Content | None = None
    finish_reason: str | None = None


class _Completion(msgspec.Struct):
    choices: tuple[_Choice, ...]


class _Event(msgspec.Struct):
    choices: tuple[_Choice, ...] = ()
    error: Any = None
    """An object with some servers, a string with others; its words are never passed on."""


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """One chat completion."""

    model: str
    turns: tuple[Turn, ...]
    seed: int
    limit: int
    """Characters; also what the text is cut off at, some way beyond it."""
    temperature: float
    top_p: float
    begun: str = ""
    """What the model is to go on from."""

    def body(self) -> dict[str, object]:
        """As the protocol has it."""
        messages = [{"role": turn.role, "content": turn.content} for turn in self.turns]
        if self.begun:
            # Servers differ in whether they go on with an answer or begin another; all take a turn.
            messages.append({"role": "assistant", "content": self.begun})
            messages.append({"role": "user", "content": _GO_ON})
        return {
            "model": self.model,
            "messages": messages,
            "max_tokens": self.limit // 2 + 16,
            "temperature": self.temperature,
            "top_p": self.top_p,
            "seed": self.seed,
            "stream": True,
        }


async def text_of(
    response: httpx.Response, asked: Asked, hear: Callable[[str], None] = lambda _: None
) -> str:
    """The text of a good answer, streamed or whole; cut off at its last whole sentence if too long.

    Args:
        response: Its headers were read.
        asked: What it answers.
        hear: Called with all that has come, each time that more has.

    Raises:
        ModelUnavailableError: It is no chat completion, breaks off, or reports an error.
    """
    if response.headers.get("content-type", "").startswith(_EVENTS):
        return await _streamed(response, asked, hear)
    completion = decoded(await read(response), _Completion)
    if not completion.choices:
        raise ModelUnavailableError("The model server answered without a text.")
    choice = completion.choices[0]
    text = (choice.message.content if choice.message is not None else None) or ""
    return _ended(text, choice.finish_reason)


async def _streamed(response: httpx.Response, asked: Asked, hear: Callable[[str], None]) -> str:
    text, most = "", asked.limit * 2 + 200
    reason: str | None = None
    async for line in response.aiter_lines():
        if not line.startswith("data:"):
            continue  # comments keep a connection alive; other fields mean nothing here
        data = line.removeprefix("data:").strip()
        if data == _DONE:
            break
        event = decoded(data.encode(), _Event)
        if event.error is not None:
            raise ModelUnavailableError("The model server broke off its answer with an error.")
        for choice in event.choices[:1]:
            text += (choice.delta.content if choice.delta is not None else None) or ""
            reason = choice.finish_reason or reason
        hear(text)
        if len(text) > most:
            return _ended(text, "length")
    if reason is None:
        raise ModelUnavailableError("The model server broke off its answer.")
    return _ended(text, reason)


def _ended(text: str, reason: str | None) -> str:
    return unwrapped(whole_sentences(text) if reason == "length" else text)


async def read(response: httpx.Response) -> bytes:
    """The content of an answer.

    Raises:
        ModelUnavailableError: There is too much of it.
    """
    content = bytearray()
    async for chunk in response.aiter_bytes():
        content += chunk
        if len(content) > _ANSWER_BYTES:
            raise ModelUnavailableError("The model server answered with too much.")
    return bytes(content)


def decoded(content: bytes, shape: type[T]) -> T:
    """JSON of a shape.

    Raises:
        ModelUnavailableError: It is not.
    """
    try:
        return msgspec.json.decode(content, type=shape)
    except (msgspec.DecodeError, UnicodeDecodeError):
        detail = "The model server does not speak the OpenAI protocol here."
        raise ModelUnavailableError(detail, retry_after=60) from None
