"""When people were born and how old they are: persons, not films, seasons or audiences."""

from __future__ import annotations

import re

from genservice.privacy.rules.dates import DATE, MONTH, NUMBER, YEAR
from genservice.privacy.rules.rule import DIGIT, VIEWER, Rule, words

_NUMBERS = (
    words(
        "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen"
        " nineteen twenty thirty forty fifty sixty seventy eighty ninety"
    )
    | DIGIT
)
_NOT_A_MEASURE = (
    r"(?!\s?(?:%|percent|per|min|minute|hour|hr|episode|season|film|movie|show|day|week|month|mile|km|kg|lb|pound|dollar"
    r"|euro|star|feet|ft|cm|of|and a half|times|step|point|or so|more|into|to|in|chapter|page|part|scene|book|ticket"
    r"|people|person|minutes in)s?\b(?!\s(?:may|june|july|august|march|april|january|february|september|october|november"
    r"|december|a\s|two|three|\d)))(?![\d.,:/]\d)(?!\d|\s?\+|%)"
)
_NOT_A_RATING = r"(?!\s?(?:\+|plus\b|(?:and|or|&)\s(?:over|up|above|older|under|below|younger)))"
_ENDS = (
    r"(?=\s{0,3}(?:$|[.,;!?)]|today|now|tomorrow|next|last|this|and|but|so|when|years?\sold|y/?o|soon|already|on|in|with|who|who's"
    r"|at\sthe\stime|as|yet|again|by|later|yesterday|recently))"
)
_SOON = r"(?:now|only|nearly|almost|about|around|just|barely|still|already|over|under|like|turning|not\seven)"
_TENS = r"(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)"
_ROUND = r"(?:(?:twent|thirt|fort|fift|sixt|sevent|eight|ninet)ieth|sixteenth|eighteenth|twenty-first|hundredth)"
_KIDS = (
    r"(?:kids?|kiddos?|children|child|boys?|girls?|daughters?|sons?|twins?|triplets|toddlers?|bab(?:y|ies)|grandkids?"
    r"|grandchild(?:ren)?|grandsons?|granddaughters?|nieces?|nephews?|little\sones?|teens?|teenagers?|brothers?|sisters?"
    r"|mum|mom|dad|mother|father|wife|husband|gran|grandma|grandpa|nan|partner|lads?|lass(?:es)?|godson|goddaughter|stepson|stepdaughter)"
)
_KID_WORDS = words(
    "kid kids kiddo kiddos child children boy boys girl girls daughter daughters son sons twin twins triplets toddler"
    " toddlers baby babies grandkid grandkids grandchild grandchildren grandson granddaughter grandsons granddaughters"
    " niece nieces nephew nephews ones one teen teens teenager teenagers brother brothers sister sisters mum mom dad"
    " mother father wife husband gran grandma grandpa nan partner lad lads lass lasses godson goddaughter stepson stepdaughter"
)
_YEARLY = re.compile(rf"{YEAR}|[/.\-]\s?\d\d$")
_SCHEDULED = re.compile(
    r"\b(?:mon|tue|wed|thu|fri|sat|sun|tomorrow|today|tonight|showing|shows|tickets?|released?|premiered?|out|opens|opening)"
    r"[a-z]{0,6}\b[\s,.(]{0,3}(?:the\s|on\s|for\s|in\s)?$"
)
_THINGS = re.compile(
    r"(?:film|movie|show|series|franchise|rating|rated|limit|score|number|season|episode|answer|minimum|certificate|it|this|that"
    r"|price|cost|part|chapter|book|game|total|channel|budget|runtime|cert|room|volume|track|odds|half|first|one|there|size|party|quantity|amount)"
    r"(?:'s)?\s(?:is|turn(?:s|ed|ing)?|aged?)\b"
)


def _of_a_person(match: re.Match[str]) -> bool:
    before = match.string[max(0, match.start() - 24) : match.start() + len("turning ")]
    return _THINGS.search(before) is None


