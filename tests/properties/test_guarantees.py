"""The guarantees of the README, over generated audiences, contexts, policies and titles.

The real path with the scripted model; test_embedded.py repeats the first with the embedded one.
"""

from __future__ import annotations

import hashlib
import random
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from genservice.answers import Order, is_locked
from genservice.app import utc_now
from genservice.briefing import Options
from genservice.canonical import canonical
from genservice.checking import Report, uncovered
from genservice.domain import Context, Title
from genservice.errors import GuardUnavailableError, PolicyError, UnavailableError
from genservice.generation import Scripted
from genservice.in_force import Candidates, choose
from genservice.policy import decide, from_files
from genservice.privacy import Screening
from genservice.receipts import verify
from genservice.words import policy_words
from tests.properties import strategies as own

few = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])

options = st.builds(
    Options,
    purpose=st.sampled_from(["promo", "synopsis"]),
    channel=st.sampled_from(["tile", "push", "home_row", "email", "detail"]),
    length=st.sampled_from(["short", "medium", "long"]),
    tone=st.sampled_from(["plain", "warm", "dry", "tense", "playful", "urgent"]),
)


def order(
    title: Title, asked: Options, context: dict[str, Any], signals: dict[str, Any], **changes: Any
) -> Order:
    return Order(title=title, options=asked, signals=signals, **{**context, **changes})


def pick(path, at: int) -> Title:
    return path.titles[at % len(path.titles)]


def context_of(context: dict[str, Any], asked: Options) -> Context:
    return Context(
        purpose=asked.purpose,
        channel=asked.channel,
        region=context["region"],
        age_band=context["age_band"],
        consents=tuple(sorted(context["consents"])),
        gpc=context["gpc"],
    )


def decisions(context: dict[str, Any], asked: Options, policies=own.POLICIES) -> dict[str, str]:
    made = decide(policies, context_of(context, asked))
    return {decision.signal: decision.outcome for decision in made}


def same(path, blurbs, one: Order, other: Order) -> None:
    """Prompt, key and the answer's bytes are the same for both."""
    first, second = path.run(blurbs.preview(one)), path.run(blurbs.preview(other))
    assert first.prompt == second.prompt
    assert first.key == second.key
    assert canonical(first.brief) == canonical(second.brief)
    answers = [path.run(blurbs.write(each)) for each in (one, other)]
    assert canonical(answers[0]) == canonical(answers[1])


@given(st.integers(0, 500), options, own.contexts | own.granting, own.audiences(), st.data())
@few
def test_what_is_withheld_changes_no_byte(path, at, asked, context, audience, data) -> None:
    outcome = decisions(context, asked)
    released = {name: value for name, value in audience.items() if outcome[name] != "withheld"}
    withheld = sorted(name for name, found in outcome.items() if found == "withheld")
    noise = data.draw(st.dictionaries(st.sampled_from(withheld), own.json_values, max_size=25))
    title = pick(path, at)
    same(
        path,
        path.service.blurbs,
        order(title, asked, context, released),
        order(title, asked, context, {**released, **noise}),
    )


@given(
    st.integers(0, 500),
    options,
    own.rule_files(),
    own.contexts | own.granting,
    own.audiences(),
    st.data(),
)
@few
def test_whatever_the_policy_says(path, at, asked, rules, context, audience, data) -> None:
    policies = from_files({"signals.yaml": own.POLICIES.files["signals.yaml"], "rules.yaml": rules})
    outcome = decisions(context, asked, policies)
    released = {name: value for name, value in audience.items() if outcome[name] != "withheld"}
    withheld = sorted(name for name, found in outcome.items() if found == "withheld")
    noise = data.draw(st.dictionaries(st.sampled_from(withheld), own.json_values, max_size=25))
    blurbs = path.blurbs(policies=lambda: policies)
    title = pick(path, at)
    same(
        path,
        blurbs,
        order(title, asked, context, released),
        order(title, asked, context, {**released, **noise}),
    )


@given(
    st.integers(0, 500),
    options,
    own.granting,
    st.integers(21, 23),
    st.lists(st.integers(0, 59), min_size=2, max_size=2),
)
@few
def test_a_coarsened_signal_counts_up_to_its_coarse_value(
    path, at, asked, context, hour, minutes
) -> None:
    times = [[f"{hour}:{minute:02d}"] for minute in minutes]
    one, other = (order(pick(path, at), asked, context, {"time_of_day": each}) for each in times)
    assert "22:" not in str(path.run(path.service.blurbs.preview(one)).prompt)
    same(path, path.service.blurbs, one, other)


