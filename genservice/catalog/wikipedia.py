"""Films of the Wikipedia movie data: lists and first paragraphs taken from pages, by rule of thumb.

Whoever made that data took a genre for said where its letters stand in the paragraph ("war" in
"Edward"), a list of links for a cast, and at times the page of a novel for that of its film. What
the paragraph itself gainsays is left out, with a warning.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, cast

from genservice.catalog.castlist import read_cast
from genservice.catalog.drafts import Draft
from genservice.catalog.forms import PERFORMERS
from genservice.catalog.jsontext import records
from genservice.catalog.own import not_a_record
from genservice.catalog.plain import DESCRIPTION_ROOM, clean, shorten
from genservice.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from genservice.catalog.jsontext import Record

_MOST_CREDITS = 200
_YEARS_APART = 3
"""Most years between a film's list and its page: shown at a festival, made long before release."""
_FOOTNOTE = re.compile(r"\s*\[[^\]]{1,30}\]$")
_RELEASE = re.compile(r"\s*\([^()]*\bre-?release\b[^()]*\)")
_KIND = re.compile(
    r"\b(?:is|was|are) (?:an?|the) (?P<kind>[^.,]{1,160}?)(?=[.,]|$| (?:written|directed|produced|starring|"
    r"of|about|that|which|who|from|based|by|with|made|in|on|set|adapted|created|published|performed|and)\b)"
)
"""What a page says that its subject is: "1984 American crime film"."""
_YEAR = re.compile(r"\b(?:18|19|20)\d\d\b")
_OTHER_WORK = re.compile(
    r"\b(?:novels?|novella|plays?|books?|autobiography|biography|memoir|songs?|albums?|singles?|band|singer|"
    r"poem|editorial|line|franchise|comics?|manga|magazine|(?:short|true) story|video game|trainer|title|"
    r"murder)$",
    re.IGNORECASE,
)
_FILM = re.compile(r"\b(?:film|movie)", re.IGNORECASE)
_GENRES = re.compile(
    r"comed|drama|action|thriller|horror|roman|fiction|crime|fantas|adventure|animat|biograph|musical|"
    r"documentary|family|war\b|histor|supernatural|sport|slasher|superhero|myster|western|teen|martial|"
    r"satir|spy|politic|disaster|noir",
    re.IGNORECASE,
)
_SAID_FIRST = {
    "documentary": re.compile("documentar"),
    "animated": re.compile(r"animat|cartoon|claymation|stop.motion|anime|tunes"),
    "short": re.compile("short"),
}
"""Genres that a page names at once where they are the film's; elsewhere it is speaking of others."""
_STRICT = frozenset({"war", "short", "spy"})
"""Words that other words begin with by chance: warden, shortly."""
_SECOND_HALVES = frozenset({"comedy", "drama"})
"""Words that others of their kind end in: tragicomedy."""


def read_wikipedia(raw: bytes) -> Iterator[Draft | Problem]:
    """Films as github.com/prust/wikipedia-movie-data has them: title, year, cast, genres, extract.

    The order of the cast is the billing; `href` only tells two films of one name and year apart.
    """
    for item in records(raw):
        if isinstance(item, Problem):
            yield item
            continue
        if not isinstance(item.value, dict):
            yield not_a_record(item)
            continue
        yield _film(cast("dict[str, Any]", item.value), item)


def _film(record: dict[str, Any], found: Record) -> Draft:
    name, extract, year = record.get("title"), record.get("extract"), record.get("year")
    film: dict[str, Any] = {
        "kind": "film",
        "name": _FOOTNOTE.sub("", _RELEASE.sub("", clean(name))) if isinstance(name, str) else name,
        "language": "en",
        "year": year,
        "genres": record.get("genres") or [],
    }
    draft = Draft(film, line=found.line, at=found.at)
    if isinstance(record.get("cast"), list):
        film["credits"] = _credits(draft, cast("list[Any]", record["cast"]))
    text = clean(extract) if isinstance(extract, str) else ""
    if text and _is_of_another(text, year):
        draft.warn("/extract", "says of itself that it is about another work; left out")
    elif text:
        film["description"] = shorten(text, DESCRIPTION_ROOM)
        if isinstance(film["genres"], list):
            film["genres"] = _genres(draft, cast("list[Any]", film["genres"]), text)
    return draft


def _credits(draft: Draft, names: list[Any]) -> list[dict[str, Any]]:
    """Credits, performers billed in the order of the list."""
    if not all(isinstance(name, str) for name in names):
        # Refused with its place when the record is checked.
        return [{"name": name, "job": "actor"} for name in names]
    found = read_cast([clean(name) for name in names])
    for place in found.left_out:
        draft.warn(f"/cast/{place}", "not the name of a performer; left out")
    billed: list[dict[str, Any]] = []
    billing = 0
    for performer in found.performers[:_MOST_CREDITS]:
        credit: dict[str, Any] = {"name": performer.name, "job": performer.job}
        if performer.job in PERFORMERS:
            billing += 1
            credit["billing"] = billing
        billed.append(credit)
    return billed


def _kind_in(text: str) -> str:
    found = _KIND.search(text)
    return found["kind"] if found is not None else ""


def _is_of_another(text: str, year: Any) -> bool:
    """Whether a page is about the novel, the play, or the film that was made before."""
    kind = _kind_in(text)
    made = _YEAR.search(kind)
    if made is not None and isinstance(year, int) and abs(int(made[0]) - year) > _YEARS_APART:
        return True
    return _FILM.search(kind) is None and _OTHER_WORK.search(kind) is not None


def _genres(draft: Draft, said: list[Any], text: str) -> list[Any]:
    """The genres that the text does not gainsay."""
    kept: list[Any] = []
    kind, folded = _kind_in(text), text.casefold()
    for place, genre in enumerate(said):
        word = genre.casefold() if isinstance(genre, str) else ""
        if word and (_is_only_inside(word, folded) or _is_gainsaid(word, kind)):
            draft.warn(f"/genres/{place}", "the text does not say so of the film; left out")
        else:
            kept.append(genre)
    return kept


def _is_only_inside(word: str, text: str) -> bool:
    """Whether a text has the letters of a word, but only in words that have nothing to do with it."""
    hits: list[str] = re.findall(rf"\w*{re.escape(word)}\w*", text)
    if not hits or any(_is_akin(hit, word) for hit in hits):
        return False
    # "Biographical" says as much as "biography" does, although its letters differ.
    stem = word[:-1]
    return word in _STRICT or re.search(rf"\b{re.escape(stem)}", text) is None


def _is_akin(hit: str, word: str) -> bool:
    if word in _STRICT:
        return hit in {word, f"{word}s"}
    return hit.startswith(word) or (word in _SECOND_HALVES and hit.endswith(word))


def _is_gainsaid(word: str, kind: str) -> bool:
    """Whether a page names the film's genres, and not this one, which would stand there."""
    form = _SAID_FIRST.get(word)
    return (
        form is not None
        and _GENRES.search(kind) is not None
        and form.search(kind.casefold()) is None
    )
