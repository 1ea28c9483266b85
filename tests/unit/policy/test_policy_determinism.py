"""Same files, same decisions, same digest: whatever the order, the process and its hash seed."""

from __future__ import annotations

import json
import random
import subprocess
import sys

import pytest

from benchmarks.policy.made import contexts
from genservice.canonical import digest
from genservice.documents import parse
from genservice.policy import compare, decide, from_files, grants, load, matrix
from genservice.shipped import shipped

SHIPPED = load(shipped("policies"))
DRAFT = {
    **SHIPPED.files,
    "zz.yaml": "rules:\n  - {id: zz, why: Made up., when: {region: [DE, US-CA]}, signals: [taste], decision: withhold}\n",
}
FIXED = {
    "purpose": "promo",
    "age_band": "age_25_34",
    "gpc": "no",
    "channel": "detail",
    "processor": "in_process",
}


def told() -> str:
    """A digest of everything that the shipped set, and an edit of it, comes to."""
    policies, draft = load(shipped("policies")), from_files(DRAFT)
    found, _ = grants(policies)
    comparison = compare(policies, draft)
    return digest(
        {
            "version": policies.version,
            "draft": draft.version,
            "decisions": [decide(policies, asked) for asked in contexts(500, seed=4)],
            "grants": found,
            "changed": comparison.changed,
            "besides": comparison.besides,
            "matrix": matrix(policies, by="region", fixed=FIXED),
        }
    )


@pytest.mark.parametrize("seed", ["0", "1", "4242"])
def test_another_process_with_another_hash_seed_says_the_same(seed: str) -> None:
    code = "from tests.unit.policy.test_policy_determinism import told; print(told())"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONHASHSEED": seed},
        check=True,
        capture_output=True,
        text=True,
    )
    assert done.stdout.strip() == told()


@pytest.mark.parametrize("seed", range(5))
def test_the_order_of_files_rules_and_keys_is_nothing(seed: int) -> None:
    rng = random.Random(seed)

    def shuffled(value: object) -> object:
        if isinstance(value, dict):
            items = [(key, shuffled(item)) for key, item in value.items()]
            rng.shuffle(items)
            return dict(items)
        return value

    files: list[tuple[str, str]] = []
    for name, text in SHIPPED.files.items():
        value = parse(text.encode(), file=name).value
        for key in ("rules", "inferences", "tests"):
            if isinstance(value.get(key), list):
                rng.shuffle(value[key])
        files.append((name, json.dumps(shuffled(value))))
    rng.shuffle(files)
    again = from_files(dict(files))
    assert again.version == SHIPPED.version
    asked = contexts(300, seed=seed)
    assert [decide(again, each) for each in asked] == [decide(SHIPPED, each) for each in asked]
    assert grants(again) == grants(SHIPPED)


def test_what_was_decided_before_changes_nothing() -> None:
    """Decisions that a set keeps are those that it makes anew."""
    asked = contexts(2000, seed=9)
    warm, cold = load(shipped("policies")), load(shipped("policies"))
    for each in reversed(asked):
        decide(warm, each)
    assert [decide(warm, each) for each in asked] == [decide(cold, each) for each in asked]
