"""What others bring to the guard, loaded from the files that name it. Nothing is downloaded."""

from __future__ import annotations

import re
from importlib import metadata
from typing import TYPE_CHECKING, Any, cast

from presidio_analyzer import PatternRecognizer, RemoteRecognizer
from presidio_analyzer.nlp_engine import (
    NerModelConfiguration,
    NlpEngine,
    SlimSpacyNlpEngine,
    SpacyNlpEngine,
    StanzaNlpEngine,
    TransformersNlpEngine,
)
from presidio_analyzer.nlp_engine.huggingface_token_pipe import FACTORY_NAME
from presidio_analyzer.predefined_recognizers import EmailRecognizer, SpacyRecognizer
from presidio_analyzer.recognizer_registry import RecognizerRegistry
from presidio_analyzer.recognizer_registry.recognizers_loader_utils import RecognizerListLoader

from genservice.canonical import digest
from genservice.errors import DocumentError
from genservice.privacy.brought import Brought, read_strictly
from genservice.privacy.brought_files import (
    LABELS,
    MODELS,
    RECOGNISERS,
    Engine,
    Names,
    Pair,
    Registry,
    digest_of,
    hub_model,
    read_engine,
    read_registry,
    spacy_model,
)
from genservice.privacy.presidio import LANGUAGE, THRESHOLD, silence

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from presidio_analyzer import EntityRecognizer

    from genservice.documents import Document

_LIBRARIES = ("spacy", "transformers", "regex")


def load_brought(
    engine_file: Path | None, registry_file: Path | None, *, deadline: float
) -> Brought | None:
    """What these files name, loaded; None where there are none. Nothing is downloaded.

    Raises:
        DocumentError: A file is wrong, or names what is not on this machine.
    """
    if engine_file is None and registry_file is None:
        return None
    silence()
    pinned: dict[str, Any] = {name: metadata.version(name) for name in _LIBRARIES}
    engine: NlpEngine | None = None
    recognisers: list[EntityRecognizer] = []
    configured: Sequence[dict[str, Any]] = ()
    if registry_file is not None:
        pinned["recognisers"] = digest_of(registry_file)
        document, registry = read_registry(registry_file)
        configured = registry.recognizers
        recognisers = _recognisers(document, registry, context=engine_file is not None)
    if engine_file is not None:
        pinned["engine"] = digest_of(engine_file)
        document, wanted = read_engine(engine_file)
        engine, pinned["models"] = _engine(document, wanted)
        recognisers += _of_engine(document, engine, configured)
    return Brought(engine, recognisers, revision=digest(pinned), deadline=deadline)


def _engine(document: Document, wanted: Engine) -> tuple[NlpEngine, list[str]]:
    """The engine, loaded, and what pins its models."""
    model = wanted.models[0].model_name
    names = wanted.ner_model_configuration or Names()
    given: dict[str, Any] = {
        key: value for key in Names.__struct_fields__ if (value := getattr(names, key)) is not None
    }
    settings = NerModelConfiguration(**given)
    pinned: list[str]
    if isinstance(model, Pair):
        pinned = [spacy_model(document, model.spacy, pointer=f"{MODELS}/spacy")]
        folder, pin = hub_model(document, model.transformers)
        pinned.append(pin)
        models: list[Any] = [
            {
                "lang_code": LANGUAGE,
                "model_name": {"spacy": model.spacy, "transformers": str(folder)},
            }
        ]
        engine = TransformersNlpEngine(models, settings)
    else:
        models = [{"lang_code": LANGUAGE, "model_name": model}]
        if wanted.nlp_engine_name == "stanza":
            pinned = [f"stanza {model}"]
            engine = _stanza(document, models, settings)
        else:
            pinned = [spacy_model(document, model, pointer=MODELS)]
            engine = (
                SpacyNlpEngine(models, settings)
                if wanted.nlp_engine_name == "spacy"
                else SlimSpacyNlpEngine(models, auto_download=False)
            )
    try:
        engine.load()
    except Exception as error:  # noqa: BLE001 - each library has errors of its own
        raise DocumentError(
            document.problem(MODELS, f"cannot be loaded: {type(error).__name__}")
        ) from None
    if isinstance(engine, TransformersNlpEngine):
        read_strictly(engine)
    return engine, pinned


