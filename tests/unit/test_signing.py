"""The signing key rotated: at once everywhere, without losing what older keys signed."""

from __future__ import annotations

import json
import multiprocessing
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from genservice.errors import SettingsError
from genservice.public_keys import key_id, read_keys, signature_fault
from genservice.signing import LOOK_SECONDS, Signer, public_keys_of, rotate

NOW = datetime(2026, 11, 25, 22, 40, tzinfo=UTC)
SECONDS = int(NOW.timestamp())
WORDS = b'{"kind":"words of the tests"}'


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


class Ticks:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def first_version(folder: Path) -> str:
    """A keystore as the first version made it; the id of its key."""
    kid = Signer.open(folder).public_keys().keys[0].kid
    (folder / "signing" / "keys.json").unlink()
    (folder / "signing" / "current").write_text(kid)
    return kid


def test_another_key_signs_and_what_the_old_one_signed_still_verifies(tmp_path):
    signer = Signer.open(tmp_path)
    old = signer.signature(WORDS)

    done = rotate(tmp_path)

    new = Signer.open(tmp_path).signature(WORDS)
    assert (old.key, new.key) == (done.retired, done.current)
    keys = public_keys_of(tmp_path)
    assert [key.kid for key in keys.keys] == [done.current, done.retired]
    assert signature_fault(old, WORDS, keys) is signature_fault(new, WORDS, keys) is None
    assert signature_fault(old, WORDS + b" ", keys) == "signature_wrong"


def test_a_running_process_signs_with_the_new_key_half_a_second_later(tmp_path):
    ticks = Ticks()
    signer = Signer.open(tmp_path, ticks=ticks)
    done = rotate(tmp_path, destroy_private=True)

    assert signer.signature(WORDS).key == done.retired
    ticks.now += LOOK_SECONDS
    assert signer.signature(WORDS).key == done.current
    assert signer.public_keys() == public_keys_of(tmp_path)


def test_published_keys_say_from_when_until_when_they_signed(tmp_path):
    clock = Clock()
    Signer.open(tmp_path, clock=clock)
    clock.now += timedelta(days=30)
    rotate(tmp_path, clock=clock)
    clock.now += timedelta(days=60)
    rotate(tmp_path, clock=clock)

    raw = (tmp_path / "signing" / "keys.json").read_bytes()
    told = [(key["nbf"], key.get("exp")) for key in json.loads(raw)["keys"]]
    day = 86_400
    assert told == [
        (SECONDS + 90 * day, None),
        (SECONDS + 30 * day, SECONDS + 90 * day),
        (SECONDS, SECONDS + 30 * day),
    ]
    # The list of the keystore is what is published, and what anybody may keep.
    assert read_keys(raw, file="keys.json") == public_keys_of(tmp_path)


def test_a_clock_that_was_set_back_ends_no_key_before_it_began(tmp_path):
    clock = Clock()
    Signer.open(tmp_path, clock=clock)
    clock.now -= timedelta(hours=1)
    rotate(tmp_path, clock=clock)

    _, old = public_keys_of(tmp_path).keys
    assert (old.nbf, old.exp) == (SECONDS, SECONDS)


def test_private_keys_stay_unless_they_are_to_be_destroyed_and_public_ones_always(tmp_path):
    Signer.open(tmp_path)
    first = rotate(tmp_path)
    assert (first.destroyed, len(pems(tmp_path))) == ((), 2)

    second = rotate(tmp_path, destroy_private=True)

    assert set(second.destroyed) == {first.retired, first.current}
    assert pems(tmp_path) == {second.current}
    assert {key.kid for key in public_keys_of(tmp_path).keys} == {
        first.retired,
        first.current,
        second.current,
    }


def test_a_keystore_of_the_first_version_is_read_and_rotated(tmp_path):
    kid = first_version(tmp_path)
    signer = Signer.open(tmp_path)
    signed = signer.signature(WORDS)
    assert msgspec.to_builtins(signer.public_keys())["keys"][0].keys() == {
        "kid", "x", "kty", "crv", "use",
    }  # fmt: skip

    done = rotate(tmp_path, clock=Clock())

    assert (signed.key, done.retired) == (kid, kid)
    assert signature_fault(signed, WORDS, public_keys_of(tmp_path)) is None
    assert not (tmp_path / "signing" / "current").exists()
    _, old = public_keys_of(tmp_path).keys
    assert (old.nbf, old.exp) == (msgspec.UNSET, SECONDS)


