"""Texts composed from house phrases for a brief: what the embedded model learns to write."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from training.sentences import Sentence, sentence

if TYPE_CHECKING:
    from random import Random

    from genservice.domain import Brief
    from training.offers import Offers

_ATTEMPTS = 60
_PATIENCE = 45
"""After so many attempts a thin text will do."""

_OPENERS = {
    "promo": {"lead": 30, "noun": 10, "hook": 16, "premise": 16, "line": 8, "angle": 10, "tag": 10},
    "synopsis": {"premise": 50, "lead": 22, "noun": 10, "line": 12, "angle": 2, "story": 4},
}
_RANK = ("hook", "premise", "then", "story", "noun", "line", "angle", "cast", "close", "tag", "end")
_STORY_PARTS = frozenset({"WHO", "WHO_PL", "GOAL", "TURN", "WHERE"})
_POINTS_BACK = re.compile(r"\b([Ii]t|besides)\b|^(With|Behind|Also)\b")
_LONG_WORD = re.compile(r"(?<![\[\w])[a-z]{5,}(?![\w\]])")
_AFTER_STORY = ("So begins", "The rest is", "For the rest")


class Composed(NamedTuple):
    """A raw text and the phrases it is made of."""

    text: str
    phrases: tuple[str, ...]


def compose(offers: Offers, rng: Random) -> Composed | None:
    """A text that follows the brief, or None if no phrase allows one.

    Only offered slots stand in it, every slot at most once, every slot of the angle; sentences of
    the story keep their order; it fits the limit however the article turns out.
    """
    for attempt in range(_ATTEMPTS):
        hasty = attempt > _ATTEMPTS // 2
        parts = _draft(offers, rng, hasty=hasty)
        if parts and _lawful(offers, parts) and (attempt > _PATIENCE or _worthy(offers, parts)):
            return Composed(
                " ".join(part.text for part in parts),
                tuple(phrase for part in parts for phrase in part.phrases),
            )
    return None


def _draft(offers: Offers, rng: Random, *, hasty: bool) -> list[Sentence] | None:
    """Sentences in order: an opener, then whatever the brief still wants."""
    opener = _opener(offers, rng)
    if opener is None:
        return None
    count = 1 if hasty else _count(offers.brief, rng)
    parts = [opener]
    for name in offers.wanted:
        if name not in _used(parts):
            parts = _with(parts, _about(offers, rng, parts, name))
    if offers.brief.limit > 200:
        parts = _told(offers, rng, parts)
    for _ in range(count - len(parts)):
        parts = _with(parts, _more(offers, rng, parts))
    if offers.brief.purpose != "synopsis" and offers.has("TITLE") and "TITLE" not in _used(parts):
        roles = ["close"] if rng.random() < 0.8 else ["close", "line"]
        parts = _with(parts, _choose(offers, rng, parts, roles))
    return [parts[0], *sorted(parts[1:], key=lambda part: _RANK.index(part.role))]


def _opener(offers: Offers, rng: Random) -> Sentence | None:
    purpose = "synopsis" if offers.brief.purpose == "synopsis" else "promo"
    weights = {role: w for role, w in _OPENERS[purpose].items() if offers.by_role.get(role)}
    if not weights:
        return None
    (role,) = rng.choices(list(weights), list(weights.values()))
    want = rng.choice(offers.wanted) if offers.wanted and rng.random() < 0.75 else None
    piece = None
    if want is not None and rng.random() < 0.5:
        piece = offers.choose(rng, [role], used=frozenset(), want=want)
    piece = piece or offers.choose(rng, [role], used=frozenset())
    return piece and sentence(offers, piece, rng, used=frozenset(), want=want)


def _about(offers: Offers, rng: Random, parts: list[Sentence], name: str) -> Sentence | None:
    """A sentence that brings in a slot the angle asks for."""
    used = _used(parts)
    roles = ["angle", "cast", "premise", "close", "line", "then", "story"]
    if not any(part.role == "noun" for part in parts):
        roles += ["noun", "lead", "tail"]
    piece = offers.choose(rng, roles, used=used, want=name)
    return piece and sentence(offers, piece, rng, used=used, want=name)


def _told(offers: Offers, rng: Random, parts: list[Sentence]) -> list[Sentence]:
    """A premise, if there is none yet, and the story's own sentences as far as chance takes them."""
    if not _tells(parts):
        parts = _with(parts, _choose(offers, rng, parts, ["premise"]))
    for _ in range(rng.choice((1, 2, 3, 4, 6))):
        parts = _with(parts, _choose(offers, rng, parts, ["story"]))
    return parts


def _more(offers: Offers, rng: Random, parts: list[Sentence]) -> Sentence | None:
    """One more sentence of a sort that the text does not have yet."""
    roles = {part.role for part in parts}
    wishes: list[tuple[list[str], int]] = [(["angle"], 2), (["cast"], 2)]
    if not _tells(parts):
        wishes.append((["premise"], 9))
    elif "GOAL" in _used(parts) and "then" not in roles:
        wishes.append((["then"], 4))
    if "story" not in roles and not (_used(parts) & (_STORY_PARTS | {"LOGLINE"})):
        wishes.append((["story"], 8))
    if "noun" not in roles:
        wishes.append((["lead", "noun"], 7))
    if not roles & {"tag", "end"}:
        wishes.append((["tag", "end"], 3))
    if "TITLE" not in _used(parts):
        wishes.append((["close"], 3))
    (chosen,) = rng.choices([w for w, _ in wishes], [n for _, n in wishes])
    return _choose(offers, rng, parts, chosen)


