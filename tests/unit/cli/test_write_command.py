"""`genservice write`: what it refuses before anything is loaded, and what it writes."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pytest
from click.testing import CliRunner

from genservice.cli.write import write
from genservice.receipts import Signer, verify
from genservice.sentences import sentences_of
from tests.small_service import small_settings

PRIVATE = "emma of 12 Harbour Street"
ADULT = [
    "--region", "DE", "--age-band", "age_25_34",
    "--consent", "content_profile", "--consent", "content_use",
]  # fmt: skip


@dataclass(frozen=True)
class Case:
    id: str
    args: tuple[str, ...]
    said: str


WRONG = [
    Case("no title id", (PRIVATE,), "TITLE_ID: not of the form allowed here"),
    Case("no region", ("x", "--region", PRIVATE), "'--region': not a region"),
    Case("no consent", ("x", "--consent", PRIVATE), "--consent: not of the form allowed here"),
    Case("no language", ("x", "--language", PRIVATE), "--language: not of the form allowed here"),
    Case("no signal", ("x", "--signal", PRIVATE), "--signal: expected NAME=JSON"),
    Case("no JSON", ("x", "--signal", f"device={PRIVATE}"), "--signal: expected NAME=JSON"),
    Case("no number", ("x", "--signal", "device=NaN"), "--signal: expected NAME=JSON"),
    Case("no end", ("x", "--signal", "device=" + "[" * 9000), "--signal: expected NAME=JSON"),
    Case("no name", ("x", "--signal", f"{PRIVATE}=1"), "--signal: not of the form allowed here"),
    Case("no segment", ("x", "--segment", PRIVATE), "--segment: not of the form allowed here"),
    Case("an empty note", ("x", "--note", ""), "--note: nothing in it"),
    Case("a long note", ("x", "--note", PRIVATE * 100), "--note: longer than 2000 characters"),
    Case("a large seed", ("x", "--seed", "9" * 30), "--seed: larger than 9007199254740991"),
    Case("many variants", ("x", "--variants", "6"), "'--variants': 6 is not in the range"),
]


@pytest.mark.parametrize("case", WRONG, ids=lambda case: case.id)
def test_what_no_request_may_say_is_wrong_usage_that_names_the_option(case: Case):
    result = CliRunner().invoke(write, case.args)
    assert result.exit_code == 2
    assert f"Invalid value for {case.said}" in result.stderr
    assert PRIVATE not in result.stderr


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory):
    """The command over four titles and the embedded model."""
    settings = small_settings(tmp_path_factory.mktemp("write"))
    folders = [f"--{name}={getattr(settings, name)}" for name in ("data", "keystore", "catalogue")]
    invoke = CliRunner(catch_exceptions=False).invoke
    return lambda *args: invoke(write, [*args, *folders]), settings.keystore


def test_a_blurb_answers_its_audience_and_its_receipt_holds(run):
    write_for, keystore = run
    signals = ["--signal", 'genre_affinity=["crime"]', "--signal", "shoe_size=43"]
    result = write_for("cold-quay", *ADULT, *signals, "--json")
    assert result.exit_code == 0
    answer = json.loads(result.stdout)
    (blurb,) = answer["blurbs"]
    assert (blurb["source"], blurb["angle"]) == ("written", "genre_affinity")
    assert answer["notices"] == [{"kind": "undeclared_signal", "name": "shoe_size"}]
    receipt = json.dumps(answer["receipt"]).encode()
    keys = Signer.open(keystore, create=False).public_keys()
    assert verify(receipt, keys, blurb["text"]).valid


def test_a_consent_that_no_policy_asks_for_is_wrong_usage_and_in_no_receipt(run):
    result = run[0]("cold-quay", "--consent", "emma_of_harbour_street")
    assert result.exit_code == 2
    assert "Invalid value for --consent: no such consent" in result.stderr


def test_a_segment_writes_what_its_signals_would(run):
    write_for, _ = run
    named = write_for("cold-quay", *ADULT, "--segment", "slow_burn_crime", "--json")
    signals = ["--signal", 'genre_affinity=["crime"]', "--signal", 'pace_preference="slow_burn"']
    sent = write_for("cold-quay", *ADULT, *signals, "--json")
    assert named.exit_code == 0
    assert named.stdout == sent.stdout


def test_a_segment_that_is_none_is_wrong_usage_that_says_what_was_meant(run):
    result = run[0]("cold-quay", "--segment", "slow_burn_krime")
    assert result.exit_code == 2
    assert (
        "Invalid value for --segment: no such segment (did you mean 'slow_burn_crime'?)"
        in result.stderr
    )


def test_the_text_alone_is_printed_and_what_it_is_goes_to_stderr(run):
    result = run[0]("kept-by-editors", "--length", "short")
    assert (result.exit_code, result.stdout) == (0, "A river and two brothers.\n")
    assert result.stderr == "  editorial: title locked\n"


LONG = [*ADULT, "--length", "long", "--signal", 'genre_affinity=["crime"]']


def test_a_long_text_is_printed_sentence_by_sentence(run):
    invoke, _ = run
    plain = invoke("cold-quay", *LONG)
    told = invoke("cold-quay", *LONG, "--stream")
    assert told.exit_code == 0
    assert told.stdout.split("\n")[:-1] == list(sentences_of(plain.stdout.strip()))
    assert "written: genre_affinity" in told.stderr


def test_events_are_printed_one_a_line_for_programs(run):
    invoke, _ = run
    answer = json.loads(invoke("cold-quay", *LONG, "--json").stdout)
    lines = [
        json.loads(line)
        for line in invoke("cold-quay", *LONG, "--json", "--stream").stdout.splitlines()
    ]
    *sentences, blurb, receipt = lines
    assert {line["event"] for line in sentences} == {"sentence"}
    assert " ".join(line["data"]["text"] for line in sentences) == answer["blurbs"][0]["text"]
    assert blurb == {"event": "blurb", "data": answer["blurbs"][0]}
    assert receipt["event"] == "receipt"
    assert receipt["data"]["receipt"] == answer["receipt"]
