"""docs/consent-strings.md prints what the commands print, and its request is one."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

from genservice.api.schemas import BlurbRequest
from genservice.cli import cli
from genservice.consents import hear
from genservice.policy import from_files, load
from genservice.shipped import shipped

TEXT = (Path(__file__).parents[2] / "docs" / "consent-strings.md").read_text(encoding="utf-8")
SHOWN = re.findall(r"^```console\n\$ genservice (.+)\n((?:.*\n)*?)```$", TEXT, re.MULTILINE)


@pytest.mark.parametrize(("command", "printed"), SHOWN, ids=[command for command, _ in SHOWN])
def test_the_commands_print_what_they_are_said_to_print(command: str, printed: str) -> None:
    assert CliRunner().invoke(cli, shlex.split(command)).output == printed


def test_there_are_commands_to_hold_it_to() -> None:
    assert len(SHOWN) == 6


def test_the_request_shown_carries_a_string_that_counts() -> None:
    (shown,) = re.findall(r"^```json\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
    context = msgspec.json.decode(shown, type=BlurbRequest).context
    assert hear(context.tcf, context.gpp).purposes == (1, 5, 6)


def test_the_special_feature_shown_can_be_declared() -> None:
    (shown,) = re.findall(r"`(\w+: \{special_feature: 1\})`", TEXT)
    signals = load(shipped("policies")).files["signals.yaml"]
    declared = signals.replace("\nconsents:\n", f"\nconsents:\n  {shown}\n")
    policies = from_files({"signals.yaml": declared})
    assert {consent.name for consent in policies.consents if consent.special_feature == 1} == {
        "precise_location"
    }
