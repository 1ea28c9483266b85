"""The embedded model's tokenizer: whole words, because its words are known."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers, processors

from genservice.composition import SLOT
from genservice.domain import CHANNELS, LENGTHS, LIMITS
from genservice.prompting.compact import LONGEST
from training.briefs import KINDS, NUMBERED, TONES

if TYPE_CHECKING:
    from genservice.checking.phrases import Phrases
    from genservice.domain import Vocabulary

SPECIAL = ("<pad>", "<unk>", "<s>", "</s>")
PAD, UNKNOWN, BEGIN, END = range(len(SPECIAL))
"""Ids of the special tokens, in that order."""
SPACE = "\u2581"
MARKS = ".,:;?!"

_ALONE = (
    "TITLE",
    "LEAD",
    "PACE",
    "YEAR",
    "KIND",
    "MINUTES",
    "TIER",
    "WHO",
    "WHO_PL",
    "GOAL",
    "TURN",
)


def words_of(phrases: Phrases, vocabulary: Vocabulary) -> list[str]:
    """Every token but the special ones, in a fixed order."""
    said: set[str] = set()
    for phrase in phrases.phrases:
        for word in re.findall(rf"[^\s{MARKS}]+", SLOT.sub(" ", phrase.text)):
            said |= {word, word[0].upper() + word[1:], word[0].lower() + word[1:]}
    read = {"promo", "synopsis", "angle", "none", "write", "|", *CHANNELS, *TONES, *KINDS}
    read |= {str(number) for number in range(LONGEST + 1)}
    read |= {str(limit) for limit in {*LIMITS.values(), *LENGTHS.values()}}
    for terms in (vocabulary.genres, vocabulary.moods, vocabulary.themes, vocabulary.pace):
        read |= {term.name for term in terms}
    slots = {*_ALONE, "WHERE", "LOGLINE"}
    for base, most in NUMBERED.items():
        first = 1 if base in {"STORY", "CHARACTER"} else 2
        slots |= {f"{base}_{number}" for number in range(first, most + 1)}
        slots |= set() if first == 1 or base == "CAST" else {base}
    marked = sorted(said | read) + sorted(f"[{slot}]" for slot in slots)
    return [*MARKS, *(SPACE + word for word in marked)]


def build(phrases: Phrases, vocabulary: Vocabulary) -> Tokenizer:
    """A tokenizer for which `decode(encode(text)) == text` holds of every text made of phrases.

    A token carries the space before it; marks carry none. What follows a prompt is encoded and
    decoded as a text of its own.
    """
    tokens = [*SPECIAL, *words_of(phrases, vocabulary)]
    ids = {token: number for number, token in enumerate(tokens)}
    tokenizer = Tokenizer(models.WordLevel(ids, unk_token=SPECIAL[UNKNOWN]))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Metaspace(replacement=SPACE, prepend_scheme="always"),
            pre_tokenizers.Split(Regex(f"[{MARKS}]"), behavior="isolated"),
        ]
    )
    tokenizer.decoder = decoders.Metaspace(replacement=SPACE, prepend_scheme="always")
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{SPECIAL[BEGIN]} $A", special_tokens=[(SPECIAL[BEGIN], BEGIN)]
    )
    tokenizer.add_special_tokens([AddedToken(token, special=True) for token in SPECIAL])
    return tokenizer
