"""Behind a proxy, with PostgreSQL, Valkey and two processes, each restarted in turn under load: answers are counted."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from genservice.domain import Receipt
from genservice.receipts import KeySet, read_keys, verify
from tests.servers.deployment import PATIENCE, ROOT, deployed, until
from tests.servers.deployment_load import ANY_NUMBER_OF_TIMES, CONSENTS, CYCLE, canary

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tests.servers.deployment import Deployment

TITLES = (
    "casablanca", "double-indemnity", "metropolis", "the-general", "nosferatu", "city-lights",
    "the-wire", "twin-peaks", "the-wizard-of-oz", "hoop-dreams", "grizzly-man", "fawlty-towers",
)  # fmt: skip
PINNED = "casablanca"
"""The editors wrote texts of it that are to be served."""
FAILING = {"model_unavailable", "guard_unavailable"}
"""Why an answer may be another one than the one before: model or guard were too late."""
ROUND = 40
"""Answers that are waited for after each restart: two rounds of all that is asked for."""


class Load:
    """The clients, and what they said so far."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._heard = threading.Condition()
        self.answered: list[dict[str, Any]] = []
        self.sent: int | None = None
        self._reading = threading.Thread(target=self._read, daemon=True)
        self._reading.start()

    def more(self, count: int = ROUND) -> None:
        """Return once so many more requests have ended."""
        with self._heard:
            enough = len(self.answered) + count
            reached = self._heard.wait_for(lambda: len(self.answered) >= enough, PATIENCE)
            assert reached, f"{len(self.answered)} of {enough} requests ended"

    def end(self) -> None:
        """Have them ask no more, and wait for every answer."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._reading.join(PATIENCE)
        assert self._process.wait(PATIENCE) == 0

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            told = json.loads(line)
            with self._heard:
                if "sent" in told:
                    self.sent = told["sent"]
                else:
                    self.answered.append(told)
                self._heard.notify_all()


@contextmanager
def asking(deployment: Deployment, kinds: Iterable[str]) -> Iterator[Load]:
    """Clients of an app, in a process of their own, until the block ends."""
    with deployment.client() as admin:
        key = admin.post("/v1/keys", json={"role": "app", "name": "clients"}).json()["key"]
    told = {
        "address": deployment.address, "certificate": str(deployment.certificate), "key": key,
        "titles": TITLES, "kinds": list(kinds),
    }  # fmt: skip
    with subprocess.Popen(
        [sys.executable, "-m", "tests.servers.deployment_load"],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdin is not None
        process.stdin.write(json.dumps(told) + "\n")
        process.stdin.flush()
        try:
            yield Load(process)
        finally:
            process.kill()


@pytest.fixture(scope="module")
def deployment(tmp_path_factory) -> Iterator[Deployment]:
    folder = tmp_path_factory.mktemp("deployment")
    # Nothing is written that nobody asked for, and every text is checked in the end.
    settings = {"GENSERVICE_TWINS": "", "GENSERVICE_RATE_LIMITS": "admin=off"}
    with deployed(folder, **settings) as found:
        yield found


class Answers:
    """What came back, held to what was asked."""

    def __init__(self, load: Load, keys: KeySet) -> None:
        self._keys = keys
        self._same: dict[str, tuple[Any, int]] = {}
        self.texts: set[tuple[str, str, str, str]] = set()
        """Title, channel, length and text of every blurb."""
        for told in load.answered:
            self._require_right(told)

    def _require_right(self, told: dict[str, Any]) -> None:
        for refusal in told["refused"]:
            assert refusal["status"] == 503
            assert refusal["problem"]["type"] == "urn:genservice:problem:unavailable"
        assert told["status"] in {200, 201}, told
        answer = told["answer"]
        match told["kind"]:
            case "title":
                assert told["path"].endswith(answer["id"])
            case "receipt":
                assert told["path"].endswith(answer["id"])
                self._require_valid(answer)
            case "signals":
                assert [signal["name"] for signal in answer["items"]] == ["genre_affinity"]
            case "consent":
                assert answer["standing"] == CONSENTS
            case "stream":
                self._require_blurbs(told, _told_whole(answer))
            case _:
                self._require_blurbs(told, answer)

    def _require_blurbs(self, told: dict[str, Any], answer: dict[str, Any]) -> None:
        order, statement = told["body"], answer["receipt"]["statement"]
        (blurb,) = answer["blurbs"]
        self._require_valid(answer["receipt"], blurb["text"])
        assert canary(told["number"]) not in json.dumps(answer)
        assert [covered["id"] for covered in statement["blurbs"]] == [blurb["id"]]
        assert statement["title"]["id"] == order["title_id"]
        assert statement["purpose"] == ("synopsis" if told["kind"] == "synopsis" else "promo")
        for name in ("channel", "length", "tone", "seed"):
            assert statement[name] == order[name]
        for name in ("region", "age_band"):
            assert statement["context"][name] == order["context"][name]
        if blurb["reason"] == "title_locked":
            assert (blurb["source"], order["title_id"]) == ("editorial", PINNED)
        else:
            assert blurb["source"] in {"written", "twin"}, blurb
            assert blurb["spans"], blurb
        self.texts.add((order["title_id"], order["channel"], order["length"], blurb["text"]))
        if told["kind"] == "viewer":
            # What is held of a viewer changes meanwhile.
            assert set(statement["context"]["consents"]) <= set(CONSENTS)
        else:
            assert statement["context"]["consents"] == order["context"]["consents"]
            self._require_same(told, answer)

    def _require_same(self, told: dict[str, Any], answer: dict[str, Any]) -> None:
        """Whoever asks for the same gets the same, of whichever process and whatever was restarted."""
        if answer["blurbs"][0]["reason"] in FAILING:
            return
        signals = {**told["body"]["audience"]["signals"], "location": None}
        asked = json.dumps([told["path"], {**told["body"], "audience": signals}], sort_keys=True)
        got = {"blurbs": answer["blurbs"], "receipt": answer["receipt"]}
        first, number = self._same.setdefault(asked, (got, told["number"]))
        assert got == first, f"{told['number']} and {number} asked for the same"

    def _require_valid(self, receipt: dict[str, Any], text: str | None = None) -> None:
        verdict = verify(msgspec.convert(receipt, Receipt), self._keys, text)
        assert verdict.valid, verdict


def _told_whole(events: list[Any]) -> dict[str, Any]:
    """The answer that a stream told, once it is seen that its sentences are those of its blurb."""
    *sentences, (blurb_event, blurb), (last_event, last) = events
    assert (blurb_event, last_event) == ("blurb", "receipt"), events
    shown: list[str] = []
    for name, data in sentences:
        assert name in {"sentence", "replace"}
        shown = [*([] if name == "replace" else shown), data["text"]]
    assert " ".join(shown) == blurb["text"]
    return {"blurbs": [blurb], **last}


def require_all_right(deployment: Deployment, load: Load) -> None:
    """Every request was answered, rightly, by a text that passed guard and checks; what is stored is whole."""
    assert load.sent == len(load.answered)
    assert sorted(told["number"] for told in load.answered) == list(range(load.sent))
    with deployment.client() as admin:
        published = admin.get("/.well-known/genservice-keys.json").content
        answers = Answers(load, read_keys(published, file="published"))
        assert len(answers.texts) > 2 * len(TITLES)
        for title, channel, length, text in answers.texts:
            asked = {"title_id": title, "channel": channel, "length": length, "text": text}
            checked = admin.post("/v1/check", json=asked).json()
            assert checked["passed"], (asked, checked)
    for command in (("store", "check"), ("log", "verify")):
        done = deployment.command(*command)
        assert done.exit_code == 0, done.output


def require_acts_once(deployment: Deployment, load: Load) -> None:
    """Every act of consent that was acknowledged is held, and none twice that was not sent twice."""
    held: Counter[str] = Counter()
    with deployment.client() as admin:
        for path in {told["path"] for told in load.answered if told["kind"] == "consent"}:
            cursor: str | None = ""
            while cursor is not None:
                page = admin.get(path, params={"limit": 100, **({"cursor": cursor} if cursor else {})}).json()  # fmt: skip
                held.update(act["text_version"] for act in page["items"])
                cursor = page["next"]
    acknowledged = [told for told in load.answered if told["kind"] == "consent"]
    assert {str(told["number"]) for told in acknowledged} == set(held)
    for told in acknowledged:
        if not told["refused"]:
            assert held[str(told["number"])] == len(CONSENTS)


def test_nothing_is_lost_wrong_or_unscreened_while_each_part_is_restarted(deployment) -> None:
    with asking(deployment, CYCLE) as load, deployment.client() as client:
        load.more()

        deployment.proxy.reload()
        load.more()

        deployment.valkey.kill()
        load.more()
        deployment.valkey.start()
        load.more()

        deployment.postgres.stop()
        until(lambda: "No process" in client.get("/v1/titles/metropolis").text)
        deployment.postgres.start()
        load.more()

        for process in deployment.processes:
            assert process.stop() == 128 + signal.SIGTERM
            load.more()
            process.start()
            assert process.first_key() is None
            process.wait_until_ready()
            load.more()
        load.end()
    assert any(told["refused"] for told in load.answered)
    require_all_right(deployment, load)
    require_acts_once(deployment, load)


def test_a_process_that_is_killed_costs_no_answer_that_may_be_asked_for_again(deployment) -> None:
    with asking(deployment, ANY_NUMBER_OF_TIMES) as load:
        load.more()
        deployment.processes[0].kill()
        load.more()
        load.end()
    require_all_right(deployment, load)
