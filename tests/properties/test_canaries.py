"""Canaries: what policy withholds or coarsens, planted where a model would sing of it, is never heard.

The real path with a model that wants to leak: it says back its whole prompt, and whatever the test
whispers to it. A canary is looked for in prompt, key, answer, stored texts, receipt and logs.
"""

from __future__ import annotations

import logging
import random
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
import structlog
from hypothesis import given, settings
from hypothesis import strategies as st

from genservice.answers import Order
from genservice.briefing import Options
from genservice.canonical import canonical
from genservice.domain import Context
from genservice.generation import Scripted
from genservice.generation.scripted import plain_text
from genservice.policy import decide
from tests.disguises import DISGUISES
from tests.injections import TITLE, read
from tests.properties import strategies as own

if TYPE_CHECKING:
    from genservice.generation import Request
    from tests.properties.conftest import Path

few = settings(max_examples=30)

_FIRST = ("Zuzanna", "Oluwaseun", "Priyanka", "Xóchitl", "Yevgenia", "Ngozi", "Søren", "Fionnuala")
_LAST = ("Thornwick", "Raghunathan", "Kjærgaard", "Okonkwo", "Voskresensky", "Matsumoto", "Ibáñez")


class Canary(msgspec.Struct, frozen=True):
    """A person who does not exist, and how to reach them."""

    name: str
    number: str

    @property
    def sentence(self) -> str:
        """Everything about them."""
        return f"{self.name}, {self.mail}, +44 20 {self.number[:4]} {self.number[4:]}"

    @property
    def mail(self) -> str:
        """Their address."""
        return f"{read(self.name)}@example.org"

    @property
    def slug(self) -> str:
        """Their name as an id."""
        plain = read(self.name).encode("ascii", "ignore").decode()
        return f"{plain}{self.number}"

    def heard_in(self, text: str) -> list[str]:
        """What of them somebody reads in `text`."""
        said = read(text)
        return [part for part in (*self.name.split(), self.number) if read(part) in said]


canaries = st.builds(
    Canary,
    name=st.builds("{} {}".format, st.sampled_from(_FIRST), st.sampled_from(_LAST)),
    number=st.integers(10_000_000, 99_999_999).map(str),
)


class Leaking:
    """Says back what it was asked, bit by bit, and what it has been told of."""

    def __init__(self, *told: str) -> None:
        self.told = told
        self.seen: list[str] = []

    def __call__(self, request: Request, seed: int) -> str:
        asked = "\n".join(
            [request.prompt.compact, *(turn.content for turn in request.prompt.turns)]
        )
        self.seen.append(asked)
        lawful = plain_text(request, seed)
        chance = random.Random(seed)
        at = chance.randrange(len(asked))
        told = chance.choice(self.told) if self.told else "nothing"
        return chance.choice(
            [
                asked,
                asked[-600:],
                asked[at : at + 80],
                told,
                f"{lawful} {told}.",
                f"For {told}: {lawful}",
                f"{lawful} With {told}.",
                lawful,
            ]
        )


def order(**changes: Any) -> Order:
    fields = {
        "title": TITLE,
        "options": Options(purpose="promo"),
        "region": "DE",
        "age_band": "age_25_34",
        "consents": ("content_profile", "content_use"),
        "stored": False,
    }
    return Order(**{**fields, **changes})


def outcomes(sent: Order) -> dict[str, str]:
    made = decide(
        own.POLICIES,
        Context(
            purpose=sent.options.purpose,
            channel=sent.options.channel,
            region=sent.region,
            age_band=sent.age_band,
            consents=tuple(sorted({*sent.consents} & {*own.CONSENTS})),
            gpc=sent.gpc,
        ),
    )
    return {decision.signal: decision.outcome for decision in made}


def everything(path: Path, sent: Order, model: Leaking) -> dict[str, bytes]:
    """All that comes of an order, by what it is; notices apart, which may speak of what was sent."""
    said = Scripted(model)
    blurbs = path.blurbs(model=said, reserve=said, attempts=2)
    with structlog.testing.capture_logs() as logs:
        shown = path.run(blurbs.preview(sent))
        answer = path.run(blurbs.write(sent))
    return {
        "prompt": canonical([shown.brief, shown.prompt, *model.seen]),
        "key": shown.key.encode(),
        "texts": canonical(answer.blurbs),
        "receipt": canonical(answer.receipt),
        "decisions": canonical(shown.decisions),
        "logs": repr(logs).encode(),
    }


def silent(canary: Canary, all_of_it: dict[str, bytes]) -> None:
    for where, written in all_of_it.items():
        assert canary.heard_in(written.decode()) == [], where


def planted(canary: Canary) -> st.SearchStrategy[Any]:
    """The canary in anything that JSON can hold."""
    leaves = st.sampled_from([canary.sentence, canary.name, canary.mail, canary.slug])
    return st.recursive(
        leaves,
        lambda inner: (
            st.lists(inner, min_size=1, max_size=3)
            | st.dictionaries(leaves, inner, min_size=1, max_size=2)
        ),
        max_leaves=4,
    )


@given(canary=canaries, context=own.contexts | own.granting, data=st.data())
@few
def test_a_canary_in_what_is_withheld_is_never_heard_and_changes_no_byte(
    path, canary, context, data
) -> None:
    clean = order(signals={"genre_affinity": ["crime"]}, **context)
    withheld = sorted(name for name, found in outcomes(clean).items() if found == "withheld")
    signals = {name: data.draw(planted(canary)) for name in withheld}
    kept = {name: value for name, value in clean.signals.items() if name not in withheld}
    sung = msgspec.structs.replace(clean, signals={**kept, **signals})
    found = everything(path, sung, Leaking(canary.sentence, canary.name))
    silent(canary, found)
    assert found == everything(path, clean, Leaking(canary.sentence, canary.name))


