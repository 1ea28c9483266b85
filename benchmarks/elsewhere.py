"""Other ways to run the embedded model on a CPU, for `python -m benchmarks.engine --arithmetic`.

ONNX Runtime and CTranslate2 are no dependencies: `pip install onnxruntime onnx onnxscript ctranslate2` for
them. Every way reads the same prompts and writes as many tokens, the likeliest each time, with a cache of
what it has read.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import torch
from transformers import AutoTokenizer, StaticCache

from genservice.generation import embedded_folder

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Way = Callable[[int], object]
    Multiplied = Callable[[torch.Tensor, Any], torch.Tensor]

_OPS: Any = torch.ops


def in_bfloat16() -> tuple[Multiplied, Callable[[torch.Tensor], Any]]:
    """Products in bfloat16, laid out by oneDNN; everything between them in single precision."""
    multiply = _OPS.mkldnn._linear_pointwise.default  # noqa: SLF001 - the one way to it

    def multiplied(x: torch.Tensor, laid_out: Any) -> torch.Tensor:
        return multiply(x.bfloat16(), laid_out, None, "none", [], "").float()

    return multiplied, lambda weight: _OPS.mkldnn._reorder_linear_weight(weight.bfloat16(), 32)  # noqa: SLF001 - as above


def in_eight_bits() -> tuple[Multiplied, Callable[[torch.Tensor], Any]]:
    """Products in whole numbers of eight bits, scaled by row of the matrix and by call (dynamic)."""

    def laid_out(weight: torch.Tensor) -> Any:
        scales = weight.abs().amax(1).double() / 127
        zeros = torch.zeros(len(weight), dtype=torch.long)
        rounded = torch.quantize_per_channel(weight, scales, zeros, 0, torch.qint8)
        return _OPS.quantized.linear_prepack(rounded, None)

    return lambda x, packed: _OPS.quantized.linear_dynamic(x, packed), laid_out


def ways(model: Any, ids: torch.Tensor, written: int, folder: Path) -> dict[str, Way]:
    """Each way by its name; one that cannot be gone here raises when it is.

    Args:
        model: The model as transformers has it.
        ids: Prompts.
        written: How many tokens to write.
        folder: For models in other forms.
    """
    return {
        "transformers, single precision": lambda n: _loop(model, ids[:n], written),
        "transformers, bfloat16": _later(lambda: _in_bfloat16(model, ids, written)),
        "transformers, static cache": lambda n: _static(model, model, ids[:n], written),
        "transformers, static cache, compiled": _later(lambda: _compiled(model, ids, written)),
        "transformers, eight bits (dynamic)": _later(lambda: _dynamic(model, ids, written)),
        "ONNX Runtime, single precision": _later(lambda: _onnx(model, ids, written, folder)),
        "CTranslate2, single precision": _later(
            lambda: _ctranslate2(ids, written, folder, "float32")
        ),
        "CTranslate2, eight bits": _later(lambda: _ctranslate2(ids, written, folder, "int8")),
    }


def _later(made: Callable[[], Way]) -> Way:
    """A way that is made when it is first gone."""
    held: list[Way] = []

    def run(size: int) -> object:
        if not held:
            held.append(made())
            held[0](size)
        return held[0](size)

    return run


@torch.inference_mode()
def _loop(model: Any, ids: torch.Tensor, written: int) -> None:
    out = model(input_ids=ids, use_cache=True, logits_to_keep=1)
    for _ in range(written - 1):
        token = out.logits[:, -1:].argmax(dim=-1)
        out = model(input_ids=token, past_key_values=out.past_key_values, use_cache=True)


@torch.inference_mode()
def _static(model: Any, step: Any, ids: torch.Tensor, written: int) -> None:
    length = ids.shape[1] + written
    cache = StaticCache(config=model.config, max_cache_len=length)
    out = model(input_ids=ids, past_key_values=cache, use_cache=True, logits_to_keep=1)
    for at in range(ids.shape[1], length - 1):
        token = out.logits[:, -1:].argmax(dim=-1)
        place = torch.tensor([at])
        out = step(input_ids=token, past_key_values=cache, position_ids=place[None], use_cache=True)


def _in_bfloat16(model: Any, ids: torch.Tensor, written: int) -> Way:
    rounded = copy.deepcopy(model).to(torch.bfloat16)
    return lambda n: _loop(rounded, ids[:n], written)


def _compiled(model: Any, ids: torch.Tensor, written: int) -> Way:
    step = torch.compile(model, dynamic=False)
    return lambda n: _static(model, step, ids[:n], written)


def _dynamic(model: Any, ids: torch.Tensor, written: int) -> Way:
    from torch.ao.quantization import quantize_dynamic

    rounded = quantize_dynamic(copy.deepcopy(model), {torch.nn.Linear}, dtype=torch.qint8)
    return lambda n: _loop(rounded, ids[:n], written)


class _Flat(torch.nn.Module):
    """The model with its cache as plain tensors, as other runtimes take it."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self._model = model

    def forward(self, ids: torch.Tensor, places: torch.Tensor, *held: torch.Tensor) -> Any:
        from transformers import DynamicCache

        pairs = [(held[at], held[at + 1]) for at in range(0, len(held), 2)]
        out = self._model(
            input_ids=ids, position_ids=places, past_key_values=DynamicCache(pairs), use_cache=True
        )
        kept = [(layer.keys, layer.values) for layer in out.past_key_values.layers]
        return (out.logits[:, -1], *(each for pair in kept for each in pair))


