from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genservice.errors import SettingsError, UnavailableError
from genservice.sealing import MasterKey, read_master_keys, seal, unseal

KEY = bytes(range(32))


@given(st.binary().filter(lambda content: not content.endswith(b" ")), st.lists(st.text()))
def test_what_was_sealed_opens_for_the_same_place_and_tells_not_even_its_length(content, place):
    sealed = seal(KEY, content, *place)

    assert unseal(KEY, sealed, *place) == content
    assert (len(sealed) - 1 - 12 - 16) % 64 == 0
    assert seal(KEY, content, *place) != sealed


@given(st.data())
def test_a_sealed_value_that_was_changed_anywhere_does_not_open(data):
    sealed = bytearray(seal(KEY, b"{}", "signal", "ab", "mood"))
    sealed[data.draw(st.integers(0, len(sealed) - 1))] ^= data.draw(st.integers(1, 255))

    with pytest.raises(UnavailableError):
        unseal(KEY, bytes(sealed), "signal", "ab", "mood")


@pytest.mark.parametrize(
    ("key", "place"),
    [
        (KEY[::-1], ("signal", "ab", "mood")),
        (KEY, ("signal", "ab", "moods")),
        (KEY, ("signal", "abmood")),
        (KEY, ("signal", "ab", "mood", "")),
        (KEY, ()),
    ],
)
def test_it_opens_with_no_other_key_and_for_no_other_place(key, place):
    with pytest.raises(UnavailableError):
        unseal(key, seal(KEY, b"{}", "signal", "ab", "mood"), *place)


@pytest.mark.parametrize("cut", [0, 1, 12, 13, 28])
def test_a_sealed_value_cut_off_does_not_open(cut):
    with pytest.raises(UnavailableError):
        unseal(KEY, seal(KEY, b"{}")[:cut])


def test_keys_are_read_as_they_are_written_and_the_first_wraps():
    text = f"{MasterKey(KEY).text()}, {base64.b64encode(bytes(32)).decode()}\n"

    keys = read_master_keys(text, where="here")

    assert keys.first.id == MasterKey(KEY).id
    assert keys.ids == (MasterKey(KEY).id, MasterKey(bytes(32)).id)
    assert read_master_keys(keys.text(), where="here") == keys
    assert (
        keys.named(keys.ids[1]).unwrap(MasterKey(bytes(32)).wrap(b"k" * 32, "p"), "p") == b"k" * 32
    )


@pytest.mark.parametrize(
    "text",
    ["", " ,", "tooshort", MasterKey(KEY).text()[:-2], MasterKey(KEY).text() + "AA",
     MasterKey(KEY).text() + "," + MasterKey(KEY).text(), "ä" * 43, "*" * 43],
)  # fmt: skip
def test_what_is_no_key_is_refused_without_being_shown(text):
    with pytest.raises(SettingsError) as caught:
        read_master_keys(text, where="GENSERVICE_MASTER_KEY")

    assert str(caught.value).startswith("GENSERVICE_MASTER_KEY: expected master keys")
    assert not [part for part in text.split(",") if len(part) > 8 and part in str(caught.value)]


def test_a_key_does_not_show_itself():
    key = MasterKey(KEY)

    assert key.text() not in repr(read_master_keys(key.text(), where="x"))
    assert KEY.hex() not in repr(key)
    assert repr(KEY) not in repr(key)
