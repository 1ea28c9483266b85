"""Checksums by which issuers guard numbers against slips. All take digits (or letters) without separators."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)


def luhn(digits: str) -> bool:
    """Cards, IMEI, Swedish and Canadian numbers (ISO/IEC 7812-1, annex B)."""
    if not digits.isdecimal() or not int(digits):
        return False
    total = 0
    for index, digit in enumerate(reversed(digits)):
        total += _DOUBLED[int(digit)] if index % 2 else int(digit)
    return total % 10 == 0


def weighted(digits: str, weights: Iterable[int]) -> int:
    """The sum of `digits`, each times its weight."""
    return sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=False))


def aba(digits: str) -> bool:
    """American routing numbers: weights 3, 7, 1."""
    return len(digits) == 9 and int(digits) > 0 and weighted(digits, (3, 7, 1) * 3) % 10 == 0


def fr_nir(number: str) -> bool:
    """The French NIR: 97 less the number modulo 97; Corsica's 2A and 2B count as 19 and 18."""
    number = number.replace("2a", "19").replace("2b", "18")
    return number.isdecimal() and 97 - int(number[:13]) % 97 == int(number[13:15])


def nl_bsn(digits: str) -> bool:
    """The Dutch eleven-test: weights 9 down to 2, and -1."""
    return (
        len(digits) == 9
        and int(digits) > 0
        and weighted(digits, (9, 8, 7, 6, 5, 4, 3, 2, -1)) % 11 == 0
    )


def be_nrn(digits: str) -> bool:
    """The Belgian national number: 97 less the first nine modulo 97, a 2 before them from 2000 on."""
    check = int(digits[9:])
    return check in (97 - int(digits[:9]) % 97, 97 - int(f"2{digits[:9]}") % 97)


def pt_nif(digits: str) -> bool:
    """The Portuguese tax number: weights 9 to 2, modulo 11."""
    rest = 11 - weighted(digits, range(9, 1, -1)) % 11
    return (rest if rest < 10 else 0) == int(digits[8])


def at_svnr(digits: str) -> bool:
    """The Austrian insurance number: its fourth digit checks the others."""
    rest = weighted(digits, (3, 7, 9, 0, 5, 8, 4, 2, 1, 6)) % 11
    return rest < 10 and rest == int(digits[3])


def ie_pps(number: str) -> bool:
    """The Irish PPS number: the letter is the weighted sum modulo 23, a second letter times 9."""
    total = weighted(number[:7], range(8, 1, -1))
    if len(number) == 9 and number[8] != "w":
        total += 9 * (ord(number[8]) - ord("a") + 1)
    return "wabcdefghijklmnopqrstuv"[total % 23] == number[7]


def ro_cnp(digits: str) -> bool:
    """The Romanian CNP: weights 279146358279 modulo 11, 10 counting as 1."""
    rest = weighted(digits, map(int, "279146358279")) % 11
    return (1 if rest == 10 else rest) == int(digits[12])


def br_cpf(digits: str) -> bool:
    """The Brazilian CPF: two check digits modulo 11."""
    if len(set(digits)) == 1:
        return False
    for length in (9, 10):
        rest = weighted(digits, range(length + 1, 1, -1)) * 10 % 11 % 10
        if rest != int(digits[length]):
            return False
    return True
