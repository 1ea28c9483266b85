"""A real server for each module, and clients of it."""

from __future__ import annotations

from contextlib import asynccontextmanager

import pytest

from genservice.valkey import open_valkey
from tests.valkey import running_valkey

SECRET = b"s" * 32


@pytest.fixture(scope="module")
def running():
    with running_valkey() as server:
        yield server


@pytest.fixture
def server(running):
    """The server, with nothing in it."""
    running.client.flushall()
    return running


@pytest.fixture
def opened(server):
    """Opens the server as one process would."""

    @asynccontextmanager
    async def opening(*, secret=SECRET, deadline=5.0, cool_down=5.0, url=None):
        async with open_valkey(
            url or server.url, secret=secret, deadline=deadline, cool_down=cool_down
        ) as valkey:
            yield valkey

    return opening
