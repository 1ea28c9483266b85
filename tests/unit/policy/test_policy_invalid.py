"""Every way a policy set can be wrong, as a file beside the exact error it gets.

`rules-*.yaml` stands for promo.yaml, `signals-*.yaml` for signals.yaml, `segments-*.yaml` for
segments.yaml, `tests-*.yaml` for promo_test.yaml; the rest of the set is valid. Files are read as bytes:
some are in no encoding that is taken. Write the errors anew with
`python -m tests.unit.policy.test_policy_invalid`, then read them.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from genservice.errors import PolicyError, Problem
from genservice.excerpts import excerpt
from genservice.policy import from_files, load

CASES = sorted((Path(__file__).parent / "invalid").glob("*.yaml"))
NAMES = {"rules": "promo.yaml", "signals": "signals.yaml", "tests": "promo_test.yaml", "segments": "segments.yaml"}  # fmt: skip
SIGNALS = """
groups: {region: {EEA: [AT, DE, "NO"]}, age_band: {minor: [under_13], adult: [age_18_24, age_25_34]}}
consents: {content_profile: {tcf: 5}, content_use: {tcf: 6}}
signals:
  watch_history: {label: Titles you watched, value: title_ids, data: user.behavior, sensitivity: high, ladder: [titles, genres, none], keep_days: 90}
  location: {label: Where you are, value: place, data: user.location, sensitivity: high, ladder: [city, country, none], keep_days: 1}
  payment_history: {label: What you paid for, value: terms, data: user.payment, sensitivity: high, ladder: [none], keep_days: 0}
"""
RULE = "rules: [{id: r, why: Because., signals: [location], decision: withhold}]"


def problems_of(files: dict[str, str]) -> tuple[Problem, ...]:
    with pytest.raises(PolicyError) as caught:
        from_files(files)
    return caught.value.problems


def refusal_of(case: Path, folder: Path) -> PolicyError:
    files = {"signals.yaml": SIGNALS.encode(), "promo.yaml": RULE.encode()}
    files[NAMES[case.stem.partition("-")[0]]] = case.read_bytes()
    for name, raw in files.items():
        (folder / name).write_bytes(raw)
    with pytest.raises(PolicyError) as caught:
        load(folder)
    return caught.value


def errors_of(case: Path, folder: Path) -> str:
    return "".join(f"{problem}\n" for problem in refusal_of(case, folder).problems)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_an_invalid_file_gets_exactly_its_errors(case: Path, tmp_path: Path):
    assert errors_of(case, tmp_path) == case.with_suffix(".txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_every_error_names_file_line_and_column_and_can_be_shown(case: Path, tmp_path: Path):
    refusal = refusal_of(case, tmp_path)
    for problem in refusal.problems:
        assert problem.file in NAMES.values()
        assert problem.line
        assert problem.column
        shown = excerpt(problem, refusal.files[problem.file])
        assert shown
        assert "^" in shown


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_files_sent_as_text_get_the_same_errors_as_a_folder(case: Path, tmp_path: Path):
    try:
        text = case.read_bytes().decode()
    except UnicodeDecodeError:
        return
    files = {"signals.yaml": SIGNALS, "promo.yaml": RULE}
    files[NAMES[case.stem.partition("-")[0]]] = text
    if "without-mark" not in case.stem:
        assert problems_of(files) == refusal_of(case, tmp_path).problems


def test_a_file_over_a_megabyte_is_refused_unread(tmp_path: Path):
    files = {"signals.yaml": SIGNALS, "promo.yaml": RULE + " # " + "x" * 1_000_000}
    said = ["promo.yaml: larger than 1000000 bytes (split it)"]
    assert [str(problem) for problem in problems_of(files)] == said
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(PolicyError) as caught:
        load(tmp_path)
    assert [str(problem) for problem in caught.value.problems] == said


def test_a_file_that_cannot_be_read_hides_no_problem_of_the_others(tmp_path: Path):
    (tmp_path / "signals.yaml").write_text(SIGNALS, encoding="utf-8")
    (tmp_path / "a.yaml").write_bytes(b"\xff")
    (tmp_path / "b.yaml").write_text(RULE.replace("location", "locaton"), encoding="utf-8")
    with pytest.raises(PolicyError) as caught:
        load(tmp_path)
    assert [problem.file for problem in caught.value.problems] == ["a.yaml", "b.yaml"]


def test_a_folder_without_signals_says_so():
    assert [str(problem) for problem in problems_of({"promo.yaml": RULE})] == [
        "signals.yaml: missing (it declares the signals)"
    ]


def test_an_id_taken_in_another_file_names_both_places():
    files = {"signals.yaml": SIGNALS, "promo.yaml": RULE, "zeta.yaml": RULE}
    assert [str(problem) for problem in problems_of(files)] == [
        "zeta.yaml:1:9: the id 'r' is taken by the rule at promo.yaml:1:9 (give one of them another id)"
    ]


def test_errors_of_all_files_come_at_once_in_order_of_place():
    files = {
        "signals.yaml": SIGNALS.replace("tcf: 6", "tcf: 60"),
        "b.yaml": RULE.replace("location", "locatoin"),
        "a.yaml": "rules: [",
    }
    assert [problem.file for problem in problems_of(files)] == ["a.yaml", "b.yaml", "signals.yaml"]


def test_a_rule_file_with_another_ending_is_refused_rather_than_passed_over(tmp_path: Path):
    (tmp_path / "signals.yaml").write_text(SIGNALS, encoding="utf-8")
    (tmp_path / "eea.yml").write_text(RULE, encoding="utf-8")
    with pytest.raises(PolicyError, match=r"eea\.yml: not a policy file"):
        load(tmp_path)


def test_a_file_that_is_not_utf_8_is_refused_at_its_place(tmp_path: Path):
    (tmp_path / "signals.yaml").write_text(SIGNALS, encoding="utf-8")
    (tmp_path / "promo.yaml").write_bytes(b"rules:\n  - caf\xe9\n")
    with pytest.raises(PolicyError, match=r"promo\.yaml:2:8: not UTF-8"):
        load(tmp_path)


def test_an_ill_declared_signal_is_not_reported_again_where_it_is_used():
    files = {"signals.yaml": SIGNALS.replace("keep_days: 1}", "keep_days: x}"), "promo.yaml": RULE}
    assert len(problems_of(files)) == 1


if __name__ == "__main__":
    for path in CASES:
        with TemporaryDirectory() as made:
            told = errors_of(path, Path(made))
        path.with_suffix(".txt").write_text(told, encoding="utf-8")
