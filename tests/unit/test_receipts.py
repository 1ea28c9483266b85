from __future__ import annotations

import base64
import copy
import hashlib
import json
import multiprocessing
import os
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from genservice.domain import (
    Decision,
    Screened,
    StatedBlurb,
    StatedContext,
    Statement,
    TitleRef,
    Used,
)
from genservice.errors import DocumentError, SettingsError
from genservice.receipts import KeySet, PublicKey, Signer, Verdict, read_keys, verify

TEXT = "Slow-burn crime in a town that keeps its dead close: Harbour Lights."


def statement(**fields: Any) -> Statement:
    values = {
        "title": TitleRef(id="harbour-lights-s1", revision=3),
        "purpose": "promo",
        "channel": "tile",
        "tone": "tense",
        "length": "short",
        "seed": 0,
        "context": StatedContext(
            region="DE",
            age_band="age_25_34",
            consents=("content_profile", "content_use"),
            gpc=False,
            language="en",
            processor="in_process",
        ),
        "policy": "sha256:41c0",
        "prompt": "promo@1 sha256:77de",
        "model": "embedded sha256:0b9e",
        "used": (Used(signal="watch_history", level="genres", value=("crime",)),),
        "decisions": (
            Decision(signal="location", outcome="withheld"),
            Decision(
                signal="watch_history",
                outcome="coarsened",
                level="genres",
                rules=("history-with-consent", "history-as-genres"),
            ),
        ),
        "screened": Screened(prompt={"PERSON": 1}, text={}),
        "attempts": 1,
        "blurbs": (StatedBlurb(id="b-6d1f0c52", sha256=hashlib.sha256(TEXT.encode()).hexdigest()),),
    }
    return Statement(**(values | fields))


@pytest.fixture(scope="module")
def signer(tmp_path_factory) -> Signer:
    return Signer.open(tmp_path_factory.mktemp("keystore"))


@pytest.fixture(scope="module")
def sent(signer) -> bytes:
    """A receipt as an answer carries it."""
    return msgspec.json.encode(signer.sign(statement()))


class TestSigning:
    def test_a_receipt_verifies_as_a_value_and_as_it_was_sent(self, signer, sent):
        receipt = signer.sign(statement())

        assert verify(receipt, signer.public_keys()) == Verdict(valid=True)
        assert verify(sent, signer.public_keys(), TEXT) == Verdict(valid=True)

    def test_the_same_statement_is_always_the_same_receipt(self, signer):
        assert signer.sign(statement()) == signer.sign(statement())

    def test_id_and_signature_can_be_recomputed_without_any_code_of_ours(self, signer, sent):
        receipt = json.loads(sent)
        plain = json.dumps(
            receipt["statement"], sort_keys=True, separators=(",", ":"), ensure_ascii=False
        ).encode()
        [key] = json.loads(msgspec.json.encode(signer.public_keys()))["keys"]

        assert receipt["id"] == "r-" + hashlib.sha256(plain).hexdigest()
        assert (key["kty"], key["crv"], key["use"]) == ("OKP", "Ed25519", "sig")
        assert key["kid"] == receipt["signature"]["key"]
        Ed25519PublicKey.from_public_bytes(_unpadded(key["x"])).verify(
            _unpadded(receipt["signature"]["value"]), plain
        )

    def test_order_of_fields_and_white_space_do_not_count(self, signer, sent):
        def turned(value: Any) -> Any:
            if isinstance(value, dict):
                return {key: turned(value[key]) for key in reversed(value)}
            return [turned(item) for item in value] if isinstance(value, list) else value

        shown = json.dumps(turned(json.loads(sent)), indent=2).encode()

        assert shown != sent
        assert verify(shown, signer.public_keys(), TEXT).valid

    @settings(deadline=None)
    @given(value=st.recursive(st.none() | st.integers(-(2**63), 2**63 - 1) | st.text(), st.lists))
    def test_any_released_value_survives_the_way_there(self, signer, value):
        used = (Used(signal="interests", level="text", value=value),)
        raw = msgspec.json.encode(signer.sign(statement(used=used)))

        assert verify(raw, signer.public_keys(), TEXT).valid


@dataclass(frozen=True)
class Case:
    id: str
    path: tuple[str | int, ...]
    value: Any


def _leaves(
    value: Any, path: tuple[str | int, ...] = ()
) -> list[tuple[tuple[str | int, ...], Any]]:
    if isinstance(value, dict) and value:
        return [leaf for key in value for leaf in _leaves(value[key], (*path, key))]
    if isinstance(value, list) and value:
        return [leaf for n, item in enumerate(value) for leaf in _leaves(item, (*path, n))]
    return [(path, value)]


