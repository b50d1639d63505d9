"""How weights are stored in memory: what ``--quantize`` asks for and what a published format needs.

Responsible for the arguments that make transformers load a checkpoint in a format, for refusing
what cannot be (in a sentence, before anything is read), and for saying when a format had to be
given up. Reads no weights.

Only the matrices of the text layers are quantised here; the vision tower and the head stay in bf16.

What was really run (transformers 5.23, torch 2.13, small models on a CPU): int8 and nf4 with
bitsandbytes 0.50.2; fp8 with torchao 0.18.0, of a mixture of experts too; checkpoints in AWQ and
GPTQ (gptqmodel 7.7.0, which says that it wants torch 2.14.1), and in fine-grained FP8 and
compressed-tensors FP8 and packed 4 bits (0.20.0), which a CPU expands to bf16. Not run, for want of
a GPU: int4, and FP8 that stays FP8.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Any

import torch

from agent.models.qwen3_vl.silence import quietly
from environments.errors import ConfigError

NONE = "none"
KEPT = ("model.visual", "lm_head")
"""Modules that stay as they are: small beside the rest, and the first to lose accuracy."""

PROJECTIONS = r"re:model\.language_model\.layers\..*\.(self_attn|mlp)\..*_proj.*"
"""torchao's name for the matrices of the text layers, those of experts included; not the router."""

EXPERTS = "experts_implementation"
"""transformers' argument for how experts are run."""

GROUP = 128
"""Weights that share one scale in int4."""

INT4_CAPABILITY = (8, 0)
"""torchao's packed int4 needs this compute capability (int4_tile_packed_to_4d_tensor.py)."""

FP8_CAPABILITY = (8, 9)
"""FP8 products need this compute capability (transformers' quantizer_finegrained_fp8.py)."""


@dataclass(frozen=True, slots=True)
class Package:
    """A package that a format needs: the module to look for and what to give pip."""

    module: str
    pip: str


BITSANDBYTES = Package("bitsandbytes", "bitsandbytes>=0.49")
TORCHAO = Package("torchao", "torchao>=0.15")
GPTQMODEL = Package("gptqmodel", "gptqmodel>=1.4.3")
CHOICES: Mapping[str, Package] = {
    "int8": BITSANDBYTES,
    "nf4": BITSANDBYTES,
    "fp8": TORCHAO,
    "int4": TORCHAO,
}
PUBLISHED: Mapping[str, tuple[Package, ...]] = {
    "bitsandbytes": (BITSANDBYTES,),
    "torchao": (TORCHAO,),
    "compressed-tensors": (Package("compressed_tensors", "compressed-tensors>=0.15"),),
    "awq": (GPTQMODEL,),
    "gptq": (Package("optimum", "optimum>=1.24"), GPTQMODEL),
    "auto-round": (Package("auto_round", "auto-round"),),
}
"""Packages by ``quant_method``, with the least versions that transformers 5.23 takes."""


@dataclass(frozen=True, slots=True)
class Storage:
    """How a checkpoint is to be stored.

    Attributes:
        arguments: for transformers' ``from_pretrained``.
        changes: to the ``quantization_config`` that the checkpoint brings.
        dtype: number format of what is not quantised; None leaves it to the caller.
        notices: sentences for the person about what had to be given up.
    """

    arguments: Mapping[str, Any] = field(default_factory=dict)
    changes: Mapping[str, Any] = field(default_factory=dict)
    dtype: torch.dtype | None = None
    notices: tuple[str, ...] = ()


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


def method_of(settings: Mapping[str, Any]) -> str:
    """Return the name of the method with which a published checkpoint was quantised."""
    return str(settings.get("quant_method") or "bitsandbytes").lower()


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


def require(package: Package, what: str) -> None:
    """See that a package is there.

    Raises:
        ConfigError: it is not; the sentence holds the command that installs it.
    """
    if find_spec(package.module) is None:
        raise ConfigError(
            f"{what} needs a package that is not installed: pip install '{package.pip}'"
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
