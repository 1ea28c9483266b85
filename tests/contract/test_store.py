"""What every database must do alike."""

from __future__ import annotations

import asyncio
import hashlib
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import msgspec
import pytest
from sqlalchemy import select

from genservice.domain import (
    Credit,
    Decided,
    Decision,
    LoggedContext,
    Place,
    Receipt,
    Screened,
    Signature,
    Span,
    StatedBlurb,
    StatedContext,
    Statement,
    Title,
    TitleRef,
    Used,
)
from genservice.errors import (
    ConflictError,
    GenserviceError,
    InvalidInputError,
    NotFoundError,
    PreconditionFailedError,
)
from genservice.store import GENESIS, Count, Entry, ImportResult, Store, Written, open_store
from genservice.store.tables import ReceiptRow

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator


@dataclass
class Clock:
    """A clock that stands until it is set."""

    now: datetime = field(default=datetime(2026, 3, 1, 12, tzinfo=UTC))

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def store(database, clock) -> AsyncIterator[Store]:
    async with open_store(database, clock=clock) as opened:
        await opened.migrate()
        yield opened


def title(title_id: str = "harbour-lights", name: str = "Harbour Lights", **fields) -> Title:
    return Title(id=title_id, kind="season", name=name, language="en", **fields)


def entry(key: str = "a" * 64, text: str = "A pilot's daughter comes home.", **fields) -> Entry:
    values = {
        "title": TitleRef(id="harbour-lights", revision=1),
        "purpose": "promo",
        "channel": "tile",
        "length": "short",
        "tone": "plain",
        "language": "en",
        "seed": 2**63 - 1,
        "neutral": True,
    }
    written = Written(
        candidate="[WHO] comes home.",
        text=text,
        spans=(Span(at=(0, 19), fact="/logline"),),
        attempts=2,
        screened=Screened(prompt={"PERSON": 1}, text={}),
        model="embedded sha256:0b9e",
        prompt="promo@1 sha256:77de",
    )
    return Entry(**{"key": key, "written": written} | values | fields)


def receipt(number: int = 0, *, key: str = "k-00000001") -> Receipt:
    statement = Statement(
        title=TitleRef(id="harbour-lights", revision=3),
        purpose="promo",
        channel="tile",
        tone="tense",
        length="short",
        seed=number,
        context=StatedContext(
            region="DE",
            age_band="age_25_34",
            consents=("content_profile",),
            gpc=False,
            language="en",
            processor="in_process",
        ),
        policy="sha256:41c0",
        prompt="promo@1 sha256:77de",
        model="embedded sha256:0b9e",
        used=(Used(signal="watch_history", level="genres", value=["crime"]),),
        decisions=(
            Decision(signal="location", outcome="withheld"),
            Decision(signal="watch_history", outcome="coarsened", level="genres", rules=("a",)),
        ),
        screened=Screened(prompt={"PERSON": 1}, text={}),
        attempts=1,
        blurbs=(StatedBlurb(id="b-1", sha256="e2" * 32),),
    )
    signature = Signature(alg="Ed25519", key=key, value="A" * 86)
    return Receipt(id=f"r-{number:064}", statement=statement, signature=signature)


class TestTitles:
    async def test_a_title_comes_back_as_it_was_put_with_its_first_revision(self, store):
        sent = title(year=2024, credits=(Credit(name="Imre Vale", job="actor", billing=1),))

        assert await store.titles.put(sent) == msgspec.structs.replace(sent, revision=1)
        assert await store.titles.get(sent.id) == msgspec.structs.replace(sent, revision=1)

    async def test_an_unknown_title_is_none(self, store):
        assert await store.titles.get("nobody-knows") is None

    async def test_the_same_content_keeps_the_revision_whatever_revision_it_was_sent_with(
        self, store
    ):
        await store.titles.put(title())

        assert (await store.titles.put(title(revision=7))).revision == 1
        assert (await store.titles.get("harbour-lights")).revision == 1

    async def test_new_content_takes_the_next_revision(self, store):
        await store.titles.put(title())

        assert (await store.titles.put(title(year=2024))).revision == 2
        assert (await store.titles.get("harbour-lights")).year == 2024

    @pytest.mark.parametrize("wrong", [0, 1, 3], ids=["none", "older", "newer"])
    async def test_another_revision_than_the_one_held_changes_nothing(self, store, wrong):
        await store.titles.put(title())
        held = await store.titles.put(title(year=2024))

        with pytest.raises(PreconditionFailedError):
            await store.titles.put(title(year=1999), if_revision=wrong)
        with pytest.raises(PreconditionFailedError):
            await store.titles.delete("harbour-lights", if_revision=wrong)
        assert await store.titles.get("harbour-lights") == held

    async def test_the_revision_held_may_be_replaced_and_deleted(self, store):
        assert (await store.titles.put(title(), if_revision=0)).revision == 1
        assert (await store.titles.put(title(year=2024), if_revision=1)).revision == 2
        assert await store.titles.delete("harbour-lights", if_revision=2)

    async def test_of_writers_who_read_the_same_revision_one_succeeds(self, store):
        await store.titles.put(title())

        results = await asyncio.gather(
            *(store.titles.put(title(year=1900 + n), if_revision=1) for n in range(20)),
            return_exceptions=True,
        )

        assert sum(isinstance(result, Title) for result in results) == 1
        assert sum(isinstance(result, PreconditionFailedError) for result in results) == 19
        assert (await store.titles.get("harbour-lights")).revision == 2

    async def test_a_deleted_title_is_found_nowhere(self, store):
        await store.titles.put(title())

        assert await store.titles.delete("harbour-lights")
        assert await store.titles.get("harbour-lights") is None
        assert (await store.titles.search("")).items == ()
        assert await store.titles.count() == 0
        assert not await store.titles.delete("harbour-lights")

    async def test_a_title_put_again_never_takes_a_revision_it_had_before(self, store):
        await store.titles.put(title())
        await store.titles.delete("harbour-lights")

        assert (await store.titles.put(title(year=2024), if_revision=0)).revision == 2

    async def test_a_title_takes_its_texts_with_it_and_no_others(self, store):
        await store.titles.put(title())
        await store.blurbs.add(entry("a" * 64))
        await store.blurbs.add(entry("b" * 64, title=TitleRef(id="other", revision=1)))

        await store.titles.delete("harbour-lights")

        assert await store.blurbs.get("a" * 64) is None
        assert await store.blurbs.get("b" * 64) is not None

    async def test_many_are_fetched_at_once_and_unknown_ones_left_out(self, store):
        await store.titles.put_all(title(f"t-{n}", year=1900 + n % 100) for n in range(1200))

        found = await store.titles.get_many([f"t-{n}" for n in range(0, 2400, 2)])

        assert found.keys() == {f"t-{n}" for n in range(0, 1200, 2)}
        assert all(found[key].id == key and found[key].revision == 1 for key in found)

    async def test_no_titles_asked_for_is_none_found(self, store):
        assert await store.titles.get_many([]) == {}


