"""Viewer tokens: for one viewer, for minutes, and telling nobody who that is.

A token is a JSON Web Token (RFC 7519) under HS256: who makes tokens is who reads them, so there is
nothing to publish. The viewer's id stands in it sealed, with AES-256-GCM, and filled up to one
length. The secret lies in the keystore and serves nothing else; signing and sealing take keys
derived from it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jwt
import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from genservice.domain.viewers import ViewerId
from genservice.kept_secrets import kept_secrets

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

ISSUER = "genservice"
AUDIENCE = "genservice:viewer"
LONGEST_MINUTES = 60
MOST_LETTERS = 1024
"""Longest token that is looked at; ours have some 500 letters."""
SKEW = timedelta(seconds=30)
"""By how much the clock of the host that made a token may be ahead of ours."""

_ALGORITHM = "HS256"
_CLAIMS = ("iss", "aud", "sub", "iat", "exp", "jti")
_FILE = "tokens.key"
_NONCE_BYTES = 12
_VIEWER_BYTES = 128
"""What a sealed id is filled up to, so that its length tells nothing: the longest there is."""
_ID = re.compile(r"[A-Za-z0-9_-]{22}")


class Issued(msgspec.Struct, frozen=True, kw_only=True):
    """A token just made. It is kept nowhere."""

    token: str
    expires_at: datetime

    def __repr__(self) -> str:
        # Structs show their fields: this one must not.
        return f"Issued(expires_at={self.expires_at!r})"


class TokenBearer(msgspec.Struct, frozen=True, kw_only=True):
    """Whoever came with a token that holds."""

    viewer: ViewerId
    alias: str
    """The same for every token of a viewer, and nobody's id: to count by."""

    def __repr__(self) -> str:
        return "TokenBearer()"


@dataclass(frozen=True)
class _Keys:
    """What is derived from one secret."""

    header: str
    """The first part of every token under it: names the algorithm and the key."""
    header_fields: dict[str, str]
    signing: bytes
    sealing: AESGCM
    naming: bytes

    @classmethod
    def of(cls, secret: bytes) -> _Keys:
        signing = _derived(secret, "signing")
        kid = f"t-{hashlib.sha256(_derived(secret, 'key id')).hexdigest()[:8]}"
        fields = {"kid": kid}
        header = jwt.encode({}, signing, algorithm=_ALGORITHM, headers=fields).partition(".")[0]
        sealing = AESGCM(_derived(secret, "sealing"))
        return cls(header, fields, signing, sealing, _derived(secret, "naming"))


class ViewerTokens:
    """Makes tokens and reads them.

    Args:
        secrets_: 32 bytes each. The first makes tokens; all read them.
        clock: The time now, aware, in UTC.
    """

    def __init__(self, secrets_: Sequence[bytes], *, clock: Callable[[], datetime]) -> None:
        keys = [_Keys.of(secret) for secret in secrets_]
        self._current = keys[0]
        self._by_header = {key.header: key for key in keys}
        self._clock = clock

    @classmethod
    def open(cls, folder: Path, *, clock: Callable[[], datetime]) -> ViewerTokens:
        """The tokens whose secrets are in `folder`/tokens.key, base64url, one a line.

        The file is made if there is none; processes that make it at once get the same.

        Args:
            folder: The keystore.
            clock: The time now, aware, in UTC.

        Raises:
            SettingsError: The file cannot be read or made, or holds something else.
        """
        return cls(kept_secrets(folder / _FILE), clock=clock)

    def issue(self, viewer: ViewerId, *, minutes: int) -> Issued:
        """A token that speaks for a viewer, whether anything is held of that viewer or not."""
        now = self._clock().replace(microsecond=0)
        expires_at = now + timedelta(minutes=minutes)
        token_id = secrets.token_urlsafe(16)
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": self._sealed(viewer, token_id),
            "iat": int(now.timestamp()),
            "exp": int(expires_at.timestamp()),
            "jti": token_id,
        }
        key = self._current
        token = jwt.encode(claims, key.signing, algorithm=_ALGORITHM, headers=key.header_fields)
        return Issued(token=token, expires_at=expires_at)

    def read(self, token: str) -> TokenBearer | None:
        """Whom a token speaks for; None if it is forged, expired, or not one of ours."""
        # A token of ours begins in one of very few ways. So nothing that a stranger wrote is parsed
        # before its signature was found right, its header least of all.
        key = self._by_header.get(token.partition(".")[0])
        if key is None or len(token) > MOST_LETTERS:
            return None
        try:
            claims = jwt.decode(
                token,
                key.signing,
                algorithms=[_ALGORITHM],
                audience=AUDIENCE,
                issuer=ISSUER,
                options={
                    "require": list(_CLAIMS),
                    # By our own clock, below.
                    "verify_exp": False,
                    "verify_iat": False,
                    "verify_nbf": False,
                },
            )
        except jwt.PyJWTError:
            return None
        if not self._holds_now(claims):
            return None
        viewer = _opened(key, claims["sub"], claims["jti"])
        if viewer is None:
            return None
        alias = hmac.new(key.naming, viewer.encode(), hashlib.sha256).hexdigest()[:32]
        return TokenBearer(viewer=viewer, alias=alias)

    def _holds_now(self, claims: dict[str, Any]) -> bool:
        made, ends = claims["iat"], claims["exp"]
        if set(claims) != set(_CLAIMS):
            return False
        if type(made) is not int or type(ends) is not int or not _ID.fullmatch(claims["jti"]):
            return False
        if not 0 < ends - made <= LONGEST_MINUTES * 60:
            return False
        now = self._clock()
        return made <= (now + SKEW).timestamp() and now.timestamp() < ends

    def _sealed(self, viewer: ViewerId, token_id: str) -> str:
        nonce = secrets.token_bytes(_NONCE_BYTES)
        filled = viewer.encode().ljust(_VIEWER_BYTES, b"\0")
        sealed = self._current.sealing.encrypt(nonce, filled, token_id.encode())
        return base64.urlsafe_b64encode(nonce + sealed).rstrip(b"=").decode()


def _opened(key: _Keys, sealed: str, token_id: str) -> ViewerId | None:
    try:
        raw = _decode(sealed)
        filled = key.sealing.decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], token_id.encode())
        return msgspec.convert(filled.rstrip(b"\0").decode(), ViewerId)
    except (InvalidTag, ValueError, msgspec.ValidationError):
        return None


def _derived(secret: bytes, purpose: str) -> bytes:
    info = f"genservice viewer tokens 1: {purpose}".encode()
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=info).derive(secret)


def _decode(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
