"""Inference files: what no text may tell or imply of its viewer, and the ways of saying it.

A file is one if it has any of the keys `inferences`, `frames`, `parts` or `lists`. All of a set's are
read as one: lists, parts and frames add up, so that a file of one's own can use the shipped frames.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, cast

from genservice.documents import suggestion
from genservice.errors import Problem
from genservice.inference import (
    CLASSES,
    FAMILIES,
    FrameError,
    Grammar,
    InferenceRule,
    Inferences,
    parse_frame,
)
from genservice.inference.frames import UnknownNameError
from genservice.policy import fileshapes
from genservice.policy.reader import meant, quoted
from genservice.policy.values import InferenceSet, Named, Place, Placed

if TYPE_CHECKING:
    from collections.abc import Callable

    from genservice.inference import Frame
    from genservice.inference.rules import Class, WordFamily
    from genservice.policy.reader import Reader
    from genservice.policy.values import Words

_KEYS = fileshapes.InferenceFile.__struct_fields__
_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_PHRASE = re.compile(r"[^\W_]+(?:[ '\u2019-][^\W_]+)*")


def is_inference_file(value: Any) -> bool:
    """Whether a document holds inference rules, or the ways of saying them."""
    return isinstance(value, dict) and not {*_KEYS}.isdisjoint(cast("dict[str, Any]", value))


class InferenceFiles:
    """The inference files of a set, read one by one and put together at the end."""

    def __init__(self) -> None:
        self._rules: list[Placed] = []
        self._lists: dict[str, list[str]] = {}
        self._parts: dict[str, list[str]] = {}
        self._frames: list[str] = []
        self._named: list[Named] = []
        self._unread: list[Callable[[], None]] = []
        self._parsed: dict[str, Frame] = {}

    def read(self, reader: Reader) -> None:
        """Read one file; what is wrong with it is left in the reader."""
        fields = reader.fields(
            "", reader.document.value, "an inference file", fileshapes.InferenceFile
        )
        for key, kept in (("lists", self._lists), ("parts", self._parts)):
            for name, value in reader.mapping(f"/{key}", fields.get(key, {}), f"the {key}").items():
                self._add(reader, f"/{key}/{name}", value, kept, phrases=key == "lists")
        if "frames" in fields:
            self._frames += self._framed(reader, "/frames", fields["frames"], own=False)
        items = (
            reader.items("/inferences", fields["inferences"], "inferences")
            if "inferences" in fields
            else []
        )
        for index, value in enumerate(items):
            rule = self._rule(reader, f"/inferences/{index}", value)
            if rule is not None:
                self._rules.append(rule)

    @property
    def ids(self) -> frozenset[str]:
        """The ids of the rules read so far."""
        return frozenset(placed.rule.id for placed in self._rules)

    def finish(self, problems: list[Problem]) -> InferenceSet:
        """Everything read, as one; frames are checked now that every list is known."""
        for check in self._unread:
            check()
        self._refuse_doubles(problems)
        rules = tuple(placed.rule for placed in self._rules)
        grammar = Grammar(
            lists={name: tuple(texts) for name, texts in sorted(self._lists.items())},
            parts={name: tuple(texts) for name, texts in sorted(self._parts.items())},
            frames=tuple(sorted(set(self._frames))),
        )
        if problems:
            return InferenceSet()
        placed = tuple(sorted(self._rules, key=lambda item: item.rule.id))
        return InferenceSet(
            rules=placed, named=tuple(self._named), reads=Inferences(rules, grammar, self._parsed)
        )

    def _add(
        self, reader: Reader, pointer: str, value: Any, kept: dict[str, list[str]], *, phrases: bool
    ) -> None:
        name = pointer.rpartition("/")[2]
        if not reader.name(pointer, name, "a list"):
            return
        others = self._parts if phrases else self._lists
        if name in CLASSES or name in others:
            reader.wrong_key(pointer, f"{quoted(name)} means something already")
            return
        if phrases:
            texts = _phrases(reader, pointer, value)
        else:
            texts = self._framed(reader, pointer, value, own=False, part=True)
        kept[name] = sorted({*kept.get(name, ()), *texts})

    def _rule(self, reader: Reader, pointer: str, value: Any) -> Placed | None:
        before = len(reader.problems)
        fields = reader.fields(
            pointer,
            value,
            "an inference rule",
            fileshapes.Inference,
        )
        id_ = reader.exact(f"{pointer}/id", fields["id"], "an id") if "id" in fields else ""
        if id_ and not _ID.fullmatch(id_):
            reader.wrong(
                f"{pointer}/id", f"an id is lower-case letters, digits and -: {quoted(id_)}"
            )
        why = reader.text(f"{pointer}/why", fields["why"], "why") if "why" in fields else ""
        traits: dict[Class, tuple[str, ...]] = {
            name: _phrases(reader, f"{pointer}/{name}", fields[name])
            for name in CLASSES
            if name in fields
        }
        framed = {
            key: self._framed(reader, f"{pointer}/{key}", fields[key], own=True)
            for key in ("said", "permitted")
            if key in fields
        }
        words = (
            self._words(reader, f"{pointer}/words", fields["words"]) if "words" in fields else {}
        )
        if not traits and "said" not in framed and not words:
            reader.wrong(pointer, "this rule forbids nothing", hint="give it traits, said or words")
        if len(reader.problems) > before:
            return None
        line, column = reader.document.place(pointer)
        rule = InferenceRule(
            id=id_,
            why=why,
            traits=traits,
            said=tuple(framed.get("said", ())),
            permitted=tuple(framed.get("permitted", ())),
            words=words,
        )
        return Placed(rule=rule, place=Place(reader.document.file, line, column))

    def _framed(
        self, reader: Reader, pointer: str, value: Any, *, own: bool, part: bool = False
    ) -> list[str]:
        """Texts of frames; they are parsed at the end, when every list is known."""
        texts: list[str] = []
        for index, item in enumerate(reader.items(pointer, value, "the list")):
            at = f"{pointer}/{index}"
            text = " ".join(reader.text(at, item, "a frame", most=300).split())
            if not text:
                continue
            texts.append(text)
            self._unread.append(lambda at=at, text=text: self._parse(reader, at, text, own, part))
        return sorted(set(texts))

    def _parse(self, reader: Reader, pointer: str, text: str, own: bool, part: bool) -> None:
        known = [*CLASSES, *self._lists]
        try:
            frame = parse_frame(text, known, None if part else self._parts)
        except UnknownNameError as error:
            names = known if part else [*known, *self._parts]
            reader.wrong(pointer, str(error), hint=suggestion(error.name, names))
            return
        except FrameError as error:
            reader.wrong(pointer, f"not a frame: {error}", hint=error.hint)
            return
        if not part:
            self._parsed[text] = frame
        tells = {*CLASSES, *self._parts}
        if not own and not part and tells.isdisjoint(frame.names):
            reader.wrong(
                pointer,
                "a frame that names no trait forbids nothing",
                hint="name one of " + ", ".join(f"{{{name}}}" for name in CLASSES),
            )

    def _words(self, reader: Reader, pointer: str, value: Any) -> dict[WordFamily, tuple[str, ...]]:
        fields = reader.fields(pointer, value, "words", fileshapes.BarredWords)
        found: dict[WordFamily, tuple[str, ...]] = {}
        for family in FAMILIES:
            if family not in fields:
                continue
            words: list[str] = []
            for index, item in enumerate(
                reader.items(f"{pointer}/{family}", fields[family], "the list")
            ):
                at = f"{pointer}/{family}/{index}"
                word = reader.text(at, item, "a word")
                if word:
                    words.append(word)
                    line, column = reader.document.place(at)
                    self._named.append(
                        Named(family, word, Place(reader.document.file, line, column))
                    )
            found[family] = tuple(sorted(set(words)))
        return found

    def _refuse_doubles(self, problems: list[Problem]) -> None:
        seen: dict[str, Place] = {}
        for placed in self._rules:
            id_, place = placed.rule.id, placed.place
            first = seen.setdefault(id_, place)
            if first is not place:
                problems.append(
                    Problem(
                        file=place.file,
                        line=place.line,
                        column=place.column,
                        detail=f"the id {quoted(id_)} is taken by the rule at {first}",
                        hint="give one of them another id",
                        related=(first.problem("the other one"),),
                    )
                )


def _phrases(reader: Reader, pointer: str, value: Any) -> tuple[str, ...]:
    """Words and phrases, sorted; each stands once."""
    found: set[str] = set()
    for index, item in enumerate(reader.items(pointer, value, "the list")):
        at = f"{pointer}/{index}"
        text = " ".join(reader.text(at, item, "an entry", most=80).lower().split())
        if text and not _PHRASE.fullmatch(text):
            reader.wrong(at, f"an entry is words, and {quoted(text)} has other marks")
        elif text in found:
            reader.wrong(at, f"{quoted(text)} stands twice in this list")
        found.add(text)
    return tuple(sorted(found - {""}))


def unknown_words(inferences: InferenceSet, words: Words) -> tuple[Problem, ...]:
    """A problem for each word that an inference rule bars and the catalogue's vocabulary does not have.

    A word that nobody else knows would bar nothing, and nobody would see it.
    """
    known = {**words.families, "alerts": words.alerts}
    return tuple(
        Problem(
            file=named.place.file,
            line=named.place.line,
            column=named.place.column,
            detail=f"not a word of the vocabulary's {named.family}: {quoted(named.word)}",
            hint=meant(named.word, sorted(known.get(named.family, ()))),
        )
        for named in inferences.named
        if named.word not in known.get(named.family, ())
    )
