"""Parts written by workers on a Ray cluster, and put on disk here.

A worker is a process with a service of its own. It is given one part at a time and hands back the
part's files; nothing it does counts before they are on disk here. So a worker, or the machine it is
on, may be lost at any moment: its part is given to another one.
"""

from __future__ import annotations

import asyncio
import importlib
import os
import sys
from collections import Counter, deque
from contextlib import asynccontextmanager, redirect_stdout
from typing import TYPE_CHECKING, Any

import structlog

from genservice.batch.worker import Refusal, Worker
from genservice.errors import ConflictError, SettingsError, UnavailableError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterator

    from genservice.batch.plan import Plan
    from genservice.batch.rows import Written
    from genservice.batch.worker import Orders

log = structlog.get_logger(__name__)

MOST_LOSSES = 4
"""So often a part may be lost with its worker: one that is lost again is what kills them."""
MOST_FALSE_STARTS = 4
"""So many workers in a row may die before they are open."""


class OnRay:
    """Writes parts on a Ray cluster that this process is connected to."""

    def __init__(self, ray: Any, orders: Orders, *, workers: int, gpus: float) -> None:
        """Write with so many workers.

        Args:
            ray: The library, connected.
            orders: What workers are told.
            workers: How many.
            gpus: How many each has to itself.
        """
        self._ray = ray
        self._orders = orders
        self._workers = workers
        # Every machine is to have its share, and what it was given is not given again by Ray.
        self._remote = ray.remote(Worker).options(
            num_cpus=1,
            num_gpus=gpus,
            max_restarts=0,
            max_task_retries=0,
            scheduling_strategy="SPREAD",
        )
        self._false_starts = 0
        self._losses: Counter[int] = Counter()

    @property
    def lost(self) -> int:
        """How many parts were lost with their workers, and given to others."""
        return self._losses.total()

    async def parts(self, plan: Plan, numbers: Iterator[int]) -> AsyncGenerator[Written]:
        """The files of these parts, as they are ready.

        Raises:
            ConflictError: A worker would write something else than the batch was begun with.
            UnavailableError: Workers do not start or do not live, or nothing answers them.
        """
        work = _Work(numbers)
        # Workers stop when files come faster than they can be put on disk.
        ready: asyncio.Queue[Written] = asyncio.Queue(maxsize=self._workers)
        hands = [asyncio.create_task(self._hand(plan, work, ready)) for _ in range(self._workers)]
        try:
            for _ in range(work.all):
                getting = asyncio.create_task(ready.get())
                await asyncio.wait((getting, *hands), return_when=asyncio.FIRST_COMPLETED)
                while not getting.done():
                    _raise_first(hands)
                    running = [hand for hand in hands if not hand.done()]
                    await asyncio.wait((getting, *running), return_when=asyncio.FIRST_COMPLETED)
                yield getting.result()
        finally:
            for hand in hands:
                hand.cancel()
            await asyncio.gather(*hands, return_exceptions=True)

    async def _hand(self, plan: Plan, work: _Work, ready: asyncio.Queue[Written]) -> None:
        """Keep one worker at work, and another one when it is lost."""
        lost = self._ray.exceptions.RayError
        while not work.is_done:
            actor = self._remote.remote(self._orders)
            try:
                await self._open(actor)
                log.info("a worker writes")
                while (number := await work.take()) is not None:
                    try:
                        written = await self._part(actor, plan, number)
                    except BaseException:
                        work.put_back(number)
                        raise
                    await ready.put(written)
                    work.finish()
                await actor.close.remote()
            except self._ray.exceptions.RayTaskError:
                raise  # a defect, which another worker would meet again
            except lost as error:
                log.warning("a worker is lost", cause=type(error).__name__)
            finally:
                self._ray.kill(actor)

    async def _open(self, actor: Any) -> None:
        try:
            _require(await actor.open.remote())
        except self._ray.exceptions.RayTaskError:
            raise
        except self._ray.exceptions.RayError:
            self._false_starts += 1
            if self._false_starts > MOST_FALSE_STARTS:
                raise UnavailableError(
                    "workers die before they are open: is genservice installed on every machine?"
                ) from None
            raise
        self._false_starts = 0

    async def _part(self, actor: Any, plan: Plan, number: int) -> Written:
        try:
            return _require(await actor.part.remote(plan.part(number)))
        except self._ray.exceptions.RayTaskError:
            raise
        except self._ray.exceptions.RayError:
            self._losses[number] += 1
            if self._losses[number] > MOST_LOSSES:
                raise UnavailableError(
                    f"part {number} was lost with its worker {MOST_LOSSES + 1} times"
                ) from None
            raise


class _Work:
    """Parts to be written: each is given out until it is finished."""

    def __init__(self, numbers: Iterator[int]) -> None:
        self._waiting = deque(numbers)
        self._given = 0
        self.all = len(self._waiting)
        self._changed = asyncio.Event()

    @property
    def is_done(self) -> bool:
        return not self._waiting and not self._given

    async def take(self) -> int | None:
        """The next part; None once all are finished: until then one may be put back."""
        while not self._waiting:
            if not self._given:
                return None
            self._changed.clear()
            await self._changed.wait()
        self._given += 1
        return self._waiting.popleft()

    def put_back(self, number: int) -> None:
        self._waiting.appendleft(number)
        self.finish()

    def finish(self) -> None:
        self._given -= 1
        self._changed.set()


@asynccontextmanager
async def connected(address: str | None) -> AsyncGenerator[Any]:
    """Ray, connected to a cluster; without an address to one that is started here and ends with the block.

    Raises:
        SettingsError: Ray is not installed.
        UnavailableError: No cluster answers there.
    """
    try:
        ray: Any = importlib.import_module("ray")
    except ImportError:
        raise SettingsError("--engine ray needs Ray: pip install 'genservice[ray]'") from None
    # Ray tells its makers of clusters that it starts, unless this says not to.
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # noqa: TID251 - Ray reads it there, and nowhere else
    more = {} if address else {"include_dashboard": False}
    try:
        await asyncio.to_thread(
            ray.init,
            address=address or "local",
            log_to_driver=False,
            logging_level="ERROR",
            **more,
        )
    except (ConnectionError, RuntimeError, ValueError) as error:
        raise UnavailableError(f"no Ray cluster answers: {type(error).__name__}") from None
    # What Ray says of machines that are lost is for people; some of it only when it shuts down.
    with redirect_stdout(sys.stderr):
        try:
            yield ray
        finally:
            await asyncio.to_thread(ray.shutdown)


def cpus_of(ray: Any) -> int:
    """How many CPUs the cluster has: so many workers keep it busy."""
    return max(1, int(ray.cluster_resources().get("CPU", 1)))


def _require(answer: Any) -> Any:
    if not isinstance(answer, Refusal):
        return answer
    if answer.kind == "other_terms":
        raise ConflictError(answer.detail)
    if answer.kind == "unavailable":
        raise UnavailableError(answer.detail)
    raise UnavailableError(f"a worker failed ({answer.detail}); its log says where")


def _raise_first(hands: list[asyncio.Task[None]]) -> None:
    for hand in hands:
        if hand.done() and not hand.cancelled() and (error := hand.exception()) is not None:
            raise error
