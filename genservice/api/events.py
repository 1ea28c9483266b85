"""An answer as server-sent events: the wire form of what `genservice.telling` tells."""

import asyncio
from collections.abc import AsyncGenerator, Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar

import msgspec
import structlog
from litestar import Request
from litestar.background_tasks import BackgroundTask
from litestar.openapi.spec import Example, OpenAPIMediaType, OpenAPIResponse, Operation, Schema
from litestar.response import ServerSentEvent, ServerSentEventMessage

from genservice.api.accepting import EVENT_STREAM
from genservice.api.ai_mark import marks_of
from genservice.api.problems import logged_problem
from genservice.api.requests import instance_of
from genservice.domain import Blurb
from genservice.errors import ClientGoneError
from genservice.telling import AnswerStream, Closing, Event, Replace, Sentence

T = TypeVar("T")

log = structlog.get_logger(__name__)

HEARTBEAT_SECONDS = 5.0
"""Silence after which a comment is sent, so that nothing in between takes the connection for dead."""
_KEEP_ALIVE = ServerSentEventMessage(data=None, comment="keep-alive")
_HEADERS = {"Cache-Control": "no-store"}
_EXAMPLE = """\
event: sentence
data: {"index":0,"text":"A drama told in a low voice.","digital_source_type":"trainedAlgorithmicMedia"}

event: sentence
data: {"index":1,"text":"It is called A Separation.","digital_source_type":"trainedAlgorithmicMedia"}

event: blurb
data: {"id":"b-6d1f0c52","text":"A drama told in a low voice. It is called A Separation.", ...}

event: receipt
data: {"receipt":{"id":"r-93ab77e0", ...},"notices":[]}
"""
_DESCRIPTION = (
    "Asked for with `Accept: text/event-stream`. In order, per blurb: any number of `sentence`"
    " (`{index, text, digital_source_type}`; of long texts only), perhaps one `replace` (the same shape: drop the sentences"
    " that came, and show this text), one `blurb` (as in the JSON answer). Last, exactly one `receipt`"
    " (`{receipt, notices}`) or one `error` (a problem). A comment comes after each five seconds of"
    " silence. What fails before the first event is a plain problem response."
)


async def attended(request: Request[Any, Any, Any], work: Coroutine[Any, Any, T]) -> T:
    """What `work` comes to, as long as the client waits for it; else it is cancelled.

    The body of the request must have been read.

    Raises:
        ClientGoneError: The client hung up first.
    """
    task = asyncio.ensure_future(work)
    gone = asyncio.ensure_future(_gone(request))
    try:
        await asyncio.wait({task, gone}, return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            raise ClientGoneError
        return task.result()
    finally:
        task.cancel()
        gone.cancel()


async def _gone(request: Request[Any, Any, Any]) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def answer_in_events(
    request: Request[Any, Any, Any], stream: AnswerStream
) -> ServerSentEvent:
    """The response that carries a stream. Its first event is there before the response begins.

    Raises:
        ClientGoneError: The client hung up before that.
        GenserviceError: The first event was an error; see `AnswerStream`.
    """
    try:
        first = await attended(request, anext(stream))
    except BaseException:
        stream.stop()
        raise
    return ServerSentEvent(
        messages(stream, first, instance=instance_of(request.scope)),
        headers={**_HEADERS, **({} if isinstance(first, Closing) else marks_of(first))},
        # A client may hang up before the first event is sent, and then nothing is ever read.
        background=BackgroundTask(_stop, stream),
    )


async def _stop(stream: AnswerStream) -> None:
    stream.stop()


async def messages(
    stream: AnswerStream,
    first: Event,
    *,
    heartbeat: float = HEARTBEAT_SECONDS,
    instance: str = "",
) -> AsyncGenerator[ServerSentEventMessage, None]:
    """What is sent: the events, a comment after each silence, and an `error` where they break off.

    Args:
        stream: Tells what comes after the first event. It is stopped when this is closed.
        first: The first event.
        heartbeat: Seconds of silence after which a comment is sent.
        instance: What a problem calls the request.
    """
    coming: asyncio.Future[Event] | None = None
    try:
        yield _message(first)
        while True:
            coming = coming or asyncio.ensure_future(anext(stream))
            done, _ = await asyncio.wait({coming}, timeout=heartbeat)
            if not done:
                yield _KEEP_ALIVE
                continue
            try:
                event = coming.result()
            except StopAsyncIteration:
                return
            coming = None
            yield _message(event)
    except Exception as error:  # noqa: BLE001  a stream that breaks off says nothing; this says what happened
        yield _encoded("error", logged_problem(error, instance=instance)[0])
    finally:
        # Without waiting: whoever cancels this waits for nothing any more.
        stream.stop()
        if coming is not None:
            coming.cancel()


def _message(event: Event) -> ServerSentEventMessage:
    match event:
        case Sentence():
            return _encoded("sentence", event)
        case Replace():
            return _encoded("replace", event)
        case Blurb():
            return _encoded("blurb", event)
        case _:
            return _encoded("receipt", event)


def _encoded(name: str, value: msgspec.Struct) -> ServerSentEventMessage:
    return ServerSentEventMessage(event=name, data=msgspec.json.encode(value).decode())


@dataclass
class Streamed(Operation):
    """A route of the OpenAPI document whose answer comes in events as well."""

    def __post_init__(self) -> None:
        """Add them to its answer."""
        answer = (self.responses or {}).get("200")
        if isinstance(answer, OpenAPIResponse) and answer.content is not None:
            answer.content[EVENT_STREAM] = OpenAPIMediaType(
                # Without a type: some read it as that of the stream, others as that of an event.
                schema=Schema(description=_DESCRIPTION),
                examples={"events": Example(summary="A long text", value=_EXAMPLE)},
            )
