"""Texts as training draws them, one a line: `python -m training.stream --count 20000 > texts.txt`."""

from __future__ import annotations

import argparse
import sys
from itertools import islice

from genservice.catalog.vocabulary import load_vocabulary
from genservice.checking.phrases import load_phrases
from genservice.composition import frames
from genservice.shipped import shipped
from training.pairs import groups
from training.written import TEXTS, learned


def main() -> None:
    """Print raw texts, slots in place."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=20_000, help="texts, more or less")
    parser.add_argument("--answers", type=int, default=5, help="texts to a prompt")
    parser.add_argument("--seed", type=int, default=7, help="that of training by default")
    given = parser.parse_args()
    phrases = load_phrases(shipped("prompts") / "phrases.yaml")
    joins = learned(TEXTS, frames(phrases.phrases))
    vocabulary = load_vocabulary(shipped("catalogue"))
    drawn = groups(phrases, vocabulary, joins, given.seed, answers=given.answers)
    for group in islice(drawn, -(-given.count // given.answers)):
        sys.stdout.writelines(f"{text}\n" for text in group.texts)


if __name__ == "__main__":
    main()
