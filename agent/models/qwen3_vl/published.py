"""Checkpoints that were published in fewer bits: nothing is asked of the person.

Responsible for what such a checkpoint's own ``quantization_config`` means here: which package it
needs, whether FP8 can stay FP8, and the sentence where it cannot. Reads no weights.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch

from agent.models.qwen3_vl.storage import BITSANDBYTES, KEPT, TORCHAO, Package, Storage, require

FP8_CAPABILITY = (8, 9)
"""FP8 products need this compute capability (transformers' quantizer_finegrained_fp8.py)."""

GPTQMODEL = Package("gptqmodel", "gptqmodel>=1.4.3")
PUBLISHED: Mapping[str, tuple[Package, ...]] = {
    "bitsandbytes": (BITSANDBYTES,),
    "torchao": (TORCHAO,),
    "compressed-tensors": (Package("compressed_tensors", "compressed-tensors>=0.15"),),
    "awq": (GPTQMODEL,),
    "gptq": (Package("optimum", "optimum>=1.24"), GPTQMODEL),
    "auto-round": (Package("auto_round", "auto-round"),),
}
"""Packages by ``quant_method``, with the least versions that transformers 5.23 takes."""


def method_of(settings: Mapping[str, Any]) -> str:
    """Return the name of the method with which a published checkpoint was quantised."""
    return str(settings.get("quant_method") or "bitsandbytes").lower()


def published(
    settings: Mapping[str, Any],
    capability: tuple[int, int] | None,
    kernels_problem: Callable[[], str],
) -> Storage:
    """Return how to store a checkpoint that was published quantised.

    Args:
        settings: its own ``quantization_config``.
        capability: of the GPU, None on a CPU.
        kernels_problem: says why the kernels of fine-grained FP8 cannot be used, "" if they can.

    Raises:
        ConfigError: a package is missing.
    """
    method = method_of(settings)
    for package in PUBLISHED.get(method, ()):
        require(package, f"A checkpoint in the format {method}")
    if method not in ("fp8", "compressed-tensors"):
        return Storage(changes=_tower_by_its_name(settings), dtype=torch.bfloat16)
    stays, why = _stays_fp8(settings, capability)
    if stays and method == "fp8":
        why = kernels_problem()
        stays = not why
    if stays:
        changes = {} if method == "fp8" else {"use_optimized_inference": True}
        return Storage(changes=changes, dtype=torch.bfloat16)
    notice = f"The weights of this {method} checkpoint are expanded to bf16 in memory: {why}."
    return Storage(changes={"dequantize": True}, dtype=torch.bfloat16, notices=(notice,))


def _tower_by_its_name(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the modules to leave alone, with the vision tower under its name of today.

    Checkpoints call it "visual"; transformers 5 knows only "model.visual" and would look for
    quantised weights of it in vain.
    """
    kept = settings.get("modules_to_not_convert") or []
    if not any("visual" in name for name in kept):
        return {}
    return {"modules_to_not_convert": [*kept, KEPT[0]]}


def _stays_fp8(settings: Mapping[str, Any], capability: tuple[int, int] | None) -> tuple[bool, str]:
    """Return whether weights can stay in FP8, and if not why."""
    if method_of(settings) != "fp8" and not _is_fp8(settings):
        return False, "transformers computes in no compressed-tensors format but FP8"
    if capability is None:
        return False, "a CPU has no FP8 products"
    if capability < FP8_CAPABILITY:
        return False, "this GPU has no FP8 products (compute capability 8.9 or newer has)"
    return True, ""


def _is_fp8(settings: Mapping[str, Any]) -> bool:
    """Return whether every group of a compressed-tensors checkpoint holds 8-bit floats."""
    groups = settings.get("config_groups") or {}
    weights = [(group or {}).get("weights") or {} for group in groups.values()]
    kinds = {(one.get("type"), one.get("num_bits")) for one in weights}
    return kinds == {("float", 8)}


def fp8_kernels_problem() -> str:
    """Return why the kernels of fine-grained FP8 cannot be used here, "" if they can."""
    from transformers.integrations import finegrained_fp8 as untyped
    from transformers.utils import import_utils

    if not import_utils.is_kernels_available():
        version = getattr(import_utils, "KERNELS_MIN_VERSION", "")
        pin = f"=={version}" if version else ""
        return f"their kernels are not installed, pip install 'kernels{pin}'"
    load = getattr(untyped, "load_finegrained_fp8_kernel", None)
    try:
        if load:
            load()
    except (ImportError, OSError, ValueError) as error:
        return f"their kernels cannot be fetched ({str(error).splitlines()[0].rstrip('.')})"
    return ""
