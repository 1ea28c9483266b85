"""Words for days, months, years and numbers, as parts of patterns."""

from __future__ import annotations

MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
DAY = r"(?:3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th)?"
YEAR = r"(?:19|20)\d\d"
DATE = (
    rf"(?:{DAY}\s(?:of\s)?{MONTH}(?:,?\s{YEAR})?|{MONTH}\s(?:the\s)?{DAY}(?:,?\s{YEAR})?"
    rf"|\d{{1,2}}[/.\-]{MONTH}[/.\-](?:\d{{4}}|\d\d)"
    rf"|\d{{1,2}}(?:\s?/\s?\d{{1,2}}\s?/\s?|\.\s?\d{{1,2}}\.\s?|-\d{{1,2}}-)(?:\d{{4}}|\d\d)|{YEAR}[/.\-]\d{{1,2}}[/.\-]\d{{1,2}})"
)
_TENS = r"(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)"
_ONES = r"(?:one|two|three|four|five|six|seven|eight|nine)"
NUMBER = (
    rf"(?:\d{{1,3}}|{_TENS}(?:[-\s]{_ONES})?|{_ONES}|ten|eleven|twelve"
    r"|(?:thir|four|fif|six|seven|eigh|nine)teen)"
)
"""A number up to 999 in figures, or up to 99 in words."""
