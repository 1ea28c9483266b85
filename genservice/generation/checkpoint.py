"""A causal language model read from a folder, with its tokenizer: the border to transformers."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import torch
import transformers
from huggingface_hub import utils as hub
from jinja2 import TemplateError
from transformers import GenerationConfig
from transformers.generation.logits_process import LogitsProcessorList
from transformers.generation.stopping_criteria import StoppingCriteriaList
from transformers.utils import logging as transformers_logging

from genservice.errors import ModelFilesError, ModelUnavailableError
from genservice.generation.endings import whole_sentences
from genservice.generation.model_files import check_folder, folder_digest, weight_bytes
from genservice.generation.sampling import (
    Abandoned,
    GrammarMask,
    GumbelMax,
    Pieces,
    Sampling,
    SlotMask,
    WholeWords,
)
from genservice.generation.slot_spelling import Spelling

if TYPE_CHECKING:
    import threading
    from collections.abc import Generator, Sequence
    from pathlib import Path

    from genservice.domain import Rendered
    from genservice.generation.model import Request

# Typed loosely where transformers' own types say less than the truth.
_AUTO_MODEL: Any = transformers.AutoModelForCausalLM
_AUTO_TOKENIZER: Any = transformers.AutoTokenizer

_SMALL = 4_000_000_000
"""Bytes of weights up to which a CPU computes in float32: slower types there save only memory."""
_TINY = 200_000_000
"""Bytes of weights up to which one core computes a step faster than several can agree on it."""
_PROBE = "house style"
_BRACKET_BYTES = ("<0x5B>", "<0x5D>")

_LONG = 400
"""Characters above which a name may be said again."""


class Checkpoint:
    """A loaded model. Everything here blocks; one thread at a time may write.

    Attributes:
        digest: SHA-256, in hex, of the files it was read from.
    """

    def __init__(self, folder: Path, *, device: str | None = None) -> None:
        """Read the model in `folder`; no code that lies there is run.

        Args:
            folder: In the layout of the Hugging Face hub, with safetensors weights.
            device: As torch names it; by default a GPU where there is one.

        Raises:
            ModelFilesError: A file is missing or corrupt, or the architecture is unknown.
        """
        check_folder(folder)
        self.digest = folder_digest(folder)
        self._tiny = weight_bytes(folder) <= _TINY
        self._device = device or ("cuda" if torch.cuda.is_available() else "cpu")
        with _quiet():
            self._tokenizer = _read_tokenizer(folder)
            self._model = _read_model(folder, self._device)
        given: Any = self._model.generation_config
        self._sampling = _sampling(given)
        self._ends = _ends(given, self._tokenizer)
        # A fresh one: what a folder sets beside this would be merged into every call.
        self._model.generation_config = GenerationConfig()
        marks: Any = getattr(self._model.config, "genservice", None) or {}
        self._compact: bool = marks.get("prompt") == "compact"
        spelled = _spelled(self._tokenizer, self._ends)
        self._pieces = Pieces(spelled, self._ends)
        self._words = WholeWords(spelled, self._ends) if self._compact else None
        self._takes_system = self._compact or _takes_system(self._tokenizer)

    def prepare_thread(self) -> None:
        """Called on the thread that will write, first: sets how many cores it computes with.

        torch keeps that number by thread. With two threads on two busy cores, a tiny model was
        seen to take fifty times as long: at each of many small steps one waits for the other.
        """
        if self._tiny:
            torch.set_num_threads(1)

    def write(self, request: Request, abandoned: threading.Event) -> tuple[str, ...]:
        """One text per seed, all in one batch; whatever has come by then once `abandoned`.

        Raises:
            ModelUnavailableError: The prompt is longer than the model can read.
        """
        if not request.seeds or abandoned.is_set():
            return ("",) * len(request.seeds)
        prompt = self.encode(request.prompt)
        room = self._room(len(prompt), request.limit)
        rows = len(request.seeds)
        ids = torch.tensor([prompt] * rows, device=self._device)
        noise = ",".join(map(str, prompt))
        with torch.inference_mode():
            output: torch.Tensor = self._model.generate(
                input_ids=ids,
                attention_mask=torch.ones_like(ids),
                generation_config=self._generation(room),
                logits_processor=LogitsProcessorList(
                    [
                        self._mask(request),
                        GumbelMax(self._sampling, request.seeds, noise),
                    ]
                ),
                stopping_criteria=StoppingCriteriaList([Abandoned(abandoned)]),
            )
        written: list[list[int]] = output[:, len(prompt) :].tolist()  # pyright: ignore[reportUnknownVariableType]
        return tuple(self._text(row) for row in written)

    def encode(self, prompt: Rendered) -> list[int]:
        """The prompt as token ids, in the form this model takes.

        Control tokens spelled out in the prompt's contents stay text: they end no turn.
        """
        if self._compact:
            return self._tokenizer(prompt.compact)["input_ids"]
        turns = [{"role": turn.role, "content": turn.content} for turn in prompt.turns]
        if self._tokenizer.chat_template is None:
            text = _joined(turns) + "\n\n"
            return self._tokenizer(text, split_special_tokens=True)["input_ids"]
        if not self._takes_system:
            turns = [{"role": "user", "content": _joined(turns)}]
        return self._tokenizer.apply_chat_template(
            turns,
            add_generation_prompt=True,
            sanitize_control_tokens=True,
            return_dict=False,
            enable_thinking=False,
        )

    def _mask(self, request: Request) -> GrammarMask | SlotMask:
        """What keeps the texts lawful while they are written."""
        rows = len(request.seeds)
        if self._words is not None and request.grammar is not None:
            return GrammarMask(self._words, request.grammar.begin(self._words.known), rows)
        spelling = Spelling(request.slots, request.must, names_again=request.limit > _LONG)
        return SlotMask(self._pieces, spelling, rows)

    def _room(self, used: int, limit: int) -> int:
        """Most tokens to write: more than `limit` characters of plain words take, slots or not."""
        wanted = (limit // 3 if self._compact else limit // 2) + 16
        reads: int | None = getattr(
            self._model.config.get_text_config(), "max_position_embeddings", None
        )
        room = wanted if reads is None else min(wanted, reads - used)
        if room < 1:
            raise ModelUnavailableError("The prompt is longer than the text model can read.")
        return room

    def _generation(self, room: int) -> GenerationConfig:
        ends = sorted(self._ends)
        return GenerationConfig(
            max_new_tokens=room, do_sample=False, eos_token_id=ends, pad_token_id=ends[0]
        )

    def _text(self, tokens: list[int]) -> str:
        end = next((i for i, token in enumerate(tokens) if token in self._ends), None)
        text: str = self._tokenizer.decode(
            tokens[:end], skip_special_tokens=True, clean_up_tokenization_spaces=False
        )
        return (whole_sentences(text) if end is None else text).strip()


def _read_tokenizer(folder: Path) -> Any:
    try:
        tokenizer: Any = _AUTO_TOKENIZER.from_pretrained(
            folder, trust_remote_code=False, local_files_only=True
        )
    except Exception as error:
        detail = f"no tokenizer can be read from it: {_first_line(error)}"
        raise ModelFilesError(str(folder / "tokenizer.json"), detail) from error
    if not tokenizer.is_fast:
        raise ModelFilesError(str(folder / "tokenizer.json"), "not a tokenizer of tokenizers")
    return tokenizer


def _read_model(folder: Path, device: str) -> Any:
    small = weight_bytes(folder) <= _SMALL
    dtype = torch.float32 if device == "cpu" and small else "auto"
    try:
        model, report = _AUTO_MODEL.from_pretrained(
            folder,
            dtype=dtype,
            use_safetensors=True,
            trust_remote_code=False,
            local_files_only=True,
            output_loading_info=True,
        )
    except (OSError, ValueError, RuntimeError, KeyError, TypeError, AttributeError) as error:
        detail = f"no model can be built from it and the weights: {_first_line(error)}"
        raise ModelFilesError(str(folder / "config.json"), detail) from error
    missing: list[str] = sorted(report["missing_keys"])
    if missing:
        # transformers would go on with random values.
        detail = f"{len(missing)} of the model's tensors are missing, such as {missing[0]!r}"
        raise ModelFilesError(str(folder / "model.safetensors"), detail)
    return model.to(device).eval()


def _sampling(given: Any) -> Sampling:
    """What the model's makers advise in generation_config.json, where they do."""
    default = Sampling()
    return Sampling(
        temperature=default.temperature if given.temperature is None else given.temperature,
        top_p=default.top_p if given.top_p is None else given.top_p,
    )


