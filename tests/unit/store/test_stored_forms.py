"""Bytes that are stored for years must be read by every later version."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genservice.canonical import canonical
from genservice.domain import Screened, Span, Title
from genservice.store import Written, open_store
from genservice.store.blurbs import _decoder
from genservice.store.titles import fold

WRITTEN = (
    b'{"attempts":2,"candidate":"[WHO] comes home.","model":"embedded sha256:0b9e",'
    b'"prompt":"promo@1 sha256:77de","screened":{"prompt":{"PERSON":1},"text":{}},'
    b'"spans":[{"at":[0,9],"fact":"/pace"},{"at":[10,15],"phrase":"p","signal":"s"}],'
    b'"text":"A daughter comes home."}'
)


def test_a_text_written_by_the_first_version_is_still_read_and_written_so():
    written = Written(
        candidate="[WHO] comes home.",
        text="A daughter comes home.",
        spans=(Span(at=(0, 9), fact="/pace"), Span(at=(10, 15), signal="s", phrase="p")),
        attempts=2,
        screened=Screened(prompt={"PERSON": 1}, text={}),
        model="embedded sha256:0b9e",
        prompt="promo@1 sha256:77de",
    )

    assert _decoder.decode(WRITTEN) == written
    assert canonical(written) == WRITTEN


@pytest.mark.parametrize(
    ("name", "folded"),
    [
        ("Été", "ete"),
        ("  Two\t words\n", "two words"),
        ("Straße", "strasse"),
        ("ﬁlm", "film"),
        ("ÅNGSTRÖM", "angstrom"),
        ("\u210cafen", "hafen"),
        ("İstanbul", "istanbul"),
        ("Москва", "москва"),
        ("東京", "東京"),
        ("", ""),
    ],
)
def test_names_are_compared_without_case_accents_and_spacing(name, folded):
    assert fold(name) == folded


@given(st.text(max_size=60))
def test_folding_twice_is_folding_once(name):
    assert fold(fold(name)) == fold(name)


PRINTABLE = st.characters(exclude_categories=("C", "Z")) | st.just(" ")


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.text(PRINTABLE, min_size=1, max_size=12), max_size=12),
    st.integers(1, 5),
)
def test_pages_of_any_size_hold_every_title_once(names, limit):
    titles = [
        Title(id=f"t-{number}", kind="film", name=name, language="en")
        for number, name in enumerate(names)
    ]

    def spring() -> datetime:
        return datetime(2026, 3, 1, tzinfo=UTC)

    async def walk() -> list[str]:
        found, cursor = [], None
        async with open_store("sqlite+aiosqlite://", clock=spring) as store:
            await store.migrate()
            await store.titles.put_all(titles)
            while True:
                page = await store.titles.search("", limit=limit, cursor=cursor)
                found += [title.id for title in page.items]
                cursor = page.next
                if cursor is None:
                    return found

    found = asyncio.run(walk())

    assert sorted(found) == sorted(title.id for title in titles)
    folded = {title.id: fold(title.name) for title in titles}
    assert [folded[key] for key in found] == sorted(folded[key] for key in found)
