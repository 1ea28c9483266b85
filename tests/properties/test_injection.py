"""Orders hidden in what people write change nothing, or bring the twin."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from genservice.answers import Order
from genservice.briefing import Options
from genservice.canonical import canonical
from genservice.checking import Report, uncovered
from genservice.domain import Copy, Title
from genservice.generation import Scripted
from genservice.receipts import verify
from tests.injections import COLLECTION, OWN, TITLE, Obedient, collected, heard, poisoned, traces

if TYPE_CHECKING:
    from genservice.domain import Answer
    from tests.properties.conftest import Path

AGREED = {"region": "DE", "age_band": "age_25_34", "consents": ("content_profile", "content_use")}
ATTACKS = (*OWN.values(), *(collected() if COLLECTION.is_dir() else ()))


def order(title: Title = TITLE, **changes: Any) -> Order:
    fields = {
        "title": title,
        "options": Options(purpose="promo"),
        "signals": {"genre_affinity": ["crime"]},
        "stored": False,
        **AGREED,
    }
    return Order(**{**fields, **changes})


def write(path: Path, sent: Order, say: Any) -> Answer:
    model = Scripted(say)
    return path.run(path.blurbs(model=model, reserve=model, attempts=1).write(sent))


DRAWN = re.compile(r"[0-9a-f]{8,}|\"value\":\"[\w\-]{40,}")


def lawful(path: Path, sent: Order, answer: Answer, attack: str) -> None:
    """Every word has a source, none is of the attack, and the receipt holds."""
    dossier = path.run(path.service.dossiers.of(sent.title))
    (blurb,) = answer.blurbs
    assert uncovered(blurb.text, Report(findings=(), spans=blurb.spans), dossier.sources) == ()
    assert traces(blurb.text, attack) == []
    keys = path.service.signer.public_keys()
    assert verify(canonical(answer.receipt), keys, blurb.text).valid
    # Digests and the signature hold any three letters by chance.
    told = DRAWN.sub("", canonical(answer.receipt).decode())
    assert traces(told, attack) == []


@pytest.fixture(scope="module")
def plain(path: Path) -> dict[str, str]:
    """What is served where nobody gives orders: for the angle, and for everyone."""
    asked = write(path, order(), Obedient("no such thing"))
    everyone = write(path, order(signals={}), Obedient("no such thing"))
    return {"written": asked.blurbs[0].text, "twin": everyone.blurbs[0].text}


def test_the_attacks_are_many_and_those_of_the_collection_are_among_them_where_it_is_here() -> None:
    assert len(OWN) >= 12
    if not COLLECTION.is_dir():
        pytest.skip("../shared/data/bipia-attacks is not here")
    assert len(ATTACKS) >= len(OWN) + 80


def test_an_order_in_a_note_brings_the_twin_at_most(path, plain) -> None:
    obeyed = 0
    for attack in ATTACKS:
        model = Obedient(attack)
        sent = order(note=attack[:2000])
        answer = write(path, sent, model)
        obeyed += model.obeyed
        (blurb,) = answer.blurbs
        if model.obeyed:
            assert (blurb.source, blurb.reason) == ("twin", "check_failed"), attack
            assert blurb.text == plain["twin"]
        lawful(path, sent, answer, attack)
    assert obeyed > len(ATTACKS)


def test_an_order_in_a_record_changes_no_byte_of_what_is_asked_and_written(path, plain) -> None:
    obeyed = 0
    for attack in ATTACKS:
        if attack.endswith("?"):
            continue
        sent = order(poisoned(attack))
        shown = path.run(path.service.blurbs.preview(sent))
        harmless = path.run(path.service.blurbs.preview(order()))
        assert (shown.brief, shown.prompt) == (harmless.brief, harmless.prompt), attack
        model = Obedient(attack)
        answer = write(path, sent, model)
        obeyed += model.obeyed
        assert answer.blurbs[0].text == plain["written"]
        lawful(path, sent, answer, attack)
    assert obeyed == 0


def test_a_model_that_knows_an_order_by_heart_finds_nothing_that_vouches_for_it(path) -> None:
    for attack in ATTACKS[::3]:
        title = TITLE if attack.endswith("?") else poisoned(attack)
        answer = write(path, order(title), Obedient(attack, always=True))
        (blurb,) = answer.blurbs
        assert (blurb.source, blurb.text) == ("editorial", TITLE.texts[0].text), attack


def test_an_order_among_signals_is_read_for_words_of_the_vocabulary_alone(path) -> None:
    for attack in (*OWN.values(), *ATTACKS[len(OWN) :: 3]):
        signals = {"search_terms": attack[:500], "stated_interests": attack[:500]}
        sent = order(signals={**signals, "mood_affinity": ["tense"]})
        shown = path.run(path.service.blurbs.preview(sent))
        assert not heard(attack, str(shown.prompt))
        model = Obedient(attack)
        answer = write(path, sent, model)
        assert model.obeyed == 0
        lawful(path, sent, answer, attack)


def test_an_order_among_words_to_avoid_only_takes_words_away(path, plain) -> None:
    for attack in (*OWN.values(), *ATTACKS[len(OWN) :: 3]):
        avoid = Copy(avoid=(attack[:60],))
        sent = order(msgspec.structs.replace(TITLE, copy=avoid))
        answer = write(path, sent, Obedient(attack[:60]))
        (blurb,) = answer.blurbs
        # Editors' own words stand in the prompt of the twin as well, so a model may obey in both.
        assert blurb.text in {*plain.values(), TITLE.texts[0].text}
        assert traces(blurb.text, attack) == []


def test_a_prompt_keeps_an_order_inside_its_fence(path) -> None:
    known = path.run(path.service.blurbs.preview(order(note="word"))).prompt
    before, after = known.turns[1].content.split("word", 1)
    for attack in ATTACKS:
        prompt = path.run(path.service.blurbs.preview(order(note=attack))).prompt
        assert prompt.compact == known.compact
        assert prompt.turns[0] == known.turns[0]
        content = prompt.turns[1].content
        assert content.startswith(before)
        assert content.endswith(after)
        inside = content[len(before) : len(content) - len(after)]
        assert not set('"<>[]\n') & set(inside), attack
