"""Presidio, configured for English, offline and silent.

Importing it takes seconds (spaCy, and torch where installed), which is why `build_guard` does so
late.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from presidio_analyzer import AnalyzerEngine, LocalRecognizer, RecognizerResult
from presidio_analyzer import pattern_recognizer as presidio_patterns
from presidio_analyzer.recognizer_registry import RecognizerRegistry
from presidio_anonymizer import AnonymizerEngine
from presidio_anonymizer.entities import OperatorConfig
from presidio_anonymizer.entities import RecognizerResult as AnonymizerResult

from genservice.errors import SettingsError
from genservice.privacy.predefined import impossible, predefined
from genservice.privacy.screening import BrokenEngineError
from genservice.privacy.tagging import TaggerEngine, TaggerRecogniser
from genservice.privacy.values import SIDES, TYPES, Finding, Recogniser, Side, Tagger

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from presidio_analyzer import EntityRecognizer
    from presidio_analyzer.nlp_engine import NlpArtifacts

    from genservice.privacy.brought import Brought
    from genservice.privacy.tagging import Memory

LANGUAGE = "en"
THRESHOLD = 0.3
"""Below this, Presidio's patterns are guesses (any nine digits are a social security number)."""
TAGGED: frozenset[Side] = frozenset({"viewer", "output"})
"""Where the tagger reads: names stay in titles."""

_LOGGERS = ("presidio-analyzer", "presidio-anonymizer", "decision_process", "tldextract")


class Presidio:
    """Presidio's analyser, one per side, and its anonymiser.

    Args:
        recognisers: Ours, beside Presidio's own.
        deadline: Seconds a screening may take; Presidio's regular expressions must not give up
            sooner, since it then goes on as though nothing had been found.
        tagger: Finds names on the sides of viewers and output.
        fiction: Whether what it found in a viewer's sentence is a story's, and nobody's data.
        brought: An NLP engine and recognisers of others, in addition.

    Raises:
        SettingsError: REGEX_TIMEOUT_SECONDS is below the deadline.
    """

    def __init__(
        self,
        recognisers: Sequence[Recogniser],
        *,
        deadline: float,
        tagger: Tagger | None = None,
        fiction: Callable[[str, Finding], bool] | None = None,
        brought: Brought | None = None,
    ) -> None:
        if deadline > presidio_patterns.REGEX_TIMEOUT_SECONDS:
            raise SettingsError("REGEX_TIMEOUT_SECONDS must not be below the guard's deadline.")
        silence()
        theirs = predefined()
        self.types = frozenset(TYPES) if brought is None else brought.types | set(TYPES)
        self._brought = brought
        self._analysers = {
            side: _Analyser(
                [*theirs, *(_Ours(each) for each in recognisers if side in each.sides)],
                tagger if side in TAGGED else None,
                fiction if side == "viewer" else None,
            )
            for side in SIDES
        }
        self._anonymiser = AnonymizerEngine()
        self._operators = {"DEFAULT": OperatorConfig("replace")}

    def reader(self, side: Side) -> Reader:
        """What reads the texts of one call."""
        return Reader(self._analysers[side], self._brought, side)

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


class Reader:
    """Reads the texts of one call; a sentence that stands in two readings is tagged once."""

    def __init__(self, analyser: _Analyser, brought: Brought | None, side: Side) -> None:
        self._analyser = analyser
        self._brought = brought
        self._side: Side = side
        self._memory: Memory = {}

    def find(self, texts: Sequence[str]) -> Sequence[Iterable[Finding]]:
        """What every recogniser of the side finds in each folded text, in no order, overlapping."""
        found = self._analyser.find(texts, self._memory)
        if self._brought is None:
            return found
        more = self._brought.find(texts, self._side)
        return [[*one, *other] for one, other in zip(found, more, strict=True)]


class _Analyser(AnalyzerEngine):
    """Presidio's analyser without what it does for recognisers that come and go, or want context."""

    def __init__(
        self,
        recognisers: list[EntityRecognizer],
        tagger: Tagger | None,
        fiction: Callable[[str, Finding], bool] | None,
    ) -> None:
        if tagger is not None:
            recognisers.append(TaggerRecogniser(tagger, language=LANGUAGE))
        self._tagging = TaggerEngine(tagger, language=LANGUAGE, fiction=fiction)
        super().__init__(
            registry=_Registry(recognisers),
            nlp_engine=self._tagging,
            supported_languages=[LANGUAGE],
            log_decision_process=False,
        )
        self._types = sorted(set(self.get_supported_entities(LANGUAGE)))

    def find(self, texts: Sequence[str], memory: Memory) -> list[list[Finding]]:
        """What is found in each text; `memory` spares the tagger what it has read."""
        return [
            [
                Finding(
                    start=result.start, end=result.end, type=result.entity_type, score=result.score
                )
                for result in self.analyze(
                    text,
                    LANGUAGE,
                    entities=self._possible(text),
                    score_threshold=THRESHOLD,
                    nlp_artifacts=artifacts,
                )
            ]
            for text, artifacts in self._tagging.process_batch(texts, LANGUAGE, memory=memory)
        ]

    def _possible(self, text: str) -> list[str]:
        """The types that `text` can hold at all: most texts have no digit, and cost little then."""
        left_out = impossible(text)
        return [type_ for type_ in self._types if type_ not in left_out]

    def _enhance_using_context(
        self,
        text: str,
        raw_results: list[RecognizerResult],
        nlp_artifacts: NlpArtifacts,
        recognizers: list[EntityRecognizer],
        context: list[str] | None = None,
    ) -> list[RecognizerResult]:
        """The results as they are, if they can be true.

        Without tokens there is no context, and our rules bring their own. Here and not later, because
        Presidio drops in silence what has no comparable score, and what no recogniser signs for.

        Raises:
            BrokenEngineError: A recogniser answered nonsense.
        """
        for result in raw_results:
            checked(result, text)
        return raw_results


class _Registry(RecognizerRegistry):
    """Recognisers that never change. Looking up who finds what takes longer than most of them do."""

    def __init__(self, recognisers: list[EntityRecognizer]) -> None:
        super().__init__(recognizers=recognisers, supported_languages=[LANGUAGE])
        self._chosen: dict[tuple[str, ...], list[EntityRecognizer]] = {}

    def get_recognizers(
        self,
        language: str,
        entities: list[str] | None = None,
        all_fields: bool = False,
        ad_hoc_recognizers: list[EntityRecognizer] | None = None,
    ) -> list[EntityRecognizer]:
        """Those that may find one of `entities`, looked up once."""
        key = tuple(entities or ())
        if (chosen := self._chosen.get(key)) is None:
            chosen = self._chosen[key] = super().get_recognizers(
                language, entities, all_fields, ad_hoc_recognizers
            )
        return chosen


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
            RecognizerResult(finding.type, finding.start, finding.end, finding.score)
            for finding in self._recogniser.find(text)
        ]


def checked(result: RecognizerResult, text: str) -> RecognizerResult:
    """A result over `text` that can be true.

    Raises:
        BrokenEngineError: It cannot.
    """
    if not (0 <= result.start < result.end <= len(text) and 0 <= result.score <= 1):
        raise BrokenEngineError("an impossible finding")
    return result


def silence() -> None:
    """Presidio logs texts (a bad IBAN at ERROR, decisions at INFO). A filter outlives `dictConfig`."""
    for name in _LOGGERS:
        logger = logging.getLogger(name)
        if _refuse not in logger.filters:
            logger.addFilter(_refuse)


def _refuse(_: logging.LogRecord) -> bool:
    return False
