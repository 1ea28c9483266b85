"""What benchmarks come to: figures, each beside its baseline, and the machine they are of."""

from __future__ import annotations

import math
import os
import platform
import subprocess
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

import msgspec
import psutil

from benchmarks.growth.curves import Curve, show
from benchmarks.load import wrk_version

Extent = Literal["tiny", "thin", "all"]
"""How much is measured: enough to see that it runs; what a quarter of an hour allows; every point."""
VERSIONS = (
    "cedarpy", "cryptography", "litestar", "msgspec", "presidio-analyzer", "ray", "sqlalchemy", "torch",
    "transformers", "uvicorn",
)  # fmt: skip


class Ratio(msgspec.Struct, frozen=True, kw_only=True):
    """One figure beside its baseline, both measured in one run."""

    what: str
    ours: float
    unit: str
    beside: str
    """What the baseline is."""
    baseline: float
    least: float | None = None
    """The aim: ours is at least so many times the baseline."""
    most: float | None = None
    """The aim: ours is at most so many times the baseline."""

    @property
    def times(self) -> float:
        """Ours over the baseline."""
        return self.ours / self.baseline if self.baseline else float("nan")

    @property
    def met(self) -> bool | None:
        """Whether the aim is met; None: there is none."""
        if self.least is None and self.most is None:
            return None
        return (self.least or 0) <= self.times <= (self.most or float("inf"))

    def __str__(self) -> str:
        aims = {"at least": self.least, "at most": self.most}
        aim = "".join(
            f"   aim {word} {each:g}: {'met' if self.met else 'MISSED'}"
            for word, each in aims.items()
            if each is not None
        )
        return (
            f"{self.what:44} {short(self.ours):>9} {self.unit:4} beside {short(self.baseline):>9}"
            f" {self.unit:4} {self.beside:36} {times(self.times)}{aim}"
        )


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What one part measured."""

    ratios: tuple[Ratio, ...] = ()
    figures: dict[str, float] = {}
    """What has no baseline; units are in the names."""
    curves: tuple[Curve, ...] = ()
    troubles: tuple[str, ...] = ()
    """Why its figures are not to be relied on: requests that failed, texts that differ."""


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """One part of the run."""

    name: str
    about: str
    command: str
    """Measures it alone."""
    seconds: float
    found: Found | None = None
    error: str | None = None
    """What went wrong; None: nothing."""

    def __str__(self) -> str:
        lines = [f"== {self.name}: {self.about} ({self.seconds:.0f} s; {self.command})"]
        if self.found is not None:
            lines += map(str, self.found.ratios)
            lines += [f"{name:44} {short(each):>9}" for name, each in self.found.figures.items()]
            lines += map(show, self.found.curves)
            lines += [f"TROUBLE: {trouble}" for trouble in self.found.troubles]
        if self.error is not None:
            lines.append(f"FAILED: {self.error}")
        return "\n".join(lines)

    @property
    def sound(self) -> bool:
        """Whether it ran, and its figures can be relied on."""
        return self.error is None and self.found is not None and not self.found.troubles


class Machine(msgspec.Struct, frozen=True, kw_only=True):
    """Where it was measured."""

    processor: str
    cores: int
    memory_gb: float
    system: str
    python: str
    load_before: float
    """Mean of those who waited for a processor in the minute before: above 0 others were at work."""
    load_after: float


class Results(msgspec.Struct, frozen=True, kw_only=True):
    """One run."""

    extent: Extent
    commit: str
    changed: bool
    """Whether files differed from the commit."""
    seconds: float
    machine: Machine
    versions: dict[str, str]
    parts: tuple[Part, ...]

    @property
    def sound(self) -> bool:
        """Whether every part ran, and its figures can be relied on."""
        return bool(self.parts) and all(part.sound for part in self.parts)


def short(number: float) -> str:
    """Three figures of a number, without an exponent."""
    if math.isnan(number):
        return "-"
    if abs(number) >= 100:
        return f"{number:,.0f}"
    return f"{number:.3g}" if abs(number) >= 0.001 else f"{number:.1e}"


def times(quotient: float) -> str:
    """A quotient in words: `2.5 times`, or `1/400` where that says more."""
    if 0 < quotient < 0.1:
        return f"1/{short(1 / quotient)}"
    return f"{short(quotient)} times"


def machine(*, load_before: float) -> Machine:
    """This one, as it is now."""
    return Machine(
        processor=_processor(),
        cores=os.cpu_count() or 1,
        memory_gb=round(psutil.virtual_memory().total / 1e9, 1),
        system=f"{platform.system()} {platform.release()}",
        python=platform.python_version(),
        load_before=load_before,
        load_after=round(os.getloadavg()[0], 1),
    )


def versions() -> dict[str, str]:
    """Of what was measured, and of what measured."""
    return {**{name: version(name) for name in VERSIONS}, "wrk": wrk_version() or "not installed"}


def commit() -> tuple[str, bool]:
    """The commit that this checkout is of, and whether files differ from it; empty outside of git."""
    try:
        head = _git("rev-parse", "--short=12", "HEAD")
        return head, bool(_git("status", "--porcelain", "--untracked-files=no"))
    except (OSError, subprocess.CalledProcessError):
        return "", False


def as_json(results: Results) -> bytes:
    """As it is kept: ratios with their quotient beside them."""
    told: Any = msgspec.to_builtins(results)
    for part, kept in zip(results.parts, told["parts"], strict=True):
        for ratio, one in zip(
            part.found.ratios if part.found else (),
            kept["found"]["ratios"] if kept["found"] else (),
            strict=True,
        ):
            one["times"] = round(ratio.times, 4)
            one["met"] = ratio.met
    return msgspec.json.format(msgspec.json.encode(told), indent=2) + b"\n"


def _git(*words: str) -> str:
    folder = Path(__file__).parent
    return subprocess.run(  # noqa: S603 - our own
        ["git", *words],  # noqa: S607 - whichever git there is
        cwd=folder,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
