"""`genservice batch`: every title for every audience."""

from __future__ import annotations

import sys
import time
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from genservice.batch import (
    PART_ITEMS,
    Formats,
    InProcess,
    OnRay,
    Orders,
    Source,
    Writing,
    arrow,
    connected,
    cpus_of,
    failures_of,
    opened,
    prepare,
    read_audiences,
    run,
)
from genservice.catalog import FORMATS
from genservice.cli.batch_progress import Shown
from genservice.cli.options import example, settings_options
from genservice.cli.running import with_service

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from genservice.api.service import Service
    from genservice.batch import AudienceFile, Engine, Failure, Output, Plan, Prepared, Summary

_LISTED = 20
"""Failures that are told; all of them are in a file."""

_FORMATS: dict[str, Formats] = {
    "both": ("jsonl", "parquet"),
    "jsonl": ("jsonl",),
    "parquet": ("parquet",),
}


class _Given(msgspec.Struct, frozen=True, kw_only=True):
    """What a batch is started with."""

    source: Source
    formats: Formats
    part_items: int
    concurrency: int
    retry: bool
    engine: str
    address: str | None
    workers: int | None
    worker_gpus: float
    flags: dict[str, Any]
    """Settings that were given as options: workers elsewhere have the same."""


@click.command(
    epilog=example(
        "genservice batch titles.csv --audiences audiences.yaml --out night",
        "genservice batch --from-store --audiences audiences.yaml --out night --engine ray",
    )
)
@click.argument("titles", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--audiences",
    "audiences_file",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Whom to write for: YAML, or JSON Lines.",
)
@click.option(
    "--out",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of the results; one that was begun is gone on with.",
)
@click.option("--from-store", is_flag=True, help="Every title of the catalogue, instead of TITLES.")
@click.option(
    "--format", "form", type=click.Choice(FORMATS), help="Seen from name and content if left out."
)
@click.option(
    "--formats",
    type=click.Choice(tuple(_FORMATS)),
    default="both",
    show_default=True,
    help="JSON Lines, Parquet, or both of results and receipts.",
)
@click.option(
    "--part-items",
    type=click.IntRange(1, 1_000_000),
    default=PART_ITEMS,
    show_default=True,
    help="About how many texts a file holds.",
)
@click.option(
    "--concurrency",
    type=click.IntRange(1, 1000),
    default=16,
    show_default=True,
    help="Texts asked for at a time, by each process that writes.",
)
@click.option(
    "--retry", is_flag=True, help="Write parts again in which model, guard or database failed."
)
@click.option(
    "--engine",
    type=click.Choice(("local", "ray")),
    default="local",
    show_default=True,
    help="Where texts are written: in this process, or on a Ray cluster.",
)
@click.option("--address", help="Of a Ray cluster that runs already; else one is started here.")
@click.option("--workers", type=click.IntRange(1, 10_000), help="On Ray; one a CPU if left out.")
@click.option(
    "--worker-gpus",
    type=click.FloatRange(0, 16),
    default=0,
    show_default=True,
    help="GPUs, or the share of one, that each worker on Ray has to itself.",
)
@click.option("--json", "as_json", is_flag=True, help="Print a summary as JSON.")
@settings_options
def batch(
    *,
    titles: tuple[Path, ...],
    audiences_file: Path,
    out: Path,
    from_store: bool,
    form: Any,
    as_json: bool,
    **given: Any,
) -> None:
    """Write for every title of TITLES and every audience, and keep texts and receipts as files.

    TITLES are files as `genservice catalog import` takes them; their titles are imported first. Stopped or
    killed, the same command goes on where it was. Exit code 1 if a text could not be had or a record of
    TITLES was skipped.
    """
    if bool(titles) == from_store:
        raise click.UsageError("give either TITLES or --from-store")
    if given["engine"] != "ray" and (given["address"] or given["workers"]):
        raise click.UsageError("--address and --workers are for --engine ray")
    own = {name: given.pop(name) for name in _OWN}
    own["formats"] = _FORMATS[own["formats"]]
    asked = _Given(source=Source(files=titles, form=form), flags=given, **own)
    file = read_audiences(audiences_file)
    if "parquet" in asked.formats:
        arrow()
    with opened(out) as output:
        prepared, summary, seconds = _written(asked, file, output)
        failures = list(failures_of(output.done))
    _tell(prepared, failures, summary, out)
    new = summary.items - summary.before
    if as_json:
        click.echo(
            msgspec.json.encode(
                {
                    **msgspec.structs.asdict(summary),
                    "skipped": len(prepared.problems),
                    "seconds": round(seconds, 3),
                    "per_second": round(new / seconds, 2) if seconds else 0.0,
                    "out": str(out),
                }
            )
        )
    sys.exit(1 if summary.failed or prepared.problems else 0)


