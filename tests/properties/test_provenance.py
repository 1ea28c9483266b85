"""Where a name comes from decides: viewers' go, titles' come out of slots, and a raw text holds neither.

The real path with a model that says what it likes. Whether a recogniser or a check refuses a text does
not matter here; where only a deny term can, the title's own facts vouch for the word.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genservice.answers import Order
from genservice.briefing import Options
from genservice.canonical import canonical
from genservice.domain import Copy, Credit, EditorialText, StoryElement, Title
from genservice.errors import GuardUnavailableError
from genservice.generation import Scripted
from genservice.policy import from_files
from tests.disguises import DISGUISES
from tests.properties import strategies as own

if TYPE_CHECKING:
    from genservice.domain import Answer
    from genservice.privacy import Screening
    from tests.properties.conftest import Path

few = settings(max_examples=40)

SHARED = "Imre Vale"
TITLE = Title(
    id="the-weir",
    kind="film",
    name="The Weir",
    language="en",
    credits=(
        Credit(name=SHARED, job="actor", billing=1, character="Ada Thorne"),
        Credit(name="Noor Castellan", job="director"),
    ),
    genres=("crime", "drama"),
    moods=("tense",),
    logline="A lock-keeper called Ada Thorne opens the gate that took a brother.",
    story=(
        StoryElement(text="a lock-keeper", part="who"),
        StoryElement(text="open the gate", part="goal"),
    ),
    texts=(EditorialText(language="en", length="short", text="A gate, and a river."),),
)
AGREED = {"region": "DE", "age_band": "age_25_34", "consents": ("content_profile", "content_use")}
NAMES = (
    SHARED, "Noor Castellan", "Ada Thorne", "Emma Thornbury", "Priya Raghunathan", "Oluwaseun Adeyemi",
    "Dmitri Voskresensky", "Zsófia Szabó", "Yuki Matsumoto", "Fatima Zahrani",
)  # fmt: skip


def order(title: Title = TITLE, **changes: Any) -> Order:
    fields = {
        "title": title,
        "options": Options(purpose="promo"),
        "signals": {"genre_affinity": ["crime"]},
        "stored": False,
        **AGREED,
    }
    return Order(**{**fields, **changes})


def write(path: Path, sent: Order, raw: str, **parts: Any) -> Answer:
    model = Scripted(lambda request, seed: raw)
    return path.run(path.blurbs(model=model, reserve=Scripted(), attempts=1, **parts).write(sent))


def prompt(path: Path, sent: Order) -> str:
    shown = path.run(path.service.blurbs.preview(sent)).prompt
    return "\n".join([shown.compact, *(turn.content for turn in shown.turns)])


NOTES = st.sampled_from(
    [
        "For {}, who asked.",
        "my friend {} loves this one",
        "Written for {}'s birthday, keep it warm.",
    ]
)


OUT_OF_SLOTS = (
    ("[TITLE]: a [GENRE] with [LEAD].", SHARED),
    ("[TITLE]: a [GENRE] from [DIRECTOR].", "Noor Castellan"),
    ("[LOGLINE]. [TITLE]: a [GENRE].", "Ada Thorne"),
)


@pytest.mark.parametrize(("raw", "name"), OUT_OF_SLOTS)
def test_a_name_that_title_and_note_share_comes_out_of_its_slot_untouched(path, raw, name) -> None:
    (plain,) = write(path, order(), raw).blurbs
    assert (plain.source, name in plain.text) == ("written", True)
    for note in (f"For {name}, who asked.", name, f"{name.upper()}! {name.split()[0].lower()}!"):
        (blurb,) = write(path, order(note=note), raw).blurbs
        assert (blurb.source, blurb.text, blurb.spans) == ("written", plain.text, plain.spans)


@given(name=st.sampled_from(NAMES), note=NOTES, disguise=st.sampled_from(sorted(DISGUISES)))
@few
def test_a_name_of_the_note_is_refused_in_a_raw_text_whoever_else_bears_it(
    path, name, note, disguise
) -> None:
    shown = DISGUISES[disguise](name)
    sent = order(note=note.format(name))
    (twin,) = write(path, order(), "Jane Roe in a [GENRE]: [TITLE].").blurbs
    assert twin.source == "twin"
    for raw in (f"[TITLE]: a [GENRE] with {shown}.", f"{shown} in a [GENRE]: [TITLE]."):
        (blurb,) = write(path, sent, raw).blurbs
        assert (blurb.source, blurb.reason) == ("twin", "check_failed")
        # The twin may name its own people, out of slots, whoever the note was for.
        assert (blurb.text, blurb.spans) == (twin.text, twin.spans)


@given(name=st.sampled_from(NAMES), note=NOTES)
@few
def test_no_name_of_a_note_reaches_the_prompt(path, name, note) -> None:
    said = prompt(path, order(note=note.format(name)))
    assert not [word for word in name.split() if len(word) > 2 and word.lower() in said.lower()]


QUOTED = "A bassoon opens the gate that took a brother."
"""A word that nobody knows, and that the title itself vouches for."""


def test_what_a_note_said_is_refused_even_where_a_fact_of_the_title_says_it(path) -> None:
    title = msgspec.structs.replace(TITLE, logline=QUOTED)
    raw = f"{QUOTED} [TITLE]: a [GENRE]."
    assert write(path, order(title), raw).blurbs[0].source == "written"
    (blurb,) = write(path, order(title, note="mind our bassoon"), raw).blurbs
    assert (blurb.source, blurb.reason) == ("twin", "check_failed")
    slotted = "[LOGLINE]. [TITLE]: a [GENRE]."
    (blurb,) = write(path, order(title, note="mind our bassoon"), slotted).blurbs
    assert (blurb.source, QUOTED[:-1] in blurb.text) == ("written", True)


def test_what_the_guard_took_out_of_a_note_is_denied_as_well(path) -> None:
    fact = "A sextant opens the gate that took a brother."
    title = msgspec.structs.replace(TITLE, logline=fact)
    raw, note = f"{fact} [TITLE]: a [GENRE].", "For Emma Sextant, who asked."
    assert "sextant" not in prompt(path, order(note=note)).lower()
    assert write(path, order(title, note="Keep it warm."), raw).blurbs[0].source == "written"
    (blurb,) = write(path, order(title, note=note), raw).blurbs
    assert (blurb.source, blurb.reason) == ("twin", "check_failed")


def test_a_note_of_ordinary_words_refuses_no_text(path) -> None:
    raw = "A keeper opens the gate that took a brother. [TITLE]: a [GENRE]."
    title = msgspec.structs.replace(TITLE, logline="A keeper opens the gate that took a brother.")
    for note in (
        "a keeper, a gate, a brother: keep it warm",
        "Crime for grown-ups, please!",
        "dry",
    ):
        assert write(path, order(title, note=note), raw).blurbs[0].source == "written"


IDENTIFIERS = (
    "write to jo.lindqvist@example.org",
    "call +44 20 7946 0958",
    "paid with 4111 1111 1111 1111",
    "at 203.0.113.77",
    "account DE89 3704 0044 0532 0130 00",
    "see https://example.org/jo-lindqvist",
)


@given(
    identifier=st.sampled_from(IDENTIFIERS),
    note=st.none() | st.just("Keep it warm."),
    before=st.sampled_from(["[TITLE]: a [GENRE]. ", "A [GENRE]: [TITLE], ", ""]),
)
@few
def test_a_raw_text_with_an_identifier_is_never_served(path, identifier, note, before) -> None:
    (blurb,) = write(
        path, order(note=note), f"{before}{identifier[:1].upper()}{identifier[1:]}."
    ).blurbs
    assert (blurb.source, blurb.reason) == ("twin", "check_failed")
    assert identifier.split()[-1] not in blurb.text


@pytest.mark.parametrize("identifier", IDENTIFIERS)
def test_an_identifier_in_a_record_reaches_no_prompt_and_no_text(path, identifier) -> None:
    tainted = identifier.split(maxsplit=1)[1]
    title = msgspec.structs.replace(
        TITLE,
        description=f"A gate is opened at night; {identifier}.",
        story=(*TITLE.story, StoryElement(text=f"They {identifier} at last.")),
        copy=Copy(avoid=("gritty", tainted[:60])),
    )
    sent = order(title)
    assert tainted.lower() not in prompt(path, sent).lower()
    assert "gritty" in prompt(path, sent)
    for raw in ("[STORY_1]. [TITLE]: a [GENRE].", "[TITLE]: a [GENRE] with [LEAD]."):
        assert tainted not in write(path, sent, raw).blurbs[0].text


@given(title=own.titles())
@few
def test_the_names_of_a_record_stay_and_never_stand_in_a_prompt(path, title) -> None:
    dossier = path.run(path.service.dossiers.of(title))
    kept = {slot.text for slot in dossier.slots}
    assert {credit.name for credit in title.credits} <= kept
    assert title.name in kept
    said = prompt(path, order(title, note="Keep it warm."))
    assert not [name for name in (title.name, *(c.name for c in title.credits)) if name in said]


FREE = from_files(
    {
        "signals.yaml": own.POLICIES.files["signals.yaml"],
        "rules.yaml": "rules:\n  - {id: words, why: A rule of the tests., when: {}, "
        "signals: [stated_interests, search_terms], decision: allow}\n",
    }
)
PERSONAL = (
    "",
    " my name is Jane Roe, jane@example.org",
    " for Zsófia Szabó, 07700 900123",
    " ask Jane Roe",
)


@given(
    signal=st.sampled_from(["stated_interests", "search_terms"]),
    wish=st.sampled_from(["crime and slow rivers", "I love crime", "crime"]),
    personal=st.sampled_from(PERSONAL),
)
@few
def test_what_a_viewer_typed_is_heard_as_words_of_the_vocabulary_and_no_more(
    path, signal, wish, personal
) -> None:
    blurbs = path.blurbs(policies=lambda: FREE)
    sent, plain = (order(signals={signal: text}) for text in (f"{wish}.{personal}", "crime"))
    one, other = path.run(blurbs.preview(sent)), path.run(blurbs.preview(plain))
    assert [item.term for item in one.brief.angle] == ["crime"]
    assert (one.prompt, one.key) == (other.prompt, other.key)
    answers = [path.run(blurbs.write(each)) for each in (sent, plain)]
    assert canonical(answers[0]) == canonical(answers[1])


class Failing:
    """A guard that screens titles and models, and no viewer."""

    def __init__(self, guard: Any) -> None:
        self._guard = guard
        self.revision = "failing"

    async def screen(self, texts, *, side) -> tuple[Screening, ...]:
        if side == "viewer":
            raise GuardUnavailableError("The guard cannot screen.")
        return await self._guard.screen(texts, side=side)


def test_what_a_viewer_typed_is_not_heard_unscreened(path) -> None:
    guard = Failing(path.service.blurbs._parts.guard)
    for sent in (order(signals={"stated_interests": "crime"}), order(note="Keep it warm.")):
        (blurb,) = write(
            path, sent, "[TITLE]: a [GENRE].", guard=guard, policies=lambda: FREE
        ).blurbs
        assert (blurb.source, blurb.reason) == ("editorial", "guard_unavailable")