def test_a_running_process_notices_the_rotation_of_a_keystore_of_the_first_version(tmp_path):
    first_version(tmp_path)
    ticks = Ticks()
    signer = Signer.open(tmp_path, ticks=ticks)
    done = rotate(tmp_path)
    ticks.now += 1
    assert signer.signature(WORDS).key == done.current


class Cut(BaseException):
    """The process ends here."""


STEPS = ("mkstemp", "fsync", "replace", "unlink")


@pytest.mark.parametrize("old", [first_version, Signer.open], ids=["first version", "present"])
def test_a_rotation_cut_off_anywhere_leaves_a_keystore_that_signs_and_verifies(
    tmp_path, monkeypatch, old
):
    """Every step of a rotation on the disk is the last one, in turn."""
    steps = 0
    while True:
        folder = tmp_path / str(steps)
        old(folder)
        signed = Signer.open(folder).signature(WORDS)
        with monkeypatch.context() as patch:
            left = cut_after(patch, steps)
            try:
                rotate(folder, destroy_private=True)
                finished = True
            except Cut:
                finished = False
        del left

        again = Signer.open(folder)
        assert signature_fault(signed, WORDS, again.public_keys()) is None
        assert signature_fault(again.signature(WORDS), WORDS, again.public_keys()) is None
        done = rotate(folder, destroy_private=True)
        assert pems(folder) == {done.current}
        assert signature_fault(signed, WORDS, public_keys_of(folder)) is None
        if finished:
            break
        steps += 1
    assert steps > 8


def cut_after(patch: pytest.MonkeyPatch, steps: int) -> list[int]:
    """Have the step of that number on the disk, and all after it, fail."""
    left = [steps]

    def counted(step):
        def taken(*args, **kwargs):
            left[0] -= 1
            if left[0] < 0:
                raise Cut
            return step(*args, **kwargs)

        return taken

    patch.setattr("tempfile.mkstemp", counted(__import__("tempfile").mkstemp))
    patch.setattr(os, "fsync", counted(os.fsync))
    patch.setattr(Path, "replace", counted(Path.replace))
    patch.setattr(Path, "unlink", counted(Path.unlink))
    return left


def test_rotations_at_once_lose_no_key(tmp_path):
    Signer.open(tmp_path)
    context = multiprocessing.get_context("spawn")
    with context.Pool(3) as pool:
        done = pool.map(_rotated, [str(tmp_path)] * 6)

    keys = public_keys_of(tmp_path).keys
    assert len(keys) == 7
    assert {key.kid for key in keys} >= {kid for pair in done for kid in pair}
    assert [key.kid for key in keys if key.exp is msgspec.UNSET] == [keys[0].kid]


def _rotated(folder: str) -> tuple[str, str]:
    done = rotate(Path(folder))
    return done.retired, done.current


def test_a_process_whose_keystore_is_gone_goes_on_signing_and_says_so(tmp_path):
    ticks = Ticks()
    signer = Signer.open(tmp_path, ticks=ticks)
    signed = signer.signature(WORDS)
    (tmp_path / "signing").rename(tmp_path / "away")
    ticks.now += 1

    assert (signer.signature(WORDS), signer.is_failing) == (signed, True)
    (tmp_path / "away").rename(tmp_path / "signing")
    ticks.now += 1
    assert (signer.signature(WORDS), signer.is_failing) == (signed, False)


def test_public_keys_are_read_without_the_private_ones(tmp_path):
    kid = Signer.open(tmp_path).public_keys().keys[0].kid
    (tmp_path / "signing" / f"{kid}.pem").unlink()

    assert [key.kid for key in public_keys_of(tmp_path).keys] == [kid]


@pytest.mark.parametrize("made", [False, True], ids=["none", "broken"])
def test_a_keystore_that_is_none_is_not_rotated(tmp_path, made):
    if made:
        Signer.open(tmp_path)
        (tmp_path / "signing" / "keys.json").write_text("nonsense")
    with pytest.raises(SettingsError, match="signing"):
        rotate(tmp_path)
    assert len(pems(tmp_path)) == int(made)


def pems(folder: Path) -> set[str]:
    """The ids of the private keys there."""
    found = set()
    for path in (folder / "signing").glob("*.pem"):
        key = load_pem_private_key(path.read_bytes(), None)
        assert path.stem == key_id(key.public_key())
        found.add(path.stem)
    return found
