"""Make a Hugging Face model folder of a model in the format of llama2.c: `python -m training.convert_llama2c`.

llama2.c (github.com/karpathy/llama2.c) keeps a Llama in two files: the weights as one run of float32
after a header of seven integers, and the vocabulary of a sentencepiece BPE model with its scores. Two
things are not merely copied. The weights of queries and keys turn neighbouring numbers of a head as
one pair, where transformers pairs each number of its first half with one of its second: their rows
are put in that order. And the merges of a BPE tokenizer are not in the file: two pieces that follow
one another become the piece they spell, the best score first, so every split of every piece into two
others is a merge of that piece's rank.
"""

from __future__ import annotations

import argparse
import math
import struct
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import torch
import transformers
from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, processors
from transformers import GenerationConfig, LlamaConfig, PreTrainedTokenizerFast

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_UNKNOWN, _BEGIN, _END = "<unk>", "<s>", "</s>"
_SPACE = "\u2581"
_BYTES = 3
"""Id of the first of the 256 bytes that spell what the vocabulary lacks."""
_llama: Any = transformers.LlamaForCausalLM


class LayoutError(ValueError):
    """A file is not what its format says."""


class Shape(msgspec.Struct, frozen=True):
    """The header of the weights: seven integers of four bytes."""

    dim: int
    hidden: int
    layers: int
    heads: int
    key_heads: int
    vocabulary: int
    """Below zero where the output has weights of its own; else it shares those of the input."""
    reads: int
    """Most tokens."""

    @property
    def head(self) -> int:
        """Numbers a head has."""
        return self.dim // self.heads

    @property
    def tokens(self) -> int:
        """Size of the vocabulary."""
        return abs(self.vocabulary)

    @property
    def tied(self) -> bool:
        """Whether input and output share their weights."""
        return self.vocabulary > 0


class Piece(msgspec.Struct, frozen=True):
    """One token of the vocabulary."""

    text: str
    score: float


def read_weights(path: Path) -> tuple[Shape, dict[str, NDArray[np.float32]]]:
    """Shape and tensors, named and ordered as `transformers.LlamaForCausalLM` has them.

    Raises:
        LayoutError: The file is shorter or longer than its header says.
    """
    content = path.read_bytes()
    head = struct.calcsize("<7i")
    if len(content) < head:
        raise LayoutError(f"{path.name} is no model of llama2.c: it has no header")
    shape = Shape(*struct.unpack("<7i", content[:head]))
    if min(*msgspec.structs.astuple(shape)[:5], shape.tokens, shape.reads) < 1:
        raise LayoutError(f"{path.name} is no model of llama2.c: its header has sizes below one")
    if shape.dim % shape.heads or shape.head % 2 or shape.heads % shape.key_heads:
        raise LayoutError(f"{path.name} is no model of llama2.c: its heads do not divide evenly")
    parts = _parts(shape)
    wanted = head + 4 * sum(math.prod(size) for _, size in parts)
    if len(content) != wanted:
        raise LayoutError(
            f"{path.name} is no model of llama2.c: {len(content)} bytes, not {wanted}"
        )
    numbers = np.frombuffer(content, dtype="<f4", offset=head)
    tensors: dict[str, NDArray[np.float32]] = {}
    for name, size in parts:
        count = math.prod(size)
        part, numbers = numbers[:count].reshape(size), numbers[count:]
        if "{}" in name:
            tensors |= {name.format(i): _ordered(name, part[i], shape) for i in range(shape.layers)}
        elif name:
            tensors[name] = part
    return shape, tensors


def read_pieces(path: Path, count: int) -> list[Piece]:
    """The vocabulary, in the order of ids.

    Raises:
        LayoutError: The file does not hold `count` pieces, and no more.
    """
    content = path.read_bytes()
    pieces: list[Piece] = []
    at = struct.calcsize("<i")
    try:
        for _ in range(count):
            score, length = struct.unpack_from("<fi", content, at)
            at += struct.calcsize("<fi")
            pieces.append(Piece(content[at : at + length].decode(), score))
            at += length
    except (struct.error, UnicodeDecodeError):
        raise LayoutError(f"{path.name} is no vocabulary of {count} pieces") from None
    if at != len(content):
        raise LayoutError(f"{path.name} is no vocabulary of {count} pieces")
    return pieces


