"""Sentences that people write, made from templates: placeholders become names, places and the rest."""

from __future__ import annotations

import re
import string
from typing import TYPE_CHECKING, cast

from training.tagging.examples import LABELS, Example, Pieces
from training.tagging.lists import FOLDER, Coined, Group, Lists, Side, plain, read_yaml

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Sequence
    from pathlib import Path

COINED = 0.12
"""Share of names that no list holds."""

WORDS = 0.07
"""Share of given names that are everyday words as well."""

_PART = re.compile(r"\{(?P<hole>[a-z]+)\}|\[\[(?P<text>[^\[\]|]+)\|(?P<label>[A-Z_]+)\]\]")
_LABEL = {
    "person": "PERSON", "given": "PERSON", "family": "PERSON", "celebrity": "PERSON", "character": "PERSON",
    "artist": "PERSON",
    "city": "LOCATION", "district": "LOCATION", "country": "LOCATION", "landmark": "LOCATION",
    "street": "ADDRESS", "address": "ADDRESS",
    "company": "ORGANIZATION", "school": "ORGANIZATION", "hospital": "ORGANIZATION",
    "public": "ORGANIZATION", "club": "ORGANIZATION", "service": "ORGANIZATION",
}  # fmt: skip
_LISTED = {
    "celebrity": ("celebrities",), "character": ("characters",), "city": ("cities",), "district": ("districts",),
    "country": ("countries",), "landmark": ("landmarks",), "company": ("companies",), "school": ("schools",),
    "hospital": ("hospitals",), "public": ("public",), "club": ("clubs",), "service": ("services",),
    "title": ("titles", "real_titles"), "artist": ("artists",),
}  # fmt: skip
_GENRES = (
    "crime", "drama", "comedy", "romance", "horror", "thriller", "western", "musical",
    "documentary", "animation", "sci-fi", "fantasy", "war", "history", "sport", "family", "mystery",
    "noir", "adventure", "action",
)  # fmt: skip
_MOODS = (
    "tense", "funny", "warm", "dark", "gentle", "gritty", "uplifting", "bleak", "quirky",
    "romantic", "slow", "quiet", "eerie", "hopeful", "clever", "tender", "moving", "light", "silly",
    "cosy",
)  # fmt: skip
_NATIONALITIES = (
    "French", "Korean", "Italian", "Danish", "Polish", "Nigerian", "Mexican", "Brazilian",
    "Japanese", "Iranian", "Turkish", "Irish", "Scottish", "Welsh", "German", "Spanish", "Swedish",
    "Indian", "Chinese", "British", "American", "Australian",
)  # fmt: skip
_WORDS = (
    "ending", "soundtrack", "plot", "twist", "garden", "kitchen", "sofa", "weekend", "dinner",
    "remote", "password", "box", "plan", "picture", "subtitle", "episode", "season", "trailer",
    "poster", "ticket", "popcorn", "story", "scene", "dog", "cat", "train", "bike", "summer",
    "winter", "school", "work", "holiday",
)  # fmt: skip
_DAYS = (
    "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday", "January",
    "March", "April", "May", "June", "July", "August", "October", "December",
)  # fmt: skip
_NAME_WORDS = (
    "Amber", "Angel", "April", "Art", "Ash", "Aurora", "Autumn", "Basil", "Bay", "Bill", "Blessing",
    "Blue", "Bonnie", "Candy", "Carol", "Chance", "Chase", "Christian", "Clay", "Cliff", "Clover",
    "Coral", "Crystal", "Daisy", "Dale", "Dawn", "Dean", "Destiny", "Drew", "Eve", "Faith", "Fern",
    "Forest", "Frank", "Gene", "Ginger", "Glen", "Grace", "Grant", "Guy", "Harmony", "Hazel",
    "Heather", "Heaven", "Holly", "Honey", "Hope", "Hunter", "Iris", "Ivy", "Jack", "Jade",
    "Jasmine", "Jay", "Jet", "Joy", "June", "King", "Lance", "Lark", "Lily", "Lucky", "Mark",
    "Mason", "May", "Melody", "Mercy", "Miles", "Misty", "Moon", "Myrtle", "Nick", "Ocean", "Olive",
    "Pat", "Patience", "Pearl", "Peg", "Penny", "Piper", "Poppy", "Precious", "Prince", "Rain",
    "Raven", "Ray", "Reed", "Rich", "River", "Rob", "Robin", "Rocky", "Rose", "Rosemary", "Rowan",
    "Ruby", "Rusty", "Sage", "Sandy", "Saint", "Scarlet", "Shade", "Sky", "Stone", "Storm", "Sue",
    "Summer", "Sunny", "Tiger", "Trinity", "Victor", "Viola", "Violet", "Wade", "Ward", "Will",
    "Willow", "Winter", "Wren",
)  # fmt: skip
_MAILS = ("example.com", "example.org", "mail.example", "post.example.net")
_COUNTRY_NUMBERS = ("+44 7{9}", "07{9}", "0{2} {4} {4}", "({3}) {3}-{4}", "{3}-{3}-{4}", "+49 {3} {7}", "+33 6 {2} {2} {2} {2}", "+91 {5} {5}", "+1 {3} {3} {4}", "{3} {3} {3}")  # fmt: skip


