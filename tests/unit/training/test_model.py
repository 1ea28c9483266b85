from __future__ import annotations

import msgspec
import pytest
import torch

from genservice.checking.phrases import Phrases
from tests.unit.composition.making import phrases, vocabulary
from training.model import begin_with, save, untrained
from training.tokens import build

WORDS = "model.embed_tokens.weight"


def with_one_phrase_more() -> Phrases:
    known = phrases()
    more = msgspec.structs.replace(known.phrases[0], id="more", text="[TITLE] hums quietly.")
    return Phrases(1, (*known.phrases, more))


def test_a_model_goes_on_from_weights_that_lack_some_of_its_words(tmp_path):
    torch.manual_seed(1)
    before = build(phrases(), vocabulary())
    older = untrained(before)
    save(older, before, tmp_path)
    after = build(with_one_phrase_more(), vocabulary())
    model = untrained(after)
    fresh = model.state_dict()[WORDS].clone()
    assert begin_with(model, after, tmp_path) == before.get_vocab_size()
    rows, old = model.state_dict()[WORDS], older.state_dict()[WORDS]
    for word, number in after.get_vocab().items():
        at = before.get_vocab().get(word)
        expected = fresh[number] if at is None else old[at].half().float()
        assert torch.equal(rows[number], expected), word
    assert "\u2581hums" not in before.get_vocab()
    name = "model.layers.1.mlp.up_proj.weight"
    assert torch.equal(model.state_dict()[name], older.state_dict()[name].half().float())


def test_weights_of_another_shape_are_refused(tmp_path):
    tokenizer = build(phrases(), vocabulary())
    save(untrained(tokenizer), tokenizer, tmp_path)
    other = untrained(tokenizer)
    del other.model.layers[3]
    with pytest.raises(ValueError, match="another shape"):
        begin_with(other, tokenizer, tmp_path)
