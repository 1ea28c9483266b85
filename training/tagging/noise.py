"""How people write in haste: no capitals, all capitals, no commas, letters swapped, lost or drawn out."""

from __future__ import annotations

import re
import string
from typing import TYPE_CHECKING

from genservice.privacy.folding import BLANK
from training.tagging.examples import Example, Pieces

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterator

BLANKED = 0.05
"""Share of texts in which one name has been taken out already, as the guard's second reading sees it."""
LOUD = 0.08
"""Share of texts with laughter, an outcry or random letters in them, which name nobody."""
DRAWN_OUT = 0.06
"""Share of texts in which a word is drawn out ("soooo")."""

_WORD = re.compile(r"[a-zA-Z]{4,}")
_SIGNS = re.compile(r"[,;:!?\"()]|\.(?=\s|$)")
_GAP = re.compile(r"(?<=\S) (?=\S)")
_OUTCRIES = (
    "lol", "lmao", "lmfao", "omg", "omfg", "rofl", "haha", "hehe", "xd", "smh", "tbh", "ngl", "idk",
    "imo", "imho", "btw", "fyi", "ikr", "wtf", "wth", "ffs", "brb", "thx", "pls", "plz", "ugh", "meh",
    "yay", "woo", "wow", "whoa", "yikes", "oops", "ouch", "aww", "nah", "yep", "nope", "yup", "welp",
    "damn", "dang", "geez", "jeez", "bruh", "bro", "dude", "fam", "yo", "hey", "hmm", "umm", "err",
    "shh", "psst", "phew", "duh", "boo", "yass", "yeet", "oof", "bah", "eww", "gah", "argh", "grr",
    "hurray", "woohoo", "RT", "OMG", "LOL", "WOW", "NO", "YES", "WHAT", "FYI", "ASAP",
)  # fmt: skip
_LAUGHS = ("ha", "he", "hi", "ja", "je", "ke", "ks", "k", "lo", "wk", "rs", "xa", "hue", "ah", "j")


def noised(example: Example, rng: random.Random, *, typos: bool) -> Example:
    """The example, perhaps written in haste.

    Args:
        example: Plain letters.
        rng: Draws.
        typos: Whether letters may be wrong too, and outcries stand between the words.
    """
    if example.spans and rng.random() < BLANKED:
        example = _with_a_blank(example, rng)
    if typos and rng.random() < LOUD:
        example = _with_an_outcry(example, rng)
    style = rng.random()
    if style < 0.28:
        example = _each(example, str.lower)
    elif style < 0.36:
        example = _each(example, lambda text: _SIGNS.sub("", text).lower())
    elif style < 0.41:
        example = _each(example, str.upper)
    elif style < 0.45:
        example = _each(example, lambda text: re.sub(r"\b[a-z]", lambda m: m[0].upper(), text))
    elif style < 0.50:
        example = _each(example, lambda text: _SIGNS.sub("", text))
    if typos and rng.random() < DRAWN_OUT:
        example = _each(example, lambda text: _drawn_out(text, rng))
    if typos and rng.random() < 0.22:
        example = _each(example, lambda text: _mistyped(text, rng))
    return example


def _parts(example: Example) -> Iterator[tuple[str, str | None]]:
    end = 0
    for span in example.spans:
        yield example.text[end : span.start], None
        yield example.text[span.start : span.end], span.label
        end = span.end
    yield example.text[end:], None


def _each(example: Example, change: Callable[[str], str]) -> Example:
    pieces = Pieces()
    for text, label in _parts(example):
        pieces.add(change(text), label)
    return pieces.example()


def _with_a_blank(example: Example, rng: random.Random) -> Example:
    taken = rng.randrange(len(example.spans))
    pieces, index = Pieces(), -1
    for text, label in _parts(example):
        index += label is not None
        if label is not None and index == taken:
            pieces.add(BLANK * len(text))
        else:
            pieces.add(text, label)
    return pieces.example()


def _with_an_outcry(example: Example, rng: random.Random) -> Example:
    """Between two words without labels, or at either end."""
    parts = list(_parts(example))
    outcry = _outcry(rng)
    at = rng.choice(range(0, len(parts), 2))
    gaps = [match.start() for match in _GAP.finditer(parts[at][0])]
    text = parts[at][0]
    if gaps and rng.random() < 0.7:
        place = rng.choice(gaps)
        parts[at] = (f"{text[:place]} {outcry}{text[place:]}", None)
    elif rng.random() < 0.5:
        parts[0] = (f"{outcry} {parts[0][0].lstrip()}", None)
    else:
        parts[-1] = (f"{parts[-1][0].rstrip()} {outcry}", None)
    pieces = Pieces()
    for part, label in parts:
        pieces.add(part, label)
    return pieces.example()


def _outcry(rng: random.Random) -> str:
    kind = rng.random()
    if kind < 0.55:
        said = rng.choice(_OUTCRIES)
        said = said.capitalize() if rng.random() < 0.2 else said
        return said + said[-1] * rng.randint(1, 6) if rng.random() < 0.25 else said
    if kind < 0.85:
        said = rng.choice(_LAUGHS) * rng.randint(3, 9)
    else:
        said = "".join(rng.choice("asdfghjklnbui") for _ in range(rng.randint(5, 12)))
        if rng.random() < 0.3:
            said = "".join(rng.choice(string.ascii_lowercase) for _ in range(rng.randint(5, 12)))
    return said.upper() if rng.random() < 0.35 else said


def _drawn_out(text: str, rng: random.Random) -> str:
    words = list(_WORD.finditer(text))
    if not words or rng.random() < 0.4:
        return text
    word = rng.choice(words)
    vowels = [at for at in range(*word.span()) if text[at] in "aeiouAEIOU"]
    at = word.end() - 1 if not vowels or rng.random() < 0.5 else rng.choice(vowels)
    return text[:at] + text[at] * rng.randint(2, 6) + text[at + 1 :]


def _mistyped(text: str, rng: random.Random) -> str:
    words = list(_WORD.finditer(text))
    if not words or rng.random() < 0.5:
        return text
    word = rng.choice(words)
    at = rng.randrange(word.start() + 1, word.end() - 1)
    kind = rng.randrange(4)
    if kind == 0:
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    if kind == 1:
        return text[:at] + text[at + 1 :]
    if kind == 2:
        return text[: at + 1] + text[at:]
    return text[:at] + rng.choice("aeiounrstl") + text[at + 1 :]
