"""Texts in Valkey, sealed to their keys: whoever can write to the server still cannot have a text shown.

A value is one byte for its form, an HMAC-SHA256 over key and text under a secret of the keystore, and
the text as JSON. What does not verify, is too large, is not a text, or is one under another key is not
served: the database is asked, and what stands there is put in its place.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING, Any

import msgspec

from genservice.cache.cached import Tally
from genservice.canonical import digest
from genservice.domain import Screened, Span
from genservice.errors import UnavailableError
from genservice.store import Entry, Written

if TYPE_CHECKING:
    from collections.abc import Mapping

    from genservice.domain import Channel
    from genservice.valkey import Valkey

MOST_BYTES = 65_536
"""Most bytes of one value: a long text takes a tenth of it."""
_FORM = b"\x01"
_SEALED_AT = 1 + hashlib.sha256().digest_size

_decoder = msgspec.json.Decoder(Entry)


class ValkeyCache:
    """A `TextCache` for every process that has the same server and keystore.

    Args:
        valkey: Where texts are held.
        lifetimes: Seconds by channel.
    """

    name = "valkey"

    def __init__(self, valkey: Valkey, *, lifetimes: Mapping[Channel, int]) -> None:
        self._valkey = valkey
        self._lifetimes = lifetimes
        self._secret = valkey.derived("text")
        # Of a version with other fields the texts are others' too: an old process would drop what is new.
        self._kind = f"text-{_shape()}"
        self.tally = Tally(bytes=None)

    async def get(self, key: str) -> Entry | None:
        """The text that was put under `key`, if it is still held and untouched."""
        name, last = self._valkey.name(self._kind, key), MOST_BYTES
        try:
            # Never more than one byte beyond what is allowed, whatever somebody put there.
            value = await self._valkey.ask(
                lambda client: client.execute_command("GETRANGE", name, 0, last)
            )
        except UnavailableError:
            self.tally.errors += 1
            return None
        if not value:
            self.tally.misses += 1
            return None
        entry = self._opened(key, value)
        if entry is None:
            self.tally.refused += 1
        else:
            self.tally.hits += 1
        return entry

    async def put(self, entry: Entry) -> None:
        """Hold a text for its channel's time."""
        value = self._sealed(entry)
        if len(value) > MOST_BYTES:
            return
        name, seconds = self._valkey.name(self._kind, entry.key), self._lifetimes[entry.channel]
        try:
            await self._valkey.ask(
                lambda client: client.execute_command("SET", name, value, "EX", seconds)
            )
        except UnavailableError:
            self.tally.errors += 1

    def _sealed(self, entry: Entry) -> bytes:
        text = msgspec.json.encode(entry)
        return _FORM + self._mac(entry.key, text) + text

    def _opened(self, key: str, value: Any) -> Entry | None:
        if not isinstance(value, bytes) or len(value) > MOST_BYTES or not value.startswith(_FORM):
            return None
        mac, text = value[1:_SEALED_AT], value[_SEALED_AT:]
        if not hmac.compare_digest(mac, self._mac(key, text)):
            return None
        try:
            entry = _decoder.decode(text)
        except msgspec.DecodeError:
            return None
        return entry if entry.key == key else None

    def _mac(self, key: str, text: bytes) -> bytes:
        # Keys are of one length, so that no other key and text come to the same bytes.
        return hmac.digest(self._secret, key.encode() + b"\0" + text, hashlib.sha256)


def _shape() -> str:
    """A digest of the fields that a text has in this version."""
    return digest([kind.__struct_fields__ for kind in (Entry, Written, Span, Screened)])[:12]
