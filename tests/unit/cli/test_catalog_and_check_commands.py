"""`genservice catalog` and `genservice check`, over four titles and without a text model."""

from __future__ import annotations

import asyncio
import json

import pytest
from click.testing import CliRunner

from genservice.cli.catalog import catalog
from genservice.cli.check import check
from genservice.cli.running import NoModel, with_service
from genservice.errors import ModelUnavailableError
from tests.small_service import small_settings

GOOD = {"id": "new-title", "kind": "film", "name": "Quiet Pier", "language": "en", "year": 2001}


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    settings = small_settings(tmp_path_factory.mktemp("catalog"))
    return [f"--{name}={getattr(settings, name)}" for name in ("data", "keystore", "catalogue")]


@pytest.fixture
def run(folders: list[str]):
    runner = CliRunner(catch_exceptions=False)
    return lambda command, *args: runner.invoke(command, [*args, *folders])


def test_a_bad_record_is_named_by_file_line_and_field_and_the_rest_is_in(run, tmp_path):
    path = tmp_path / "titles.jsonl"
    records = [GOOD, {**GOOD, "id": "other", "year": "soon"}]
    path.write_text("".join(f"{json.dumps(each)}\n" for each in records), encoding="utf-8")
    result = run(catalog, "import", str(path), "--json")
    assert result.exit_code == 1
    done = json.loads(result.stdout)
    assert (done["created"], done["changed"], done["unchanged"]) == (1, 0, 0)
    (problem,) = done["problems"]
    assert problem.startswith("titles.jsonl:2:/year: ")
    assert f"skipped: {problem}\n" in result.stderr
    shown = run(catalog, "show", "-q", "pier")
    assert shown.stdout == f"{'new-title':40} 2001  film      Quiet Pier\n"


def test_an_identifier_is_a_warning_that_names_file_line_and_field(run, tmp_path):
    path = tmp_path / "titles.jsonl"
    told = {**GOOD, "id": "told-title", "logline": "A pilot writes to jane.doe@example.org."}
    path.write_text("".join(f"{json.dumps(each)}\n" for each in (GOOD, told)), encoding="utf-8")
    result = run(catalog, "import", str(path), "--json")
    assert result.exit_code == 0
    (warning,) = json.loads(result.stdout)["warnings"]
    assert warning.startswith("titles.jsonl:2:/logline: looks like an identifier: EMAIL_ADDRESS")
    assert f"warning: {warning}\n" in result.stderr
    assert "jane" not in result.output


def test_a_file_that_cannot_be_read_stops_an_import_before_the_database_is_opened(tmp_path):
    settings = small_settings(tmp_path)
    files = [tmp_path / "good.json", tmp_path / "bad.txt"]
    files[0].write_text(json.dumps([GOOD]), encoding="utf-8")
    files[1].write_bytes(b"\x88\x00 nothing known")
    folders = [f"--data={settings.data}", f"--catalogue={settings.catalogue}"]
    result = CliRunner().invoke(catalog, ["import", *map(str, files), *folders])
    assert "bad.txt: not a format that is known" in str(result.exception)
    assert not settings.data.exists()


def test_what_no_fact_makes_is_found_in_a_file(run, tmp_path):
    path = tmp_path / "text.txt"
    path.write_text("The best crime film of 2021.\n", encoding="utf-8")
    result = run(check, "cold-quay", "--file", str(path), "--json")
    assert result.exit_code == 1
    found = json.loads(result.stdout)
    assert not found["passed"]
    assert found["findings"][0] | {"detail": ""} == {"kind": "claim", "at": [4, 8], "detail": ""}


def test_nobody_waits_for_a_text_model_where_nothing_is_written(tmp_path):
    settings = small_settings(tmp_path)
    flags = {name: getattr(settings, name) for name in ("data", "keystore", "catalogue")}

    async def models(service):
        return service.blurbs._parts.model, service.blurbs._parts.reserve

    model, reserve = with_service(flags, models, writes=False)
    assert model is reserve
    assert isinstance(model, NoModel)
    with pytest.raises(ModelUnavailableError):
        asyncio.run(model.write(None))


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("cold-quay",), "give either TEXT or --file"),
        (("cold-quay", ""), "Invalid value for TEXT: nothing in it"),
        (("cold-quay", "a " * 2501), "Invalid value for TEXT: longer than 5000 characters"),
        (("Cold Quay", "A text."), "Invalid value for TITLE_ID: not of the form allowed here"),
    ],
)
def test_what_cannot_be_checked_is_wrong_usage(args, said):
    result = CliRunner().invoke(check, args)
    assert result.exit_code == 2
    assert said in result.stderr


def test_a_file_that_is_no_text_is_wrong_usage(tmp_path):
    path = tmp_path / "noise"
    path.write_bytes(b"\x88\xff")
    result = CliRunner().invoke(check, ["cold-quay", "--file", str(path)])
    assert result.exit_code == 2
    assert "Invalid value for --file: not UTF-8" in result.stderr


def test_what_is_said_of_the_viewer_is_found_with_its_rule_and_why(run):
    told = "Fellow Catholics will know. A gay priest keeps a secret."
    result = run(check, "cold-quay", told, "--json")
    assert result.exit_code == 1
    found = [each for each in json.loads(result.stdout)["findings"] if each["kind"] == "inference"]
    assert [(each["rule"], told[slice(*each["at"])]) for each in found] == [
        ("religion", "Fellow Catholics will")
    ]
    assert found[0]["detail"].startswith("What you believe is yours to tell")
    shown = run(check, "cold-quay", told).stdout
    assert "0-21 inference (religion): What you believe is yours to tell" in shown
