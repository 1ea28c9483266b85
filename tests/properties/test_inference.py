"""What is nobody's business chooses, moves and drops nothing: over the real path, with titles of that kind."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from genservice.app import open_service
from genservice.briefing import Options
from genservice.canonical import canonical
from genservice.domain import Rating, StoryElement, Title
from genservice.generation import Scripted
from genservice.settings import Settings
from tests.properties import strategies as own
from tests.properties.conftest import Path
from tests.properties.test_guarantees import options, order, same

few = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
AGREED = {"region": "DE", "age_band": "age_25_34", "consents": tuple(own.CONSENTS), "gpc": False}
READS = own.POLICIES.inferences.reads
FREE = ("who", "goal", "turn", "where", "sentence")


def made(id_: str, *, themes: tuple[str, ...], logline: str, told: tuple[str, ...], **changes: Any):
    plain = {"kind": "film", "name": "Slow Water", "language": "en", "year": 2019, "minutes": 101}
    return Title(
        id=id_,
        themes=themes,
        logline=logline,
        story=tuple(StoryElement(text=text) for text in told),
        ratings=(Rating(region="GB", system="BBFC", value="15", min_age=15),),
        **{**plain, "genres": ("drama", "romance"), "moods": ("tender", "warm"), **changes},
    )


MADE_UP = (
    made(
        "made-up-queer",
        themes=("queer_love", "faith", "courage"),
        logline="A gay priest falls for a dying union organiser in a town that votes with its fists.",
        told=(
            "A parish learns whom its priest writes to at night.",
            "Two men plan a wedding that no church in the county will hold.",
            "The bishop offers a quiet post abroad and a train ticket for one.",
        ),
    ),
    made(
        "made-up-illness",
        themes=("illness", "friendship"),
        logline="Two patients on a cancer ward bet on who gets to see the sea first.",
        told=(
            "A nurse with debts of her own takes the bets.",
            "The doctors count in weeks, and the patients count in tides.",
        ),
        genres=("medical", "drama"),
    ),
    made(
        "made-up-poverty",
        themes=("poverty", "loneliness", "family_ties"),
        logline="A widow on benefits takes in the boy who robbed her.",
        told=("The council sends letters, and the boy cannot read them.",),
    ),
    made(
        "made-up-politics",
        themes=("politics", "rivalry"),
        logline="A socialist mayor and her conservative brother fight over one village square.",
        told=("A strike at the mill splits the family on the eve of the vote.",),
        genres=("political", "comedy"),
    ),
)


def carries(title: Title) -> bool:
    words = {*title.genres, *title.moods, *title.themes, *title.alerts}
    return not READS.barred.isdisjoint(words)


@pytest.fixture(scope="module")
def told(path):
    """The made-up titles among the catalogue's own of that kind."""
    for title in MADE_UP:
        path.run(path.service.titles.put(title))
    yield [
        title
        for title in path.run(path.service.titles.search("", limit=500)).items
        if carries(title)
    ]
    for title in MADE_UP:
        path.run(path.service.titles.delete(title.id))


def test_titles_of_that_kind_are_many(told) -> None:
    assert len(told) >= 50
    for word in (
        "queer_love",
        "faith",
        "illness",
        "poverty",
        "politics",
        "mental_health",
        "loneliness",
    ):
        assert [title.id for title in told if word in title.themes], word


_barred_words = st.lists(st.sampled_from(sorted(READS.words["themes"])), min_size=1, max_size=4)
_typed = st.sampled_from(
    [
        "films about illness", "gay and lesbian stories", "religion", "politics, poverty and suicide",
        "mental health", "hospital drama", "loneliness", "LGBT", "addiction and faith",
    ]
)  # fmt: skip


@given(
    st.integers(0, 500), options, own.granting, own.audiences(), _barred_words, _typed, st.data()
)
@few
def test_a_signal_that_touches_a_trait_changes_no_byte(
    path, told, at, asked, context, audience, words, typed, data
) -> None:
    kept = {
        name: value
        for name, value in audience.items()
        if name not in ("search_terms", "theme_affinity")
    }
    watched = data.draw(st.lists(st.sampled_from([title.id for title in told]), max_size=8))
    more = {**kept, "theme_affinity": words}
    # What a search says besides counts as ever: only its words of that kind are no reason.
    plain = {"hospital drama": {}}.get(typed, {})
    if not plain:
        more["search_terms"] = typed
    more["watch_history"] = [*kept.get("watch_history", []), *watched]
    more["disliked_themes"] = [*kept.get("disliked_themes", []), *words]
    for name in ("watch_history", "disliked_themes"):
        kept.setdefault(name, [])
    title = told[at % len(told)]
    same(
        path,
        path.service.blurbs,
        order(title, asked, context, kept),
        order(title, asked, context, more),
    )