@given(own.titles(), options, own.contexts | own.granting, own.audiences())
@few
def test_every_answer_is_screened_sourced_and_explained(
    path, title, asked, context, audience
) -> None:
    sent = order(title, asked, context, audience, stored=False)
    try:
        answer = path.run(path.service.blurbs.write(sent))
    except UnavailableError:
        # Nothing could be said of a title with next to no facts in this little room.
        assert asked.length == "short" or asked.channel in ("tile", "push", "home_row")
        return
    dossier = path.run(path.service.dossiers.of(title))
    for blurb in answer.blurbs:
        assert len(blurb.text) <= 1200
        assert "[" not in blurb.text
        if blurb.source != "editorial":
            report = Report(findings=(), spans=blurb.spans)
            assert uncovered(blurb.text, report, dossier.sources) == ()
        assert blurb.personalised == (blurb.angle is not None)
    statement = answer.receipt.statement
    assert [item.signal for item in statement.decisions] == sorted(own.SIGNALS)
    assert {item.signal for item in statement.used} <= {
        item.signal for item in statement.decisions if item.outcome != "withheld"
    }
    verdict = verify(
        canonical(answer.receipt), path.service.signer.public_keys(), answer.blurbs[0].text
    )
    assert verdict.valid


@given(st.integers(0, 500), options, own.contexts, own.audiences())
@few
def test_no_audience_and_no_context_is_an_error(path, at, asked, context, audience) -> None:
    answer = path.run(path.service.blurbs.write(order(pick(path, at), asked, context, audience)))
    assert answer.blurbs[0].text
    assert answer.blurbs[0].source in ("written", "twin", "editorial")


LEAKS = (
    "Call Jane Roe on +44 20 7946 0958.",
    "[TITLE] by Steven Example.",
    "Write to jane@example.org about [TITLE].",
    "An Oscar-winning masterpiece.",
    "Because you watched it at midnight: [TITLE].",
    "[TITLE] with [NOBODY].",
    "[TITLE",
    "Seventeen pirates of the Spanish main.",
    "",
)


@given(
    st.integers(0, 500),
    options,
    st.lists(st.sampled_from(LEAKS), min_size=1),
    st.integers(0, 2**30),
)
@few
def test_no_bad_text_of_a_model_leaves(path, at, asked, leaks, seed) -> None:
    bad = Scripted(lambda request, number: leaks[number % len(leaks)], revision="bad")
    blurbs = path.blurbs(model=bad)
    sent = order(
        pick(path, at),
        asked,
        {"region": "GB", "age_band": "unknown", "consents": (), "gpc": False},
        {},
        seed=seed,
        stored=False,
    )
    try:
        answer = path.run(blurbs.write(sent))
    except UnavailableError:
        return
    (blurb,) = answer.blurbs
    assert blurb.source == "editorial" or answer.receipt.statement.model != "bad"
    assert blurb.text not in leaks
    # Where editors have the word, no model is asked.
    assert blurb.reason == ("title_locked" if is_locked(sent) else "check_failed")


class BrokenGuard:
    """A guard that fails from a given call on."""

    def __init__(self, guard, calls: int) -> None:
        self._guard = guard
        self._left = calls

    @property
    def revision(self) -> str:
        return "broken"

    async def screen(self, texts, *, side) -> tuple[Screening, ...]:
        if self._left == 0:
            raise GuardUnavailableError("The guard cannot screen.")
        self._left -= 1
        return await self._guard.screen(texts, side=side)


@given(st.integers(0, 500), options, st.integers(0, 1), st.integers(0, 2**30))
@few
def test_nothing_unscreened_leaves_when_the_guard_fails(path, at, asked, calls, seed) -> None:
    guard = BrokenGuard(path.service.blurbs._parts.guard, calls)
    dossiers = type(path.service.dossiers)(
        vocabulary=own.VOCABULARY,
        phrases=path.service.blurbs._parts.phrases,
        occasions=path.service.blurbs._parts.occasions,
        guard=guard,
    )
    blurbs = path.blurbs(guard=guard, dossiers=dossiers)
    context = {"region": "GB", "age_band": "unknown", "consents": (), "gpc": False}
    sent = order(pick(path, at), asked, context, {}, seed=seed)
    try:
        answer = path.run(blurbs.write(sent))
    except UnavailableError:
        return
    (blurb,) = answer.blurbs
    assert blurb.reason in ("guard_unavailable", "title_locked")
    assert blurb.source in ("twin", "editorial")


