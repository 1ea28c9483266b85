"""Every way a policy set can be wrong, as a file beside the exact error it gets.

`rules-*.yaml` stands for promo.yaml, `signals-*.yaml` for signals.yaml, `segments-*.yaml` for
segments.yaml, `tests-*.yaml` for promo_test.yaml; the rest of the set is valid. Write the errors anew with
`python -m tests.unit.policy.test_policy_invalid`, then read them.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from genservice.errors import PolicyError, Problem
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


def errors_of(case: Path) -> str:
    files = {"signals.yaml": SIGNALS, "promo.yaml": RULE}
    files[NAMES[case.stem.partition("-")[0]]] = case.read_text(encoding="utf-8")
    return "".join(f"{problem}\n" for problem in problems_of(files))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_an_invalid_file_gets_exactly_its_errors(case: Path):
    assert errors_of(case) == case.with_suffix(".txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_every_error_names_file_line_and_column(case: Path):
    for line in errors_of(case).splitlines():
        file, row, column, _ = line.split(":", 3)
        assert file in NAMES.values()
        assert int(row) >= 1
        assert int(column) >= 1


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
        path.with_suffix(".txt").write_text(errors_of(path), encoding="utf-8")