class TestSearch:
    @pytest.mark.parametrize(
        "q",
        ["Été", "ete a", "ÉTÉ  À", "whitby", "strasse", "STRASSE", "luz"],
        ids=["accents", "none", "case", "original", "sharp-s", "upper", "also"],
    )
    async def test_a_name_is_found_however_it_is_typed(self, store, q):
        await store.titles.put(
            title(
                name="Été à Whitby",
                original_name="Die Straße nach Whitby",
                also_named=("La luz del puerto",),
            )
        )
        await store.titles.put(title("cold-quay", name="Cold Quay"))

        assert [t.id for t in (await store.titles.search(q)).items] == ["harbour-lights"]

    @pytest.mark.parametrize("q", ["%", "_", "\\", "100%", "a_b"])
    async def test_signs_that_sql_knows_are_only_signs(self, store, q):
        await store.titles.put(title("plain", name="1000 axb"))
        await store.titles.put(title("signs", name="100% a_b \\ c"))

        assert [t.id for t in (await store.titles.search(q)).items] == ["signs"]

    async def test_a_name_does_not_match_across_two_names(self, store):
        await store.titles.put(title(name="Cold", also_named=("Quay",)))

        assert (await store.titles.search("cold quay")).items == ()

    async def test_pages_hold_every_title_once_in_the_order_of_names(self, store):
        names = ["Zug", "äpfel", "Abend", "abend", "Ende", "Zürich", "Ende"]
        await store.titles.put_all(title(f"t-{n}", name) for n, name in enumerate(names))

        pages, cursor = [], None
        while not pages or cursor is not None:
            page = await store.titles.search("", limit=3, cursor=cursor)
            pages.append([t.name for t in page.items])
            cursor = page.next

        assert pages == [["Abend", "abend", "äpfel"], ["Ende", "Ende", "Zug"], ["Zürich"]]

    async def test_a_page_that_holds_the_last_title_names_no_next(self, store):
        await store.titles.put_all(title(f"t-{n}") for n in range(4))

        first = await store.titles.search("", limit=2)
        last = await store.titles.search("", limit=2, cursor=first.next)

        assert (len(last.items), last.next) == (2, None)

    @pytest.mark.parametrize("limit", [0, -1, 501])
    async def test_a_limit_out_of_bounds_is_refused(self, store, limit):
        with pytest.raises(InvalidInputError):
            await store.titles.search("", limit=limit)

    @pytest.mark.parametrize(
        "cursor", ["", "x", "!!!!", "é", "W10=", "WyJhIl0=", "WzEsMl0=", "eyJhIjoxfQ=="]
    )
    async def test_a_cursor_of_somebody_elses_making_is_refused(self, store, cursor):
        with pytest.raises(InvalidInputError) as caught:
            await store.titles.search("", cursor=cursor)
        assert caught.value.problems[0].pointer == "#/cursor"


class TestImport:
    async def test_an_import_tells_new_changed_and_unchanged_titles_apart(self, store):
        await store.titles.put_all([title("a"), title("b"), title("c")])

        result = await store.titles.put_all([title("a"), title("b", year=2024), title("d")])

        assert result == ImportResult(created=1, changed=1, unchanged=1)
        assert [(await store.titles.get(key)).revision for key in "abcd"] == [1, 2, 1, 1]

    async def test_of_two_titles_with_one_id_the_later_stands(self, store):
        result = await store.titles.put_all([title(year=2000), title(year=2001), title(year=2001)])

        assert result == ImportResult(created=1, changed=1, unchanged=1)
        held = await store.titles.get("harbour-lights")
        assert (held.year, held.revision) == (2001, 2)

    async def test_a_deleted_title_is_new_again_with_a_later_revision(self, store):
        await store.titles.put(title())
        await store.titles.delete("harbour-lights")

        assert (await store.titles.put_all([title()])).created == 1
        assert (await store.titles.get("harbour-lights")).revision == 2

    async def test_an_import_that_breaks_off_leaves_whole_chunks_and_can_be_repeated(self, store):
        def breaking() -> Iterator[Title]:
            for number in range(1300):
                if number == 1234:
                    raise ConnectionAbortedError
                yield title(f"t-{number}")

        with pytest.raises(ConnectionAbortedError):
            await store.titles.put_all(breaking())

        assert await store.titles.count() == 1000
        result = await store.titles.put_all(title(f"t-{number}") for number in range(1300))
        assert result == ImportResult(created=300, changed=0, unchanged=1000)

    async def test_a_chunk_that_fails_half_way_leaves_nothing_of_itself(self, store, clock):
        ticks = iter(range(700))

        def stopping() -> datetime:
            if next(ticks, None) is None:
                raise ZeroDivisionError
            return clock()

        store.titles._clock = stopping

        with pytest.raises(ZeroDivisionError):
            await store.titles.put_all(title(f"t-{number}") for number in range(1300))

        assert await store.titles.count() == 500

    async def test_imports_at_the_same_time_end_with_every_title_once(self, store):
        batch = [title(f"t-{number}") for number in range(700)]

        results = await asyncio.gather(*(store.titles.put_all(batch) for _ in range(3)))

        assert sum(result.created for result in results) == 700
        assert await store.titles.count() == 700


