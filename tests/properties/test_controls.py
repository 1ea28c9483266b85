"""What is held of a viewer, on the whole path: it counts like what is sent, and shows no further.

Most viewers are in memory, so that there can be thousands; one property, and tests/api, ask the real store.
"""

from __future__ import annotations

from itertools import count
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from genservice.answers import Order
from genservice.canonical import canonical
from genservice.controls import controlled
from genservice.domain import PURPOSES, Controls, Held
from genservice.domain.viewers import ConsentAct
from genservice.policy import decide, levels_of
from tests.properties import strategies as own
from tests.properties.test_guarantees import context_of, few, options, order, pick
from tests.remembering import Remembering, held

WORDS = sorted(
    term.name
    for family in ("genres", "moods", "themes")
    for term in getattr(own.VOCABULARY, family)
)
TITLES = ["the-godfather", "double-indemnity", "casablanca", "moonlight", "psycho"]


def _some(words: list[str], most: int) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(words), max_size=most, unique=True).map(tuple)


controls = st.builds(
    Controls,
    level=st.sampled_from(["full", "full", "context_only", "off"]),
    signals_off=_some(sorted(own.SIGNALS), 6),
    themes_left_out=_some(WORDS, 12),
    titles_left_out=_some(TITLES, 3),
    objections=_some(list(PURPOSES), 2),
)
consents = _some(own.CONSENTS, len(own.CONSENTS))


def answer(path, of: Held | None, sent: Order, viewer: str = "v-1") -> bytes:
    """The answer's bytes, and what of the log and the record of servings depends on the request."""
    viewers = Remembering() if of is None else Remembering(**{viewer: of})
    blurbs = path.blurbs(viewers=viewers)
    asked = msgspec.structs.replace(sent, viewer=viewer)
    made = path.run(blurbs.write(asked))
    ids = tuple(blurb.id for blurb in made.blurbs)
    assert viewers.servings == [(viewer, made.receipt.id, ids)]
    preview = path.run(blurbs.preview(asked))
    return canonical([made, preview.brief, preview.prompt, preview.key])


def stricter(one: Controls, other: Controls) -> Controls:
    """Controls that say what both say."""
    levels = ("off", "context_only", "full")

    def both(name: str) -> tuple[str, ...]:
        return tuple(sorted({*getattr(one, name), *getattr(other, name)}))

    return Controls(
        level=min(one.level, other.level, key=levels.index),
        **{name: both(name) for name in Controls.__struct_fields__ if name != "level"},
    )


def decided(context: dict[str, Any], asked, by: Controls):
    ruled = decide(own.POLICIES, context_of(context, asked))
    return ruled, controlled(own.POLICIES, ruled, by, asked.purpose)


@given(st.integers(0, 500), options, own.contexts | own.granting, own.audiences(), controls)
@few
def test_what_is_stored_counts_like_what_is_sent(path, at, asked, context, audience, by) -> None:
    everything = tuple(own.CONSENTS)
    title = pick(path, at)
    stored = answer(
        path, held(audience, consents=everything, controls=by), order(title, asked, context, {})
    )
    sent = answer(
        path, held(consents=everything, controls=by), order(title, asked, context, audience)
    )
    assert stored == sent


@given(st.integers(0, 500), options, own.granting, own.audiences(), controls, st.data())
@few
def test_what_policy_or_controls_withhold_changes_no_byte(
    path, at, asked, context, audience, by, data
) -> None:
    _, decisions = decided(context, asked, by)
    withheld = [item.signal for item in decisions if item.outcome == "withheld"]
    kept = {name: value for name, value in audience.items() if name not in withheld}
    noise = st.dictionaries(st.sampled_from(withheld), own.json_values, max_size=12)
    title = pick(path, at)
    answers = {
        answer(
            path,
            held({**kept, **data.draw(noise)}, consents=context["consents"], controls=by),
            order(title, asked, context, data.draw(noise)),
        )
        for _ in range(2)
    }
    bare = held(kept, consents=context["consents"], controls=by)
    assert answers == {answer(path, bare, order(title, asked, context, {}))}


_names = (f"p-{number}" for number in count())


@given(st.integers(0, 500), options, own.granting, own.audiences(), controls, st.data())
@few
def test_the_real_store_holds_to_it_too(path, at, asked, context, audience, by, data) -> None:
    _, decisions = decided(context, asked, by)
    withheld = [item.signal for item in decisions if item.outcome == "withheld"]
    kept = {name: value for name, value in audience.items() if name not in withheld}
    noise = data.draw(st.dictionaries(st.sampled_from(withheld), own.json_values, max_size=12))
    viewers, title = path.service.viewers, pick(path, at)
    acts = [
        ConsentAct(consent=name, action="given", source="tests", text_version="1")
        for name in context["consents"]
    ]
    answers: set[bytes] = set()
    for values in (kept, {**kept, **noise}):
        name = next(_names)
        days = dict.fromkeys(values, 1)
        path.run(viewers.put_signals(name, values, source="app", keep_days=days))
        path.run(viewers.record_consents(name, acts))
        path.run(viewers.set_controls(name, by, if_revision=None))
        sent = order(title, asked, context, {}, viewer=name)
        answers.add(canonical(path.run(path.service.blurbs.write(sent))))
        assert len(path.run(viewers.servings(name, limit=5)).items) == 1
    in_memory = held(kept, consents=context["consents"], controls=by)
    sent = order(title, asked, context, {}, viewer="v-1")
    blurbs = path.blurbs(viewers=Remembering(**{"v-1": in_memory}))
    assert answers == {canonical(path.run(blurbs.write(sent)))}


