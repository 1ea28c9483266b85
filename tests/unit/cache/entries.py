"""Texts to put into caches."""

from __future__ import annotations

import hashlib
from typing import Any

from genservice.domain import Screened, TitleRef
from genservice.store import Entry, Written

LIFETIMES = {"tile": 86400, "push": 3600, "home_row": 86400, "email": 21600, "detail": 604800}


def key(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()


def entry(name: str = "one", text: str = "Cold Quay is a crime film.", **changes: Any) -> Entry:
    written = Written(
        candidate="[TITLE] is a crime film.", text=text, spans=(), attempts=1,
        screened=Screened(prompt={}, text={}), model="scripted 1", prompt="promo 1",
    )  # fmt: skip
    fields: dict[str, Any] = {
        "key": key(name), "title": TitleRef(id="cold-quay", revision=1), "purpose": "promo", "channel": "tile",
        "length": "short", "tone": "plain", "language": "en", "seed": 0, "neutral": True, "written": written,
    }  # fmt: skip
    return Entry(**{**fields, **changes})


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now