@given(canary=canaries, data=st.data())
@few
def test_a_canary_in_a_signal_that_nobody_declared_is_never_heard(path, canary, data) -> None:
    clean = order(signals={"genre_affinity": ["crime"]})
    names = ["shoe_size", "notes", "full_name", "genre_afinity"]
    noise = data.draw(st.dictionaries(st.sampled_from(names), planted(canary), min_size=1))
    sung = msgspec.structs.replace(clean, signals={**clean.signals, **noise})
    found = everything(path, sung, Leaking(canary.name))
    silent(canary, found)
    assert found == everything(path, clean, Leaking(canary.name))


@given(canary=canaries, wish=st.sampled_from(["crime", "I like crime and rivers"]))
@few
def test_a_canary_in_what_is_coarsened_is_never_heard(path, canary, wish) -> None:
    coarsened = {
        "stated_interests": (f"{wish}; {canary.sentence}", wish),
        "search_terms": (f"{canary.name} {wish} {canary.number}", wish),
        "watch_history": (["psycho", canary.slug[:60]], ["psycho"]),
        "time_of_day": (["22:41"], ["22:05"]),
        "location": ({"country": "DE", "city": canary.name}, {"country": "DE"}),
    }
    sung, clean = (
        order(signals={name: values[at] for name, values in coarsened.items()}) for at in (0, 1)
    )
    released = outcomes(clean)
    assert {released[name] for name in coarsened} <= {"coarsened", "withheld"}
    assert "coarsened" in {released["stated_interests"], released["search_terms"]}
    found = everything(path, sung, Leaking(canary.name, canary.number))
    silent(canary, found)
    assert found == everything(path, clean, Leaking(canary.name, canary.number))


@given(canary=canaries, data=st.data())
@few
def test_a_canary_in_consents_and_context_is_never_heard(path, canary, data) -> None:
    clean = order(signals={"genre_affinity": ["crime"]})
    consents = (
        *clean.consents,
        data.draw(st.sampled_from([canary.slug, canary.name, canary.mail])),
    )
    sung = msgspec.structs.replace(clean, consents=consents)
    found = everything(path, sung, Leaking(canary.name))
    silent(canary, found)
    assert found == everything(path, clean, Leaking(canary.name))


@pytest.mark.parametrize("signal", sorted(own.SIGNALS))
def test_a_word_of_a_withheld_value_is_denied_to_nobody(path, signal) -> None:
    """Were it looked at, a text that says by chance what it holds would be refused, and so betray it."""
    word = "bassoon"
    title = msgspec.structs.replace(TITLE, logline=f"A {word} opens the gate that took a brother.")
    raw = f"A {word} opens the gate that took a brother. [TITLE]: a [GENRE]."
    model = Scripted(lambda request, seed: raw)
    blurbs = path.blurbs(model=model, reserve=Scripted(), attempts=1)
    nothing = {"consents": (), "age_band": "unknown", "region": "unknown", "title": title}
    answers = [
        path.run(blurbs.write(order(signals=signals, **nothing)))
        for signals in ({}, {signal: [f"my {word}", word]})
        if not signals or outcomes(order(**nothing))[signal] == "withheld"
    ]
    assert {word in answer.blurbs[0].text for answer in answers} == {True}
    assert len({canonical(answer.blurbs) for answer in answers}) == 1


def test_a_word_of_a_coarsened_value_is_denied_to_nobody(path) -> None:
    word = "bassoon"
    title = msgspec.structs.replace(TITLE, logline=f"A {word} opens the gate that took a brother.")
    raw = f"A {word} opens the gate that took a brother. [TITLE]: a [GENRE]."
    blurbs = path.blurbs(model=Scripted(lambda request, seed: raw), reserve=Scripted(), attempts=1)
    for wish in ("crime", f"crime with a {word}"):
        (blurb,) = path.run(
            blurbs.write(order(title=title, signals={"stated_interests": wish}))
        ).blurbs
        assert (blurb.source, word in blurb.text) == ("written", True)


@given(canary=canaries, disguise=st.sampled_from(sorted(DISGUISES)), data=st.data())
@settings(max_examples=60)
def test_a_canary_in_a_note_comes_back_in_no_disguise(path, canary, disguise, data) -> None:
    part = data.draw(st.sampled_from([canary.name, canary.name.split()[1], canary.mail]))
    shown = DISGUISES[disguise](part)
    note = data.draw(st.sampled_from(["For {}.", "{} asked for this one", "keep it warm for {}"]))
    sent = order(signals={"genre_affinity": ["crime"]}, note=note.format(canary.sentence))
    model = Leaking(shown, f"{shown}!", f"our {shown}")
    found = everything(path, sent, model)
    silent(canary, found)
    for where in ("texts", "receipt", "logs"):
        assert shown.encode() not in found[where], where


def test_no_log_line_of_ours_or_of_a_library_holds_a_word_of_a_note(path, caplog) -> None:
    canary = Canary("Zuzanna Thornwick", "55512345")
    model = Leaking(canary.sentence)
    with caplog.at_level(logging.DEBUG):
        everything(path, order(signals={"genre_affinity": ["crime"]}, note=canary.sentence), model)
    assert canary.heard_in("\n".join(record.getMessage() for record in caplog.records)) == []
