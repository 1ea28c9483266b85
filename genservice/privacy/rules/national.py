"""National numbers that Presidio has no recogniser for. Those of the others: `genservice.privacy.predefined`.

Formats and checksums as the issuing states publish them. A checksum that one number in ten passes
proves nothing by itself: such a number needs its separators or its name before it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from genservice.privacy.rules import checksums
from genservice.privacy.rules.rule import EVERYWHERE, ROW, Rule, digits_of, shown, words

if TYPE_CHECKING:
    from collections.abc import Callable

_BEFORE = r"[^\d\n]{0,24}?"
_DAY = r"(?:0[1-9]|[12]\d|3[01])"
_MONTH = r"(?:0[1-9]|1[0-2])"
_PLAIN = re.compile(r"[\s.\-/]+")


def _checked(check: Callable[[str], bool]) -> Callable[[re.Match[str]], bool]:
    return lambda match: check(_PLAIN.sub("", shown(match)))


def _digits_checked(check: Callable[[str], bool]) -> Callable[[re.Match[str]], bool]:
    return lambda match: check(digits_of(shown(match)))


RULES: tuple[Rule, ...] = (
    Rule(
        type="UK_NINO",
        score=0.9,
        sides=EVERYWHERE,
        needs=(ROW, words("ni nino insurance")),
        # Presidio's wants a prefix that is in use; a number called one counts with any.
        pattern=rf"\b(?:nino|ni\s(?:number|no)|national\sinsurance)\b{_BEFORE}(?P<it>[a-z]{{2}}\s?\d\d\s?\d\d\s?\d\d\s?[a-d])(?!\w)",
    ),
    Rule(
        type="FR_NIR",
        score=1.0,
        sides=EVERYWHERE,
        needs=(ROW,),
        pattern=(
            r"(?<![\w.])[1-478]\s?\d\d\s?(?:0[1-9]|1[0-2]|[2-9]\d)\s?(?:\d\d|2[ab])\s?\d{3}\s?\d{3}[\s\-]?\d\d(?!\w)"
        ),
        accept=_checked(checksums.fr_nir),
    ),
    Rule(
        type="FR_NIR",
        score=0.7,
        sides=EVERYWHERE,
        needs=(ROW, words("nir insee secu securite social sociale ss carte vitale")),
        pattern=(
            rf"\b(?:nir|insee|secu|securite\ssociale|social\ssecurity|vitale)\b{_BEFORE}"
            r"(?P<it>[12]\s?\d\d\s?(?:0[1-9]|1[0-2])\s?(?:\d\d|2[ab])\s?\d{3}\s?\d{3})(?!\w)"
        ),
    ),
    Rule(
        type="NL_BSN",
        score=0.9,
        sides=EVERYWHERE,
        needs=(ROW, words("bsn sofi burgerservicenummer sofinummer burger")),
        pattern=rf"\b(?:bsn|sofi(?:nummer)?|burgerservicenummer|burger\sservice\snummer)\b{_BEFORE}(?P<it>\d(?:[ .\-]?\d){{8}})(?!\d)",
        accept=_digits_checked(checksums.nl_bsn),
    ),
    Rule(
        type="BE_NRN",
        score=1.0,
        sides=EVERYWHERE,
        needs=(ROW,),
        pattern=rf"(?<![\w.])\d\d[.\s]?{_MONTH}[.\s]?{_DAY}[\s\-]?\d{{3}}[.\s]?\d\d(?!\w)",
        accept=_digits_checked(checksums.be_nrn),
    ),
    Rule(
        type="PT_NIF",
        score=0.9,
        sides=EVERYWHERE,
        needs=(ROW, words("nif contribuinte fiscal portugal portuguese nipc")),
        pattern=rf"\b(?:nif|contribuinte|numero\sfiscal|portugu?(?:ese|al))\b{_BEFORE}(?P<it>[1-35689]\d{{2}}[ .]?\d{{3}}[ .]?\d{{3}})(?!\w)",
        accept=_digits_checked(checksums.pt_nif),
    ),
    Rule(
        type="AT_SVNR",
        score=1.0,
        sides=EVERYWHERE,
        needs=(ROW,),
        pattern=rf"(?<![\w.])[1-9]\d{{3}}[ \-/]{_DAY}[ .]?{_MONTH}[ .]?\d\d(?!\w)",
        accept=_digits_checked(checksums.at_svnr),
    ),
    Rule(
        type="AT_SVNR",
        score=0.9,
        sides=EVERYWHERE,
        needs=(ROW, words("svnr sv versicherungsnummer sozialversicherung sozialversicherungsnummer svn")),
        pattern=(
            rf"\b(?:svnr|svn|sv|sozialversicherung(?:snummer)?|versicherungsnummer)\b{_BEFORE}"
            rf"(?P<it>[1-9]\d{{3}}[ \-/]?{_DAY}[ .]?{_MONTH}[ .]?\d\d)(?!\w)"
        ),
        accept=_digits_checked(checksums.at_svnr),
    ),
    Rule(
        type="IE_PPSN",
        score=1.0,
        sides=EVERYWHERE,
        needs=(ROW,),
        pattern=r"(?<![\w.])\d{7}\s?[a-w][abhw]?(?!\w)",
        accept=_checked(checksums.ie_pps),
    ),
    Rule(
        type="DK_CPR",
        score=0.8,
        sides=EVERYWHERE,
        needs=(ROW,),
        # Without a checksum since 2007: the date and the hyphen must do.
        pattern=rf"(?<![\w.]){_DAY}{_MONTH}\d\d-\d{{4}}(?![\w\-])",
    ),
    Rule(
        type="DK_CPR",
        score=0.8,
        sides=EVERYWHERE,
        needs=(ROW, words("cpr personnummer danish")),
        pattern=rf"\b(?:cpr|personnummer|danish)\b{_BEFORE}(?P<it>{_DAY}{_MONTH}\d\d[ \-]?\d{{4}})(?!\w)",
    ),
    Rule(
        type="RO_CNP",
        score=1.0,
        sides=EVERYWHERE,
        needs=(ROW,),
        pattern=rf"(?<![\w.])[1-9]\d\d{_MONTH}{_DAY}(?:0[1-9]|[1-4]\d|5[12])\d{{4}}(?!\w)",
        accept=_digits_checked(checksums.ro_cnp),
    ),
    Rule(
        type="BR_CPF",
        score=1.0,
        sides=EVERYWHERE,
        needs=(ROW,),
        pattern=r"(?<![\w.])\d{3}\.\d{3}\.\d{3}[\-.]\d\d(?!\w)",
        accept=_digits_checked(checksums.br_cpf),
    ),
    Rule(
        type="BR_CPF",
        score=1.0,
        sides=EVERYWHERE,
        needs=(ROW, words("cpf")),
        pattern=rf"\bcpf\b{_BEFORE}(?P<it>\d{{11}})(?!\w)",
        accept=_digits_checked(checksums.br_cpf),
    ),
)  # fmt: skip
