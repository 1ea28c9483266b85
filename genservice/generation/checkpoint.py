"""A language model read from a folder, with its tokenizer: causal, or sequence-to-sequence."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec
import structlog
import torch
from transformers import GenerationConfig
from transformers.generation.logits_process import LogitsProcessorList
from transformers.generation.stopping_criteria import StoppingCriteriaList

from genservice.errors import ModelUnavailableError
from genservice.generation import reading
from genservice.generation.description import Description
from genservice.generation.drawing import Asked, ByGrammar, BySlots
from genservice.generation.endings import whole_sentences
from genservice.generation.llama import Llama, fits
from genservice.generation.model_files import check_folder, folder_digest, weights_in
from genservice.generation.pieces import Told
from genservice.generation.placement import place, this_machine
from genservice.generation.prompt_form import PromptForm
from genservice.generation.sampling import (
    Abandoned,
    GrammarMask,
    GumbelMax,
    Listener,
    Pieces,
    Sampling,
    SlotMask,
    WholeWords,
)
from genservice.generation.slot_spelling import Spelling
from genservice.generation.spelled import spelled
from genservice.generation.wrappings import settled, unwrapped

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from genservice.domain import Rendered
    from genservice.generation.drawing import Lawful
    from genservice.generation.model import Grammar, Reading, Request
    from genservice.generation.slot_spelling import Place
    from genservice.generation.watermark import Row, Watermark

log = structlog.get_logger(__name__)

_TINY = 100_000_000
"""Parameters up to which one core computes a step faster than several can agree on it."""

_UNBOUNDED = 4096
"""Tokens read by a model that has no limit of its own: what it takes grows with their square."""
_LONG = 400
"""Characters above which a name may be said again, and a text carries a watermark."""
_STUCK = "The text model cannot go on from what stands."


class Checkpoint:
    """A loaded model. Everything here blocks; one thread at a time may write.

    Attributes:
        digest: SHA-256, in hex, of the files it was read from.
    """

    def __init__(
        self, folder: Path, *, device: str | None = None, watermark: Watermark | None = None
    ) -> None:
        """Read the model in `folder`; no code that lies there is run.

        Args:
            folder: In the layout of the Hugging Face hub, with safetensors weights.
            device: As torch names it; by default a GPU where there is one.
            watermark: What long texts carry, unless the model is one of house phrases: there is too
                little to choose between those.

        Raises:
            ModelFilesError: A file is missing or corrupt, the architecture is unknown, or the files
                do not belong together.
        """
        check_folder(folder)
        reading.check_architecture(folder)
        self.digest = folder_digest(folder)
        weights = weights_in(folder)
        self._tiny = weights.parameters <= _TINY
        placement = place(weights.stored, weights.parameters, this_machine(), device=device)
        self._device = placement.device
        self._tokenizer = reading.read_tokenizer(folder)
        self._model = reading.read_model(folder, placement)
        self._config: Any = self._model.config
        self._rows: int = self._model.get_input_embeddings().num_embeddings
        reading.check_vocabulary(folder, self._tokenizer, self._rows)
        given: Any = self._model.generation_config
        self._sampling = msgspec.structs.replace(
            reading.advised(given), opening=reading.opening_of(self._config)
        )
        self._ends = reading.ends_of(folder, given, self._tokenizer)
        self._start = reading.start_of(folder, given, self._config)
        # A fresh one: what a folder sets beside this would be merged into every call.
        self._model.generation_config = GenerationConfig()
        self._compact = reading.takes_one_line(self._config)
        texts = spelled(self._tokenizer, self._ends)
        self._pieces = Pieces(texts, self._ends)
        self._words = WholeWords(texts, self._ends) if self._compact else None
        self._form = PromptForm(
            folder,
            self._tokenizer,
            compact=self._compact,
            encoder=self._config.is_encoder_decoder,
            words=self._words.known if self._words is not None else (),
        )
        self._watermark = None if self._compact else watermark

    @property
    def watermark(self) -> str | None:
        """The id of the watermark that its long texts carry, if any."""
        return None if self._watermark is None else self._watermark.id

    def describe(self, revision: str) -> Description:
        """What it is made of, under the name it goes by."""
        return Description(
            revision=revision,
            family=self._config.model_type,
            architecture=type(self._model).__name__,
            kind="sequence-to-sequence" if self._config.is_encoder_decoder else "causal",
            parameters=self._model.num_parameters(),
            dtype=str(self._model.dtype).removeprefix("torch."),
            device=str(self._model.device),
            context=reading.reads(self._config),
            prompt=self._form.name,
        )

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
        return tuple(self.text(row) for row in self._written(request, abandoned))

    def stream(
        self, request: Request, put: Callable[[str], None], abandoned: threading.Event
    ) -> None:
        """The text of the first seed, put out as it is written; see `TextModel.stream`.

        Raises:
            ModelUnavailableError: Prompt and prefix are longer than the model can read.
        """
        if abandoned.is_set():
            return
        told = Told(put, prefix=request.prefix, settled=str.lstrip if self._compact else settled)
        single = msgspec.structs.replace(request, seeds=request.seeds[:1])
        listener = Listener(lambda tokens: told.so_far(self.spelled(tokens)))
        (row,) = self._written(single, abandoned, listener)
        told.whole(self.text(row))

    def _written(
        self, request: Request, abandoned: threading.Event, listener: Listener | None = None
    ) -> list[list[int]]:
        """What is written, a row of tokens per seed; with a listener, what goes on from the prefix."""
        prompt = self.encode(request.prompt)
        prefix = self._prefix(request) if listener is not None else []
        room = self._room(len(prompt), len(prefix), request.limit)
        rows = len(request.seeds)
        # What a model of two halves has written stands with its second half.
        read, begun = (prompt, self._start + prefix) if self._start else (prompt + prefix, [])
        ids = torch.tensor([read] * rows, device=self._device)
        more = (
            {"decoder_input_ids": torch.tensor([begun] * rows, device=self._device)}
            if begun
            else {}
        )
        noise = _noise(prompt)
        freely = self._freely(request, begun=bool(prefix))
        drawn = GumbelMax(freely, request.seeds, noise, self._marked(request, prefix))
        with torch.inference_mode():
            output: torch.Tensor = self._model.generate(
                input_ids=ids,
                attention_mask=torch.ones_like(ids),
                **more,
                generation_config=self._generation(room),
                logits_processor=LogitsProcessorList([self._mask(request, prefix), drawn]),
                stopping_criteria=StoppingCriteriaList([Abandoned(abandoned)]),
                streamer=listener,
            )
        return output[:, len(begun) or len(read) :].tolist()  # pyright: ignore[reportUnknownVariableType]

    def asked(self, request: Request, *, goes_on: bool) -> Asked:
        """What a request comes to for a loop of our own.

        Args:
            request: What is asked for.
            goes_on: Whether its prefix stands already.

        Raises:
            ModelUnavailableError: Prompt and prefix are longer than the model can read, or no lawful
                text begins with the prefix.
        """
        prompt = self.encode(request.prompt)
        prefix = self._prefix(request) if goes_on else []
        return Asked(
            read=prompt + prefix,
            lawful=self._lawful(request, prefix),
            sampling=self._freely(request, begun=bool(prefix)),
            noise=_noise(prompt),
            vocabulary=self._rows,
            room=self._room(len(prompt), len(prefix), request.limit),
            ends=self._ends,
        )

    @property
    def plain(self) -> Any:
        """The model as transformers has it, to measure it alone."""
        return self._model

    def arithmetic(self) -> Llama | None:
        """The model as we compute it ourselves; None unless it is small, of whole words, and a Llama."""
        ours = self._words is not None and self._tiny and self._device == "cpu"
        return Llama(self._model) if ours and fits(self._config) else None

    def _marked(self, request: Request, prefix: Sequence[int]) -> list[Row]:
        if self._watermark is None or request.limit <= _LONG:
            return []
        return [self._watermark.row(prefix) for _ in request.seeds]

    def _prefix(self, request: Request) -> list[int]:
        if not request.prefix:
            return []
        return self._tokenizer(request.prefix, add_special_tokens=False)["input_ids"]

    def encode(self, prompt: Rendered) -> list[int]:
        """The whole prompt as token ids, in the form this model takes.

        Raises:
            ModelUnavailableError: It holds a token that the model has no weights for.
        """
        ids = self._form.encode(prompt)
        if not ids or max(ids) >= self._rows:
            # On a GPU such an id would break every later text too.
            raise ModelUnavailableError("The text model has no weights for a token of the prompt.")
        return ids

    def _freely(self, request: Request, *, begun: bool) -> Sampling:
        """How freely to draw; without a grammar a text begins no more freely than it goes on."""
        if self._words is not None and request.grammar is not None and not begun:
            return self._sampling
        return msgspec.structs.replace(self._sampling, opening=None)

    def _mask(self, request: Request, prefix: Sequence[int]) -> GrammarMask | SlotMask:
        """What keeps the texts lawful while transformers writes them.

        Raises:
            ModelUnavailableError: No lawful text begins with the prefix.
        """
        rows = len(request.seeds)
        if self._words is not None and request.grammar is not None:
            return GrammarMask(self._words, _read(self._words, request.grammar, prefix), rows)
        spelling, place = _spelling(request, begun=bool(prefix))
        return SlotMask(self._pieces, spelling, rows, place)

    def _lawful(self, request: Request, prefix: Sequence[int]) -> Callable[[], Lawful]:
        """What keeps one text lawful while we write it; raises as `_mask` does."""
        if self._words is not None and request.grammar is not None:
            reading = _read(self._words, request.grammar, prefix)
            return partial(ByGrammar, self._words, reading)
        return partial(BySlots, self._pieces, *_spelling(request, begun=bool(prefix)))

    def _room(self, used: int, written: int, limit: int) -> int:
        """Most tokens to write: more than `limit` characters of plain words take, slots or not.

        Raises:
            ModelUnavailableError: The prompt leaves no room for a text. It is never cut: what would
                be lost are facts, or what never to say.
        """
        wanted = max(1, (limit // 3 if self._compact else limit // 2) + 16 - written)
        # With fewer than these a text of usual words would be cut.
        least = max(1, limit // (8 if self._compact else 4) - written)
        reads = reading.reads(self._config) or _UNBOUNDED
        writes = reading.writes(self._config)
        used += 0 if self._start else written
        taken = len(self._start) + written if self._start else used
        room = wanted if writes is None else min(wanted, writes - taken)
        if room < least or used > reads:
            log.warning("the prompt is longer than the text model reads", tokens=used, reads=reads)
            raise ModelUnavailableError("The prompt is longer than the text model can read.")
        return room

    def _generation(self, room: int) -> GenerationConfig:
        ends = sorted(self._ends)
        return GenerationConfig(
            max_new_tokens=room,
            do_sample=False,
            eos_token_id=ends,
            pad_token_id=ends[0],
            decoder_start_token_id=self._start[0] if self._start else None,
        )

    def text(self, tokens: Sequence[int]) -> str:
        """The finished text that tokens spell; cut to whole sentences where none of them ends it."""
        end = next((i for i, token in enumerate(tokens) if token in self._ends), None)
        text = self.spelled(tokens[:end])
        text = (whole_sentences(text) if end is None else text).strip()
        return text if self._compact else unwrapped(text)

    def spelled(self, tokens: Sequence[int]) -> str:
        """What tokens spell as they stand."""
        return self._tokenizer.decode(
            tokens, skip_special_tokens=True, clean_up_tokenization_spaces=False
        )


def _noise(prompt: Sequence[int]) -> str:
    return ",".join(map(str, prompt))


def _read(words: WholeWords, grammar: Grammar, prefix: Sequence[int]) -> Reading:
    reading = words.after(grammar.begin(words.known), prefix)
    if reading is None:
        raise ModelUnavailableError(_STUCK)
    return reading


def _spelling(request: Request, *, begun: bool) -> tuple[Spelling, Place]:
    spelling = Spelling(request.slots, request.must, names_again=request.limit > _LONG)
    place = spelling.advance(spelling.start, request.prefix if begun else "")
    if place is None:
        raise ModelUnavailableError(_STUCK)
    return spelling, place