SHAPE = msgspec.to_builtins(
    {"id": "r-" + "0" * 64, "statement": statement(), "signature": {"alg": "Ed25519", "key": "k-1", "value": "AA"}}
)  # fmt: skip
LEAVES = [path for path, _ in _leaves(SHAPE)]
OTHERS: list[Any] = ["x", "", None, 7, 2.5, True, [], {}, ["x"], {"x": 1}, -1]

# Alterations that keep the shape, so that only digest and signature can tell.
ALTERED = [
    Case("title", ("statement", "title", "id"), "harbour-lights-s2"),
    Case("revision", ("statement", "title", "revision"), 4),
    Case("purpose", ("statement", "purpose"), "synopsis"),
    Case("channel", ("statement", "channel"), "push"),
    Case("tone", ("statement", "tone"), "warm"),
    Case("length", ("statement", "length"), "long"),
    Case("seed", ("statement", "seed"), 1),
    Case("region", ("statement", "context", "region"), "FR"),
    Case("age band", ("statement", "context", "age_band"), "age_13"),
    Case("consents dropped", ("statement", "context", "consents"), []),
    Case("consents turned", ("statement", "context", "consents"), ["content_use", "content_profile"]),
    Case("gpc", ("statement", "context", "gpc"), True),
    Case("language", ("statement", "context", "language"), "de"),
    Case("processor", ("statement", "context", "processor"), "third_party"),
    Case("policy", ("statement", "policy"), "sha256:41c1"),
    Case("prompt", ("statement", "prompt"), "promo@2 sha256:77de"),
    Case("model", ("statement", "model"), "embedded sha256:0b9f"),
    Case("used dropped", ("statement", "used"), []),
    Case("used value", ("statement", "used", 0, "value"), ["drama"]),
    Case("used shape", ("statement", "used", 0, "value"), "crime"),
    Case("outcome", ("statement", "decisions", 0, "outcome"), "released"),
    Case("rule dropped", ("statement", "decisions", 1, "rules"), ["history-with-consent"]),
    Case("decision dropped", ("statement", "decisions"), []),
    Case("screened", ("statement", "screened", "prompt"), {}),
    Case("screened more", ("statement", "screened", "text"), {"PERSON": 1}),
    Case("attempts", ("statement", "attempts"), 2),
    Case("blurb id", ("statement", "blurbs", 0, "id"), "b-6d1f0c53"),
    Case("blurb digest", ("statement", "blurbs", 0, "sha256"), "0" * 64),
    Case("blurb dropped", ("statement", "blurbs"), []),
]  # fmt: skip