class Filler:
    """Fills templates.

    Args:
        lists: What with.
        side: Which of the names.
    """

    def __init__(self, lists: Lists, side: Side) -> None:
        self._lists = lists
        self._side: Side = side
        self._coined = {
            group.name: (Coined(group.given["learned"]), Coined(group.family["learned"]))
            for group in lists.groups
        }

    def fill(self, template: str, rng: random.Random, *, group: Group | None = None) -> Example:
        """The template with its holes filled.

        Args:
            template: With `{holes}` and `[[marked|LABEL]]` words.
            rng: Draws.
            group: Whose names; any group's, hole by hole, if None.

        Raises:
            ValueError: An unknown hole or label.
        """
        pieces, end = Pieces(), 0
        for match in _PART.finditer(template):
            pieces.add(template[end : match.start()])
            end = match.end()
            if match["hole"] is None:
                if match["label"] not in LABELS:
                    raise ValueError(f"unknown label {match['label']}")
                pieces.add(match["text"], match["label"])
            else:
                self._add(pieces, match["hole"], rng, group or rng.choice(self._lists.groups))
        pieces.add(template[end:])
        return pieces.example()

    def _add(self, pieces: Pieces, hole: str, rng: random.Random, group: Group) -> None:
        if hole == "person":
            self._add_person(pieces, rng, group)
            return
        pieces.add(self._value(hole, rng, group), _LABEL.get(hole))

    def _value(self, hole: str, rng: random.Random, group: Group) -> str:
        if hole in _LISTED:
            return rng.choice(self._lists.words[rng.choice(_LISTED[hole])])
        if hole in {"given", "family"}:
            return self._name(hole, rng, group)
        if (made := _MADE.get(hole)) is not None:
            return made(self, rng)
        raise ValueError(f"unknown placeholder {hole}")

    def _name(self, kind: str, rng: random.Random, group: Group) -> str:
        if self._side == "learned" and rng.random() < COINED:
            return self._coined[group.name][kind == "family"].draw(rng)
        if kind == "given" and rng.random() < WORDS:
            return rng.choice(_NAME_WORDS)
        return rng.choice((group.given if kind == "given" else group.family)[self._side])

    def _add_person(self, pieces: Pieces, rng: random.Random, group: Group) -> None:
        given, family = self._name("given", rng, group), self._name("family", rng, group)
        if group.family_first and rng.random() < 0.3:
            given, family = family, given
        form = rng.random()
        if form < 0.06:
            pieces.add(
                rng.choice(("Mr ", "Mrs ", "Ms ", "Dr ", "Prof. ", "Mr. ", "Mrs. ", "Miss "))
            )
            pieces.add(family, "PERSON")
        elif form < 0.10:
            pieces.add(f"{given[0]}. {family}", "PERSON")
        elif form < 0.14:
            pieces.add(f"{given} {rng.choice(string.ascii_uppercase)}. {family}", "PERSON")
        elif form < 0.18:
            pieces.add(f"{family}, {given}", "PERSON")
        elif form < 0.22:
            pieces.add(f"{given} {self._name('family', rng, group)}-{family}", "PERSON")
        elif form < 0.27:
            pieces.add(f"{given} {self._name('given', rng, group)} {family}", "PERSON")
        else:
            pieces.add(f"{given} {family}", "PERSON")

    def street(self, rng: random.Random) -> str:
        """A house in a street, as it is written somewhere."""
        words, number = self._lists.words, rng.randint(1, 240)
        if rng.random() < 0.3:
            name = rng.choice(words["foreign_streets"])
            return rng.choice((f"{name} {number}", f"{number} {name}", f"{name} {number}{rng.choice('ab')}", f"{name}, {number}"))  # fmt: skip
        road = f"{rng.choice(words['streets'])} {rng.choice(words['street_types'])}"
        form = rng.random()
        if form < 0.1:
            return f"{rng.choice(('flat', 'Flat', 'Apt', 'Unit'))} {rng.randint(1, 40)}, {number} {road}"
        if form < 0.15:
            return f"{number} {road}, {rng.choice(('Apt', 'Suite', 'Unit'))} {rng.randint(1, 40)}"
        return f"{number}{rng.choice('abc') if form > 0.93 else ''} {road}"

    def address(self, rng: random.Random) -> str:
        """A street with its town and postcode, in one of several layouts."""
        city, street = rng.choice(self._lists.words["cities"]), self.street(rng)
        letters = string.ascii_uppercase
        uk = f"{rng.choice(letters)}{rng.choice(letters)}{rng.randint(1, 30)} {rng.randint(1, 9)}{rng.choice(letters)}{rng.choice(letters)}"
        code = f"{rng.randint(10000, 99999)}"
        dutch = f"{rng.randint(1000, 9999)} {rng.choice(letters)}{rng.choice(letters)}"
        state = rng.choice(("CA", "TX", "NY", "OH", "IL", "WA", "FL", "GA", "OR", "MA"))
        return rng.choice(
            (
                f"{street}, {city} {uk}", f"{street}, {city}, {uk}", f"{street}, {code} {city}",
                f"{street}, {city}, {state} {code}", f"{street}, {dutch} {city}", f"{street}, {city}",
                f"{street} {city} {uk}",
            )
        )  # fmt: skip


