"""Secrets that are made once."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor

import pytest

from genservice.errors import SettingsError
from genservice.kept_secrets import SIZE, kept_secrets


def test_a_secret_is_made_once_and_for_its_owner_alone(tmp_path):
    file = tmp_path / "keystore" / "a.key"
    (secret,) = kept_secrets(file)
    assert len(secret) == SIZE
    assert kept_secrets(file) == kept_secrets(file, create=False) == (secret,)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert kept_secrets(file.with_name("b.key")) != (secret,)


def test_of_many_that_make_it_at_once_all_get_the_same(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(kept_secrets, [tmp_path / "keystore" / "a.key"] * 32))) == 1
    assert [path.name for path in (tmp_path / "keystore").iterdir()] == ["a.key"]


def test_a_line_put_before_the_others_is_the_first_secret(tmp_path):
    file = tmp_path / "a.key"
    (old,) = kept_secrets(file)
    file.write_text("A" * 43 + "\n" + file.read_text())
    assert kept_secrets(file) == (bytes(SIZE), old)


@pytest.mark.parametrize("content", ["", "short", "A" * 42 + "\n", "A" * 43 + "\nnot base64!\n"])
def test_what_is_no_secret_is_said_to_be_none(tmp_path, content):
    file = tmp_path / "a.key"
    file.write_text(content)
    with pytest.raises(SettingsError, match="not secrets of 32 bytes"):
        kept_secrets(file)


def test_one_that_is_missing_or_cannot_be_read_is_said_to_be(tmp_path):
    file = tmp_path / "a.key"
    with pytest.raises(SettingsError, match="No such file"):
        kept_secrets(file, create=False)
    file.mkdir()
    with pytest.raises(SettingsError, match="directory"):
        kept_secrets(file)
