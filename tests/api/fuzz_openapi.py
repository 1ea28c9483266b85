"""As `test_openapi_fuzzing`, for longer: the whole document, a thousand requests for each operation, others each time.

`make fuzz` runs it; no other test does, for its name is none of a test.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from tests.openapi_service import AGAIN, described, listening, schema_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemathesis import Case

    from tests.openapi_service import Listening

SCHEMA = schema_of(described(), examples=1000, again=False)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Listening]:
    with listening(tmp_path_factory.mktemp("fuzzed")) as service:
        yield service


@SCHEMA.parametrize()
@settings(AGAIN, derandomize=False, print_blob=True)
def test_every_operation_answers_as_the_document_says(case: Case, service: Listening) -> None:
    service.hold(case)
