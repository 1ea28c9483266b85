"""Presidio's own recognisers, the ones in use, tuned: offline, gated, and without their guesses.

National ones run for texts in any language: a Spanish number stands in English notes too. Those whose
pattern or checksum a random number may well pass need a word before them that says what they are.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import tldextract
from presidio_analyzer import LocalRecognizer, Pattern, RecognizerResult
from presidio_analyzer.predefined_recognizers import (
    AuTfnRecognizer,
    CaSinRecognizer,
    CreditCardRecognizer,
    CryptoRecognizer,
    DeIdCardRecognizer,
    DePassportRecognizer,
    DeSocialSecurityRecognizer,
    DeTaxIdRecognizer,
    EmailRecognizer,
    EsNieRecognizer,
    EsNifRecognizer,
    FiPersonalIdentityCodeRecognizer,
    IbanRecognizer,
    InAadhaarRecognizer,
    InPanRecognizer,
    IpRecognizer,
    ItFiscalCodeRecognizer,
    NhsRecognizer,
    PhoneRecognizer,
    PlPeselRecognizer,
    SePersonnummerRecognizer,
    UkDrivingLicenceRecognizer,
    UkNinoRecognizer,
    UkPassportRecognizer,
    UrlRecognizer,
    UsItinRecognizer,
    UsPassportRecognizer,
    UsSsnRecognizer,
)

from genservice.privacy.rules.phones import has_the_shape
from genservice.privacy.rules.rule import catalogued, lower

if TYPE_CHECKING:
    from presidio_analyzer import EntityRecognizer, PatternRecognizer
    from presidio_analyzer.nlp_engine import NlpArtifacts

_LANGUAGE = "en"
_REGIONS = ("US", "GB", "DE", "IN")
"""Where a number may be from that has no shape which our own rules know."""
_FEWEST_DIGITS = 7
"""Digits a phone number has at least; below, years and house numbers would be taken for some."""
_BARE = 0.35
"""How sure a row of digits is a telephone number when only some country's plan says so."""
_CHECKED = 0.75
"""How sure a national number is by its own shape."""
_CUED = 0.8
"""How sure a number is that its name stands before, and no checksum denies."""
_REACH = 48
"""Characters before a number in which its name is looked for."""

_MOST_DIGITS = 15
"""Digits an international number has at most (ITU-T E.164)."""

_NEED_A_DIGIT = frozenset({"CREDIT_CARD", "CRYPTO", "IBAN_CODE"})
_NEED_A_DOT = frozenset({"URL"})
_NEED_A_DOT_OR_COLON = frozenset({"IP_ADDRESS"})

_SSN = Pattern("SSN", r"\b(?!000|666|9)\d{3}([- .])\d{2}\1\d{4}\b", _CHECKED)
_GROUPED_NHS = Pattern("NHS, grouped", r"\b\d{3}([- ])\d{3}\1\d{4}\b", _CHECKED)
_MAYBE_A_PHONE = re.compile(
    rf"[+(]{{0,3}}\d(?:[^\w+]{{0,4}}\d){{{_FEWEST_DIGITS - 1},17}}"
    r"(?:[ ,;]{0,2}(?:ext|x)\.?\s?\d{1,6})?",
    re.IGNORECASE,
)
_SINGLES = re.compile(r"\d(?:\.\d){3}")
_DOTTED = re.compile(r"\S\.[^\W\d_]")
"""What every address on the web has: a dot with something before it and a letter after."""
_ADDRESSED = re.compile(r"://|^www\.|/|@", re.IGNORECASE)
_LITTLE_WORDS = frozenset({
    "am", "as", "at", "be", "by", "can", "do", "fit", "in", "is", "it", "my", "no", "so", "to", "us",
})  # fmt: skip
_YEARS = re.compile(r"(?:1[89]|20)\d\d(?:[\s\-/]{1,3}(?:1[89]|20)\d\d){1,9}")
_DATE = re.compile(r"\d{1,2}[/.\- ]\d{1,2}[/.\- ]\d{4}|\d{4}[/.\- ]\d{1,2}[/.\- ]\d{1,2}")
_MAYBE_NATIONAL = re.compile(
    r"\d(?:[ \-.]{0,2}\d){5}|[A-Za-z]{5}\d{4}[A-Za-z]|[A-Za-z]{6}[\dA-Za-z]{2}[A-Za-z]\d|[A-Za-z]\d[\dA-Za-z]{6}\d"
)


