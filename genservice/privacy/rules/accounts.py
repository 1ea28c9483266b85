"""Numbers by which somebody is known to somebody: accounts, orders, bookings, memberships, banks, cards."""

from __future__ import annotations

import re

from genservice.privacy.rules.checksums import aba, luhn
from genservice.privacy.rules.dates import YEAR
from genservice.privacy.rules.rule import (
    DIGIT,
    EVERYWHERE,
    NOT_IN_TITLES,
    ROW,
    Rule,
    catalogued,
    digits_of,
    shown,
    words,
)

_HOLDERS = (
    r"(?:account|acct?|a/c|customer|client|member(?:ship)?|subscri(?:ber|ption)|policy|order|booking|reservation"
    r"|confirmation|reference|ref|invoice|ticket|case|claim|tracking|loyalty(?:\scard)?|library\scard|gift\scard|card"
    r"|patient|student|employee|payroll|staff|passport|visa|driv(?:ing|er'?s?)\slicen[cs]e|licen[cs]e|iban|sort\scode"
    r"|bic|swift|national\sid|identity\scard|id\scard|personalausweis|ausweis|tax\sid|steuer-?id|insurance|ssn|sin|tfn"
    r"|badge|mrn|nhs|medicare|dni|nie|nif|pesel|bsn|cpf|kundennummer|kunden-?nr|bestellnummer|pnr|vin|contract|voucher|user)"
)
_NEEDED = words(
    "account acct acc a customer client member membership subscriber subscription policy order booking reservation"
    " confirmation reference ref invoice ticket case claim tracking loyalty library gift card patient student employee"
    " payroll staff passport visa driving driver drivers licence license iban sort bic swift national identity id"
    " personalausweis ausweis tax steuer insurance ssn sin tfn nhs medicare dni nie nif pesel bsn cpf kundennummer"
    " kunden bestellnummer pnr vin contract voucher user badge mrn"
)
_NUMBERED = r"(?:number|no|nr|num|id|code|ref(?:erence)?|#)"
_UNITS = (
    r"(?:people|dollars|bucks|euros?|pounds|quid|views?|viewers|votes?|copies|years|miles|km|ratings|reviews|followers"
    r"|fans|words|pages|soldiers|men|women|feet|ft|kroner|yen|rupees)"
)
_SPAN = re.compile(
    rf"{YEAR}(?:[\s\-/]{{1,3}}{YEAR}){{1,9}}|{YEAR}[\-/]\d\d(?:[\s]{{1,2}}{YEAR}[\-/]\d\d)?"
)
_THOUSANDS = re.compile(r"\d{1,3}(?:[ .]\d{3}){0,3}[ .]000")
_DATE = re.compile(
    rf"(?:\d{{1,2}}[/.\- ]){{1,2}}{YEAR}(?:\s\d{{1,2}}[.:]\d\d)?|{YEAR}[/.\- ]\d{{1,2}}[/.\- ]\d{{1,2}}|\d{{1,2}}([/.\-])\d{{1,2}}\1\d\d"
)
_MARKS = re.compile(r"\d{1,2}(?:\.\d)?/10(?:\s\d{1,2}(?:\.\d)?/10)*")
_IN_DIGITS = re.compile(r"pin|pass\s?code|otp")
_BOOK = re.compile(r"97[89]\d{10}")
_ISSUED = re.compile(
    r"4\d{12}(?:\d{3}){0,2}|(?:5[1-5]|2[2-7]|35)\d{14}|3[47]\d{13}|3(?:0[0-5]|[689]\d)\d{11}|(?:5[06-9]|6\d)\d{14,17}"
)
"""Visa, Mastercard, JCB, American Express, Diners, Maestro and the like (ISO/IEC 7812-1)."""


def _explained(match: re.Match[str]) -> bool:
    """Years side by side, round sums, marks out of ten, counting, and numbers of books and films."""
    text = shown(match).strip()
    digits = digits_of(text)
    return (
        _SPAN.fullmatch(text) is not None
        or _THOUSANDS.fullmatch(text) is not None
        or _MARKS.fullmatch(text) is not None
        or _DATE.fullmatch(text) is not None
        or _BOOK.fullmatch(digits) is not None
        or (len(text) > len(digits) and digits in "01234567890")
        or catalogued(match.string, match.start())
    )


def _unexplained(match: re.Match[str]) -> bool:
    return not _explained(match)


def _card(match: re.Match[str]) -> bool:
    digits = digits_of(shown(match))
    return _ISSUED.fullmatch(digits) is not None and luhn(digits)


def _routing(match: re.Match[str]) -> bool:
    return aba(digits_of(shown(match)))


def _mixed(match: re.Match[str]) -> bool:
    """A code of letters and digits: at least one digit, and not an ordinal, a year or a resolution."""
    text = shown(match)
    return re.fullmatch(rf"{YEAR}s?|\d{{1,4}}(?:st|nd|rd|th|p|k|d|x|hd)?", text) is None


def _secret(match: re.Match[str]) -> bool:
    """Not a word: "my password is wrong". A PIN is of four digits or more and nothing else."""
    text = shown(match).strip(".!?\"'()")
    if _IN_DIGITS.match(match.group()) is not None and re.fullmatch(r"\d{4,8}", text) is not None:
        return True
    if match.group().startswith("pin"):
        return False
    return _mixed(match) and re.search(r"\d|\w[^\w'\-.]\w", text) is not None


def _letters_and_digits(match: re.Match[str]) -> bool:
    text = shown(match)
    return sum(map(str.isdigit, text)) > 1 and any(map(str.isalpha, text)) and _mixed(match)


