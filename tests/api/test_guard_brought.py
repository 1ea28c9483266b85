"""The files of others' recognisers, from the settings to an answer."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from genservice.app import open_service
from genservice.errors import DocumentError
from genservice.generation import Scripted
from genservice.settings import read_settings
from tests.small_service import small_settings

REGISTRY = """
recognizers:
  - name: loyalty cards
    supported_entity: LOYALTY_CARD
    deny_list: [QX-1234]
"""


def test_a_registry_that_settings_name_is_read_beside_ours(tmp_path) -> None:
    (tmp_path / "own.yaml").write_text(REGISTRY, encoding="utf-8")
    given = read_settings({"GENSERVICE_GUARD_RECOGNISERS": str(tmp_path / "own.yaml")})
    settings = msgspec.structs.replace(
        small_settings(tmp_path), guard_recognisers=given.guard_recognisers
    )

    async def screened() -> tuple[str, ...]:
        async with open_service(settings, model=Scripted(), reserve=Scripted()) as service:
            parts = service.blurbs._parts
            (found,) = await parts.guard.screen(["card QX-1234, a@example.com"], side="viewer")
            return found.text, parts.guard.revision

    async def plainly() -> str:
        plain = msgspec.structs.replace(settings, guard_recognisers="")
        async with open_service(plain, model=Scripted(), reserve=Scripted()) as service:
            return service.blurbs._parts.guard.revision

    text, revision = asyncio.run(screened())
    assert text == "card <LOYALTY_CARD>, <EMAIL_ADDRESS>"
    assert revision != asyncio.run(plainly())


@pytest.mark.parametrize("setting", ["guard_nlp", "guard_recognisers"])
def test_a_wrong_file_stops_the_start_and_is_named_with_its_place(tmp_path, setting) -> None:
    file = tmp_path / "own.yaml"
    file.write_text("recognizers: [\n", encoding="utf-8")
    settings = msgspec.structs.replace(small_settings(tmp_path), **{setting: str(file)})

    async def opened() -> None:
        async with open_service(settings, model=Scripted(), reserve=Scripted()):
            pass

    with pytest.raises(DocumentError, match=r"own\.yaml:\d+:\d+: "):
        asyncio.run(opened())