def _ends(given: Any, tokenizer: Any) -> frozenset[int]:
    named: int | list[int] | None = given.eos_token_id
    ends = set(named) if isinstance(named, list) else {named}
    known = frozenset(end for end in {*ends, tokenizer.eos_token_id} if end is not None)
    if not known:
        raise ModelFilesError("tokenizer_config.json", "names no token that ends a text")
    return known


def _spelled(tokenizer: Any, ends: frozenset[int]) -> list[str | None]:
    """What each token adds to a text, seen after another one: alone, many lose a leading space."""
    control = {i for i, token in tokenizer.added_tokens_decoder.items() if token.special}
    control |= set(tokenizer.all_special_ids) | ends
    anchor: list[int] = tokenizer("a", add_special_tokens=False)["input_ids"][-1:]

    def read(sequences: Sequence[list[int]]) -> list[str]:
        return tokenizer.batch_decode(
            sequences, skip_special_tokens=False, clean_up_tokenization_spaces=False
        )

    before = read([anchor])[0]
    after = read([[*anchor, i] for i in range(len(tokenizer))])
    names: list[str] = tokenizer.convert_ids_to_tokens(range(len(tokenizer)))
    if "[" in names and "]" in names:
        # As bytes they would vanish into a broken character before them.
        control |= {i for i, name in enumerate(names) if name in _BRACKET_BYTES}
    return [
        None if i in control or not text.startswith(before) else text[len(before) :]
        for i, text in enumerate(after)
    ]


def _takes_system(tokenizer: Any) -> bool:
    """Whether the chat template passes a system turn on; some refuse it, some drop it."""
    if tokenizer.chat_template is None:
        return True
    turns = [{"role": "system", "content": _PROBE}, {"role": "user", "content": "x"}]
    try:
        rendered: str = tokenizer.apply_chat_template(turns, tokenize=False)
    except TemplateError:
        return False
    return _PROBE in rendered


def _joined(turns: list[dict[str, str]]) -> str:
    return "\n\n".join(turn["content"] for turn in turns)


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]


@contextlib.contextmanager
def _quiet() -> Generator[None]:
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
