"""Text models: one interface, and the ways behind it. Importing this imports no torch."""

from genservice.generation.batching import Counted
from genservice.generation.description import Description, describe
from genservice.generation.load import (
    connect,
    counted_by,
    embedded_folder,
    held_by,
    is_answering,
    is_elsewhere,
    load_detector,
    load_model,
    texts_at_once,
    waiting_for,
)
from genservice.generation.model import Priority, Request, TextModel
from genservice.generation.scripted import Scripted

__all__ = [
    "Counted",
    "Description",
    "Priority",
    "Request",
    "Scripted",
    "TextModel",
    "connect",
    "counted_by",
    "describe",
    "embedded_folder",
    "held_by",
    "is_answering",
    "is_elsewhere",
    "load_detector",
    "load_model",
    "texts_at_once",
    "waiting_for",
]