@given(st.integers(0, 500), options, own.granting, own.audiences())
@few
def test_no_word_of_that_kind_is_ever_an_angle_or_put_aside(
    path, told, at, asked, context, audience
) -> None:
    brief = path.run(
        path.service.blurbs.preview(order(told[at % len(told)], asked, context, audience))
    ).brief
    labels = {"genres", "moods", "themes"}
    assert READS.barred.isdisjoint(item.term for item in brief.angle if item.family in labels)
    assert READS.barred.isdisjoint(brief.shun)
    slots = {slot.name: slot.term for slot in brief.slots}
    assert READS.barred.isdisjoint(slots[name] for name in brief.aside)


@given(st.integers(0, 500), options, own.granting, own.audiences())
@few
def test_the_story_is_offered_as_to_everyone_in_the_same_order(
    path, told, at, asked, context, audience
) -> None:
    title = told[at % len(told)]
    briefs = [
        path.run(path.service.blurbs.preview(order(title, asked, context, signals))).brief
        for signals in (audience, {})
    ]
    personal, twin = ([slot for slot in brief.slots if slot.kind in FREE] for brief in briefs)
    assert personal == twin


def test_no_text_of_the_catalogue_breaks_a_rule_and_stories_of_that_kind_are_offered(
    path, told
) -> None:
    for title in path.titles:
        plain = path.run(path.service.dossiers.of(title))
        assert path.run(path.service.dossiers.of(title, READS)).slots == plain.slots, title.id
    for title in told:
        asked = Options(purpose="synopsis", channel="detail", length="long")
        brief = path.run(path.service.blurbs.preview(order(title, asked, AGREED, {}))).brief
        assert [slot for slot in brief.slots if slot.kind in FREE], title.id


SAID = "Catholic audiences will know the hymn."
TELLING = made(
    "telling", themes=("courage",), logline="A priest keeps a secret.", told=(SAID, "A bell rings.")
)


def test_a_sentence_of_a_record_that_says_something_of_viewers_is_offered_to_nobody_and_not_served(
    path,
) -> None:
    reciting = Scripted(lambda request, number: SAID, revision="reciting")
    asked = Options(purpose="synopsis", channel="detail", length="medium")
    sent = order(TELLING, asked, AGREED, {"mood_affinity": ["tender"]}, stored=False)
    shown = path.run(path.service.blurbs.preview(sent))
    assert SAID.rstrip(".") not in str(shown.prompt)
    assert "A bell rings" in str(shown.prompt)
    (blurb,) = path.run(path.blurbs(model=reciting).write(sent)).blurbs
    assert (blurb.source, blurb.reason) == ("twin", "check_failed")
    assert SAID not in blurb.text
    # The very same text is served where no rule forbids it: nothing else stood in its way.
    from genservice.policy import from_files

    files = {n: t for n, t in own.POLICIES.files.items() if not n.startswith("inference")}
    loose = path.blurbs(model=reciting, policies=lambda: from_files(files))
    asked_of_all = order(TELLING, asked, AGREED, {}, stored=False)
    (blurb,) = path.run(loose.write(asked_of_all)).blurbs
    assert blurb.text == SAID


@pytest.fixture(scope="module")
def embedded(tmp_path_factory):
    folder = tmp_path_factory.mktemp("embedded")
    opened = Settings(
        data=folder / "data", keystore=folder / "keystore", guard_timeout=60, model_timeout=60
    )
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        service = runner.run(stack.enter_async_context(open_service(opened)))
        yield Path(runner, service, None)
        runner.run(stack.aclose())


TOUCHING: dict[str, Any] = {
    "watch_history": ["moonlight", "philadelphia", "its-a-sin", "portrait-of-a-lady-on-fire"],
    "search_terms": "illness, cancer and suicide",
    "theme_affinity": ["faith", "queer_love", "illness"],
    "disliked_themes": ["faith", "poverty"],
}


@pytest.mark.parametrize("title", MADE_UP, ids=lambda title: title.id)
def test_the_embedded_model_tells_the_same_story_with_such_signals_and_without(
    embedded, title
) -> None:
    for purpose, signals in (
        ("promo", {}),
        ("synopsis", {}),
        ("promo", {"mood_affinity": ["tender", "warm"]}),
    ):
        asked = Options(purpose=purpose, channel="detail", length="medium")
        answers = [
            embedded.run(
                embedded.service.blurbs.write(order(title, asked, AGREED, sent, stored=False))
            )
            for sent in (signals, {**signals, **TOUCHING})
        ]
        one, other = ([canonical(blurb) for blurb in answer.blurbs] for answer in answers)
        assert one == other
        assert answers[0].blurbs[0].source == ("written" if signals and title.moods else "twin")
        assert READS.find(answers[0].blurbs[0].text) == ()
