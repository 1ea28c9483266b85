"""A model made by hand that recites: which text, its chat template chooses by what the prompt says.

Its attention and its layers add nothing, so that each token decides the next one alone, and all
probability lies there: whatever the seed and the temperature, the text is the same.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import GPT2Config, GPT2LMHeadModel, PreTrainedTokenizerFast

if TYPE_CHECKING:
    from pathlib import Path

POSITIONS = 4096
"""Tokens that the model can read; of one more it knows no place."""
FOR_NOBODY = "Angle: none"
"""What the prompt says when the neutral text is to be recited, and not the personal one."""
WITHOUT_END = "Tone: urgent"
"""What it says when the text is to go on and on."""
NEUTRAL = ("[TITLE]", ".")
PERSONAL = ("A ", "[GENRE]", ": ", "[TITLE].")
ENDLESS = ("[TITLE] ends. ", "And on ", "and on ", "and on, ")
"""All but its first piece go round in a circle."""

_UNKNOWN, _END = "<unk>", "<end>"
_STARTS = {"<neutral>": NEUTRAL, "<personal>": PERSONAL, "<endless>": ENDLESS}
_TEMPLATE = (
    "{% for message in messages %}{{ message['content'] }}\n{% endfor %}"
    "{% set asked = messages[-1]['content'] %}"
    f"{{% if '{WITHOUT_END}' in asked %}}<endless>"
    f"{{% elif '{FOR_NOBODY}' in asked %}}<neutral>"
    "{% else %}<personal>{% endif %}"
)


def recite(folder: Path) -> Path:
    """Write the model to a folder as the hub lays them out."""
    pieces = dict.fromkeys(piece for text in _STARTS.values() for piece in text)
    names = [_UNKNOWN, _END, *_STARTS, *pieces]
    numbers = {name: number for number, name in enumerate(names)}
    _network(numbers).save_pretrained(folder)
    _tokenizer(numbers).save_pretrained(folder)
    return folder


def _tokenizer(numbers: dict[str, int]) -> PreTrainedTokenizerFast:
    core = Tokenizer(models.WordLevel(numbers, unk_token=_UNKNOWN))
    core.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    core.decoder = decoders.Fuse()
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=core,
        unk_token=_UNKNOWN,
        eos_token=_END,
        additional_special_tokens=list(_STARTS),
    )
    tokenizer.chat_template = _TEMPLATE
    return tokenizer


def _network(numbers: dict[str, int]) -> GPT2LMHeadModel:
    size = len(numbers)
    config = GPT2Config(
        vocab_size=size,
        n_positions=POSITIONS,
        n_embd=size,
        n_layer=1,
        n_head=1,
        bos_token_id=numbers[_END],
        eos_token_id=numbers[_END],
        tie_word_embeddings=False,
    )
    network = GPT2LMHeadModel(config)
    with torch.no_grad():
        for name, weights in network.named_parameters():
            if "ln_" not in name:
                weights.zero_()
        network.transformer.wte.weight.copy_(torch.eye(size))
        for token, following in _following(numbers).items():
            network.lm_head.weight[following, token] = 100.0
    return network


def _following(numbers: dict[str, int]) -> dict[int, int]:
    """Which token goes on after which."""
    following: dict[int, int] = {}
    for start, text in _STARTS.items():
        last = ENDLESS[1] if text is ENDLESS else _END
        chain = [start, *text, last]
        following |= {numbers[a]: numbers[b] for a, b in pairwise(chain)}
    return following
