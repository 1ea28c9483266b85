"""README and docs say what the code does: each list in them is held to the thing it lists."""

from __future__ import annotations

import ast
import importlib
import json
import re
import shlex
import tomllib
from pathlib import Path
from typing import Any, NamedTuple, get_args

import click
import msgspec
import pytest
from ruamel.yaml import YAML

from genservice.api.problems import KINDS
from genservice.api.schemas import BlurbRequest
from genservice.app import create_app
from genservice.catalog import FORMATS, detect, load_vocabulary, read, slotted
from genservice.catalog.tables import COLUMNS
from genservice.checking import Sources, check, load_phrases
from genservice.cli import COMMANDS, cli
from genservice.cli.policy.diffs import failures_told
from genservice.domain import Answer, Blurb, Signal, Statement, Title
from genservice.domain.titles import Part
from genservice.errors import PolicyError
from genservice.excerpts import told
from genservice.generation import placement
from genservice.generation.patience import Patience
from genservice.policy import from_files, load, run
from genservice.policy.ladders import CHAINS
from genservice.settings import PREFIX, Settings, read_settings
from genservice.shipped import shipped
from genservice.words import policy_words

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
MODELS = ROOT / "docs" / "models.md"
DOCS = (README, ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md")))  # fmt: skip

_FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"\[[^\]]+\]\(([^)\s]+)\)")
_CODE = re.compile(r"`([^`\n]+)`")
_PATH = re.compile(
    r"(?:genservice|tests|policies|prompts|catalogue|docs|training)/[\w./-]*(?:::\w+)?"
)
_TEST = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+))?`")


class Block(NamedTuple):
    """One fenced block of a document."""

    doc: str
    language: str
    text: str

    @property
    def file(self) -> str | None:
        """The file that a block says it is of, in its first line."""
        found = re.match(r"# ((?:policies|catalogue)/[\w.-]+)\n", self.text)
        return found[1] if found else None


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


# Files of the tutorial, which test_policy_tutorial.py follows.
_FOLLOWED = re.compile(r"# (?:mine|draft|live)/")


def blocks(language: str, *docs: Path) -> list[Block]:
    return [
        Block(doc.name, found[1], found[2])
        for doc in docs or DOCS
        for found in _FENCE.finditer(text_of(doc))
        if found[1] == language and not _FOLLOWED.match(found[2])
    ]


def rows(path: Path, heading: str) -> list[list[str]]:
    """The cells of every table row that stands under a heading, and before the next one."""
    _, found, rest = f"\n{text_of(path)}".partition(f"\n{heading}\n")
    assert found, f"{path.name} has no heading {heading!r}"
    section = re.split(r"\n##? ", _FENCE.sub("", rest))[0]
    lines = [line for line in section.splitlines() if line.startswith("| ")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [row for row in cells if not set(row[0]) <= set("- ")]


def named(cell: str) -> list[str]:
    return _CODE.findall(cell)


def column(path: Path, heading: str, place: int = 0) -> list[str]:
    """Every name in code that a column of a section's tables holds."""
    return [name for row in rows(path, heading) for name in named(row[place])]


def slug(heading: str) -> str:
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


# ----- what is listed -----


def test_every_setting_is_in_the_table_with_its_default() -> None:
    told = {row[0].strip("`"): row[1].strip("`") for row in rows(README, "## Settings")[1:]}
    assert sorted(told) == sorted(PREFIX + name.upper() for name in Settings.__struct_fields__)
    defaults = msgspec.structs.asdict(read_settings({}))
    for name, value in defaults.items():
        if not isinstance(value, Path):
            assert told[PREFIX + name.upper()] == (str(value) or "empty"), name


@pytest.mark.parametrize("path", DOCS, ids=lambda path: path.name)
def test_every_setting_named_is_one(path: Path) -> None:
    known = {PREFIX + name.upper() for name in (*Settings.__struct_fields__, "settings")}
    assert set(re.findall(rf"{PREFIX}[A-Z_]+", text_of(path))) <= known


def test_how_long_a_server_is_waited_for_is_told_with_its_figures() -> None:
    told = {named(what)[-1]: figure for what, figure in rows(MODELS, "## When a server fails")[1:]}
    patience = msgspec.structs.asdict(Patience())
    assert told == {name: f"{value:g}" for name, value in patience.items()}


def test_where_a_model_computes_is_told_in_the_words_of_the_rules() -> None:
    rules = [line for line in str(placement.__doc__).splitlines() if line.startswith("| ")]
    assert len(rules) > 5
    assert "\n".join(rules) in text_of(MODELS)


def test_every_command_is_in_the_table() -> None:
    told = column(README, "## Command line")
    assert [name for name in told if name.startswith("genservice ")] == [
        f"genservice {name}" for name in ("serve", "demo", "write", "batch", "prewrite", "check", "catalog", "detect", "consent", "policy", "scan", "model", "receipt", "viewer", "log", "keys", "store")
    ]  # fmt: skip
    assert {name.split()[1] for name in told} == set(COMMANDS)


def test_every_subcommand_is_in_the_table() -> None:
    for cell, does in rows(README, "## Command line")[1:]:
        name = named(cell)[0].split()[1]
        command = getattr(importlib.import_module(f"genservice.cli.{COMMANDS[name][0]}"), name)
        if isinstance(command, click.Group):
            assert sorted(named(does)) == command.list_commands(click.Context(command)), name


def test_every_problem_type_is_in_the_table() -> None:
    told = {int(row[0]): row[1].strip("`") for row in rows(README, "## Errors")[1:]}
    assert told == {status: kind for status, (kind, _) in KINDS.items()}


