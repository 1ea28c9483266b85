"""What training leaves out though it is lawful."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from genservice.composition import meant
from tests.unit.composition.making import HARBOUR, brief, composition
from training.taste import stiff


@dataclass(frozen=True)
class Case:
    id: str
    text: str
    stiff: bool
    options: dict[str, object] = field(default_factory=dict)


PUSH = {"channel": "push"}
LONG = {"purpose": "synopsis", "channel": "detail", "length": "long"}
CASES = [
    Case("a story and a title", "[WHO] must [GOAL]. [TITLE].", stiff=False),
    Case("a story, its labels, a title", "[WHO] must [GOAL]. A [MOOD] [GENRE]. [TITLE].", stiff=False),
    Case("labels and names", "A [MOOD] [GENRE]. With [LEAD]. [TITLE].", stiff=True, options=PUSH),
    Case("a list after the story", "[WHO] must [GOAL]. A [MOOD] [GENRE]. Made in [YEAR]. Directed by [DIRECTOR].", stiff=True, options=LONG),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_labels_in_a_row_are_stiff(case):
    laid_out = composition(brief(HARBOUR, **case.options))
    draft = meant(laid_out, case.text)
    assert draft is not None
    assert stiff(draft, laid_out.offer) == case.stiff
