"""Many requests in one batch: what each is written does not depend on who else is there."""

from __future__ import annotations

import random
import threading

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from genservice.composition import House
from genservice.generation import embedded_folder
from genservice.generation.batching import Job
from genservice.generation.checkpoint import Checkpoint
from genservice.generation.llama import Llama
from genservice.generation.stepwise import Stepwise
from genservice.prompting import compact, said_length
from tests.unit.composition.making import brief, holding, read_frames
from tests.unit.generation.asking import request
from tests.unit.generation.tiny_models import SLOTS

NEVER = threading.Event()
few = settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.fixture(scope="module")
def words(folders):
    """A tiny model in double precision, where a batch moves no digit that a choice could hang on."""
    checkpoint = Checkpoint(folders["words"], device="cpu")
    return checkpoint, Llama(checkpoint._model.double())


@pytest.fixture(scope="module")
def embedded():
    return Checkpoint(embedded_folder(), device="cpu")


def asked(seed, *, texts=1, limit=120):
    """A request that is like no other."""
    slots = random.Random(seed).sample(sorted(SLOTS), 1 + seed % 3)
    return request(*range(seed, seed + texts), slots=slots, must=slots[:1], limit=limit)


def written(batch, jobs, joins):
    """Have jobs join at the steps given, and write all to the end."""
    step = 0
    while batch.texts or step <= max(joins):
        batch.join([job for job, join in zip(jobs, joins, strict=True) if join == step])
        batch.step()
        step += 1
    return [job.answer.result(timeout=0) for job in jobs]


@few
@given(
    st.lists(
        st.tuples(st.integers(0, 40), st.integers(1, 3), st.integers(0, 6)),
        min_size=1,
        max_size=6,
    )
)
def test_a_text_is_the_same_alone_and_wherever_it_joins_a_batch(words, plan) -> None:
    requests = [asked(seed, texts=texts) for seed, texts, _ in plan]
    alone = [written(Stepwise(*words), [Job(each)], [0])[0] for each in requests]
    jobs = [Job(each) for each in requests]
    assert written(Stepwise(*words), jobs, [join for *_, join in plan]) == alone


@few
@given(st.integers(0, 200))
def test_its_texts_are_those_of_transformers_loop(words, seed) -> None:
    checkpoint, _ = words
    each = asked(seed, texts=2)
    assert written(Stepwise(*words), [Job(each)], [0]) == [checkpoint.write(each, NEVER)]


def briefs():
    """Briefs of all sorts, each as the path would ask the embedded model for it."""
    frames = read_frames()
    for purpose in ("promo", "synopsis"):
        for channel, length in (("tile", "short"), ("email", "medium"), ("detail", "long")):
            for angle in ("GENRE", "LEAD", "THEME"):
                made = brief(purpose=purpose, channel=channel, length=length, angle=(angle,))
                yield request(
                    3,
                    4,
                    slots=tuple(slot.name for slot in made.slots),
                    must=tuple(item.slot for item in made.angle),
                    compact=compact(made),
                    limit=made.limit,
                    grammar=House(made, holding(frames, made), said_length),
                )


def test_the_embedded_models_texts_are_those_of_transformers_loop(embedded) -> None:
    requests = list(briefs())
    llama = embedded.arithmetic()
    assert llama is not None
    together = written(
        Stepwise(embedded, llama), [Job(each) for each in requests], [0] * len(requests)
    )
    plain = [embedded.write(each, NEVER) for each in requests]
    pairs = [
        (one, other)
        for ours, theirs in zip(together, plain, strict=True)
        for one, other in zip(ours, theirs, strict=True)
    ]
    equal = sum(one == other for one, other in pairs)
    # Up to rounding: where two words are equally good to the last digit, either may be drawn.
    assert equal >= 0.97 * len(pairs)
    assert all(one for one, _ in pairs)


def test_an_abandoned_request_costs_no_further_step(words) -> None:
    batch = Stepwise(*words)
    jobs = [Job(asked(seed, texts=2, limit=1200)) for seed in range(3)]
    batch.join(jobs)
    batch.step()
    before = batch.texts
    jobs[1].abandoned.set()
    batch.step()
    assert batch.texts <= before - 2
    assert jobs[1].answer.done()
    while batch.texts:
        batch.step()
    alone = [written(Stepwise(*words), [Job(jobs[at].request)], [0])[0] for at in (0, 2)]
    assert [jobs[at].answer.result(0) for at in (0, 2)] == alone


def test_one_request_that_cannot_be_written_ends_no_other(words) -> None:
    batch = Stepwise(*words)
    good, long = Job(asked(1)), Job(request(compact="[TITLE] " * 600))
    broken = Job(asked(2), put=_refusing)
    written_good = []
    batch.join([long, good, broken])
    while batch.texts:
        batch.step()
    written_good += good.answer.result(0)
    assert all(written_good)
    for job, message in ((long, "longer"), (broken, "closed")):
        assert message in str(job.answer.exception(0))


def _refusing(piece: str) -> None:
    raise RuntimeError("closed")


def test_a_batch_that_broke_is_empty_and_writes_on(words) -> None:
    batch = Stepwise(*words)
    job = Job(asked(5))
    batch.join([job])
    batch.step()
    batch.drop(MemoryError())
    if not isinstance(job.answer.exception(0), MemoryError):
        assert job.answer.result(0)
    assert batch.texts == 0
    assert written(batch, [Job(asked(5))], [0]) == written(Stepwise(*words), [Job(asked(5))], [0])


def test_a_stream_is_told_as_it_grows_beside_whole_texts(words) -> None:
    pieces: list[str] = []
    each = asked(7, limit=400)
    jobs = [Job(each, put=pieces.append), Job(asked(8, texts=3))]
    _, texts = written(Stepwise(*words), jobs, [1, 0])
    (text,) = written(Stepwise(*words), [Job(each)], [0])[0]
    assert "".join(pieces).startswith(text)
    assert texts == written(Stepwise(*words), [Job(asked(8, texts=3))], [0])[0]


def test_no_more_join_than_there_is_room_for(words) -> None:
    batch = Stepwise(*words, width=4)
    assert batch.room == 4
    batch.join([Job(asked(1, texts=3))])
    assert (batch.texts, batch.room) == (3, 1)


@few
@given(
    st.lists(st.lists(st.integers(3, 12), min_size=1, max_size=5), min_size=1, max_size=5),
    st.integers(0, 4),
)
def test_rows_that_are_read_at_once_are_read_as_if_alone(words, texts, closed) -> None:
    model: Llama = words[1]
    model.clear()
    rows = model.open(len(texts))
    model.advance(rows, texts)
    closed %= len(texts)
    model.close(closed)
    left = [each for at, each in enumerate(texts) if at != closed]
    if closed < len(left):
        left.insert(closed, left.pop())  # the last one took its place
    together = model.advance(range(len(left)), [[3]] * len(left)) if left else []
    model.clear()
    for scores, each in zip(together, left, strict=True):
        alone = model.advance(model.open(1), [[*each, 3]])[0]
        model.clear()
        assert torch.allclose(scores, alone, rtol=0, atol=1e-9)
