"""The parts of `make bench`: each measures one thing, and puts it beside its baseline."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from benchmarks.results import Extent, Found, Ratio

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.growth import Curve


class Task(NamedTuple):
    """One part."""

    about: str
    alone: str
    """The command that measures it alone, in full."""
    measure: Callable[[Extent], Found]


def _of(extent: Extent, *, tiny: Any, thin: Any, all_: Any) -> Any:
    return {"tiny": tiny, "thin": thin, "all": all_}[extent]


def deciding(extent: Extent) -> Found:
    """Thirty signals under a hundred rules, beside Cedar deciding whether each may be used at all."""
    from benchmarks.policy.__main__ import measured

    contexts, cedar = _of(extent, tiny=(200, 20), thin=(10_000, 200), all_=(10_000, 500))
    found: Any = measured(contexts, cedar, 1)
    ours, theirs = found["genservice_us"], found["cedarpy_us"]
    return Found(
        ratios=tuple(
            Ratio(
                what=f"deciding in a context, {name}",
                ours=ours[name],
                unit="µs",
                beside="cedarpy, allowed or not",
                baseline=theirs[name],
            )
            for name in ("median", "p99")
        ),
        figures={
            **{
                f"in contexts met before, {rules} rules, µs": each["median"]
                for rules, each in found["warm_us_by_rules"].items()
            },
            "the shipped set read from files, ms": found["cold_load_of_the_shipped_set_ms"],
            "genservice policy check, s": found["policy_check_s"],
        },
    )


def guard(extent: Extent) -> Found:
    """A text of 300 characters screened, beside Presidio alone with the same recognisers and tagger."""
    from benchmarks.guard.speed import measure
    from genservice.catalog.vocabulary import load_vocabulary
    from genservice.privacy import allowed_words, build_guard
    from genservice.shipped import shipped

    built = build_guard(allowed=allowed_words(load_vocabulary(shipped("catalogue"))), deadline=30)
    try:
        count = _of(extent, tiny=16, thin=240, all_=960)
        found = asyncio.run(measure(built, count, min(count, 16), 1))["milliseconds a text"]
    finally:
        built.close()
    return Found(
        ratios=tuple(
            Ratio(
                what=f"screening a text{'' if ours == 'guard' else ' in a batch of 16'}, {name}",
                ours=found[ours][name],
                unit="ms",
                beside="plain Presidio, each text read once",
                baseline=found[theirs][name],
            )
            for ours, theirs in (("guard", "plain"), ("guard in batches", "plain in batches"))
            for name in ("median", "p95")
        )
    )


def engine(extent: Extent) -> Found:
    """The embedded model in processor time, beside transformers' own loop."""
    import torch

    from benchmarks.engine import compare, requests_of

    torch.set_num_threads(1)
    count, rounds = _of(extent, tiny=(4, 1), thin=(32, 3), all_=(64, 5))
    found = compare(asyncio.run(requests_of(count)), rounds)
    plain = found["plain"]["ms_of_processor_time"]
    return Found(
        ratios=tuple(
            Ratio(
                what=f"a promo written, {way}",
                ours=each["ms_of_processor_time"],
                unit="ms",
                beside="transformers' loop, two candidates",
                baseline=plain,
            )
            for way, each in found.items()
            if way != "plain"
        ),
        figures={
            f"texts equal to the plain ones, {way}": each["equal_to_plain"]
            for way, each in found.items()
            if way != "plain"
        },
    )


