from __future__ import annotations

from collections import Counter
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genservice.domain import Decided, LoggedContext
from genservice.policy import Replay, Replaying, Use, decide, levels_of
from tests.unit.policy.making import SIGNALS, context, policy_set, quick_set, rule

HISTORY = rule("history", "allow", ["watch_history"])
PLACE = rule("place", "allow", ["location"])
GENRES = rule("genres", {"coarsen": "genres"}, ["watch_history"])
NOT_IN_PROMOS = rule("no-promos", "withhold", ["watch_history"], {"purpose": ["promo"]})


def logged(*present: str, policies=None, count: int = 1, **changes) -> tuple[int, Decided]:
    """A request as the log has it; with the levels that `policies` left it."""
    stated = context(**changes)
    levels = {} if policies is None else levels_of(policies.signals, decide(policies, stated))
    signals = tuple((name, levels.get(name, "none")) for name in sorted(present))
    return count, Decided(LoggedContext.of(stated), signals)


def replayed(in_force, draft, *requests: tuple[int, Decided], **how) -> Replay:
    replaying = Replaying(in_force, draft, **how)
    replaying.add("sha256:then", requests)
    return replaying.result()


def told(replay: Replay) -> list[tuple[str, str, str, int]]:
    return [
        (one.change.direction, one.change.signal, f"{one.change.was.level} -> {one.change.will.level}", one.share.requests)
        for one in replay.effects
    ]  # fmt: skip


def test_only_requests_that_carried_a_signal_lose_it():
    replay = replayed(
        policy_set(HISTORY, PLACE),
        policy_set(HISTORY, PLACE, NOT_IN_PROMOS),
        logged("watch_history", "location", count=300),
        logged("watch_history", purpose="synopsis", count=40),
        logged("location", count=7),
    )
    assert told(replay) == [("lost", "watch_history", "titles -> none", 300)]
    assert (replay.requests, replay.changed) == (347, 300)


@pytest.mark.parametrize(
    ("before", "after", "direction"),
    [
        ((HISTORY,), (HISTORY, GENRES), "coarser"),
        ((HISTORY, GENRES), (HISTORY,), "finer"),
        ((GENRES,), (HISTORY, GENRES), "gained"),
        ((HISTORY, GENRES), (GENRES,), "lost"),
    ],
)
def test_each_way_to_change_has_its_name(before, after, direction):
    replay = replayed(policy_set(*before), policy_set(*after), logged("watch_history"))
    assert [effect.change.direction for effect in replay.effects] == [direction]


def test_the_outcome_is_told_in_the_words_of_receipts():
    replay = replayed(policy_set(HISTORY), policy_set(HISTORY, GENRES), logged("watch_history"))
    (effect,) = replay.effects
    assert (effect.change.was, effect.change.will) == (
        Use("released", "titles"),
        Use("coarsened", "genres"),
    )


def test_the_twin_is_served_where_no_signal_is_left_that_can_answer_a_title():
    """A place says nothing of a title here (no `answered_by`): it keeps nobody from the twin."""
    in_force = policy_set(HISTORY, PLACE)
    draft = policy_set(HISTORY, PLACE, NOT_IN_PROMOS)
    both, neither = logged("location", "watch_history", count=9), logged("location", count=5)
    replay = replayed(in_force, draft, both, neither)
    assert (replay.twin.requests, replay.no_longer_twin.requests) == (9, 0)
    reverse = replayed(draft, in_force, both, neither)
    assert (reverse.twin.requests, reverse.no_longer_twin.requests) == (0, 9)


def test_shares_say_where_the_requests_came_from_most_first():
    replay = replayed(
        policy_set(HISTORY),
        policy_set(rule("nothing", "withhold", ["watch_history"])),
        logged("watch_history", count=2, region="FR", purpose="synopsis"),
        logged("watch_history", count=3, region="DE", age_band="age_13"),
        logged("watch_history", count=1, region="GB", age_band="under_13"),
    )
    (change,) = replay.effects
    assert list(change.share.regions.items()) == [("DE", 3), ("FR", 2), ("GB", 1)]
    assert change.share.purposes == {"promo": 4, "synopsis": 2}
    assert change.share.age_bands == {"age_13": 3, "age_25_34": 2, "under_13": 1}


def test_the_same_rules_change_nothing():
    replay = replayed(policy_set(HISTORY), policy_set(HISTORY), logged("watch_history"))
    assert replay.is_quiet
    assert not replay.unseen.any


def test_against_then_what_was_decided_counts_and_not_what_would_be_today():
    then = policy_set(HISTORY)
    in_force = policy_set(HISTORY, GENRES)
    request = logged("watch_history", policies=then)
    assert replayed(in_force, in_force, request).is_quiet
    replay = replayed(in_force, in_force, request, against="then")
    assert told(replay) == [("coarser", "watch_history", "titles -> genres", 1)]
    quiet = replayed(in_force, then, request, against="then")
    assert quiet.is_quiet