def test_every_route_is_in_the_table(tmp_path: Path) -> None:
    app = create_app(Settings(data=tmp_path / "data", keystore=tmp_path / "keystore"))
    served = {
        f"{method} {route.path_format}"
        for route in app.routes
        for method in getattr(route, "methods", ())
        if method not in {"OPTIONS", "HEAD"} and not route.path_format.startswith("/schema")
    }
    assert sorted(column(README, "## HTTP")) == sorted(served)


def test_every_format_is_in_the_table() -> None:
    assert tuple(column(README, "## Your catalogue")) == FORMATS


def test_every_dependency_is_explained() -> None:
    project = tomllib.loads(text_of(ROOT / "pyproject.toml"))["project"]
    needed = [re.split(r"[<>=\[]", line)[0] for line in project["dependencies"]]
    assert column(ROOT / "docs" / "dependencies.md", "# Dependencies") == needed


def test_every_field_of_a_title_and_every_part_of_a_story_is_described() -> None:
    path = ROOT / "docs" / "catalogue.md"
    told = column(path, "## The title record")
    assert sorted(told) == sorted(Title.__struct_fields__)
    assert tuple(column(path, "## Pieces of the story")) == get_args(Part)


def test_every_column_of_csv_is_described() -> None:
    assert sorted(column(ROOT / "docs" / "catalogue.md", "## Formats")) == sorted(COLUMNS)


def test_every_key_of_a_signal_and_every_kind_of_value_is_described() -> None:
    told = column(ROOT / "docs" / "policies.md", "## signals.yaml")
    assert sorted(told) == sorted([*(set(Signal.__struct_fields__) - {"name"}), *CHAINS])


def test_every_segment_is_in_the_table_with_its_label() -> None:
    told = {
        named(name)[0]: label
        for name, label, _ in rows(ROOT / "docs" / "segments.md", "## The shipped ones")[1:]
    }
    held = {segment.name: segment.label for segment in load(shipped("policies")).segments}
    assert told == held


def test_every_policy_pack_is_in_the_tables() -> None:
    path = ROOT / "docs" / "policy-packs.md"
    told = [*column(path, "## By theme"), *column(path, "## By market")]
    held = [name for name in load(shipped("policies")).files if not name.endswith("_test.yaml")]
    assert sorted({*told, "policies/signals.yaml"}) == sorted(f"policies/{name}" for name in held)


# ----- what is pointed at -----


