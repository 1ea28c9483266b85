"""Readings of a text: what somebody can make of it, each with the way back to what was written.

A name can return in Cyrillic letters, as `3mm4`, spelt backwards, as HTML entities or in base64. Each
reading undoes one family of disguises; all of them come from `fold`, so that case, diacritics, styled
and invisible characters never matter.
"""

from __future__ import annotations

import base64
import binascii
import codecs
import html
import re
import unicodedata
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

import msgspec

from genservice.privacy.folding import BLANK, blanks, clean, fold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

_SIGNS = {ord(sign): letter for letter, signs in {
    "a": "4@", "b": "8", "e": "3€", "g": "9", "i": "1!", "o": "0", "s": "5$", "t": "7", "z": "2",
}.items() for sign in signs}  # fmt: skip
_DIGITS = str.maketrans("oOlLiIsSbB", "0011115588")
_DRAWN = {
    "|\\/|": "m", "/\\/\\": "m", "|\\|": "n", "\\/\\/": "w", "\\/": "v", "/\\": "a", "|-|": "h",
    "|<": "k", "|)": "d", "|_|": "u", "|_": "l", "()": "o", "[]": "o",
}  # fmt: skip
_DRAWING = re.compile("|".join(re.escape(drawn) for drawn in _DRAWN))
_TURNED = str.maketrans(
    "\u0250q\u0254p\u01dd\u025f\u0183\u0265\u1d09\u027e\u029e\u05df\u026fuodb\u0279\u0287n\u028c\u028d\u028e",
    "abcdefghijklmnopqrtuvwy",
)
_TURNED_ONLY = re.compile(
    "[\u0250\u0254\u01dd\u025f\u0183\u0265\u1d09\u027e\u029e\u026f\u0279\u0287\u028c\u028d\u028e]"
)
_TAGS = {0xE0000 + code: chr(code) for code in range(0x20, 0x7F)}
"""Tag characters: ASCII once more, invisible."""

_LATIN_NAME = re.compile(
    r"(?:LATIN|REGIONAL INDICATOR|NEGATIVE \w+ LATIN)\b.* ([A-Z])(?: WITH .*)?"
)
_SYLLABLE_NAME = re.compile(r"(?:HANGUL SYLLABLE|(?:HIRAGANA|KATAKANA) LETTER(?: SMALL)?) ([A-Z]+)")
_HEPBURN = {"si": "shi", "ti": "chi", "tu": "tsu", "hu": "fu", "zi": "ji"}
_REISCHAUER = {"g": "k", "d": "t", "b": "p", "j": "ch"}
_LONG_VOWEL = "ー"

_ESCAPE = re.compile(
    r"&#x[0-9a-fA-F]{1,6};?|&#[0-9]{1,7};?|&[a-zA-Z]{2,8};|(?:%[0-9a-fA-F]{2})+|(?:=[0-9A-F]{2})+"
    r"|\\u\{?[0-9a-fA-F]{4,6}\}?|\\x[0-9a-fA-F]{2}|U\+[0-9a-fA-F]{4,6}"
)
_MARKUP = re.compile(r"</?[a-zA-Z!][^<>]{0,80}>|[\u00ad]|-[ \t]*\n\s*")
_HEX = re.compile(r"(?<![0-9a-zA-Z])(?:0x)?(?:[0-9a-fA-F]{2}[\s:,\-]?){3,}(?![0-9a-zA-Z])")
_BASE64 = re.compile(r"(?<![A-Za-z0-9+/_\-])[A-Za-z0-9+/_\-]{4,}={0,2}(?![A-Za-z0-9+/_=])")
_WRITTEN = re.compile(r"[^\s=&%\\]*(?:[&%\\]|U\+)\S+")


