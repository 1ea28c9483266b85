"""JSON Schema of the policy files, made from their shapes, for completion and hover in editors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import msgspec

from genservice.docstrings import told_below_fields
from genservice.domain import AGE_BANDS
from genservice.policy import fileshapes
from genservice.policy.declarations import ALL
from genservice.policy.fileshapes import WORDS
from genservice.policy.ladders import CHAINS
from genservice.policy.regions import COUNTRIES, UNKNOWN
from genservice.policy.values import NONE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from genservice.policy.declarations import Declarations
    from genservice.policy.fileshapes import Shape

Schema = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
FILES: dict[str, tuple[type[Shape], str]] = {
    "inferences.schema.json": (fileshapes.InferenceFile, "Inference rules"),
    "rules.schema.json": (fileshapes.RuleFile, "Rules"),
    "segments.schema.json": (fileshapes.SegmentsFile, "Segments"),
    "sentences.schema.json": (fileshapes.SentenceFile, "Tests of inference rules"),
    "signals.schema.json": (fileshapes.SignalsFile, "Signals"),
    "tests.schema.json": (fileshapes.SuiteFile, "Tests of rules"),
}
"""Name of a schema -> the shape of the files it is for, and its title."""

_DEFS = "#/$defs/"
_SUBDIVISION = "^[A-Z]{2}-[A-Z0-9]{1,3}$"
_ALLOW_NAMES_ITS_SIGNALS: Schema = {
    "if": {"properties": {"decision": {"const": "allow"}}, "required": ["decision"]},
    "then": {"properties": {"signals": {"not": {"anyOf": [{"const": ALL}, {"type": "object"}]}}}},
}


def schemas(declared: Declarations | None = None) -> dict[str, Schema]:
    """A schema for each kind of policy file, by its name.

    Args:
        declared: What a folder declares. With it, signals, consents, groups and segments are those of
            the folder, and no others; without it, any name will do.
    """
    _, defs = msgspec.json.schema_components(
        [shape for shape, _ in FILES.values()], ref_template=_DEFS + "{name}"
    )
    told = told_below_fields(fileshapes)
    words = _Words(declared)
    made = {
        name: cast("Schema", words.filled(_with_descriptions(schema, told.get(name, {}))))
        for name, schema in defs.items()
    }
    made |= words.kinds
    made["Rule"] |= _ALLOW_NAMES_ITS_SIGNALS
    return {
        name: {
            "$schema": DIALECT,
            "title": title,
            **_inlined(made[shape.__name__], made),
            "$defs": _reached(made[shape.__name__], made),
        }
        for name, (shape, title) in FILES.items()
    }


class _Words:
    """The words that belong where a shape says so.

    Attributes:
        kinds: Kind of word -> its schema.
    """

    def __init__(self, declared: Declarations | None) -> None:
        self._declared = declared
        levels = {level for chains in CHAINS.values() for chain in chains for level in chain}
        codes: list[Schema] = [{"enum": sorted(COUNTRIES)}, {"pattern": _SUBDIVISION}]
        self.kinds: dict[str, Schema] = {
            "region": {"type": "string", "anyOf": codes},
            "region_part": {"type": "string", "anyOf": [*codes, {"const": UNKNOWN}]},
            "country": {"enum": sorted(COUNTRIES)},
            "age_known": {"enum": [band for band in AGE_BANDS if band != UNKNOWN]},
            "level": {"enum": [*sorted(levels), NONE]},
            "region_or_group": self._any(
                (UNKNOWN, *sorted(COUNTRIES)),
                lambda own: own.groups.region,
                [{"pattern": _SUBDIVISION}],
            ),
            "age_or_group": self._any(AGE_BANDS, lambda own: own.groups.age_band),
            "consent": self._any((), lambda own: own.consents),
            "signal": self._any((), lambda own: own.signal_names),
            "signal_or_group": self._any(
                (ALL,), lambda own: [*own.groups.signal, *sorted(own.signal_names)]
            ),
            "segment": self._any((), lambda own: own.segments or ()),
        }

    def _any(
        self,
        words: Iterable[str],
        own: Callable[[Declarations], Iterable[str]],
        further: list[Schema] | None = None,
    ) -> Schema:
        """These words and a folder's own; where no folder is meant, any others too, and these offered."""
        known = list(words)
        if self._declared is not None:
            offered = [*known, *own(self._declared)]
            return (
                {"type": "string", "anyOf": [{"enum": offered}, *further]}
                if further
                else {"enum": offered}
            )
        return {"anyOf": [{"enum": known}, {"type": "string"}]} if known else {"type": "string"}

    def filled(self, node: Any) -> Any:
        """A schema that refers to the words where it says which belong there."""
        if isinstance(node, list):
            return [self.filled(item) for item in cast("list[Any]", node)]
        if not isinstance(node, dict):
            return node
        schema = cast("Schema", node)
        if WORDS in schema:
            rest = {key: item for key, item in schema.items() if key not in (WORDS, "type")}
            return {**rest, "$ref": _DEFS + schema[WORDS]}
        if self._declared is not None and schema.get("propertyNames") == {WORDS: "signal"}:
            return self._by_signal(schema, self._declared)
        return {key: self.filled(item) for key, item in schema.items()}

    def _by_signal(self, schema: Schema, declared: Declarations) -> Schema:
        """Values by signal, each signal with its label, so that an editor can offer them."""
        value = self.filled(schema.get("additionalProperties", {}))
        labels = {name: signal.label for name, signal in declared.signals.items()}
        rest = {key: item for key, item in schema.items() if key != "propertyNames"}
        return {
            **rest,
            "properties": {
                name: {**value, "description": labels.get(name, name)}
                for name in sorted(declared.signal_names)
            },
            "additionalProperties": False,
        }


def _with_descriptions(schema: Schema, told: Mapping[str, str]) -> Schema:
    properties = schema.get("properties", {})
    described = {
        name: {"description": told[name], **item} if name in told else item
        for name, item in properties.items()
    }
    rest = {key: item for key, item in schema.items() if key != "title"}
    return {**rest, "properties": described}


def _inlined(node: Any, defs: Mapping[str, Schema]) -> Any:
    """A schema in which `not`, which has a shape for each kind of word, stands where it is used."""
    if isinstance(node, list):
        return [_inlined(item, defs) for item in cast("list[Any]", node)]
    if not isinstance(node, dict):
        return node
    schema = cast("Schema", node)
    name = str(schema.get("$ref", "")).removeprefix(_DEFS)
    if name.startswith(fileshapes.Not.__name__):
        return _inlined(defs[name], defs)
    return {key: _inlined(item, defs) for key, item in schema.items()}


def _reached(node: Any, defs: Mapping[str, Schema]) -> dict[str, Schema]:
    """The definitions that a schema refers to, and those that they do."""
    found: dict[str, Schema] = {}
    waiting = [_inlined(node, defs)]
    while waiting:
        for name in sorted(_references(waiting.pop()) - found.keys()):
            found[name] = _inlined(defs[name], defs)
            waiting.append(found[name])
    return dict(sorted(found.items()))


def _references(node: Any) -> set[str]:
    if isinstance(node, list):
        return {name for item in cast("list[Any]", node) for name in _references(item)}
    if not isinstance(node, dict):
        return set()
    schema = cast("Schema", node)
    own = {schema["$ref"].removeprefix(_DEFS)} if "$ref" in schema else set[str]()
    return own.union(*(_references(item) for item in schema.values()))