@pytest.mark.parametrize("path", DOCS, ids=lambda path: path.name)
def test_every_link_leads_somewhere(path: Path) -> None:
    for target in _LINK.findall(_FENCE.sub("", text_of(path))):
        if target.startswith("https://"):
            continue
        file, _, anchor = target.partition("#")
        aim = (path.parent / file).resolve() if file else path
        assert aim.exists(), target
        if anchor:
            headings = re.findall(r"^#+ (.+)$", _FENCE.sub("", text_of(aim)), re.MULTILINE)
            assert anchor in {slug(heading) for heading in headings}, target


@pytest.mark.parametrize("path", DOCS, ids=lambda path: path.name)
def test_every_file_named_is_there(path: Path) -> None:
    invented = {"policies/ch.yaml", "policies/ch_test.yaml"}
    for name in _CODE.findall(_FENCE.sub("", text_of(path))):
        if _PATH.fullmatch(name) and name not in invented:
            assert (ROOT / name.partition("::")[0]).exists(), name


def test_every_guarantee_names_tests_that_are_there() -> None:
    section = text_of(README).partition("\n## Guarantees\n")[2].partition("\n## ")[0]
    guarantees = re.split(r"^\d\. ", section, flags=re.MULTILINE)[1:]
    assert len(guarantees) == 7
    for guarantee in guarantees:
        tests = _TEST.findall(guarantee)
        assert tests, guarantee
        for file, function in tests:
            tree = ast.parse(text_of(ROOT / file))
            held = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}  # fmt: skip
            assert not function or function in held, f"{file}::{function}"