def predefined() -> list[EntityRecognizer]:
    """One of each, as every side uses them."""
    return [
        CreditCardRecognizer(),
        CryptoRecognizer(),
        _OfflineEmail(),
        IbanRecognizer(),
        _Ip(),
        _Phone(),
        _Url(),
        _National(),
    ]


def impossible(text: str) -> frozenset[str]:
    """The types that Presidio's recognisers cannot find in `text`: most texts have no digit."""
    types: frozenset[str] = frozenset()
    if not any(map(str.isdigit, text)):
        types |= _NEED_A_DIGIT
    if "." not in text:
        types |= _NEED_A_DOT
        if ":" not in text:
            types |= _NEED_A_DOT_OR_COLON
    return types


class _OfflineEmail(EmailRecognizer):
    """Presidio's, with the public suffix list it carries; the original asks the network for it."""

    def __init__(self) -> None:
        self._suffixes = tldextract.TLDExtract(
            cache_dir=None, suffix_list_urls=(), fallback_to_snapshot=True
        )
        super().__init__()

    def analyze(
        self,
        text: str,
        entities: list[str],
        nlp_artifacts: NlpArtifacts | None = None,
        regex_flags: int | None = None,
    ) -> list[RecognizerResult]:
        """What Presidio finds, if there is an `@` at all."""
        if "@" not in text:
            return []
        return super().analyze(text, entities, nlp_artifacts, regex_flags)  # pyright: ignore[reportArgumentType]

    def validate_result(self, pattern_text: str) -> bool | None:  # pyright: ignore[reportIncompatibleMethodOverride] - the base class of both says Optional
        """True for a known suffix; an address at an unknown one is still an address."""
        return True if self._suffixes.extract_str(pattern_text).fqdn else None


class _Url(UrlRecognizer):
    """Presidio's, without two sentences that want a space between them."""

    def __init__(self) -> None:
        super().__init__(patterns=UrlRecognizer.PATTERNS[:2])  # the others only add quotes

    def analyze(
        self,
        text: str,
        entities: list[str],
        nlp_artifacts: NlpArtifacts | None = None,
        regex_flags: int | None = None,
    ) -> list[RecognizerResult]:
        """What Presidio finds, unless it is the end of one sentence and the start of the next.

        Its pattern tries some 700 endings at every letter, so it reads only what can hold one.
        """
        if _DOTTED.search(text) is None:
            return []
        return [
            result
            for result in super().analyze(text, entities, nlp_artifacts, regex_flags)  # pyright: ignore[reportArgumentType]
            if not _run_on(text, result)
        ]


def _run_on(text: str, result: RecognizerResult) -> bool:
    shown = text[result.start : result.end]
    if _ADDRESSED.search(shown):
        return False
    last = shown.rpartition(".")[2]
    within = text[result.end : result.end + 1].isalpha()
    return within or last.istitle() or ".." in shown or last.lower() in _LITTLE_WORDS


class _Ip(IpRecognizer):
    """Presidio's, without rows of four single digits: versions, scores, a film's title."""

    def invalidate_result(self, pattern_text: str) -> bool:
        """True for what is no address, or too short to be anybody's."""
        return bool(_SINGLES.fullmatch(pattern_text) or super().invalidate_result(pattern_text))


class _Phone(PhoneRecognizer):
    """Presidio's, without the short numbers it takes for phone numbers.

    Its matcher is slow, so it reads only the rows of digits that could be numbers.
    """

    def __init__(self) -> None:
        super().__init__(supported_regions=_REGIONS)

    def analyze(
        self, text: str, entities: list[str], nlp_artifacts: NlpArtifacts | None = None
    ) -> list[RecognizerResult]:
        """What Presidio finds, if it has enough digits and is not a span of years or a date."""
        results: list[RecognizerResult] = []
        for row in _MAYBE_A_PHONE.finditer(text):
            start, shown = row.start(), row.group()
            if _explained(text, start, shown):
                continue
            found: list[RecognizerResult] = super().analyze(shown, entities, nlp_artifacts)  # pyright: ignore[reportArgumentType]
            for result in found:
                if _is_phone(shown[result.start : result.end]):
                    if shown.isdecimal() and not shown.startswith("0"):
                        result.score = _BARE
                    result.start += start
                    result.end += start
                    results.append(result)
        return results