class TestBlurbs:
    async def test_a_text_comes_back_as_it_was_written(self, store):
        sent = entry(language="en-GB", seed=-(2**63), neutral=False)

        assert await store.blurbs.add(sent) == sent
        assert await store.blurbs.get(sent.key) == sent

    async def test_an_unknown_key_is_none(self, store):
        assert await store.blurbs.get("f" * 64) is None

    async def test_the_first_text_of_a_key_stands(self, store):
        first, second = entry(text="First."), entry(text="Second.")
        await store.blurbs.add(first)

        assert await store.blurbs.add(second) == first
        assert await store.blurbs.get(first.key) == first

    async def test_writers_at_the_same_time_all_get_the_one_text_that_stands(self, store):
        answers = await asyncio.gather(
            *(store.blurbs.add(entry(text=f"Text {number}.")) for number in range(60))
        )

        stands = await store.blurbs.get(entry().key)
        assert stands is not None
        assert all(answer == stands for answer in answers)

    async def test_a_new_text_among_others_that_stand_is_the_one_that_stands(self, store):
        stood = [entry(f"{number:064}", text="First.") for number in range(0, 40, 2)]
        for each in stood:
            await store.blurbs.add(each)
        sent = [entry(f"{number:064}", text="Second.", seed=number) for number in range(40)]

        answers = await asyncio.gather(*(store.blurbs.add(each) for each in sent))

        assert list(answers[::2]) == stood
        assert list(answers[1::2]) == sent[1::2]
        held = await asyncio.gather(*(store.blurbs.get(each.key) for each in sent))
        assert list(held) == list(answers)

    async def test_only_rows_that_were_not_there_are_counted_as_new(self, store, clock):
        table, rows = ReceiptRow.__table__, [
            {"id": f"r-{at}", "statement": b"{}", "signature": "s", "key_id": "k", "stored_at": clock()}
            for at in range(7)
        ]  # fmt: skip
        added = [await store._database.add(table, rows[:end]) for end in (1, 3, 3, 7)]

        assert added == [1, 2, 0, 4]
        async with store._database.reading() as session:
            held = (await session.execute(select(table).order_by(table.c.id))).mappings().all()
        assert [dict(row) for row in held] == rows

    async def test_the_twin_is_the_neutral_text_of_exactly_that_place(self, store):
        others = [
            {"neutral": False},
            {"title": TitleRef(id="harbour-lights", revision=2)},
            {"title": TitleRef(id="harbour-lights-s2", revision=1)},
            {"purpose": "synopsis"},
            {"channel": "push"},
            {"length": "medium"},
            {"language": "de"},
        ]
        for number, other in enumerate(others):
            await store.blurbs.add(entry(f"{number:064}", **other))
        place = {"purpose": "promo", "channel": "tile", "length": "short", "language": "en"}
        ref = TitleRef(id="harbour-lights", revision=1)

        assert await store.blurbs.twin(ref, **place) is None
        wanted = await store.blurbs.add(entry("a" * 64))
        assert await store.blurbs.twin(ref, **place) == wanted

    async def test_of_several_twins_the_tone_asked_for_then_the_first_stored_is_served(
        self, store, clock
    ):
        place = {"purpose": "promo", "channel": "tile", "length": "short", "language": "en"}
        ref = TitleRef(id="harbour-lights", revision=1)
        plain = await store.blurbs.add(entry("f" * 64, tone="plain"))
        clock.now += timedelta(seconds=1)
        tense = await store.blurbs.add(entry("0" * 64, tone="tense"))
        clock.now += timedelta(seconds=1)
        await store.blurbs.add(entry("00" + "1" * 62, tone="tense"))

        assert await store.blurbs.twin(ref, **place) == plain
        assert await store.blurbs.twin(ref, **place, tone="tense") == tense
        assert await store.blurbs.twin(ref, **place, tone="warm") == plain

    async def test_the_text_that_suits_best_may_be_of_any_place_of_the_same_title_and_purpose(
        self, store
    ):
        others = [
            {"neutral": False},
            {"title": TitleRef(id="harbour-lights", revision=2)},
            {"title": TitleRef(id="harbour-lights-s2", revision=1)},
            {"purpose": "synopsis"},
            {"language": "de"},
        ]
        for number, other in enumerate(others):
            await store.blurbs.add(entry(f"{number:064}", **other))
        asked = {"purpose": "promo", "language": "en", "tone": "plain"}
        ref = TitleRef(id="harbour-lights", revision=1)

        assert await store.blurbs.fitting(ref, **asked, limit=90) is None
        wanted = await store.blurbs.add(entry("a" * 64, channel="push", length="medium"))
        assert await store.blurbs.fitting(ref, **asked, limit=90) == wanted

    async def test_what_suits_best_fits_is_in_the_tone_and_is_long(self, store, clock):
        ref = TitleRef(id="harbour-lights", revision=1)
        texts = {
            "a": {"text": "x" * 40},
            "b": {"text": "x" * 60},
            "c": {"text": "y" * 60},
            "d": {"text": "x" * 80, "tone": "tense"},
            "e": {"text": "x" * 91},
        }
        for name, fields in texts.items():
            await store.blurbs.add(entry(name * 64, **fields))
            clock.now += timedelta(seconds=1)

        async def best(limit: int, tone: str = "plain") -> str | None:
            found = await store.blurbs.fitting(
                ref, purpose="promo", language="en", limit=limit, tone=tone
            )
            return found and found.key[0]

        assert [await best(limit) for limit in (39, 40, 59, 60, 90, 91)] == [
            None, "a", "a", "b", "b", "e",
        ]  # fmt: skip
        assert await best(90, tone="tense") == "d"
        assert await best(90, tone="warm") == "d"

    async def test_titles_lack_the_places_that_have_no_neutral_text_in_their_revision(self, store):
        tile = Place(purpose="promo", channel="tile", length="short")
        email = Place(purpose="promo", channel="email", length="short")
        for name in ("gone", "harbour-lights", "new", "old"):
            await store.titles.put(title(name))
        await store.titles.put(title("old", year=2001))
        await store.titles.delete("gone")
        await store.blurbs.add(entry("a" * 64))
        await store.blurbs.add(entry("b" * 64, channel="email", neutral=False))
        await store.blurbs.add(entry("c" * 64, title=TitleRef(id="old", revision=1)))
        await store.blurbs.add(entry("d" * 64, title=TitleRef(id="old", revision=2)))

        async def lacking(*places: Place, **page) -> list[tuple[str, int, tuple[Place, ...]]]:
            found = await store.blurbs.lacking(places, **page)
            return [(each.title.id, each.title.revision, each.places) for each in found]

        assert await lacking(tile) == [("new", 1, (tile,))]
        every = [
            ("harbour-lights", 1, (email,)),
            ("new", 1, (tile, email)),
            ("old", 2, (email,)),
        ]
        assert await lacking(tile, email) == every
        assert await lacking(tile, email, limit=2) == every[:2]
        assert await lacking(tile, email, after="new") == every[2:]

    async def test_forgetting_a_title_takes_all_its_texts_and_no_others(self, store):
        await store.blurbs.add(entry("a" * 64))
        await store.blurbs.add(entry("b" * 64, title=TitleRef(id="harbour-lights", revision=9)))
        await store.blurbs.add(entry("c" * 64, title=TitleRef(id="other", revision=1)))

        assert await store.blurbs.forget_title("harbour-lights") == 2
        assert await store.blurbs.forget_title("harbour-lights") == 0
        assert await store.blurbs.get("a" * 64) is None
        assert await store.blurbs.get("c" * 64) is not None


