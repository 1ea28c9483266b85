"""What an app may call a viewer."""

from __future__ import annotations

import msgspec
import pytest

from genservice.domain import ViewerId


@pytest.mark.parametrize("name", ["a", "me2", "...", "user-42.eu~x_Y", "v" * 128])
def test_a_viewer_may_be_called_that(name):
    assert msgspec.convert(name, ViewerId) == name


@pytest.mark.parametrize("name", ["", "me", ".", "..", "a/b", "a b", "é", "a\n", "v" * 129])
def test_a_viewer_may_not_be_called_that(name):
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(name, ViewerId)
