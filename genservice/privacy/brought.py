"""An NLP engine and recognisers of others, beside ours and under the same promises.

Presidio's own parts go on in silence where something fails: a model that raises finds nothing, a
pattern that takes too long is skipped, a label without a type is dropped. Here each of these refuses.
"""

from __future__ import annotations

import re
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

import regex
from presidio_analyzer import AnalyzerEngine, PatternRecognizer
from presidio_analyzer.nlp_engine import NlpEngine, TransformersNlpEngine
from presidio_analyzer.nlp_engine.huggingface_token_pipe import FACTORY_NAME
from presidio_analyzer.predefined_recognizers import SpacyRecognizer
from presidio_analyzer.recognizer_registry import RecognizerRegistry

from genservice.privacy.presidio import LANGUAGE, THRESHOLD, checked
from genservice.privacy.screening import BrokenEngineError, StoppedError
from genservice.privacy.tagging import TaggerEngine
from genservice.privacy.values import Finding, Side

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Sequence

    from presidio_analyzer import EntityRecognizer, RecognizerResult
    from presidio_analyzer.nlp_engine import NlpArtifacts

NAMES = frozenset({"PERSON", "LOCATION", "ORGANIZATION", "NRP", "DATE_TIME", "ID", "TITLE"})
"""What may stand in a title's texts: names and dates are what they are about."""


class ModelFailedError(BaseException):
    """A model could not read a text. No `Exception`: Presidio would take it for "found nothing"."""


class Brought:
    """What others bring, ready to read.

    Args:
        engine: Splits texts into words and finds names; None where only recognisers were brought.
        recognisers: In addition to what the engine finds.
        revision: Pins all of it, for cache keys.
        deadline: Seconds after which a pattern is given up, and the text refused.
    """

    def __init__(
        self,
        engine: NlpEngine | None,
        recognisers: Sequence[EntityRecognizer],
        *,
        revision: str,
        deadline: float,
    ) -> None:
        self.revision = revision
        self._engine = engine or TaggerEngine(None, language=LANGUAGE)
        for recogniser in recognisers:
            if isinstance(recogniser, PatternRecognizer):
                _give_up_loudly(recogniser, deadline)
        self.types = frozenset(type_ for each in recognisers for type_ in each.supported_entities)
        structured = [
            each
            for each in recognisers
            if NAMES.isdisjoint(each.supported_entities) and not isinstance(each, SpacyRecognizer)
        ]
        self._deadline = deadline
        self._lock = threading.Lock()
        self._everywhere = _Analyser(self._engine, recognisers)
        self._in_titles = _Analyser(self._engine, structured) if structured else None

    def find(self, texts: Sequence[str], side: Side) -> list[list[Finding]]:
        """What is found in each folded text; in titles, no names.

        Raises:
            BrokenEngineError: An answer that cannot be true.
            ModelFailedError: The model could not read a text.
        """
        analyser = self._in_titles if side == "title" else self._everywhere
        if analyser is None:
            return [[] for _ in texts]
        with self._forgetting():
            read = cast(
                "Iterable[tuple[str, NlpArtifacts]]",
                self._engine.process_batch(list(texts), LANGUAGE, batch_size=len(texts) or 1),
            )
            return [
                analyser.find(text, artifacts)
                for text, (_, artifacts) in zip(texts, read, strict=True)
            ]

    @contextmanager
    def _forgetting(self) -> Generator[None]:
        """A model of spaCy keeps every word it ever read, unless told when to forget; one at a time."""
        pipelines = cast("dict[str, Any]", getattr(self._engine, "nlp", {}))
        if (pipeline := pipelines.get(LANGUAGE)) is None:
            yield
            return
        if not self._lock.acquire(timeout=self._deadline):
            raise StoppedError
        try:
            with pipeline.memory_zone():
                yield
        finally:
            self._lock.release()