def test_a_stored_twin_outlives_the_guard_and_the_model(path) -> None:
    title = next(title for title in path.titles if title.copy.mode == "open" and not title.texts)
    asked = Options(purpose="promo", channel="email", length="medium")
    context = {"region": "GB", "age_band": "unknown", "consents": (), "gpc": False}
    twin = path.run(path.service.blurbs.write_twin(title, asked)).written.text
    guard = BrokenGuard(path.service.blurbs._parts.guard, 0)
    dossiers = type(path.service.dossiers)(
        vocabulary=own.VOCABULARY,
        phrases=path.service.blurbs._parts.phrases,
        occasions=path.service.blurbs._parts.occasions,
        guard=guard,
    )
    blurbs = path.blurbs(guard=guard, dossiers=dossiers)
    (blurb,) = path.run(blurbs.write(order(title, asked, context, {}))).blurbs
    assert (blurb.text, blurb.source, blurb.reason) == (twin, "twin", "guard_unavailable")


@given(st.integers(0, 500), options, own.granting, own.audiences(), st.randoms())
@few
def test_receipts_verify_and_a_changed_one_does_not(
    path, at, asked, context, audience, chance
) -> None:
    receipt = path.run(
        path.service.blurbs.write(order(pick(path, at), asked, context, audience))
    ).receipt
    keys = path.service.signer.public_keys()
    assert verify(canonical(receipt), keys).valid
    assert receipt.id == f"r-{hashlib.sha256(canonical(receipt.statement)).hexdigest()}"
    statement = receipt.statement
    changed = msgspec.structs.replace(statement, seed=statement.seed + chance.randint(1, 9))
    assert not verify(msgspec.structs.replace(receipt, statement=changed), keys).valid


CANDIDATES = Candidates(words=policy_words(own.VOCABULARY), titles=dict)


class Remembered:
    """A history of accepted sets."""

    def __init__(self) -> None:
        self.files: dict[str, str] | None = None

    async def accept(self, version: str, files, *, who: str = "start"):
        self.version, self.files, self.who = version, dict(files), who
        return self

    async def newest(self):
        return 0 if self.files is None else 1

    async def latest(self):
        return None if self.files is None else self


BROKEN = (
    "rules: [{id: x}]\n",
    "rules:\n  - {id: a, why: w, signals: [genre_afinity], decision: allow}\n",
    "a: &a [*a]\n",
    "\x00",
    "tests:\n",
)


@pytest.mark.parametrize("broken", BROKEN)
def test_a_broken_set_never_replaces_a_valid_one_and_never_starts_alone(
    path, tmp_path, broken
) -> None:
    history = Remembered()
    folder = tmp_path / "policies"
    folder.mkdir()
    for name, text in own.POLICIES.files.items():
        (folder / name).write_text(text, encoding="utf-8")
    good = path.run(choose(folder, history, CANDIDATES, clock=utc_now))
    assert good.problems == ()
    (folder / "base.yaml").write_text(broken, encoding="utf-8")
    kept = path.run(choose(folder, history, CANDIDATES, clock=utc_now))
    assert kept.policies.version == good.policies.version
    assert kept.problems
    with pytest.raises(PolicyError):
        path.run(choose(folder, Remembered(), CANDIDATES, clock=utc_now))


def test_a_set_that_fails_its_own_tests_never_rules(path, tmp_path) -> None:
    for name, text in own.POLICIES.files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "more.yaml").write_text(
        "rules:\n  - {id: too-much, why: A slip., signals: [genre_affinity], decision: allow}\n",
        encoding="utf-8",
    )
    with pytest.raises(PolicyError):
        path.run(choose(tmp_path, Remembered(), CANDIDATES, clock=utc_now))


def test_the_same_order_gives_the_same_bytes_after_a_restart(path) -> None:
    random.seed(0)
    sent = order(
        path.titles[3],
        Options(purpose="promo"),
        {"region": "GB", "age_band": "age_25_34", "consents": tuple(own.CONSENTS), "gpc": False},
        {"genre_affinity": ["drama", "comedy"]},
    )
    first = path.run(path.service.blurbs.write(sent))
    again = path.run(path.blurbs().write(sent))
    assert canonical(first) == canonical(again)
