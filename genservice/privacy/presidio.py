"""Presidio, configured for English, offline and silent: the only module that imports it.

Importing it takes seconds (spaCy, and torch where installed), which is why `build_guard` does so
late.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from presidio_analyzer import AnalyzerEngine, LocalRecognizer, RecognizerResult
from presidio_analyzer import pattern_recognizer as presidio_patterns
from presidio_analyzer.context_aware_enhancers import ContextAwareEnhancer
from presidio_analyzer.nlp_engine import NlpArtifacts, NoOpNlpEngine
from presidio_analyzer.recognizer_registry import RecognizerRegistry
from presidio_anonymizer import AnonymizerEngine
from presidio_anonymizer.entities import OperatorConfig
from presidio_anonymizer.entities import RecognizerResult as AnonymizerResult

from genservice.errors import SettingsError
from genservice.privacy.predefined import impossible, predefined
from genservice.privacy.values import SIDES, Finding, Recogniser, Side

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from presidio_analyzer import EntityRecognizer

LANGUAGE = "en"
THRESHOLD = 0.3
"""Below this, Presidio's patterns are guesses (any nine digits are a social security number)."""

_LOGGERS = ("presidio-analyzer", "presidio-anonymizer", "decision_process", "tldextract")


class Presidio:
    """Presidio's analyser, one per side, and its anonymiser.

    Args:
        recognisers: Ours, beside Presidio's own.
        deadline: Seconds a screening may take; Presidio's regular expressions must not give up
            sooner, since it then goes on as though nothing had been found.

    Raises:
        SettingsError: REGEX_TIMEOUT_SECONDS is below the deadline.
    """

    def __init__(self, recognisers: Sequence[Recogniser], *, deadline: float) -> None:
        if deadline > presidio_patterns.REGEX_TIMEOUT_SECONDS:
            raise SettingsError("REGEX_TIMEOUT_SECONDS must not be below the guard's deadline.")
        _silence()
        theirs = predefined()
        self._analysers = {side: _analyser([*theirs, *_ours(recognisers, side)]) for side in SIDES}
        self._types = {
            side: sorted(set(analyser.get_supported_entities(LANGUAGE)))
            for side, analyser in self._analysers.items()
        }
        self._anonymiser = AnonymizerEngine()
        self._operators = {"DEFAULT": OperatorConfig("replace")}

    def find(self, text: str, side: Side) -> Iterable[Finding]:
        """What every recogniser of that side finds in a folded text, in no order, overlapping."""
        results = self._analysers[side].analyze(
            text, LANGUAGE, entities=self._possible(text, side), score_threshold=THRESHOLD
        )
        return [
            Finding(start=result.start, end=result.end, type=result.entity_type, score=result.score)
            for result in results
        ]

    def _possible(self, text: str, side: Side) -> list[str]:
        """The types that `text` can hold at all: most texts have no digit, and cost little then."""
        left_out = impossible(text)
        return [type_ for type_ in self._types[side] if type_ not in left_out]

    def replace(self, text: str, findings: Sequence[Finding]) -> str:
        """`text` with `<TYPE>` for every finding; findings are disjoint."""
        results = [
            AnonymizerResult(
                entity_type=finding.type,
                start=finding.start,
                end=finding.end,
                score=finding.score,
            )
            for finding in findings
        ]
        return self._anonymiser.anonymize(
            text, results, self._operators, merge_entities_with_spaces=False
        ).text


class _Ours(LocalRecognizer):
    """A recogniser of ours, as Presidio wants it."""

    def __init__(self, recogniser: Recogniser) -> None:
        self._recogniser = recogniser
        super().__init__(
            supported_entities=list(recogniser.types),
            name=recogniser.name,
            supported_language=LANGUAGE,
        )

    def load(self) -> None:
        """Nothing to load."""

    def analyze(
        self, text: str, entities: list[str], nlp_artifacts: NlpArtifacts | None = None
    ) -> list[RecognizerResult]:
        """What it finds; `entities` always holds its types."""
        return [
            RecognizerResult(
                entity_type=finding.type,
                start=finding.start,
                end=finding.end,
                score=finding.score,
                recognition_metadata={
                    RecognizerResult.RECOGNIZER_NAME_KEY: self.name,
                    RecognizerResult.RECOGNIZER_IDENTIFIER_KEY: self.id,
                },
            )
            for finding in self._recogniser.find(text)
        ]


class _NoContext(ContextAwareEnhancer):
    """Leaves scores alone: without tokens there is no context, and our rules bring their own."""

    def __init__(self) -> None:
        super().__init__(0.0, 0.0, 0, 0)

    def enhance_using_context(
        self, text: str, raw_results: list[RecognizerResult], *_: Any, **__: Any
    ) -> list[RecognizerResult]:
        """The results as they are."""
        return raw_results


def _ours(recognisers: Sequence[Recogniser], side: Side) -> list[EntityRecognizer]:
    return [_Ours(recogniser) for recogniser in recognisers if side in recogniser.sides]


def _analyser(recognisers: list[EntityRecognizer]) -> AnalyzerEngine:
    engine = NoOpNlpEngine(models=[{"lang_code": LANGUAGE, "model_name": "none"}])
    return AnalyzerEngine(
        registry=RecognizerRegistry(recognizers=recognisers, supported_languages=[LANGUAGE]),
        nlp_engine=engine,
        supported_languages=[LANGUAGE],
        context_aware_enhancer=_NoContext(),
        log_decision_process=False,
    )


def _refuse(_: logging.LogRecord) -> bool:
    return False


def _silence() -> None:
    """Presidio logs texts (a bad IBAN at ERROR, decisions at INFO). A filter outlives `dictConfig`."""
    for name in _LOGGERS:
        logger = logging.getLogger(name)
        if _refuse not in logger.filters:
            logger.addFilter(_refuse)
