"""The embedded model's shape, and its folder of weights."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import safetensors.torch
import torch
from tokenizers import Tokenizer
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from training import tokens

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_safetensors: Any = safetensors.torch
"""Its own types are only half known."""
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


def begin_with(model: LlamaForCausalLM, tokenizer: Tokenizer, folder: Path) -> int:
    """Give a model the weights of a folder, and its words those of the same words there.

    Words that the folder does not know keep the weights they have.

    Args:
        model: Of the same shape, but for its vocabulary; changed in place.
        tokenizer: The model's.
        folder: As `save` writes it.

    Returns:
        How many words the folder knew.

    Raises:
        ValueError: The folder's model has another shape.
    """
    held = _safetensors.load_file(folder / "model.safetensors")
    known = Tokenizer.from_file(str(folder / "tokenizer.json")).get_vocab()
    own = {name: tensor for name, tensor in model.state_dict().items() if name != "lm_head.weight"}
    of_words = "model.embed_tokens.weight"
    shapes = {name: tensor.shape for name, tensor in held.items() if name != of_words}
    if shapes != {name: tensor.shape for name, tensor in own.items() if name != of_words}:
        raise ValueError(f"{folder} holds a model of another shape")
    rows = {number: known[word] for word, number in tokenizer.get_vocab().items() if word in known}
    with torch.no_grad():
        for name, tensor in own.items():
            if name != of_words:
                tensor.copy_(held[name])
        own[of_words][list(rows)] = held[of_words][list(rows.values())].to(own[of_words].dtype)
    return len(rows)


def save(model: LlamaForCausalLM, tokenizer: Tokenizer, folder: Path) -> None:
    """Write what `AutoModelForCausalLM` and `AutoTokenizer` load: half-precision safetensors."""
    folder.mkdir(parents=True, exist_ok=True)
    weights = {
        name: tensor.detach().to(torch.float16).contiguous()
        for name, tensor in model.state_dict().items()
        if name != "lm_head.weight"  # tied to the embeddings
    }
    _safetensors.save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    (folder / "model.safetensors").chmod(0o644)  # written for its owner only
    config = {
        **model.config.to_dict(),
        "architectures": ["LlamaForCausalLM"],
        "dtype": "float16",
        # Tells the backend which form of a prompt it takes, and how freely to draw a text's first words.
        "genservice": {"prompt": "compact", "opening": 1.6},
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
