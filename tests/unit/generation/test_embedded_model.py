"""The weights that ship: whole, small, and taken for what they are."""

from __future__ import annotations

import re
import threading

import pytest

from genservice.composition import Composition, House, makes
from genservice.generation import embedded_folder
from genservice.generation.checkpoint import Checkpoint
from genservice.generation.model_files import weight_bytes
from genservice.prompting import compact, said_length
from tests.unit.composition.making import brief, holding, read_frames
from tests.unit.generation.asking import request
from tests.unit.generation.test_slot_spelling import lawful

SLOTS = ("TITLE", "GENRE", "MOOD", "LEAD")
COMPACT = (
    "promo email 180 tense film | angle [GENRE] crime | "
    "[TITLE] 2 [GENRE] crime [MOOD] tense [LEAD] 2 | write"
)
NEVER = threading.Event()


@pytest.fixture(scope="module")
def embedded():
    return Checkpoint(embedded_folder(), device="cpu")


@pytest.fixture(scope="module")
def texts(embedded):
    asked = request(*range(12), slots=SLOTS, must=("GENRE",), compact=COMPACT, limit=180)
    return embedded.write(asked, NEVER)


def composed(embedded, made, count):
    """Texts that the weights write for a brief, and the composition they are held to."""
    frames = holding(read_frames(), made)
    asked = request(
        *range(count),
        slots=tuple(slot.name for slot in made.slots),
        must=tuple(angle.slot for angle in made.angle),
        compact=compact(made),
        limit=made.limit,
        grammar=House(made, frames, said_length),
    )
    return embedded.write(asked, NEVER), Composition(made, frames, said_length)


@pytest.mark.parametrize("angle", ["GENRE", "MOOD", "PACE", "LEAD", "OCCASION", "THEME"])
@pytest.mark.parametrize("channel", ["tile", "detail"])
def test_its_texts_are_those_of_the_house_and_follow_the_angle(embedded, angle, channel):
    texts, composition = composed(embedded, brief(angle=(angle,), channel=channel), 6)
    assert [text for text in texts if not makes(composition, text)] == []
    assert all(f"[{angle}]" in text for text in texts)


def test_a_synopsis_tells_the_story(embedded):
    made = brief(purpose="synopsis", channel="detail", length="long")
    texts, _ = composed(embedded, made, 6)
    assert all(re.search(r"\[(LOGLINE|GOAL|STORY_1)\]", text) for text in texts)


def test_the_weights_stay_below_twenty_megabytes():
    assert weight_bytes(embedded_folder()) <= 20_000_000


def test_it_takes_the_compact_form_and_knows_its_words(embedded):
    ids = embedded.encode(request(compact=COMPACT).prompt)
    assert embedded._tokenizer.unk_token_id not in ids
    assert embedded._tokenizer.decode(ids, skip_special_tokens=True) == COMPACT


def test_its_texts_are_sentences_of_offered_slots(texts):
    assert all(lawful(text, set(SLOTS)) for text in texts)
    assert sum(bool(re.fullmatch(r"[A-Z\[].*[.!?]", text)) for text in texts) >= 11


def test_its_texts_say_what_they_must(texts):
    assert sum("[GENRE]" in text for text in texts) >= 11


def test_its_texts_differ(texts):
    assert len(set(texts)) >= 10


def test_its_texts_hold_no_space_before_a_mark(texts):
    assert not [text for text in texts if re.search(r"\s[.,:;?!]|\s\s", text)]
