"""What the tokens of a vocabulary spell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

_BRACKET_BYTES = ("<0x5B>", "<0x5D>")
_REASONING = ("<think>", "</think>")


def spelled(tokenizer: Any, ends: frozenset[int]) -> list[str | None]:
    """What each token adds to a text, seen after another one: alone, many lose a leading space."""
    control = {i for i, token in tokenizer.added_tokens_decoder.items() if token.special}
    control |= set(tokenizer.all_special_ids) | ends
    anchor: list[int] = tokenizer("a", add_special_tokens=False)["input_ids"][-1:]

    def read(sequences: Sequence[list[int]]) -> list[str]:
        return tokenizer.batch_decode(
            sequences, skip_special_tokens=False, clean_up_tokenization_spaces=False
        )

    before = read([anchor])[0]
    after = read([[*anchor, i] for i in range(len(tokenizer))])
    names: list[str] = tokenizer.convert_ids_to_tokens(range(len(tokenizer)))
    # Slots that a model weighed while it reasoned would be spent before its text begins.
    control |= {i for i, name in enumerate(names) if name in _REASONING}
    if "[" in names and "]" in names:
        # As bytes they would vanish into a broken character before them.
        control |= {i for i, name in enumerate(names) if name in _BRACKET_BYTES}
    return [
        None if i in control or not text.startswith(before) else text[len(before) :]
        for i, text in enumerate(after)
    ]
