"""Whatever stands in a policy file, it is read or refused with its place; nothing else happens."""

from __future__ import annotations

import copy
import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from genservice.documents import parse
from genservice.errors import PolicyError, Problem
from genservice.policy import from_files
from tests.unit.policy.making import SHAPES

DOCUMENTS = {name: parse(text.encode(), file=name).value for name, text in SHAPES.items()}
SCALARS = st.sampled_from([None, True, 0, -1, 2.5, "", "promo", "all", "not", "none", "unknown", "watch_history", "a/b~0", "\n"])  # fmt: skip
VALUES = SCALARS | st.sampled_from([[], {}, [[]], [None], {"not": None}, {"not": []}, {"not": {}}, {"coarsen": []}, {"": {}}, [{}]])  # fmt: skip


def paths(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    below: list[tuple[Any, Any]] = []
    if isinstance(value, dict):
        below = list(value.items())
    if isinstance(value, list):
        below = list(enumerate(value))
    return [at, *(path for key, item in below for path in paths(item, (*at, key)))]


PLACES = [(name, path) for name, value in DOCUMENTS.items() for path in paths(value)]


def replaced(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    changed = copy.deepcopy(value)
    holder = changed
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = new
    return changed


def problems_of(files: dict[str, str]) -> tuple[Problem, ...]:
    try:
        from_files(files)
    except PolicyError as error:
        return error.problems or (Problem(detail="refused without a reason"),)
    return ()


@settings(max_examples=80, deadline=None)
@given(st.sampled_from(PLACES), VALUES)
def test_any_value_anywhere_is_read_or_refused_at_its_place(
    place: tuple[str, tuple[Any, ...]], new: Any
):
    name, path = place
    changed = json.dumps(replaced(DOCUMENTS[name], path, new))
    problems = problems_of({**SHAPES, name: changed})
    assert all(problem.file in SHAPES and problem.line for problem in problems)


def test_nesting_without_end_is_a_problem_with_a_place():
    deep = "rules: " + "[" * 5000 + "]" * 5000
    (problem,) = problems_of({**SHAPES, "deep.yaml": deep})
    assert str(problem) == "deep.yaml:1:27: nested deeper than 20 levels"
