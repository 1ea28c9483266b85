"""A prompt of one line has the tokens that the tokenizer gives it, looked up word by word or not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer, models
from transformers import PreTrainedTokenizerFast

from genservice.domain import Rendered
from genservice.generation import embedded_folder
from genservice.generation.checkpoint import Checkpoint
from genservice.generation.prompt_form import PromptForm
from genservice.prompting import compact
from tests.unit.composition.making import brief

ODD = ["", ".", "a.b", ",", "<s>", "a</s>", "▁", "▁tile", "[TITLE].", "\n", "\u00a0", "é", "word"]


@pytest.fixture(scope="module")
def embedded():
    return Checkpoint(embedded_folder(), device="cpu")


class Counting:
    """A tokenizer, and how often it was asked."""

    def __init__(self, tokenizer: PreTrainedTokenizerFast) -> None:
        self._tokenizer = tokenizer
        self.asked = 0

    def __call__(self, *given, **named):
        self.asked += 1
        return self._tokenizer(*given, **named)


def form(tokenizer, words) -> PromptForm:
    return PromptForm(embedded_folder(), tokenizer, compact=True, encoder=False, words=words)


def line(text: str) -> Rendered:
    return Rendered(compact=text, turns=(), revision="promo@1 sha256:00")


def test_prompts_of_the_path_are_looked_up_and_have_the_tokenizers_tokens(embedded) -> None:
    tokenizer = Counting(embedded._tokenizer)
    made = form(tokenizer, embedded._words.known)
    lines = [
        compact(brief(purpose=purpose, channel=channel, length=length, angle=(angle,)))
        for purpose in ("promo", "synopsis")
        for channel, length in (("tile", "short"), ("email", "medium"), ("detail", "long"))
        for angle in ("GENRE", "LEAD", "THEME")
    ]
    before = tokenizer.asked
    found = [made.encode(line(text)) for text in lines]

    assert tokenizer.asked == before
    assert found == [embedded._tokenizer(text)["input_ids"] for text in lines]


@given(st.data())
def test_any_line_has_the_tokenizers_tokens(embedded, data) -> None:
    words = st.sampled_from(sorted(embedded._words.known)) | st.sampled_from(ODD) | st.text()
    text = " ".join(data.draw(st.lists(words, max_size=8)))
    assert embedded.encode(line(text)) == embedded._tokenizer(text)["input_ids"]


def test_where_words_are_not_taken_each_by_itself_the_tokenizer_is_asked() -> None:
    # Without anything that splits a line, only a line of one word is a word.
    core = Tokenizer(models.WordLevel({"<unk>": 0, "a": 1, "b": 2}, unk_token="<unk>"))
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=core, unk_token="<unk>")
    made = form(tokenizer, ["a", "b"])

    assert made.encode(line("a")) == [1]
    assert made.encode(line("a b")) == [0]
