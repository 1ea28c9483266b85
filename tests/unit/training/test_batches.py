from __future__ import annotations

import torch
from transformers import LlamaConfig, LlamaForCausalLM

from tests.unit.composition.making import phrases, vocabulary
from training.batches import IGNORED, batches, padded, row
from training.pairs import Group
from training.tokens import END, build

GROUP = Group(
    "promo tile 90 tense film | angle none | [TITLE] 2 [GENRE] crime | write",
    ("[TITLE]: a [GENRE].", "Lights down. [TITLE]."),
)


def tiny(size: int) -> LlamaForCausalLM:
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=size,
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=2,
    )
    return LlamaForCausalLM(config).eval()


def test_texts_that_share_a_prompt_do_not_see_each_other():
    tokenizer = build(phrases(), vocabulary())
    model = tiny(tokenizer.get_vocab_size())
    batch = padded([row(GROUP, tokenizer), row(Group(GROUP.prompt, GROUP.texts[:1]), tokenizer)])
    with torch.no_grad():
        packed = model(
            input_ids=batch.tokens, attention_mask=batch.mask, position_ids=batch.positions
        ).logits
        for text in GROUP.texts:
            alone = tokenizer.encode(GROUP.prompt).ids
            alone += tokenizer.encode(text, add_special_tokens=False).ids
            logits = model(input_ids=torch.tensor([alone])).logits[0]
            learned = [i for i, label in enumerate(batch.labels[0]) if label != IGNORED]
            ends = [i for i in learned if batch.labels[0][i] == END]
            end = ends[GROUP.texts.index(text)]
            length = len(tokenizer.encode(text, add_special_tokens=False).ids) + 1
            together = packed[0, end - length + 1 : end + 1]
            assert torch.allclose(together, logits[-length:], atol=1e-5)


def test_only_texts_are_learned_and_each_ends():
    tokenizer = build(phrases(), vocabulary())
    made = row(GROUP, tokenizer)
    learned = [label for label in made.labels if label != IGNORED]
    expected = [
        token
        for text in GROUP.texts
        for token in [*tokenizer.encode(text, add_special_tokens=False).ids, END]
    ]
    assert learned == expected


def test_batches_hold_every_row_once():
    tokenizer = build(phrases(), vocabulary())
    rows = [row(Group(GROUP.prompt + " |" * i, GROUP.texts), tokenizer) for i in range(32)]
    drawn = [one for batch in batches(rows, 4) for one in batch]
    assert sorted(len(one.tokens) for one in drawn) == sorted(len(one.tokens) for one in rows)