def _onnx(model: Any, ids: torch.Tensor, written: int, folder: Path) -> Way:
    import numpy as np
    import onnxruntime  # pyright: ignore[reportMissingImports]  no dependency

    config = model.config
    count, heads, width = 2 * config.num_hidden_layers, config.num_attention_heads, config.head_dim
    names = [f"held_{at}" for at in range(count)]
    held = [torch.zeros(2, heads, 3, width) for _ in names]
    rows, more, past = (torch.export.Dim(name) for name in ("rows", "more", "past"))
    file = str(folder / "model.onnx")
    torch.onnx.export(
        _Flat(model).eval(),
        (ids[:2, :5], torch.arange(3, 8)[None].expand(2, 5), *held),
        file,
        input_names=["ids", "places", *names],
        output_names=["scores", *(f"kept_{at}" for at in range(count))],
        dynamic_shapes=(
            {0: rows, 1: more},
            {0: rows, 1: more},
            tuple({0: rows, 2: past} for _ in names),
        ),
        dynamo=True,
        verbose=False,
    )
    options: Any = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session: Any = onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])

    def run(size: int) -> None:
        tokens = ids[:size].numpy()
        kept = [np.zeros((size, heads, 0, width), np.float32) for _ in names]
        for _ in range(written):
            begun = kept[0].shape[2]
            places = np.broadcast_to(np.arange(begun, begun + tokens.shape[1]), tokens.shape)
            fed = {"ids": tokens, "places": places, **dict(zip(names, kept, strict=True))}
            scores, *kept = session.run(None, fed)
            tokens = scores.argmax(-1)[:, None]

    return run


def _ctranslate2(ids: torch.Tensor, written: int, folder: Path, kind: str) -> Way:
    import ctranslate2  # pyright: ignore[reportMissingImports]  no dependency

    made = str(folder / kind)
    theirs: Any = ctranslate2
    theirs.converters.TransformersConverter(str(embedded_folder())).convert(
        made, quantization=kind, force=True
    )
    generator: Any = theirs.Generator(made, device="cpu", inter_threads=1, intra_threads=1)
    tokenizer: Any = AutoTokenizer.from_pretrained(embedded_folder())
    prompts = [tokenizer.convert_ids_to_tokens(row) for row in ids.tolist()]

    def run(size: int) -> None:
        generator.generate_batch(
            prompts[:size],
            max_length=written,
            min_length=written,
            sampling_topk=1,
            include_prompt_in_result=False,
        )

    return run
