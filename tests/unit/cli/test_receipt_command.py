from __future__ import annotations

import hashlib
import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import msgspec
import pytest
from click.testing import CliRunner, Result

from genservice.cli.receipt import receipt
from genservice.cli.signed import MAX_BYTES
from genservice.domain import Context, Screened, StatedBlurb, StatedContext, Statement, TitleRef
from genservice.policy import decide, from_files
from genservice.receipts import Signer, read_receipt
from tests.unit.policy.making import SHAPES

TEXT = "A daughter comes home: Harbour Lights."


@pytest.fixture(scope="module")
def keystore(tmp_path_factory):
    return tmp_path_factory.mktemp("keystore")


@pytest.fixture(scope="module")
def folder(tmp_path_factory, keystore):
    """A receipt, its keys and its text, as files."""
    statement = Statement(
        title=TitleRef(id="harbour-lights-s1", revision=3),
        purpose="promo",
        channel="tile",
        tone="plain",
        length="short",
        seed=0,
        context=StatedContext(
            region="DE",
            age_band="unknown",
            consents=(),
            gpc=False,
            language="en",
            processor="in_process",
        ),
        policy="sha256:41c0",
        prompt="promo@1 sha256:77de",
        model="embedded sha256:0b9e",
        used=(),
        decisions=(),
        screened=Screened(prompt={}, text={}),
        attempts=1,
        blurbs=(StatedBlurb(id="b-1", sha256=hashlib.sha256(TEXT.encode()).hexdigest()),),
    )
    signer = Signer.open(keystore)
    made = tmp_path_factory.mktemp("receipt")
    good = msgspec.json.encode(signer.sign(statement))
    (made / "receipt.json").write_bytes(good)
    (made / "altered.json").write_bytes(good.replace(b'"attempts":1', b'"attempts":2'))
    (made / "doubled.json").write_bytes(good.replace(b'"attempts":1', b'"attempts":2,"attempts":1'))
    (made / "keys.json").write_bytes(msgspec.json.encode(signer.public_keys()))
    (made / "text.txt").write_text(TEXT, encoding="utf-8")
    (made / "line.txt").write_bytes(TEXT.encode() + b"\r\n")
    (made / "other.txt").write_text(TEXT.upper(), encoding="utf-8")
    (made / "latin.txt").write_bytes(b"\xe9")
    (made / "huge.json").write_bytes(b" " * (MAX_BYTES + 1))
    return made


@pytest.fixture
def run(folder, monkeypatch):
    monkeypatch.chdir(folder)

    def run(*arguments: str, **more) -> Result:
        return CliRunner().invoke(receipt, ["verify", *arguments], **more)

    return run


@pytest.mark.parametrize("text", [(), ("--text", "text.txt"), ("--text", "line.txt")])
def test_a_valid_receipt_exits_with_zero(run, text):
    result = run("receipt.json", "--keys", "keys.json", *text)

    assert (result.exit_code, result.stdout) == (0, "The receipt is valid.\n")


@pytest.mark.parametrize(
    ("arguments", "reason", "words"),
    [
        (("altered.json",), "statement_altered", "not the one its id was made from"),
        (("receipt.json", "--text", "other.txt"), "text_not_covered", "not about this text"),
        (("keys.json",), "not_a_receipt", "not a receipt"),
        (("doubled.json",), "not_a_receipt", "doubled"),
    ],
    ids=["altered", "other-text", "no-receipt", "doubled"],
)
def test_a_receipt_that_does_not_hold_exits_with_one_and_says_why(run, arguments, reason, words):
    as_text = run(*arguments, "--keys", "keys.json")
    as_json = run(*arguments, "--keys", "keys.json", "--json")

    assert (as_text.exit_code, as_json.exit_code) == (1, 1)
    assert words in as_text.stdout
    assert json.loads(as_json.stdout) == {"valid": False, "reason": reason}


def test_a_receipt_may_come_from_standard_input(run, folder):
    result = run("-", "--keys", "keys.json", "--json", input=(folder / "receipt.json").read_bytes())

    assert json.loads(result.stdout) == {"valid": True, "reason": None}


def test_without_keys_those_of_the_keystore_are_used(run, keystore):
    assert run("receipt.json", "--keystore", str(keystore)).exit_code == 0


