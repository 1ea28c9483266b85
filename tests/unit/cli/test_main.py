"""However a command ends, its exit code says how, and nobody is shown a traceback."""

from __future__ import annotations

import click
import pytest

from genservice.cli import cli, main
from genservice.errors import DocumentError, ModelFilesError, Problem

PRIVATE = "emma of 12 Harbour Street"


def raising(error: BaseException) -> click.Command:
    def callback() -> None:
        raise error

    return click.Command("broken", callback=callback)


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """What `genservice broken` exits with and says, when it ends in an error."""

    def run(error: BaseException) -> tuple[object, str]:
        monkeypatch.setattr(type(cli), "get_command", lambda *_: raising(error))
        with pytest.raises(SystemExit) as caught:
            main(["broken"])
        return caught.value.code, capsys.readouterr().err

    return run


def test_a_fault_of_ours_is_neither_a_finding_nor_a_traceback(broken):
    code, said = broken(ValueError(PRIVATE))
    assert code == 2
    assert said.startswith("error: a fault of genservice: ValueError\nerror:   at ")
    assert "test_main.py" in said
    assert PRIVATE not in said


def test_what_is_wrong_with_files_is_told_line_by_line(broken):
    problems = (Problem(file="a.yaml", line=2, detail="no"), Problem(file="b.yaml", detail="nor"))
    assert broken(DocumentError(*problems)) == (2, "error: a.yaml:2: no\nerror: b.yaml: nor\n")


def test_an_error_of_ours_is_one_line(broken):
    assert broken(ModelFilesError("m/config.json", "missing")) == (
        2,
        "error: m/config.json: missing\n",
    )


def test_a_command_that_could_not_do_its_work_found_nothing(broken):
    assert broken(click.ClickException("no")) == (2, "Error: no\n")


@pytest.mark.parametrize("error", [KeyboardInterrupt(), click.Abort()], ids=["ctrl-c", "abort"])
def test_who_stops_a_command_is_told_so(broken, error):
    code, said = broken(error)
    assert (code, said.strip()) == (130, "Stopped.")


def test_findings_keep_their_exit_code(broken):
    assert broken(SystemExit(1)) == (1, "")


@pytest.mark.parametrize("args", [["--help"], ["--version"], ["policy", "--help"]])
def test_help_is_no_error(args: list[str]):
    with pytest.raises(SystemExit) as caught:
        main(args)
    assert caught.value.code == 0


@pytest.mark.parametrize(
    "args",
    [["nonsense"], ["policy"], ["policy", "explain"], ["catalog", "show", "\udcff"], ["write", "x", "--note", "\udc80"]],
    ids=["no such command", "no subcommand", "options missing", "bytes for a title", "bytes for a note"],
)  # fmt: skip
def test_wrong_usage_exits_2(args: list[str], capsys):
    with pytest.raises(SystemExit) as caught:
        main(args)
    assert caught.value.code == 2
    assert "Traceback" not in capsys.readouterr().err
