"""Clients of a deployment, a process of their own: they ask until their input closes, and count every answer.

What they are to do comes as JSON on the first line of the input. Each request that ended is a JSON line of
the output, and the last line says how many there were:

    {"number": 7, "kind": "promo", "path": "/v1/promos", ..., "refused": [...], "status": 200, "answer": ...}
    {"sent": 1234}

A request is sent again only after an answer that says so (503 or 429 with Retry-After, or the error that
ends a stream): a connection that is refused, reset or closed without one ends it, with the `status` null.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import random
import ssl
import sys
from typing import TYPE_CHECKING, Any

import httpx

if TYPE_CHECKING:
    from collections.abc import Iterator

CLIENTS = 6
CONSENTS = ["content_profile", "content_use"]
AUDIENCES: tuple[dict[str, Any], ...] = (
    {},
    {"genre_affinity": ["crime", "comedy"]},
    {"genre_affinity": ["drama", "documentary"], "pace_preference": "slow_burn"},
)
CHANNELS = ("tile", "home_row", "detail")
CYCLE = (
    "promo", "promo", "synopsis", "promo", "fresh", "receipt", "promo", "consent", "signals", "viewer",
    "promo", "promo", "title", "synopsis", "promo", "fresh", "viewer", "promo", "stream", "promo",
)  # fmt: skip
"""What is asked in turn."""
ANY_NUMBER_OF_TIMES = ("promo", "synopsis", "fresh", "receipt", "title")
"""Of that, what no number of repetitions would change, and what leaves at once."""
VIEWERS = 4
PAUSE = 0.1
"""Seconds between an answer and the next request of one client."""
MOST_AGAIN = 60


def requests(titles: list[str], kinds: list[str]) -> Iterator[dict[str, Any]]:
    """What is asked, in order, without an end; the same every time."""
    cycle = [kind for kind in CYCLE if kind in kinds]
    chance = random.Random(7)
    for number in itertools.count():
        kind = cycle[number % len(cycle)]
        title = chance.choice(titles)
        if kind == "title":
            yield _asked(number, kind, "GET", f"/v1/titles/{title}")
        elif kind == "receipt":
            yield _asked(number, kind, "GET", "/v1/receipts/{last}")
        elif kind == "signals":
            signals = {"genre_affinity": [("crime", "comedy", "drama")[number % 3]]}
            path = f"/v1/viewers/{_viewer(chance)}/signals"
            yield _asked(number, kind, "PATCH", path, {"signals": signals})
        elif kind == "consent":
            act = {"action": "given", "source": "clients", "text_version": f"{number}"}
            acts = [{"consent": consent, **act} for consent in CONSENTS]
            path = f"/v1/viewers/{_viewer(chance)}/consents"
            yield _asked(number, kind, "POST", path, {"acts": acts})
        else:
            path = "/v1/synopses" if kind == "synopsis" else "/v1/promos"
            yield _asked(number, kind, "POST", path, _order(number, kind, title, chance))


def canary(number: int) -> str:
    """A word that stands in a withheld signal of this request, and nowhere else."""
    return f"Kanarienstadt{number:06d}"


def _order(number: int, kind: str, title: str, chance: random.Random) -> dict[str, Any]:
    audience = {**chance.choice(AUDIENCES)}
    audience["location"] = {"country": "DE", "city": canary(number)}
    order = {
        "title_id": title,
        "context": {"region": "DE", "age_band": "age_25_34", "consents": CONSENTS},
        "audience": {"signals": audience},
        "channel": "detail" if kind == "stream" else chance.choice(CHANNELS),
        "length": "long" if kind == "stream" else "medium",
        "tone": "plain",
        # A seed of its own makes a text of its own.
        "seed": number if kind == "fresh" else 0,
    }
    if kind == "viewer":
        order["audience"] = {"viewer": _viewer(chance)}
    return order


def _viewer(chance: random.Random) -> str:
    return f"v-{chance.randrange(VIEWERS)}"


def _asked(number: int, kind: str, method: str, path: str, body: Any = None) -> dict[str, Any]:
    return {"number": number, "kind": kind, "method": method, "path": path, "body": body}


class Clients:
    """Several at once, over connections that are kept or not."""

    def __init__(self, told: dict[str, Any]) -> None:
        self._asked = requests(told["titles"], told["kinds"])
        self._ended = asyncio.Event()
        self._last = ""
        self._http = httpx.AsyncClient(
            base_url=told["address"],
            verify=ssl.create_default_context(cafile=told["certificate"]),
            headers={"Authorization": f"Bearer {told['key']}"},
            trust_env=False,
            timeout=120,
        )

    async def run(self) -> int:
        """Ask until the input closes; how often."""
        # What comes later asks for its receipt.
        first = {**next(self._asked), "kind": "fresh"}
        self._print(await self._answered(first, {}))
        counts = asyncio.gather(*(self._ask(closing=n == 0) for n in range(CLIENTS)))
        await asyncio.to_thread(sys.stdin.read)
        self._ended.set()
        sent = 1 + sum(await counts)
        await self._http.aclose()
        return sent

    async def _ask(self, *, closing: bool) -> int:
        count = 0
        while not self._ended.is_set():
            asked = next(self._asked)
            count += 1
            answered = await self._answered(asked, {"Connection": "close"} if closing else {})
            self._print(answered)
            await asyncio.sleep(PAUSE)
        return count

    def _print(self, answered: dict[str, Any]) -> None:
        print(json.dumps(answered), flush=True)  # noqa: T201 - what the test reads

    async def _answered(self, asked: dict[str, Any], headers: dict[str, str]) -> dict[str, Any]:
        refused: list[Any] = []
        method, path = asked["method"], asked["path"].format(last=self._last)
        if asked["kind"] == "stream":
            headers = {**headers, "Accept": "text/event-stream"}
        answered = {**asked, "path": path, "refused": refused, "status": None}
        while len(refused) < MOST_AGAIN:
            try:
                answer = await self._http.request(
                    method, path, json=asked["body"] or None, headers=headers
                )
            except httpx.TransportError as error:
                return {**answered, "answer": type(error).__name__}
            told = _events(answer.text) if "event-stream" in answer.headers["Content-Type"] else answer.json()  # fmt: skip
            status, after = answer.status_code, answer.headers.get("Retry-After")
            if isinstance(told, list) and told and told[-1][0] == "error":
                # What was told before it belongs to no answer.
                told = told[-1][1]
                status, after = told["status"], "1"
            if status not in {429, 503} or after is None:
                if asked["kind"] == "fresh" and status == 200:
                    self._last = told["receipt"]["id"]
                return {**answered, "status": status, "answer": told}
            refused.append({"status": status, "problem": told})
            await asyncio.sleep(int(after))
        return {**answered, "answer": "gave up"}


def _events(text: str) -> list[tuple[str, Any]]:
    events = []
    for block in text.replace("\r\n", "\n").split("\n\n"):
        fields = dict(
            line.split(": ", 1) for line in block.splitlines() if not line.startswith(":")
        )
        if "event" in fields:
            events.append((fields["event"], json.loads(fields["data"])))
    return events


if __name__ == "__main__":
    told = json.loads(sys.stdin.readline())
    sent = asyncio.run(Clients(told).run())
    print(json.dumps({"sent": sent}), flush=True)  # noqa: T201 - as above
