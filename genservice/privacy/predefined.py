"""Presidio's own recognisers, the ones in use, tuned: offline, gated, and without their guesses."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import tldextract
from presidio_analyzer import RecognizerResult
from presidio_analyzer.predefined_recognizers import (
    CreditCardRecognizer,
    CryptoRecognizer,
    EmailRecognizer,
    IbanRecognizer,
    IpRecognizer,
    NhsRecognizer,
    PhoneRecognizer,
    UkNinoRecognizer,
    UrlRecognizer,
    UsSsnRecognizer,
)

if TYPE_CHECKING:
    from presidio_analyzer import EntityRecognizer
    from presidio_analyzer.nlp_engine import NlpArtifacts

_FEWEST_DIGITS = 7
"""Digits a phone number has at least; below, years and house numbers would be taken for some."""

_NEED_A_DIGIT = frozenset({
    "ACCOUNT_NUMBER", "CREDIT_CARD", "CRYPTO", "IBAN_CODE", "PHONE_NUMBER", "UK_NHS", "UK_NINO",
    "US_SSN",
})  # fmt: skip
_NEED_A_DOT = frozenset({"URL"})

_MAYBE_A_PHONE = re.compile(rf"\d(?:\W{{0,4}}\d){{{_FEWEST_DIGITS - 1}}}")
_YEARS = re.compile(r"(?:1[89]|20)\d\d[\s\-/]{1,3}(?:1[89]|20)\d\d")


def predefined() -> list[EntityRecognizer]:
    """One of each, as every side uses them."""
    return [
        CreditCardRecognizer(),
        CryptoRecognizer(),
        _OfflineEmail(),
        IbanRecognizer(),
        IpRecognizer(),
        NhsRecognizer(),
        _Phone(),
        UkNinoRecognizer(),
        UrlRecognizer(patterns=UrlRecognizer.PATTERNS[:2]),  # the others only add quotes
        UsSsnRecognizer(),
    ]


def impossible(text: str) -> frozenset[str]:
    """The types that `text` cannot hold: most texts have no digit, and cost little then."""
    types: frozenset[str] = frozenset()
    if not any(character.isdigit() for character in text):
        types |= _NEED_A_DIGIT
    if "." not in text:
        types |= _NEED_A_DOT
    return types


class _OfflineEmail(EmailRecognizer):
    """Presidio's, with the public suffix list it carries; the original asks the network for it."""

    def __init__(self) -> None:
        self._suffixes = tldextract.TLDExtract(
            cache_dir=None, suffix_list_urls=(), fallback_to_snapshot=True
        )
        super().__init__()

    def validate_result(self, pattern_text: str) -> bool | None:  # pyright: ignore[reportIncompatibleMethodOverride] - the base class of both says Optional
        """True for a known suffix; an address at an unknown one is still an address."""
        return True if self._suffixes.extract_str(pattern_text).fqdn else None


class _Phone(PhoneRecognizer):
    """Presidio's, without the short numbers it takes for phone numbers."""

    def analyze(
        self, text: str, entities: list[str], nlp_artifacts: NlpArtifacts | None = None
    ) -> list[RecognizerResult]:
        """What Presidio finds, if it has enough digits and is not a span of years."""
        if _MAYBE_A_PHONE.search(text) is None:
            return []  # the matcher is slow, and most texts hold no such row of digits
        found: list[RecognizerResult] = super().analyze(text, entities, nlp_artifacts)  # pyright: ignore[reportArgumentType]
        return [result for result in found if _is_phone(text[result.start : result.end])]


def _is_phone(shown: str) -> bool:
    digits = sum(character.isdigit() for character in shown)
    return digits >= _FEWEST_DIGITS and _YEARS.fullmatch(shown) is None
