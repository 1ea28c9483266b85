"""What every test has: no hub, and properties that take the time they take."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings

# The fixtures that are databases.
pytest_plugins = ["tests.databases"]

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TRANSFORMERS_OFFLINE", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

# Machines that run the tests are shared and slow at times: a property may take long, and on CI a
# failure must come again.
settings.register_profile("local", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", parent=settings.get_profile("local"), derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "local")


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """The small service, opened once for each module that asks for it."""
    # Here, and not above: the settings of the environment stand before transformers is imported.
    from tests.small_service import opened

    with opened(tmp_path_factory.mktemp("small")) as service:
        yield service


@pytest.fixture
def small(shared):
    """The small service, as if just opened."""
    shared.begin_anew()
    return shared
