"""The bits of a segment, read from the left: what every part of a TC or GPP string is made of.

Data types: GPP Consent String Specification, "Section Encoding"; TCF Consent string and vendor list
formats v2, "The Core String". Everything read is bounded by the text itself: a count that promises more
than is there ends the reading at once, and ranges stay ranges.
"""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode

from genservice.errors import ConsentStringError

MOST_IDS = 65_535
"""The highest id that 16 bits hold: no list of vendors goes further."""

MOST_LETTERS = 8_192
"""The longest string that requests may carry: twice what a cookie holds, which the TCF names as its limit."""

Ranges = tuple[tuple[int, int], ...]
"""First and last of each; as written."""

_LETTERS = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)
_FIBONACCI = (1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, 233, 377, 610, 987, 1597, 2584, 4181, 6765,
              10946, 17711, 28657, 46368)  # fmt: skip
"""What the places of a Fibonacci code word stand for; the last that an id of 16 bits needs."""
_PAIRS = {"00": 0, "01": 1, "10": 2, "11": 3}


class Bits:
    """One segment, and how far it has been read."""

    __slots__ = ("_at", "_bits", "_end", "part")

    def __init__(self, text: str, part: str) -> None:
        """Take the bits of a segment in the letters of RFC 4648, table 2, without padding.

        Args:
            text: The segment.
            part: What errors call it.

        Raises:
            ConsentStringError: There is nothing, or a letter that is none of the 64.
        """
        self.part = part
        if not _LETTERS.fullmatch(text):
            raise self.wrong("letters outside of base64url" if text else "nothing in it")
        # Six bits a letter, whatever their number: `DBABM`, the specification's first header, has five.
        data = urlsafe_b64decode(text + "A" * (-len(text) % 4))
        self._end = 6 * len(text)
        self._bits = format(int.from_bytes(data, "big"), "b").zfill(8 * len(data))
        self._at = 0

    def wrong(self, detail: str) -> ConsentStringError:
        """The error that says so of this segment."""
        return ConsentStringError(self.part, detail)

    def raw(self, width: int) -> str:
        """The next bits, as `0` and `1`.

        Raises:
            ConsentStringError: There are not so many.
        """
        start = self._at
        self._at = end = start + width
        if end > self._end:
            raise self.wrong("ends too early")
        return self._bits[start:end]

    def number(self, width: int) -> int:
        """The next bits as a number, the most significant first.

        Raises:
            ConsentStringError: There are not so many.
        """
        start = self._at
        self._at = end = start + width
        if end > self._end:
            raise self.wrong("ends too early")
        return int(self._bits[start:end], 2)

    def numbers(self, *widths: int) -> list[int]:
        """The next numbers, of these widths.

        Raises:
            ConsentStringError: The segment ends in one of them.
        """
        at = self._at
        self._at = end = at + sum(widths)
        if end > self._end:
            raise self.wrong("ends too early")
        bits, found = self._bits, list[int]()
        for width in widths:
            found.append(int(bits[at : at + width], 2))
            at += width
        return found

    def pairs(self, count: int) -> tuple[int, ...]:
        """The next numbers of two bits each, so many of them.

        Raises:
            ConsentStringError: There are not so many.
        """
        bits = self.raw(2 * count)
        return tuple([_PAIRS[bits[at : at + 2]] for at in range(0, 2 * count, 2)])

    def flag(self) -> bool:
        """The next bit.

        Raises:
            ConsentStringError: There is none.
        """
        at = self._at
        self._at = at + 1
        if at >= self._end:
            raise self.wrong("ends too early")
        return self._bits[at] == "1"

    def ids(self, width: int) -> tuple[int, ...]:
        """The ids whose bits are set in a bit field, from 1 at the left.

        Raises:
            ConsentStringError: The segment ends in it.
        """
        bits = self.raw(width)
        if "1" not in bits:
            return ()
        return tuple([place for place, bit in enumerate(bits, 1) if bit == "1"])

    def letters(self) -> str:
        """Two capital letters of six bits each, A is 0.

        Raises:
            ConsentStringError: They are none.
        """
        first, second = self.numbers(6, 6)
        if first > 25 or second > 25:
            raise self.wrong("a code that is not two letters")
        return chr(65 + first) + chr(65 + second)

    def ranges(self, highest: int = MOST_IDS) -> Ranges:
        """Range (Int): a count, then single ids and pairs of first and last in 16 bits each.

        Raises:
            ConsentStringError: An id is 0 or beyond `highest`, a range runs backwards, or the segment ends.
        """
        found: list[tuple[int, int]] = []
        for _ in range(self.number(12)):
            pair = self.flag()
            first = self.number(16)
            last = self.number(16) if pair else first
            if not 1 <= first <= last <= highest:
                raise self.wrong("a range that is none")
            found.append((first, last))
        return tuple(found)

    def fibonacci_ranges(self) -> Ranges:
        """Range (Fibonacci): a count, then offsets from the last id seen; by nature ascending.

        Raises:
            ConsentStringError: An id is beyond `MOST_IDS`, or the segment ends.
        """
        found: list[tuple[int, int]] = []
        seen = 0
        for _ in range(self.number(12)):
            group = self.flag()
            first = seen + self._fibonacci()
            seen = first + self._fibonacci() if group else first
            if seen > MOST_IDS:
                raise self.wrong("an id that is too high")
            found.append((first, seen))
        return tuple(found)

    def _fibonacci(self) -> int:
        """An integer of at least 1 in Fibonacci coding: it ends with the first two ones in a row."""
        start = self._at
        end = self._bits.find("11", start, min(self._end, start + len(_FIBONACCI) + 1))
        if end < 0:
            raise self.wrong("a Fibonacci number without an end")
        self._at = end + 2
        return sum(
            worth
            for worth, bit in zip(_FIBONACCI, self._bits[start : end + 1], strict=False)
            if bit == "1"
        )

    def close(self) -> None:
        """Return if what is left is padding.

        How much padding there is differs between encoders (to 6, 8 or 24 bits); that it is zero does not.

        Raises:
            ConsentStringError: A bit is set in it: something follows that was not understood.
        """
        if "1" in self._bits[self._at : self._end]:
            raise self.wrong("goes on after its last field")