_NO_NAMES = words(
    "mon tue wed thu fri sat sun monday tuesday wednesday thursday friday saturday sunday january february march april may"
    " june july august september october november december jan feb mar apr jun jul aug sept oct nov dec part parts season"
    " seasons episode episodes chapter volume vol no number room row seat screen page level version step option question"
    " channel act scene film films movie movies title titles line lines top rated pg yes ok sorry please thanks hi hello"
)


def _beside_a_name(match: re.Match[str]) -> bool:
    """Whether the word with a capital before a number may be somebody's name."""
    word = re.match(r"[A-Za-z]+", match.group())
    return word is not None and word.group().lower() not in _NO_NAMES


def _plausible(match: re.Match[str]) -> bool:
    number = match.group("it")
    return not number.isdecimal() or 0 < int(number) < 120


def _with_a_year(match: re.Match[str]) -> bool:
    """Whether a date that nothing announces may be somebody's: it has a year, and no weekday or hour."""
    before = match.string[max(0, match.start() - 24) : match.start()]
    return _YEARLY.search(match.group()) is not None and _SCHEDULED.search(before) is None


RULES: tuple[Rule, ...] = (
    Rule(
        type="DATE_OF_BIRTH",
        score=0.8,
        needs=(DIGIT, words("born birthday birthdate birth dob d b bday birthdays geboren ne nee nato nacido geb")),
        pattern=(
            rf"\b(?:born|birthday|birth\s?date|d\.?\s?o\.?\s?b\.?|date\sof\sbirth|b-?day|geb(?:oren|\.)?|nato|nacid[oa])(?:'s)?\W{{0,3}}"
            rf"(?:(?:is|was|it's|falls|on|in|the|am|il|el|back|of|year|:)\s){{0,4}}(?P<it>{DATE}|{MONTH}\s(?:of\s)?{YEAR}|{YEAR}|'\d\d)(?!\d)"
        ),
    ),
    Rule(
        type="DATE_OF_BIRTH",
        score=0.7,
        needs=(DIGIT, words("birthday birthdate birth dob d bday")),
        pattern=(
            r"\b(?:birthday|birth\s?date|d\.?\s?o\.?\s?b\.?|date\sof\sbirth|b-?day)(?:'s)?\W{0,3}(?:(?:is|was|falls|on|the|:)\s){0,3}"
            r"(?P<it>(?:3[01]|[12]\d|0?[1-9])\s?[/.\-]\s?(?:3[01]|[12]\d|0?[1-9]))(?![\d/.\-]\d|\d)"
        ),
    ),
    Rule(
        type="DATE_OF_BIRTH",
        score=0.6,
        needs=(DIGIT, words("b")),
        pattern=rf"(?<![\w'])b(?:\.\s?|\s|:\s?)(?P<it>{DATE}|{YEAR})(?![\w\-/])",
    ),
    Rule(
        type="DATE_OF_BIRTH",
        score=0.6,
        needs=(DIGIT, words("birthday bday")),
        pattern=rf"(?<![\w/])(?P<it>{DATE}|\d{{1,2}}/\d{{1,2}})(?=\s(?:is|was)\s(?:my|our|his|her|their)\s(?:\w{{1,12}}\s){{0,2}}(?:birthday|bday))",
    ),
    Rule(
        type="DATE_OF_BIRTH",
        score=0.6,
        needs=(words("year born birth"), DIGIT),
        pattern=rf"\b(?:year\sof\sbirth|birth\s?year|yob)\W{{0,3}}(?:is\s)?(?P<it>{YEAR})\b",
    ),
    Rule(
        type="DATE_OF_BIRTH",
        score=0.4,
        needs=(DIGIT,),
        pattern=rf"(?<![\w.,/\-]){DATE}(?![\w/\-]|\.\d)",
        accept=_with_a_year,
    ),
    Rule(
        type="AGE",
        score=0.7,
        needs=(words("i im you we youre were"), _NUMBERS),
        pattern=(
            rf"\b(?:i'm|im|i\sam|you're|you\sare|we(?:'re|\sare)\s(?:both|all))\s(?:a\s|an\s)?(?:{_SOON}\s){{0,2}}(?P<it>{NUMBER})\b"
            rf"{_NOT_A_MEASURE}(?:[\s\-]?(?:years?[\s\-]old|years?[\s\-]of[\s\-]age|y/?o|yrs?(?:\sold)?))?"
        ),
    ),
    Rule(
        type="AGE",
        score=0.6,
        sides=VIEWER,
        needs=(words("she he they who i we she's"), _NUMBERS),
        pattern=(
            rf"\b(?:s?he|they|who|i|we)(?:'s|'ll|'re|\sis|\swas|\sare|\swere|\sturns?|\sturned|\swill)(?:\s(?:be|turn|only\sturned))?\s(?:{_SOON}\s){{0,2}}(?P<it>{NUMBER}(?:\s(?:and|&)\s\d{{1,3}})?)\b"
            rf"{_NOT_A_RATING}{_NOT_A_MEASURE}(?:(?=[\s\-]?(?:years?|yrs?|y/?o|mo))|{_ENDS})(?:[\s\-]?(?:(?:years?|yrs?|mo(?:nth)?s?)(?:[\s\-]old)?|y/?o)\b)?"
        ),
        accept=_plausible,
    ),
    Rule(
        type="AGE",
        score=0.7,
        needs=(words("my our your"), _NUMBERS),
        pattern=(
            r"\b(?:my|our|your)\s(?:\w{1,20}\s){0,2}"
            rf"(?P<it>{NUMBER}[\s\-]?(?:years?|months?|weeks?|yrs?|y|mo)[\s\-/]?(?:olds?|o)\b)"
        ),
    ),
    Rule(
        type="AGE",
        score=0.6,
        sides=VIEWER,
        needs=(_NUMBERS,),
        pattern=(
            rf"(?<![\w.])(?P<it>{NUMBER}(?:(?:,|\s?&|\s(?:and|or|to)|-)\s?{NUMBER}){{0,4}}[\s\-]?(?:(?:years?|yrs?|yr|months?|weeks?|mo)[\s\-]?olds?"
            r"|years?\s(?:of\sage|young)|y[/.]?o)s?)\b(?!\s(?:franchise|film|movie|show|series|game|book|song|rum|whisky|whiskey|scotch|wine|house|building"
            r"|mystery|secret|case|trick|trailer|tv|car|classic))"
        ),
    ),
    Rule(
        type="AGE",
        score=0.6,
        sides=VIEWER,
        needs=(_NUMBERS, words("yr yrs years")),
        pattern=r"\b(?:s?he|i|who|they|mum|mom|dad|wife|husband|son|daughter)(?:'s|\sis|'m|\sam|\sare|,)?\s(?P<it>\d{1,2}\s?(?:yrs?|years))(?=\s{0,3}(?:$|[.,;!?)]|and|old))",
    ),
    Rule(
        type="AGE",
        score=0.6,
        sides=VIEWER,
        needs=(words("age aged turn turns turned turning is"), _NUMBERS),
        pattern=(
            rf"(?<![\w'])(?:aged?\s?[:=]?\s(?=\d)|(?:aged?|turn(?:s|ed|ing)?|is(?=\s\d))\s(?=[\w\-]{{1,16}}{_ENDS}))(?P<it>{NUMBER})\b{_NOT_A_RATING}{_NOT_A_MEASURE}"
        ),
        accept=_of_a_person,
    ),
    Rule(
        type="AGE",
        score=0.6,
        sides=VIEWER,
        needs=(_KID_WORDS, _NUMBERS),
        pattern=(
            rf"\b{_KIDS}\s?(?:\(|,\s|are\s|is\s|'s\s|aged?\s|of\s|who\sare\s|who\sis\s|who's\s|ages\s|-\s|:\s){{1,2}}(?:{_SOON}\s)?"
            rf"(?P<it>{NUMBER}(?:(?:\s?[,&+/]|,?\s(?:and|or))\s?{NUMBER}){{0,5}})\b{_NOT_A_RATING}{_NOT_A_MEASURE}(?=\s{{0,3}}(?:$|[.,;!?)]|and\b|who\b|so\b|respectively|with\b|now\b|love))"
        ),
    ),
    Rule(
        type="AGE",
        score=0.6,
        sides=VIEWER,
        needs=(DIGIT, words("birthday bday birthdays")),
        pattern=r"\b(?P<it>\d{1,3}(?:st|nd|rd|th))\s(?:birthday|bday|b-day)\b",
    ),
    Rule(
        type="AGE",
        score=0.5,
        sides=VIEWER,
        needs=(DIGIT,),
        cased=True,
        pattern=r"(?<![\w$£€.,:/\-])(?:[1-9]\d\s?(?:[MF]|FTM|MTF|NB)(?![\w'])(?!\s(?:views|dollars|people|budget|copies|viewers|box|fans|users|users))|[MF]\s?[1-9]\d(?![\w.]))",
    ),
    Rule(
        type="AGE",
        score=0.6,
        sides=VIEWER,
        needs=(DIGIT, words("m f male female man woman nb guy girl")),
        pattern=(
            r"(?<![\w/.])(?P<it>(?:[mf]|male|female|nb)\s?[/,]\s?[1-9]\d(?:\s?[/,]\s?[^\W\d_]{2,24})?|[1-9]\d\s?[/,]\s?(?:[mf]|male|female|nb)(?:\s?[/,]\s?[^\W\d_]{2,24})?"
            r"|[1-9]\d\s?(?:male|female))(?![\w/])|(?<=[(\[])\s?(?:[1-9]\d\s?[mf]|[mf]\s?[1-9]\d)(?=[)\],])"
            r"|(?<=\bi'm\s)[1-9]\d\s?[mf]\b|(?<=\bim\s)[1-9]\d\s?[mf]\b|(?<=\bme\s)[1-9]\d\s?[mf]\b"
        ),
    ),
    Rule(
        type="AGE",
        score=0.5,
        sides=VIEWER,
        needs=(words("in into hit hitting"), words("my our her his their your")),
        pattern=(
            r"\b(?:in|into|hit|hitting|approaching)\s(?:my|our|her|his|their|your)\s(?P<it>(?:(?:early|mid|late)[\s\-]{1,2})?"
            r"(?:teens|tweens|(?:twent|thirt|fort|fift|sixt|sevent|eight|ninet)ies|[1-9]0'?s))\b"
        ),
    ),
    Rule(
        type="AGE",
        score=0.5,
        sides=VIEWER,
        needs=(words("i im"), words("teen teenager minor pensioner toddler octogenarian septuagenarian tween preteen retiree twentysomething thirtysomething")),
        pattern=r"\b(?:i'm|im|i\sam|as)\s(?:just\s|only\s|still\s)?an?\s(?P<it>teen(?:ager)?|minor|pensioner|octogenarian|septuagenarian|tween|pre-?teen)\b",
    ),
    Rule(
        type="AGE",
        score=0.6,
        sides=VIEWER,
        needs=(_NUMBERS, words("since when at until")),
        pattern=rf"\b(?:since|when|until|til|till)\s(?:i|she|he|we|they)\s(?:was|were|turned|am|is)\s(?:{_SOON}\s)?(?P<it>{NUMBER})\b{_NOT_A_MEASURE}",
    ),
    Rule(
        type="AGE",
        score=0.5,
        sides=VIEWER,
        needs=(DIGIT,),
        cased=True,
        pattern=(
            r"(?<![\w'])[A-Z][a-z'\-]{1,20}(?:,\s|\s?\((?:age[ds]?\s|now\s)?)(?P<it>[1-9]\d?(?:\s?(?:,|&|and)\s?[1-9]\d?){0,4})"
            r"(?:(?<=\d)(?=\))|(?=\s?$|[.,;!?](?:\s|$)|\sfrom\s|\sand\s[A-Z]))"
        ),
        accept=_beside_a_name,
    ),
    Rule(
        type="AGE",
        score=0.5,
        sides=VIEWER,
        needs=(DIGIT, words("retired from m f male female single married divorced widowed living nurse teacher student mum mother dad father gran grandad")),
        pattern=(
            r"(?:^|\n\s{0,3})(?P<it>[1-9]\d),\s(?=(?:retired|from|m|f|male|female|single|married|divorced|widowed|living|nurse|teacher"
            r"|student|mum|mother|dad|father|gran|grandad)\b)"
        ),
    ),
    Rule(
        type="AGE",
        score=0.6,
        sides=VIEWER,
        needs=(DIGIT, words("jahre jahren ans anos anni jaar lat ar vuotta")),
        # Numbers of years in other languages: nobody writes them of a film, whose length is minutes.
        pattern=r"(?<![\w.,])(?P<it>[1-9]\d?\s(?:jahren?(?:\salt)?|ans|anos|anni|jaar(?:\soud)?|lat|ar\sgam(?:mal|mel)|vuotta))(?!\w)",
    ),
    Rule(
        type="AGE",
        score=0.6,
        sides=VIEWER,
        needs=(_NUMBERS, words("gonna going about")),
        pattern=rf"\b(?:gonna|(?:going|about)\sto)\s(?:be|turn)\s(?:{_SOON}\s)?(?P<it>{NUMBER})\b{_NOT_A_RATING}{_NOT_A_MEASURE}{_ENDS}",
    ),
    Rule(
        type="AGE",
        score=0.6,
        sides=VIEWER,
        needs=(words("birthday bday is was party"), words("my our his her their")),
        pattern=(
            rf"\b(?:my|our|his|her|their)\s(?P<it>(?:[2-9]0|1[68]|21|100)(?:st|nd|rd|th)(?=\s(?:is|was|party)\b)|{_ROUND}(?=\s(?:birthday|bday|b-day)\b))"
        ),
    ),
    Rule(
        type="AGE",
        score=0.5,
        sides=VIEWER,
        needs=(words("something somethings twentysomething thirtysomething fortysomething fiftysomething twentysomethings thirtysomethings fortysomethings fiftysomethings"),),
        pattern=rf"\b(?:i'm|im|i\sam|as|we're|we\sare|us)\s(?:both\s|all\s|an?\s|two\s)?(?P<it>(?:[2-9]0|{_TENS})[\s\-]?somethings?)\b",
    ),
    Rule(
        type="AGE",
        score=0.5,
        sides=VIEWER,
        needs=(frozenset({"here"}), words("teen teenager minor pensioner octogenarian tween preteen pre")),
        pattern=r"(?:^|\ban?\s)(?P<it>teen(?:ager)?|minor|pensioner|octogenarian|tween|pre-?teen)\shere\b",
    ),
    Rule(
        type="AGE",
        score=0.5,
        sides=VIEWER,
        needs=(words("year grade form grader graders"), DIGIT),
        # A school year is an age. "In year 9" alone may be a story's.
        pattern=(
            r"\b(?:i'm|im|i\sam|he's|she's|we're|(?:is|are|am|was|were|starts?|started|into|going\sinto))\s(?:now\s|only\s|still\s)?in\s(?P<it>"
            r"(?:year|grade|form)\s(?:1[0-3]|[1-9])|(?:1[0-2]|[1-9])(?:st|nd|rd|th)\sgrade)(?![\d.])"
        ),
    ),
    Rule(
        type="AGE",
        score=0.5,
        sides=VIEWER,
        needs=(words("year grade form grader graders"), DIGIT),
        pattern=(
            r"\b(?P<it>(?:year|grade)\s(?:1[0-3]|[1-9])|(?:1[0-2]|[1-9])(?:st|nd|rd|th)[\s\-]grade(?:rs?)?)"
            r"(?:(?<=r)|(?<=rs)|(?=\s(?:students?|pupils?|kids?|girls?|boys?|class)\b))(?!\w)"
        ),
    ),
)  # fmt: skip