def test_a_keystore_that_is_not_there_is_wrong_usage_and_is_not_made(run, tmp_path):
    result = run("receipt.json", "--keystore", str(tmp_path / "none"))

    assert result.exit_code == 2
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ("none.json", "--keys", "keys.json"),
        ("receipt.json", "--keys", "none.json"),
        ("receipt.json", "--keys", "text.txt"),
        ("receipt.json", "--keys", "."),
        ("receipt.json", "--keys", "keys.json", "--text", "latin.txt"),
        ("huge.json", "--keys", "keys.json"),
        ("receipt.json", "--keys", "http://127.0.0.1:1/keys.json"),
        ("receipt.json", "--keys", "https://"),
        (),
    ],
    ids=[
        "no-receipt", "no-keys", "bad-keys", "keys-a-folder", "text-not-utf8", "huge", "no-server",
        "no-address", "nothing",
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_wrong_usage(run, arguments):
    result = run(*arguments)

    assert result.exit_code == 2
    assert "Error:" in result.stderr


@pytest.mark.parametrize(("status", "code"), [(200, 0), (404, 2)])
def test_keys_may_come_from_a_service(run, folder, status, code):
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.end_headers()
            self.wfile.write((folder / "keys.json").read_bytes())

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        url = f"http://127.0.0.1:{server.server_port}/.well-known/genservice-keys.json"
        result = run("receipt.json", "--keys", url)
        thread.join()

    assert result.exit_code == code


@pytest.mark.parametrize("command", [[], ["verify"]])
def test_every_command_shows_an_example(command):
    assert "Example: genservice receipt" in CliRunner().invoke(receipt, [*command, "--help"]).stdout


@pytest.fixture
def explain(folder, monkeypatch):
    monkeypatch.chdir(folder)
    (folder / "rules").mkdir(exist_ok=True)
    for name, text in SHAPES.items():
        if not name.endswith("_test.yaml"):
            (folder / "rules" / name).write_text(text, encoding="utf-8")

    def explain(*arguments: str, **more) -> Result:
        return CliRunner().invoke(receipt, ["explain", *arguments], **more)

    return explain


@pytest.fixture
def explained(folder, keystore):
    """A receipt of the promo of an adult who agreed, under the rules beside it."""
    policies = from_files(SHAPES)
    raw = (folder / "receipt.json").read_bytes()
    agreed = Context(
        purpose="promo",
        region="DE",
        age_band="age_25_34",
        consents=("content_profile", "content_use"),
    )
    statement = msgspec.structs.replace(
        read_receipt(raw).statement, policy=policies.version, decisions=decide(policies, agreed)
    )
    signed = Signer.open(keystore).sign(statement)
    (folder / "explained.json").write_bytes(msgspec.json.encode(signed))
    return policies


def test_a_receipt_is_put_in_words_offline(explain, explained):
    result = explain("explained.json", "--policies", "rules", "--keys", "keys.json")

    assert result.exit_code == 0
    assert f"The promo of harbour-lights-s1, by the rules of {explained.version}." in result.stdout
    assert "- Titles you watched: could be used, only as their genres. What you" in result.stdout
    assert "- Where you are: not used. Nothing allows it here" in result.stdout
    assert result.stdout.endswith(": valid.\n")


def test_a_receipt_that_was_not_verified_is_told_with_a_warning(explain, explained):
    result = explain("explained.json", "--policies", "rules")

    assert (result.exit_code, result.stdout.endswith(": not verified: give --keys.\n")) == (0, True)


def test_a_receipt_of_another_set_is_told_by_the_names_of_signals(explain, explained):
    result = explain("explained.json", "--json")

    told = json.loads(result.stdout)
    assert [item["label"] for item in told["not_used"]] == ["location"]


def test_an_altered_receipt_is_not_put_in_words(explain):
    result = explain("altered.json", "--policies", "rules", "--keys", "keys.json")

    assert (result.exit_code, result.stdout) == (1, "")
    assert "not the one its id was made from" in result.stderr


@pytest.mark.parametrize("file", ["keys.json", "doubled.json", "latin.txt"])
def test_what_is_no_receipt_is_wrong_usage(explain, file):
    result = explain(file, "--policies", "rules")

    assert result.exit_code == 2
    assert "it is not a receipt" in result.stderr