def _phone(_: Filler, rng: random.Random) -> str:
    return re.sub(
        r"\{(\d)\}",
        lambda match: "".join(rng.choice(string.digits) for _ in range(int(match[1]))),
        rng.choice(_COUNTRY_NUMBERS),
    )


def _mail(_: Filler, rng: random.Random) -> str:
    name = "".join(rng.choice(string.ascii_lowercase) for _ in range(rng.randint(3, 9)))
    return f"{name}{rng.choice(('', str(rng.randint(1, 99))))}@{rng.choice(_MAILS)}"


def _handle(_: Filler, rng: random.Random) -> str:
    name = "".join(rng.choice(string.ascii_lowercase) for _ in range(rng.randint(4, 9)))
    return f"@{name}{rng.choice(('', '_', str(rng.randint(1, 99))))}"


def _date(_: Filler, rng: random.Random) -> str:
    day, month, year = rng.randint(1, 28), rng.randint(1, 12), rng.randint(1940, 2025)
    return rng.choice((f"{day}/{month}/{year}", f"{day} {rng.choice(_DAYS[7:])} {year}", f"{year}-{month:02}-{day:02}"))  # fmt: skip


_MADE: dict[str, Callable[[Filler, random.Random], str]] = {
    "street": Filler.street,
    "address": Filler.address,
    "phone": _phone,
    "email": _mail,
    "handle": _handle,
    "date": _date,
    "age": lambda _, rng: str(rng.randint(3, 92)),
    "number": lambda _, rng: str(rng.randint(1, 120)),
    "genre": lambda _, rng: rng.choice(_GENRES),
    "mood": lambda _, rng: rng.choice(_MOODS),
    "nationality": lambda _, rng: rng.choice(_NATIONALITIES),
    "day": lambda _, rng: rng.choice(_DAYS),
    "word": lambda _, rng: rng.choice(_WORDS),
}


def load_templates(folder: Path = FOLDER / "sentences") -> dict[str, tuple[str, ...]]:
    """All templates by the name of their file, plain Latin letters.

    Raises:
        OSError: There is no such folder.
    """
    if not folder.is_dir():
        raise FileNotFoundError(folder)
    return {
        path.stem: tuple(
            plain(template)
            for templates in read_yaml(path).values()
            for template in cast("Sequence[str]", templates)
        )
        for path in sorted(folder.glob("*.yaml"))
    }
