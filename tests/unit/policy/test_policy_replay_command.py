from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from genservice.cli.policy import policy
from genservice.domain import Decided, LoggedContext
from genservice.policy import decide, levels_of, load
from genservice.store import GENESIS, open_store
from tests.unit.policy.making import SHAPES, context

REFUSAL = """
rules:
  - {id: not-in-promos, why: Too much., when: {purpose: [promo]}, signals: [watch_history], decision: withhold}
"""


@pytest.fixture
def sets(tmp_path: Path) -> tuple[Path, Path]:
    """The folder of the set in force, and that of a draft that withholds history in promos."""
    in_force, draft = tmp_path / "in_force", tmp_path / "draft"
    for folder in (in_force, draft):
        folder.mkdir()
        for name in ("signals.yaml", "promo.yaml"):
            (folder / name).write_text(SHAPES[name], encoding="utf-8")
    (draft / "less.yaml").write_text(REFUSAL, encoding="utf-8")
    return in_force, draft


@pytest.fixture
def data(tmp_path: Path, sets: tuple[Path, Path]) -> Path:
    """A database in which an hour's decisions are logged."""
    policies = load(sets[0])
    folder = tmp_path / "data"

    def decided(*present: str, **changes) -> Decided:
        stated = context(**changes)
        levels = levels_of(policies.signals, decide(policies, stated))
        signals = tuple((name, levels[name]) for name in present)
        return Decided(LoggedContext.of(stated), signals)

    async def fill() -> None:
        async with open_store(folder / "genservice.db", clock=lambda: datetime.now(UTC)) as store:
            await store.migrate()
            await store.decisions.add(
                hour=datetime.now(UTC).strftime("%Y-%m-%dT%H"),
                writer="w",
                position=1,
                policy=policies.version,
                counts={
                    decided("watch_history"): 300,
                    decided("watch_history", region="AT", age_band="age_18_24"): 12,
                    decided("watch_history", purpose="synopsis"): 1000,
                    decided("location"): 46_688,
                },
                previous=GENESIS,
            )

    asyncio.run(fill())
    return folder


def run(*args: object, **env: str) -> Result:
    return CliRunner().invoke(
        policy, ["replay", *map(str, args)], env=env, prog_name="genservice policy"
    )


def test_what_would_change_is_told_in_sentences_with_counts(sets, data):
    in_force, draft = sets
    result = run(draft, "--policies", in_force, "--data", data)
    assert result.exit_code == 1
    said = result.stdout.splitlines()
    assert said[0] == f"Draft     {load(draft).version}"
    assert said[1] == f"Against   {load(in_force).version}, the set in force"
    assert said[2].startswith("Requests  48,000, from ")
    split = [
        "  purpose   promo 312",
        "  region    DE 300, AT 12",
        "  age band  age_25_34 300, age_18_24 12",
    ]
    assert said[3:] == [
        "",
        "312 of 48,000 requests would be decided otherwise; 0 would serve the neutral twin.",
        "",
        "312 of 48,000 requests would lose watch_history (coarsened to genres -> withheld)",
        *split,
    ]


def test_nothing_that_would_change_is_exit_code_0(sets, data):
    in_force, _ = sets
    result = run(in_force, "--policies", in_force, "--data", data)
    assert result.exit_code == 0
    assert "Nothing would change." in result.stdout


def test_no_requests_in_those_hours_is_told(sets, data):
    in_force, draft = sets
    result = run(
        draft, "--policies", in_force, "--data", data, "--since", "2020-01-01", "--until", "2020-01-02"
    )  # fmt: skip
    assert result.exit_code == 0
    assert "No requests are logged in these hours." in result.stdout


def test_programs_get_all_of_it(sets, data):
    in_force, draft = sets
    result = run(draft, "--policies", in_force, "--data", data, "--json")
    told = json.loads(result.stdout)
    assert result.exit_code == 1
    (effect,) = told["replay"]["effects"]
    assert effect["share"]["regions"] == {"DE": 300, "AT": 12}
    assert effect["change"]["direction"] == "lost"
    assert told["replay"]["versions"] == {load(in_force).version: 48_000}


def test_requests_that_another_version_decided_are_named(sets, data):
    in_force, draft = sets
    result = run(in_force, "--policies", draft, "--data", data)
    assert "48,000 requests were decided by another version" in result.stdout
    then = run(in_force, "--policies", draft, "--data", data, "--against", "then")
    assert then.exit_code == 0
    assert "Against   what was decided then" in then.stdout


def test_where_the_database_rules_its_version_in_force_is_meant(sets, data):
    in_force, draft = sets
    policies = load(in_force)
    database = data / "genservice.db"
    registry = {"GENSERVICE_POLICY_SOURCE": "registry", "GENSERVICE_POLICIES": str(draft)}

    none = run(draft, "--data", data, **registry)
    assert none.exit_code == 2
    assert "no version is in force in the database" in none.stderr

    async def accept() -> None:
        async with open_store(database, clock=lambda: datetime.now(UTC)) as store:
            await store.policies.accept(policies.version, policies.files)

    asyncio.run(accept())
    result = run(draft, "--data", data, **registry)
    assert result.exit_code == 1
    assert f"Against   {policies.version}, the set in force" in result.stdout


def test_a_draft_that_is_no_set_is_told_as_check_tells_it(sets, data):
    in_force, draft = sets
    (draft / "less.yaml").write_text(REFUSAL.replace("watch_history", "watch_histroy"), "utf-8")
    result = run(draft, "--policies", in_force, "--data", data)
    assert result.exit_code == 1
    assert "did you mean 'watch_history'?" in result.stderr


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["--since", "soon"], "'--since': not a time; give days or hours before now (7d, 36h)"),
        (["--until", "2020-01-01"], "'--until': no hour lies between since and until"),
        (["--data", "nowhere"], "no database at"),
        (["--against", "yesterday"], "'yesterday' is not one of"),
    ],
)
def test_wrong_usage_is_told_with_the_option(sets, data, tmp_path, monkeypatch, args, said):
    monkeypatch.chdir(tmp_path)
    in_force, draft = sets
    result = run(draft, "--policies", in_force, "--data", data, *args)
    assert result.exit_code == 2
    assert said in " ".join(result.stderr.split())
    assert not (tmp_path / "nowhere").exists()


def test_that_the_log_is_off_is_told(sets, data):
    in_force, draft = sets
    result = run(draft, "--policies", in_force, "--data", data, GENSERVICE_DECISION_LOG_DAYS="0")
    assert "The decision log is off" in result.stdout


def test_help_has_an_example():
    result = run("--help")
    assert result.exit_code == 0
    assert "Example:\n    genservice policy replay draft/ --since 7d" in result.stdout


def test_a_replay_waits_for_no_model_and_no_guard(sets, data):
    in_force, draft = sets
    heavy = ["torch", "transformers", "presidio_analyzer", "spacy"]
    code = (
        "import sys\nfrom genservice.cli import main\n"
        "try:\n    main(sys.argv[1:])\nexcept SystemExit as end:\n"
        f"    print(end.code, [name for name in {heavy!r} if name in sys.modules])"
    )
    args = ["policy", "replay", draft, "--policies", in_force, "--data", data, "--json"]
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, args)], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "1 []"
