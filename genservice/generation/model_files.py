"""The files of a model folder: whole and safe to load, and which they are."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from safetensors import SafetensorError, safe_open

from genservice.errors import ModelFilesError

if TYPE_CHECKING:
    from collections.abc import Iterable

_WEIGHTS = "model.safetensors"
_INDEX = "model.safetensors.index.json"
_READ_BY_LOADING = ("*.safetensors", "*.json", "*.jinja", "*.txt", "*.model")
_PICKLES = ("*.bin", "*.pt", "*.pth", "*.ckpt", "*.pkl")


def check_folder(folder: Path) -> None:
    """Refuse a folder from which no model can be loaded, before anything is built from it.

    Raises:
        ModelFilesError: A file is missing, cut short or not what its name says, or the weights are
            pickled (which can run code when read). It names the file.
    """
    if not folder.is_dir():
        raise ModelFilesError(str(folder), "no such folder")
    for name in ("config.json", "tokenizer.json"):
        if not (folder / name).is_file():
            raise ModelFilesError(str(folder / name), "missing")
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


def _read_by_loading(folder: Path) -> Iterable[Path]:
    return sorted({path for pattern in _READ_BY_LOADING for path in folder.glob(pattern)})


def _weights(folder: Path) -> list[Path]:
    if (folder / _WEIGHTS).is_file():
        return [folder / _WEIGHTS]
    if (folder / _INDEX).is_file():
        return [folder / name for name in _shards(folder / _INDEX)]
    pickled = sorted(path.name for pattern in _PICKLES for path in folder.glob(pattern))
    if pickled:
        detail = "pickled weights can run code when read; convert them to safetensors"
        raise ModelFilesError(str(folder / pickled[0]), detail)
    raise ModelFilesError(str(folder / _WEIGHTS), "missing")


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
    if not path.is_file():
        raise ModelFilesError(str(path), "missing")
    try:
        # Reads the header only, and compares what it promises with the size of the file.
        with safe_open(str(path), framework="np") as tensors:  # pyright: ignore[reportUnknownVariableType]
            empty = not tensors.keys()
    except (SafetensorError, OSError) as error:
        raise ModelFilesError(str(path), f"not whole: {error}") from None
    if empty:
        raise ModelFilesError(str(path), "holds no weights")