class TestTampering:
    @pytest.mark.parametrize("case", ALTERED, ids=lambda case: case.id)
    def test_a_changed_statement_is_noticed(self, signer, sent, case):
        assert verify(_with(sent, case.path, case.value), signer.public_keys()) == Verdict(
            valid=False, reason="statement_altered"
        )

    @pytest.mark.parametrize("case", ALTERED, ids=lambda case: case.id)
    def test_a_changed_statement_with_a_digest_to_match_is_noticed(self, signer, sent, case):
        altered = _with(sent, case.path, case.value)
        forged = msgspec.json.decode(altered)
        stated = msgspec.json.encode(
            msgspec.convert(forged["statement"], Statement), order="sorted"
        )

        forged["id"] = "r-" + hashlib.sha256(stated).hexdigest()

        assert verify(msgspec.json.encode(forged), signer.public_keys()) == Verdict(
            valid=False, reason="signature_wrong"
        )

    @settings(deadline=None, max_examples=300)
    @given(path=st.sampled_from(LEAVES), value=st.sampled_from(OTHERS) | st.text(max_size=90))
    def test_no_field_can_be_changed_to_anything_else(self, signer, sent, path, value):
        altered = _with(sent, path, value)
        assume(json.loads(altered) != json.loads(sent))
        assert not verify(altered, signer.public_keys(), TEXT).valid

    @settings(deadline=None, max_examples=300)
    @given(data=st.data())
    def test_no_bit_of_it_can_be_flipped(self, signer, sent, data):
        at = data.draw(st.integers(0, len(sent) - 1))
        flipped = bytearray(sent)
        flipped[at] ^= 1 << data.draw(st.integers(0, 7))

        assert not verify(bytes(flipped), signer.public_keys(), TEXT).valid

    @pytest.mark.parametrize("path", LEAVES, ids=lambda path: "/".join(map(str, path)))
    def test_no_field_can_be_left_out(self, signer, sent, path):
        receipt = json.loads(sent)
        *steps, last = path
        del _at(receipt, steps)[last]

        assert not verify(json.dumps(receipt).encode(), signer.public_keys(), TEXT).valid

    @pytest.mark.parametrize(
        "path",
        [
            (),
            ("statement",),
            ("statement", "title"),
            ("statement", "context"),
            ("statement", "used", 0),
            ("statement", "decisions", 0),
            ("statement", "screened"),
            ("statement", "blurbs", 0),
            ("signature",),
        ],
        ids=lambda path: "/".join(map(str, path)) or "top",
    )
    def test_nothing_can_be_added(self, signer, sent, path):
        receipt = json.loads(sent)
        _at(receipt, path)["viewer"] = None

        assert verify(json.dumps(receipt).encode(), signer.public_keys()) == Verdict(
            valid=False, reason="not_a_receipt"
        )

    @pytest.mark.parametrize(
        "doubled",
        [b'"policy":"sha256:9999","policy":', b'"policy":"sha256:41c0","policy":'],
        ids=["first differs", "both alike"],
    )
    def test_a_doubled_field_is_refused(self, signer, sent, doubled):
        altered = sent.replace(b'"policy":', doubled)
        assert altered != sent

        assert verify(altered, signer.public_keys()).reason == "not_a_receipt"

    @pytest.mark.parametrize(
        "raw",
        [
            b"",
            b"null",
            b"[]",
            b"{}",
            b"\xff\xfe",
            b'{"id": "r-1"}',
            b"[" * 100_000,
            b'{"a":' * 100_000,
            b"9" * 10_000,
            b'"\\ud800"',
        ],
        ids=[
            "empty", "null", "list", "object", "not-utf8", "id-only", "deep-list", "deep-object",
            "long-number", "surrogate",
        ],
    )  # fmt: skip
    def test_what_is_no_receipt_is_not_valid_and_nothing_breaks(self, signer, raw):
        assert verify(raw, signer.public_keys()) == Verdict(valid=False, reason="not_a_receipt")

    @pytest.mark.parametrize("depth", [50, 500, 900, 5000])
    def test_a_deep_value_breaks_nothing(self, signer, sent, depth):
        deep = sent.replace(b'["crime"]', b"[" * depth + b'"crime"' + b"]" * depth)
        assert deep != sent

        assert not verify(deep, signer.public_keys()).valid

    @given(raw=st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")))  # fmt: skip
    def test_any_bytes_get_a_verdict(self, signer, raw):
        assert not verify(raw, signer.public_keys()).valid

    @pytest.mark.parametrize(
        "respell",
        [
            lambda value: value + "=",
            lambda value: value + "==",
            lambda value: value[:40] + "\n" + value[40:],
            lambda value: value[:40] + "!" + value[40:],
            lambda value: value.replace("_", "/").replace("-", "+") + "+",
            lambda value: value[:-1] + chr(ord(value[-1]) + 1),
            lambda value: value + "A",
            lambda _: "",
            lambda _: "A" * 86,
            lambda _: "é",
        ],
        ids=[
            "padded", "padded-twice", "line-break", "foreign-letter", "other-alphabet",
            "spare-bits", "longer", "empty", "another", "not-ascii",
        ],
    )  # fmt: skip
    def test_a_signature_has_one_spelling(self, signer, sent, respell):
        value = json.loads(sent)["signature"]["value"]
        # 64 bytes leave four spare bits: "A", "Q", "g" or "w" ends every right spelling.
        assert value[-1] in "AQgw"

        altered = _with(sent, ("signature", "value"), respell(value))

        assert verify(altered, signer.public_keys()).reason == "signature_wrong"


class TestKeysAndTexts:
    def test_a_receipt_of_another_keystore_has_an_unknown_key(self, signer, sent, tmp_path):
        other = Signer.open(tmp_path)

        assert verify(sent, other.public_keys()).reason == "unknown_key"
        assert verify(sent, KeySet(keys=())).reason == "unknown_key"

    def test_another_key_under_the_same_id_does_not_verify(self, signer, sent, tmp_path):
        [theirs] = Signer.open(tmp_path).public_keys().keys
        [ours] = signer.public_keys().keys
        posing = msgspec.structs.replace(theirs, kid=ours.kid)

        assert verify(sent, KeySet(keys=(posing,))).reason == "signature_wrong"
        assert verify(sent, KeySet(keys=(posing, ours))).valid

    @pytest.mark.parametrize(
        "text",
        ["", TEXT + " ", TEXT.lower(), TEXT.replace(" ", "\u00a0"), "\ud800"],
        ids=["empty", "space", "case", "other-space", "surrogate"],
    )
    def test_a_text_the_receipt_does_not_speak_of_is_not_covered(self, signer, sent, text):
        assert verify(sent, signer.public_keys(), text) == Verdict(
            valid=False, reason="text_not_covered"
        )

    def test_each_of_several_texts_is_covered(self, signer):
        texts = ("One.", "Zwei: é.", "三")
        stated = tuple(
            StatedBlurb(id=f"b-{n}", sha256=hashlib.sha256(text.encode()).hexdigest())
            for n, text in enumerate(texts)
        )
        receipt = signer.sign(statement(blurbs=stated))

        assert all(verify(receipt, signer.public_keys(), text).valid for text in texts)

    def test_published_keys_are_read_back(self, signer):
        raw = msgspec.json.encode(signer.public_keys())

        assert read_keys(raw, file="keys.json") == signer.public_keys()

    def test_keys_of_other_kinds_are_skipped(self, signer):
        [ours] = msgspec.to_builtins(signer.public_keys())["keys"]
        others = [
            {"kty": "RSA", "n": "x", "e": "AQAB", "kid": "1"},
            {"kty": "OKP", "crv": "X25519", "x": ours["x"], "kid": "2"},
            ours | {"use": "enc"},
            ours | {"alg": "EdDSA", "unknown": True},
        ]

        found = read_keys(json.dumps({"keys": others, "more": 1}).encode(), file="keys.json")

        assert found == signer.public_keys()

    @pytest.mark.parametrize(
        "raw",
        [
            b"",
            b"[]",
            b'{"keys": {}}',
            b'{"keys": [1]}',
            b'{"keys": [{"kty": "OKP", "crv": "Ed25519"}]}',
            b'{"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": "k-1", "x": "AAAA"}]}',
            b'{"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": "k-1", "x": 7}]}',
            b"[" * 100_000,
        ],
    )
    def test_a_broken_key_set_is_refused_by_name(self, raw):
        with pytest.raises(DocumentError, match=r"^keys\.json: not a set of Ed25519 keys"):
            read_keys(raw, file="keys.json")


class TestKeystore:
    def test_the_first_key_is_made_for_its_owner_only_and_named_after_itself(self, tmp_path):
        signer = Signer.open(tmp_path / "new" / "keystore")

        [key] = signer.public_keys().keys
        raw = _unpadded(key.x)
        assert key.kid == "k-" + hashlib.sha256(raw).hexdigest()[:8]
        folder = tmp_path / "new" / "keystore"
        assert sorted(path.name for path in folder.iterdir()) == ["signing"]
        assert sorted(path.name for path in (folder / "signing").iterdir()) == sorted(
            ["keys.json", f"{key.kid}.pem"]
        )
        modes = {path: stat.S_IMODE(path.stat().st_mode) for path in folder.rglob("*")}
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert {0o700 if path.is_dir() else 0o600 for path in modes} == set(modes.values())

    def test_opening_again_finds_the_same_key(self, tmp_path):
        first, second = Signer.open(tmp_path), Signer.open(tmp_path)

        assert first.sign(statement()) == second.sign(statement())

    def test_a_keystore_that_is_only_looked_at_is_not_made(self, tmp_path):
        with pytest.raises(SettingsError, match="GENSERVICE_KEYSTORE"):
            Signer.open(tmp_path / "keystore", create=False)
        assert not (tmp_path / "keystore").exists()

        made = Signer.open(tmp_path / "keystore")
        looked_at = Signer.open(tmp_path / "keystore", create=False)
        assert looked_at.public_keys() == made.public_keys()

    def test_processes_that_open_at_once_get_the_same_key(self, tmp_path):
        context = multiprocessing.get_context("spawn")
        with context.Pool(4) as pool:
            ids = pool.map(_opened, [str(tmp_path / f"store-{n % 6}") for n in range(24)])

        assert all(ids[n] == ids[n % 6] for n in range(24))
        assert len(set(ids)) == 6
        assert not list(tmp_path.rglob(".signing-*"))

    def test_who_comes_second_takes_the_key_of_who_came_first(self, tmp_path, monkeypatch):
        winner: list[Signer] = []
        rename = Path.rename

        def overtaken(self: Path, target: Path) -> Path:
            monkeypatch.setattr(Path, "rename", rename)
            winner.append(Signer.open(tmp_path))
            return rename(self, target)

        monkeypatch.setattr(Path, "rename", overtaken)

        assert Signer.open(tmp_path).public_keys() == winner[0].public_keys()
        assert [path.name for path in tmp_path.iterdir()] == ["signing"]

    def test_a_retired_key_still_verifies_and_the_current_one_signs(self, tmp_path):
        old = Signer.open(tmp_path / "old")
        receipt = old.sign(statement())
        new = Signer.open(tmp_path / "new")
        [old_key], [new_key] = old.public_keys().keys, new.public_keys().keys
        shutil.copy(tmp_path / "old/signing" / f"{old_key.kid}.pem", tmp_path / "new/signing")

        both = Signer.open(tmp_path / "new")

        assert {key.kid for key in both.public_keys().keys} == {old_key.kid, new_key.kid}
        assert verify(receipt, both.public_keys()).valid
        assert both.sign(statement()).signature.key == new_key.kid
        assert both.sign(statement()).id == receipt.id

    @pytest.mark.parametrize(
        "spoil",
        [
            lambda signing, _: (signing / "keys.json").unlink(),
            lambda signing, _: (signing / "keys.json").write_text('{"keys": []}'),
            lambda signing, _: (signing / "keys.json").write_bytes(b"\xff"),
            lambda signing, _: _relist(signing, exp=7),
            lambda signing, _: _relist(signing, kid="k-00000000"),
            lambda signing, _: _relist(signing, x=_unpadded_of(bytes(32))),
            lambda signing, key: (signing / f"{key}.pem").unlink(),
            lambda signing, key: (signing / f"{key}.pem").write_text("nonsense"),
            lambda signing, key: (signing / f"{key}.pem").rename(signing / "k-00000000.pem"),
            lambda signing, key: (signing / f"{key}.pem").write_bytes(_pem(Ed25519PrivateKey)),
            lambda signing, key: (signing / f"{key}.pem").write_bytes(_pem(X25519PrivateKey)),
            lambda signing, _: (signing / "k-other.pem").mkdir(),
        ],
        ids=[
            "no list", "empty list", "no text", "none current", "listed as another", "another listed",
            "no key", "no pem", "renamed",
            "another key", "another kind", "a folder",
        ],
    )  # fmt: skip
    def test_a_broken_keystore_is_refused_and_not_replaced(self, tmp_path, spoil):
        [key] = Signer.open(tmp_path).public_keys().keys
        spoil(tmp_path / "signing", key.kid)
        before = sorted(path.name for path in (tmp_path / "signing").iterdir())

        with pytest.raises(SettingsError, match="signing"):
            Signer.open(tmp_path)
        assert sorted(path.name for path in (tmp_path / "signing").iterdir()) == before

    def test_a_keystore_that_is_a_file_is_refused(self, tmp_path):
        (tmp_path / "keystore").touch()

        with pytest.raises(SettingsError, match="GENSERVICE_KEYSTORE"):
            Signer.open(tmp_path / "keystore")

    @pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may all")
    def test_a_keystore_that_cannot_be_written_is_refused(self, tmp_path):
        tmp_path.chmod(0o500)

        with pytest.raises(SettingsError, match="GENSERVICE_KEYSTORE"):
            Signer.open(tmp_path)

    def test_a_signer_does_not_show_its_key(self, tmp_path):
        signer = Signer.open(tmp_path)
        [key] = signer.public_keys().keys
        private = (tmp_path / "signing" / f"{key.kid}.pem").read_text().splitlines()[1]

        assert private not in repr(signer)
        assert isinstance(key, PublicKey)


def _opened(folder: str) -> str:
    return Signer.open(Path(folder)).public_keys().keys[0].kid


def _relist(signing: Path, **changes: Any) -> None:
    """The list of keys with its one key changed."""
    [key] = json.loads((signing / "keys.json").read_bytes())["keys"]
    (signing / "keys.json").write_text(json.dumps({"keys": [{**key, **changes}]}))


def _unpadded_of(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _pem(kind: type) -> bytes:
    return kind.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _unpadded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _at(tree: Any, path: Any) -> Any:
    for step in path:
        tree = tree[step]
    return tree


def _with(raw: bytes, path: tuple[str | int, ...], value: Any) -> bytes:
    tree = copy.deepcopy(json.loads(raw))
    *steps, last = path
    _at(tree, steps)[last] = value
    return json.dumps(tree).encode()
