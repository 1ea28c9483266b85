"""Rule files: YAML to rules, every word checked against the declarations."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, cast

from genservice.domain import AGE_BANDS, CHANNELS, CONTROL_RULES, PROCESSORS, PURPOSES
from genservice.policy import fileshapes
from genservice.policy.declarations import ALL, region_words
from genservice.policy.reader import meant, quoted
from genservice.policy.regions import UNKNOWN
from genservice.policy.values import NONE, Choice, Place, Rule, Verb, When

if TYPE_CHECKING:
    from collections.abc import Collection

    from genservice.policy.declarations import Declarations
    from genservice.policy.reader import Reader

_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_DECISIONS = "allow, withhold or {coarsen: LEVEL}"


def read_rules(reader: Reader, declared: Declarations) -> list[Rule]:
    """The rules of one file; what is wrong with them is left in the reader."""
    fields = reader.fields("", reader.document.value, "a rule file", fileshapes.RuleFile)
    if "rules" not in fields:
        return []
    rules: list[Rule] = []
    for index, value in enumerate(reader.items("/rules", fields["rules"], "rules")):
        rule = _rule(reader, f"/rules/{index}", value, declared)
        if rule is not None:
            rules.append(rule)
    return rules


def _rule(reader: Reader, pointer: str, value: Any, declared: Declarations) -> Rule | None:
    before = len(reader.problems)
    fields = reader.fields(
        pointer,
        value,
        "a rule",
        fileshapes.Rule,
    )
    identifier = reader.exact(f"{pointer}/id", fields["id"], "an id") if "id" in fields else ""
    if identifier and not _ID.fullmatch(identifier):
        reader.wrong(
            f"{pointer}/id", f"an id is lower-case letters, digits and -: {quoted(identifier)}"
        )
    if identifier.startswith(CONTROL_RULES):
        reader.wrong(
            f"{pointer}/id",
            f"{quoted(identifier)} could be taken for what a viewer decided",
            hint=f"begin it otherwise: receipts call viewers' own controls {CONTROL_RULES}...",
        )
    why = reader.text(f"{pointer}/why", fields["why"], "why") if "why" in fields else ""
    when = (
        _when(reader, f"{pointer}/when", fields["when"], declared) if "when" in fields else When()
    )
    verb, level = _decision(reader, f"{pointer}/decision", fields.get("decision", "withhold"))
    names = (
        _signals(reader, f"{pointer}/signals", fields["signals"], verb, declared)
        if "signals" in fields
        else ()
    )
    _check_levels(reader, pointer, (verb, level), names, declared)
    if len(reader.problems) > before:
        return None
    line, column = reader.document.place(pointer)
    return Rule(
        id=identifier,
        why=why,
        when=when,
        signals=names,
        verb=verb,
        level=level,
        place=Place(reader.document.file, line, column),
    )


def _when(reader: Reader, pointer: str, value: Any, declared: Declarations) -> When:
    known: dict[str, tuple[str, Collection[str]]] = {
        "purpose": ("a purpose", PURPOSES),
        "region": (
            "a region of ISO 3166 or a group",
            region_words(UNKNOWN, *declared.groups.region),
        ),
        "age_band": ("an age band", (*AGE_BANDS, *declared.groups.age_band)),
        "consents": ("a consent", declared.consents),
        "channel": ("a channel", CHANNELS),
        "processor": ("a processor", PROCESSORS),
    }
    fields = reader.fields(pointer, value, "when", fileshapes.When)
    choices = {
        key: _choice(reader, f"{pointer}/{key}", fields[key], *known[key])
        for key in known
        if key in fields
    }
    gpc = reader.boolean(f"{pointer}/gpc", fields["gpc"], "gpc") if "gpc" in fields else None
    return When(gpc=gpc, **choices)


def _choice(reader: Reader, pointer: str, value: Any, what: str, known: Collection[str]) -> Choice:
    if not isinstance(value, dict):
        return Choice(reader.words(pointer, value, what, known))
    keys = cast("dict[str, Any]", value)
    if keys.keys() != {"not"}:
        reader.wrong(pointer, "this must be a list, or {not: [...]} and no other key")
        return Choice(())
    return Choice(reader.words(f"{pointer}/not", keys["not"], what, known), none_of=True)


def _decision(reader: Reader, pointer: str, value: Any) -> tuple[Verb, str | None]:
    if value == "allow":
        return "allow", None
    if value == "withhold":
        return "withhold", None
    if not isinstance(value, dict):
        shown = quoted(value) if isinstance(value, str) else "this"
        hint = meant(value, ["allow", "withhold"]) if isinstance(value, str) else None
        reader.wrong(pointer, f"not a decision: {shown}", hint=hint or _DECISIONS)
        return "withhold", None
    fields = reader.fields(pointer, cast("dict[str, Any]", value), "a decision", fileshapes.Coarsen)
    if "coarsen" not in fields:
        return "withhold", None
    level = reader.exact(f"{pointer}/coarsen", fields["coarsen"], "a level")
    return ("coarsen", level) if level else ("withhold", None)


def _signals(
    reader: Reader, pointer: str, value: Any, verb: Verb, declared: Declarations
) -> tuple[str, ...]:
    """The names of the signals a rule speaks of, groups resolved, sorted."""
    groups = declared.groups.signal
    known = declared.signal_names | groups.keys()
    if verb == "allow" and (value == ALL or isinstance(value, dict)):
        reader.wrong(
            pointer,
            "an allow names its signals one by one",
            hint="'all' and 'not' are for coarsen and withhold: a signal declared later must not be granted unseen",
        )
        return ()
    if value == ALL:
        return tuple(sorted(declared.signal_names))
    choice = _choice(reader, pointer, value, "a signal", known)
    named = {name for word in choice.words for name in groups.get(word, (word,))}
    spoken = declared.signal_names - named if choice.none_of else named
    if choice.words and not spoken:
        reader.wrong(
            pointer,
            "this rule speaks of no signal: 'not' names every one",
            hint="name the signals it is for",
        )
    return tuple(sorted(spoken))


def _check_levels(
    reader: Reader,
    pointer: str,
    decision: tuple[Verb, str | None],
    names: tuple[str, ...],
    declared: Declarations,
) -> None:
    verb, level = decision
    for name in names:
        signal = declared.signals.get(name)
        if signal is None:
            continue
        if verb == "allow" and signal.ladder == (NONE,):
            reader.wrong(
                f"{pointer}/signals",
                f"{name!r} is never used: its ladder is [{NONE}]",
                hint="take it out of this rule",
            )
        if level is not None and level not in signal.ladder:
            reader.wrong(
                f"{pointer}/decision/coarsen",
                f"{quoted(level)} is not on the ladder of {name!r}",
                hint=meant(level, signal.ladder),
            )
