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


@pytest.mark.parametrize(
    "args", [[], ["a", "--file", "-"], ["--jsonl", "-", "--file", "-"], ["a", "--eval", __file__]]
)
def test_exactly_one_text_must_be_given(run, args: list[str]):
    result = run(*args, input="")
    assert result.exit_code == 2
    assert "give one of" in result.stderr


def test_help_shows_an_example(run):
    result = run("--help")
    assert 'genservice scan "' in result.stdout


MARKED = (
    {"text": "for emma", "spans": [{"start": 4, "end": 8, "label": "PER"}], "group": "English"},
    {"text": "mail a@b.com, not <Her>", "spans": [], "kept": [{"start": 18, "end": 23}]},
)


@pytest.fixture
def marked(tmp_path):
    path = tmp_path / "marked.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in MARKED), encoding="utf-8")
    return str(path)


def test_eval_tells_figures_as_a_table_without_a_word_of_the_texts(run, marked):
    result = run("--eval", marked, "--show", "5")
    assert result.exit_code == 0, result.output
    assert "Whatever the type" in result.stdout
    assert "English" in result.stdout
    assert f"{marked}:2 5-12 wrong EMAIL_ADDRESS\n" in result.stdout
    assert "emma" not in result.stdout
    assert "a@b.com" not in result.stdout


def test_eval_shows_the_words_at_fault_only_if_that_is_asked_for(run, marked):
    assert (
        "wrong EMAIL_ADDRESS 'a@b.com'"
        in run("--eval", marked, "--show", "1", "--show-text").stdout
    )


def test_eval_tells_programs_each_file_and_all_together(run, marked, tmp_path):
    other = tmp_path / "other.jsonl"
    other.write_text(json.dumps(MARKED[0]) + "\n", encoding="utf-8")
    result = run("--eval", marked, "--eval", str(other), "--json", "--show", "9")
    told = json.loads(result.stdout)
    assert list(told["files"]) == [marked, str(other), "all together"]
    spans = told["files"][marked]["spans"]
    assert spans["precision"]["share"] == 0.5
    assert spans["recall"]["share"] == 1.0
    assert spans["f2"] == pytest.approx(5 * 0.5 / 3)
    assert told["files"]["all together"]["spans"]["recall"]["of"] == 2
    assert told["files"][marked]["kept"]["share"] == 1.0
    assert told["errors"] == [
        {"file": marked, "line": 2, "what": "wrong", "type": "EMAIL_ADDRESS", "start": 5, "end": 12}
    ]


@pytest.mark.usefixtures("run")
def test_eval_names_the_line_that_is_wrong_and_exits_2(tmp_path, capsys):
    path = tmp_path / "marked.jsonl"
    path.write_text(
        '{"text": "a"}\n{"text": "secret", "spans": [{"start": 0, "end": 7, "label": "x"}]}\n'
    )
    with pytest.raises(SystemExit) as caught:
        main(["scan", "--eval", str(path)])
    assert caught.value.code == 2
    said = capsys.readouterr().err
    assert f"{path}:2: spans[0] lies outside the text" in said
    assert "secret" not in said


def test_all_sides_are_shown_at_once(run):
    shown = run("Emma comes home.", "--side", "all")
    assert shown.exit_code == 1
    assert shown.stdout.splitlines() == [
        "viewer:",
        "Emma comes home.",
        "  0-4 PERSON 0.90",
        "1 found",
        "<PERSON> comes home.",
        "title:",
        "Emma comes home.",
        "nothing found",
        "output:",
        "Emma comes home.",
        "  0-4 PERSON 0.90",
        "1 found",
        "<PERSON> comes home.",
    ]
    told = json.loads(run("Emma comes home.", "--side", "all", "--json").stdout)["sides"]
    assert {side: len(each["findings"]) for side, each in told.items()} == {
        "viewer": 1,
        "title": 0,
        "output": 1,
    }


FILMS = [
    {"title": "Cold Quay", "year": 1999, "cast": ["Ann Lee"], "genres": [],
     "extract": "Cold Quay is a 1999 film. Ann Lee plays a sailor who writes to quay@harbour.example."},
    {"title": "Nothing", "year": 2001, "cast": [], "genres": [], "extract": ""},
]  # fmt: skip


def test_a_catalogue_tells_which_of_its_names_are_left_alone(run, tmp_path):
    path = tmp_path / "films.json"
    path.write_text(json.dumps(FILMS), encoding="utf-8")
    result = run("--catalogue", str(path), "--format", "wikipedia", "--json", "--show", "5")
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert told["texts"] == 1
    assert told["kept"]["title"]["share"] == told["kept"]["person"]["share"] == 1.0
    assert told["findings"] == {"EMAIL_ADDRESS": 1}
    assert [(error["what"], error["type"]) for error in told["errors"]] == [
        ("found", "EMAIL_ADDRESS")
    ]
    table = run("--catalogue", str(path), "--format", "wikipedia")
    assert "at least 99.5%" in table.stdout


def test_a_catalogue_without_descriptions_is_wrong_usage(run, tmp_path):
    path = tmp_path / "films.json"
    path.write_text(json.dumps(FILMS[1:]), encoding="utf-8")
    result = run("--catalogue", str(path), "--format", "wikipedia")
    assert result.exit_code == 2
    assert "no title with a description" in result.stderr


def test_all_sides_are_for_one_text(run, marked):
    assert run("--eval", marked, "--side", "all").exit_code == 2


@pytest.fixture
def refusing(engine, monkeypatch: pytest.MonkeyPatch):
    """A guard whose engine breaks at one word."""

    class Breaking:
        types = engine.types
        replace = staticmethod(engine.replace)

        def reader(self, side):
            reader = engine.reader(side)

            class Reader:
                def find(self, texts):
                    if any("zebra" in text for text in texts):
                        raise MemoryError
                    return reader.find(texts)

            return Reader()

    monkeypatch.setattr(
        "genservice.cli.screening.build_guard",
        lambda **_: Guard(Breaking(), revision="guard@test", deadline=20, workers=1),
    )


@pytest.mark.usefixtures("refusing")
def test_lines_beside_a_refused_one_are_answered_and_the_exit_code_says_so(tmp_path, capsys):
    path = tmp_path / "texts.jsonl"
    path.write_text('{"text": "for emma"}\n{"text": "a zebra"}\n{"text": "calm"}\n')
    with pytest.raises(SystemExit) as caught:
        main(["scan", "--jsonl", str(path)])
    assert caught.value.code == 2
    told = capsys.readouterr()
    first, second, third = [json.loads(line) for line in told.out.splitlines()]
    assert first["findings"][0]["type"] == "PERSON"
    assert second == {
        "findings": [{"start": 0, "end": 7, "type": "OPAQUE", "score": 1.0}],
        "refused": True,
    }
    assert third == {"findings": []}
    assert f"{path}:2: The guard could not screen a text" in told.err
    assert "zebra" not in told.err


@pytest.mark.usefixtures("refusing")
def test_eval_counts_what_was_refused(tmp_path):
    path = tmp_path / "marked.jsonl"
    path.write_text('{"text": "a zebra"}\n{"text": "calm"}\n')
    told = json.loads(CliRunner().invoke(scan, ["--eval", str(path), "--json"]).stdout)
    figures = told["files"][str(path)]
    assert figures["refused"]["count"] == 1
    assert figures["spans"]["precision"]["of"] == 1