class TestReceipts:
    async def test_a_receipt_comes_back_as_it_was_given(self, store):
        await store.receipts.add(receipt())

        assert await store.receipts.get(receipt().id) == receipt()

    async def test_an_unknown_receipt_is_none(self, store):
        assert await store.receipts.get("r-1") is None

    async def test_the_first_receipt_of_a_statement_stands(self, store):
        await store.receipts.add(receipt(key="k-00000001"))
        await store.receipts.add(receipt(key="k-00000002"))

        assert (await store.receipts.get(receipt().id)).signature.key == "k-00000001"

    async def test_more_receipts_at_once_than_one_commit_takes_are_all_kept(self, store):
        await asyncio.gather(*(store.receipts.add(receipt(number)) for number in range(1100)))

        found = [await store.receipts.get(receipt(number).id) for number in range(0, 1100, 99)]
        assert found == [receipt(number) for number in range(0, 1100, 99)]


class TestPolicies:
    async def test_before_the_first_there_is_none(self, store):
        assert await store.policies.latest() is None
        assert await store.policies.get("sha256:00") is None

    async def test_the_last_accepted_set_is_in_force(self, store, clock):
        await store.policies.accept("sha256:01", {"promo.yaml": "rules: []\n"})
        clock.now += timedelta(hours=1)
        second = await store.policies.accept("sha256:02", {"promo.yaml": "rules: [ ]\n"})

        assert await store.policies.latest() == second
        assert second.files == {"promo.yaml": "rules: [ ]\n"}
        assert second.accepted_at == clock.now
        assert (await store.policies.get("sha256:01")).files == {"promo.yaml": "rules: []\n"}

    async def test_going_back_to_an_old_set_puts_it_in_force_even_if_the_clock_goes_back(
        self, store, clock
    ):
        await store.policies.accept("sha256:01", {"a.yaml": "1"})
        await store.policies.accept("sha256:02", {"a.yaml": "2"})
        assert (await store.policies.latest()).version == "sha256:02"
        clock.now -= timedelta(days=1)

        await store.policies.accept("sha256:01", {"a.yaml": "1"})

        assert (await store.policies.latest()).version == "sha256:01"

    async def test_accepting_the_set_in_force_again_changes_nothing(self, store, clock):
        first = await store.policies.accept("sha256:01", {"a.yaml": "1"})
        clock.now += timedelta(days=1)

        assert await store.policies.accept("sha256:01", {"a.yaml": "1"}) == first
        assert await store.policies.latest() == first

    async def test_a_draft_is_stored_and_changes_nothing(self, store, clock):
        await store.policies.accept("sha256:01", {"a.yaml": "1"})
        act = await store.policies.upload(
            "sha256:02", {"a.yaml": "2"}, who="abcd1234", why=" Tighter. ", base="sha256:01"
        )

        assert (act.who, act.what, act.why) == ("abcd1234", "uploaded", "Tighter.")
        assert (act.number, act.at) == (2, clock.now)
        assert (act.before, act.after) == ("sha256:01", "sha256:02")
        assert (await store.policies.latest()).version == "sha256:01"
        assert (await store.policies.get("sha256:02")).files == {"a.yaml": "2"}

    async def test_other_files_that_say_the_same_replace_those_held(self, store):
        await store.policies.accept("sha256:01", {"a.yaml": "1"})
        await store.policies.accept("sha256:01", {"a.yaml": "1  # the same"})

        assert (await store.policies.latest()).files == {"a.yaml": "1  # the same"}
        assert len((await store.history.acts()).items) == 1

    async def test_every_act_tells_who_when_why_and_between_which_versions(self, store, clock):
        policies = store.policies
        await policies.accept("sha256:01", {}, who="start")
        await policies.upload("sha256:02", {}, who="owner", why="A draft.")
        await policies.shadow("sha256:02", who="owner", why="A look.")
        await policies.activate("sha256:02", who="owner", why="Agreed.", expected="sha256:01")
        await policies.roll_back("sha256:01", who="other", why="Too strict.")
        await policies.activate("sha256:02", who="owner", why="After all.")
        await policies.accept("sha256:03", {}, who="files")

        told = [
            (act.who, act.what, act.why, act.before, act.after, act.shadowed)
            for act in reversed((await store.history.acts()).items)
        ]
        assert told == [
            ("start", "activated", None, None, "sha256:01", None),
            ("owner", "uploaded", "A draft.", None, "sha256:02", None),
            ("owner", "shadowed", "A look.", None, "sha256:02", None),
            ("owner", "activated", "Agreed.", "sha256:01", "sha256:02", True),
            ("owner", "withdrawn", "Agreed.", "sha256:02", None, None),
            ("other", "rolled_back", "Too strict.", "sha256:02", "sha256:01", None),
            ("owner", "activated", "After all.", "sha256:01", "sha256:02", True),
            ("files", "activated", None, "sha256:02", "sha256:03", None),
        ]
        assert await policies.newest() == 8

    async def test_a_set_that_was_never_in_shadow_is_recorded_as_such(self, store):
        await store.policies.accept("sha256:01", {})
        await store.policies.upload("sha256:02", {}, who="owner", why="A draft.")
        act = await store.policies.activate("sha256:02", who="owner", why="It cannot wait.")

        assert act.shadowed is False

    async def test_the_shadow_stands_until_it_is_withdrawn_or_in_force(self, store):
        policies = store.policies
        await policies.accept("sha256:01", {})
        await policies.upload("sha256:02", {}, who="owner", why="A draft.")
        begun = await policies.shadow("sha256:02", who="owner")
        assert (await policies.standing()).shadow.act == begun.number
        again = await policies.shadow("sha256:02", who="owner")
        assert (await policies.standing()).shadow.act == again.number
        await policies.shadow(None, who="owner")
        assert (await policies.standing()).shadow is None
        with pytest.raises(ConflictError, match="No version is in shadow"):
            await policies.shadow(None, who="owner")
        await policies.shadow("sha256:02", who="owner")
        await policies.accept("sha256:02", {}, who="files")
        assert (await policies.standing()).shadow is None
        with pytest.raises(ConflictError, match="in force already"):
            await policies.shadow("sha256:02", who="owner")

    async def test_whoever_acts_upon_what_is_no_longer_so_is_refused(self, store):
        policies = store.policies
        await policies.accept("sha256:01", {})
        for version in ("sha256:02", "sha256:03"):
            await policies.upload(version, {}, who="owner", why="A draft.")
        before = await policies.newest()

        acting = [
            policies.activate(version, who=who, why="Mine.", expected="sha256:01")
            for who, version in (("one", "sha256:02"), ("two", "sha256:03"))
        ]
        results = await asyncio.gather(*acting, return_exceptions=True)

        (won,) = [result for result in results if not isinstance(result, Exception)]
        (lost,) = [result for result in results if isinstance(result, Exception)]
        assert isinstance(lost, PreconditionFailedError)
        assert (await policies.standing()).in_force == won.after
        assert await policies.newest() == before + 1

    async def test_a_rollback_undoes_and_names_only_what_was_in_force(self, store):
        policies = store.policies
        await policies.accept("sha256:01", {})
        assert await policies.before() is None
        for version in ("sha256:02", "sha256:03", "sha256:04"):
            await policies.upload(version, {}, who="owner", why="A draft.")
        for version in ("sha256:02", "sha256:03"):
            await policies.activate(version, who="owner", why="On.")
        assert await policies.before() == "sha256:02"
        await policies.roll_back("sha256:02", who="owner", why="Back.")
        assert await policies.before() == "sha256:01"
        await policies.roll_back("sha256:03", who="owner", why="On again.")
        assert await policies.before() == "sha256:02"

        with pytest.raises(InvalidInputError, match="1 field"):
            await policies.roll_back("sha256:04", who="owner", why="Back.")
        with pytest.raises(NotFoundError):
            await policies.roll_back("sha256:05", who="owner", why="Back.")

    @pytest.mark.parametrize("why", ["", "  ", "x" * 501, "a\x1b[2J"])
    async def test_a_reason_is_given_and_can_be_read(self, store, why):
        await store.policies.accept("sha256:01", {})
        with pytest.raises(InvalidInputError) as caught:
            await store.policies.upload("sha256:02", {}, who="owner", why=why)
        assert caught.value.problems[0].pointer == "#/why"
        assert await store.policies.get("sha256:02") is None

    async def test_pages_hold_every_version_and_every_act_once_the_last_first(self, store):
        names = [f"sha256:{number:02}" for number in range(5)]
        for name in names:
            await store.policies.accept(name, {})
        versions, acts, cursor = [], [], None
        while True:
            page = await store.history.versions(limit=2, cursor=cursor)
            versions += [(version.version, act.after) for version, act in page.items]
            if (cursor := page.next) is None:
                break
        while True:
            page = await store.history.acts(limit=2, cursor=cursor)
            acts += [act.after for act in page.items]
            if (cursor := page.next) is None:
                break

        assert versions == [(name, name) for name in reversed(names)]
        assert acts == names[::-1]
        assert page.next is None
        for wrong in ("-1", "x", "9" * 40, "\u0661"):
            with pytest.raises(InvalidInputError):
                await store.history.versions(cursor=wrong)