class Reading(msgspec.Struct, frozen=True):
    """A text, and where each of its characters begins and ends in what was written."""

    text: str
    starts: Sequence[int]
    ends: Sequence[int]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The span as written of a span of `text` that is not empty."""
        return min(self.starts[start], self.starts[end - 1]), max(
            self.ends[start], self.ends[end - 1]
        )

    def rewritten(self, changes: Iterable[tuple[int, int, str]]) -> Reading:
        """With each span, in order and disjoint, replaced."""
        pieces: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        at = 0
        for start, end, instead in changes:
            pieces += (self.text[at:start], instead)
            starts += self.starts[at:start]
            ends += self.ends[at:start]
            starts += [self.starts[start]] * len(instead)
            ends += [self.ends[end - 1]] * len(instead)
            at = end
        pieces.append(self.text[at:])
        return Reading("".join(pieces), [*starts, *self.starts[at:]], [*ends, *self.ends[at:]])

    def mapped(self, text: str) -> Reading:
        """With other characters in the same places."""
        return Reading(text, self.starts, self.ends)

    def backwards(self) -> Reading:
        """From the last character as written to the first; what one of them became keeps its order."""
        order = sorted(range(len(self.text)), key=lambda at: (-self.starts[at], at))
        return Reading(
            "".join(self.text[at] for at in order),
            [self.starts[at] for at in order],
            [self.ends[at] for at in order],
        )


def as_written(text: str) -> Reading:
    """The text itself."""
    return Reading(text, range(len(text)), range(1, len(text) + 1))


def folded(reading: Reading) -> Reading:
    """Without diacritics, styles and what cannot be seen; slots and place-holders blanked out."""
    found = fold(clean(reading.text.translate(_TAGS)))
    spans = [found.written(at, at + 1) for at in range(len(found.text))]
    return Reading(
        found.text,
        [reading.starts[start] for start, _ in spans],
        [reading.ends[end - 1] for _, end in spans],
    )


def shown(text: str) -> tuple[Reading, ...]:
    """The text as a browser or a decoder would show it, and, where that is more, letter by letter as it sounds."""
    written = as_written(text)
    plain = decoded(written)
    readings = [folded(written)]
    if plain is not None:
        readings.append(folded(plain))
    sounds = (_sounding(plain or written, way) for way in (0, 1))
    return (*readings, *(folded(sound) for sound in sounds if sound is not None))


def decoded(written: Reading) -> Reading | None:
    """With escapes, markup, hexadecimal and base64 read; None if there is none of it."""
    kept = blanks(written.text)
    reading = written
    ways: tuple[tuple[re.Pattern[str], Callable[[str], str | None]], ...] = (
        (_ESCAPE, _unescaped),
        (_ESCAPE, _unescaped),  # what was escaped twice
        (_MARKUP, _left_out),
        (_HEX, _from_hex),
        (_BASE64, _from_base64),
        (_DRAWING, _DRAWN.get),
    )
    for pattern, read in ways:
        # Place-holders look like tags; escapes come first, so only they can be moved by a change.
        outside = kept if reading is written else blanks(reading.text)
        changes = list(_changes(reading.text, pattern, read, outside))
        if changes:
            reading = reading.rewritten(changes)
    return None if reading is written else reading


def encoded(text: str) -> Iterator[tuple[int, int, str]]:
    """Where a text is in base64 or hexadecimal, or writes letters as escapes: the spans, and what they say.

    Of escapes, the whole word; those that a page needs ("&amp;", "caf&eacute;") are none.
    """
    for pattern, read in ((_HEX, _from_hex), (_BASE64, _from_base64)):
        yield from _changes(text, pattern, read, ())
    for word in _WRITTEN.finditer(text):
        escapes = list(_changes(word.group(), _ESCAPE, _unescaped, ()))
        if any(said.isascii() and said.isalnum() for _, _, said in escapes):
            yield *word.span(), as_written(word.group()).rewritten(escapes).text


def disguises(plain: Reading) -> Iterator[Reading]:
    """A folded reading as it looks: as it stands, signs for letters, turned, backwards, thirteen on."""
    looks = plain.mapped(look_alike(plain.text))
    signs = plain.mapped(plain.text.translate(_SIGNS))
    signed = signs.mapped(look_alike(signs.text))
    yield looks
    if signed.text != looks.text:
        yield signed
        yield signed.backwards()
    yield looks.backwards()
    if _TURNED_ONLY.search(plain.text):
        yield plain.mapped(look_alike(plain.text.translate(_TURNED))).backwards()
    yield plain.mapped(look_alike(codecs.encode(plain.text, "rot13")))


def look_alike(folded: str) -> str:
    """A folded text with look-alikes as Latin letters, in their case; same length, so that places stay."""
    return folded if folded.isascii() else "".join(map(_latin, folded))


def with_signs(folded: str) -> str:
    """A folded text with signs and digits as the letters they stand for; same length."""
    return folded.translate(_SIGNS)


def with_digits(folded: str) -> str:
    """A folded text with letters as the digits they stand for; same length."""
    return folded.translate(_DIGITS)


@lru_cache(maxsize=8192)
def _latin(character: str) -> str:
    if character.isascii() or character == BLANK:
        return character
    if (letter := _look_alikes().get(character)) is not None:
        return letter.upper() if character.isupper() else letter
    match = _LATIN_NAME.fullmatch(unicodedata.name(character, ""))
    if match is None:
        return character
    return match[1].lower() if character.islower() else match[1]


@lru_cache(maxsize=1)
def _look_alikes() -> dict[str, str]:
    listed = {
        alike: letter
        for letter, alikes in (line.split(" ") for line in _lines("look-alikes.txt"))
        for alike in alikes
    }
    # Cherokee has small letters that look like its capitals; their own classes come first.
    return {
        **{
            alike.lower(): letter
            for alike, letter in listed.items()
            if "\u13a0" <= alike <= "\u13f5"
        },
        **listed,
    }


@lru_cache(maxsize=1)
def _sounds() -> dict[str, tuple[str, str]]:
    found: dict[str, tuple[str, str]] = {}
    for line in _lines("sounds.txt"):
        letter, *ways = ("" if part == "-" else part for part in line.split(" "))
        found[letter] = (ways[0], ways[-1])
    return found


def _lines(name: str) -> list[str]:
    text = resources.files("genservice.privacy").joinpath("data", name).read_text("utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def _sounding(written: Reading, way: int) -> Reading | None:
    """The reading romanised, in one of two ways; None where there is nothing to romanise."""
    if written.text.isascii():
        return None
    text = written.text
    changes: list[tuple[int, int, str]] = []
    at = 0
    while at < len(text):
        end = at + 1
        while end < len(text) and unicodedata.combining(text[end]):
            end += 1
        letter = unicodedata.normalize("NFC", text[at:end])
        if (sound := _sound(letter, way)) is not None:
            changes.append((at, end, sound))
        at = end
    return written.rewritten(changes) if changes else None


@lru_cache(maxsize=8192)
def _sound(letter: str, way: int) -> str | None:
    if len(letter) != 1 or letter.isascii():
        return None
    if letter == _LONG_VOWEL:
        return ""
    small = letter.lower()
    base = unicodedata.normalize("NFD", small)[:1]
    ways = _sounds().get(small) or _sounds().get(base)
    if ways is not None:
        return ways[way].capitalize() if letter.isupper() else ways[way]
    match = _SYLLABLE_NAME.fullmatch(unicodedata.name(letter, ""))
    if match is None:
        return None
    said = match[1].lower()
    if way == 0:
        return _HEPBURN.get(said, said)
    return _REISCHAUER.get(said[0], said[0]) + said[1:]


def _changes(
    text: str,
    pattern: re.Pattern[str],
    read: Callable[[str], str | None],
    outside: Sequence[tuple[int, int]],
) -> Iterator[tuple[int, int, str]]:
    for match in pattern.finditer(text):
        start, end = match.span()
        if any(start < last and first < end for first, last in outside):
            continue
        instead = read(match.group())
        if instead is not None:
            yield start, end, instead


def _unescaped(escape: str) -> str | None:
    if escape.startswith("&"):
        character = html.unescape(escape if escape.endswith(";") else f"{escape};")
        return None if character == escape else character
    if escape.startswith(("%", "=")):
        return _text_of(unquote_to_bytes(escape.replace("=", "%")), shortest=1)
    code = int(re.sub(r"[^0-9a-fA-F]", "", escape[2:]), 16)
    return chr(code) if code <= 0x10FFFF else None


def _left_out(_: str) -> str:
    return ""


def _from_hex(run: str) -> str | None:
    pairs = re.sub(r"[^0-9a-fA-F]", "", run.removeprefix("0x"))
    return _text_of(bytes.fromhex(pairs), shortest=3) if len(pairs) % 2 == 0 else None


def _from_base64(run: str) -> str | None:
    if re.fullmatch("[A-Z]?[a-z]+|[A-Z]+|[0-9]+", run):
        return None  # a word or a number
    bare = run.rstrip("=").translate(str.maketrans("-_", "+/"))
    try:
        return _text_of(base64.b64decode(bare + "=" * (-len(bare) % 4), validate=True), shortest=3)
    except (binascii.Error, ValueError):
        return None


def _text_of(raw: bytes, *, shortest: int) -> str | None:
    """Bytes as text, if that is what they are."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return text if len(text) >= shortest and text.isprintable() else None
