"""The embedded model's shape, and its folder of weights."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import torch
from safetensors.torch import save_file  # pyright: ignore[reportUnknownVariableType]
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from training import tokens

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tokenizers import Tokenizer

LONGEST = 512
"""Most tokens of a prompt and its text together."""


def untrained(tokenizer: Tokenizer) -> LlamaForCausalLM:
    """A model with random weights from torch's generator."""
    config = LlamaConfig(
        vocab_size=tokenizer.get_vocab_size(),
        hidden_size=192,
        intermediate_size=512,
        num_hidden_layers=4,
        num_attention_heads=4,
        num_key_value_heads=4,
        max_position_embeddings=LONGEST,
        tie_word_embeddings=True,
        pad_token_id=tokens.PAD,
        bos_token_id=tokens.BEGIN,
        eos_token_id=tokens.END,
    )
    return LlamaForCausalLM(config)


def save(model: LlamaForCausalLM, tokenizer: Tokenizer, folder: Path) -> None:
    """Write what `AutoModelForCausalLM` and `AutoTokenizer` load: half-precision safetensors."""
    folder.mkdir(parents=True, exist_ok=True)
    weights = {
        name: tensor.detach().to(torch.float16).contiguous()
        for name, tensor in model.state_dict().items()
        if name != "lm_head.weight"  # tied to the embeddings
    }
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    (folder / "model.safetensors").chmod(0o644)  # written for its owner only
    config = {
        **model.config.to_dict(),
        "architectures": ["LlamaForCausalLM"],
        "dtype": "float16",
        "genservice": {"prompt": "compact"},  # tells the backend which form of a prompt it takes
    }
    _write(folder / "config.json", config)
    generation = {
        "bos_token_id": tokens.BEGIN,
        "eos_token_id": tokens.END,
        "pad_token_id": tokens.PAD,
        "do_sample": True,
        "temperature": 0.95,
        "top_p": 0.95,
        "max_new_tokens": 160,
    }
    _write(folder / "generation_config.json", generation)
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token=tokens.SPECIAL[tokens.BEGIN],
        eos_token=tokens.SPECIAL[tokens.END],
        unk_token=tokens.SPECIAL[tokens.UNKNOWN],
        pad_token=tokens.SPECIAL[tokens.PAD],
        padding_side="left",
        clean_up_tokenization_spaces=False,
        model_max_length=LONGEST,
    ).save_pretrained(folder)


def _write(path: Path, value: Mapping[str, object]) -> None:
    path.write_text(json.dumps(value, indent=2, sort_keys=True) + "\n", encoding="utf-8")
