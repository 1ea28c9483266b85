"""Labels of other people's files and types of findings, as one set of kinds."""

from __future__ import annotations

import re

PERSON = "PERSON"

_LABELS = {
    "PERSON": "PER PERSON PERSON_NAME NAME FULL_NAME FIRST_NAME LAST_NAME GIVEN_NAME GIVENNAME SURNAME "
    "MIDDLE_NAME ARTIST FAMILY",
    "LOCATION": "LOC LOCATION GPE CITY TOWN COUNTRY STATE COUNTY REGION FAC FACILITY GEO_LOC PLACE",
    "ORGANIZATION": "ORG ORGANIZATION ORGANISATION COMPANY CORPORATION EMPLOYER SCHOOL",
    "ADDRESS": "ADDRESS STREET_ADDRESS STREET BUILDING ZIP ZIPCODE ZIP_CODE POSTCODE POST_CODE "
    "POSTAL_CODE",
    "PHONE_NUMBER": "PHONE PHONE_NUMBER TELEPHONE MOBILE FAX",
    "EMAIL_ADDRESS": "EMAIL EMAIL_ADDRESS E_MAIL",
    "URL": "URL DOMAIN DOMAIN_NAME WEBSITE",
    "HANDLE": "HANDLE USERNAME USER_NAME SOCIAL_HANDLE",
    "AGE": "AGE",
    "DATE_OF_BIRTH": "DATE_OF_BIRTH DOB BIRTH_DATE BIRTHDATE BIRTHDAY",
    "ACCOUNT": "ACCOUNT ACCOUNT_NUMBER BANK_ACCOUNT CREDIT_CARD CREDIT_CARD_NUMBER CARD IBAN IBAN_CODE "
    "US_BANK_NUMBER BANK_NUMBER SORT_CODE CRYPTO",
    "DEVICE": "DEVICE DEVICE_ID IP IP_ADDRESS MAC MAC_ADDRESS IMEI ADVERTISING_ID",
    "ID": "ID ID_NUMBER NATIONAL_ID GOVERNMENT_ID PASSPORT SSN TAX_ID DRIVER_LICENSE US_DRIVER_LICENSE "
    "DRIVING_LICENCE NRP_ID HEALTH_ID",
}  # fmt: skip
_KINDS = {label: kind for kind, labels in _LABELS.items() for label in labels.split()}
_OF_A_COUNTRY = re.compile(r"[A-Z]{2}_")
_ANY = frozenset({"OPAQUE", "OTHER_SCRIPT", "DENY_TERM", "DEFAULT"})
"""Types that say that something is there, and not what."""


def kind_of(label: str) -> str | None:
    """The kind that a label of a marked file stands for; None if that is not known.

    Upper and lower case, hyphens, spaces and prefixes of tagging schemes (`B-per`) make no difference.
    Spans of an unknown kind are counted, whatever type is found there.
    """
    name = re.sub(r"[\s\-/.]+", "_", re.sub(r"^[BIELSU]-", "", label.strip())).upper()
    if name in _KINDS:
        return _KINDS[name]
    return "ID" if _OF_A_COUNTRY.match(name) else None


def kind_of_finding(type_: str) -> str | None:
    """The kind of a finding's type, likewise; None for types that do not say what they found."""
    return None if type_ in _ANY else kind_of(type_)