def _stanza(
    document: Document, models: list[Any], settings: NerModelConfiguration
) -> StanzaNlpEngine:
    if not StanzaNlpEngine.is_available:
        hint = "install it first: pip install stanza"
        raise DocumentError(
            document.problem("/nlp_engine_name", "the package stanza is not installed", hint=hint)
        )
    return StanzaNlpEngine(models, settings, download_if_missing=False)


def _of_engine(
    document: Document, engine: NlpEngine, configured: Sequence[dict[str, Any]]
) -> list[EntityRecognizer]:
    """What turns the engine's names into results, unless the registry switches it off.

    Raises:
        DocumentError: The model has labels that nothing is said about.
    """
    if isinstance(engine, SlimSpacyNlpEngine) or not isinstance(engine, SpacyNlpEngine):
        return []
    kind = RecognizerRegistry.get_nlp_recognizer(engine)
    if any(_named(each) == kind.__name__ and not each["enabled"] for each in configured):
        return []
    settings = engine.ner_model_configuration
    ignored = set(settings.labels_to_ignore or ())
    known = ignored | set(settings.model_to_presidio_entity_mapping or ())
    if lost := sorted(_labels(engine) - known):
        hint = "map them to types, or list them under labels_to_ignore"
        raise DocumentError(
            document.problem(LABELS, f"labels without a type: {', '.join(lost)}", hint=hint)
        )
    return [kind(supported_language=LANGUAGE, supported_entities=engine.get_supported_entities())]


def _labels(engine: SpacyNlpEngine) -> set[str]:
    """Every label that the model of an engine may give, as far as it tells."""
    nlp = engine.get_nlp(LANGUAGE)
    if isinstance(engine, TransformersNlpEngine):
        labels: Iterable[str] = cast(
            "Any", nlp.get_pipe(FACTORY_NAME)
        ).pipeline.model.config.id2label.values()
        return {re.sub(r"^[BIES]-", "", label) for label in labels} - {"O"}
    named = ("ner", "entity_ruler", "span_ruler")
    return {
        label
        for name, labels in nlp.pipe_labels.items()
        if any(each in name for each in named)
        for label in labels
    }


def _recognisers(
    document: Document, registry: Registry, *, context: bool
) -> list[EntityRecognizer]:
    """The recognisers that a registry names, without those that an engine brings.

    Raises:
        DocumentError: One cannot be made, asks the network, or could never find anything.
    """
    recognisers: list[EntityRecognizer] = []
    for at, config in enumerate(registry.recognizers):
        place = f"{RECOGNISERS}/{at}"
        if _elsewhere(config):
            raise DocumentError(
                document.problem(
                    place,
                    "sends texts elsewhere, or loads a model by itself",
                    hint="models come in through GENSERVICE_GUARD_NLP",
                )
            )
        try:
            made = RecognizerListLoader.get(
                cast("Any", [config]), [LANGUAGE], registry.flags, registry.countries
            )
        except Exception as error:  # noqa: BLE001 - each recogniser has errors of its own
            raise DocumentError(
                document.problem(place, f"cannot be made: {type(error).__name__}")
            ) from None
        for recogniser in made:
            if isinstance(recogniser, SpacyRecognizer | EmailRecognizer):
                continue  # the engine brings the one; the other is ours already, and asks no network
            if (
                isinstance(recogniser, PatternRecognizer)
                and not context
                and _too_unsure(recogniser)
            ):
                detail = f"no pattern scores {THRESHOLD} or more, and there are no context words"
                hint = "raise a score, or set GENSERVICE_GUARD_NLP: it is what reads context"
                raise DocumentError(document.problem(place, detail, hint=hint))
            recognisers.append(recogniser)
    return recognisers


def _named(config: dict[str, Any]) -> str:
    return config.get("class_name") or config["name"]


def _elsewhere(config: dict[str, Any]) -> bool:
    if config.get("type") == "custom" or not config["enabled"]:
        return False
    kind = RecognizerListLoader.get_existing_recognizer_cls(_named(config))
    module = kind.__module__.split(".")
    return issubclass(kind, RemoteRecognizer) or "third_party" in module or "ner" in module


def _too_unsure(recogniser: PatternRecognizer) -> bool:
    validated = type(recogniser).validate_result is not PatternRecognizer.validate_result
    return (
        not validated
        and not recogniser.score_thresholds
        and all(pattern.score < THRESHOLD for pattern in recogniser.patterns)
    )
