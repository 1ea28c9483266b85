"""What caches see of a request follows from what was released: which keys, in which order, hit or missed."""

from __future__ import annotations

from contextlib import asynccontextmanager

from hypothesis import given
from hypothesis import strategies as st

from genservice.cache import Cached, MemoryCache
from genservice.domain.lifetimes import read_lifetimes
from genservice.given import GivenAnswers
from genservice.settings import Settings
from tests.properties import strategies as own
from tests.properties.test_guarantees import decisions, few, options, order, pick
from tests.remembering import Remembering, held

LIFETIMES = read_lifetimes(Settings().cache_lifetimes)


class Database:
    """Texts as the database has them, from none on, and what it was asked."""

    def __init__(self, seen) -> None:
        self._held = {}
        self._seen = seen

    async def get(self, key):
        self._seen.append(("read", key, key in self._held))
        return self._held.get(key)

    async def add(self, entry):
        self._seen.append(("stored", entry.key))
        return self._held.setdefault(entry.key, entry)

    async def twin(self, title, **place):
        self._seen.append(("twin", title, place))

    async def fitting(self, title, **place):
        self._seen.append(("fitting", title, place))


class Observed:
    """A cache, and what it was asked for and given."""

    name = "observed"

    def __init__(self, seen) -> None:
        self._inner = MemoryCache(most_bytes=10**6, lifetimes=LIFETIMES)
        self._seen = seen

    @property
    def tally(self):
        return self._inner.tally

    async def get(self, key):
        found = await self._inner.get(key)
        self._seen.append(("get", key, found is not None))
        return found

    async def put(self, entry):
        self._seen.append(("put", entry.key, entry.written.text))
        await self._inner.put(entry)


class ObservedAnswers(GivenAnswers):
    """Answers kept, what they were asked for, and what was put among them."""

    def __init__(self, seen) -> None:
        super().__init__(most_bytes=10**6, secret=bytes(32))
        self._seen = seen

    def find(self, key):
        found = super().find(key)
        self._seen.append(("answer", key, found is not None))
        return found

    def put(self, key, answer):
        self._seen.append(("answered", key, answer.body))
        super().put(key, answer)


class Turns:
    """Leases, and for which keys they were taken."""

    def __init__(self, seen) -> None:
        self._seen = seen

    @asynccontextmanager
    async def turn(self, key):
        self._seen.append(("turn", key))
        yield 1


def trace(path, one, **parts) -> list:
    """All that caches, leases and database see of an order: nothing stands at first, and then again."""
    seen = []
    texts = Cached(Database(seen), [Observed(seen)])
    answers = ObservedAnswers(seen)
    blurbs = path.blurbs(texts=texts, turns=Turns(seen), given=answers, **parts)
    for _ in range(2):
        seen.append("asked")
        path.run(blurbs.write(one))
    return seen


@given(st.integers(0, 500), options, own.contexts | own.granting, own.audiences(), st.data())
@few
def test_what_is_withheld_changes_no_key_no_hit_and_no_miss(
    path, at, asked, context, audience, data
) -> None:
    outcome = decisions(context, asked)
    released = {name: value for name, value in audience.items() if outcome[name] != "withheld"}
    withheld = sorted(name for name, found in outcome.items() if found == "withheld")
    noise = data.draw(st.dictionaries(st.sampled_from(withheld), own.json_values, max_size=25))
    title = pick(path, at)
    plain = trace(path, order(title, asked, context, released))
    assert plain == trace(path, order(title, asked, context, {**released, **noise}))


@given(st.integers(0, 500), options, own.granting, own.audiences())
@few
def test_which_viewer_is_meant_changes_no_key_no_hit_and_no_miss(
    path, at, asked, context, audience
) -> None:
    title = pick(path, at)
    stored = held(audience, consents=context["consents"])
    viewers = Remembering(**{"v-1": stored, "v-2": stored})
    first, second = (
        trace(path, order(title, asked, context, {}, viewer=viewer), viewers=viewers)
        for viewer in ("v-1", "v-2")
    )
    assert first == second
    assert "v-1" not in str(first)
