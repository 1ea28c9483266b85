"""`genservice policy test`, as owners and build servers meet it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from defusedxml import ElementTree

from genservice.cli.policy import policy
from tests.unit.policy.making import SHAPES

TITLES = "titles: {cold-quay: {genres: [crime]}, the-ferryman: {genres: [crime]}}\n"
PASSING = SHAPES["promo_test.yaml"] + TITLES


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "rules"
    made.mkdir()
    for name, text in {**SHAPES, "promo_test.yaml": PASSING}.items():
        (made / name).write_text(text, encoding="utf-8")
    return made


@pytest.fixture
def broken(folder: Path) -> Path:
    """A set whose rules withhold what its tests expect."""
    capped = "withhold, when: {processor: in_process}"
    promo = SHAPES["promo.yaml"].replace("{coarsen: genres}", capped)
    (folder / "promo.yaml").write_text(promo, encoding="utf-8")
    return folder


def run(folder: Path, *args: object, color: bool = False) -> Result:
    words = ["test", str(folder), *map(str, args)]
    return CliRunner().invoke(policy, words, prog_name="genservice policy", color=color)


def test_all_that_passes_is_one_line(folder: Path):
    result = run(folder)
    assert (result.exit_code, result.stdout) == (0, "3 of 3 passed.\n")


def test_what_differs_is_shown_as_a_diff_with_the_rule_and_its_place(broken: Path):
    result = run(broken)
    assert result.exit_code == 1
    assert result.stdout == (
        "--- promo_test.yaml, as expected\n"
        "+++ promo_test.yaml, as the rules say\n"
        "@@ promo_test.yaml:6 genres with consent @@\n"
        "  [consented, promo]\n"
        "  [consented, synopsis]\n"
        "- watch_history:       genres\n"
        "+ watch_history:       withheld  because history-as-genres, promo.yaml:7, says withhold\n"
        '- brief watch_history: ["crime"]\n'
        "+ brief watch_history: nothing\n"
        "\n"
        "1 of 3 passed.\n"
    )


def test_cases_that_differ_alike_are_told_once(broken: Path):
    varied = PASSING.replace(
        "purposes: [synopsis, promo]", "purposes: [promo], vary: {age_band: [adult]}"
    )
    (broken / "promo_test.yaml").write_text(varied, encoding="utf-8")
    told = run(broken).stdout
    assert told.count("- watch_history: ") == 1
    assert "[consented, promo, age_35_49]\n  and 2 more cases alike\n" in told
    assert "[consented, promo, age_65_plus]\n- " in run(broken, "--verbose").stdout


def test_colours_are_for_terminals(broken: Path):
    assert "\x1b[" not in run(broken).stdout
    assert "\x1b[31m- watch_history:" in run(broken, color=True).stdout


def test_quiet_prints_the_summary_and_fails_all_the_same(broken: Path):
    result = run(broken, "--quiet")
    assert (result.exit_code, result.stdout) == (1, "1 of 3 passed.\n")


def test_verbose_names_every_test(broken: Path):
    told = run(broken, "-v").stdout
    assert "FAIL promo_test.yaml:6 genres with consent: 0 of 2\n" in told
    assert "ok   promo_test.yaml:7 nothing without: 1 of 1\n" in told


def test_tests_are_chosen_by_name(broken: Path):
    result = run(broken, "-k", "Nothing")
    assert (result.exit_code, result.stdout) == (0, "1 of 1 passed.\n")


def test_a_name_that_no_test_has_is_wrong_usage(folder: Path):
    result = run(folder, "-k", "nothing of the kind")
    assert result.exit_code == 2
    assert "no test is called 'nothing of the kind'" in result.stderr


def test_fail_fast_stops_at_the_first(broken: Path):
    assert run(broken, "--fail-fast").stdout.endswith("0 of 1 passed.\n")


def test_programs_are_told_the_same(broken: Path):
    told = json.loads(run(broken, "--json", "--coverage").stdout)
    assert (told["rows"], len(told["failures"])) == (3, 2)
    failure = told["failures"][0]
    assert failure["at"] == {"file": "promo_test.yaml", "line": 6, "column": 5}
    assert failure["differences"][0] == {
        "what": "watch_history",
        "expected": "genres",
        "found": "withheld",
        "because": "because history-as-genres, promo.yaml:7, says withhold",
    }
    assert told["coverage"]["percent"] == 100
    assert [rule["rule"] for rule in told["coverage"]["rules"]] == [
        "history-with-consent", "history-as-genres",
    ]  # fmt: skip


UNTESTED = "rules: [{id: no-push, why: Because., when: {channel: push}, signals: [location], decision: withhold}]\n"


def test_coverage_names_the_rules_that_no_test_exercises(folder: Path):
    (folder / "more.yaml").write_text(UNTESTED, encoding="utf-8")
    result = run(folder, "--coverage")
    assert result.exit_code == 0
    assert result.stdout == (
        "rule                  at            decision   speaks  settles  needed\n"
        "no-push               more.yaml:1   withhold        0        0       0\n"
        "history-with-consent  promo.yaml:2  allow           2        0       2\n"
        "history-as-genres     promo.yaml:7  coarsen         3        2       2\n"
        "\n"
        "No test exercises:\n"
        "  more.yaml:1 no-push (withhold)\n"
        "\n"
        "2 of 3 rules are exercised by a test (66.7%).\n"
        "3 of 3 passed.\n"
    )


def test_too_little_coverage_exits_with_one_though_all_pass(folder: Path):
    (folder / "more.yaml").write_text(UNTESTED, encoding="utf-8")
    result = run(folder, "--min-coverage", "66.6")
    assert result.exit_code == 0
    result = run(folder, "--min-coverage", "80")
    assert result.exit_code == 1
    assert result.stdout.endswith("3 of 3 passed.\nThat is less than 80%.\n")


def test_strict_counts_what_a_test_would_miss(folder: Path):
    again = "rules: [{id: again, why: Because., signals: [watch_history], decision: {coarsen: genres}}]\n"
    (folder / "more.yaml").write_text(again, encoding="utf-8")
    assert run(folder, "--min-coverage", 100).exit_code == 0
    result = run(folder, "--strict", "--min-coverage", 100)
    assert result.exit_code == 1
    assert "No test would miss:\n  more.yaml:1 again (coarsen)\n" in result.stdout


def test_a_junit_report_names_files_lines_and_failures(broken: Path, tmp_path: Path):
    report = tmp_path / "report.xml"
    assert run(broken, "--junit", report).exit_code == 1
    root = ElementTree.fromstring(report.read_bytes())
    assert (root.tag, root.get("tests"), root.get("failures"), root.get("errors")) == (
        "testsuites", "3", "2", "0",
    )  # fmt: skip
    (suite,) = root
    assert (suite.get("name"), suite.get("tests")) == ("promo_test.yaml", "3")
    case = suite.findall("testcase")[0]
    assert case.attrib == {
        "name": "genres with consent [consented, promo]",
        "classname": "promo_test",
        "file": (broken / "promo_test.yaml").as_posix(),
        "line": "6",
    }
    (failure,) = case
    assert failure.attrib == {"message": "other than expected", "type": "difference"}
    assert "+ watch_history: withheld" in (failure.text or "")
    assert set(suite.attrib) == {"name", "file", "tests", "failures", "errors"}
    assert [item.attrib["name"] for item in suite.iter("property")] == ["policy"]


def test_a_report_is_the_same_bytes_again_and_leaves_nothing_beside_it(
    folder: Path, tmp_path: Path
):
    report = tmp_path / "report.xml"
    run(folder, "--junit", report)
    first = report.read_bytes()
    run(folder, "--junit", report)
    assert report.read_bytes() == first
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["report.xml"]


def test_a_report_that_cannot_be_written_is_wrong_usage(folder: Path, tmp_path: Path):
    result = run(folder, "--junit", tmp_path / "nowhere" / "report.xml")
    assert result.exit_code == 2
    assert "No such file or directory" in result.stderr


def test_what_xml_cannot_say_is_left_out_of_a_report(folder: Path, tmp_path: Path):
    named = PASSING.replace("name: nothing without", 'name: "nothing \\x01without <&"')
    (folder / "promo_test.yaml").write_text(named, encoding="utf-8")
    report = tmp_path / "report.xml"
    assert run(folder, "--junit", report).exit_code == 0
    names = [
        case.get("name") for case in ElementTree.fromstring(report.read_bytes()).iter("testcase")
    ]
    assert "nothing \ufffdwithout <& [refused, promo]" in names


def pytest_in(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:asyncio", "--rootdir", ".", "-c", "pytest.ini", "--tb=short", "."]  # fmt: skip
    (folder / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_a_folder_of_ones_own_is_tested_by_pytest(broken: Path):
    (broken / "conftest.py").write_text(
        "from genservice.testing import pytest_collect_file\n", encoding="utf-8"
    )
    done = pytest_in(broken)
    assert done.returncode == 1
    assert "2 failed, 1 passed" in done.stdout
    assert "promo_test.yaml:6:5: genres with consent [consented, promo]" in done.stdout
    assert "+ watch_history: withheld" in done.stdout


def test_an_invalid_set_fails_collection_with_every_problem(folder: Path):
    (folder / "conftest.py").write_text(
        "from genservice.testing import pytest_collect_file\n", encoding="utf-8"
    )
    (folder / "promo.yaml").write_text(
        "rules:\n  - {id: x, why: y, signals: [locaton], decision: alow}\n", encoding="utf-8"
    )
    done = pytest_in(folder)
    assert done.returncode == 2
    assert "promo.yaml:2:31: not a signal: 'locaton' (did you mean 'location'?)" in done.stdout
    assert "promo.yaml:2:51: not a decision: 'alow'" in done.stdout


def test_the_pytest_items_start_without_the_heavy_libraries():
    heavy = "torch transformers litestar sqlalchemy presidio_analyzer"
    code = f"import sys, genservice.testing; print([name for name in {heavy.split()!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
