"""What supervisor, crew and workers tell each other, over the pipes between them."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import msgspec

from genservice.errors import DocumentError, GenserviceError, InvalidInputError, StartError
from genservice.logs import frames_of

if TYPE_CHECKING:
    from multiprocessing.connection import Connection


class Begin(msgspec.Struct, frozen=True, tag=True):
    """To a crew: load, and have workers listen."""

    flags: dict[str, Any]
    """Settings that were given on the command line."""


class Ready(msgspec.Struct, frozen=True, tag=True):
    """From a worker: it answers. From a crew: all of its workers do."""

    key: str | None = None
    """The first API key, where there was none."""


class Waiting(msgspec.Struct, frozen=True, tag=True):
    """From a worker: it does not answer yet."""

    problems: tuple[str, ...]


class Alive(msgspec.Struct, frozen=True, tag=True):
    """From a worker, now and then: its event loop runs."""


class Failed(msgspec.Struct, frozen=True, tag=True):
    """From a worker or a crew: it cannot start."""

    problems: tuple[str, ...]


class Leave(msgspec.Struct, frozen=True, tag=True):
    """To a crew or a worker: finish what is under way, and end."""

    relieved: bool
    """Whether others answer by now, so that there is no hurry; otherwise the service stops."""


Message = Begin | Ready | Waiting | Alive | Failed | Leave

_encoder = msgspec.json.Encoder()
_decoder: msgspec.json.Decoder[Message] = msgspec.json.Decoder(Message)


def tell(pipe: Connection, message: Message) -> None:
    """Send a message; nothing where nobody is left to hear it."""
    with contextlib.suppress(OSError):
        pipe.send_bytes(_encoder.encode(message))


def hear(pipe: Connection) -> Message | None:
    """The next message; None if the other end is gone for good."""
    try:
        return _decoder.decode(pipe.recv_bytes())
    except (EOFError, OSError):
        return None


def problems_of(error: BaseException) -> tuple[str, ...]:
    """What to say of an error that ended a start: its message if it is ours, else its kind and place."""
    if isinstance(error, DocumentError | InvalidInputError | StartError):
        return tuple(map(str, error.problems))
    if isinstance(error, GenserviceError):
        return (str(error),)
    return (f"a fault of genservice: {type(error).__name__}", *frames_of(error)[-4:])
