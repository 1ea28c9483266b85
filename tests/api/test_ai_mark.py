"""Every text that leaves says by machine what wrote it: in the body, in headers, and sentence by sentence."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from genservice.answers import Served, blurb_of
from genservice.api.ai_mark import marks_of
from genservice.domain import Blurb, Screened, TitleRef, WrittenBy
from genservice.store import Entry, Written
from tests.api.conftest import order

IPTC = "http://cv.iptc.org/newscodes/digitalsourcetype/"
CRIME = {"genre_affinity": ["crime"]}
EDITED = "kept-by-the-editors"


@pytest.fixture
def edited(api) -> str:
    title = {
        "id": EDITED, "kind": "film", "name": "Slow Water", "language": "en",
        "copy": {"mode": "editorial_only"},
        "texts": [{"language": "en", "length": "long", "text": "A river and two brothers."}],
    }  # fmt: skip
    api.client.put(f"/v1/titles/{EDITED}", json=title, headers=api.headers())
    return EDITED


def events(api: Any, **changes: Any) -> tuple[Any, list[tuple[str, Any]]]:
    answer = api.post("/v1/promos", order(CRIME, **changes), Accept="text/event-stream")
    told = [
        (lines[0].removeprefix("event: "), json.loads(lines[1].removeprefix("data: ")))
        for block in answer.text.replace("\r\n", "\n").split("\n\n")
        if (lines := block.splitlines()) and lines[0].startswith("event: ")
    ]
    return answer, told


@pytest.mark.parametrize("signals", [CRIME, {}])
def test_a_text_that_a_model_wrote_is_marked_with_its_model_be_it_personal_or_a_twin(
    api, signals
) -> None:
    answer = api.promo(signals)
    blurb = answer.json()["blurbs"][0]
    assert blurb["digital_source_type"] == "trainedAlgorithmicMedia"
    assert blurb["model"] == {"name": "scripted", "version": "1", "processor": "in_process"}
    assert answer.headers["link"] == f'<{IPTC}trainedAlgorithmicMedia>; rel="type"'
    assert answer.headers["ai-disclosure"] == 'mode=machine-generated, model="scripted 1"'


def test_an_editors_text_is_marked_as_one_and_claims_nothing_of_models(api, edited) -> None:
    answer = api.promo(title_id=edited)
    blurb = answer.json()["blurbs"][0]
    assert (blurb["source"], blurb["model"]) == ("editorial", None)
    assert blurb["digital_source_type"] == "digitalCreation"
    assert answer.headers["link"] == f'<{IPTC}digitalCreation>; rel="type"'
    assert "ai-disclosure" not in answer.headers


def test_each_part_of_a_stream_is_marked_and_so_is_the_stream(api) -> None:
    answer, told = events(api, length="long")
    assert answer.headers["link"] == f'<{IPTC}trainedAlgorithmicMedia>; rel="type"'
    assert answer.headers["ai-disclosure"].startswith("mode=machine-generated")
    texts = [data for name, data in told if name in ("sentence", "replace", "blurb")]
    assert {data["digital_source_type"] for data in texts} == {"trainedAlgorithmicMedia"}
    (blurb,) = [data for name, data in told if name == "blurb"]
    assert blurb["model"]["name"] == "scripted"


def test_an_editors_text_in_a_stream_is_never_marked_as_a_models(api, edited) -> None:
    answer, told = events(api, title_id=edited, length="long")
    assert answer.headers["link"] == f'<{IPTC}digitalCreation>; rel="type"'
    assert "ai-disclosure" not in answer.headers
    texts = [data for name, data in told if name in ("sentence", "replace", "blurb")]
    assert len(texts) > 1
    assert {data["digital_source_type"] for data in texts} == {"digitalCreation"}


def test_what_writes_nothing_is_not_marked(api) -> None:
    for answer in (api.promo(dry_run=True), api.promo(title_id="no-such"), api.get("/v1/titles")):
        assert "ai-disclosure" not in answer.headers
        assert "link" not in answer.headers


def blurb_by(revision: str, processor: Any = "third_party", source: Any = "written") -> Blurb:
    written = Written(
        candidate="[TITLE].", text="Weir.", spans=(), attempts=1, model=revision, prompt="p",
        screened=Screened(prompt={}, text={}), processor=processor,
    )  # fmt: skip
    entry = Entry(
        key="k", title=TitleRef(id="t", revision=1), purpose="promo", channel="tile", length="short",
        tone="plain", language="en", seed=0, neutral=True, written=written,
    )  # fmt: skip
    return blurb_of(entry, Served(texts=(entry,), source=source, reason=None))


@pytest.mark.parametrize(
    ("revision", "name", "version"),
    [
        ("embedded sha256:0b9e12", "embedded", "sha256:0b9e12"),
        ("org/name@8f3c sha256:0b9e12", "org/name@8f3c", "sha256:0b9e12"),
        ("my own model sha256:0b9e12", "my own model", "sha256:0b9e12"),
        ("remote Qwen/Qwen3 8B", "Qwen/Qwen3 8B", None),
        ("remote", "remote", None),
    ],
)
def test_a_revision_is_told_as_name_and_version(revision, name, version) -> None:
    expected = WrittenBy(name=name, version=version, processor="third_party")
    assert blurb_by(revision).model == expected


def test_a_name_from_elsewhere_can_break_no_header() -> None:
    said = marks_of(blurb_by('remote a"b\\c'))["AI-Disclosure"]
    assert said == 'mode=machine-generated, model="a\\"b\\\\c"'
    for name in ("remote mód", "remote a\r\nX-Evil: 1", "remote a\tb"):
        assert marks_of(blurb_by(name))["AI-Disclosure"] == "mode=machine-generated"


def test_a_text_stored_before_its_processor_was_kept_says_that_it_is_not_known() -> None:
    written = blurb_by("embedded sha256:0b9e12", processor=None).model
    assert written is not None
    assert written.processor is None
    stored = msgspec.json.encode({
        "candidate": "a", "text": "a", "spans": [], "attempts": 1, "screened": {"prompt": {}, "text": {}},
        "model": "embedded sha256:0b9e12", "prompt": "p",
    })  # fmt: skip
    assert msgspec.json.decode(stored, type=Written).processor is None