class TestShadowCounts:
    async def test_what_processes_count_adds_up_by_shadow_and_version(self, store):
        seen = Count(counted="seen")
        change = Count(counted="change", signal="mood", was="released", becomes="withheld")
        await store.shadows.add(3, "sha256:01", {seen: 10, change: 2})
        await asyncio.gather(*(store.shadows.add(3, "sha256:01", {seen: 1}) for _ in range(20)))
        await store.shadows.add(3, "sha256:02", {seen: 5})
        await store.shadows.add(4, "sha256:01", {})

        assert await store.shadows.of(3, "sha256:01") == {seen: 30, change: 2}
        assert await store.shadows.of(3, "sha256:02") == {seen: 5}
        assert await store.shadows.of(4, "sha256:01") == {}


class TestKeys:
    async def test_a_new_key_opens_and_has_the_documented_shape(self, store, clock):
        new = await store.keys.create("editor", "newsroom")

        assert re.fullmatch(r"gs_[a-z0-9]{8}_[A-Za-z0-9_-]{43}", new.key)
        assert new.key.startswith(new.record.prefix)
        assert new.record.created_at == clock.now
        assert await store.keys.verify(new.key) == new.record

    async def test_no_two_keys_are_alike(self, store):
        made = [await store.keys.create("app", "app") for _ in range(20)]

        assert len({new.record.id for new in made}) == 20
        assert len({new.key[12:] for new in made}) == 20

    @pytest.mark.parametrize(
        "spoil",
        [
            lambda key: key[:-1] + ("A" if key[-1] != "A" else "B"),
            lambda key: key[:12] + ("A" if key[12] != "A" else "B") + key[13:],
            lambda key: "gs_00000000_" + key[12:],
            lambda key: key[:-1],
            lambda key: key + "\n",
            lambda key: key + "A",
            lambda key: key.upper(),
            lambda key: " " + key,
            lambda _: "",
            lambda _: "gs_",
            lambda key: key.replace("_", "-"),
            lambda key: key[:12] + "é" * 43,
        ],
        ids=[
            "last-letter", "first-letter", "unknown-id", "short", "newline", "long", "upper",
            "space", "empty", "prefix-only", "other-separators", "other-letters",
        ],
    )  # fmt: skip
    async def test_what_is_not_exactly_the_key_does_not_open(self, store, spoil):
        new = await store.keys.create("admin", "admin")

        assert await store.keys.verify(spoil(new.key)) is None

    async def test_the_secret_of_one_key_does_not_open_another(self, store):
        one, other = [await store.keys.create("app", "app") for _ in range(2)]

        assert await store.keys.verify(one.key[:12] + other.key[12:]) is None

    async def test_a_key_opens_until_the_moment_it_expires(self, store, clock):
        new = await store.keys.create("app", "app", clock.now + timedelta(days=1))

        clock.now += timedelta(days=1) - timedelta(microseconds=1)
        assert await store.keys.verify(new.key) is not None
        clock.now += timedelta(microseconds=1)
        assert await store.keys.verify(new.key) is None

    async def test_a_revoked_key_opens_nothing_and_keeps_the_time(self, store, clock):
        new = await store.keys.create("app", "app")
        revoked = await store.keys.revoke(new.record.id)
        clock.now += timedelta(days=1)

        assert revoked.revoked_at == clock.now - timedelta(days=1)
        assert await store.keys.verify(new.key) is None
        assert await store.keys.revoke(new.record.id) == revoked

    async def test_a_rotated_key_hands_over_role_name_and_lifetime(self, store, clock):
        old = await store.keys.create("app", "living room", clock.now + timedelta(days=90))
        clock.now += timedelta(days=80)
        new = await store.keys.rotate(old.record.id, overlap=timedelta(hours=24))
        assert (new.record.role, new.record.name) == ("app", "living room")
        assert new.record.expires_at == clock.now + timedelta(days=90)
        assert new.record.id != old.record.id
        assert await store.keys.verify(new.key) == new.record

    async def test_a_rotated_key_opens_until_the_overlap_is_over(self, store, clock):
        old = await store.keys.create("app", "app")
        new = await store.keys.rotate(old.record.id, overlap=timedelta(hours=24))
        clock.now += timedelta(hours=24) - timedelta(seconds=1)
        assert await store.keys.verify(old.key) is not None
        clock.now += timedelta(seconds=1)
        assert await store.keys.verify(old.key) is None
        assert await store.keys.verify(new.key) is not None
        assert new.record.expires_at is None

    async def test_without_an_overlap_a_rotated_key_ends_at_once(self, store):
        old = await store.keys.create("app", "app")
        await store.keys.rotate(old.record.id, overlap=timedelta(0))
        assert await store.keys.verify(old.key) is None

    async def test_an_overlap_lengthens_no_key(self, store, clock):
        end = clock.now + timedelta(hours=1)
        old = await store.keys.create("app", "app", end)
        await store.keys.rotate(old.record.id, overlap=timedelta(days=1))
        await store.keys.rotate(old.record.id, overlap=timedelta(days=2))
        (kept,) = [record for record in await store.keys.list() if record.id == old.record.id]
        assert kept.expires_at == end

    async def test_a_key_that_opens_nothing_cannot_be_rotated(self, store, clock):
        revoked = await store.keys.create("app", "app")
        await store.keys.revoke(revoked.record.id)
        expired = await store.keys.create("app", "app", clock.now + timedelta(hours=1))
        clock.now += timedelta(hours=1)
        for key in (revoked, expired):
            with pytest.raises(ConflictError):
                await store.keys.rotate(key.record.id, overlap=timedelta(days=1))
        with pytest.raises(NotFoundError):
            await store.keys.rotate("00000000", overlap=timedelta(days=1))
        assert len(await store.keys.list()) == 2

    async def test_an_unknown_key_cannot_be_revoked(self, store):
        with pytest.raises(NotFoundError):
            await store.keys.revoke("00000000")

    async def test_the_last_use_is_known_to_the_minute(self, store, clock):
        new = await store.keys.create("app", "app")
        first = clock.now
        await store.keys.verify(new.key)
        clock.now += timedelta(seconds=59)
        await store.keys.verify(new.key)
        assert (await store.keys.list())[0].last_used_at == first

        clock.now += timedelta(seconds=1)
        await store.keys.verify(new.key)
        assert (await store.keys.list())[0].last_used_at == clock.now

    async def test_keys_are_listed_oldest_first_without_their_secrets(self, store, clock):
        made = []
        for role in ("app", "editor", "policy_owner", "privacy_officer", "admin"):
            made.append(await store.keys.create(role, f"the {role}"))
            clock.now += timedelta(seconds=1)

        listed = await store.keys.list()

        assert listed == tuple(new.record for new in made)
        assert not any(new.key[12:] in repr(listed) for new in made)

    async def test_a_new_keys_repr_does_not_show_it(self, store):
        new = await store.keys.create("app", "app")

        assert new.key[12:] not in repr(new)
        assert new.key[12:] not in f"{new} {new!r}"

    @pytest.mark.parametrize("name", ["", "x" * 101, "a\x1b[2J"], ids=["empty", "long", "signs"])
    async def test_a_name_out_of_bounds_is_refused(self, store, name):
        with pytest.raises(InvalidInputError) as caught:
            await store.keys.create("app", name)
        assert caught.value.problems[0].pointer == "#/name"

    async def test_an_expiry_that_is_past_is_refused(self, store, clock):
        with pytest.raises(InvalidInputError):
            await store.keys.create("app", "app", clock.now)


