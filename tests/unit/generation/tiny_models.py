"""Tiny random models of several kinds, written to folders as the hub lays them out."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import torch
from tokenizers import (
    AddedToken,
    Regex,
    Tokenizer,
    decoders,
    models,
    normalizers,
    pre_tokenizers,
    processors,
    trainers,
)
from transformers import (
    BartConfig,
    BartForConditionalGeneration,
    Gemma3ForCausalLM,
    Gemma3TextConfig,
    GemmaConfig,
    GemmaForCausalLM,
    GPT2Config,
    GPT2LMHeadModel,
    LlamaConfig,
    LlamaForCausalLM,
    MistralConfig,
    MistralForCausalLM,
    Phi3Config,
    Phi3ForCausalLM,
    PreTrainedTokenizerFast,
    Qwen2Config,
    Qwen2ForCausalLM,
    Qwen3Config,
    Qwen3ForCausalLM,
    T5Config,
    T5ForConditionalGeneration,
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
HEADERS = (
    "{{ '<s>' }}{% for m in messages %}<|start_header_id|>{{ m['role'] }}<|end_header_id|>\n\n"
    "{{ m['content'] | trim }}<|eot_id|>{% endfor %}"
    "{% if add_generation_prompt %}<|start_header_id|>assistant<|end_header_id|>\n\n{% endif %}"
)
THINKING = CHATML.replace(
    "<|im_start|>assistant\n",
    "<|im_start|>assistant\n{% if enable_thinking is defined and enable_thinking is false %}"
    "{{ '<think>\\n\\n</think>\\n\\n' }}{% endif %}",
)
ALWAYS_THINKING = CHATML.replace("<|im_start|>assistant\n", "<|im_start|>assistant\n<think>\n")
INSTRUCTIONS = (
    "{{ '<s>' }}{% for m in messages %}{% if (m['role'] == 'user') != (loop.index0 % 2 == 0) %}"
    "{{ raise_exception('Roles must alternate user/assistant/user/assistant') }}{% endif %}"
    "{% if m['role'] == 'user' %}[INST] {{ m['content'] }} [/INST]{% else %}{{ m['content'] }}"
    "{% endif %}{% endfor %}"
)
TAGS = (
    "{% for m in messages %}{% if m['role'] == 'user' %}<|user|>\n{{ m['content'] }}<|end|>\n"
    "{% endif %}{% endfor %}{% if add_generation_prompt %}<|assistant|>\n{% endif %}"
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
    tokenizer = _of_bytes(["<|endoftext|>", "<|im_start|>", "<|im_end|>"])
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
    tokenizer = _with_bytes(["<unk>", "<bos>", "<eos>", "<start_of_turn>", "<end_of_turn>"])
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


def llama(folder: Path, *, seed: int = 1, reads: int = 8192) -> Path:
    """Llama: spaces as `▁`, bytes as fallback, turns between headers."""
    heads = ["<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"]
    tokenizer = _with_bytes(["<unk>", "<s>", "</s>", *heads])
    tokenizer.bos_token, tokenizer.eos_token = "<s>", "<|eot_id|>"
    tokenizer.chat_template = HEADERS
    config = LlamaConfig(
        vocab_size=len(tokenizer), num_key_value_heads=1, max_position_embeddings=reads, **_SIZE
    )
    config.eos_token_id = [2, tokenizer.eos_token_id]
    return _write(folder, LlamaForCausalLM, config, tokenizer, seed)


def qwen3(folder: Path, *, seed: int = 1, template: str = THINKING) -> Path:
    """Qwen 3: bytes, and a template that leaves the reasoning out when asked to."""
    tokenizer = _of_bytes(["<|endoftext|>", "<|im_start|>", "<|im_end|>"])
    tokenizer.add_tokens([AddedToken(tag, normalized=False) for tag in ("<think>", "</think>")])
    tokenizer.eos_token, tokenizer.pad_token = "<|im_end|>", "<|endoftext|>"
    tokenizer.chat_template = template
    config = Qwen3Config(
        vocab_size=len(tokenizer) + 24, num_key_value_heads=1, head_dim=16,
        max_position_embeddings=8192, **_SIZE,
    )  # fmt: skip
    config.eos_token_id = tokenizer.eos_token_id
    return _write(folder, Qwen3ForCausalLM, config, tokenizer, seed)


def gemma3(folder: Path, *, seed: int = 1) -> Path:
    """Gemma 3: most layers look back a little way only; no system turns."""
    special = ["<unk>", "<bos>", "<eos>", "<start_of_turn>", "<end_of_turn>"]
    tokenizer = _with_bytes(special)
    tokenizer.bos_token, tokenizer.eos_token = "<bos>", "<eos>"
    tokenizer.chat_template = NO_SYSTEM
    config = Gemma3TextConfig(
        vocab_size=len(tokenizer), num_key_value_heads=1, head_dim=16, sliding_window=32,
        layer_types=["sliding_attention", "full_attention"], max_position_embeddings=8192, **_SIZE,
    )  # fmt: skip
    config.eos_token_id = [tokenizer.eos_token_id, tokenizer.convert_tokens_to_ids("<end_of_turn>")]
    return _write(folder, Gemma3ForCausalLM, config, tokenizer, seed)


def mistral(folder: Path, *, seed: int = 1) -> Path:
    """Mistral: control tokens in square brackets, and roles that have to alternate."""
    tokenizer = _with_bytes(["<unk>", "<s>", "</s>", "[INST]", "[/INST]"])
    tokenizer.bos_token, tokenizer.eos_token = "<s>", "</s>"
    tokenizer.chat_template = INSTRUCTIONS
    config = MistralConfig(
        vocab_size=len(tokenizer), num_key_value_heads=1, max_position_embeddings=8192, **_SIZE
    )
    config.eos_token_id = tokenizer.eos_token_id
    return _write(folder, MistralForCausalLM, config, tokenizer, seed, kept_in=torch.bfloat16)


def phi3(folder: Path, *, seed: int = 1) -> Path:
    """Phi 3: a template that drops system turns without a word."""
    tokenizer = _with_bytes(
        ["<unk>", "<s>", "<|endoftext|>", "<|user|>", "<|assistant|>", "<|end|>"]
    )
    tokenizer.bos_token, tokenizer.eos_token = "<s>", "<|endoftext|>"
    tokenizer.chat_template = TAGS
    config = Phi3Config(
        vocab_size=len(tokenizer), num_key_value_heads=1, max_position_embeddings=8192,
        pad_token_id=2, **_SIZE,
    )  # fmt: skip
    config.eos_token_id = [2, tokenizer.convert_tokens_to_ids("<|end|>")]
    return _write(folder, Phi3ForCausalLM, config, tokenizer, seed, kept_in=torch.float16)


def gpt2(folder: Path, *, seed: int = 1) -> Path:
    """GPT-2: bytes, no chat template, a table of positions that ends."""
    tokenizer = _of_bytes(["<|endoftext|>"])
    tokenizer.eos_token = tokenizer.bos_token = "<|endoftext|>"
    config = GPT2Config(
        vocab_size=len(tokenizer), n_positions=1024, n_embd=32, n_layer=2, n_head=2,
        bos_token_id=0, eos_token_id=0,
    )  # fmt: skip
    return _write(folder, GPT2LMHeadModel, config, tokenizer, seed)


def t5(folder: Path, *, seed: int = 1, marks: dict[str, str] | None = None) -> Path:
    """T5: sequence-to-sequence over the likeliest pieces, positions without an end."""
    core = Tokenizer(models.Unigram())
    core.normalizer = normalizers.Sequence(
        [normalizers.NFKC(), normalizers.Replace(Regex(r"\s+"), " ")]
    )
    core.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
    core.decoder = decoders.Metaspace(prepend_scheme="always")
    trainer = trainers.UnigramTrainer(
        vocab_size=200, special_tokens=["<pad>", "</s>", "<unk>"], unk_token="<unk>",
        initial_alphabet=list("[]_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"), show_progress=False,
    )  # fmt: skip
    core.train_from_iterator(SENTENCES, trainer)
    core.post_processor = processors.TemplateProcessing(
        single="$A </s>", special_tokens=[("</s>", 1)]
    )
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=core, pad_token="<pad>", eos_token="</s>", unk_token="<unk>"
    )
    config = T5Config(
        vocab_size=len(tokenizer) + 8, d_model=32, d_kv=16, d_ff=64, num_layers=2, num_heads=2,
        decoder_start_token_id=0, pad_token_id=0, eos_token_id=1, feed_forward_proj="gated-gelu",
    )  # fmt: skip
    return _write(folder, T5ForConditionalGeneration, config, tokenizer, seed, marks)


def bart(folder: Path, *, seed: int = 1) -> Path:
    """BART: sequence-to-sequence over bytes, with tables of positions for both halves."""
    tokenizer = _of_bytes(["<s>", "<pad>", "</s>", "<unk>"])
    tokenizer._tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    tokenizer.bos_token, tokenizer.eos_token, tokenizer.pad_token = "<s>", "</s>", "<pad>"
    config = BartConfig(
        vocab_size=len(tokenizer), d_model=32, encoder_layers=1, decoder_layers=1,
        encoder_attention_heads=2, decoder_attention_heads=2, encoder_ffn_dim=64,
        decoder_ffn_dim=64, max_position_embeddings=1024, decoder_start_token_id=2,
        forced_eos_token_id=2,
    )  # fmt: skip
    return _write(folder, BartForConditionalGeneration, config, tokenizer, seed)


FAMILIES: dict[str, Callable[[Path], Path]] = {
    "llama": llama,
    "qwen3": qwen3,
    "gemma3": gemma3,
    "mistral": mistral,
    "phi3": phi3,
    "gpt2": gpt2,
    "t5": t5,
    "bart": bart,
}
"""Beyond KINDS, each as its makers lay it out; with the names that config.json gives them."""


def by_heart(folder: Path, *pieces: str) -> Path:
    """A Llama that knows one text, and says it whatever it is asked: each piece calls up the next."""
    go, end = "<|assistant|>", "<|end|>"
    chain = [go, *pieces, end]
    core = Tokenizer(
        models.WordLevel({piece: i for i, piece in enumerate(["<unk>", *chain])}, unk_token="<unk>")
    )
    core.decoder = decoders.Fuse()
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=core, unk_token="<unk>", eos_token=end, additional_special_tokens=[go]
    )
    tokenizer.chat_template = (
        "{% for m in messages %}{{ m['content'] }}{% endfor %}"
        "{% if add_generation_prompt %}" + go + "{% endif %}"
    )
    size = len(chain) + 1
    config = LlamaConfig(
        vocab_size=size, hidden_size=2 * -(-size // 2), intermediate_size=4, num_hidden_layers=1,
        num_attention_heads=1, max_position_embeddings=4096, tie_word_embeddings=False,
        eos_token_id=size - 1,
    )  # fmt: skip
    model = LlamaForCausalLM(config)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if "norm" not in name:
                parameter.zero_()
        ids = torch.arange(size)
        model.model.embed_tokens.weight[ids, ids] = 1.0
        model.lm_head.weight[ids[2:], ids[1:-1]] = 99.0
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def _of_bytes(special):
    core = Tokenizer(models.BPE())
    core.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    core.decoder = decoders.ByteLevel()
    return _trained(core, special, pre_tokenizers.ByteLevel.alphabet())


def _with_bytes(special):
    core = Tokenizer(models.BPE(unk_token="<unk>", byte_fallback=True))
    core.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="first")
    core.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()]
    )
    return _trained(core, special, [], extra=[f"<0x{byte:02X}>" for byte in range(256)])


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


def _write(folder, architecture, config, tokenizer, seed, marks=None, kept_in=torch.float32):
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
    model.to(kept_in).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder
