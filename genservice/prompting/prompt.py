"""Prompt files: what a prompt may read, and its strict rendering.

A prompt declares the kinds of facts and the signals it reads. It is rendered in Jinja's sandbox with
nothing but these in reach; one that reads anything else fails when it is loaded, not when it is used.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec
from jinja2 import StrictUndefined, TemplateError, meta, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment
from msgspec import Meta

from genservice.canonical import digest
from genservice.documents import Document, suggestion
from genservice.domain import Angle, Brief, Purpose, Rendered, Slot, SlotKind, Turn
from genservice.errors import DocumentError, Problem, PromptError
from genservice.prompting.compact import compact, measured

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_SCALARS = frozenset({"kind", "channel", "tone", "length", "limit", "language"})
_VARIABLES = _SCALARS | {"facts", "signals", "angle", "aside", "avoid", "note"}
_NAMES = frozenset({"title", "person", "character", "place", "name"})
_FREE = frozenset({"who", "goal", "turn", "where", "sentence"})
_SHAPING = frozenset({"Cc", "Cf", "Co", "Cs", "Zl", "Zp"})
_JOINERS = "\u200c\u200d"
"""Characters without which some scripts cannot be read."""
_PLAIN = str.maketrans({'"': "'", "`": "'", "<": "\u2039", ">": "\u203a"})
_BRACKETS = str.maketrans("[]", "()")


class Reads(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a prompt may see of a brief."""

    facts: tuple[SlotKind, ...]
    signals: tuple[str, ...]


class PromptFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A prompt file as it is written."""

    name: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9-]*$(?!\n)")]
    version: Annotated[int, Meta(ge=1)]
    purpose: Literal["synopsis", "promo"]
    reads: Reads
    system: str
    user: str


class Prompt:
    """One prompt, ready to render.

    Attributes:
        purpose: What it is for.
        reads_facts: Kinds of slots it may see.
        reads_signals: Signals that may shape its texts.
        revision: `promo@1 sha256:...`; part of the cache key.
    """

    def __init__(self, file: PromptFile) -> None:
        environment = _environment()
        self.purpose: Purpose = file.purpose
        self.reads_facts = frozenset[str](file.reads.facts)
        self.reads_signals = frozenset(file.reads.signals)
        self.revision = f"{file.name}@{file.version} sha256:{digest(file)}"
        self._templates = {
            "system": environment.from_string(file.system),
            "user": environment.from_string(file.user),
        }

    def render(self, brief: Brief, *, chat: bool = True) -> Rendered:
        """The prompt for `brief`, in both forms that models take.

        Args:
            brief: What is asked for.
            chat: Whether the chat form is read; left out, it costs nothing.

        Raises:
            PromptError: The template fails on this brief; its text is not in the message.
        """
        turns = self.turns(brief) if chat else ()
        return Rendered(compact=compact(brief), turns=turns, revision=self.revision)

    def turns(self, brief: Brief) -> tuple[Turn, ...]:
        """The prompt for `brief` as chat models take it: the system's turn, then the user's.

        Raises:
            PromptError: The template fails on this brief; its text is not in the message.
        """
        variables = self._variables(brief)
        try:
            return tuple(
                Turn(role=role, content=self._templates[role].render(variables).strip())
                for role in ("system", "user")
            )
        except Exception as error:  # noqa: BLE001 - a template fails in any way, and quotes the brief
            detail = f"cannot be rendered: {type(error).__name__}"
            raise PromptError(Problem(file=self.revision, detail=detail)) from None

    def _variables(self, brief: Brief) -> dict[str, Any]:
        said = {slot.name: _said(slot, brief) for slot in brief.slots}
        facts: dict[str, list[dict[str, Any]]] = {kind: [] for kind in self.reads_facts}
        for slot in brief.slots:
            facts[slot.kind].append(said[slot.name])
        angle = [{**said[item.slot], "signal": item.signal} for item in brief.angle]
        signals = dict.fromkeys(self.reads_signals)
        by_signal = {item["signal"]: item for item in angle}
        scalars = {name: getattr(brief, name) for name in _SCALARS}
        return {
            **scalars,
            "facts": facts,
            "angle": angle,
            "signals": {**signals, **by_signal},
            "aside": [f"[{name}]" for name in brief.aside],
            "avoid": [_slotless(word) for word in brief.avoid],
            "note": None if brief.note is None else _slotless(brief.note),
        }


def parse_prompt(document: Document, *, signals: Iterable[str] | None) -> Prompt:
    """The prompt in a document.

    Args:
        document: The YAML file.
        signals: Names of the declared signals; None if the policy set is held to the prompts instead.

    Raises:
        PromptError: It has the wrong shape, a template is broken or fails on a brief that may come, or
            one reads what `reads` does not declare, or `reads` names a signal that policies/signals.yaml
            does not.
    """
    try:
        file = document.convert("", document.value, PromptFile)
    except DocumentError as error:
        raise PromptError(*error.problems) from None
    known = frozenset(file.reads.signals if signals is None else signals)
    problems = [
        document.problem(
            f"/reads/signals/{index}",
            f"{name!r} is not a declared signal",
            hint=suggestion(name, known),
        )
        for index, name in enumerate(file.reads.signals)
        if name not in known
    ]
    declared = {"facts": frozenset[str](file.reads.facts), "signals": frozenset(file.reads.signals)}
    for part in ("system", "user"):
        problems.extend(_undeclared(document, part, getattr(file, part), declared))
    if problems:
        raise PromptError(*problems)
    prompt = Prompt(file)
    _try_out(prompt, file, document)
    return prompt


def _try_out(prompt: Prompt, file: PromptFile, document: Document) -> None:
    """Return if the prompt renders with much and with little in the brief: no request may find out first."""
    for brief in _trials(file):
        try:
            prompt.turns(brief)
        except PromptError as error:
            what = "with an angle" if brief.angle else "without an angle"
            detail = f"{error.problems[0].detail} on a brief {what}"
            raise PromptError(document.problem("/user", detail)) from None


def _trials(file: PromptFile) -> Iterator[Brief]:
    slots = tuple(
        Slot(name=kind.upper(), kind=kind, text="text", pointer=f"/{kind}")
        for kind in file.reads.facts
    )
    least = Brief(
        title_id="trial",
        revision=0,
        purpose=file.purpose,
        kind="film",
        channel="tile",
        length="short",
        tone="plain",
        language="en",
        limit=90,
        slots=tuple(slot for slot in slots if slot.kind == "title"),
    )
    yield least
    aside = tuple(slot.name for slot in slots[:1])
    most = msgspec.structs.replace(least, slots=slots, aside=aside, avoid=("word",), note="A wish.")
    yield most
    for name in file.reads.signals if slots else ():
        slot = slots[-1]
        angle = Angle(
            signal=name,
            level="words",
            family="genres",
            term="",
            slot=slot.name,
            pointer=slot.pointer,
        )
        yield msgspec.structs.replace(most, angle=(angle,))


def _undeclared(
    document: Document, part: str, template: str, declared: Mapping[str, frozenset[str]]
) -> list[Problem]:
    """Everything a template reads that it may not."""
    try:
        tree = _environment().parse(template)
    except TemplateError as error:
        return [document.problem(f"/{part}", f"not a template: {error.message}")]
    line = document.place(f"/{part}")[0]

    def wrong(node: nodes.Node, detail: str, hint: str | None = None) -> Problem:
        problem = document.problem(f"/{part}", detail, hint=hint)
        return msgspec.structs.replace(problem, line=line + node.lineno, column=1)

    problems = [
        document.problem(
            f"/{part}", f"reads {name!r}, which no brief has", hint=suggestion(name, _VARIABLES)
        )
        for name in sorted(meta.find_undeclared_variables(tree) - _VARIABLES)
    ]
    direct: set[int] = set()
    for node in tree.find_all(nodes.Getattr):
        inner = node.node
        if not (isinstance(inner, nodes.Name) and inner.name in declared):
            continue
        direct.add(id(inner))
        if node.attr not in declared[inner.name]:
            hint = f"add it to reads.{inner.name}"
            problems.append(
                wrong(node, f"reads {inner.name}.{node.attr} without declaring it", hint)
            )
    problems.extend(
        wrong(node, f"uses {node.name} as a whole", f"name what it reads: {node.name}.<name>")
        for node in tree.find_all(nodes.Name)
        if node.name in declared and id(node) not in direct
    )
    return problems


def _environment() -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, autoescape=False
    )
    environment.globals.clear()
    environment.filters["data"] = _data
    return environment


def _data(text: str) -> str:
    """Text as one quoted line: data, which cannot end its quotes, start a line or spell a mark of the prompt.

    Angle brackets become others, so that neither the prompt's own marks nor a model's control tokens
    (`<|im_start|>`) can be forged; what cannot be seen is gone.
    """
    shown = "".join(map(_seen, str(text)))
    return f'"{" ".join(shown.split()).translate(_PLAIN)}"'


def _seen(letter: str) -> str:
    if letter.isspace():
        return " "
    hidden = unicodedata.category(letter) in _SHAPING and letter not in _JOINERS
    return "" if hidden else letter


def _slotless(text: str) -> str:
    """Text of people who know of no slots: what they put in square brackets is none."""
    return unicodedata.normalize("NFKC", text).translate(_BRACKETS)


def _said(slot: Slot, brief: Brief) -> dict[str, Any]:
    """A slot as prompts see it: its words, and for how many characters it counts.

    A name is never shown, only its slot. Free text may hold slots of names; other words hold none.
    """
    text = slot.text if slot.kind in _FREE else _slotless(slot.text)
    name = f"[{slot.name}]"
    return {
        "slot": name,
        "text": name if slot.kind in _NAMES else text,
        "length": measured(slot, brief),
    }
