"""Reading titles, their facts, and the slots that names and facts become."""

from genservice.catalog.facts import facts, written
from genservice.catalog.folder import read_folder, terms_in_folder
from genservice.catalog.masking import Masked, Place
from genservice.catalog.reading import FORMATS, Format, Reading, detect, read
from genservice.catalog.slots import Slotted, names, slotted, to_slots
from genservice.catalog.strays import Stray, strays, without_strays
from genservice.catalog.terms import TitleTerms, terms_in, terms_of
from genservice.catalog.validity import problems_of, require_printable, require_valid
from genservice.catalog.vocabulary import load_vocabulary

__all__ = [
    "FORMATS",
    "Format",
    "Masked",
    "Place",
    "Reading",
    "Slotted",
    "Stray",
    "TitleTerms",
    "detect",
    "facts",
    "load_vocabulary",
    "names",
    "problems_of",
    "read",
    "read_folder",
    "require_printable",
    "require_valid",
    "slotted",
    "strays",
    "terms_in",
    "terms_in_folder",
    "terms_of",
    "to_slots",
    "without_strays",
    "written",
]
