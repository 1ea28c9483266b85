"""Engines and taggers to screen with: those that look for plain words, and every way to break."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest

from genservice.privacy import TYPES, Finding, Side


@dataclass
class OneByOne:
    """A reader that asks its engine text by text."""

    engine: Plain
    side: Side

    def find(self, texts: Sequence[str]) -> Sequence[Iterable[Finding]]:
        return [self.engine.find(text, self.side) for text in texts]


@dataclass
class Plain:
    """Finds the words it is given; replaces as Presidio does."""

    words: tuple[str, ...] = ("emma",)
    type: str = "PERSON"
    types: frozenset[str] = frozenset(TYPES)
    threads: set[str] = field(default_factory=set)

    def reader(self, side: Side) -> OneByOne:
        return OneByOne(self, side)

    def find(self, text: str, side: Side) -> Iterable[Finding]:
        del side
        self.threads.add(threading.current_thread().name)
        for word in self.words:
            for match in re.finditer(re.escape(word), text):
                yield Finding(start=match.start(), end=match.end(), type=self.type, score=0.5)

    def replace(self, text: str, findings: Sequence[Finding]) -> str:
        for finding in reversed(findings):
            text = f"{text[: finding.start]}<{finding.type}>{text[finding.end :]}"
        return text


@dataclass
class Hanging(Plain):
    """Stands still until `go` is set."""

    go: threading.Event = field(default_factory=threading.Event)

    def find(self, text: str, side: Side) -> Iterable[Finding]:
        self.go.wait()
        return list(super().find(text, side))


@dataclass
class Answering(Plain):
    """Answers whatever it is told to, however impossible."""

    answer: Callable[[str], object] = lambda text: ()

    def find(self, text: str, side: Side) -> Iterable[Finding]:
        del side
        return self.answer(text)


@dataclass
class Raising(Plain):
    """Raises an error that carries the text, as libraries do."""

    error: Callable[[str], Exception] = ValueError

    def find(self, text: str, side: Side) -> Iterable[Finding]:
        raise self.error(text)


@dataclass
class Writing(Plain):
    """Replaces wrongly."""

    written: Callable[[str], object] = str

    def replace(self, text: str, findings: Sequence[Finding]) -> str:
        return self.written(text)


@contextmanager
def offline(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[object]]:
    """No network, and a list of what was tried of it."""
    tried: list[object] = []

    def refuse(*args: object, **_: object) -> None:
        tried.append(args)
        raise OSError("no network in tests")

    with monkeypatch.context() as patch:
        for name in ("connect", "connect_ex", "sendto"):
            patch.setattr(socket.socket, name, refuse)
        for name in ("getaddrinfo", "create_connection", "gethostbyname"):
            patch.setattr(socket, name, refuse)
        yield tried


@dataclass
class PlainTagger:
    """Tags the words it is given, and remembers what it was asked."""

    words: tuple[str, ...] = ("quellmark",)
    revision: str = "tagger@test"
    types: tuple[str, ...] = ("PERSON", "LOCATION", "ORGANIZATION", "ADDRESS")
    asked: list[list[str]] = field(default_factory=list)

    def tag(self, texts: Sequence[str]) -> Sequence[Sequence[Finding]]:
        self.asked.append(list(texts))
        return [tuple(Plain(words=self.words).find(text, "viewer")) for text in texts]


@dataclass
class Breakable(PlainTagger):
    """A tagger that works until it is told how to break."""

    breaks: Callable[[Sequence[str]], object] | None = None
    go: threading.Event = field(default_factory=threading.Event)

    def tag(self, texts: Sequence[str]) -> Sequence[Sequence[Finding]]:
        return super().tag(texts) if self.breaks is None else self.breaks(texts)

    def hang(self, texts: Sequence[str]) -> Sequence[Sequence[Finding]]:
        """Stands still until `go` is set, and then finds nothing."""
        self.go.wait()
        return [() for _ in texts]


def raising(error: type[BaseException]) -> Callable[[Sequence[str]], object]:
    """A way to break: an error that carries the texts, as libraries do."""

    def fail(texts: Sequence[str]) -> object:
        raise error(*texts)

    return fail


def answering(**changes: object) -> Callable[[Sequence[str]], object]:
    """A way to break: one finding a text, with something about it that cannot be."""
    finding = Finding(**{"start": 0, "end": 1, "type": "PERSON", "score": 0.5, **changes})
    return lambda texts: [(finding,) for _ in texts]


BREAKS: dict[str, Callable[[Sequence[str]], object]] = {
    "raises": raising(ValueError),
    "runs out of memory": raising(MemoryError),
    "runs out of stack": raising(RecursionError),
    "wants to end the process": raising(SystemExit),
    "is interrupted": raising(KeyboardInterrupt),
    "answers nothing": lambda _: None,
    "answers too few": lambda texts: [() for _ in texts][1:],
    "answers too many": lambda texts: [(), *(() for _ in texts)],
    "answers words": lambda texts: [("PERSON",) for _ in texts],
    "finds beyond the text": lambda texts: [
        (Finding(start=0, end=len(text) + 1, type="PERSON", score=0.5),) for text in texts
    ],
    "finds before the text": answering(start=-1),
    "finds an empty span": answering(end=0),
    "finds a type nobody knows": answering(type="NICE"),
    "is surer than sure": answering(score=float("nan")),
    "is more than sure": answering(score=1.5),
    "is less than unsure": answering(score=-0.5),
}
"""Every way in which a tagger can break without hanging."""
