"""`genservice scan`: what it prints, and how it exits."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from genservice.cli import main
from genservice.cli.scan import scan
from genservice.privacy import Guard


@pytest.fixture
def run(engine, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(
        "genservice.cli.screening.build_guard",
        lambda **_: Guard(engine, revision="guard@test", deadline=20, workers=1),
    )
    return lambda *args, **options: CliRunner().invoke(scan, args, **options)


def test_shows_what_it_found_and_exits_1(run):
    result = run("I'm 34 and my daughter Emma loves [whales]")
    assert result.exit_code == 1
    assert result.stdout.splitlines() == [
        "I'm 34 and my daughter Emma loves [whales]",
        "  4-6 AGE 0.70",
        "  11-27 FAMILY 0.90",
        "2 found",
        "I'm <AGE> and <FAMILY> loves [whales]",
    ]


def test_exits_0_when_there_is_nothing(run):
    result = run("something gentle")
    assert (result.exit_code, result.stdout) == (0, "something gentle\nnothing found\n")


def test_side_decides(run):
    assert run("Emma comes home.", "--side", "title").exit_code == 0
    assert run("Emma comes home.", "--side", "output").exit_code == 1


def test_json_is_for_programs(run):
    result = run("--json", "mail a@b.com")
    finding = {"start": 5, "end": 12, "type": "EMAIL_ADDRESS", "score": 1.0}
    assert json.loads(result.stdout) == {"findings": [finding], "text": "mail <EMAIL_ADDRESS>"}


def test_reads_a_file_and_standard_input(run, tmp_path):
    path = tmp_path / "note.txt"
    path.write_text("for emma", encoding="utf-8")
    assert "4-8 PERSON" in run("--file", str(path)).stdout
    assert "4-8 PERSON" in run("--file", "-", input="for emma").stdout


def test_a_file_that_is_no_text_is_wrong_usage(run, tmp_path):
    path = tmp_path / "noise"
    path.write_bytes(b"\x88\xff")
    result = run("--file", str(path))
    assert result.exit_code == 2
    assert "not UTF-8" in result.stderr


def test_answers_a_labelled_file_line_by_line(run, tmp_path):
    path = tmp_path / "texts.jsonl"
    lines = [
        {
            "text": "for emma",
            "side": "viewer",
            "spans": [{"start": 4, "end": 8, "label": "PERSON"}],
        },
        {"text": "for Emma", "side": "title"},
        {"text": "for emma"},
    ]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    result = run("--jsonl", str(path))
    assert result.exit_code == 0
    answers = [json.loads(line)["findings"] for line in result.stdout.splitlines()]
    assert [[(f["start"], f["end"], f["type"]) for f in each] for each in answers] == [
        [(4, 8, "PERSON")],
        [],
        [(4, 8, "PERSON")],
    ]
    assert set(answers[0][0]) == {"start", "end", "type", "score"}


@pytest.mark.parametrize(
    "line",
    ['{"text": "secret"', '{"side": "viewer"}', '{"text": "a", "side": "secret"}', "", "\xff secret", "[]",
     '{"text": "a", "spans": ' + "[" * 9000 + "]" * 9000 + "}"],
    ids=["cut off", "no text", "no such side", "empty", "not UTF-8", "no object", "no end"],
)  # fmt: skip
@pytest.mark.usefixtures("run")
def test_a_line_that_cannot_be_read_is_named_and_exits_2(line: str, tmp_path, capsys):
    path = tmp_path / "texts.jsonl"
    path.write_bytes(b'{"text": "a"}\n' + line.encode("latin-1") + b"\n")
    with pytest.raises(SystemExit) as caught:
        main(["scan", "--jsonl", str(path)])
    assert caught.value.code == 2
    said = capsys.readouterr().err
    assert f"{path}:2: " in said
    assert "secret" not in said


@pytest.mark.parametrize("args", [[], ["a", "--file", "-"], ["--jsonl", "-", "--file", "-"]])
def test_exactly_one_text_must_be_given(run, args: list[str]):
    result = run(*args, input="")
    assert result.exit_code == 2
    assert "give one of" in result.stderr


def test_help_shows_an_example(run):
    result = run("--help")
    assert 'genservice scan "' in result.stdout