@pytest.mark.parametrize("path", DOCS, ids=lambda path: path.name)
def test_every_make_target_is_there(path: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", text_of(ROOT / "Makefile"), re.MULTILINE))
    said = re.findall(r"(?:^|`)make ([a-z]+)(?:`|$)", text_of(path), re.MULTILINE)
    assert set(said) <= targets


def commands() -> list[str]:
    """Every `genservice` that is shown or named, without what sets the environment."""
    lines = [line for block in blocks("sh") for line in block.text.splitlines()]
    lines += [said for doc in DOCS for said in _CODE.findall(_FENCE.sub("", text_of(doc)))]
    found: dict[str, None] = {}
    for line in lines:
        words = shlex.split(line) if "genservice " in line else []
        while words and re.fullmatch(r"GENSERVICE_\w+=.*", words[0]):
            del words[0]
        if len(words) > 1 and words[0].rpartition("/")[2] == "genservice":
            found[shlex.join(words[1:])] = None
    return list(found)


@pytest.mark.parametrize("shown", commands())
def test_every_command_shown_takes_what_it_is_given(shown: str) -> None:
    words = shlex.split(shown)
    context = click.Context(cli)
    command: click.Command = cli
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        found = command.get_command(context, words[0])
        assert found is not None, f"no command {words[0]}"
        command, words = found, words[1:]
    known = {option for parameter in command.params for option in parameter.opts} | {"--help"}
    assert {word for word in words if word.startswith("-")} <= known


# ----- what is shown -----


def test_the_request_shown_is_one_and_names_a_title_that_answers_it() -> None:
    request = next(block for block in blocks("json", README) if "title_id" in block.text)
    asked = msgspec.json.decode(request.text, type=BlurbRequest)
    titles = _titles()
    assert asked.title_id in titles
    assert set(asked.audience.signals["genre_affinity"]) & set(titles[asked.title_id].genres)


def test_the_answer_shown_has_the_shape_of_an_answer() -> None:
    answer: dict[str, Any] = json.loads(
        next(block.text for block in blocks("json", README) if '"receipt"' in block.text)
    )
    msgspec.convert(answer, Answer)
    assert list(answer["receipt"]["statement"]) == list(Statement.__struct_fields__)
    title = _titles()["double-indemnity"]
    vocabulary = load_vocabulary(shipped("catalogue"))
    slots = slotted(title, vocabulary).slots
    phrases = load_phrases(shipped("prompts") / "phrases.yaml")
    held = {slot.pointer: slot.text.casefold() for slot in slots}
    for blurb in msgspec.convert(answer["blurbs"], list[Blurb]):
        assert check(blurb.text, sources=Sources(title, slots, vocabulary, phrases)).passed
        said = {span.fact: blurb.text[slice(*span.at)] for span in blurb.spans if span.fact}
        assert said["/name"] == title.name
        assert {fact: text.casefold() for fact, text in said.items()}.items() <= held.items()
    count = len(load(shipped("policies")).signals)
    shown = len(answer["receipt"]["statement"]["decisions"])
    assert f"with {count - shown} of {count} decisions left out" in text_of(README)


def test_the_record_shown_is_a_title() -> None:
    (record,) = blocks("json", ROOT / "docs" / "catalogue.md")
    reading = read(
        record.text.encode(), format="json", vocabulary=load_vocabulary(shipped("catalogue"))
    )
    assert reading.problems == ()
    assert reading.warnings == ()


@pytest.mark.parametrize(
    "block", blocks("yaml"), ids=lambda block: f"{block.doc} {block.file}"
)  # fmt: skip
def test_yaml_that_is_said_to_stand_in_a_file_stands_there(block: Block) -> None:
    assert block.file is not None, "the first line says which file it is of"
    path = ROOT / block.file
    if path.exists():
        held = {line.strip() for line in text_of(path).splitlines()}
        for line in block.text.splitlines()[1:]:
            # Lists of contexts and tests are shortened; their lines are not.
            assert line.strip() in held, line


RULES = [block for block in blocks("yaml") if "\nrules:\n" in block.text]


@pytest.mark.parametrize("block", RULES, ids=lambda block: f"{block.doc} {block.file}")
def test_rules_shown_load_with_the_shipped_signals(block: Block) -> None:
    signals = text_of(ROOT / "policies" / "signals.yaml")
    policies = from_files({"signals.yaml": signals, "shown.yaml": block.text})
    assert len(policies.rules) == block.text.count("- id:")


def test_policy_tests_shown_pass_with_the_shipped_set_and_the_rules_shown() -> None:
    files = dict(load(shipped("policies")).files)
    shown: set[str] = set()
    for block in blocks("yaml"):
        name = (block.file or "").removeprefix("policies/")
        if "\ntests:\n" in block.text:
            shown.add(f"shown-{name}")
            files[f"shown-{name}"] = block.text
        elif "\nrules:\n" in block.text and name not in files:
            files[name] = block.text
    assert len(shown) == 4
    results = run(from_files(files), words=policy_words(load_vocabulary(shipped("catalogue"))))
    assert not [str(failed) for failed in results.failures if failed.row.suite.file in shown]


def test_what_the_worked_edit_is_said_to_print_is_what_it_prints() -> None:
    path = ROOT / "docs" / "policies.md"
    mistaken, touched = (block.text for block in blocks("text", path))
    rule = next(block.text for block in blocks("yaml", path) if block.file == "policies/ch.yaml")
    files = dict(load(shipped("policies")).files)
    with pytest.raises(PolicyError) as caught:
        from_files({**files, "ch.yaml": rule.replace("[companions]", "[companion]")})
    wrong = {"ch.yaml": rule.replace("[companions]", "[companion]")}
    assert mistaken == f"{told(caught.value.problems, wrong)}\n\n1 problem.\n"
    words = policy_words(load_vocabulary(shipped("catalogue")))
    results = run(from_files({**files, "ch.yaml": rule}), words=words)
    failures = "".join(f"{click.unstyle(line)}\n" for line in failures_told(results, verbose=False))
    passed = results.rows - len(results.failures)
    assert touched == f"{failures}{passed} of {results.rows} passed.\n"


def test_yaml_other_than_policies_can_be_read() -> None:
    for block in blocks("yaml"):
        assert YAML(typ="safe").load(block.text)


def test_the_changelog_counts_rightly() -> None:
    told = text_of(ROOT / "CHANGELOG.md")
    assert f"{len(load(shipped('policies')).signals)} signals" in told
    assert f"A catalogue of {len(_titles())} " in told


def _titles() -> dict[str, Title]:
    vocabulary = load_vocabulary(shipped("catalogue"))
    found: dict[str, Title] = {}
    for path in sorted(shipped("catalogue").glob("*.json")):
        raw = path.read_bytes()
        reading = read(raw, format=detect(path.name, raw), vocabulary=vocabulary)
        found.update({title.id: title for title in reading.titles})
    return found