class TestTogether:
    async def test_readers_and_writers_at_once_all_get_what_they_asked_for(self, store):
        await store.titles.put_all(title(f"t-{number}") for number in range(50))

        async def write(number: int) -> None:
            for step in range(5):
                await store.titles.put(title(f"t-{number}", year=1900 + step))
                await store.blurbs.add(entry(f"{number * 10 + step:064}"))
                await store.receipts.add(receipt(number * 10 + step))

        async def read(number: int) -> None:
            for _ in range(10):
                held = await store.titles.get(f"t-{number}")
                # Never half a write: the year always belongs to the revision.
                assert held.revision == 1 + (0 if held.year is None else held.year - 1899)

        async with asyncio.TaskGroup() as group:
            for number in range(20):
                group.create_task(write(number))
                group.create_task(read(number))

        assert {(await store.titles.get(f"t-{n}")).revision for n in range(20)} == {6}
        assert (await store.receipts.get(receipt(194).id)) == receipt(194)

    # One in memory is gone when a caller gives up while reading, which adding a receipt begins with.
    async def test_a_caller_who_gives_up_leaves_the_store_working(self, lasting_database, clock):
        async with open_store(lasting_database, clock=clock) as store:
            await store.migrate()
            adding = [asyncio.create_task(store.receipts.add(receipt(n))) for n in range(40)]
            await asyncio.sleep(0)
            for task in adding[::2]:
                task.cancel()

            results = await asyncio.gather(*adding, return_exceptions=True)

            assert all(result is None for result in results[1::2])
            assert [await store.receipts.get(receipt(n).id) for n in (1, 39)] == [
                receipt(1),
                receipt(39),
            ]

    async def test_the_store_answers_and_can_be_migrated_again(self, store):
        await store.titles.put(title())
        await store.migrate()
        await store.ping()

        assert await store.titles.count() == 1


