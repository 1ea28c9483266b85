"""Text models: one interface, and the ways behind it. Importing this imports no torch."""

from genservice.generation.description import Description, describe
from genservice.generation.load import (
    connect,
    embedded_folder,
    held_by,
    is_answering,
    load_detector,
    load_model,
)
from genservice.generation.model import Request, TextModel
from genservice.generation.scripted import Scripted

__all__ = [
    "Description",
    "Request",
    "Scripted",
    "TextModel",
    "connect",
    "describe",
    "embedded_folder",
    "held_by",
    "is_answering",
    "load_detector",
    "load_model",
]
