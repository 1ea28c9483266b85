"""Tokenizer and model, read from the files of a folder: the border to transformers.

No code that lies in a folder is run, and whatever does not fit together is refused here, by name,
rather than in the middle of a text.
"""

from __future__ import annotations

import contextlib
import math
from typing import TYPE_CHECKING, Any

import torch
import transformers
from huggingface_hub import utils as hub
from transformers.models.auto import modeling_auto
from transformers.utils import logging as transformers_logging

from genservice.errors import ModelFilesError
from genservice.generation.model_files import read_config
from genservice.generation.sampling import Sampling

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping
    from pathlib import Path

    from genservice.generation.placement import Placement

# Typed loosely where transformers' own types say less than the truth.
_AUTO_MODEL: Any = transformers.AutoModelForCausalLM
_AUTO_SEQUENCE: Any = transformers.AutoModelForSeq2SeqLM
_AUTO_TOKENIZER: Any = transformers.AutoTokenizer
_AUTO_CONFIG: Any = transformers.AutoConfig
_CONFIGS: Any = transformers.CONFIG_MAPPING
_AUTO: Any = modeling_auto
_CAUSAL: Mapping[str, str] = _AUTO.MODEL_FOR_CAUSAL_LM_MAPPING_NAMES
_SEQUENCE: Mapping[str, str] = _AUTO.MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING_NAMES
_READS = ("max_encoder_position_embeddings", "max_position_embeddings", "max_seq_len", "n_ctx")
_WRITES = ("max_decoder_position_embeddings", "max_position_embeddings")


def check_architecture(folder: Path) -> None:
    """Refuse a model that transformers does not know or that writes no texts.

    Raises:
        ModelFilesError: So it is; names the architecture.
    """
    file, config = str(folder / "config.json"), read_config(folder)
    family = config.get("model_type")
    if not isinstance(family, str):
        raise ModelFilesError(file, "names no model_type")
    if family not in _CONFIGS:
        detail = f"transformers {transformers.__version__} knows no architecture {family!r}"
        if "auto_map" in config:
            detail += "; the folder brings code of its own for it, which is never run"
        raise ModelFilesError(file, detail)
    named: Any = config.get("architectures") or [""]
    writing = {*_CAUSAL.values(), *_SEQUENCE.values(), ""}
    # Models of texts and pictures stand in the lists under another name, or only part of them does.
    partly = named[0].endswith("ForConditionalGeneration")
    # Those that hear stand among the causal ones, with the half that alone would hear nothing.
    families = _SEQUENCE if _CONFIGS[family].is_encoder_decoder else _CAUSAL
    if family not in families or not (named[0] in writing or partly):
        detail = (
            f"{named[0] or family} writes no texts: only causal and sequence-to-sequence models do"
        )
        raise ModelFilesError(file, detail)


def read_tokenizer(folder: Path) -> Any:
    """The tokenizer in `folder`.

    Raises:
        ModelFilesError: There is none that can be read.
    """
    try:
        with quiet():
            tokenizer: Any = _AUTO_TOKENIZER.from_pretrained(
                folder, trust_remote_code=False, local_files_only=True
            )
    except Exception as error:
        detail = f"no tokenizer can be read from it: {_first_line(error)}"
        raise ModelFilesError(str(folder / "tokenizer.json"), detail) from error
    if not tokenizer.is_fast:
        raise ModelFilesError(str(folder / "tokenizer.json"), "not a tokenizer of tokenizers")
    return tokenizer


def read_model(folder: Path, placement: Placement) -> Any:
    """The model in `folder`, ready to write.

    Raises:
        ModelFilesError: Config and weights make no model, or it does not fit on its device.
    """
    file = str(folder / "config.json")
    try:
        with quiet():
            config: Any = _AUTO_CONFIG.from_pretrained(
                folder, trust_remote_code=False, local_files_only=True
            )
            auto = _AUTO_SEQUENCE if config.is_encoder_decoder else _AUTO_MODEL
            model, report = auto.from_pretrained(
                folder,
                dtype=getattr(torch, placement.numbers),
                use_safetensors=True,
                trust_remote_code=False,
                local_files_only=True,
                output_loading_info=True,
            )
    except Exception as error:
        detail = f"no model can be built from it and the weights: {_first_line(error)}"
        raise ModelFilesError(file, detail) from error
    missing: list[str] = sorted(report["missing_keys"])
    if missing:
        # transformers would go on with random values.
        detail = f"{len(missing)} of the model's tensors are missing, such as {missing[0]!r}"
        raise ModelFilesError(str(folder / "model.safetensors"), detail)
    try:
        return model.to(placement.device).eval()
    except (RuntimeError, AssertionError) as error:  # which of them, depends on the device
        size = model.num_parameters() * model.dtype.itemsize / 1e9
        detail = (
            f"{size:.1f} GB of weights ({placement.numbers}) cannot be put on {placement.device}: "
            f"{_first_line(error)}"
        )
        raise ModelFilesError(str(folder), detail) from None


