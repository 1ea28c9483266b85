"""The tagger as Presidio's NLP engine: what it tags becomes artifacts, and a recogniser reads those.

That is how Presidio means models to come in: they read a batch before any recogniser runs, so that
several texts go through at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from presidio_analyzer import LocalRecognizer, RecognizerResult
from presidio_analyzer.nlp_engine import NlpArtifacts, NlpEngine
from spacy.tokens import Doc
from spacy.vocab import Vocab

from genservice.privacy.encoding import sentences
from genservice.privacy.screening import BrokenEngineError
from genservice.privacy.values import Finding, Tagger

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

Memory = dict[str, tuple[Finding, ...]]
"""What was found in each sentence of one call."""


class Tagged(NlpArtifacts):
    """What the tagger found in one text, and nothing else: no tokens, no lemmas."""

    def __init__(self, tagged: tuple[Finding, ...], language: str, nothing: Doc) -> None:
        self.tagged = tagged
        super().__init__(
            entities=[],
            tokens=nothing,
            tokens_indices=[],
            lemmas=[],
            nlp_engine=None,  # pyright: ignore[reportArgumentType] - as Presidio allows where there are no lemmas
            language=language,
            scores=[],
        )


class TaggerEngine(NlpEngine):
    """A tagger, or none, as an NLP engine. Keeps nothing of what it reads.

    Args:
        tagger: What tags; without one, artifacts are empty.
        language: The only one it reads.
        fiction: Whether what was found in a sentence is a story's, and left standing.
    """

    engine_name = "genservice_tagger"
    is_available = True

    def __init__(
        self,
        tagger: Tagger | None,
        *,
        language: str,
        fiction: Callable[[str, Finding], bool] | None = None,
    ) -> None:
        self._tagger = tagger
        self._fiction = fiction
        self._language = language
        self._nothing = Doc(Vocab(), words=[])

    def load(self) -> None:
        """Nothing to load: the tagger came loaded."""

    def is_loaded(self) -> bool:
        """True."""
        return True

    def process_text(self, text: str, language: str) -> NlpArtifacts:
        """What the tagger finds in one text."""
        ((_, artifacts),) = self.process_batch([text], language)
        return artifacts

    def process_batch(
        self, texts: Iterable[str], language: str, *_: Any, memory: Memory | None = None, **__: Any
    ) -> Iterator[tuple[str, NlpArtifacts]]:
        """What the tagger finds in each text, all of them read at once.

        Args:
            texts: Folded.
            language: The engine's.
            memory: What was found in the call's earlier readings; grows.

        Raises:
            BrokenEngineError: The tagger's answer is none to what it was asked.
        """
        texts = tuple(texts)
        for text, found in zip(
            texts, self._found(texts, {} if memory is None else memory), strict=True
        ):
            yield text, Tagged(found, language, self._nothing)

    def _found(self, texts: Sequence[str], memory: Memory) -> list[tuple[Finding, ...]]:
        if self._tagger is None:
            return [()] * len(texts)
        spans = [[(start, text[start:end]) for start, end in sentences(text)] for text in texts]
        new = list(
            dict.fromkeys(
                sentence for each in spans for _, sentence in each if sentence not in memory
            )
        )
        if new:
            answers = list(self._tagger.tag(new))
            if len(answers) != len(new):
                raise BrokenEngineError("not one answer a sentence")
            for sentence, answer in zip(new, answers, strict=True):
                fitting = [_fitting(finding, sentence) for finding in answer]
                memory[sentence] = tuple(
                    each
                    for each in fitting
                    if self._fiction is None or not self._fiction(sentence, each)
                )
        return [
            tuple(
                Finding(
                    start=finding.start + start,
                    end=finding.end + start,
                    type=finding.type,
                    score=finding.score,
                )
                for start, sentence in each
                for finding in memory[sentence]
            )
            for each in spans
        ]

    def is_stopword(self, word: str, language: str) -> bool:
        """False: there are no words here."""
        return False

    def is_punct(self, word: str, language: str) -> bool:
        """False: there are no words here."""
        return False

    def get_supported_entities(self) -> list[str]:
        """What the tagger may find."""
        return [] if self._tagger is None else list(self._tagger.types)

    def get_supported_languages(self) -> list[str]:
        """The language it reads."""
        return [self._language]


class TaggerRecogniser(LocalRecognizer):
    """Turns what the tagger found into Presidio's results."""

    def __init__(self, tagger: Tagger, *, language: str) -> None:
        super().__init__(
            supported_entities=list(tagger.types), name="tagger", supported_language=language
        )

    def load(self) -> None:
        """Nothing to load."""

    def analyze(
        self, text: str, entities: list[str], nlp_artifacts: NlpArtifacts | None = None
    ) -> list[RecognizerResult]:
        """What the artifacts hold.

        Raises:
            BrokenEngineError: They are not the tagger's: nobody read this text.
        """
        if not isinstance(nlp_artifacts, Tagged):
            raise BrokenEngineError("a text was not tagged")
        return [
            RecognizerResult(finding.type, finding.start, finding.end, finding.score)
            for finding in nlp_artifacts.tagged
        ]


def _fitting(finding: object, sentence: str) -> Finding:
    """A finding that lies within its sentence: another one would be shifted into its neighbour."""
    if not isinstance(finding, Finding) or not 0 <= finding.start < finding.end <= len(sentence):
        raise BrokenEngineError("an impossible finding")
    return finding
