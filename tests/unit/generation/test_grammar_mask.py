"""A model held to a grammar writes its texts and no others, whatever it would rather say."""

from __future__ import annotations

import msgspec
import torch
from hypothesis import given
from hypothesis import strategies as st

from genservice.generation.sampling import GrammarMask, WholeWords

VOCABULARY = ("<s>", "</s>", " a", " the", " [TITLE]", " [GENRE]", ".", ",", " watch")
SPELLED = (None, "", *VOCABULARY[2:])
END = 1
TEXTS = (
    ("watch", "[TITLE]", "."),
    ("a", "[GENRE]", ",", "the", "[GENRE]", "."),
    ("a", "[GENRE]", "."),
)


class Listed(msgspec.Struct, frozen=True):
    """A reading of texts that are listed."""

    texts: tuple[tuple[str, ...], ...]
    read: int = 0

    def words(self):
        return {text[self.read] for text in self.texts if len(text) > self.read}

    def after(self, word):
        going = tuple(t for t in self.texts if len(t) > self.read and t[self.read] == word)
        return Listed(going, self.read + 1) if going else None

    def may_end(self):
        return any(len(text) == self.read for text in self.texts)


def written(logits, texts=TEXTS):
    """What greedy decoding writes, row by row, where every step has logits of its own."""
    words = WholeWords(SPELLED, frozenset({END}))
    rows = logits.shape[1]
    mask = GrammarMask(words, Listed(texts), rows)
    ids = torch.zeros((rows, 1), dtype=torch.long)
    for scores in logits:
        chosen = mask(ids, scores.clone()).argmax(dim=-1, keepdim=True)
        ids = torch.cat([ids, chosen], dim=1)
    said = []
    for row in ids[:, 1:].tolist():
        kept = row[: row.index(END)] if END in row else row
        said.append(tuple(VOCABULARY[i].strip() for i in kept))
    return said


@given(st.integers(0, 2**32))
def test_only_texts_of_the_grammar_are_written(seed):
    noise = torch.Generator().manual_seed(seed)
    texts = written(torch.randn(8, 4, len(VOCABULARY), generator=noise) * 5)
    assert set(texts) <= set(TEXTS)


@given(st.integers(0, 2**32))
def test_what_the_model_prefers_decides_between_them(seed):
    logits = torch.randn(8, 1, len(VOCABULARY), generator=torch.Generator().manual_seed(seed))
    logits[0, 0, VOCABULARY.index(" watch")] = 100
    assert written(logits) == [TEXTS[0]]


def test_a_text_ends_where_nothing_can_follow():
    logits = torch.zeros(8, 1, len(VOCABULARY))
    assert written(logits, (("watch", "unheard-of", "."),)) == [("watch",)]


def test_ids_beyond_the_vocabulary_are_never_written():
    texts = written(torch.cat([torch.zeros(8, 1, 9), torch.full((8, 1, 3), 50.0)], dim=2))
    assert set(texts) <= set(TEXTS)