def check_vocabulary(folder: Path, tokenizer: Any, rows: int) -> None:
    """Refuse a tokenizer that is another model's.

    Tokens that were added to a vocabulary may lie beyond the weights: some makers list some for
    pictures that the model at hand cannot see.

    Raises:
        ModelFilesError: Its vocabulary is larger than the model's.
    """
    if tokenizer.vocab_size > rows:
        detail = f"has {tokenizer.vocab_size} tokens, the model {rows}: it is another model's"
        raise ModelFilesError(str(folder / "tokenizer.json"), detail)


def ends_of(folder: Path, given: Any, tokenizer: Any) -> frozenset[int]:
    """The tokens that end a text.

    Raises:
        ModelFilesError: None is named, or one that the tokenizer does not have.
    """
    named: int | list[int] | None = given.eos_token_id
    ends = set(named) if isinstance(named, list) else {named}
    known = frozenset(end for end in {*ends, tokenizer.eos_token_id} if end is not None)
    if not known:
        raise ModelFilesError(
            str(folder / "tokenizer_config.json"), "names no token that ends a text"
        )
    if max(known) >= len(tokenizer):
        detail = f"has no token {max(known)}, which ends the model's texts: it is another model's"
        raise ModelFilesError(str(folder / "tokenizer.json"), detail)
    return known


def start_of(folder: Path, given: Any, config: Any) -> list[int]:
    """The tokens that a text begins with of its own: none in a causal model.

    Raises:
        ModelFilesError: A sequence-to-sequence model names none.
    """
    if not config.is_encoder_decoder:
        return []
    named = (
        given.decoder_start_token_id,
        getattr(config, "decoder_start_token_id", None),
        given.bos_token_id,
        given.pad_token_id,
    )
    start: int | None = next((token for token in named if token is not None), None)
    if start is None:
        detail = "names no token that a text begins with (decoder_start_token_id)"
        raise ModelFilesError(str(folder / "generation_config.json"), detail)
    return [start] if given.forced_bos_token_id is None else [start, given.forced_bos_token_id]


def takes_one_line(config: Any) -> bool:
    """Whether config.json says that the model was trained on our prompts of one line."""
    marks: Any = getattr(config, "genservice", None)
    try:
        return marks["prompt"] == "compact"
    except (TypeError, LookupError):
        return False  # unmarked, or marked by others for purposes of their own


def reads(config: Any) -> int | None:
    """Most tokens that a model reads; None if that is not fixed (relative positions, as in T5)."""
    return _first(_part(config, "encoder"), _READS)


def writes(config: Any) -> int | None:
    """Most tokens of a text; in a causal model those of the prompt count too."""
    if not config.is_encoder_decoder:
        return reads(config)
    return _first(_part(config, "decoder"), _WRITES)


def advised(given: Any) -> Sampling:
    """What the model's makers advise in generation_config.json, where they do."""
    default = Sampling()
    temperature = default.temperature if given.temperature is None else given.temperature
    top_p = default.top_p if given.top_p is None else given.top_p
    # Of less than some probability no token could be drawn at all.
    return Sampling(temperature=max(temperature, 0.0), top_p=min(max(top_p, 1e-6), 1.0))


def opening_of(config: Any) -> float | None:
    """Temperature of a text's first tokens where our own mark in the config gives one."""
    marks: Any = getattr(config, "genservice", None)
    try:
        given = float(marks["opening"])
    except (TypeError, LookupError, ValueError):
        return None
    return given if takes_one_line(config) and 0 < given < math.inf else None


def _part(config: Any, name: str) -> Any:
    """The config of one half of a model, where its halves have configs of their own."""
    return (getattr(config, name, None) or config).get_text_config()


def _first(config: Any, names: tuple[str, ...]) -> int | None:
    return next((size for name in names if (size := getattr(config, name, None))), None)


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]


@contextlib.contextmanager
def quiet() -> Generator[None]:
    """No progress bars and advice of transformers while loading; afterwards as it was."""
    level = transformers_logging.get_verbosity()
    bars = not hub.are_progress_bars_disabled()
    transformers_logging.set_verbosity_error()
    transformers_logging.disable_progress_bar()
    try:
        yield
    finally:
        transformers_logging.set_verbosity(level)
        if bars:
            transformers_logging.enable_progress_bar()
