"""An export is everything, at one moment, in a documented format, and as a page that anyone can read."""

from __future__ import annotations

import base64
import hashlib
import itertools
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from html.parser import HTMLParser
from typing import Any

import jsonschema
import pytest

from genservice.rights import export_schema
from tests.api.viewing import GIVEN, SIGNALS, Viewer

HTML = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
_VOID = {"meta", "br"}


@pytest.fixture
def viewer(api) -> Viewer:
    return Viewer(api)


def test_everything_that_the_routes_tell_is_in_the_export(viewer) -> None:
    viewer.fill()
    export = viewer.get("/export")
    assert export["format"] == "genservice.viewer-export/1"
    assert export["viewer"] == viewer.id
    assert export["signals"] == viewer.get("/signals")["items"]
    consents = viewer.get("/consents")
    assert export["consents"] == consents["items"][::-1]
    assert export["standing_consents"] == consents["standing"]
    assert export["controls"] == viewer.get("/controls")
    assert export["shown"] == viewer.get("/explanations")["items"]
    assert all(export[name] for name in ("signals", "consents", "standing_consents", "shown"))


def test_it_is_cut_nowhere_however_much_there_is(viewer) -> None:
    viewer.agree(*["content_profile"] * 60)
    viewer.agree(*["content_use"] * 60)
    shown = [viewer.be_shown({"genre_affinity": ["crime"]}, seed=n % 3) for n in range(60)]
    export = viewer.get("/export")
    assert [act["number"] for act in export["consents"]] == list(range(1, 121))
    receipts = [item["receipt"] for item in export["shown"]]
    assert receipts == [each["receipt"]["id"] for each in reversed(shown)]


def test_it_has_the_shape_that_its_schema_says(viewer) -> None:
    schema = export_schema()
    check = jsonschema.Draft202012Validator(schema)
    check.check_schema(schema)
    check.validate(viewer.get("/export"))
    viewer.fill()
    export = viewer.get("/export")
    check.validate(export)
    assert sorted(export) == sorted(schema["required"]) == sorted(schema["properties"])


def test_every_field_of_the_schema_says_what_it_is() -> None:
    schema = export_schema()
    for shape in (schema, *schema["$defs"].values()):
        assert shape["description"]
        for name, field in shape["properties"].items():
            assert field.get("description"), name


