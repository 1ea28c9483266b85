"""Any OpenAI-compatible server: vLLM, TGI, llama.cpp, `transformers serve`, or a third party's."""

from __future__ import annotations

import asyncio
import math
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, TypeVar

import httpx
import msgspec
import structlog
from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_attempt

from genservice.circuit import Circuit
from genservice.errors import ModelUnavailableError, SettingsError
from genservice.generation.chat import Asked, decoded, read, text_of
from genservice.generation.patience import BusyError, Patience, Pause, retry_after
from genservice.generation.pieces import Told, told
from genservice.generation.wrappings import settled

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine

    from genservice.domain import Processor
    from genservice.generation.model import Request

T = TypeVar("T")

log = structlog.get_logger(__name__)

_SEEDS = 2**31
"""Seeds are folded below this: the smallest range that servers agree on."""
_BUSY = frozenset({408, 429, 500, 502, 503, 504})
_TEMPERATURE = 0.8
_TOP_P = 0.95


def _left_alone(seconds: int) -> ModelUnavailableError:
    detail = "The model server failed several times, and is left alone for a while."
    return ModelUnavailableError(detail, retry_after=seconds, cause="away")


class _Listed(msgspec.Struct):
    id: str


class _Models(msgspec.Struct):
    data: tuple[_Listed, ...]


class Remote:
    """A model behind an OpenAI-compatible address. Prompts leave this process.

    Repeatable as far as the server honours `seed`. After some failures in a row nothing is sent for a
    while, and `write` fails at once: whoever waits is served something else (`Circuit`). Then one more
    request is let through, and decides.
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
        self._circuit = Circuit(
            "model",
            failures=self._patience.failures,
            cool_down=self._patience.cool_down,
            refusal=_left_alone,
        )
        self._client = httpx.AsyncClient(
            base_url=_base_url(address),
            headers={"Authorization": f"Bearer {key}"} if key else {},
            timeout=httpx.Timeout(self._patience.silence, connect=self._patience.connect),
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

    @property
    def held(self) -> int:
        """Requests under way and waiting."""
        return len(self._under_way)

    async def connect(self, *, deadline: float | None = None) -> None:
        """Learn the model's name, unless it is known; then nothing is asked.

        Args:
            deadline: Most seconds to wait, if that is less than for a text.

        Raises:
            ModelUnavailableError: The server does not answer, or lists no model.
        """
        if not self._name:
            await self._answer(self._find_name, deadline=deadline)

    async def write(self, request: Request) -> tuple[str, ...]:
        """One raw text per seed, each by a call of its own; see `TextModel.write`.

        Raises:
            ModelUnavailableError: The server cannot be reached, refuses, is too slow, or answers
                with something else. The message tells no more than a status.
        """
        return await self._answer(lambda: self._write(request))

    async def stream(self, request: Request) -> AsyncGenerator[str]:
        """One raw text as the server streams it; at once, if it does not. See `TextModel.stream`.

        Raises:
            ModelUnavailableError: As `write` does. Nothing is tried again once a piece has come.
        """

        async def work(put: Callable[[str], None]) -> None:
            await self._answer(lambda: self._tell(request, put))

        async with aclosing(told(work)) as pieces:
            async for piece in pieces:
                yield piece

    async def close(self) -> None:
        """Hang up; see `TextModel.close`."""
        self._closed = True
        # First, or connections that are just being made would never be closed.
        for task in self._under_way:
            task.cancel()
        if self._under_way:
            await asyncio.wait(self._under_way)
        await self._client.aclose()

    async def _answer(
        self, work: Callable[[], Coroutine[None, None, T]], *, deadline: float | None = None
    ) -> T:
        """What `work` comes to, in time or not at all; and remember whether it came to anything."""
        most = min(self._patience.deadline, deadline or math.inf)
        try:
            async with self._circuit.passed():
                answer = await self._in_time(work(), most)
        except ModelUnavailableError as error:
            if self._answering:
                log.warning("the model server fails", detail=str(error))
            self._answering = False
            raise
        if not self._answering:
            log.info("the model server answers again")
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
            detail = "The model server did not answer in time."
            raise ModelUnavailableError(detail, cause="late") from None
        except asyncio.CancelledError:
            asking = asyncio.current_task()
            if asking is None or asking.cancelling():
                raise
            detail = "The connection to the model server was closed."
            raise ModelUnavailableError(detail, cause="closed") from None

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

    async def _tell(self, request: Request, put: Callable[[str], None]) -> None:
        await self._find_name()
        text = Told(put, prefix=request.prefix, settled=settled)
        text.whole(await self._text(request, request.seeds[0], text))

    async def _find_name(self) -> None:
        if self._name:
            return
        models = await self._call("GET", "models", None, _models_of)
        if not models.data:
            detail = "The model server lists no model; GENSERVICE_MODEL_NAME may name one."
            raise ModelUnavailableError(detail)
        self._name = models.data[0].id

    async def _text(self, request: Request, seed: int, told: Told | None = None) -> str:
        asked = Asked(
            model=self._name,
            turns=request.prompt.turns,
            seed=seed % _SEEDS,
            limit=request.limit,
            temperature=_TEMPERATURE,
            top_p=_TOP_P,
            begun="" if told is None else request.prefix,
        )

        async def understand(response: httpx.Response) -> str:
            if told is None:
                return await text_of(response, asked)
            try:
                return await text_of(response, asked, told.so_far)
            except httpx.TransportError:
                if told.begun:
                    detail = "The model server broke off its answer."
                    raise ModelUnavailableError(detail) from None
                raise

        async with self._calls:
            return await self._call("POST", "chat/completions", asked.body(), understand)

    async def _call(
        self,
        method: str,
        path: str,
        body: dict[str, object] | None,
        understand: Callable[[httpx.Response], Awaitable[T]],
    ) -> T:
        """One exchange, tried again while that makes sense."""
        retrying = AsyncRetrying(
            retry=retry_if_exception_type(BusyError),
            stop=stop_after_attempt(self._patience.attempts),
            wait=Pause(self._patience),
            sleep=self._sleep,
            reraise=True,
        )
        try:
            return await retrying(self._exchange, method, path, body, understand)
        except BusyError as error:
            later = max(1, round(error.retry_after)) if error.retry_after else 5
            raise ModelUnavailableError(str(error), retry_after=later, cause="away") from None

    async def _exchange(
        self,
        method: str,
        path: str,
        body: dict[str, object] | None,
        understand: Callable[[httpx.Response], Awaitable[T]],
    ) -> T:
        if self._closed:
            detail = "The connection to the model server is closed."
            raise ModelUnavailableError(detail, cause="closed")
        try:
            async with self._client.stream(method, path, json=body) as response:
                self._refuse_failure(response)
                return await understand(response)
        except httpx.TimeoutException as error:
            if isinstance(error, httpx.ConnectTimeout):
                raise BusyError("The model server cannot be reached.") from None
            detail = "The model server did not answer in time."
            raise ModelUnavailableError(detail, cause="late") from None
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


async def _models_of(response: httpx.Response) -> _Models:
    return decoded(await read(response), _Models)
