"""Options that several commands share."""

from __future__ import annotations

import click
import pytest
from click.testing import CliRunner

from genservice.cli.options import region_option
from genservice.cli.write import write


@click.command()
@region_option(default="unknown")
def shown(*, region: str) -> None:
    click.echo(region)


@pytest.mark.parametrize("region", ["DE", "US-CA", "unknown"])
def test_a_region_of_iso_is_taken(region):
    assert CliRunner().invoke(shown, ["--region", region]).output == f"{region}\n"


def test_without_the_option_the_region_is_unknown():
    assert CliRunner().invoke(shown).output == "unknown\n"


@pytest.mark.parametrize(("region", "meant"), [("UK", "GB"), ("de", "DE")])
def test_a_region_that_is_none_is_wrong_usage_and_says_what_was_meant(region, meant):
    result = CliRunner().invoke(write, ["double-indemnity", "--region", region])

    assert result.exit_code == 2
    assert "Invalid value for '--region': not a region" in result.output
    assert f"did you mean {meant}?" in result.output
