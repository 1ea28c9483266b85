"""`genservice demo`: which titles it shows, and what it takes for proof."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from rich.console import Console

from genservice.cli.demo import _chosen, _prove

TITLES = [
    *({"id": f"plain-{n}", "kind": "film", "genres": ["western"]} for n in range(9)),
    *({"id": f"liked-{n}", "kind": "film", "genres": ["crime"]} for n in range(9)),
    {"id": "cubs", "kind": "series", "genres": ["kids", "comedy"]},
    {"id": "whales", "kind": "film", "genres": ["documentary", "nature"]},
    {"id": "sleepless", "kind": "programme", "genres": ["talk"], "moods": ["tense"]},
]


class Service:
    """Answers as a service does whose texts follow the signals in `follows`."""

    def __init__(self, *follows: str) -> None:
        self.follows = follows
        self.client = httpx.Client(
            base_url="http://demo", transport=httpx.MockTransport(self.answer)
        )

    def answer(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/v1/titles":
            return httpx.Response(200, json={"items": TITLES, "next": None})
        if request.url.path == "/v1/receipts/verify":
            return httpx.Response(200, json={"valid": True, "reason": None})
        return httpx.Response(200, json=self.blurbs(json.loads(request.content)))

    def blurbs(self, body: dict[str, Any]) -> dict[str, Any]:
        sent = body["audience"]["signals"]
        decisions = [
            {"signal": name, "outcome": "coarsened" if name == "time_of_day" else "withheld"}
            for name in ("genre_affinity", "location", "time_of_day")
        ]
        text = " ".join(str(sent.get(name)) for name in self.follows)
        return {
            "blurbs": [{"text": text, "source": "twin", "personalised": False}],
            "receipt": {"statement": {"title": {"id": "liked-0"}, "decisions": decisions}},
        }


def proof(service: Service, capsys: pytest.CaptureFixture[str]) -> str:
    answer = service.blurbs({"audience": {"signals": {}}})
    _prove(Console(width=200), service.client, [answer])
    return capsys.readouterr().out


def test_titles_come_from_every_group_and_those_to_the_taste_first():
    chosen = [title["id"] for title in _chosen(Service().client, 6)]
    assert chosen == ["liked-0", "cubs", "whales", "sleepless", "liked-7", "liked-1"]


def test_all_titles_are_shown_once_if_so_many_are_wanted():
    chosen = [title["id"] for title in _chosen(Service().client, 40)]
    assert sorted(chosen) == sorted(title["id"] for title in TITLES)


def test_what_a_released_signal_changes_breaks_no_guarantee(capsys):
    assert "byte for byte the same" in proof(Service("time_of_day"), capsys)


def test_what_a_withheld_signal_changes_does_and_exits_1(capsys):
    with pytest.raises(SystemExit) as caught:
        proof(Service("location"), capsys)
    assert caught.value.code == 1
    assert "byte for byte different" in capsys.readouterr().out