class _Page(HTMLParser):
    """What a page holds, and whether every tag is closed in its turn."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self._open: list[str] = []
        self.feed(page)
        self.close()
        assert not self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in _VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def of(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def page_of(viewer: Viewer) -> tuple[Any, _Page]:
    answer = viewer.ask("GET", "/export", **HTML)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    return answer, _Page(answer.text)


def test_a_browser_gets_a_page_and_who_takes_anything_gets_json(viewer) -> None:
    page_of(viewer)
    assert viewer.ask("GET", "/export").headers["content-type"] == "application/json"
    assert viewer.ask("GET", "/export", Accept="*/*").json()["viewer"] == viewer.id
    assert viewer.ask("GET", "/export", Accept="image/png").status_code == 406


def test_the_page_tells_everything_in_words_and_by_the_names_that_people_know(viewer) -> None:
    viewer.fill()
    viewer.tell({"pace_preference": "slow_burn", "location": {"country": "DE", "city": "Kiel"}})
    viewer.ask(
        "PUT",
        "/controls",
        {
            "level": "context_only",
            "signals_off": ["location"],
            "themes_left_out": ["small_town"],
            "titles_left_out": ["double-indemnity"],
            "objections": ["advertising"],
        },
    )
    text = " ".join(page_of(viewer)[1].text)
    for told in (
        "Genres you like", "crime", "Titles you watched", "Double Indemnity, The Third Man",
        "slow burn", "Kiel, DE", "Build a profile to personalise content", "sign-up", "2026-11",
        "only the situation it is shown in", "Where you are", "small town", "advertising",
        "It was shaped by: Genres you like (crime).", viewer.id,
    ):  # fmt: skip
        assert told in text, told
    assert viewer.get("/export")["shown"][0]["receipt"] in text


def test_the_page_of_nothing_says_so(viewer) -> None:
    text = " ".join(page_of(viewer)[1].text)
    for told in ("Nothing.", "At present you agree to nothing.", "Nothing that is still kept."):
        assert told in text


def test_the_page_runs_nothing_fetches_nothing_and_is_served_so(viewer) -> None:
    viewer.fill()
    answer, page = page_of(viewer)
    assert not {tag for tag, _ in page.tags} & {"script", "link", "img", "iframe", "form", "object"}
    attributes = [name for _, attributes in page.tags for name in attributes]
    assert not {name for name in attributes if name.startswith("on") or name in {"style", "src"}}
    assert all(str(link["href"]).startswith("#") for link in page.of("a"))
    style = re.search(r"<style>(.*?)</style>", answer.text, re.DOTALL)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in answer.headers["content-security-policy"]
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "url(" not in style[1]
    assert "@import" not in style[1]
    assert answer.headers["cache-control"] == "no-store"


def test_the_page_can_be_read_with_a_screen_reader_and_with_the_keyboard(viewer) -> None:
    viewer.fill()
    _, page = page_of(viewer)
    assert page.of("html")[0]["lang"] == "en"
    assert len(page.of("h1")) == len(page.of("main")) == len(page.of("title")) == 1
    ids = {attributes["id"] for _, attributes in page.tags if "id" in attributes}
    assert len(ids) == sum("id" in attributes for _, attributes in page.tags)
    named = [a["aria-labelledby"] for _, a in page.tags if "aria-labelledby" in a]
    assert ids.issuperset(named)
    assert ids.issuperset(str(link["href"])[1:] for link in page.of("a"))
    assert all(cell.get("scope") in {"row", "col"} for cell in page.of("th"))
    assert len(page.of("caption")) == len(page.of("table")) == 3
    regions = [a for a in page.of("div") if a.get("role") == "region"]
    assert all(region["tabindex"] == "0" and region["aria-labelledby"] for region in regions)
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch(r"h[1-6]", tag)]
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))


def test_nothing_that_was_told_is_markup_on_the_page(viewer) -> None:
    evil = "<script>alert(1)</script><img src=x onerror=alert(1)>'\"&"
    viewer.tell({"search_terms": evil, "location": {"country": "DE", "city": evil}})
    _, page = page_of(viewer)
    assert not {tag for tag, _ in page.tags} & {"script", "img"}
    assert evil in page.text


def test_an_export_beside_writers_is_one_moment_and_misses_nothing_that_was_acknowledged(
    viewer,
) -> None:
    acknowledged = 0
    done = threading.Event()

    def write() -> None:
        nonlocal acknowledged
        for number in range(1, 31):
            # Both in one moment: whoever sees one value sees it in both.
            told = {"age": number, "session_length": number}
            assert viewer.ask("PATCH", "/signals", {"signals": told}).status_code == 200
            act = {"consent": "content_use", **GIVEN, "text_version": str(number)}
            assert viewer.ask("POST", "/consents", {"acts": [act, act]}).status_code == 201
            acknowledged = number
        done.set()

    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(write)
        exports = 0
        while not done.is_set() and not writing.done():
            before = acknowledged
            export = viewer.get("/export")
            exports += 1
            values = {item["name"]: item["value"] for item in export["signals"]}
            assert values.get("age") == values.get("session_length")
            assert values.get("age", 0) >= before
            numbers = [act["number"] for act in export["consents"]]
            assert numbers == list(range(1, len(numbers) + 1))
            assert len(numbers) % 2 == 0
            assert len(numbers) >= 2 * before
        writing.result()
    assert exports
    assert len(viewer.get("/export")["consents"]) == 60


def test_signals_in_the_export_are_as_they_were_told(viewer) -> None:
    viewer.tell(SIGNALS)
    assert {s["name"]: s["value"] for s in viewer.get("/export")["signals"]} == SIGNALS
