"""The ladder of what is served when the text asked for cannot be had: every rung, and the ground."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING

import msgspec
import pytest
from structlog.testing import capture_logs

from genservice.answers import order_of_twin
from genservice.briefing import Options
from genservice.domain import Title, TitleRef
from genservice.errors import GuardUnavailableError, UnavailableError
from genservice.generation import Scripted
from genservice.policy import from_files
from genservice.watch import Watch
from tests.small_service import PILOT

if TYPE_CHECKING:
    from collections.abc import Callable

    from genservice.policy import PolicySet
    from tests.small_service import Small

CRIME = {"genre_affinity": ["crime"]}


def by_room(request, seed: int) -> str:
    """Short where there is little room, longer where there is more."""
    return "[TITLE]." if request.limit <= 110 else "A [MOOD] [GENRE]: [TITLE]."


def failing() -> Scripted:
    model = Scripted()
    model.fail()
    return model


def served(answer):
    (blurb,) = answer.blurbs
    return blurb.source, blurb.reason, blurb.text


def test_a_twin_stored_for_this_place_comes_before_all_else(small) -> None:
    held = small.store("cold-quay", channel="tile", length="short")
    small.store("cold-quay")
    small.model.fail()
    answer = small.ask("cold-quay", CRIME, channel="tile", length="short")
    assert served(answer) == ("twin", "model_unavailable", held)


def test_the_twin_asked_for_itself_still_stands_under_its_key(small) -> None:
    held = small.store("cold-quay")
    small.model.fail()
    assert served(small.ask("cold-quay")) == ("twin", "nothing_released", held)


def test_the_reserve_writes_for_a_place_that_has_none_before_another_is_borrowed_from(
    small,
) -> None:
    small.store("cold-quay")
    small.model.fail()
    answer = small.ask("cold-quay", CRIME, channel="tile", length="short")
    assert served(answer)[:2] == ("twin", "model_unavailable")
    assert answer.receipt.statement.model == "reserve 1"


def test_the_reserve_writes_the_twin_where_no_text_of_another_model_passes(small) -> None:
    small.put_in(model=Scripted(lambda request, seed: "The best film ever made."))
    answer = small.ask("cold-quay", CRIME)
    assert served(answer)[:2] == ("twin", "check_failed")
    assert answer.receipt.statement.model == "reserve 1"


def test_with_the_reserve_down_too_another_places_text_is_served_if_it_fits(small) -> None:
    held = small.store("cold-quay")
    small.model.fail()
    small.reserve.fail()
    answer = small.ask("cold-quay", CRIME, channel="home_row")
    assert served(answer) == ("twin", "model_unavailable", held)
    assert not answer.blurbs[0].personalised
    assert answer.receipt.statement.used == ()


def test_of_the_texts_that_fit_the_longest_is_served(small) -> None:
    small.put_in(model=Scripted(by_room))
    short = small.store("cold-quay", channel="tile", length="short")
    longer = small.store("cold-quay", channel="email")
    assert len(short) < len(longer)
    small.put_in(model=failing(), reserve=failing())
    assert served(small.ask("cold-quay", channel="home_row"))[2] == longer
    limit = len(longer) - 1
    ref = TitleRef(id="cold-quay", revision=small.title("cold-quay").revision)
    kept = small.run(
        small.texts.fitting(ref, purpose="promo", language="en", limit=limit, tone="plain")
    )
    assert kept.written.text == short


@pytest.mark.parametrize("other", [{"purpose": "synopsis"}, {"revision": 2}])
def test_no_text_of_another_purpose_or_revision_is_borrowed(small, other) -> None:
    small.store("harbour-lights", purpose=other.get("purpose", "promo"))
    if "revision" in other:
        changed = msgspec.structs.replace(small.title("harbour-lights"), year=2025)
        small.run(small.service.titles.put(changed))
    small.model.fail()
    small.reserve.fail()
    answer = small.ask("harbour-lights", CRIME, channel="push", length="short")
    assert served(answer) == ("editorial", "model_unavailable", PILOT)


def test_without_any_stored_text_the_editors_own_is_served(small) -> None:
    small.model.fail()
    small.reserve.fail()
    assert served(small.ask("harbour-lights")) == ("editorial", "model_unavailable", PILOT)


def test_with_nothing_at_all_it_is_a_clear_error(small) -> None:
    small.model.fail()
    small.reserve.fail()
    with pytest.raises(UnavailableError, match="model unavailable"):
        small.ask("cold-quay", CRIME)


def test_a_model_that_has_just_failed_is_not_asked_again(small) -> None:
    small.store("cold-quay")
    small.model.requests.clear()
    small.model.fail()
    small.ask("cold-quay", CRIME)
    assert len(small.model.requests) == 1


def test_with_the_guard_down_editorial_text_screened_earlier_goes_out(small) -> None:
    small.run(small.blurbs._parts.dossiers.of(small.title("harbour-lights")))
    small.guard.down = True
    for signals in ({}, CRIME):
        answer = small.ask("harbour-lights", signals)
        assert served(answer) == ("editorial", "guard_unavailable", PILOT)


def test_with_the_guard_down_editorial_text_never_screened_stays(small) -> None:
    small.guard.down = True
    for title in ("harbour-lights", "kept-by-editors"):
        with pytest.raises(GuardUnavailableError):
            small.ask(title)


def test_with_the_guard_down_stored_twins_of_this_and_of_other_places_go_out(small) -> None:
    held = small.store("harbour-lights")
    small.put_in()
    small.guard.down = True
    for place in ({}, {"channel": "email"}):
        assert served(small.ask("harbour-lights", CRIME, **place)) == (
            "twin",
            "guard_unavailable",
            held,
        )


def test_with_the_guard_down_no_stored_text_takes_the_place_of_a_pinned_one(small) -> None:
    small.store("pinned-in-part")
    assert served(small.ask("pinned-in-part", length="short"))[0] == "editorial"
    small.put_in()
    small.guard.down = True
    with pytest.raises(GuardUnavailableError):
        small.ask("pinned-in-part", length="short")


def test_a_note_that_cannot_be_screened_leaves_what_was_screened_before(small) -> None:
    small.run(small.blurbs._parts.dossiers.of(small.title("harbour-lights")))
    small.guard.down = True
    answer = small.ask("harbour-lights", note="For Jane.")
    assert served(answer) == ("editorial", "guard_unavailable", PILOT)
    assert small.model.requests == []


def test_a_title_from_outside_the_catalogue_borrows_nothing(small) -> None:
    small.store("cold-quay")
    small.model.fail()
    small.reserve.fail()
    sent = order_of_twin(small.title("cold-quay"), Options(purpose="promo"))
    with pytest.raises(UnavailableError):
        small.run(small.blurbs.write(msgspec.structs.replace(sent, stored=False)))


def ruled(small: Small, *forbidden: str) -> Callable[[], PolicySet]:
    """The set in force with a further inference rule, which forbids these words."""
    rule = {"id": "own", "why": "Our choice.", "said": list(forbidden)}
    files = dict(small.service.policies().files)
    made = from_files({**files, "own.yaml": json.dumps({"inferences": [rule]})})
    return lambda: made


def test_a_text_that_stands_is_not_served_once_a_rule_forbids_it(small) -> None:
    small.put_in(model=Scripted(by_room))
    held = small.store("cold-quay")
    word = next(word for word in ("drama", "crime", "tense") if word in held.lower())
    small.model.fail()
    small.reserve.fail()
    assert served(small.ask("cold-quay"))[2] == held
    # The key is another under other rules, so nothing is left but what was stored for the place.
    for place in ({}, {"channel": "home_row"}):
        small.put_in(model=failing(), reserve=failing(), policies=ruled(small, "seasick"))
        assert served(small.ask("cold-quay", **place)) == ("twin", "model_unavailable", held)
        small.put_in(model=failing(), reserve=failing(), policies=ruled(small, word))
        with pytest.raises(UnavailableError):
            small.ask("cold-quay", **place)


def test_an_editors_text_that_breaks_a_rule_stays_where_it_is(small) -> None:
    assert served(small.ask("pinned-in-part", channel="tile", length="short"))[0] == "editorial"
    small.put_in(policies=ruled(small, "salt"))
    with pytest.raises(UnavailableError, match="title locked"):
        small.ask("pinned-in-part", channel="tile", length="short")


def test_the_kinds_that_are_logged_name_the_rule_and_nothing_of_the_text(small) -> None:
    small.put_in(
        model=Scripted(lambda request, seed: "A crime drama."),
        reserve=failing(),
        policies=ruled(small, "crime"),
    )
    with capture_logs() as logs, pytest.raises(UnavailableError, match="check failed"):
        small.ask("cold-quay", CRIME)
    (kinds, *_) = [entry["kinds"] for entry in logs if "kinds" in entry]
    assert "inference:own" in kinds
    assert not [key for key in kinds if "drama" in key]


@pytest.mark.parametrize("signals", [CRIME, {}])
def test_no_brief_is_made_that_nobody_asks_for(small, signals) -> None:
    heard = Counted()
    small.put_in(watch=Watch(heard))
    small.ask("cold-quay", signals)
    assert heard.steps["brief"] == 1


class Counted:
    """A listener that counts the steps that begin."""

    def __init__(self) -> None:
        self.steps = Counter[str]()

    def begin(self, seen) -> None:
        self.steps[seen.step] += 1

    def end(self, begun: None, seen, seconds: float) -> None:
        """Nothing is counted twice."""


def test_a_title_that_says_another_thing_is_another_dossier_under_the_same_id(small) -> None:
    title = small.run(small.service.titles.get("cold-quay"))
    other = msgspec.structs.replace(title, logline="A widow sells the last boat on the quay.")
    again = msgspec.convert(msgspec.to_builtins(title), Title)
    dossiers = small.service.dossiers
    held = [small.run(dossiers.of(each)) for each in (title, other, title, again)]
    assert held[0] is held[2] is held[3]
    assert held[1].title.logline == other.logline != held[0].title.logline
