"""What ``--quantize`` asks for: weights put into fewer bits while they are loaded.

Responsible for the settings of each format and for refusing what cannot be, in a sentence, before
anything is read. Reads no weights; ``storage`` says what of this was really run.

Only the matrices of the text layers are quantised here; the vision tower and the head stay in bf16.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

import torch

from agent.models.qwen3_vl.published import fp8_kernels_problem, method_of, published
from agent.models.qwen3_vl.silence import quietly
from agent.models.qwen3_vl.storage import BITSANDBYTES, KEPT, TORCHAO, Package, Storage, require
from environments.errors import ConfigError

NONE = "none"
PROJECTIONS = r"re:model\.language_model\.layers\..*\.(self_attn|mlp)\..*_proj.*"
"""torchao's name for the matrices of the text layers, those of experts included; not the router."""

EXPERTS = "experts_implementation"
"""transformers' argument for how experts are run."""

GROUP = 128
"""Weights that share one scale in int4."""

INT4_CAPABILITY = (8, 0)
"""torchao's packed int4 needs this compute capability (int4_tile_packed_to_4d_tensor.py)."""

CHOICES: Mapping[str, Package] = {
    "int8": BITSANDBYTES,
    "nf4": BITSANDBYTES,
    "fp8": TORCHAO,
    "int4": TORCHAO,
}


def storage_of(config: Mapping[str, Any], choice: str, device: torch.device) -> Storage:
    """Return how to store a checkpoint on a device.

    Args:
        config: its ``config.json``.
        choice: "none" or one of ``CHOICES``.
        device: where it is to be.

    Raises:
        ConfigError: that cannot be, or a package is missing.
    """
    capability = torch.cuda.get_device_capability(device) if device.type == "cuda" else None
    own = config.get("quantization_config")
    if choice == NONE:
        return published(own, capability, fp8_kernels_problem) if own else Storage()
    if own:
        raise ConfigError(
            f"This checkpoint is quantised already ({method_of(own)}); leave --quantize out."
        )
    return made_here(choice, config["model_type"] == "qwen3_vl_moe", capability)


def made_here(choice: str, has_experts: bool, capability: tuple[int, int] | None) -> Storage:
    """Return how to quantise while loading.

    Args:
        choice: one of ``CHOICES``.
        has_experts: it is a mixture of experts.
        capability: of the GPU, None on a CPU.

    Raises:
        ConfigError: it cannot be done here.
    """
    if choice not in CHOICES:
        raise ConfigError(f"--quantize takes {NONE}, {', '.join(CHOICES)}, not {choice!r}.")
    _refuse(choice, has_experts, capability)
    require(CHOICES[choice], f"--quantize {choice}")
    with quietly():
        arguments = {"quantization_config": _settings(choice)}
    if choice == "int8":
        # It tells at every product that bf16 is cast to float16.
        logging.getLogger("bitsandbytes").setLevel(logging.ERROR)
    if has_experts:
        # The other ways to run experts expand all of them for every token.
        arguments[EXPERTS] = "eager"
    return Storage(arguments, dtype=torch.bfloat16)


def _refuse(choice: str, has_experts: bool, capability: tuple[int, int] | None) -> None:
    if has_experts and CHOICES[choice] is BITSANDBYTES:
        raise ConfigError(
            f"--quantize {choice} does not reach the weights of experts, which are nearly all of "
            "this model; use --quantize fp8 or int4, or name a checkpoint published in FP8."
        )
    if choice == "int4" and (capability is None or capability < INT4_CAPABILITY):
        raise ConfigError(
            "--quantize int4 needs an NVIDIA GPU of compute capability 8.0 or newer; "
            "use --quantize nf4 here."
        )


def _settings(choice: str) -> Any:
    from transformers import BitsAndBytesConfig as Untyped

    bits: Any = Untyped
    if choice == "int8":
        return bits(load_in_8bit=True, llm_int8_skip_modules=list(KEPT))
    if choice == "nf4":
        return bits(
            load_in_4bit=True,
            bnb_4bit_quant_type="nf4",
            bnb_4bit_compute_dtype=torch.bfloat16,
            llm_int8_skip_modules=list(KEPT),
        )
    return _torchao_settings(choice)


def _torchao_settings(choice: str) -> Any:
    """Return settings that name the matrices: by class alone the experts would be left out."""
    from torchao import quantization
    from transformers import TorchAoConfig as Untyped

    ao: Any = Untyped
    form: Any
    if choice == "fp8":
        form = quantization.Float8WeightOnlyConfig(set_inductor_config=False)
    else:
        form = quantization.Int4WeightOnlyConfig(
            group_size=GROUP,
            # The format of torch's own kernel; the others need further packages.
            int4_packing_format="tile_packed_to_4d",
            set_inductor_config=False,
        )
    return ao(quantization.FqnToConfig({PROJECTIONS: form}), modules_to_not_convert=list(KEPT))


def split_experts(model: Any) -> None:
    """Make of each stack of quantised experts a list, one matrix an expert, in the same memory.

    torchao's tensors cannot be taken apart any more in torch's inference mode.
    """
    for layer in model.model.language_model.layers:
        experts: Any = getattr(layer.mlp, "experts", None)
        for name in list(experts._parameters) if experts else ():
            stack = experts._parameters.pop(name)
            setattr(experts, name, [stack[number] for number in range(len(stack))])
