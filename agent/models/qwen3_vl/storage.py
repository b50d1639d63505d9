"""How the weights of a checkpoint are to be stored in memory, as a value.

Responsible for what formats have in common: the arguments for transformers, what stays in bf16, and
the packages that a format needs. Which format it is, is decided by others.

What was really run (transformers 5.23, torch 2.13, small models on a CPU): int8 and nf4 with
bitsandbytes 0.50.2; fp8 with torchao 0.18.0, of a mixture of experts too; checkpoints in AWQ and
GPTQ (gptqmodel 7.7.0, which says that it wants torch 2.14.1), and in fine-grained FP8 and
compressed-tensors FP8 and packed 4 bits (0.20.0), which a CPU expands to bf16. Not run, for want of
a GPU: int4, and FP8 that stays FP8.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Any

import torch

from environments.errors import ConfigError

KEPT = ("model.visual", "lm_head")
"""Modules that stay as they are: small beside the rest, and the first to lose accuracy."""


@dataclass(frozen=True, slots=True)
class Package:
    """A package that a format needs: the module to look for and what to give pip."""

    module: str
    pip: str


BITSANDBYTES = Package("bitsandbytes", "bitsandbytes>=0.49")
TORCHAO = Package("torchao", "torchao>=0.15")


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


def require(package: Package, what: str) -> None:
    """See that a package is there.

    Raises:
        ConfigError: it is not; the sentence holds the command that installs it.
    """
    if find_spec(package.module) is None:
        raise ConfigError(
            f"{what} needs a package that is not installed: pip install '{package.pip}'"
        )
