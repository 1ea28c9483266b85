"""A token opens for one viewer and some minutes, shows nothing, and cannot be made elsewhere."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from genservice.errors import SettingsError
from genservice.tokens import AUDIENCE, ISSUER, LONGEST_MINUTES, SKEW, ViewerTokens, _derived

if TYPE_CHECKING:
    from pathlib import Path

SECRET = bytes(range(32))
START = datetime(2026, 3, 1, 12, 0, 0, 250_000, tzinfo=UTC)
VIEWERS = st.from_regex(r"[A-Za-z0-9._~-]{1,128}", fullmatch=True).filter(
    lambda viewer: viewer not in {"me", ".", ".."}
)


class Clock:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


def tokens(*secrets: bytes, clock: Any = lambda: START) -> ViewerTokens:
    return ViewerTokens(secrets or (SECRET,), clock=clock)


def parts(token: str) -> list[Any]:
    return [
        json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
        for part in token.split(".")[:2]
    ]


def signed(changes: dict[str, Any], *, secret: bytes = SECRET, **headers: Any) -> str:
    """A token whose claims are changed, under the right key; None takes a claim out."""
    header, claims = parts(tokens().issue("v-1", minutes=10).token)
    claims = {name: value for name, value in {**claims, **changes}.items() if value is not None}
    key = _derived(secret, "signing")
    return jwt.encode(claims, key, algorithm="HS256", headers={"kid": header["kid"], **headers})


@given(viewer=VIEWERS, minutes=st.integers(1, LONGEST_MINUTES))
def test_a_token_speaks_for_the_viewer_it_was_made_for(viewer: str, minutes: int) -> None:
    issued = tokens().issue(viewer, minutes=minutes)
    bearer = tokens().read(issued.token)
    assert bearer is not None
    assert bearer.viewer == viewer
    assert issued.expires_at == START.replace(microsecond=0) + timedelta(minutes=minutes)


@given(viewer=VIEWERS)
def test_neither_a_token_nor_its_values_in_a_log_show_the_viewer(viewer: str) -> None:
    issued = tokens().issue(viewer, minutes=10)
    _, claims = parts(issued.token)
    assert set(claims) == {"iss", "aud", "sub", "iat", "exp", "jti"}
    raw = base64.urlsafe_b64decode(claims["sub"] + "==")
    if len(viewer) > 3:
        assert viewer.encode() not in raw
        assert viewer not in repr(issued)
        assert viewer not in repr(tokens().read(issued.token))
    assert issued.token not in repr(issued)


@given(one=VIEWERS, other=VIEWERS)
def test_a_token_is_as_long_for_every_viewer_and_never_the_same_twice(one: str, other: str) -> None:
    first, second = (tokens().issue(viewer, minutes=10).token for viewer in (one, other))
    assert len(first) == len(second)
    assert first != second
    assert parts(first)[1]["sub"] != parts(second)[1]["sub"]


def test_all_tokens_of_a_viewer_are_counted_as_one_and_apart_from_others() -> None:
    made = tokens()
    aliases = [made.read(made.issue(v, minutes=1).token) for v in ("v-1", "v-1", "v-2")]
    first, again, other = (bearer.alias for bearer in aliases if bearer is not None)
    assert first == again != other
    assert "v-1" not in first


def test_a_token_ends_to_the_second() -> None:
    clock = Clock()
    made = tokens(clock=clock)
    issued = made.issue("v-1", minutes=1)
    clock.now = issued.expires_at - timedelta(microseconds=1)
    assert made.read(issued.token) is not None
    clock.now = issued.expires_at
    assert made.read(issued.token) is None


def test_a_clock_that_is_a_little_ahead_is_borne_with_and_no_more() -> None:
    token = tokens(clock=lambda: START.replace(microsecond=0) + SKEW).issue("v-1", minutes=5).token
    assert tokens(clock=lambda: START.replace(microsecond=0)).read(token) is not None
    earlier = START.replace(microsecond=0) - timedelta(seconds=1)
    assert tokens(clock=lambda: earlier).read(token) is None


NOW = int(START.timestamp())


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "genservice:receipts"},
        {"aud": None},
        {"aud": [AUDIENCE, 1]},
        {"iss": "another"},
        {"iss": None},
        {"exp": None},
        {"exp": NOW + 60 * LONGEST_MINUTES + 1},
        {"exp": float(NOW + 60)},
        {"exp": "soon"},
        {"exp": True},
        {"exp": NOW, "iat": NOW},
        {"iat": None},
        {"iat": NOW + 120},
        {"iat": True},
        {"jti": None},
        {"jti": ""},
        {"jti": "A" * 22},
        {"jti": 7},
        {"sub": None},
        {"sub": ""},
        {"sub": "v-1"},
        {"sub": "A" * 208},
        {"sub": 7},
        {"sub": {"viewer": "v-1"}},
        {"nbf": NOW + 600},
    ],
    ids=str,
)
def test_a_claim_that_is_missing_or_another_opens_nothing_though_well_signed(changes) -> None:
    assert tokens().read(signed({})) is not None
    assert tokens().read(signed(changes)) is None


def test_a_sealed_viewer_cannot_be_moved_into_another_token() -> None:
    _, claims = parts(tokens().issue("v-2", minutes=10).token)
    assert tokens().read(signed({"sub": claims["sub"]})) is None
    assert tokens().read(signed({"sub": claims["sub"], "jti": claims["jti"]})) is not None


def test_a_token_of_another_keystore_opens_nothing() -> None:
    other = tokens(b"\1" * 32).issue("v-1", minutes=10).token
    assert tokens().read(other) is None
    header, _ = parts(tokens().issue("v-1", minutes=10).token)
    assert tokens().read(signed({}, secret=b"\1" * 32, kid=header["kid"])) is None


@pytest.mark.parametrize("algorithm", ["none", "HS384", "HS512"])
def test_the_algorithm_is_not_the_tokens_to_choose(algorithm: str) -> None:
    header, claims = parts(tokens().issue("v-1", minutes=10).token)
    key = None if algorithm == "none" else _derived(SECRET, "signing") * 2
    forged = jwt.encode(claims, key, algorithm=algorithm, headers={"kid": header["kid"]})
    assert tokens().read(forged) is None
    # And one whose header says HS256, so that it is looked at.
    body = tokens().issue("v-1", minutes=10).token.rpartition(".")[0]
    assert tokens().read(f"{body}.") is None
    assert tokens().read(f"{body}.{forged.rpartition('.')[2]}") is None


@given(place=st.integers(0, 600), letter=st.sampled_from("AZaz09-_.=\x00é"))
def test_no_letter_of_a_token_can_be_another(place: int, letter: str) -> None:
    token = tokens().issue("v-1", minutes=10).token
    place %= len(token)
    changed = token[:place] + letter + token[place + 1 :]
    read = tokens().read(changed)
    # The last letter of base64url holds spare bits: some letters mean the same.
    assert read is None or changed == token or place == len(token) - 1


@given(st.text(max_size=200) | st.builds(lambda n: "eyJ" + "A" * n, st.integers(0, 3000)))
def test_what_is_no_token_opens_nothing_and_raises_nothing(text: str) -> None:
    assert tokens().read(text) is None
    header = tokens().issue("v-1", minutes=10).token.partition(".")[0]
    assert tokens().read(f"{header}.{text}") is None


def test_the_first_secret_makes_tokens_and_the_others_still_read_theirs() -> None:
    old, new = SECRET, b"\2" * 32
    before = tokens(old).issue("v-1", minutes=10).token
    both = tokens(new, old)
    assert both.read(before) is not None
    after = both.issue("v-1", minutes=10).token
    assert tokens(new).read(after) is not None
    assert tokens(old).read(after) is None
    assert tokens(new).read(before) is None


def test_the_secret_is_made_once_and_readable_to_its_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "keystore"
    token = ViewerTokens.open(folder, clock=lambda: START).issue("v-1", minutes=10).token
    assert ViewerTokens.open(folder, clock=lambda: START).read(token) is not None
    assert [path.name for path in folder.iterdir()] == ["tokens.key"]
    assert (folder / "tokens.key").stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("content", ["", "short", "é", "A" * 43 + "\nAAAA", "A" * 42 + "!"])
def test_a_file_that_holds_no_secrets_is_refused_by_name(tmp_path: Path, content: str) -> None:
    (tmp_path / "tokens.key").write_text(content, encoding="utf-8")
    with pytest.raises(SettingsError, match=r"tokens\.key"):
        ViewerTokens.open(tmp_path, clock=lambda: START)


def test_the_claims_name_this_service() -> None:
    _, claims = parts(tokens().issue("v-1", minutes=10).token)
    assert (claims["iss"], claims["aud"]) == (ISSUER, AUDIENCE)