def tokenizer_of(pieces: Sequence[Piece]) -> PreTrainedTokenizerFast:
    """A tokenizer that cuts texts as sentencepiece does with these pieces and scores."""
    names = [
        _UNKNOWN,
        _BEGIN,
        _END,
        *(piece.text.replace(" ", _SPACE) for piece in pieces[_BYTES:]),
    ]
    ids = {name: i for i, name in enumerate(names)}
    # Before the bytes' ids nothing can be merged, and bytes have no parts.
    ranked = sorted(range(_BYTES + 256, len(names)), key=lambda i: -pieces[i].score)
    merges = [
        (names[i][:cut], names[i][cut:])
        for i in ranked
        for cut in range(1, len(names[i]))
        if names[i][:cut] in ids and names[i][cut:] in ids
    ]
    core = Tokenizer(models.BPE(ids, merges, unk_token=_UNKNOWN, byte_fallback=True))
    core.normalizer = normalizers.Sequence(
        [normalizers.Prepend(_SPACE), normalizers.Replace(" ", _SPACE)]
    )
    core.decoder = decoders.Sequence(
        [
            decoders.Replace(_SPACE, " "),
            decoders.ByteFallback(),
            decoders.Fuse(),
            decoders.Strip(" ", 1, 0),
        ]
    )
    core.post_processor = processors.TemplateProcessing(
        single=f"{_BEGIN} $A", special_tokens=[(_BEGIN, ids[_BEGIN])]
    )
    core.add_special_tokens([AddedToken(name, special=True) for name in (_UNKNOWN, _BEGIN, _END)])
    return PreTrainedTokenizerFast(
        tokenizer_object=core, unk_token=_UNKNOWN, bos_token=_BEGIN, eos_token=_END
    )


def convert(weights: Path, vocabulary: Path, folder: Path) -> None:
    """Write the model's folder: float32 safetensors, config and tokenizer.

    Raises:
        LayoutError: One of the files is not what its format says.
    """
    shape, tensors = read_weights(weights)
    tokenizer = tokenizer_of(read_pieces(vocabulary, shape.tokens))
    config = LlamaConfig(
        vocab_size=shape.tokens,
        hidden_size=shape.dim,
        intermediate_size=shape.hidden,
        num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads,
        num_key_value_heads=shape.key_heads,
        max_position_embeddings=shape.reads,
        rms_norm_eps=1e-5,
        tie_word_embeddings=shape.tied,
        bos_token_id=1,
        eos_token_id=2,
    )
    model = _llama(config)
    held = {name: torch.from_numpy(array.copy()) for name, array in tensors.items()}
    if shape.tied:
        held["lm_head.weight"] = held["model.embed_tokens.weight"]
    model.load_state_dict(held)
    # Its training texts followed one another behind `<s>`: there a text ends.
    model.generation_config = GenerationConfig(bos_token_id=1, eos_token_id=[1, 2])
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def _parts(shape: Shape) -> list[tuple[str, tuple[int, ...]]]:
    """What follows the header: a tensor's name, none if nobody needs it, and its size."""
    layers, dim, hidden = shape.layers, shape.dim, shape.hidden
    keys = shape.key_heads * shape.head
    layer = "model.layers.{}."
    parts: list[tuple[str, tuple[int, ...]]] = [
        ("model.embed_tokens.weight", (shape.tokens, dim)),
        (layer + "input_layernorm.weight", (layers, dim)),
        (layer + "self_attn.q_proj.weight", (layers, dim, dim)),
        (layer + "self_attn.k_proj.weight", (layers, keys, dim)),
        (layer + "self_attn.v_proj.weight", (layers, keys, dim)),
        (layer + "self_attn.o_proj.weight", (layers, dim, dim)),
        (layer + "post_attention_layernorm.weight", (layers, dim)),
        (layer + "mlp.gate_proj.weight", (layers, hidden, dim)),
        (layer + "mlp.down_proj.weight", (layers, dim, hidden)),
        (layer + "mlp.up_proj.weight", (layers, hidden, dim)),
        ("model.norm.weight", (dim,)),
        # Sines and cosines of the positions, which anybody can work out.
        ("", (shape.reads, shape.head)),
    ]
    return parts if shape.tied else [*parts, ("lm_head.weight", (shape.tokens, dim))]


def _ordered(name: str, part: NDArray[np.float32], shape: Shape) -> NDArray[np.float32]:
    """Rows of queries and keys in the order in which transformers turns them."""
    if "q_proj" not in name and "k_proj" not in name:
        return part
    pairs = part.reshape(-1, shape.head // 2, 2, shape.dim)
    return pairs.transpose(0, 2, 1, 3).reshape(-1, shape.dim)


def main() -> None:
    """Convert the files named on the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("weights", type=Path, help="a model of llama2.c, such as stories260K.bin")
    parser.add_argument("vocabulary", type=Path, help="its vocabulary, such as tok512.bin")
    parser.add_argument("folder", type=Path, help="where to write the model's folder")
    given = parser.parse_args()
    convert(given.weights, given.vocabulary, given.folder)


if __name__ == "__main__":
    main()
