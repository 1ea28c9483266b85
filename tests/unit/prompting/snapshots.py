"""The shipped prompts as chat models get them, for briefs of every sort; kept in snapshots/.

    python -m tests.unit.prompting.snapshots

writes them anew. Read the difference as an editor would before it is committed.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from genservice.domain import Angle, Brief, Slot
from genservice.policy import load
from genservice.prompting import Prompts, load_prompts
from genservice.shipped import shipped

FOLDER = Path(__file__).parent / "snapshots"


@cache
def prompts() -> Prompts:
    """The prompts that are shipped."""
    declared = (signal.name for signal in load(shipped("policies")).signals)
    return load_prompts(shipped("prompts"), signals=declared)


def _slot(name: str, kind: str, text: str, term: str | None = None) -> Slot:
    return Slot(name=name, kind=kind, text=text, pointer=f"/{name.lower()}", term=term)


RICH = (
    _slot("TITLE", "title", "Harbour Lights"),
    _slot("LEAD", "person", "Imre Vale"),
    _slot("CAST_2", "person", "Dunja Price"),
    _slot("DIRECTOR", "person", "Noor Castellan"),
    _slot("CHARACTER_1", "character", "Ada Thorne"),
    _slot("PLACE", "place", "Whitby"),
    _slot("PERIOD", "period", "the 1980s"),
    _slot("YEAR", "year", "2024"),
    _slot("KIND", "kind", "series", "series"),
    _slot("GENRE", "genre", "crime drama", "crime"),
    _slot("GENRE_2", "genre", "drama", "drama"),
    _slot("MOOD", "mood", "tense", "tense"),
    _slot("THEME", "theme", "grief", "grief"),
    _slot("PACE", "pace", "slow-burn", "slow_burn"),
    _slot("WHO", "who", "a harbour pilot's daughter"),
    _slot("GOAL", "goal", "clear a dead man's name"),
    _slot("TURN", "turn", "the tide brings up a boat nobody missed"),
    _slot("WHERE", "where", "in a town that keeps its dead close"),
    _slot("LOGLINE", "sentence", "[CHARACTER_1] comes home to clear his name"),
)
STORY = (
    _slot("STORY_1", "sentence", "The police closed the case in a week"),
    _slot("STORY_2", "sentence", "[CHARACTER_1] finds that a night is missing from the log"),
)
SPARSE = (
    _slot("TITLE", "title", "Marrow"),
    _slot("KIND", "kind", "film", "film"),
    _slot("GENRE", "genre", "horror story", "horror"),
)
LATE = _slot("OCCASION", "occasion", "late evenings", "late_evening")


def _angle(signal: str, family: str, slot: Slot) -> Angle:
    return Angle(
        signal=signal,
        level="words",
        family=family,
        term=slot.term or "",
        slot=slot.name,
        pointer=slot.pointer,
    )


def _brief(purpose: str, slots: tuple[Slot, ...], **changes) -> Brief:
    fields = {
        "title_id": "harbour-lights",
        "revision": 1,
        "purpose": purpose,
        "kind": "series",
        "channel": "detail",
        "length": "medium",
        "tone": "plain",
        "language": "en-GB",
        "limit": 180,
        "slots": slots,
    }
    return Brief(**{**fields, **changes})


_TILE = {"channel": "tile", "length": "short", "limit": 90}
_LONG = {"length": "long", "limit": 1200}
BRIEFS: dict[str, Brief] = {
    "promo, rich": _brief("promo", RICH, tone="warm"),
    "promo, sparse": _brief("promo", SPARSE, kind="episode", tone="dry", **_TILE),
    "promo, two angles": _brief(
        "promo",
        (*RICH, LATE),
        tone="tense",
        angle=(
            _angle("followed_people", "people", RICH[1]),
            _angle("time_of_day", "occasion", LATE),
        ),
    ),
    "promo, a dislike": _brief(
        "promo",
        (*SPARSE, LATE),
        kind="film",
        aside=("GENRE",),
        angle=(_angle("household", "occasion", LATE),),
        **_TILE,
    ),
    "promo, note and words to avoid": _brief(
        "promo", SPARSE, kind="film", avoid=("gritty", "edge of the seat"), note="Light, please."
    ),
    "synopsis, rich": _brief("synopsis", RICH, tone="tense"),
    "synopsis, sparse": _brief("synopsis", SPARSE, kind="film", **_TILE),
    "synopsis, long, with an angle": _brief(
        "synopsis",
        (*RICH, *STORY),
        tone="warm",
        angle=(_angle("theme_affinity", "themes", RICH[12]),),
        **_LONG,
    ),
}


def rendered(brief: Brief) -> str:
    """What the user's turn says; the system turn is the prompt file's own words."""
    return prompts().for_purpose(brief.purpose).turns(brief)[1].content + "\n"


def path_of(name: str) -> Path:
    """Where the snapshot of a brief lies."""
    return FOLDER / f"{name.replace(',', '').replace(' ', '-')}.txt"


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, brief in BRIEFS.items():
        path_of(name).write_text(rendered(brief), encoding="utf-8")
