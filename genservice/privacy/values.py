"""What the guard reports: findings over a text, and the text without them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Literal, Protocol, get_args

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

Side = Literal["viewer", "title", "output"]
"""Where a text comes from. `viewer`: when unsure, it goes. `title`: names stay, structured
identifiers go. `output`: a model's raw text, where names stand as slots, so any name is a leak."""

SIDES: tuple[Side, ...] = get_args(Side)

TYPES: tuple[str, ...] = (
    "ACCOUNT_NUMBER",
    "ADDRESS",
    "AGE",
    "AT_SVNR",
    "AU_TFN",
    "BE_NRN",
    "BR_CPF",
    "CA_SIN",
    "CREDIT_CARD",
    "CRYPTO",
    "DATE_OF_BIRTH",
    "DENY_TERM",
    "DEVICE_ID",
    "DE_ID_CARD",
    "DE_PASSPORT",
    "DE_SOCIAL_SECURITY",
    "DE_TAX_ID",
    "DK_CPR",
    "EMAIL_ADDRESS",
    "ES_NIE",
    "ES_NIF",
    "FAMILY",
    "FI_PERSONAL_IDENTITY_CODE",
    "FR_NIR",
    "HANDLE",
    "IBAN_CODE",
    "IE_PPSN",
    "IN_AADHAAR",
    "IN_PAN",
    "IP_ADDRESS",
    "IT_FISCAL_CODE",
    "LOCATION",
    "NL_BSN",
    "OPAQUE",
    "ORGANIZATION",
    "OTHER_SCRIPT",
    "PERSON",
    "PHONE_NUMBER",
    "PL_PESEL",
    "PT_NIF",
    "RO_CNP",
    "SE_PERSONNUMMER",
    "UK_DRIVING_LICENCE",
    "UK_NHS",
    "UK_NINO",
    "UK_PASSPORT",
    "URL",
    "US_BANK_NUMBER",
    "US_ITIN",
    "US_PASSPORT",
    "US_SSN",
)
"""Every type that our own recognisers find; a guard with others knows theirs besides. `OPAQUE` is a run too long to be a word, `OTHER_SCRIPT` a word that
an English-only guard cannot read, `DENY_TERM` a word of free text that may not come back."""


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One stretch of a text that is, or may be, personal data."""

    start: int
    """In Unicode code points, from 0."""
    end: int
    """Exclusive."""
    type: str
    """One of `TYPES`, or one that a recogniser of others brought in when the guard was built."""
    score: float
    """Between 0 and 1: how sure the recogniser is. Nothing is let through for a low score."""


class Screening(msgspec.Struct, frozen=True, kw_only=True):
    """A text after screening."""

    text: str
    """With `<TYPE>` for every finding. Always encodable: NUL, other control characters and lone
    surrogates have become U+FFFD, one for one."""
    findings: tuple[Finding, ...]
    """Over the text as it came in; sorted, disjoint."""

    @property
    def counts(self) -> dict[str, int]:
        """Findings by type, sorted by type; what a receipt may tell."""
        return dict(sorted(Counter(finding.type for finding in self.findings).items()))


class Recogniser(msgspec.Struct, frozen=True, kw_only=True):
    """Something that finds personal data: a name, what it may find, on which sides, and how.

    `find` gets a folded text (see `genservice.privacy.folding`) and runs on the guard's own threads.
    """

    name: str
    types: tuple[str, ...]
    sides: frozenset[Side]
    find: Callable[[str], Iterable[Finding]]


class Tagger(Protocol):
    """A model that finds names in running text: whole texts at a time, and cheaper so.

    What it finds in a sentence depends on that sentence alone, so that within one call a sentence
    that stands in two readings is read once.
    """

    @property
    def revision(self) -> str:
        """Names weights and rules, for cache keys."""
        ...

    @property
    def types(self) -> tuple[str, ...]:
        """What it may find; each one of `TYPES`."""
        ...

    def tag(self, texts: Sequence[str]) -> Sequence[Sequence[Finding]]:
        """What is found in each folded text, in order of the texts; offsets are into the text.

        Runs on the guard's own threads. Whatever it raises, nothing passes.
        """
        ...
