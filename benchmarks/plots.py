"""Plots of a run, as small PNGs for README and docs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import matplotlib as mpl

mpl.use("agg")
from matplotlib import pyplot as plt
from matplotlib.ticker import NullLocator

from benchmarks.results import short, times

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.growth import Curve
    from benchmarks.results import Ratio, Results

OURS, THEIRS, GREY = "#1f5fa8", "#c9ced6", "#5b6470"
PANELS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "titles": (
        ("warm promo p50, ms", "search, found never, ms", "a title first asked for, ms"),
        ("memory at start, MB", "database, MB"),
    ),
    "viewers": (
        ("warm promo p50, ms", "signals of one, ms", "export of one, ms"),
        ("memory at start, MB", "data, MB"),
    ),
    "rules": (
        ("warm promo p50, ms", "explain, ms", "validate, ms"),
        ("memory at start, MB",),
    ),
    "requests at once": (
        ("warm promo p50, ms", "warm promo p99, ms", "warm: another's small request, p99 ms"),
        ("memory after, MB",),
    ),
}
"""Of each growth, what is drawn: times above, memory below."""
STYLE: Any = {
    "font.size": 8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#eceff3",
    "axes.axisbelow": True,
    "axes.titlesize": 9,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "legend.frameon": False,
    "legend.fontsize": 7,
}


def draw(results: Results, folder: Path) -> list[Path]:
    """The plots that the parts of this run allow, written to a folder; where they are."""
    found = {part.name: part.found for part in results.parts if part.found is not None}
    drawn: list[Path] = []
    with mpl.rc_context(STYLE):
        curves = [
            curve for each in found.values() for curve in each.curves if len(curve.points) > 1
        ]
        if curves:
            drawn.append(_growth(curves, folder / "growth.png"))
        if "fast path" in found:
            drawn.append(_bars(found["fast path"].ratios, folder / "fast-path.png"))
        beside = [
            ratio
            for name in ("deciding", "guard", "engine", "fresh", "cache")
            for ratio in (found[name].ratios if name in found else ())
        ]
        if beside:
            drawn.append(_times(beside, folder / "beside.png"))
    return drawn


def _growth(curves: list[Curve], path: Path) -> Path:
    figure, axes = plt.subplots(
        2, len(curves), figsize=(2.6 * len(curves), 4.4), squeeze=False, layout="constrained"
    )
    for column, curve in zip(axes.T, curves, strict=True):
        sizes = [point.size for point in curve.points]
        for axis, names, unit in zip(column, PANELS[curve.of], ("ms", "MB"), strict=True):
            for name in names:
                values = [point.figures[name] for point in curve.points]
                label = name.rpartition(",")[0]
                axis.plot(sizes, values, marker="o", markersize=3, linewidth=1.4, label=label)
            axis.set_xscale("log")
            axis.set_xticks(sizes, [_size(size) for size in sizes])
            axis.xaxis.set_minor_locator(NullLocator())
            axis.set_yscale("log")
            low, high = axis.get_ylim()
            # Less than a decade would make much of little.
            axis.set_ylim(min(low, high / 30), high * 6)
            axis.set_ylabel(unit)
            axis.legend(loc="upper left")
        column[0].set_title(f"by {curve.of}")
    return _saved(figure, path)


def _bars(ratios: tuple[Ratio, ...], path: Path) -> Path:
    """Throughput and p99 beside the baseline's."""
    kinds = {"requests each second": "warm promos each second, ", "p99, ms": "p99, "}
    figure, axes = plt.subplots(1, len(kinds), figsize=(8, 2.6), layout="constrained")
    for axis, (title, start) in zip(axes, kinds.items(), strict=True):
        chosen = [ratio for ratio in ratios if ratio.what.startswith(start)]
        labels = [ratio.what.removeprefix(start) for ratio in chosen]
        places = range(len(chosen))
        axis.barh([at - 0.2 for at in places], [r.baseline for r in chosen], 0.38, color=THEIRS)
        axis.barh([at + 0.2 for at in places], [r.ours for r in chosen], 0.38, color=OURS)
        for at, ratio in zip(places, chosen, strict=True):
            axis.text(ratio.ours, at + 0.2, f" {times(ratio.times)}", va="center", color=GREY)
        axis.set_yticks(list(places), labels)
        axis.invert_yaxis()
        axis.set_title(title)
        axis.grid(visible=False, axis="y")
        axis.margins(x=0.2)
    figure.legend(
        ["bare Litestar handler, same bytes", "genservice"], loc="outside lower center", ncols=2
    )
    return _saved(figure, path)


def _times(ratios: list[Ratio], path: Path) -> Path:
    """Every figure as so many times its baseline, on a logarithmic axis."""
    figure, axis = plt.subplots(figsize=(8, 0.27 * len(ratios) + 0.8), layout="constrained")
    places = range(len(ratios))
    axis.barh(list(places), [ratio.times - 1 for ratio in ratios], left=1, height=0.6, color=OURS)
    axis.axvline(1, color=GREY, linewidth=1)
    axis.set_xscale("log")
    axis.set_yticks(
        list(places), [f"{ratio.what}  |  {ratio.beside}" for ratio in ratios], fontsize=7
    )
    for at, ratio in zip(places, ratios, strict=True):
        axis.text(
            max(ratio.times, 1), at, f" {short(ratio.ours)} beside {short(ratio.baseline)} {ratio.unit}",
            va="center", color=GREY, fontsize=7,
        )  # fmt: skip
    axis.invert_yaxis()
    low, high = axis.get_xlim()
    axis.set_xlim(low, max(high, 2) * 100)
    axis.grid(visible=False, axis="y")
    axis.set_title("times the baseline")
    return _saved(figure, path)


def _size(size: int) -> str:
    for least, letter in ((1_000_000, "M"), (1000, "k")):
        if size >= least:
            return f"{size / least:g}{letter}"
    return str(size)


def _saved(figure: Any, path: Path) -> Path:
    figure.savefig(path, dpi=110, metadata={"Software": None})
    plt.close(figure)
    return path