def fresh(extent: Extent) -> Found:
    """Fresh promos, 32 asked for at once, beside the plain composition of the same libraries."""
    from benchmarks.plain import AIM, measure

    found = measure(
        **_of(
            extent,
            tiny={"rounds": 1, "blurbs": 32, "plain": 2, "seconds": 1},
            thin={"rounds": 4, "blurbs": 128, "plain": 24, "seconds": 4},
            all_={"rounds": 5, "blurbs": 160, "plain": 32, "seconds": 6},
        )
    )
    served, beside = found.deployed, "plain composition, one at a time"
    deployed = "over HTTP, a worker for each core"
    return Found(
        ratios=(
            Ratio(
                what=f"fresh promos each second, {found.at_once} at once, {deployed}",
                ours=served.each_second,
                unit="/s",
                beside=beside,
                baseline=found.plain.each_second,
                least=AIM,
            ),
            Ratio(
                what=f"processor time of a fresh promo, {deployed}",
                ours=served.processor_ms,
                unit="ms",
                beside=beside,
                baseline=found.plain.processor_ms,
            ),
            Ratio(
                what=f"fresh promos each second, {found.at_once} at once",
                ours=found.ours.each_second,
                unit="/s",
                beside=beside,
                baseline=found.plain.each_second,
            ),
            Ratio(
                what="processor time of a fresh promo",
                ours=found.ours.processor_ms,
                unit="ms",
                beside=beside,
                baseline=found.plain.processor_ms,
            ),
        ),
        figures={
            f"workers, {deployed}": served.workers,
            f"p50 of a fresh promo, {deployed}, ms": served.p50_ms,
            f"p99 of a fresh promo, {deployed}, ms": served.p99_ms,
            **{
                f"of the processor time without HTTP, {name}, ms": value
                for name, value in msgspec.structs.asdict(found.shares).items()
            },
        },
        troubles=("requests failed, or were refused",) if served.failed else (),
    )


def cache(extent: Extent) -> Found:
    """A warm promo with each kind of cache, in processor time, beside none."""
    from benchmarks.cache import measured

    found = measured(rounds=_of(extent, tiny=2, thin=60, all_=150))
    promo, lookup = found.pop("none")
    return Found(
        ratios=tuple(
            Ratio(what=what, ours=ours, unit="µs", beside="the database alone", baseline=base)
            for name, each in found.items()
            for what, ours, base in (
                (f"a warm promo without HTTP, {name}", each[0], promo),
                (f"its text looked up, {name}", each[1], lookup),
            )
        )
    )


def fast_path(extent: Extent) -> Found:
    """A warm promo from socket to socket, beside a bare Litestar handler that answers the same bytes."""
    from benchmarks.fast_path import LEAST_SHARE, MOST_TIMES, measure

    found = measure(
        **_of(
            extent,
            tiny={"rounds": 1, "seconds": 1, "titles": 2, "viewers": 4, "connections": (2,)},
            thin={"rounds": 3, "seconds": 3},
            all_={"rounds": 7, "seconds": 5},
        )
    )
    ratios: list[Ratio] = []
    for each in found.beside:
        ratios.append(
            Ratio(
                what=f"the same beside uvicorn as it comes, {each.connections} connections",
                ours=each.inline.each_second,
                unit="/s",
                beside="bare Litestar handler on h11 and asyncio",
                baseline=each.plain.each_second,
            )
        )
        for side, name in ((each.inline, "audience sent"), (each.viewers, "viewer stored")):
            at = f"{name}, {each.connections} connection{'s' * (each.connections > 1)}"
            aimed = side is each.inline and each is found.beside[-1]
            ratios += [
                Ratio(
                    what=f"warm promos each second, {at}",
                    ours=side.each_second,
                    unit="/s",
                    beside="bare Litestar handler, same bytes",
                    baseline=each.bare.each_second,
                    least=LEAST_SHARE if aimed else None,
                ),
                Ratio(
                    what=f"p50, {at}",
                    ours=side.p50_ms,
                    unit="ms",
                    beside="bare Litestar handler, same bytes",
                    baseline=each.bare.p50_ms,
                ),
                Ratio(
                    what=f"p99, {at}",
                    ours=side.p99_ms,
                    unit="ms",
                    beside="bare Litestar handler, same bytes",
                    baseline=each.bare.p99_ms,
                    most=MOST_TIMES if aimed else None,
                ),
                Ratio(
                    what=f"processor time, {at}",
                    ours=side.processor_us,
                    unit="µs",
                    beside="bare Litestar handler, same bytes",
                    baseline=each.bare.processor_us,
                ),
            ]
    return Found(
        ratios=tuple(ratios),
        figures={"bytes of an answer": found.answer_bytes},
        troubles=() if found.sound else ("requests failed, or were refused",),
    )


