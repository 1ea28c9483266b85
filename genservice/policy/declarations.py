"""signals.yaml: the groups, consents and signals that rules may speak of."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, cast, get_args

import msgspec

from genservice.domain import AGE_BANDS, AgeBand, Family, Sensitivity, Signal, ValueKind
from genservice.policy import fileshapes
from genservice.policy.ladders import CHAINS, is_ladder
from genservice.policy.reader import Reader, is_name, quoted
from genservice.policy.regions import COUNTRIES, UNKNOWN, is_region
from genservice.policy.values import NONE, Consent, Groups, Segment

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

FILE = "signals.yaml"
ALL = "all"

_CATEGORY = re.compile(r"user(\.[a-z_]+)*")
_KINDS: tuple[ValueKind, ...] = get_args(ValueKind)
_FAMILIES: tuple[Family, ...] = get_args(Family)
_SENSITIVITIES: tuple[Sensitivity, ...] = get_args(Sensitivity)
_BANDS: tuple[AgeBand, ...] = tuple(band for band in AGE_BANDS if band != UNKNOWN)


class Declarations(msgspec.Struct, frozen=True, kw_only=True):
    """The vocabulary of a set: every word beyond the built-in ones that its rules and tests may use."""

    signals: dict[str, Signal]
    """Signals that are well declared."""
    signal_names: frozenset[str]
    """Every name declared, ill ones too, so that one mistake is not reported wherever it is used."""
    consents: dict[str, Consent]
    groups: Groups
    segments: Mapping[str, Segment | None] | None = msgspec.field(
        default_factory=dict[str, Segment | None]
    )
    """By name, from segments.yaml; None for an ill one, and for all where that file is no YAML."""


def read_declarations(reader: Reader) -> Declarations:
    """What signals.yaml declares; what is wrong with it is left in the reader."""
    fields = reader.fields(
        "",
        reader.document.value,
        "signals.yaml",
        fileshapes.SignalsFile,
    )
    signals = reader.mapping("/signals", fields.get("signals", {}), "the signals")
    consents = reader.mapping("/consents", fields.get("consents", {}), "the consents")
    if "signals" in fields and signals == {}:
        reader.wrong("/signals", "no signals are declared")
    declared = {name: _signal(reader, name, value) for name, value in signals.items()}
    return Declarations(
        signals={name: signal for name, signal in declared.items() if signal is not None},
        signal_names=frozenset(declared),
        consents={name: _consent(reader, name, value) for name, value in consents.items()},
        groups=_groups(reader, fields.get("groups", {}), frozenset(declared)),
    )


def _consent(reader: Reader, name: str, value: Any) -> Consent:
    pointer = f"/consents/{name}"
    reader.name(pointer, name, "a consent")
    fields = reader.fields(pointer, value, "a consent", fileshapes.Consent)
    tcf = feature = label = None
    if "tcf" in fields:
        tcf = reader.number(f"{pointer}/tcf", fields["tcf"], "a TCF purpose", low=1, high=11)
    if "special_feature" in fields:
        feature = reader.number(
            f"{pointer}/special_feature",
            fields["special_feature"],
            "a TCF special feature",
            low=1,
            high=2,
        )
    if "label" in fields:
        label = reader.text(f"{pointer}/label", fields["label"], "a label", most=200)
    return Consent(name=name, tcf=tcf, special_feature=feature, label=label)


def _groups(reader: Reader, value: Any, signals: frozenset[str]) -> Groups:
    fields = reader.fields("/groups", value, "the groups", fileshapes.Groups)
    found: dict[str, dict[str, tuple[str, ...]]] = {"region": {}, "age_band": {}, "signal": {}}
    # `unknown` is never a member: a rule that means it has to say so itself.
    member: dict[str, tuple[str, Collection[str]]] = {
        "region": ("a region of ISO 3166", region_words()),
        "age_band": ("an age band", _BANDS),
        "signal": ("a signal", signals),
    }
    for kind, groups in fields.items():
        for name, members in reader.mapping(f"/groups/{kind}", groups, "the groups").items():
            pointer = f"/groups/{kind}/{name}"
            if name in member[kind][1] or name in (UNKNOWN, ALL):
                reader.wrong_key(pointer, f"{quoted(name)} means something already")
            what, known = member[kind]
            found[kind][name] = reader.words(pointer, members, what, known)
    return Groups(region=found["region"], age_band=found["age_band"], signal=found["signal"])


class RegionWords(frozenset[str]):
    """Known regions: the countries, their subdivisions by shape, and further words."""

    def __contains__(self, word: object) -> bool:
        return super().__contains__(word) or (isinstance(word, str) and is_region(word))


def region_words(*further: str) -> RegionWords:
    """Every region code and these further words."""
    return RegionWords({*COUNTRIES, *further})


def _signal(reader: Reader, name: str, value: Any) -> Signal | None:
    pointer = f"/signals/{name}"
    before = len(reader.problems)
    reader.name(pointer, name, "a signal")
    if name == ALL:
        reader.wrong_key(pointer, "'all' means every signal, and cannot name one")
    fields = reader.fields(
        pointer,
        value,
        "a signal",
        fileshapes.Signal,
    )
    read = {key: _FIELDS[key](reader, f"{pointer}/{key}", item) for key, item in fields.items()}
    if len(reader.problems) > before:
        return None
    signal = Signal(name=name, **read)
    _check_ladder(reader, pointer, signal)
    _check_terms(reader, pointer, signal)
    return signal if len(reader.problems) == before else None


def _check_ladder(reader: Reader, pointer: str, signal: Signal) -> None:
    if is_ladder(signal.value, signal.ladder):
        return
    chains = " or ".join(f"[{', '.join((*chain, NONE))}]" for chain in CHAINS[signal.value])
    reader.wrong(
        f"{pointer}/ladder",
        f"not a ladder for {signal.value}",
        hint=f"{chains}, or [{NONE}] for what is never used",
    )


def _check_terms(reader: Reader, pointer: str, signal: Signal) -> None:
    if signal.terms and signal.value not in ("term", "terms"):
        reader.wrong_key(f"{pointer}/terms", f"a signal of kind {signal.value} has no terms")
    if signal.value == "term" and not (signal.terms or signal.answered_by) and signal.ladder[1:]:
        reader.wrong(
            pointer, "a term needs its words", hint="list them under terms, or name answered_by"
        )


def _ladder(reader: Reader, pointer: str, value: Any) -> tuple[str, ...]:
    levels = {level for chains in CHAINS.values() for chain in chains for level in chain} | {NONE}
    items = reader.items(pointer, value, "a ladder")
    found = [
        reader.word(f"{pointer}/{index}", item, "a level", levels)
        for index, item in enumerate(items)
    ]
    return tuple(level for level in found if level is not None)


def _terms(reader: Reader, pointer: str, value: Any) -> tuple[str, ...]:
    found: list[str] = []
    for index, item in enumerate(reader.items(pointer, value, "the terms")):
        word = reader.exact(f"{pointer}/{index}", item, "a term")
        if word and not is_name(word):
            reader.wrong(
                f"{pointer}/{index}", f"a term is lower-case letters, digits and _: {quoted(word)}"
            )
        if word in found:
            reader.wrong(f"{pointer}/{index}", f"{quoted(word)} stands twice in this list")
        found.append(word)
    return tuple(sorted(found))


def _category(reader: Reader, pointer: str, value: Any) -> str:
    category = reader.exact(pointer, value, "a data category", most=100)
    if category and not _CATEGORY.fullmatch(category):
        reader.wrong(
            pointer,
            f"not a data category: {quoted(category)}",
            hint="one of fideslang's, such as user.behavior.media_consumption",
        )
    return category


def _families(reader: Reader, pointer: str, value: Any) -> tuple[Family, ...]:
    """In the order written: the first family that answers is the one used."""
    found: list[Family] = []
    for index, item in enumerate(reader.items(pointer, value, "answered_by")):
        word = reader.word(f"{pointer}/{index}", item, "a family", _FAMILIES)
        if word is not None:
            found.append(cast("Family", word))
    return tuple(dict.fromkeys(found))


_FIELDS: dict[str, Callable[[Reader, str, Any], Any]] = {
    "label": lambda reader, at, value: reader.text(at, value, "a label", most=100),
    "value": lambda reader, at, value: reader.word(at, value, "a kind of value", _KINDS),
    "data": _category,
    "sensitivity": lambda reader, at, value: reader.word(
        at, value, "a sensitivity", _SENSITIVITIES
    ),
    "ladder": _ladder,
    "keep_days": lambda reader, at, value: reader.number(at, value, "keep_days", low=0, high=3650),
    "max": lambda reader, at, value: reader.number(at, value, "max", low=1, high=10_000),
    "terms": _terms,
    "answered_by": _families,
    "context": lambda reader, at, value: reader.boolean(at, value, "context"),
    "weight": lambda reader, at, value: reader.number(at, value, "weight", low=0, high=1000),
}
