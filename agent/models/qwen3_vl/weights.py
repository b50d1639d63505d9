"""Weights from files into transformers' own modules.

Responsible for one call of ``from_pretrained`` and for turning what goes wrong in it into
sentences. What format the weights take is decided elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch

from agent.models.qwen3_vl.quantize import EXPERTS, split_experts
from agent.models.qwen3_vl.silence import Overheard, quietly
from agent.models.qwen3_vl.storage import Storage
from environments.base import Stop
from environments.errors import ConfigError, ModelError

CLASSES = {
    "qwen3_vl": "Qwen3VLForConditionalGeneration",
    "qwen3_vl_moe": "Qwen3VLMoeForConditionalGeneration",
}
NO_HOST_MEMORY = "allocate memory"
"""What torch says when main memory is used up."""

AGAIN = "fetch the checkpoint again"
ELSEWHERE = ("cpu", "disk")


def read_weights(
    folder: Path, device: torch.device, dtype: torch.dtype, storage: Storage, stop: Stop
) -> Any:
    """Return transformers' own model of a folder, on a device.

    Raises:
        ConfigError: a package that the format needs is missing or too old.
        ModelError: damaged or missing files, or too little memory on all GPUs together.
        torch.OutOfMemoryError: too little memory on the GPU.
        Stopped: a stop was asked for; looked for before each matrix.
    """
    with quietly() as heard, _heeding(stop), _sentences(folder, heard, storage):
        model = _read(folder, device, dtype, storage)
    _refuse_offloaded(model)
    if EXPERTS in storage.arguments:
        split_experts(model)
    return model


@contextmanager
def _heeding(stop: Stop) -> Iterator[None]:
    """Look at a stop wherever transformers would move a bar."""
    from transformers.utils import logging

    def bar(make: Callable[..., Any], given: tuple[Any, ...], more: dict[str, Any]) -> Any:
        return make(*map(looking, given[:1]), *given[1:], **more)

    def looking(items: Iterable[Any]) -> Iterator[Any]:
        for item in items:
            stop.check()
            yield item

    before = logging.set_tqdm_hook(bar)
    try:
        yield
    finally:
        logging.set_tqdm_hook(before)


@contextmanager
def _sentences(folder: Path, heard: Overheard, storage: Storage) -> Iterator[None]:
    """Turn what libraries raise while they read into errors for a person."""
    from safetensors import SafetensorError

    try:
        yield
    except torch.OutOfMemoryError:
        raise
    except ImportError as error:
        raise ConfigError(f"These weights cannot be loaded here: {first_line(error)}.") from error
    except (OSError, ValueError, KeyError, SafetensorError) as error:
        raise _unreadable(folder, first_line(error)) from error
    except RuntimeError as error:
        if NO_HOST_MEMORY in str(error):
            raise
        # transformers swallows whatever goes wrong with one matrix, and only its report tells.
        if "OutOfMemoryError" in heard.text:
            raise torch.OutOfMemoryError("while weights were converted") from error
        cure = "leave --quantize out" if storage.arguments else AGAIN
        raise _unreadable(folder, _reason(error, heard), cure) from error


def _reason(error: RuntimeError, heard: Overheard) -> str:
    """Return why, in few words: from transformers' report where the error itself tells nothing."""
    if "MISMATCH" in heard.text:
        return "their shapes are not those of its config.json"
    causes = [line for line in heard.text.splitlines() if re.match(r"\w*Error: ", line)]
    return (causes or [first_line(error)])[0].rstrip(".")


def _read(folder: Path, device: torch.device, dtype: torch.dtype, storage: Storage) -> Any:
    import transformers

    untyped: Any = transformers.AutoConfig
    config = untyped.from_pretrained(str(folder), local_files_only=True)
    if storage.changes:
        config.quantization_config = {**config.quantization_config, **storage.changes}
    placement = _placement(device, bool(storage.arguments))
    model, report = getattr(transformers, CLASSES[config.model_type]).from_pretrained(
        str(folder),
        config=config,
        dtype=dtype,
        local_files_only=True,
        attn_implementation="sdpa",
        device_map=placement,
        output_loading_info=True,
        **storage.arguments,
    )
    _refuse_gaps(folder, report)
    return model if placement else model.to(device)


def _placement(device: torch.device, is_made_here: bool) -> Any:
    """Return a device map that puts weights where they belong at once, None where they are read.

    A GPU named by number is used alone; otherwise a model is spread over all GPUs it needs.
    """
    if device.type != "cuda":
        # Left to themselves, libraries that quantise would look for a GPU.
        return {"": device} if is_made_here else None
    named = ":" in str(device)
    return {"": device} if named or torch.cuda.device_count() == 1 else "auto"


def _refuse_gaps(folder: Path, report: Mapping[str, Any]) -> None:
    """Refuse a model some of whose weights are in no file: they would be random numbers."""
    missing = sorted(report.get("missing_keys") or ())
    if missing:
        raise _unreadable(folder, f"{len(missing)} are missing, for example {missing[0]}")


def _refuse_offloaded(model: Any) -> None:
    """Refuse a model that did not fit: from main memory or disk a step would take minutes."""
    places = getattr(model, "hf_device_map", None) or {}
    if model.device.type == "cuda" and any(str(place) in ELSEWHERE for place in places.values()):
        raise torch.OutOfMemoryError("the GPUs together are too small")


def _unreadable(folder: Path, why: str, cure: str = AGAIN) -> ModelError:
    return ModelError(f"The weights in {folder} cannot be read ({why}); {cure}.")


def first_line(error: BaseException) -> str:
    """Return the first line of an error's text, or its kind if it has none."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