@given(
    st.integers(0, 500), options, own.contexts | own.granting, own.audiences(), controls, st.data()
)
@few
def test_a_control_of_what_policy_withholds_changes_no_byte(
    path, at, asked, context, audience, by, data
) -> None:
    ruled, _ = decided(context, asked, by)
    withheld = [item.signal for item in ruled if item.outcome == "withheld"]
    more = data.draw(st.lists(st.sampled_from(withheld), unique=True))
    off = tuple(sorted({*by.signals_off, *more}))
    kept = held(audience, consents=tuple(own.CONSENTS), controls=by)
    switched = msgspec.structs.replace(kept, controls=msgspec.structs.replace(by, signals_off=off))
    sent = order(pick(path, at), asked, context, {})
    assert answer(path, kept, sent) == answer(path, switched, sent)


@given(st.integers(0, 500), options, own.contexts | own.granting, consents, consents)
@few
def test_a_consent_counts_only_if_it_is_sent_and_stands(
    path, at, asked, context, given_, standing
) -> None:
    both = tuple(sorted({*given_}.intersection(standing)))
    title, audience = pick(path, at), {"genre_affinity": ["drama", "crime"]}
    one = order(title, asked, {**context, "consents": given_}, audience)
    other = order(title, asked, {**context, "consents": both}, audience)
    assert answer(path, held(consents=standing), one) == answer(path, held(consents=both), other)
    statement = path.run(path.blurbs(viewers=Remembering()).write(other)).receipt.statement
    assert statement.context.consents == both


@given(st.integers(0, 500), options, own.contexts | own.granting, own.audiences())
@few
def test_a_viewer_of_whom_nothing_is_held_is_answered_like_an_unknown_one(
    path, at, asked, context, audience
) -> None:
    sent = order(pick(path, at), asked, context, audience)
    unknown = answer(path, None, sent, viewer="never-heard-of")
    assert answer(path, Held(), sent, viewer="v-1") == unknown
    nobody = msgspec.structs.replace(sent, consents=())
    assert unknown == answer(path, held(consents=tuple(own.CONSENTS)), nobody)


@given(options, own.contexts | own.granting, controls, controls)
@few
def test_controls_together_never_release_more_than_either_alone(asked, context, one, other) -> None:
    together = stricter(one, other)
    _, both = decided(context, asked, together)
    steps = {signal.name: signal.ladder.index for signal in own.POLICIES.signals}
    found = levels_of(own.POLICIES.signals, both)
    for alone in (one, other):
        ruled, by = decided(context, asked, alone)
        for coarser in (
            levels_of(own.POLICIES.signals, by),
            levels_of(own.POLICIES.signals, ruled),
        ):
            assert all(steps[name](found[name]) >= steps[name](coarser[name]) for name in found)


@given(
    st.integers(0, 500), options, own.granting, own.audiences(), controls, controls, st.randoms()
)
@few
def test_the_order_of_controls_does_not_count(
    path, at, asked, context, audience, one, other, chance
) -> None:
    def shuffled(by: Controls) -> Controls:
        lists = {
            name: tuple(chance.sample(value, len(value)))
            for name, value in msgspec.structs.asdict(by).items()
            if name != "level"
        }
        return msgspec.structs.replace(by, **lists)

    sent = order(pick(path, at), asked, context, {})
    made = {
        answer(path, held(audience, consents=context["consents"], controls=each), sent)
        for each in (
            stricter(one, other),
            shuffled(stricter(one, other)),
            shuffled(stricter(other, one)),
        )
    }
    assert len(made) == 1


@given(st.integers(0, 500), options, own.granting, own.audiences(), _some(WORDS, 30))
@few
def test_no_word_that_is_left_out_is_used_or_makes_a_text_personal(
    path, at, asked, context, audience, words
) -> None:
    of = held(audience, consents=context["consents"], controls=Controls(themes_left_out=words))
    sent = order(pick(path, at), asked, context, {}, viewer="v-1")
    statement = path.run(
        path.blurbs(viewers=Remembering(**{"v-1": of})).write(sent)
    ).receipt.statement
    own_words = {name for name, signal in own.SIGNALS.items() if signal.terms}
    assert all(
        not {*words}.intersection(item.value)
        for item in statement.used
        if item.signal not in own_words
    )
