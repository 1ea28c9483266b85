"""Reading titles, their facts, and the slots that names and facts become.

Each name is imported from its module when it is first asked for: reading a vocabulary should not wait
for everything that reads titles (PEP 562).
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from genservice.catalog.factual import facts, written
    from genservice.catalog.folder import read_folder, terms_in_folder
    from genservice.catalog.masking import Masked, Place
    from genservice.catalog.reading import FORMATS, Format, Reading, detect, read
    from genservice.catalog.slots import Slotted, names, slotted, to_slots
    from genservice.catalog.straying import Stray, strays, without_strays
    from genservice.catalog.terms import TitleTerms, terms_in, terms_of
    from genservice.catalog.validity import problems_of, require_printable, require_valid
    from genservice.catalog.vocabulary import load_vocabulary

_HOMES = {
    "facts": "factual",
    "written": "factual",
    "read_folder": "folder",
    "terms_in_folder": "folder",
    "Masked": "masking",
    "Place": "masking",
    "FORMATS": "reading",
    "Format": "reading",
    "Reading": "reading",
    "detect": "reading",
    "read": "reading",
    "Slotted": "slots",
    "names": "slots",
    "slotted": "slots",
    "to_slots": "slots",
    "Stray": "straying",
    "strays": "straying",
    "without_strays": "straying",
    "TitleTerms": "terms",
    "terms_in": "terms",
    "terms_of": "terms",
    "problems_of": "validity",
    "require_printable": "validity",
    "require_valid": "validity",
    "load_vocabulary": "vocabulary",
}

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


def __getattr__(name: str) -> Any:
    """A public name, from the module that has it."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = found
    return found
