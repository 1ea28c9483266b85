"""How the tagger learns: rows and batches, teachers that never saw what they are asked of, averages."""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer
from transformers import BertConfig, BertForTokenClassification

from genservice.privacy.encoding import Encoder
from training.tagging.drawing import FILLED, UNMEASURED, Rows, load_rows, rows_of
from training.tagging.examples import TAGS, marked
from training.tagging.learning import (
    Learning,
    Table,
    groups_of,
    learn,
    logits_of,
    measured,
    said_by,
)

if TYPE_CHECKING:
    from pathlib import Path

CPU = torch.device("cpu")
SENTENCES = (
    (0, "Ask [[Emma|PERSON]] about it"),
    (1, "we live in [[Bath|LOCATION]]"),
    (FILLED, "[[Priya Raman|PERSON]] wants something slow and sad for a rainy sunday"),
    (0, "nothing here"),
    (1, "thanks, [[Tomasz|PERSON]]"),
)


@pytest.fixture(scope="module")
def rows() -> Rows:
    folder = resources.files("genservice.privacy").joinpath("weights")
    encoder = Encoder(Tokenizer.from_str(folder.joinpath("tokenizer.json").read_text("utf-8")))
    return rows_of([(part, marked(text)) for part, text in SENTENCES], encoder)


def small(seed: int) -> BertForTokenClassification:
    torch.manual_seed(seed)
    config = BertConfig(
        vocab_size=28_622,
        hidden_size=24,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=128,
        type_vocab_size=4,
        num_labels=len(TAGS),
    )
    return BertForTokenClassification(config).eval()


def test_rows_come_back_from_their_file(rows: Rows, tmp_path: Path) -> None:
    rows.save(tmp_path / "rows.npz")
    again = load_rows(tmp_path / "rows.npz")
    for name in Rows.__struct_fields__:
        assert np.array_equal(getattr(again, name), getattr(rows, name))


@pytest.mark.parametrize("shuffled", [True, False])
def test_every_sentence_is_in_one_batch_and_no_batch_is_too_large(
    rows: Rows, shuffled: bool
) -> None:
    rng = np.random.default_rng(3) if shuffled else None
    groups = groups_of(rows, 24, rng=rng)
    assert sorted(np.concatenate(groups)) == list(range(len(rows.ends)))
    lengths = np.diff(rows.ends, prepend=0)
    assert all(len(group) == 1 or len(group) * lengths[group].max() <= 24 for group in groups)


def test_a_part_that_is_left_out_is_in_no_batch(rows: Rows) -> None:
    shown = np.concatenate(groups_of(rows, 100, leave_out=0))
    assert set(rows.part[shown]) == {1, FILLED}


def test_a_batch_holds_each_sentence_as_it_was_and_nothing_beside(rows: Rows) -> None:
    (group,) = groups_of(rows, 10_000)
    batch = Table(rows, None, CPU).batch(group)
    starts = np.concatenate(([0], rows.ends[:-1]))
    for at, index in enumerate(group):
        length = rows.ends[index] - starts[index]
        held = slice(starts[index], rows.ends[index])
        assert batch.given["input_ids"][at, :length].tolist() == rows.pieces[held].tolist()
        assert batch.tags[at, :length].tolist() == rows.tags[held].tolist()
        assert batch.given["attention_mask"][at].sum() == length
        assert set(batch.tags[at, length:].tolist()) <= {UNMEASURED}


def test_of_a_part_only_the_teacher_is_asked_that_never_saw_it(rows: Rows) -> None:
    teachers = [small(1), small(2)]
    answer = said_by(teachers, rows, CPU)
    each = [said_by([teacher, teacher], rows, CPU) for teacher in teachers]
    word, starts = 0, np.concatenate(([0], rows.ends[:-1]))
    for start, end, part in zip(starts, rows.ends, rows.part, strict=True):
        words = int((rows.tags[start:end] != UNMEASURED).sum())
        held = slice(word, word + words)
        expected = (each[0][held] + each[1][held]) / 2 if part == FILLED else each[part][held]
        assert np.allclose(answer[held], expected, atol=2e-3)
        word += words


def test_what_is_taught_is_learned_and_the_average_with_it(rows: Rows, tmp_path: Path) -> None:
    model = small(4)
    learning = Learning(rate=1e-2, pieces=64, averaged=0.8)
    taught = learn(model, [tmp_path] * 40, learning, CPU, load=lambda _: (rows, None))
    figures = measured([taught], rows, CPU, at=(0.5,))
    assert figures["at 0.5"] == [1.0, 1.0, 1.0]


def test_teachers_outvote_labels_by_their_share(rows: Rows, tmp_path: Path) -> None:
    count = int((rows.tags != UNMEASURED).sum())
    said = np.zeros((count, len(TAGS)), np.float16)
    said[:, 0] = 1.0  # the teachers deny every name
    learning = Learning(rate=1e-2, pieces=64, averaged=0.8, taught=0.75)
    taught = learn(small(5), [tmp_path] * 60, learning, CPU, load=lambda _: (rows, said))
    (group,) = groups_of(rows, 10_000)
    batch = Table(rows, None, CPU).batch(group)
    with torch.inference_mode():
        chance = 1 - logits_of(taught, batch).softmax(-1)[:, 0]
    named = batch.tags[batch.tags != UNMEASURED] > 0
    assert torch.allclose(chance[named], torch.tensor(0.25), atol=0.08)