def workers(extent: Extent) -> Found:
    """Several worker processes: what each adds in memory, and how soon all are ready."""
    from benchmarks.workers import MOST_EXTRA_MB, MOST_START_SECONDS, measure

    most, seconds = _of(extent, tiny=(3, 1), thin=(3, 3), all_=(4, 6))
    found = measure(most=most, seconds=seconds)
    largest = max(start.seconds for start in found.starts if not start.fresh)
    alone, *_, many = found.held
    return Found(
        ratios=(
            Ratio(
                what="memory of each worker beyond two",
                ours=found.extra_mb,
                unit="MB",
                beside="the aim",
                baseline=MOST_EXTRA_MB,
                most=1,
            ),
            Ratio(
                what="from start to ready, the longest",
                ours=largest,
                unit="s",
                beside="the aim",
                baseline=MOST_START_SECONDS,
                most=1,
            ),
            Ratio(
                what=f"warm promos each second, {many.workers} workers",
                ours=many.load.each_second,
                unit="/s",
                beside="one process",
                baseline=alone.load.each_second,
            ),
            Ratio(
                what=f"memory, {many.workers} workers",
                ours=many.pss_mb,
                unit="MB",
                beside="one process",
                baseline=alone.pss_mb,
            ),
        ),
        troubles=() if found.sound else ("requests failed, or were refused",),
    )


def watch(extent: Extent) -> Found:
    """What metrics and traces cost a request, beside nobody listening."""
    from benchmarks.watch import measured

    found = measured(rounds=_of(extent, tiny=1, thin=8, all_=20))
    base = found.pop("nobody listens")
    return Found(
        ratios=tuple(
            Ratio(
                what=name, ours=taken, unit="µs", beside="nobody listens", baseline=round(base, 2)
            )
            for name, taken in found.items()
        )
    )


def replay(extent: Extent) -> Found:
    """Logged requests replayed under a draft, and the log verified."""
    from benchmarks.replay import measured

    requests = _of(extent, tiny=1000, thin=100_000, all_=1_000_000)
    found = measured(requests, 500)
    return Found(
        figures={
            "requests": requests,
            "replayed, s": found["seconds"],
            "memory of it, MB": found["megabytes"],
            "log verified, s": found["verify"]["seconds"],
            "bytes of a request in the log": round(found["database_megabytes"] * 1e6 / requests, 1),
        },
        troubles=() if found["verify"]["whole"] else ("the log is not whole",),
    )


def viewers(extent: Extent) -> Found:
    """What is held of one viewer among many, read, added to and erased."""
    from benchmarks.viewers import measured

    count, calls = _of(extent, tiny=(50, 60), thin=(20_000, 1000), all_=(100_000, 2000))
    with tempfile.TemporaryDirectory() as folder:
        found = asyncio.run(measured(Path(folder), count, calls))
    held = found["held_microseconds"]
    return Found(
        ratios=(
            Ratio(
                what="what is held of a viewer, p50",
                ours=held["p50"],
                unit="µs",
                beside="a viewer nobody knows",
                baseline=found["held_unknown_microseconds"]["p50"],
            ),
        ),
        figures={
            "viewers": count,
            "held, p99, µs": held["p99"],
            "serving recorded, p50, µs": found["record_serving_microseconds"]["p50"],
            "servings recorded each second, 64 at once": found["record_serving_each_second_of_64"],
            "erasure, p50, ms": found["erase_microseconds"]["p50"] / 1000,
        },
    )


