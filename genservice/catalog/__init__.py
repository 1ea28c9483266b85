"""Reading titles, their facts, and the slots that names and facts become."""

from genservice.catalog.facts import facts
from genservice.catalog.reading import FORMATS, Format, Reading, detect, read
from genservice.catalog.terms import TitleTerms, terms_in, terms_of
from genservice.catalog.vocabulary import load_vocabulary

__all__ = [
    "FORMATS",
    "Format",
    "Reading",
    "TitleTerms",
    "detect",
    "facts",
    "load_vocabulary",
    "read",
    "terms_in",
    "terms_of",
]