class TestSeveralProcesses:
    """Two stores over one database, as two processes have them: one acts, and all others are told 412."""

    @pytest.fixture
    async def stores(self, lasting_database, clock):
        async with (
            open_store(lasting_database, clock=clock) as one,
            open_store(lasting_database, clock=clock) as two,
        ):
            await one.migrate()
            yield (one, two) * 8

    async def test_of_those_who_act_upon_the_same_policies_one_succeeds(self, stores):
        await stores[0].policies.accept("sha256:00", {})
        for number in range(1, len(stores) + 1):
            await stores[0].policies.upload(f"sha256:{number:02}", {}, who="o", why="A draft.")
        before = await stores[0].policies.newest()

        results = await asyncio.gather(
            *(
                store.policies.activate(f"sha256:{n:02}", who="o", why="On.", expected="sha256:00")
                for n, store in enumerate(stores, start=1)
            ),
            return_exceptions=True,
        )

        assert sorted(type(result).__name__ for result in results) == [
            "Act", *["PreconditionFailedError"] * (len(stores) - 1)
        ]  # fmt: skip
        assert await stores[1].policies.newest() == before + 1

    @pytest.mark.parametrize("held", [0, 1], ids=["a new title", "a title held"])
    async def test_of_those_who_put_a_title_in_the_same_revision_one_succeeds(self, stores, held):
        if held:
            await stores[0].titles.put(title())

        results = await asyncio.gather(
            *(
                store.titles.put(title(year=1900 + n), if_revision=held)
                for n, store in enumerate(stores)
            ),
            return_exceptions=True,
        )

        assert sorted(type(result).__name__ for result in results) == [
            *["PreconditionFailedError"] * (len(stores) - 1), "Title"
        ]  # fmt: skip
        (put,) = [result for result in results if not isinstance(result, Exception)]
        assert await stores[1].titles.get("harbour-lights") == put
        assert put.revision == held + 1

    async def test_a_text_and_a_receipt_written_by_all_at_once_stand_once(self, stores):
        entries = [entry(text=f"A pilot's daughter comes home {n}.") for n in range(len(stores))]

        standing = await asyncio.gather(
            *(store.blurbs.add(one) for store, one in zip(stores, entries, strict=True))
        )
        await asyncio.gather(*(store.receipts.add(receipt()) for store in stores))

        assert len({one.written.text for one in standing}) == 1
        assert await stores[0].receipts.get(receipt().id) == receipt()


@pytest.mark.parametrize("sign", ["\0", "a\0b", "\U0010ffff", "'", "\\", "%s", ":x", "x" * 9000])
async def test_no_sign_is_more_than_a_sign_to_any_database(store, sign):
    await store.titles.put(title(name=f"Harbour {sign[:100]} Lights"))

    assert await store.titles.get(sign) is None
    assert await store.blurbs.get(sign) is None
    assert await store.receipts.get(sign) is None
    assert await store.policies.get(sign) is None
    assert await store.decisions.count(since=sign, until=sign) == 0
    assert (await store.titles.search("harbour " + sign[:100])).items != ()
    with pytest.raises(NotFoundError):
        await store.keys.revoke(sign)
    assert await store.titles.count() == 1