def _choose(
    offers: Offers, rng: Random, parts: list[Sentence], roles: list[str]
) -> Sentence | None:
    used = _used(parts)
    piece = offers.choose(rng, roles, used=used)
    return piece and sentence(offers, piece, rng, used=used)


def _with(parts: list[Sentence], more: Sentence | None) -> list[Sentence]:
    return parts if more is None else [*parts, more]


def _tells(parts: list[Sentence]) -> bool:
    return any(part.slots & {"LOGLINE", "GOAL"} for part in parts)


def _used(parts: list[Sentence]) -> frozenset[str]:
    return frozenset[str]().union(*(part.slots for part in parts))


def _count(brief: Brief, rng: Random) -> int:
    """How many sentences to aim at."""
    if brief.limit <= 110:
        return rng.choices([1, 2, 3], [40, 45, 15])[0]
    if brief.limit <= 140:
        return rng.choices([1, 2, 3], [20, 50, 30])[0]
    if brief.limit <= 180:
        return rng.choices([1, 2, 3, 4], [10, 40, 40, 10])[0]
    return rng.randint(3, 6)


def _lawful(offers: Offers, parts: list[Sentence]) -> bool:
    """Whether the sentences make one text."""
    said = [slot for part in parts for slot in part.slots]
    used = frozenset(said)
    promo = offers.brief.purpose != "synopsis"
    length = sum(part.length for part in parts) + len(parts) - 1
    return (
        length <= offers.brief.limit
        and len(said) == len(used)
        and used.issuperset(offers.wanted)
        and (not promo or not offers.has("TITLE") or "TITLE" in used)
        and not ("LOGLINE" in used and used & _STORY_PARTS)
        and _story_lawful(offers, parts)
        and _joins(parts)
    )


def _story_lawful(offers: Offers, parts: list[Sentence]) -> bool:
    """Sentences of the story come from the first on, after a premise where there is one."""
    told = [name for part in parts for name in sorted(part.slots) if name.startswith("STORY")]
    if not told:
        return True
    offered = [name for name in offers.lengths if name.startswith("STORY")]
    first = next(at for at, part in enumerate(parts) if part.role == "story")
    premised = bool(_used(parts[:first]) & {"LOGLINE", "GOAL", "WHO", "WHO_PL"})
    could = any(offers.has(name) for name in ("LOGLINE", "WHO", "WHO_PL"))
    return told == offered[: len(told)] and (premised or not could)


def _joins(parts: list[Sentence]) -> bool:
    """Whether each sentence may stand where it stands."""
    roles = [part.role for part in parts]
    if roles.count("noun") + roles.count("line") > 1 or roles.count("premise") > 1:
        return False
    if sum(role in {"tag", "end"} for role in roles) > 1 or roles.count("angle") > 2:
        return False
    if sum(part.text.count(":") for part in parts) > 2:
        return False
    firsts = [part.text.split()[0].rstrip(".:,") for part in parts]
    if any(firsts.count(first) > 1 for first in firsts if first not in _MAY_REPEAT):
        return False
    if sum(first in _IMPERATIVES for first in firsts) > 1 + (len(parts) > 2):
        return False
    words = [word for part in parts for word in set(_LONG_WORD.findall(part.text))]
    if len(words) != len(set(words)):
        return False
    return all(_stands(parts[:at], part) for at, part in enumerate(parts))


def _stands(before: list[Sentence], part: Sentence) -> bool:
    named = any("TITLE" in other.slots or other.role == "noun" for other in before)
    if part.role in {"angle", "cast"} and _POINTS_BACK.search(part.text) and not named:
        return False
    if part.role == "end" and not before:
        return False
    if part.role == "then":
        return bool(before) and "GOAL" in before[-1].slots and not before[-1].text.endswith("?")
    if part.text.startswith(_AFTER_STORY):
        return bool(before) and before[-1].role in {"hook", "premise", "then", "story"}
    return True


def _worthy(offers: Offers, parts: list[Sentence]) -> bool:
    """Whether the text says enough, and what matters: a synopsis the story, a promo something."""
    used = _used(parts)
    if len(used & _GENRES) > 1 and sum(bool(part.slots & _GENRES) for part in parts) > 1:
        return False
    cast = {name for name in used if name.startswith("CAST")}
    if cast and offers.has("LEAD") and "LEAD" not in used and not cast.intersection(offers.wanted):
        return False
    someone = any(offers.has(name) for name in _PEOPLE)
    if offers.brief.purpose == "synopsis" and "GOAL" in used and someone and not used & _PEOPLE:
        return False
    if offers.brief.purpose == "synopsis" and not used & _STORY:
        return not any(
            offers.has(name) and offers.lengths[name] < offers.brief.limit - 25 for name in _STORY
        )
    weight = sum(2 if name in _STORY or name in _STORY_PARTS else 1 for name in used - _BARE)
    enough = min(2 if offers.brief.limit <= 110 else 3, len(offers.lengths) - 2)
    return weight >= enough


_STORY = frozenset({"LOGLINE", "GOAL", "STORY_1"})
_GENRES = frozenset({"GENRE", "GENRE_2", "GENRE_3"})
_PEOPLE = frozenset({"WHO", "WHO_PL"})
_BARE = frozenset({"TITLE", "KIND"})
_MAY_REPEAT = frozenset({"A", "The", "[TITLE]"})
_IMPERATIVES = frozenset(
    re.findall(
        r"\w+",
        """
        Ask Begin Bring Call Carry Check Clear Come Consider Do Draw Drop Enter Find Follow Gather
        Give Go Hold Join Keep Leave Let Lock Look Make Meet Mind Never Pencil Picture Press Pull Put
        Roll Save Say See Set Settle Sit Sneak Spare Spend Spot Start Stay Stop Take Tread Try Watch
        """,
    )
)
