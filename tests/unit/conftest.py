"""The small service, opened once for each module that asks for it."""

from __future__ import annotations

import pytest

from tests.small_service import opened


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    with opened(tmp_path_factory.mktemp("small")) as service:
        yield service


@pytest.fixture
def small(shared):
    shared.begin_anew()
    return shared