def batch(extent: Extent) -> Found:
    """A catalogue overnight: a row whose text is written, beside one whose text stands."""
    from benchmarks.batch import shipped_measured

    found = asyncio.run(shipped_measured(titles=_of(extent, tiny=2, thin=6, all_=32), at_once=16))
    cost = found["cpu_ms"]
    return Found(
        ratios=(
            Ratio(
                what="processor time of a text written",
                ours=cost["a_text"],
                unit="ms",
                beside="a row whose text stands",
                baseline=cost["a_row"],
            ),
        ),
        figures={
            "rows": found["rows"],
            "texts": found["texts"],
            "processor time of a title read, ms": cost["a_title"],
            "rows each second, all texts written": round(
                found["rows"] / found["wall_s"]["written"], 1
            ),
            "rows each second, all texts stand": round(found["rows"] / found["wall_s"]["stood"], 1),
        },
    )


def _grown(curve: Curve) -> Found:
    return Found(curves=(curve,))


def titles(extent: Extent) -> Found:
    """A service over more and more titles."""
    from benchmarks.growth import by_titles
    from benchmarks.growth.titles import SIZES

    return _grown(by_titles(_of(extent, tiny=(100, 200), thin=(100, 3000, 100_000), all_=SIZES)))


def stored(extent: Extent) -> Found:
    """A service over more and more viewers."""
    from benchmarks.growth import by_viewers
    from benchmarks.growth.viewers import SIZES

    return _grown(by_viewers(_of(extent, tiny=(50, 100), thin=(1000, 10_000, 100_000), all_=SIZES)))


def rules(extent: Extent) -> Found:
    """A service under more and more rules."""
    from benchmarks.growth import by_rules
    from benchmarks.growth.rules import SIZES

    return _grown(by_rules(_of(extent, tiny=(10, 20), thin=(10, 100, 1000), all_=SIZES)))


def requests(extent: Extent) -> Found:
    """A service asked for more and more at once."""
    from benchmarks.growth import by_requests
    from benchmarks.growth.requests import SIZES

    curve = by_requests(
        _of(extent, tiny=(1, 2), thin=SIZES, all_=(1, 2, 4, 8, 16, 32, 64, 128, 256)),
        seconds=_of(extent, tiny=1.0, thin=3.0, all_=6.0),
    )
    failed = sum(
        point.figures[name] for point in curve.points for name in point.figures if "failed" in name
    )
    return Found(
        curves=(curve,),
        troubles=(f"{failed:.0f} requests failed or were refused",) if failed else (),
    )


PARTS: dict[str, Task] = {
    "deciding": Task("policy decisions beside Cedar", "python -m benchmarks.policy", deciding),
    "guard": Task("screening beside Presidio", "python -m benchmarks.guard.speed", guard),
    "engine": Task("the embedded model beside transformers", "python -m benchmarks.engine", engine),
    "fresh": Task("fresh promos beside the plain composition", "python -m benchmarks.plain", fresh),
    "cache": Task("caches beside the database", "python -m benchmarks.cache", cache),
    "fast path": Task(
        "warm promos beside a bare handler", "python -m benchmarks.fast_path", fast_path
    ),
    "workers": Task("several workers beside one", "python -m benchmarks.workers", workers),
    "watch": Task("metrics and traces beside nothing", "python -m benchmarks.watch", watch),
    "replay": Task("a week replayed under a draft", "python -m benchmarks.replay", replay),
    "viewers": Task("what is held of viewers", "python -m benchmarks.viewers", viewers),
    "batch": Task("a catalogue overnight", "python -m benchmarks.batch FILMS", batch),
    "titles": Task("growth by titles", "python -m benchmarks.growth titles", titles),
    "stored viewers": Task("growth by viewers", "python -m benchmarks.growth viewers", stored),
    "rules": Task("growth by rules", "python -m benchmarks.growth rules", rules),
    "requests": Task(
        "growth by requests at once", "python -m benchmarks.growth requests", requests
    ),
}
"""By name, in the order in which they run."""
