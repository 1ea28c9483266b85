"""A confirmation of erasure holds offline, tells nothing of whose it is, and yet shows it to who may know."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from genservice.canonical import canonical
from genservice.confirmations import Confirmed, Counts, Erasure, confirm, verify_confirmation
from genservice.receipts import Signer, verify

if TYPE_CHECKING:
    from pathlib import Path

AT = datetime(2026, 11, 26, 9, 30, 12, 345678, tzinfo=UTC)
VIEWER = "zebedee.quillfeather"
COUNTS = Counts(signals=3, consents=2, controls=1, servings=40)


@pytest.fixture(scope="module")
def signer(tmp_path_factory: pytest.TempPathFactory) -> Signer:
    return Signer.open(tmp_path_factory.mktemp("keystore"))


def given_out(signer: Signer, viewer: str = VIEWER, secret: bytes = b"s" * 32) -> Confirmed:
    return confirm(viewer, COUNTS, at=AT, signer=signer, random=lambda count: secret[:count])


def changed(confirmed: Confirmed, *path: str, to: Any) -> bytes:
    value = json.loads(msgspec.json.encode(confirmed))
    inner = value
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = to
    return json.dumps(value).encode()


def test_it_holds_with_its_secret_and_without(signer: Signer) -> None:
    confirmed = given_out(signer)
    keys = signer.public_keys()
    for part in (confirmed, confirmed.confirmation):
        assert verify_confirmation(msgspec.json.encode(part), keys).valid


def test_it_says_how_much_and_when_and_the_viewer_stands_nowhere_in_it(signer: Signer) -> None:
    confirmed = given_out(signer)
    assert confirmed.confirmation.statement.erased == COUNTS
    assert confirmed.confirmation.statement.at == AT.replace(microsecond=0)
    assert VIEWER.encode() not in msgspec.json.encode(confirmed)


@given(
    st.text("abcdefghijklmnopqrstuvwxyzABC0123456789._~-", min_size=1, max_size=128),
    st.text("abcdefghijklmnopqrstuvwxyzABC0123456789._~-", min_size=1, max_size=128),
    st.binary(min_size=32, max_size=32),
)
def test_with_the_secret_it_is_its_viewers_and_nobody_elses(
    signer: Signer, viewer: str, other: str, secret: bytes
) -> None:
    raw = msgspec.json.encode(given_out(signer, viewer, secret))
    keys = signer.public_keys()
    assert verify_confirmation(raw, keys, viewer=viewer).valid
    verdict = verify_confirmation(raw, keys, viewer=other)
    assert verdict.valid == (viewer == other)
    assert verdict.reason in {None, "another_viewer"}


def test_without_the_secret_not_even_who_guesses_the_viewer_learns_whose_it_is(
    signer: Signer,
) -> None:
    raw = msgspec.json.encode(given_out(signer).confirmation)
    verdict = verify_confirmation(raw, signer.public_keys(), viewer=VIEWER)
    assert verdict.reason == "another_viewer"


def test_two_confirmations_of_one_viewer_have_nothing_in_common(signer: Signer) -> None:
    first = given_out(signer, secret=b"a" * 32).confirmation
    second = given_out(signer, secret=b"b" * 32).confirmation
    assert first.statement.viewer != second.statement.viewer
    assert first.id != second.id


@pytest.mark.parametrize(
    ("path", "to", "reason"),
    [
        (("confirmation", "statement", "erased", "signals"), 4, "statement_altered"),
        (("confirmation", "statement", "at"), "2026-11-27T09:30:12Z", "statement_altered"),
        (("confirmation", "statement", "viewer"), "0" * 64, "statement_altered"),
        (("confirmation", "id"), "e-" + "0" * 64, "statement_altered"),
        (("confirmation", "signature", "key"), "k-00000000", "unknown_key"),
        (("confirmation", "signature", "value"), "AAAA", "signature_wrong"),
        (("confirmation", "statement", "kind"), "genservice.erasure/2", "not_a_confirmation"),
        (("confirmation", "statement", "more"), 1, "not_a_confirmation"),
        (("confirmation",), None, "not_a_confirmation"),
        (("secret",), "no hex", "not_a_confirmation"),
        (("more",), 1, "not_a_confirmation"),
    ],
)
def test_a_changed_one_does_not_hold(signer: Signer, path, to, reason: str) -> None:
    raw = changed(given_out(signer), *path, to=to)
    assert verify_confirmation(raw, signer.public_keys()).reason == reason


@pytest.mark.parametrize(
    "raw", [b"", b"null", b"[]", b"{}", b"\xff", b'{"id": "e"}', b"[" * 10_000]
)
def test_what_is_no_confirmation_is_called_so(signer: Signer, raw: bytes) -> None:
    assert verify_confirmation(raw, signer.public_keys()).reason == "not_a_confirmation"


def test_one_with_a_key_twice_is_none(signer: Signer) -> None:
    raw = msgspec.json.encode(given_out(signer))
    assert raw.startswith(b"{")
    doubled = b'{"secret":"00",' + raw[1:]
    assert verify_confirmation(doubled, signer.public_keys()).reason == "not_a_confirmation"


def test_another_services_keys_do_not_verify_it(signer: Signer, tmp_path: Path) -> None:
    other = Signer.open(tmp_path).public_keys()
    raw = msgspec.json.encode(given_out(signer))
    assert verify_confirmation(raw, other).reason == "unknown_key"


def test_a_confirmation_is_no_receipt_and_a_receipts_signature_is_no_confirmations(
    signer: Signer,
) -> None:
    confirmed = given_out(signer)
    keys = signer.public_keys()
    assert verify(msgspec.json.encode(confirmed.confirmation), keys).reason == "not_a_receipt"
    signed = json.loads(canonical(confirmed.confirmation.statement))
    assert signed["kind"] == "genservice.erasure/1"
    assert Erasure.__struct_config__.forbid_unknown_fields
