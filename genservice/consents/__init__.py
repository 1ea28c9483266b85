"""Consent strings: what IAB TCF and GPP strings say, and what of it counts as consent or opt-out."""

from genservice.consents.bits import MOST_IDS, MOST_LETTERS
from genservice.consents.gpp import GPPString, Section, Unread, decode_gpp
from genservice.consents.hearing import (
    SILENT,
    Declared,
    Heard,
    Unusable,
    hear,
    held,
    invalid_because,
    opt_outs,
    purposes,
    special_features,
)
from genservice.consents.tcf import PublisherTC, Restriction, TCString, Vendors, decode_tc
from genservice.consents.us import USPrivacy, USSection

__all__ = [
    "MOST_IDS",
    "MOST_LETTERS",
    "SILENT",
    "Declared",
    "GPPString",
    "Heard",
    "PublisherTC",
    "Restriction",
    "Section",
    "TCString",
    "USPrivacy",
    "USSection",
    "Unread",
    "Unusable",
    "Vendors",
    "decode_gpp",
    "decode_tc",
    "hear",
    "held",
    "invalid_because",
    "opt_outs",
    "purposes",
    "special_features",
]
