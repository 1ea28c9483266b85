"""What a text may not tell or imply of its viewer: rules as data, and how a text is read by them."""

from genservice.inference.frames import Frame, FrameError, parse_frame
from genservice.inference.matching import NO_INFERENCES, Hit, Inferences
from genservice.inference.rules import CLASSES, FAMILIES, Grammar, InferenceRule

__all__ = [
    "CLASSES", "FAMILIES", "NO_INFERENCES", "Frame", "FrameError", "Grammar", "Hit", "InferenceRule", "Inferences",
    "parse_frame",
]  # fmt: skip
