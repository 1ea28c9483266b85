"""Any OpenAI-compatible server: vLLM, TGI, llama.cpp, `transformers serve`, or a third party's."""

from __future__ import annotations

import asyncio
import math
from typing import TYPE_CHECKING, Any, TypeVar

import httpx
import msgspec
from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_attempt

from genservice.errors import ModelUnavailableError, SettingsError
from genservice.generation.endings import whole_sentences
from genservice.generation.patience import BusyError, Patience, Pause, retry_after

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Mapping

    from genservice.domain import Processor
    from genservice.generation.model import Request

T = TypeVar("T")

_ANSWER_BYTES = 1_000_000
_SEEDS = 2**31
"""Seeds are folded below this: the smallest range that servers agree on."""
_BUSY = frozenset({408, 429, 500, 502, 503, 504})
_TEMPERATURE = 0.8
_TOP_P = 0.95


class _Message(msgspec.Struct):
    content: str | None = None


class _Choice(msgspec.Struct):
    message: _Message
    finish_reason: str | None = None


class _Completion(msgspec.Struct):
    choices: tuple[_Choice, ...]


class _Listed(msgspec.Struct):
    id: str


class _Models(msgspec.Struct):
    data: tuple[_Listed, ...]


class Remote:
    """A model behind an OpenAI-compatible address. Prompts leave this process.

    Repeatable as far as the server honours `seed`.
    """

    def __init__(
        self,
        address: str,
        *,
        processor: Processor,
        name: str = "",
        key: str = "",
        patience: Patience | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Prepare to talk to a server; nothing is sent yet.

        Args:
            address: Its base URL; without a path, `/v1` is meant.
            processor: Whose server it is.
            name: The model there; empty means the first that it lists.
            key: Bearer key, if it wants one.
            patience: How long to wait, and how often to try again.
            sleep: What passes the time between attempts.

        Raises:
            SettingsError: The address is none.
        """
        self._patience = patience or Patience()
        self._processor: Processor = processor
        self._name = name
        self._sleep = sleep
        self._calls = asyncio.Semaphore(self._patience.calls)
        self._closed = False
        self._answering = True
        self._under_way: set[asyncio.Task[Any]] = set()
        self._client = httpx.AsyncClient(
            base_url=_base_url(address),
            headers={"Authorization": f"Bearer {key}"} if key else {},
            timeout=httpx.Timeout(self._patience.deadline, connect=self._patience.connect),
            # A server of one's own is reached directly; only to others may the environment's proxy lead.
            trust_env=processor == "third_party",
        )

    @property
    def revision(self) -> str:
        """The model's name at its server; `remote` alone until that is known (see `connect`)."""
        return f"remote {self._name}".rstrip()

    @property
    def processor(self) -> Processor:
        """Whose server it is."""
        return self._processor

    @property
    def answering(self) -> bool:
        """Whether the server answered when it was last asked; true until it is first asked."""
        return self._answering

    async def connect(self, *, deadline: float | None = None) -> None:
        """Learn the model's name, unless it is known; then nothing is asked.

        Args:
            deadline: Most seconds to wait, if that is less than for a text.

        Raises:
            ModelUnavailableError: The server does not answer, or lists no model.
        """
        if not self._name:
            await self._answer(self._find_name(), deadline=deadline)

    async def write(self, request: Request) -> tuple[str, ...]:
        """One raw text per seed, each by a call of its own; see `TextModel.write`.

        Raises:
            ModelUnavailableError: The server cannot be reached, refuses, is too slow, or answers
                with something else. The message tells no more than a status.
        """
        return await self._answer(self._write(request))

    async def close(self) -> None:
        """Hang up; see `TextModel.close`."""
        self._closed = True
        # First, or connections that are just being made would never be closed.
        for task in self._under_way:
            task.cancel()
        if self._under_way:
            await asyncio.wait(self._under_way)
        await self._client.aclose()

    async def _answer(self, work: Coroutine[None, None, T], *, deadline: float | None = None) -> T:
        """What `work` comes to, in time or not at all; and remember whether it came to anything."""
        try:
            answer = await self._in_time(work, min(self._patience.deadline, deadline or math.inf))
        except ModelUnavailableError:
            self._answering = False
            raise
        self._answering = True
        return answer

    async def _in_time(self, work: Coroutine[None, None, T], deadline: float) -> T:
        task = asyncio.ensure_future(work)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        try:
            async with asyncio.timeout(deadline):
                return await task
        except TimeoutError:
            raise ModelUnavailableError("The model server did not answer in time.") from None
        except asyncio.CancelledError:
            asking = asyncio.current_task()
            if asking is None or asking.cancelling():
                raise
            raise ModelUnavailableError("The connection to the model server was closed.") from None

    async def _write(self, request: Request) -> tuple[str, ...]:
        await self._find_name()
        tasks = [asyncio.ensure_future(self._text(request, seed)) for seed in request.seeds]
        try:
            return tuple(await asyncio.gather(*tasks))
        finally:
            for task in tasks:
                task.cancel()
            if tasks:
                await asyncio.wait(tasks)

    async def _find_name(self) -> None:
        if self._name:
            return
        models = await self._call("GET", "models", None, _Models)
        if not models.data:
            raise ModelUnavailableError("The model server lists no model.")
        self._name = models.data[0].id

    async def _text(self, request: Request, seed: int) -> str:
        body = {
            "model": self._name,
            "messages": [
                {"role": turn.role, "content": turn.content} for turn in request.prompt.turns
            ],
            "max_tokens": request.limit // 2 + 16,
            "temperature": _TEMPERATURE,
            "top_p": _TOP_P,
            "seed": seed % _SEEDS,
        }
        async with self._calls:
            completion = await self._call("POST", "chat/completions", body, _Completion)
        if not completion.choices:
            raise ModelUnavailableError("The model server answered without a text.")
        choice = completion.choices[0]
        text = choice.message.content or ""
        return (whole_sentences(text) if choice.finish_reason == "length" else text).strip()

    async def _call(
        self, method: str, path: str, body: Mapping[str, object] | None, shape: type[T]
    ) -> T:
        """One exchange, tried again while that makes sense. A circuit breaker belongs around it."""
        retrying = AsyncRetrying(
            retry=retry_if_exception_type(BusyError),
            stop=stop_after_attempt(self._patience.attempts),
            wait=Pause(self._patience),
            sleep=self._sleep,
            reraise=True,
        )
        try:
            return await retrying(self._exchange, method, path, body, shape)
        except BusyError as error:
            later = max(1, round(error.retry_after)) if error.retry_after else 5
            raise ModelUnavailableError(str(error), retry_after=later) from None

    async def _exchange(
        self, method: str, path: str, body: Mapping[str, object] | None, shape: type[T]
    ) -> T:
        if self._closed:
            raise ModelUnavailableError("The connection to the model server is closed.")
        try:
            async with self._client.stream(method, path, json=body) as response:
                self._refuse_failure(response)
                return _decoded(await _read(response), shape)
        except httpx.TimeoutException as error:
            if isinstance(error, httpx.ConnectTimeout):
                raise BusyError("The model server cannot be reached.") from None
            raise ModelUnavailableError("The model server did not answer in time.") from None
        except (httpx.NetworkError, httpx.RemoteProtocolError):
            raise BusyError("The model server cannot be reached.") from None
        except (httpx.HTTPError, httpx.StreamError, RuntimeError) as error:
            kind = type(error).__name__
            raise ModelUnavailableError(f"The model server cannot be used: {kind}.") from None

    def _refuse_failure(self, response: httpx.Response) -> None:
        if response.is_success:
            return
        detail = f"The model server answered with status {response.status_code}."
        if response.status_code not in _BUSY:
            raise ModelUnavailableError(detail, retry_after=60)
        asked = retry_after(response.headers)
        if asked is not None and asked > self._patience.pause:
            raise ModelUnavailableError(detail, retry_after=round(asked))
        raise BusyError(detail, retry_after=asked)


def _base_url(address: str) -> str:
    try:
        url = httpx.URL(address)
    except httpx.InvalidURL:
        raise SettingsError("GENSERVICE_MODEL: not an http address") from None
    if url.scheme not in ("http", "https") or not url.host:
        raise SettingsError("GENSERVICE_MODEL: not an http address")
    if url.userinfo or url.query or url.fragment:
        raise SettingsError("GENSERVICE_MODEL: an address holds no key; set GENSERVICE_MODEL_KEY")
    return str(url.copy_with(path="/v1") if url.path == "/" else url)


async def _read(response: httpx.Response) -> bytes:
    content = bytearray()
    async for chunk in response.aiter_bytes():
        content += chunk
        if len(content) > _ANSWER_BYTES:
            raise ModelUnavailableError("The model server answered with too much.")
    return bytes(content)


def _decoded(content: bytes, shape: type[T]) -> T:
    try:
        return msgspec.json.decode(content, type=shape)
    except (msgspec.DecodeError, UnicodeDecodeError):
        detail = "The model server does not speak the OpenAI protocol here."
        raise ModelUnavailableError(detail, retry_after=60) from None
