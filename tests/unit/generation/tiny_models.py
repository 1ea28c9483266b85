"""Tiny random models of several kinds, written to folders as the hub lays them out."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import (
    GemmaConfig,
    GemmaForCausalLM,
    LlamaConfig,
    LlamaForCausalLM,
    PreTrainedTokenizerFast,
    Qwen2Config,
    Qwen2ForCausalLM,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SLOTS = (
    "TITLE",
    "LEAD",
    "CAST_2",
    "CAST_12",
    "GENRE",
    "GENRE_2",
    "MOOD",
    "WHO",
    "LOGLINE",
    "STORY_1",
)
WORDS = ("a", "A", "story", "of", "and", "until", "with", "the", "quiet", ".", ",", ":")
SENTENCES = [
    "A [MOOD] [GENRE]: [TITLE].",
    "[TITLE] follows [LEAD], [CAST_2] and [CAST_12] until the tide turns.",
    "([TITLE]) A [GENRE] with [LEAD]. [LOGLINE]. [STORY_1].",
    "[WHO] must choose between the sea and the shore: a story of [GENRE_2].",
    "The quiet ones are always [MOOD]; the loud ones [TITLE] [LEAD][GENRE].",
] * 3
CHATML = (
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
NO_SYSTEM = (
    "{% for m in messages %}{% if m['role'] == 'system' %}"
    "{{ raise_exception('System role not supported') }}{% endif %}"
    "<start_of_turn>{{ m['role'] }}\n{{ m['content'] }}<end_of_turn>\n{% endfor %}"
    "{% if add_generation_prompt %}<start_of_turn>model\n{% endif %}"
)
_SIZE = {
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
}


def words(folder: Path, *, seed: int = 1) -> Path:
    """Like the embedded model: a Llama over whole words, slots among them, compact prompts."""
    names = ["<unk>", "<s>", "</s>", *(f"[{slot}]" for slot in SLOTS), *WORDS]
    core = Tokenizer(models.WordLevel({word: i for i, word in enumerate(names)}, unk_token="<unk>"))
    core.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    core.decoder = decoders.WordPiece(prefix="##", cleanup=False)
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=core, unk_token="<unk>", bos_token="<s>", eos_token="</s>"
    )
    config = LlamaConfig(
        vocab_size=len(names), bos_token_id=1, eos_token_id=2, max_position_embeddings=256, **_SIZE
    )
    return _write(folder, LlamaForCausalLM, config, tokenizer, seed, {"prompt": "compact"})


def chat(folder: Path, *, seed: int = 1) -> Path:
    """Qwen-like: byte-level subwords, ChatML, more logits than tokens."""
    core = Tokenizer(models.BPE())
    core.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    core.decoder = decoders.ByteLevel()
    tokenizer = _trained(
        core, ["<|endoftext|>", "<|im_start|>", "<|im_end|>"], pre_tokenizers.ByteLevel.alphabet()
    )
    tokenizer.eos_token = "<|im_end|>"
    tokenizer.pad_token = "<|endoftext|>"
    tokenizer.chat_template = CHATML
    config = Qwen2Config(
        vocab_size=len(tokenizer) + 24, num_key_value_heads=1, max_position_embeddings=512, **_SIZE
    )
    config.eos_token_id = tokenizer.eos_token_id
    return _write(folder, Qwen2ForCausalLM, config, tokenizer, seed)


def no_system(folder: Path, *, seed: int = 1) -> Path:
    """Gemma-like: spaces as `▁`, bytes as fallback, a template that refuses system turns."""
    core = Tokenizer(models.BPE(unk_token="<unk>", byte_fallback=True))
    core.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="first")
    core.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()]
    )
    bytes_ = [f"<0x{byte:02X}>" for byte in range(256)]
    special = ["<unk>", "<bos>", "<eos>", "<start_of_turn>", "<end_of_turn>"]
    tokenizer = _trained(core, special, [], extra=bytes_)
    tokenizer.bos_token, tokenizer.eos_token = "<bos>", "<eos>"
    tokenizer.chat_template = NO_SYSTEM
    config = GemmaConfig(
        vocab_size=len(tokenizer),
        num_key_value_heads=1,
        head_dim=16,
        max_position_embeddings=512,
        **_SIZE,
    )
    ends = [tokenizer.eos_token_id, tokenizer.convert_tokens_to_ids("<end_of_turn>")]
    config.eos_token_id = ends
    return _write(folder, GemmaForCausalLM, config, tokenizer, seed)


def base(folder: Path, *, seed: int = 1) -> Path:
    """The same subwords without a chat template."""
    chat(folder, seed=seed)
    (folder / "chat_template.jinja").unlink()
    return folder


KINDS: dict[str, Callable[[Path], Path]] = {
    "words": words,
    "chat": chat,
    "no_system": no_system,
    "base": base,
}


def _trained(core, special, alphabet, extra=()):
    trainer = trainers.BpeTrainer(
        vocab_size=700,
        special_tokens=[*special, *extra],
        initial_alphabet=list(alphabet),
        show_progress=False,
    )
    core.train_from_iterator(SENTENCES, trainer)
    if extra:
        # The trainer knows bytes only as special tokens; the real ones are plain vocabulary.
        content = json.loads(core.to_str())
        content["added_tokens"] = [t for t in content["added_tokens"] if t["content"] in special]
        core = Tokenizer.from_str(json.dumps(content))
    return PreTrainedTokenizerFast(tokenizer_object=core, unk_token="<unk>" if extra else None)


def _write(folder, architecture, config, tokenizer, seed, marks=None):
    if marks:
        config.genservice = marks
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = architecture(config)
        for name, parameter in model.named_parameters():
            # Wide enough that some tokens are much likelier than others.
            if "norm" not in name:
                torch.nn.init.normal_(parameter, std=0.3)
    model.generation_config.eos_token_id = config.eos_token_id
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder
