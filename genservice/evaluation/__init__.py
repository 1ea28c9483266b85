"""Evaluation: what a text model is worth on this path, in figures that anybody can measure again."""

from genservice.evaluation.copies import Known
from genservice.evaluation.draws import Draw, draw, openings_of, writable
from genservice.evaluation.figures import Figures, Openings, Share, figures, openings
from genservice.evaluation.observing import Candidate, Observed, Record, observe
from genservice.evaluation.report import blind, rows

__all__ = [
    "Candidate", "Draw", "Figures", "Known", "Observed", "Openings", "Record", "Share", "blind", "draw", "figures",
    "observe", "openings", "openings_of", "rows", "writable",
]  # fmt: skip
