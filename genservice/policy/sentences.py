"""Test files of inference rules: sentences that a rule forbids, and sentences that all permit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import msgspec

from genservice.documents import suggestion
from genservice.errors import Problem
from genservice.policy import fileshapes
from genservice.policy.reader import quoted
from genservice.policy.values import Place, PolicySet, Sentence

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from genservice.policy.reader import Reader

_KEYS = fileshapes.SentenceFile.__struct_fields__


def is_sentence_file(value: Any) -> bool:
    """Whether a document holds sentences for the inference rules."""
    return isinstance(value, dict) and not {*_KEYS}.isdisjoint(cast("dict[str, Any]", value))


def read_sentences(reader: Reader) -> list[Sentence]:
    """The sentences of one file; what is wrong with them is left in the reader."""
    fields = reader.fields(
        "", reader.document.value, "a file of sentences", fileshapes.SentenceFile
    )
    found: list[Sentence] = []
    for rule, value in reader.mapping(
        "/forbidden", fields.get("forbidden", {}), "forbidden"
    ).items():
        found += _sentences(reader, f"/forbidden/{rule}", value, rule)
    if "permitted" in fields:
        found += _sentences(reader, "/permitted", fields["permitted"], None)
    return found


def _sentences(reader: Reader, pointer: str, value: Any, rule: str | None) -> list[Sentence]:
    found: list[Sentence] = []
    for index, item in enumerate(reader.items(pointer, value, "the sentences")):
        at = f"{pointer}/{index}"
        text = reader.text(at, item, "a sentence")
        if text:
            place = Place(reader.document.file, *reader.document.place(at))
            found.append(Sentence(text=text, rule=rule, place=place))
    return found


def refuse_unknown_rules(
    sentences: Sequence[Sentence], ids: Collection[str], problems: list[Problem]
) -> None:
    """Note each sentence that is expected forbidden by a rule that the set does not have."""
    problems += [
        Problem(
            file=sentence.place.file,
            line=sentence.place.line,
            column=sentence.place.column,
            detail=f"not an inference rule: {quoted(sentence.rule)}",
            hint=suggestion(sentence.rule, ids),
        )
        for sentence in sentences
        if sentence.rule is not None and sentence.rule not in ids
    ]


class Misread(msgspec.Struct, frozen=True, kw_only=True):
    """A sentence on which the inference rules said other than was expected."""

    sentence: Sentence
    rules: tuple[str, ...]
    """The rules that forbid it."""

    def __str__(self) -> str:
        expected = self.sentence.rule or "permitted"
        found = ", ".join(self.rules) or "permitted"
        shown = quoted(self.sentence.text)
        return f"{self.sentence.place}: {shown}\n  - {expected}\n  + {found}"


def misread(policies: PolicySet, sentence: Sentence) -> Misread | None:
    """What is wrong with what the rules say of a sentence, or None.

    A sentence that is expected forbidden may break other rules too.
    """
    rules = tuple(
        dict.fromkeys(hit.rule.id for hit in policies.inferences.reads.find(sentence.text))
    )
    right = sentence.rule in rules if sentence.rule is not None else not rules
    return None if right else Misread(sentence=sentence, rules=rules)
