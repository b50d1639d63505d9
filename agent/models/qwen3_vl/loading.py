"""A checkpoint in memory, ready for the engine.

Responsible for bringing weights, tokenizer and picture rules together, for device and number
format, and for saying in a sentence what memory would hold. Generates nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch

from agent.models.qwen3_vl.adapters import merged, read_note, refuse_other_base
from agent.models.qwen3_vl.folders import checkpoint_folder, read_config
from agent.models.qwen3_vl.images import ImageRules, read_rules
from agent.models.qwen3_vl.quantize import NONE, storage_of
from agent.models.qwen3_vl.sizes import GIB, size_hint
from agent.models.qwen3_vl.trust import choose_attention, choose_graphs
from agent.models.qwen3_vl.vision import use_linear_patches
from agent.models.qwen3_vl.vocabulary import Vocabulary
from agent.models.qwen3_vl.weights import NO_HOST_MEMORY, read_weights
from environments.base import Stop
from environments.errors import ModelError

SMALL_WEIGHTS_BYTES = GIB
"""Below this a CPU computes in float32, which is exact and no slower; above it memory decides."""


TOKENIZER_FILES = ("tokenizer.json", "vocab.json")


@dataclass(frozen=True, slots=True, eq=False)
class Checkpoint:
    """A model and all that the engine must know of it.

    Attributes:
        name: the folder's name or the hub id.
        model: transformers' own model, in evaluation mode.
        vocabulary: its tokenizer.
        rules: how it wants pictures.
        attention: name of the kernel in ``attention.KERNELS`` that can be trusted.
        graphs: decoding can be recorded as CUDA graphs.
        notices: sentences for the person about what was not as wished.
    """

    name: str
    model: Any
    vocabulary: Vocabulary
    rules: ImageRules
    attention: str = "sdpa"
    graphs: bool = False
    notices: tuple[str, ...] = ()


def load_checkpoint(
    spec: str,
    device: str | None = None,
    dtype: torch.dtype | None = None,
    quantize: str = NONE,
    stop: Stop | None = None,
    adapter: str = "",
) -> Checkpoint:
    """Load a folder or hub id.

    Args:
        spec: folder or hub id.
        device: torch device; None takes the GPU where there is one.
        dtype: number format; None takes bf16 on a GPU and for large or quantised weights, else
            float32.
        quantize: "none", "int8", "nf4", "fp8" or "int4": what to make of the weights while loading.
        stop: ends the loading, between two pieces of what is fetched and two matrices.
        adapter: folder of what is merged into the weights; empty for nothing.

    Raises:
        ConfigError: unknown, not a Qwen3-VL, or in a format that cannot be had here; or the adapter
            belongs to another checkpoint.
        ModelError: damaged files, missing tokens, or too little memory.
        Stopped: a stop was asked for.
    """
    stop = stop or Stop()
    folder = checkpoint_folder(spec, stop)
    config = read_config(folder)
    where = torch.device(device or ("cuda" if torch.cuda.is_available() else "cpu"))
    if adapter:
        refuse_other_base(read_note(adapter), adapter, spec, folder)
    storage = storage_of(config, quantize, where)
    tokenizer = _tokenizer(folder)
    numbers = dtype or storage.dtype or _number_format(folder, where)
    with memory_in_words("load the model"):
        model = read_weights(folder, where, numbers, storage, stop)
        model = merged(model, adapter) if adapter else model
    stop.check()
    vocabulary = Vocabulary(tokenizer, model.lm_head.out_features)
    ready = make_ready(spec, model, vocabulary, read_rules(folder))
    return replace(ready, notices=(*storage.notices, *ready.notices))


def make_ready(name: str, model: Any, vocabulary: Vocabulary, rules: ImageRules) -> Checkpoint:
    """Return a checkpoint whose attention was checked and whose patch embedding is a product."""
    model.eval().requires_grad_(False)
    use_linear_patches(model)
    attention, slow = choose_attention(model)
    graphs, launched = choose_graphs(model, attention)
    notices = tuple(filter(None, (slow, launched)))
    return Checkpoint(name, model, vocabulary, rules, attention, graphs, notices)


def _number_format(folder: Path, device: torch.device) -> torch.dtype:
    if device.type != "cpu":
        return torch.bfloat16
    weights = sum(file.stat().st_size for file in folder.glob("*.safetensors"))
    return torch.float32 if weights < SMALL_WEIGHTS_BYTES else torch.bfloat16


def _tokenizer(folder: Path) -> Any:
    from transformers import AutoTokenizer

    # Without its files transformers would hand out an empty tokenizer in silence.
    if not any((folder / name).is_file() for name in TOKENIZER_FILES):
        raise ModelError(f"There is no tokenizer in {folder}; fetch the checkpoint again.")
    try:
        return AutoTokenizer.from_pretrained(str(folder), use_fast=True, local_files_only=True)
    except (OSError, ValueError, KeyError) as error:
        raise ModelError(
            f"The tokenizer in {folder} cannot be read; fetch the checkpoint again."
        ) from error


def gpu_memory() -> int:
    """Return the bytes of the first GPU that are free or this process's own; 0 without a GPU."""
    if not torch.cuda.is_available():
        return 0
    free, _ = torch.cuda.mem_get_info()
    return int(free + torch.cuda.memory_reserved())


@contextmanager
def memory_in_words(what: str, memory: Callable[[], int] = gpu_memory) -> Iterator[None]:
    """Turn running out of memory into a sentence that says what fits.

    Args:
        what: the rest of "too little memory to ...".
        memory: bytes that a model could have; asked before anything is taken.
    """
    before = memory()
    try:
        yield
    except torch.OutOfMemoryError as error:
        hint = size_hint(before)
        raise ModelError(f"The GPU has too little memory to {what}; {hint}.") from error
    except (RuntimeError, MemoryError) as error:
        if isinstance(error, RuntimeError) and NO_HOST_MEMORY not in str(error):
            raise
        raise ModelError(
            f"This machine has too little memory to {what}; name a smaller model."
        ) from error
