"""What listings put around a description: notices, codes of access services, numbers of episodes."""

from __future__ import annotations

import re

_CODES = re.compile(
    r"\s*[\[(](?:(?:AD|S|SL|HD|UHD|R|W|ST|BSL|SUB|CC|DS|N|4K|rpt|repeat|new)(?:[\s,/]+|(?=[\])]))){1,6}[\])]",
    re.IGNORECASE,
)
_NUMBERED = re.compile(
    r"\s*\((?:S(?:eries|eason)?\.?\s?\d+[,;:]?\s*)?(?:Ep(?:isode)?s?\.?\s?)?\d+(?:\s?(?:/|of)\s?\d+)?\)|"
    r"\s*\(S(?:eries|eason)?\.?\s?\d+\)|\s*\bS\d+[,:]?\s?Ep?\d+\b(?:/\d+)?[:.]?"
)
_FIRST_NUMBER = re.compile(
    r"^(?:\d{1,3}\s?/\s?\d{1,3}[.:]?|(?:Series|Season)\s\d+,?\s(?:episode|part)\s\d+[.:]|(?:Episode|Part|Ep)\s(?:\d+|one|two|three|four|five|six)(?:\s(?:of)\s(?:\d+|\w+))?[.:]|\d{1,3}\s?of\s?\d{1,3}[.:])\s*",
    re.IGNORECASE,
)
_LABEL = re.compile(
    r"^(?:New series|New|Drama|Comedy|Documentary|Thriller|Sitcom|Crime drama|Period drama|Premiere|Double bill|Film)[.:]\s+(?=[A-Z\"\u201c])"
)
_NOTICE = re.compile(
    r"""^(?:
      (?:brand[\s-])?new\s(?:series|season|episode|drama|comedy)\b.{0,40} | (?:the\s)?(?:last|first|final|second|third|penultimate)\s(?:episode|part|one)?\s?(?:in|of)\s(?:the\s|a\s|this\s)?(?:\w+[\s-]){0,3}(?:series|run|season|parts?)\b.{0,30}
      | (?:last|first)\sin\s(?:the\s)?series | series\sfinale | season\sfinale | (?:double|triple)[\s-]bill\b.{0,40} | repeat(?:ed)?\b.{0,50} | (?:also|now)\s(?:in|available|on)\b.{0,60}
      | (?:then|followed\sby|continues|concludes|more\sat|next\s(?:episode|week)|coming\sup)\b.{0,120} | (?:contains|includes)\s(?:some\s|strong\s|mild\s|moderate\s|very\s|scenes|flash|violence|adult|language|nudity|sexual|upsetting|moments).{0,120}
      | (?!.*\b(?:the\s(?:film|series|story)|it|who|whose|as|when|after)\b)(?:starring|with|stars|narrated\sby|presented\sby|directed\sby|written\sby|voiced\sby|featuring|hosted\sby|produced\sby|also\sstarring|guest[\s-]starring|guest\sstars?)\s[A-Z].{0,160}
      | in\s(?:\w+\swith\s(?:english\s)?subtitles|hd|stereo|english|black\sand\swhite) | subtitled | with\s(?:english\s)?subtitles | part\s(?:one|two|three|four|\d+)(?:\sof\s(?:\w+))? | (?:episode|ep)\s\d+(?:\sof\s\d+)?
      | \d{1,2}\s?[x\u00d7]\s?\d{2,3}\smin.* | rated\s.{0,20} | (?:viewers|some\sviewers)\b.{0,80} | strong\slanguage\b.{0,60} | \(?[A-Z]{1,4}\)?
      | (?:watch|stream|catch\sup)\b.{0,80} | (?:live\s)?coverage\scontinues.{0,60} | (?:a\s)?film\spremiere.{0,40} | premiere
    )[.!]?$""",
    re.IGNORECASE | re.VERBOSE,
)
_SORT = (
    r"(?:drama|comedy|thriller|documentary|series|sitcom|fantasy|romance|satire|biopic|mystery|comedy-drama|adventure|western|musical|"
    r"film|movie|whodunnit|farce|cartoon|animation|caper|saga|tale|story|serial|chiller|horror|romcom|docudrama|mockumentary)"
)
_SORT_ABOUT = re.compile(
    rf"^(?!(?:The|This|It|In|On|At)\b)(?:(?:An?|One|Two|Three|Four|Five|Six)\s)?(?:(?!the\b|a\b|an\b|this\b|is\b|was\b|released\b|made\b)[\w'\u2019-]+,?\s){{0,5}}?"
    rf"{_SORT}(?:\s(?:drama|comedy|thriller|series|serial|film|comedy))*"
    r"(?P<aside>,?\s(?:set|starring|from|by|with|written|directed|adapted|based)\s[^.]{2,90}?)?,?\s"
    r"(?:(?:about|following|follows|telling\sthe\sstory\sof|that\sfollows|charting|centred\son|focusing\son|concerning|of(?=\s(?:an?|two|three|four|the)\s))\s|in\swhich\s(?P<which>))(?P<said>.+)$",
    re.IGNORECASE,
)


def plain(description: str, name: str = "") -> str:
    """A description without codes, numbers of episodes and labels before sentences.

    Args:
        description: As a listing has it.
        name: The title's name, which some listings set before the description with a colon.
    """
    text = _NUMBERED.sub("", _CODES.sub("", description)).strip()
    for mark in (": ", " - ", " \u2013 ", ". "):
        if name and text.startswith(f"{name}{mark}"):
            text = text[len(name) + len(mark) :].lstrip()
            break
    for _ in range(3):
        cut = _LABEL.sub("", _FIRST_NUMBER.sub("", text, count=1), count=1)
        if cut == text:
            break
        text = cut
    return f"{text[:1].upper()}{text[1:]}"


def is_notice(sentence: str) -> bool:
    """Whether a sentence is a notice of the listing's: a repeat, a warning, a cast."""
    return _NOTICE.match(sentence) is not None


def of_what(sentence: str) -> tuple[str, bool] | None:
    """What a label such as `Drama about` or `Comedy in which` goes on to tell, or None.

    Returns:
        The words behind it, and whether they are a clause by themselves.
    """
    found = _SORT_ABOUT.match(sentence)
    if found is None:
        return None
    return found["said"], found["which"] is not None