RULES: tuple[Rule, ...] = (
    Rule(type="CRYPTO", score=0.9, sides=EVERYWHERE, needs=(DIGIT,), pattern=r"\b0x[\da-f]{40}\b"),
    Rule(
        type="CREDIT_CARD",
        score=1.0,
        sides=EVERYWHERE,
        needs=(ROW,),
        pattern=r"(?<![\w.])[2-6](?:[ \-.]{0,2}\d){12,18}(?!\w)",
        accept=_card,
    ),
    Rule(
        type="US_BANK_NUMBER",
        score=0.9,
        sides=EVERYWHERE,
        needs=(ROW, words("routing aba transit rtn")),
        pattern=r"\b(?:routing|aba|transit|rtn)\b[^\d\n]{0,24}?(?P<it>\d{4}-?\d{4}-?\d)(?!\d)",
        accept=_routing,
    ),
    Rule(
        type="ACCOUNT_NUMBER",
        score=0.8,
        sides=EVERYWHERE,
        needs=(ROW,),
        pattern=r"(?<![\w.\-/])\d\d[\- ]\d\d[\- ]\d\d[\s,;/]{1,3}(?:(?:acc(?:ount)?|a/c|and)\.?\s?(?:no\.?|number)?[\s:]{0,2})?\d{8}(?!\w)",
    ),
    Rule(
        type="ACCOUNT_NUMBER",
        score=0.8,
        sides=EVERYWHERE,
        needs=(DIGIT, words("sort sc")),
        pattern=r"\b(?:sort(?:\s?code)?|s/c)\b[^\d\n]{0,12}(?P<it>\d\d[\- ]?\d\d[\- ]?\d\d)(?!\d)",
    ),
    Rule(
        type="ACCOUNT_NUMBER",
        score=0.7,
        sides=EVERYWHERE,
        needs=(DIGIT, words("ending ends")),
        pattern=(
            r"\b(?:card|visa|mastercard|amex|account|acct?|a/c|number|iban)\s(?:number\s|no\.?\s)?(?:ending|ends)\s(?:(?:in|with|on)\s)?"
            r"(?P<it>\d{3,4})(?!\w)"
        ),
    ),
    Rule(
        type="ACCOUNT_NUMBER",
        score=0.7,
        sides=EVERYWHERE,
        needs=(DIGIT, _NEEDED),
        pattern=(
            rf"\b{_HOLDERS}(?:\s?{_NUMBERED})?\.?\s?(?:is|was|:|=)?\s?#?\s?"
            r"(?P<it>(?:[a-z]{1,4}-)?(?=(?:[ \-]?[a-z]{0,6}\d){4})[a-z]{0,6}\d[\da-z]{0,30}(?:[ \-][a-z]{0,6}\d[\da-z]{0,12}){0,8})"
        ),
        accept=_mixed,
    ),
    Rule(
        type="ACCOUNT_NUMBER",
        score=0.6,
        sides=EVERYWHERE,
        needs=(DIGIT, _NEEDED),
        pattern=(
            rf"\b{_HOLDERS}\s?(?:{_NUMBERED}\.?\s?(?:is|was|:|=|#)?|:|=|#)\s?"
            r"(?P<it>(?=[a-z\-]{0,12}\d)[\da-z](?:-?[\da-z]){4,20})(?![\w])"
        ),
        accept=_mixed,
    ),
    Rule(
        type="ACCOUNT_NUMBER",
        score=0.4,
        needs=(ROW,),
        # Amounts in thousands are no identifiers; any other long row of digits may be one.
        pattern=(
            r"(?<![\w.,$£€])(?<![$£€]\s)\+?\(?\d(?:[\s\-./()]{0,2}\d){5,40}"
            rf"(?!\w|,\d{{3}}|\s?(?:{_UNITS})\b)"
        ),
        accept=_unexplained,
    ),
    Rule(
        type="ACCOUNT_NUMBER",
        score=0.4,
        needs=(ROW,),
        pattern=r"(?<![\w.])(?!tt\d)(?=[\da-z]{0,12}[a-z])(?=(?:[a-z]{0,6}\d){6})[\da-z]{8,30}(?![\w])",
    ),
    Rule(
        type="ACCOUNT_NUMBER",
        score=0.7,
        sides=NOT_IN_TITLES,
        needs=(words("password passwort pass passcode passphrase pw pwd secret pin otp token key"),),
        pattern=(
            r"\b(?:password|passwort|pass\s?code|passphrase|pwd?|secret|otp|token|(?:api|access|licen[cs]e)\skey|pin(?:\s(?:code|number|no))?)"
            r"\s?(?:is|was|:|=)?\s?(?P<it>[^\s,;]{4,64})"
        ),
        accept=_secret,
    ),
    Rule(
        type="ACCOUNT_NUMBER",
        score=0.6,
        sides=NOT_IN_TITLES,
        needs=(DIGIT, words("plate plates reg registration")),
        pattern=(
            r"\b(?:(?:number|licen[cs]e)?\s?plates?|reg(?:istration)?(?:\s(?:no|number|plate))?)\s?(?:is|:|=)?\s?"
            r"(?P<it>[a-z\d]{1,4}[ \-]?[a-z\d]{2,5}(?:[ \-][a-z\d]{1,4})?)(?!\w)"
        ),
        accept=_letters_and_digits,
    ),
    Rule(
        type="ACCOUNT_NUMBER",
        score=0.5,
        sides=NOT_IN_TITLES,
        needs=(DIGIT,),
        cased=True,
        pattern=r"(?<!\w)[A-Z]{2}\d{2} [A-Z]{3}(?!\w)",
    ),
)  # fmt: skip
