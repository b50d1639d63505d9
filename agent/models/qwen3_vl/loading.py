"""A checkpoint in memory, ready for the engine.

Responsible for reading weights, tokenizer and picture rules through transformers, for device and
number format, and for saying in a sentence why it did not work. Generates nothing.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from agent.models.qwen3_vl.attention import preferred, settle_on
from agent.models.qwen3_vl.folders import checkpoint_folder, read_config
from agent.models.qwen3_vl.images import ImageRules, read_rules
from agent.models.qwen3_vl.sizes import GIB, size_hint
from agent.models.qwen3_vl.vision import use_linear_patches
from agent.models.qwen3_vl.vocabulary import Vocabulary
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
        notices: sentences for the person about what was not as wished.
    """

    name: str
    model: Any
    vocabulary: Vocabulary
    rules: ImageRules
    notices: tuple[str, ...] = ()


def load_checkpoint(
    spec: str, device: str | None = None, dtype: torch.dtype | None = None
) -> Checkpoint:
    """Load a folder or hub id.

    Args:
        spec: folder or hub id.
        device: torch device; None takes the GPU where there is one.
        dtype: number format; None takes bf16 on a GPU and for large weights, else float32.

    Raises:
        ConfigError: unknown, or not a Qwen3-VL.
        ModelError: damaged files, missing tokens, or too little memory.
    """
    folder = checkpoint_folder(spec)
    config = read_config(folder)
    where = torch.device(device or ("cuda" if torch.cuda.is_available() else "cpu"))
    tokenizer = _tokenizer(folder)
    model = _model(folder, config["model_type"], where, dtype or _number_format(folder, where))
    vocabulary = Vocabulary(tokenizer, model.lm_head.out_features)
    return make_ready(spec, model, vocabulary, read_rules(folder))


def make_ready(name: str, model: Any, vocabulary: Vocabulary, rules: ImageRules) -> Checkpoint:
    """Return a checkpoint whose attention was checked and whose patch embedding is a product."""
    model.eval().requires_grad_(False)
    use_linear_patches(model)
    pad = vocabulary.control["<|image_pad|>"]
    notice = settle_on(model, preferred(model.device), pad)
    return Checkpoint(name, model, vocabulary, rules, (notice,) if notice else ())


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


def _model(folder: Path, family: str, device: torch.device, dtype: torch.dtype) -> Any:
    import transformers
    from safetensors import SafetensorError

    names = {
        "qwen3_vl": "Qwen3VLForConditionalGeneration",
        "qwen3_vl_moe": "Qwen3VLMoeForConditionalGeneration",
    }
    kind = getattr(transformers, names[family])
    with memory_in_words("load the model"), _quiet():
        try:
            model = kind.from_pretrained(
                str(folder),
                dtype=dtype,
                local_files_only=True,
                attn_implementation="sdpa",
                device_map=_placement(device),
            )
            return model if _placement(device) else model.to(device)
        except torch.OutOfMemoryError:
            raise
        except (OSError, ValueError, KeyError, SafetensorError) as error:
            raise ModelError(
                f"The weights in {folder} cannot be read ({_first_line(error)}); "
                "fetch the checkpoint again."
            ) from error


def _placement(device: torch.device) -> Any:
    """Return a device map that puts weights on the GPU at once, None where there is none.

    A GPU named by number is used alone; otherwise a model is spread over all GPUs it needs.
    """
    if device.type != "cuda":
        return None
    named = ":" in str(device)
    return {"": device} if named or torch.cuda.device_count() == 1 else "auto"


@contextmanager
def memory_in_words(what: str) -> Iterator[None]:
    """Turn running out of memory into a sentence that says what fits."""
    try:
        yield
    except torch.OutOfMemoryError as error:
        free, _ = torch.cuda.mem_get_info()
        raise ModelError(f"The GPU has too little memory to {what}; {size_hint(free)}.") from error
    except (RuntimeError, MemoryError) as error:
        if isinstance(error, RuntimeError) and "allocate memory" not in str(error):
            raise
        raise ModelError(
            f"This machine has too little memory to {what}; name a smaller model."
        ) from error


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep transformers' progress bars off a person's screen while weights are read."""
    from transformers.utils import logging as untyped

    logging: Any = untyped
    shown = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        if shown:
            logging.enable_progress_bar()


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
