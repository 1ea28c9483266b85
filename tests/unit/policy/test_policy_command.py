from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from genservice.cli.policy import policy
from genservice.consents import Vendors
from tests.unit.consents.encoding import encode_gpp, encode_tc, tc
from tests.unit.policy.making import SHAPES

WHO = ["--purpose", "promo", "--region", "DE", "--age-band", "age_25_34"]
CONSENTED = [*WHO, "--consent", "content_profile", "--consent", "content_use"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in SHAPES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    titles = "titles: {cold-quay: {genres: [crime]}, the-ferryman: {genres: [crime]}}\n"
    (tmp_path / "promo_test.yaml").write_text(SHAPES["promo_test.yaml"] + titles, encoding="utf-8")
    return tmp_path


def run(*args: object, **env: str) -> Result:
    return CliRunner().invoke(
        policy, [str(arg) for arg in args], env=env, prog_name="genservice policy"
    )


def test_check_finds_a_valid_set_valid(folder: Path):
    result = run("check", folder)
    assert result.exit_code == 0
    assert result.stdout.startswith("Valid: 2 signals, 1 allows, 1 caps, 2 tests.\nsha256:")


def test_check_counts_segments(folder: Path):
    segments = (
        "segments: {in_germany: {label: Germany, why: There., signals: {location: {country: DE}}}}"
    )
    (folder / "segments.yaml").write_text(segments, encoding="utf-8")
    assert run("check", folder).stdout.startswith(
        "Valid: 2 signals, 1 allows, 1 caps, 2 tests, 1 segments.\n"
    )


def test_check_names_every_problem_at_its_place(folder: Path):
    (folder / "promo.yaml").write_text(
        "rules:\n  - {id: x, why: y, signals: [locaton], decision: alow}\n", encoding="utf-8"
    )
    result = run("check", folder)
    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr == (
        "promo.yaml:2:31: not a signal: 'locaton'\n"
        "  2 |   - {id: x, why: y, signals: [locaton], decision: alow}\n"
        "    |                               ^^^^^^^\n"
        "    = did you mean 'location'?\n"
        "\n"
        "promo.yaml:2:51: not a decision: 'alow'\n"
        "  2 |   - {id: x, why: y, signals: [locaton], decision: alow}\n"
        "    |                                                   ^^^^\n"
        "    = did you mean 'allow'?\n"
        "\n"
        "2 problems.\n"
    )


def test_check_tells_programs_the_same(folder: Path):
    (folder / "promo.yaml").write_text("rules: []\n", encoding="utf-8")
    result = run("check", folder, "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout) == {
        "valid": False,
        "policy": None,
        "problems": [
            {"detail": "rules must not be empty", "file": "promo.yaml", "line": 1, "column": 8}
        ],
    }


def test_a_folder_that_is_not_there_is_wrong_usage(tmp_path: Path):
    assert run("check", tmp_path / "nowhere").exit_code == 2


@pytest.mark.parametrize("command", ["check", "test"])
def test_without_a_folder_the_shipped_set_is_meant(command: str):
    assert run(command, GENSERVICE_POLICIES="").exit_code == 0


def test_the_environment_names_the_folder(folder: Path):
    assert run("check", GENSERVICE_POLICIES=str(folder)).stdout.startswith("Valid: 2 signals")


def test_explain_tells_outcome_rules_reasons_and_places(folder: Path):
    result = run("explain", "watch_history", *CONSENTED, "--policies", folder)
    assert result.exit_code == 0
    assert result.stdout == (
        "watch_history: coarsened to genres\n"
        "  Used as genres, by history-as-genres.\n"
        "  promo.yaml:2:5 history-with-consent: allow\n"
        "    What you watched shapes a text only if you agreed (GDPR Art. 6(1)(a)).\n"
        "> promo.yaml:7:5 history-as-genres: coarsen to genres\n"
        "    Genres are enough for an angle (GDPR Art. 5(1)(c)).\n"
    )


def test_explain_reads_consent_strings(folder: Path):
    agreed = encode_tc(tc(purposes_consent=(5, 6), vendor_consent=Vendors(((8, 8),))))
    listed = run("explain", *CONSENTED, "--policies", folder, "--json").stdout
    for strings in (["--tcf", agreed], ["--gpp", encode_gpp({2: agreed}), "--tcf-vendor", "8"]):
        assert run("explain", *WHO, *strings, "--policies", folder, "--json").stdout == listed
    nothing = run("explain", *WHO, "--policies", folder, "--json").stdout
    named = run("explain", *WHO, "--tcf", agreed, "--policies", folder, "--json", GENSERVICE_TCF_VENDOR="9")  # fmt: skip
    assert named.stdout == nothing


def test_explain_tells_of_a_malformed_consent_string(folder: Path):
    result = run("explain", *CONSENTED, "--tcf", "emma", "--policies", folder, "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout)["context"]["consents"] == []
    assert result.stderr.startswith("tcf: malformed, and so no consent")
    assert "emma" not in result.output


def test_explain_says_what_would_allow_a_signal_that_nothing_allows(folder: Path):
    result = run("explain", "watch_history", *WHO, "--policies", folder)
    assert result.exit_code == 0
    assert result.stdout == (
        "watch_history: withheld\n"
        "  No rule allows it here, and what no rule allows is withheld.\n"
        "  promo.yaml:7:5 history-as-genres: coarsen to genres\n"
        "    Genres are enough for an angle (GDPR Art. 5(1)(c)).\n"
        "  What would allow it:\n"
        "    promo.yaml:2:5 history-with-consent: needs the consents content_profile and content_use\n"
    )


def test_explain_without_a_signal_tells_of_all(folder: Path):
    told = json.loads(run("explain", *WHO, "--policies", folder, "--json").stdout)
    assert [(item["signal"], item["outcome"]) for item in told["decisions"]] == [
        ("location", "withheld"), ("watch_history", "withheld"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["watch_histroy", *WHO], "no such signal: 'watch_histroy'; did you mean 'watch_history'?"),
        ([*WHO, "--consent", "content_usage"], "no such consent: 'content_usage'"),
        (
            ["--purpose", "promo", "--region", "UK", "--age-band", "unknown"],
            "not a region; expected a code of ISO 3166 such as DE or US-CA, or unknown (did you mean GB?)",
        ),
        (
            ["--purpose", "promos", "--region", "DE", "--age-band", "unknown"],
            "'promos' is not one of",
        ),
        (["--region", "DE"], "Missing option '--purpose'"),
    ],
    ids=["signal", "consent", "region", "purpose", "missing"],
)
def test_explain_refuses_words_it_does_not_know(args: list[str], said: str, folder: Path):
    result = run("explain", *args, "--policies", folder)
    assert result.exit_code == 2
    assert said in result.stderr


@pytest.mark.parametrize("command", ["check", "test", "explain"])
def test_help_has_an_example(command: str):
    result = run(command, "--help")
    assert result.exit_code == 0
    assert f"Example:\n    genservice policy {command}" in result.stdout


def test_the_command_starts_without_the_heavy_libraries():
    heavy = "torch transformers litestar sqlalchemy presidio_analyzer"
    code = f"import sys, genservice.cli.policy; print([name for name in {heavy.split()!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
