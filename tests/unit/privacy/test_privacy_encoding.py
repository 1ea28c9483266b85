"""Sentences, words and how they are written, as the tagger gets them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer
from tokenizers.models import WordPiece
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer

from genservice.privacy.encoding import (
    LONGEST,
    LOWER,
    MIXED,
    TITLE,
    UPPER,
    Encoder,
    case_of,
    sentences,
)

LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *LETTERS, *(f"##{each}" for each in LETTERS)]
    pieces += [*"!\"#$%&'()*+,-./:;<=>?@[]^_`{|}~", "emma", "##ville"]
    vocabulary = {piece: index for index, piece in enumerate(pieces)}
    tokenizer = Tokenizer(WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = BertPreTokenizer()
    return Encoder(tokenizer)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two!  Three?", ["One.", "Two!", "Three?"]),
        ("Ask Mr. Vale. He knows.", ["Ask Mr. Vale.", "He knows."]),
        ("J. Vale came. We left.", ["J. Vale came.", "We left."]),
        ("name: emma\n\ncity: kiel", ["name: emma", "city: kiel"]),
        ('He said "go." Then left', ['He said "go."', "Then left"]),
        ("at 3.30 it ended", ["at 3.30 it ended"]),
        ("  ", []),
        ("", []),
        ("wait... what", ["wait...", "what"]),
    ],
)
def test_a_text_falls_into_its_sentences(text: str, expected: list[str]) -> None:
    assert [text[start:end] for start, end in sentences(text)] == expected


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=300))
def test_no_letter_of_a_text_is_outside_its_sentences(text: str) -> None:
    spans = list(sentences(text))
    covered = set[int]()
    for start, end in spans:
        assert start < end
        assert not covered.intersection(range(start, end))
        covered.update(range(start, end))
    assert all(
        text[at].isspace() or not text[at].isalnum() for at in set(range(len(text))) - covered
    )


@pytest.mark.parametrize(
    ("word", "case"),
    [("emma", LOWER), ("Emma", TITLE), ("EMMA", UPPER), ("McKay", MIXED), ("I", TITLE), ("42", LOWER), ("-", LOWER), ("B2", UPPER)],
)  # fmt: skip
def test_how_a_word_is_written_is_told(word: str, case: int) -> None:
    assert case_of(word) == case


def test_pieces_of_one_word_share_its_case(encoder: Encoder) -> None:
    ((sentence,),) = encoder.encode(["Emmaville, ok"])
    assert sentence.cases == (LOWER, TITLE, TITLE, LOWER, LOWER, LOWER, LOWER)
    assert sentence.words == ((0, 9), (9, 10), (11, 13))
    assert sentence.heads == (1, 3, 4)


@given(st.text(alphabet=f"{LETTERS}{LETTERS.upper()} .,'-@", max_size=600))
def test_every_letter_is_in_one_word_and_no_part_is_too_long(encoder: Encoder, text: str) -> None:
    (parts,) = encoder.encode([text])
    assert all(len(part.pieces) == len(part.cases) <= LONGEST + 2 for part in parts)
    covered = [at for part in parts for start, end in part.words for at in range(start, end)]
    assert covered == [at for at, character in enumerate(text) if not character.isspace()]


def test_a_text_that_is_too_long_is_cut_between_words(encoder: Encoder) -> None:
    text = "abcde " * 60
    (parts,) = encoder.encode([text])
    assert len(parts) > 1
    assert [text[start:end] for part in parts for start, end in part.words] == ["abcde"] * 60