_OWN = (
    "formats", "part_items", "concurrency", "retry", "engine", "address", "workers", "worker_gpus",
)  # fmt: skip


def _written(asked: _Given, file: AudienceFile, output: Output) -> tuple[Prepared, Summary, float]:
    """Everything written that was missing, with the seconds that took."""

    async def work(service: Service) -> tuple[Prepared, Summary, float]:
        with Shown(clock=time.monotonic) as shown:
            prepared = await prepare(
                service,
                file,
                asked.source,
                begun=output.begun,
                part_items=asked.part_items,
                formats=asked.formats,
                told=shown.listed,
            )
            output.begin(prepared.plan.manifest, retry=asked.retry)
            shown.begin(prepared.plan, output.done)
            began = time.monotonic()
            async with _engine(asked, service, prepared.plan, shown) as engine:
                summary = await run(prepared.plan, output, engine, shown.part)
                return prepared, summary, time.monotonic() - began

    try:
        return with_service(asked.flags, work)
    except KeyboardInterrupt:
        click.echo(
            f"\n{len(output.done)} parts are done. The same command goes on from there.", err=True
        )
        raise


@asynccontextmanager
async def _engine(
    asked: _Given, service: Service, plan: Plan, shown: Shown
) -> AsyncGenerator[Engine]:
    if asked.engine == "local":
        writing = Writing(
            service.blurbs,
            service.titles,
            plan.audiences,
            at_once=asked.concurrency,
            formats=asked.formats,
        )
        yield InProcess(writing, shown.row)
        return
    orders = Orders(
        flags={
            # Workers start in folders of their own.
            name: value.absolute() if isinstance(value, Path) else value
            for name, value in asked.flags.items()
        },
        audiences=plan.audiences,
        terms=plan.manifest.terms,
        keys=tuple(key.kid for key in service.signer.public_keys().keys),
        title=plan.titles[0],
        formats=asked.formats,
        at_once=asked.concurrency,
    )
    async with connected(asked.address) as ray:
        workers = asked.workers or cpus_of(ray)
        engine = OnRay(ray, orders, workers=workers, gpus=asked.worker_gpus)
        yield engine
        if engine.lost:
            click.echo(f"written anew, for their workers were lost: {engine.lost} parts", err=True)


def _tell(prepared: Prepared, failures: list[Failure], summary: Summary, out: Path) -> None:
    for file, problem in prepared.problems:
        places = (file, problem.line, problem.pointer)
        place = ":".join(str(part) for part in places if part is not None)
        click.echo(f"skipped: {place}: {problem.detail}", err=True)
    for failure in failures[:_LISTED]:
        place = f"{failure.purpose}/{failure.channel}/{failure.length}/{failure.tone}"
        served = failure.source or "nothing"
        click.echo(
            f"failed: {failure.title} for {failure.audience} ({place}):"
            f" {served}, {failure.reason.replace('_', ' ')}",
            err=True,
        )
    if len(failures) > _LISTED:
        click.echo(f"... and {len(failures) - _LISTED} more in {out}/failures.jsonl", err=True)
    counts = ", ".join(f"{number} {kind}" for kind, number in summary.counts.items())
    click.echo(
        f"{summary.items} texts in {summary.parts} parts: {counts}"
        f" ({summary.before} of them before)",
        err=True,
    )