def test_the_versions_that_decided_are_counted():
    replaying = Replaying(policy_set(HISTORY), policy_set(HISTORY))
    replaying.add("v1", [logged("location", count=2)])
    replaying.add("v2", [logged("location", count=3)])
    assert list(replaying.result().versions.items()) == [("v2", 3), ("v1", 2)]


def test_a_signal_that_the_draft_drops_is_lost_if_it_was_used_and_named_in_any_case():
    fewer = "\n".join(line for line in SIGNALS.splitlines() if "completions" not in line)
    used = policy_set(rule("completions", "allow", ["completions"]))
    draft = policy_set(HISTORY, signals=fewer)
    replay = replayed(used, draft, logged("completions", count=4))
    assert told(replay) == [("lost", "completions", "titles -> none", 4)]
    assert replay.dropped == {"completions": 4}
    assert replayed(policy_set(HISTORY), draft, logged("completions", count=4)).is_quiet


def test_what_the_log_cannot_tell_is_named():
    more = SIGNALS.replace("content_use: {tcf: 6}", "content_use: {tcf: 6}, more: {}") + (
        "  mood: {label: Mood, value: terms, data: user.behavior, sensitivity: low, ladder: [words, none], keep_days: 1}\n"
    )
    new = rule("new", "allow", ["watch_history"], {"region": ["US-CA", "DE"]})
    unseen = replayed(policy_set(HISTORY), policy_set(new, signals=more)).unseen
    assert (unseen.signals, unseen.consents, unseen.regions) == (("mood",), ("more",), ("US-CA",))


NAMES = ("completions", "location", "time_of_day", "watch_history")
LEVELS = {"completions": "moods", "location": "country", "time_of_day": "hour", "watch_history": "genres"}  # fmt: skip

whens = st.fixed_dictionaries(
    {},
    optional={
        "purpose": st.sampled_from([["promo"], ["synopsis"]]),
        "region": st.sampled_from([["EEA"], {"not": ["EEA"]}, ["unknown", "GB"]]),
        "age_band": st.sampled_from([["adult"], {"not": ["minor"]}]),
        "consents": st.sampled_from([["content_use"], {"not": ["content_profile"]}]),
        "gpc": st.booleans(),
    },
)
made = st.tuples(
    st.sampled_from(NAMES), st.sampled_from(["allow", "coarsen", "withhold"]), whens
)  # fmt: skip
sets = st.lists(made, min_size=1, max_size=8).map(
    lambda rules: quick_set(
        *(
            rule(f"r{at}", {"coarsen": LEVELS[name]} if verb == "coarsen" else verb, [name], when)
            for at, (name, verb, when) in enumerate(rules)
        )
    )
)
requests = st.lists(
    st.tuples(
        st.sets(st.sampled_from(NAMES)),
        st.fixed_dictionaries(
            {
                "purpose": st.sampled_from(["promo", "synopsis"]),
                "region": st.sampled_from(["DE", "GB", "US-CA", "unknown"]),
                "age_band": st.sampled_from(["age_13", "age_25_34", "unknown"]),
                "consents": st.sampled_from([(), ("content_use",), ("content_profile", "content_use")]),
                "gpc": st.booleans(),
            }
        ),
    ),
    max_size=12,
)  # fmt: skip


@given(sets, sets, requests, st.randoms())
def test_counts_are_those_of_deciding_request_by_request(in_force, draft, sent, chance):
    counts: Counter = Counter()
    for names, where in sent:
        before, after = (
            levels_of(policies.signals, decide(policies, context(**where)))
            for policies in (in_force, draft)
        )
        differing = [name for name in names if before[name] != after[name]]
        counts["changed"] += bool(differing)
        counts.update((name, before[name], after[name]) for name in differing)
        answered, answers = (
            any(levels[name] != "none" for name in names & {"watch_history"})
            for levels in (before, after)
        )
        counts["twin"] += answered and not answers
        counts["no longer"] += answers and not answered
    entries = [logged(*names, policies=in_force, **where) for names, where in sent]
    chance.shuffle(entries)
    for against in ("in_force", "then"):
        replay = replayed(in_force, draft, *entries, against=against)
        assert replay.requests == len(sent)
        assert replay.changed == counts["changed"]
        assert replay.twin.requests == counts["twin"]
        assert replay.no_longer_twin.requests == counts["no longer"]
        assert {
            (
                effect.change.signal,
                effect.change.was.level,
                effect.change.will.level,
            ): effect.share.requests
            for effect in replay.effects
        } == {key: count for key, count in counts.items() if isinstance(key, tuple)}


def test_every_change_of_one_signal_adds_up_to_the_requests_that_changed():
    in_force, draft = policy_set(HISTORY), policy_set(HISTORY, GENRES, NOT_IN_PROMOS)
    entries = [
        logged("watch_history", purpose=purpose, region=region, count=at)
        for at, (purpose, region) in enumerate(product(("promo", "synopsis"), ("DE", "GB")), 1)
    ]
    replay = replayed(in_force, draft, *entries)
    assert sorted(told(replay)) == [
        ("coarser", "watch_history", "titles -> genres", 7),
        ("lost", "watch_history", "titles -> none", 3),
    ]
    assert replay.changed == 10