class _Analyser(AnalyzerEngine):
    """Presidio's analyser, context words included, that refuses what Presidio would drop."""

    def __init__(self, engine: NlpEngine, recognisers: Sequence[EntityRecognizer]) -> None:
        super().__init__(
            registry=RecognizerRegistry(
                recognizers=list(recognisers), supported_languages=[LANGUAGE]
            ),
            nlp_engine=engine,
            supported_languages=[LANGUAGE],
            default_score_threshold=THRESHOLD,
        )
        self._types = sorted(set(self.get_supported_entities(LANGUAGE)))
        self._labels = frozenset(engine.get_supported_entities())

    def find(self, text: str, artifacts: NlpArtifacts) -> list[Finding]:
        """What is found in one text."""
        if not self._labels.issuperset(entity.label_ for entity in artifacts.entities):
            raise BrokenEngineError("a label without a type")
        return [
            Finding(
                start=result.start,
                end=result.end,
                type=result.entity_type,
                score=float(result.score),
            )
            for result in self.analyze(
                text, LANGUAGE, entities=self._types, nlp_artifacts=artifacts
            )
        ]

    def _enhance_using_context(
        self,
        text: str,
        raw_results: list[RecognizerResult],
        nlp_artifacts: NlpArtifacts,
        recognizers: list[EntityRecognizer],
        context: list[str] | None = None,
    ) -> list[RecognizerResult]:
        """As Presidio does it, if every result can be true and none is lost.

        Raises:
            BrokenEngineError: A recogniser answered nonsense, or in the name of another one.
        """
        for result in raw_results:
            checked(result, text)
        results = super()._enhance_using_context(
            text, raw_results, nlp_artifacts, recognizers, context
        )
        if len(results) != len(raw_results):
            raise BrokenEngineError("a result that no recogniser signs for")
        return results


class _Patient:
    """A compiled pattern that refuses where Presidio would skip it, and lets other threads go on."""

    def __init__(self, compiled: Any, deadline: float) -> None:
        self._compiled = compiled
        self._deadline = deadline

    def finditer(self, text: str, *, timeout: float) -> Iterable[Any]:
        """Every match, found in the time there is."""
        try:
            yield from self._compiled.finditer(
                text, timeout=min(timeout, self._deadline), concurrent=True
            )
        except TimeoutError:
            raise BrokenEngineError("a pattern took too long") from None


def _give_up_loudly(recogniser: PatternRecognizer, deadline: float) -> None:
    for pattern in recogniser.patterns:
        compiled = regex.compile(pattern.regex, flags=recogniser.global_regex_flags or 0)
        held = cast("Any", pattern)
        held.compiled_regex = _Patient(compiled, deadline)
        held.compiled_with_flags = recogniser.global_regex_flags


class _Strict:
    """A token classification pipeline whose failures are none of Presidio's business."""

    def __init__(self, pipeline: Callable[[Any], Any]) -> None:
        self._pipeline = pipeline

    def __getattr__(self, name: str) -> Any:
        return getattr(self._pipeline, name)

    def __call__(self, texts: str | list[str]) -> Any:
        try:
            answer = self._pipeline(texts)
            if isinstance(texts, str):
                return _joined(answer, texts)
            return [_joined(each, text) for each, text in zip(answer, texts, strict=True)]
        except Exception as error:  # noqa: BLE001 - whatever it is, nothing may pass
            raise ModelFailedError(type(error).__name__) from None


def _joined(predictions: list[dict[str, Any]], text: str) -> list[dict[str, Any]]:
    """Predictions with those within one run of letters made one.

    Presidio widens each to whole words, and then leaves out whatever overlaps the one before.
    """
    joined: list[dict[str, Any]] = []
    for each in sorted(predictions, key=lambda each: each["start"]):
        last = joined[-1] if joined else None
        if last is not None and re.search(r"\s", text[last["end"] : each["start"]]) is None:
            last["end"] = max(last["end"], each["end"])
            last["score"] = max(last["score"], each["score"])
        else:
            joined.append(dict(each))
    return joined


def read_strictly(engine: TransformersNlpEngine) -> None:
    """Let no failure of the engine's model pass for a text without names."""
    pipe = cast("Any", engine.get_nlp(LANGUAGE).get_pipe(FACTORY_NAME))
    pipe.pipeline = _Strict(pipe.pipeline)
