"""Viewers against a model of them that a page of Python can hold, whatever is done in whatever order."""

from __future__ import annotations

import asyncio
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from genservice.domain.viewers import (
    ConsentAct,
    ConsentRecord,
    Controls,
    Exported,
    HeldSignal,
    Serving,
)
from genservice.viewers import Viewers
from tests.viewer_files import NOTHING, Clock, found, in_files

NAMES = ("ada", "bob")
DAYS = {"mood": 1, "location": 2, "history": 3}
SERVINGS_DAYS = 90

viewer = st.sampled_from(NAMES)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip
acts = st.builds(
    ConsentAct,
    consent=st.sampled_from(("use", "profile")),
    action=st.sampled_from(("given", "withdrawn")),
    source=st.text(max_size=9),
    text_version=st.text(max_size=9),
    region=st.none() | st.text(max_size=5),
)
controls = st.builds(
    Controls,
    level=st.sampled_from(("off", "context_only", "full")),
    titles_left_out=st.lists(st.text(max_size=9), max_size=3).map(tuple),
)
steps = st.one_of(
    st.tuples(st.just("put"), viewer, st.dictionaries(st.sampled_from(list(DAYS)), values, max_size=3)),
    st.tuples(st.just("remove"), viewer, st.sets(st.sampled_from(list(DAYS)))),
    st.tuples(st.just("consent"), viewer, st.lists(acts, min_size=1, max_size=3)),
    st.tuples(st.just("control"), viewer, controls),
    st.tuples(st.just("show"), viewer, st.text(max_size=9)),
    st.tuples(st.just("erase"), viewer, st.none()),
    st.tuples(st.just("wait"), viewer, st.integers(1, 30)),
    st.tuples(st.just("tidy"), viewer, st.none()),
)  # fmt: skip


class Model:
    """What should be held of one viewer."""

    def __init__(self) -> None:
        self.held = Exported()

    def do(self, step: str, told: Any, clock: Clock) -> None:
        held, now = self.held, clock.now
        changes: dict[str, Any] = {}
        if step == "put":
            new = {
                name: HeldSignal(
                    name=name, value=value, source="app", at=now, expires_at=now + timedelta(days=DAYS[name])
                )
                for name, value in told.items()
            }  # fmt: skip
            kept = {signal.name: signal for signal in held.signals} | new
            changes["signals"] = tuple(kept[name] for name in sorted(kept))
        elif step == "remove":
            changes["signals"] = tuple(signal for signal in held.signals if signal.name not in told)
        elif step == "consent":
            last = len(held.consents)
            added = (
                ConsentRecord(number=number, at=now, **msgspec.structs.asdict(act))
                for number, act in enumerate(told, last + 1)
            )
            changes["consents"] = (*held.consents, *added)
        elif step == "control":
            changes = {"controls": told, "controls_revision": held.controls_revision + 1}
        elif step == "show":
            serving = Serving(receipt=told, blurbs=(told,), at=now)
            changes["servings"] = (*held.servings, serving)
        elif step == "erase":
            self.held = Exported()
            return
        self.held = msgspec.structs.replace(held, **changes)

    def exported(self, clock: Clock) -> Exported:
        """Without what expired."""
        kept = timedelta(days=SERVINGS_DAYS)
        return msgspec.structs.replace(
            self.held,
            signals=tuple(signal for signal in self.held.signals if signal.expires_at > clock.now),
            servings=tuple(one for one in self.held.servings if one.at + kept > clock.now),
        )


@settings(max_examples=25)
@given(st.lists(steps, max_size=14))
def test_what_is_held_is_what_was_written_and_not_yet_erased_or_expired(done):
    asyncio.run(_do(done))


async def _do(done: list[tuple[str, str, Any]]) -> None:
    clock = Clock()
    models = {name: Model() for name in NAMES}
    with tempfile.TemporaryDirectory() as folder:
        async with in_files(Path(folder), clock) as opened:
            viewers = opened.viewers
            for step, name, told in done:
                if step == "erase":
                    traces = await opened.traces(name)
                    erased = await viewers.erase(name)
                    assert erased.consents == len(models[name].held.consents)
                    assert found(Path(folder), traces) == []
                elif step == "wait":
                    clock.pass_by(hours=told)
                else:
                    await _write(viewers, step, name, told)
                models[name].do(step, told, clock)
                for each, model in models.items():
                    assert await viewers.export(each) == model.exported(clock)
            for name in NAMES:
                await viewers.erase(name)
            assert await opened.rows() == NOTHING


async def _write(viewers: Viewers, step: str, name: str, told: Any) -> None:
    writes = {
        "put": lambda: viewers.put_signals(name, told, source="app", keep_days=DAYS),
        "remove": lambda: viewers.remove_signals(name, told),
        "consent": lambda: viewers.record_consents(name, told),
        "control": lambda: viewers.set_controls(name, told, if_revision=None),
        "show": lambda: viewers.record_serving(name, told, [told]),
        "tidy": lambda: viewers.tidy(),
    }
    await writes[step]()