def _explained(text: str, start: int, shown: str) -> bool:
    """Whether Presidio need not read a row of digits: years, a date, part of a word, or found by us."""
    return (
        _YEARS.fullmatch(shown) is not None
        or _DATE.fullmatch(shown) is not None
        or text[start - 1 : start].isalnum()
        or sum(map(str.isdigit, shown)) > _MOST_DIGITS
        or has_the_shape(shown)
        or catalogued(lower(text), start)
    )


def _is_phone(shown: str) -> bool:
    digits = sum(character.isdigit() for character in shown)
    return digits >= _FEWEST_DIGITS and _YEARS.fullmatch(shown) is None


class _National(LocalRecognizer):
    """Presidio's recognisers of national numbers behind one gate."""

    def __init__(self) -> None:
        self._sure = _sure()
        self._cued = _cued()
        types = {
            recogniser.supported_entities[0]
            for recogniser in (*self._sure, *(each for _, each in self._cued))
        }
        super().__init__(
            supported_entities=sorted(types), name="national", supported_language=_LANGUAGE
        )

    def load(self) -> None:
        """Nothing to load."""

    def analyze(
        self, text: str, entities: list[str], nlp_artifacts: NlpArtifacts | None = None
    ) -> list[RecognizerResult]:
        """What they find, those in need of a name only where it stands before."""
        if _MAYBE_NATIONAL.search(text) is None:
            return []
        results = [
            result
            for recogniser in self._sure
            for result in recogniser.analyze(text, entities)
            if _stands_alone(text, result)
        ]
        for cue, recogniser in self._cued:
            if cue.search(text) is None:
                continue
            for result in recogniser.analyze(text, entities):
                if _stands_alone(text, result) and cue.search(
                    text, max(0, result.start - _REACH), result.start
                ):
                    result.score = max(result.score, _CUED)
                    results.append(result)
        for result in results:
            result.score = max(result.score, _CHECKED)
            # Presidio drops what no recogniser of the registry signs for.
            result.recognition_metadata = {
                RecognizerResult.RECOGNIZER_NAME_KEY: self.name,
                RecognizerResult.RECOGNIZER_IDENTIFIER_KEY: self.id,
            }
        return results


def _stands_alone(text: str, result: RecognizerResult) -> bool:
    """Some patterns have no edges, and would find a number within another."""
    before, after = text[result.start - 1 : result.start], text[result.end : result.end + 1]
    return not (before.isalnum() or after.isalnum())


def _sure() -> list[PatternRecognizer]:
    return [
        DeSocialSecurityRecognizer(patterns=DeSocialSecurityRecognizer.PATTERNS[:1]),
        DeTaxIdRecognizer(),
        EsNieRecognizer(),
        EsNifRecognizer(),
        FiPersonalIdentityCodeRecognizer(patterns=FiPersonalIdentityCodeRecognizer.PATTERNS[:1]),
        InAadhaarRecognizer(patterns=InAadhaarRecognizer.PATTERNS[1:]),
        InPanRecognizer(patterns=InPanRecognizer.PATTERNS[:1]),
        ItFiscalCodeRecognizer(),
        NhsRecognizer(patterns=[_GROUPED_NHS]),
        PlPeselRecognizer(),
        SePersonnummerRecognizer(patterns=SePersonnummerRecognizer.PATTERNS[:1]),
        UkDrivingLicenceRecognizer(),
        UkNinoRecognizer(),
        UsItinRecognizer(patterns=UsItinRecognizer.PATTERNS[1:]),
        UsSsnRecognizer(patterns=[_SSN]),
    ]


def _cued() -> list[tuple[re.Pattern[str], PatternRecognizer]]:
    return [
        (re.compile(words, re.IGNORECASE), recogniser)
        for words, recogniser in (
            (r"\bpassport|reisepass", DePassportRecognizer()),
            (r"\bpassport", UkPassportRecognizer()),
            (r"\bpassport", UsPassportRecognizer()),
            (r"\bpersonalausweis|\bausweis|\b(?:id|identity) card", DeIdCardRecognizer()),
            (r"\baadhaa?r\b|\buidai?\b", InAadhaarRecognizer()),
            (
                r"\b(?:ssn|social security)\b",
                UsSsnRecognizer(patterns=UsSsnRecognizer.PATTERNS[3:4]),
            ),
            (r"\b(?:sin|social insurance)\b", CaSinRecognizer()),
            (r"\btfn\b|\btax file", AuTfnRecognizer()),
            (r"\bnhs\b", NhsRecognizer()),
        )
    ]
