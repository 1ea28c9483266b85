from __future__ import annotations

import inspect

import pytest
import torch
from blockbuster import blockbuster_ctx

from genservice.generation.checkpoint import Checkpoint
from tests.unit.generation.local_server import running
from tests.unit.generation.tiny_models import KINDS

# Tiny models gain nothing from a second core, and lose much when it is busy.
torch.set_num_threads(1)


@pytest.fixture(autouse=True)
def _nothing_blocks_the_event_loop(request):
    """For tests that have an event loop: BlockBuster slows torch down thirty times."""
    if not inspect.iscoroutinefunction(request.function):
        yield
        return
    with blockbuster_ctx():
        yield


@pytest.fixture(scope="session")
def folders(tmp_path_factory):
    """One tiny model of each kind."""
    place = tmp_path_factory.mktemp("models")
    return {kind: build(place / kind) for kind, build in KINDS.items()}


@pytest.fixture(scope="session")
def checkpoints(folders):
    return {kind: Checkpoint(folder, device="cpu") for kind, folder in folders.items()}


@pytest.fixture
def server():
    with running() as local:
        yield local
