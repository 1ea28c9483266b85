"""One Presidio for the whole session: building it imports spaCy and torch, which takes seconds."""

from __future__ import annotations

import asyncio

import pytest

from genservice.catalog.vocabulary import load_vocabulary
from genservice.privacy import Guard, allowed_words, build_guard
from genservice.privacy.screening import Engine
from genservice.shipped import shipped
from tests.unit.privacy.engines import PlainTagger


@pytest.fixture(scope="session")
def allowed() -> frozenset[str]:
    return allowed_words(load_vocabulary(shipped("catalogue")))


# The rules alone: what the tagger finds besides has tests of its own (test_privacy_tagger.py).
@pytest.fixture(scope="session")
def engine(allowed: frozenset[str]) -> Engine:
    guard = build_guard(allowed=allowed, tagger=PlainTagger(words=()))
    guard.close()
    return guard._engine


@pytest.fixture
async def guard(engine: Engine):
    guard = Guard(engine, revision="guard@test", deadline=20)
    yield guard
    guard.close()
    await asyncio.sleep(0)
