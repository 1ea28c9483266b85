"""The files of a model folder: whole and safe to load, and which they are."""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from safetensors import SafetensorError, safe_open

from genservice.errors import ModelFilesError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from genservice.generation.placement import Numbers

_WEIGHTS = "model.safetensors"
_INDEX = "model.safetensors.index.json"
_READ_BY_LOADING = ("*.safetensors", "*.json", "*.jinja", "*.txt", "*.model")
_PICKLES = ("*.bin", "*.pt", "*.pth", "*.ckpt", "*.pkl")
_PICKLED = (
    "pickled weights can run code when read: they never are. Take a revision or a copy of the model "
    "with model.safetensors, or convert them where it can do no harm (docs/models.md)"
)
_OTHERS = {
    "adapter_*.safetensors": "an adapter without its model: merge it into the model and save that",
    "*.gguf": "GGUF is read by llama.cpp: let its server run the model, and give its address",
    "*.h5": "weights of TensorFlow: save the model with safetensors",
    "*.msgpack": "weights of Flax: save the model with safetensors",
    "*.onnx": "ONNX holds no weights that transformers reads: take the model it was made of",
}
_TOKENIZERS = ("*.model", "vocab.json", "vocab.txt")
_NUMBERS: dict[str, Numbers] = {"F32": "float32", "BF16": "bfloat16", "F16": "float16"}


class Weights(msgspec.Struct, frozen=True):
    """What the weights of a folder are."""

    parameters: int
    stored: Numbers
    """What most of them are kept in."""


def check_folder(folder: Path) -> None:
    """Refuse a folder from which no model can be loaded, before anything is built from it.

    Raises:
        ModelFilesError: A file is missing, cut short or not what its name says, or the weights are
            pickled (which can run code when read). It names the file.
    """
    if not folder.is_dir():
        raise ModelFilesError(str(folder), "no such folder")
    if not (folder / "config.json").is_file():
        raise _without(folder, "config.json")
    if not (folder / "tokenizer.json").is_file():
        raise ModelFilesError(str(folder / "tokenizer.json"), _no_tokenizer(folder))
    for path in sorted(folder.glob("*.json")):
        _check_json(path)
    for path in _weights(folder):
        _check_safetensors(path)


def folder_digest(folder: Path) -> str:
    """SHA-256, in hex, over the names and contents of all files that loading reads."""
    total = hashlib.sha256()
    for path in _read_by_loading(folder):
        with path.open("rb") as file:
            content = hashlib.file_digest(file, "sha256").hexdigest()
        total.update(f"{path.name} {content}\n".encode())
    return total.hexdigest()


def weight_bytes(folder: Path) -> int:
    """The size of the weights on disk, in bytes."""
    return sum(path.stat().st_size for path in _weights(folder))


def weights_in(folder: Path) -> Weights:
    """How many parameters there are, and what they are kept in, as the headers of the files say.

    Raises:
        ModelFilesError: A file is missing or not whole.
    """
    held: Counter[Numbers] = Counter()
    total = 0
    for path in _weights(folder):
        for count, kind in _tensors(path):
            total += count
            if kind in _NUMBERS:
                held[_NUMBERS[kind]] += count
    # Weights that were quantised have floats beside them; if not, nobody can tell, and this is usual.
    return Weights(total, held.most_common(1)[0][0] if held else "bfloat16")


def read_config(folder: Path) -> dict[str, Any]:
    """What config.json says.

    Raises:
        ModelFilesError: It is not JSON.
    """
    return _check_json(folder / "config.json")


def _read_by_loading(folder: Path) -> Iterable[Path]:
    return sorted({path for pattern in _READ_BY_LOADING for path in folder.glob(pattern)})


def _weights(folder: Path) -> list[Path]:
    if (folder / _WEIGHTS).is_file():
        return [folder / _WEIGHTS]
    if (folder / _INDEX).is_file():
        return [folder / name for name in _shards(folder / _INDEX)]
    raise _without(folder, _WEIGHTS)


def _without(folder: Path, name: str) -> ModelFilesError:
    """Why a folder without such a file holds no model: what it holds instead says more."""
    for pattern, detail in (*((pickle, _PICKLED) for pickle in _PICKLES), *_OTHERS.items()):
        if found := sorted(folder.glob(pattern)):
            return ModelFilesError(str(found[0]), detail)
    return ModelFilesError(str(folder / name), "missing; weights are read as safetensors only")


def _no_tokenizer(folder: Path) -> str:
    if not any(True for pattern in _TOKENIZERS for _ in folder.glob(pattern)):
        return "missing"
    return (
        "missing, and the files of an older tokenizer are not read: save it anew with "
        "AutoTokenizer.from_pretrained(...).save_pretrained(...) (docs/models.md)"
    )


def _shards(index: Path) -> list[str]:
    content = _check_json(index)
    places: Any = content.get("weight_map")
    if not isinstance(places, dict) or not places:
        raise ModelFilesError(str(index), "names no weight files")
    names = sorted({str(name) for name in msgspec.convert(places, dict[str, Any]).values()})
    for name in names:
        if Path(name).name != name:
            raise ModelFilesError(str(index), "names a file outside its folder")
    return names


def _check_json(path: Path) -> dict[str, Any]:
    try:
        content = msgspec.json.decode(path.read_bytes())
    except OSError as error:
        raise ModelFilesError(str(path), f"cannot be read: {error.strerror}") from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise ModelFilesError(str(path), "not JSON") from None
    if not isinstance(content, dict):
        raise ModelFilesError(str(path), "not a JSON object")
    return msgspec.convert(content, dict[str, Any])


def _check_safetensors(path: Path) -> None:
    if not _tensors(path):
        raise ModelFilesError(str(path), "holds no weights")


def _tensors(path: Path) -> list[tuple[int, str]]:
    """Size and type of every tensor in a file."""
    if not path.is_file():
        raise ModelFilesError(str(path), "missing")
    try:
        # Reads the header only, and compares what it promises with the size of the file.
        opened: Any = safe_open(str(path), framework="np")
        with opened as tensors:
            slices = [tensors.get_slice(name) for name in tensors.keys()]  # noqa: SIM118  no dict
            return [(math.prod(part.get_shape()), part.get_dtype()) for part in slices]
    except (SafetensorError, OSError) as error:
        raise ModelFilesError(str(path), f"not whole: {error}") from None
