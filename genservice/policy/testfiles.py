"""Test files: what policy owners expect of their rules, beside the rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from genservice.documents import suggestion
from genservice.domain import AGE_BANDS, CHANNELS, PROCESSORS, PURPOSES, Context, Purpose
from genservice.policy import fileshapes
from genservice.policy.declarations import region_words
from genservice.policy.reader import meant, quoted
from genservice.policy.regions import UNKNOWN
from genservice.policy.values import Expectation, InventedTitle, Place, Suite
from genservice.policy.variations import check_size, read_expected, read_vary, refuse_clock

if TYPE_CHECKING:
    from collections.abc import Collection

    from genservice.policy.declarations import Declarations
    from genservice.policy.reader import Reader

SUFFIX = "_test.yaml"

_FAMILIES = ("genres", "moods", "themes", "alerts")


def read_suite(reader: Reader, declared: Declarations) -> Suite:
    """The tests of one file; what is wrong with them is left in the reader."""
    fields = reader.fields(
        "",
        refuse_clock(reader, "", reader.document.value),
        "a test file",
        fileshapes.SuiteFile,
    )
    contexts = {
        name: _context(reader, f"/contexts/{name}", value, declared)
        for name, value in reader.mapping(
            "/contexts", fields.get("contexts", {}), "contexts"
        ).items()
    }
    audiences = {
        name: _audience(reader, f"/audiences/{name}", value, declared)
        for name, value in reader.mapping(
            "/audiences", fields.get("audiences", {}), "audiences"
        ).items()
    }
    expectations = {
        name: _levels(reader, f"/expectations/{name}", value, declared)
        for name, value in reader.mapping(
            "/expectations", fields.get("expectations", {}), "expectations"
        ).items()
    }
    tests: list[Expectation] = []
    for index, value in enumerate(reader.items("/tests", fields.get("tests", [{}]), "tests")):
        test = _test(
            reader, f"/tests/{index}", value, (contexts, audiences, expectations, declared)
        )
        if any(test.name == other.name for other in tests):
            reader.wrong(f"/tests/{index}/name", f"a test called {quoted(test.name)} stands above")
        tests.append(test)
    return Suite(
        file=reader.document.file,
        contexts={name: context for name, context in contexts.items() if context is not None},
        audiences=audiences,
        titles=_titles(reader, fields.get("titles", {})),
        tests=tuple(tests),
    )


def _context(reader: Reader, pointer: str, value: Any, declared: Declarations) -> Context | None:
    before = len(reader.problems)
    known: dict[str, tuple[str, Collection[str]]] = {
        "region": ("a region of ISO 3166", region_words(UNKNOWN)),
        "age_band": ("an age band", AGE_BANDS),
        "channel": ("a channel", CHANNELS),
        "processor": ("a processor", PROCESSORS),
    }
    fields = reader.fields(
        pointer,
        value,
        "a context",
        fileshapes.Context,
    )
    read: dict[str, Any] = {
        key: reader.word(f"{pointer}/{key}", fields[key], what, words)
        for key, (what, words) in known.items()
        if key in fields
    }
    if "consents" in fields:
        read["consents"] = reader.words(
            f"{pointer}/consents", fields["consents"], "a consent", declared.consents, empty=True
        )
    if "gpc" in fields:
        read["gpc"] = reader.boolean(f"{pointer}/gpc", fields["gpc"], "gpc")
    return None if len(reader.problems) > before else Context(purpose="synopsis", **read)


def _audience(reader: Reader, pointer: str, value: Any, declared: Declarations) -> dict[str, Any]:
    signals = reader.mapping(pointer, value, "an audience")
    for name in signals:
        _known_signal(reader, f"{pointer}/{name}", name, declared)
    return signals


def _known_signal(reader: Reader, pointer: str, name: str, declared: Declarations) -> None:
    if name not in declared.signal_names:
        hint = suggestion(name, declared.signal_names)
        reader.wrong_key(pointer, f"not a signal: {quoted(name)}", hint=hint)


def _titles(reader: Reader, value: Any) -> dict[str, InventedTitle]:
    titles: dict[str, InventedTitle] = {}
    for name, terms in reader.mapping("/titles", value, "titles").items():
        pointer = f"/titles/{name}"
        fields = reader.fields(pointer, terms, "a title", fileshapes.Title)
        words: dict[str, tuple[str, ...]] = {
            family: tuple(
                reader.text(f"{pointer}/{family}/{index}", word, "a word")
                for index, word in enumerate(
                    reader.items(f"{pointer}/{family}", fields[family], "the list")
                )
            )
            for family in _FAMILIES
            if family in fields
        }
        sensitive = reader.boolean(
            f"{pointer}/sensitive", fields.get("sensitive", False), "sensitive"
        )
        titles[name] = InventedTitle(sensitive=bool(sensitive), **words)
    return titles


def _test(
    reader: Reader,
    pointer: str,
    value: Any,
    known: tuple[
        dict[str, Context | None],
        dict[str, dict[str, Any]],
        dict[str, dict[str, str]],
        Declarations,
    ],
) -> Expectation:
    contexts, audiences, expectations, declared = known
    fields = reader.fields(
        pointer,
        refuse_clock(reader, pointer, value),
        "a test",
        fileshapes.Expectation,
    )
    audience = fields.get("audience")
    if "audience" in fields:
        audience = reader.word(f"{pointer}/audience", audience, "an audience", audiences)
    segment = fields.get("segment")
    if "segment" in fields and declared.segments is not None:
        segment = reader.word(f"{pointer}/segment", segment, "a segment", declared.segments)
    named: dict[str, tuple[str, ...]] = {
        key: reader.words(f"{pointer}/{key}", fields[key], what, words) if key in fields else ()
        for key, what, words in (
            ("contexts", "a context", contexts),
            ("purposes", "a purpose", PURPOSES),
        )
    }
    vary = (
        read_vary(reader, f"{pointer}/vary", fields["vary"], declared) if "vary" in fields else {}
    )
    check_size(reader, f"{pointer}/vary", vary, len(named["contexts"]) * len(named["purposes"]))
    sent = _sent(reader, pointer, fields, audiences, declared)
    line, column = reader.document.place(pointer)
    return Expectation(
        name=reader.text(f"{pointer}/name", fields.get("name", "unnamed"), "a name"),
        contexts=named["contexts"],
        purposes=cast("tuple[Purpose, ...]", named["purposes"]),
        audience=audience,
        segment=segment,
        vary=vary,
        expect=read_expected(
            reader,
            f"{pointer}/expect",
            fields.get("expect", {}),
            expectations,
            lambda at, levels: _levels(reader, at, levels, declared),
        ),
        brief=_brief(reader, pointer, fields, sent, declared),
        place=Place(reader.document.file, line, column),
    )


def _levels(reader: Reader, pointer: str, value: Any, declared: Declarations) -> dict[str, str]:
    expect: dict[str, str] = {}
    for name, level in reader.mapping(pointer, value, "expect").items():
        _known_signal(reader, f"{pointer}/{name}", name, declared)
        text = reader.exact(f"{pointer}/{name}", level, "a level")
        signal = declared.signals.get(name)
        if text and signal is not None and text not in signal.ladder:
            reader.wrong(
                f"{pointer}/{name}",
                f"{quoted(text)} is not on the ladder of {name!r}",
                hint=meant(text, signal.ladder),
            )
        expect[name] = text
    return expect


def _sent(
    reader: Reader,
    pointer: str,
    fields: dict[str, Any],
    audiences: dict[str, dict[str, Any]],
    declared: Declarations,
) -> frozenset[str]:
    """The signals that a test's audience and segment send; none may come from both."""
    audience = audiences.get(str(fields.get("audience")), {})
    segment = (declared.segments or {}).get(str(fields.get("segment")))
    named = {} if segment is None else segment.signals
    for name in sorted(audience.keys() & named.keys()):
        detail = f"both the audience and the segment send {name!r}"
        reader.wrong_key(f"{pointer}/segment", detail, hint="take it out of the audience")
    return frozenset((*audience, *named))


def _brief(
    reader: Reader,
    pointer: str,
    fields: dict[str, Any],
    sent: Collection[str],
    declared: Declarations,
) -> dict[str, Any]:
    if "brief" not in fields:
        return {}
    brief = reader.mapping(f"{pointer}/brief", fields["brief"], "brief")
    if fields.keys().isdisjoint(("audience", "segment")):
        reader.wrong_key(
            f"{pointer}/brief", "a brief needs an audience", hint="name one, or a segment"
        )
        return brief
    for name in brief:
        _known_signal(reader, f"{pointer}/brief/{name}", name, declared)
        if sent and name in declared.signal_names and name not in sent:
            reader.wrong_key(f"{pointer}/brief/{name}", f"the audience sends no {name!r}")
    return brief