async def test_a_store_without_its_tables_says_so_in_our_own_words(empty_database):
    async with open_store(empty_database, clock=Clock()) as store:
        with pytest.raises(GenserviceError):
            await store.ping()


def decided(region: str = "DE", *signals: tuple[str, str]) -> Decided:
    consents = ("content_profile", "content_use")
    where = LoggedContext("promo", region, "age_25_34", consents, False, "tile", "in_process")
    return Decided(where, signals or (("genre_affinity", "words"), ("location", "none")))


async def nothing(_ends) -> None:
    """Nobody is told."""


async def log_batch(
    store,
    hour: str = "2026-03-01T12",
    position: int = 1,
    *,
    writer: str = "a" * 16,
    previous: bytes = GENESIS,
    **counts: int,
) -> bytes:
    return await store.decisions.add(
        hour=hour,
        writer=writer,
        position=position,
        policy="sha256:41c0",
        counts={decided(region): count for region, count in counts.items()},
        previous=previous,
    )


async def read_all(store, since: str = "2026-03-01T00", until: str = "2026-03-02T00", **how):
    pages = [page async for page in store.decisions.read(since=since, until=until, **how)]
    return [batch for page in pages for batch in page]


class TestDecisions:
    async def test_what_was_decided_comes_back_with_its_count_hour_and_version(self, store):
        await log_batch(store, DE=3, FR=1)

        (batch,) = await read_all(store)

        assert (batch.hour, batch.policy, batch.requests) == ("2026-03-01T12", "sha256:41c0", 4)
        assert sorted(batch.counted()) == [(1, decided("FR")), (3, decided("DE"))]

    async def test_a_batch_added_again_counts_once_and_stays_as_it_was(self, store):
        await log_batch(store, DE=3)
        await log_batch(store, DE=3)
        await log_batch(store, FR=9)

        assert await store.decisions.count(since="2026-03-01T12", until="2026-03-01T13") == 3

    async def test_only_the_hours_asked_for_are_read_and_counted(self, store):
        for position, hour in enumerate(("11", "12", "13"), start=1):
            await log_batch(store, f"2026-03-01T{hour}", position, DE=position)

        found = await read_all(store, "2026-03-01T12", "2026-03-01T13")

        assert [batch.hour for batch in found] == ["2026-03-01T12"]
        assert await store.decisions.count(since="2026-03-01T11", until="2026-03-01T13") == 3
        assert await store.decisions.count(since="2025-01-01T00", until="2025-01-02T00") == 0

    async def test_pages_hold_every_batch_once_in_order(self, store):
        for position in range(7, 0, -1):
            await log_batch(store, f"2026-03-01T{10 + position % 3}", position, DE=1)

        found = await read_all(store, page=2)

        keys = [(batch.hour, batch.writer, batch.position) for batch in found]
        assert len(keys) == 7
        assert keys == sorted(keys)

    async def test_hours_before_one_can_be_forgotten(self, store):
        for position, hour in enumerate(("02-27T23", "02-28T00", "03-01T12"), start=1):
            await log_batch(store, f"2026-{hour}", position, DE=1)

        async def forget() -> int:
            return await store.decisions.forget(before="2026-03-01T12", anchored=nothing)

        assert await forget() == 2
        assert [batch.hour for batch in await read_all(store, "2026-01-01T00")] == ["2026-03-01T12"]
        assert await forget() == 0

    async def test_the_last_batch_of_each_writer_is_told_before_it_is_taken_out(self, store):
        for position, writer in ((1, "a"), (2, "a"), (3, "a"), (1, "b")):
            await log_batch(store, position=position, writer=writer * 16, DE=1)
        await log_batch(store, "2026-03-01T13", 4, DE=1)
        told = []

        async def anchored(ends) -> None:
            assert len(await read_all(store)) == 5
            told.extend((end.writer[0], end.position, end.digest) for end in ends)
            # What a writer adds meanwhile to an hour of the past stays until it was told of too.
            if len(told) == 2:
                await log_batch(store, position=9, writer="b" * 16, DE=1)

        async def and_again(ends) -> None:
            told.extend((end.writer[0], end.position, end.digest) for end in ends)

        held = {(row.writer[0], row.position): row.digest for row in await read_all(store)}
        taken = []

        async def both(ends) -> None:
            await (and_again if taken else anchored)(ends)
            taken.append(ends)

        assert await store.decisions.forget(before="2026-03-01T13", anchored=both) == 5
        assert told[:2] == [("a", 3, held["a", 3]), ("b", 1, held["b", 1])]
        assert [entry[:2] for entry in told[2:]] == [("b", 9)]

    async def test_a_batch_is_kept_with_the_digest_of_the_one_before_and_its_own(self, store):
        first = await log_batch(store, position=1, DE=1)
        second = await log_batch(store, position=2, previous=first, DE=1)

        one, two = await read_all(store)
        assert (one.previous, one.digest, two.previous, two.digest) == (
            GENESIS, first, first, second,
        )  # fmt: skip
        assert [one.computed(), two.computed()] == [first, second]
        told = b'["2026-03-01T12","aaaaaaaaaaaaaaaa",2,"sha256:41c0",1]'
        whole = b"genservice.log-batch/1\n" + first + told + b"\n" + two.body
        assert second == hashlib.sha256(whole).digest()

    async def test_the_bytes_kept_do_not_depend_on_the_order_of_counting(self, store):
        await log_batch(store, position=1, DE=3, FR=1)
        await log_batch(store, position=2, FR=1, DE=3)

        first, second = await read_all(store)

        assert first.body == second.body

    async def test_a_damaged_batch_is_a_clear_error(self, store):
        await log_batch(store, DE=3)
        (batch,) = await read_all(store)

        with pytest.raises(GenserviceError, match="batch of decisions cannot be read"):
            msgspec.structs.replace(batch, body=b"no").counted()
