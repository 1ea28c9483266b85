"""The lists from which sentences are filled: names by culture, places, organisations, the screen's own, bands.

Of every list of names a fifth is never trained on, so that what is measured are names the tagger
never saw. A name belongs to one side by its spelling alone, whichever list it is in.
"""

from __future__ import annotations

import zlib
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast

import msgspec
from ruamel.yaml import YAML

from genservice.privacy.folding import fold

if TYPE_CHECKING:
    import random
    from collections.abc import Iterable, Mapping, Sequence

FOLDER = Path(__file__).parent
Side = Literal["learned", "aside"]


class Group(msgspec.Struct, frozen=True):
    """The names of one culture, plain Latin letters."""

    name: str
    given: Mapping[Side, tuple[str, ...]]
    family: Mapping[Side, tuple[str, ...]]
    family_first: bool
    """Whether the family name may stand first."""


class Lists(msgspec.Struct, frozen=True):
    """All of them."""

    groups: tuple[Group, ...]
    words: Mapping[str, tuple[str, ...]]
    """By key of the files of places, organisations, the screen and music."""


def side_of(name: str) -> Side:
    """The side a name belongs to: about one in five is `aside`."""
    return "aside" if zlib.crc32(name.lower().encode()) % 5 == 0 else "learned"


def load_lists(folder: Path = FOLDER) -> Lists:
    """The lists as they lie in `folder`.

    Raises:
        OSError: A file is missing.
    """
    groups: list[Group] = []
    for path in sorted((folder / "names").glob("*.yaml")):
        read = read_yaml(path)
        groups.append(
            Group(
                name=path.stem,
                given=_sides(cast("list[str]", read["given"])),
                family=_sides(cast("list[str]", read["family"])),
                family_first=read["order"] == "family_first_too",
            )
        )
    words: dict[str, tuple[str, ...]] = {}
    for name in ("places", "organisations", "screen", "music"):
        for key, entries in read_yaml(folder / f"{name}.yaml").items():
            words[key] = tuple(plain(entry) for entry in cast("list[str]", entries))
    return Lists(groups=tuple(groups), words=words)


def read_yaml(path: Path) -> dict[str, object]:
    """A YAML file of ours."""
    return cast("dict[str, object]", YAML(typ="safe").load(path))


def plain(text: str) -> str:
    """A text as the guard's recognisers get it."""
    return fold(str(text)).text


def _sides(names: Iterable[str]) -> dict[Side, tuple[str, ...]]:
    sides: dict[Side, list[str]] = {"learned": [], "aside": []}
    for name in names:
        sides[side_of(plain(name))].append(plain(name))
    return {side: tuple(held) for side, held in sides.items()}


class Coined:
    """Names that nobody listed but that sound like those of a list: chains of letters.

    A tagger that only ever meets listed names learns the list. Order-3 Markov chains over letters
    (Shannon, 1948, "A Mathematical Theory of Communication", section 3) coin the others.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self._after: defaultdict[str, list[str]] = defaultdict(list)
        for name in names:
            padded = f"^^^{name.lower()}$"
            for index in range(3, len(padded)):
                self._after[padded[index - 3 : index]].append(padded[index])

    def draw(self, rng: random.Random) -> str:
        """A name of three to twelve letters, its words with capitals."""
        while True:
            drawn = "^^^"
            while not drawn.endswith("$") and len(drawn) < 16:
                drawn += rng.choice(self._after[drawn[-3:]])
            name = drawn.strip("^$")
            if drawn.endswith("$") and 3 <= len(name) <= 12:
                return name.title()
