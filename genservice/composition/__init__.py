"""Composition: which texts the house phrases make for a brief, piece by piece and word by word."""

from genservice.composition.composition import RULES, Composition, Draft
from genservice.composition.frames import SLOT, Frame, frames
from genservice.composition.offers import Offer
from genservice.composition.pieces import Piece
from genservice.composition.reading import House, Reading, begin, makes, meant

__all__ = [
    "RULES", "SLOT", "Composition", "Draft", "Frame", "House", "Offer", "Piece", "Reading", "begin", "frames", "makes",
    "meant",
]  # fmt: skip
