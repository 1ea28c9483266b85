"""A promo that stands already, from socket to socket, beside a bare Litestar handler that answers the same bytes.

    python -m benchmarks.fast_path --rounds 5 --seconds 4

All are processes of one worker, and get the same requests from wrk, in turns in one run. The bare handler
reads no body, knows no key and answers what the service answered before; once it is served as the service
is, by uvicorn with httptools and uvloop, and once as uvicorn serves by itself (`plain`). Audiences are sent along; stored viewers are driven apart, after that. The loop
is closed: each connection asks again as soon as it was answered.
"""

from __future__ import annotations

import argparse
import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING

import msgspec

from benchmarks.load import Side, bare, in_turns, promos, service

if TYPE_CHECKING:
    from benchmarks.load import Listening

LEAST_SHARE, MOST_TIMES = 0.5, 5.0
"""Aims: the share of the bare handler's requests a second, and how often its p99."""


class Beside(msgspec.Struct, frozen=True, kw_only=True):
    """The service beside the bare handler at so many connections."""

    connections: int
    bare: Side
    """Served as the service is."""
    plain: Side
    """The same handler, served as uvicorn does by itself."""
    inline: Side
    """An audience sent along."""
    viewers: Side
    """Stored viewers; each answer is also recorded as shown to them."""
    share: float
    """Requests a second with an inline audience, over those of the bare handler."""
    plain_share: float
    """The same over those of the plainly served one."""
    p99_times: float
    """p99 with an inline audience, over that of the bare handler."""
    plain_p99_times: float
    processor_times: float
    """Processor time of a request, likewise."""
    viewers_share: float
    viewers_p99_times: float


class FastPath(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it."""

    titles: int
    bodies: int
    viewers: int
    answer_bytes: int
    """Of the bodies of answers, at the mean."""
    sources: dict[str, int]
    """What the answers were when asked beforehand."""
    beside: tuple[Beside, ...]

    @property
    def sound(self) -> bool:
        """Whether every request was answered, and well."""
        return all(
            side.sound
            for each in self.beside
            for side in (each.bare, each.plain, each.inline, each.viewers)
        )


def measure(
    *,
    rounds: int = 5,
    seconds: float = 4,
    connections: tuple[int, ...] = (1, 16),
    titles: int = 40,
    viewers: int = 200,
) -> FastPath:
    """Measure it.

    Raises:
        httpx.HTTPStatusError: A request was refused before anything was measured.
        WrkMissingError: The load generator is not installed.
    """
    with ExitStack() as stack:
        ours = stack.enter_context(service())
        chosen = _titles(ours, titles)
        inline = promos(chosen)
        names = [f"viewer-{number}" for number in range(viewers)]
        _store(ours, names)
        # Titles in turn, so that no viewer sees one twice before the others did.
        stored = [
            promos([chosen[number % len(chosen)]], viewers=[name])[0]
            for number, name in enumerate(names)
        ]
        answers = [answer.content for answer in ours.ask(inline)]
        ours.ask(stored)
        sides = {
            "bare": stack.enter_context(bare(answers)),
            "plain": stack.enter_context(bare(answers, plain=True)),
            "inline": ours,
            "viewers": ours,
        }
        bodies = {"bare": inline, "plain": inline, "inline": inline, "viewers": stored}
        beside = tuple(
            _beside(
                in_turns(sides, bodies, connections=count, seconds=seconds, rounds=rounds), count
            )
            for count in connections
        )
    sources: dict[str, int] = {}
    for answer in answers:
        blurb = msgspec.json.decode(answer)["blurbs"][0]
        name = blurb["source"] + (", personalised" if blurb["personalised"] else "")
        sources[name] = sources.get(name, 0) + 1
    return FastPath(
        titles=len(chosen),
        bodies=len(inline),
        viewers=viewers,
        answer_bytes=round(sum(map(len, answers)) / len(answers)),
        sources=sources,
        beside=beside,
    )


def _beside(found: dict[str, Side], connections: int) -> Beside:
    bare_, inline, viewers = found["bare"], found["inline"], found["viewers"]
    plain = found["plain"]
    return Beside(
        connections=connections,
        bare=bare_,
        plain=plain,
        inline=inline,
        viewers=viewers,
        share=round(inline.each_second / bare_.each_second, 3),
        plain_share=round(inline.each_second / plain.each_second, 3),
        p99_times=round(inline.p99_ms / bare_.p99_ms, 2),
        plain_p99_times=round(inline.p99_ms / plain.p99_ms, 2),
        processor_times=round(inline.processor_us / bare_.processor_us, 2),
        viewers_share=round(viewers.each_second / bare_.each_second, 3),
        viewers_p99_times=round(viewers.p99_ms / bare_.p99_ms, 2),
    )


def _titles(ours: Listening, count: int) -> list[str]:
    with ours.client() as client:
        found = client.get("/v1/titles", params={"limit": count}).raise_for_status().json()
    return [title["id"] for title in found["items"]]


def _store(ours: Listening, names: list[str]) -> None:
    """What is held of each of these viewers: two signals and two consents."""
    acts = [
        {"consent": consent, "action": "given", "source": "sign-up", "text_version": "1"}
        for consent in ("content_profile", "content_use")
    ]
    with ours.client() as client:
        for name in names:
            client.post(f"/v1/viewers/{name}/consents", json={"acts": acts}).raise_for_status()
            signals = {"genre_affinity": ["crime", "drama"], "watch_history": ["metropolis"]}
            client.put(f"/v1/viewers/{name}/signals", json={"signals": signals}).raise_for_status()


def show(found: FastPath) -> str:
    """The figures as lines for people."""
    lines = [
        f"{found.bodies} requests for {found.titles} titles, {found.viewers} viewers,"
        f" answers of {found.answer_bytes} bytes: {found.sources}"
    ]
    for each in found.beside:
        lines.append(f"{each.connections} connections (closed loop, medians of rounds):")
        for name in ("bare", "plain", "inline", "viewers"):
            side: Side = getattr(each, name)
            troubles = sum(load.refused + load.failed for load in side.rounds)
            lines.append(
                f"  {name:8} {side.each_second:8.0f}/s   p50 {side.p50_ms:7.2f} ms"
                f"   p99 {side.p99_ms:7.2f} ms   {side.processor_us:6.0f} µs processor"
                f"   {troubles} failed"
            )
        lines += [
            f"  inline / bare: throughput {each.share:.2f} (aim {LEAST_SHARE}),"
            f" p99 {each.p99_times:.1f} times (aim {MOST_TIMES:.0f}),"
            f" processor {each.processor_times:.1f} times",
            f"  inline / plain: throughput {each.plain_share:.2f}, p99 {each.plain_p99_times:.1f} times",
            f"  viewers / bare: throughput {each.viewers_share:.2f},"
            f" p99 {each.viewers_p99_times:.1f} times",
        ]
    return "\n".join(lines)


def main() -> None:
    """Read the arguments, measure, and print the figures; exit code 1 if a request failed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--connections", type=int, nargs="+", default=[1, 16])
    parser.add_argument("--titles", type=int, default=40)
    parser.add_argument("--viewers", type=int, default=200)
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    given = parser.parse_args()
    found = measure(
        rounds=given.rounds,
        seconds=given.seconds,
        connections=tuple(given.connections),
        titles=given.titles,
        viewers=given.viewers,
    )
    sys.stdout.write((msgspec.json.encode(found).decode() if given.json else show(found)) + "\n")
    raise SystemExit(not found.sound)


if __name__ == "__main__":
    main()
