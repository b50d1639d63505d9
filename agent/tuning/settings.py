"""What a person can say about teaching a checkpoint.

Responsible for the values, their defaults and which of them make no sense together. Imports nothing
heavy.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from environments.errors import ConfigError

Method = Literal["lora", "qlora", "full"]
RATES: dict[Method, float] = {"lora": 2e-4, "qlora": 2e-4, "full": 1e-5}
"""Learning rates that are usual for models of billions of weights."""

SMALL_RATES: dict[Method, float] = {"lora": 5e-4, "qlora": 5e-4, "full": 3e-4}
"""The same for the embedded checkpoint, of millions.

On the application of the bar ``lora-application``, four to ten rounds over its 50 runs: 0.86 to
0.92 of 50 tasks with 3e-4 to 1e-3; with 3e-3 it points worse (0.66 and 0.82 after three and four).
"""


@dataclass(frozen=True, slots=True)
class Settings:
    """How a checkpoint is taught.

    Attributes:
        method: which weights move: LoRA beside those of the base, the same beside a base of 4 bits,
            or all of them.
        vision: the vision tower learns too, not only the language model.
        rank: of LoRA; its products are scaled by 2.
        dropout: share of LoRA's inputs that is left out at random.
        rate: peak of the learning rate.
        epochs: how often each lesson is learnt.
        batch: lessons that a step of the optimizer adds up.
        held_out: share of the runs that is not learnt from but examined.
        seed: of all chance.
        most_tokens: tokens that a prompt may have.
        bf16: products are computed in bfloat16.
    """

    method: Method = "lora"
    vision: bool = False
    rank: int = 16
    dropout: float = 0.0
    rate: float = 2e-4
    epochs: int = 3
    batch: int = 8
    held_out: float = 0.1
    seed: int = 0
    most_tokens: int = 32_768
    bf16: bool = False


def usual_rate(method: Method, *, is_small: bool) -> float:
    """Return the learning rate to use where a person names none."""
    return (SMALL_RATES if is_small else RATES)[method]


def method_of(full: bool, qlora: bool) -> Method:
    """Return the method that two options name.

    Raises:
        ConfigError: both are given.
    """
    if full and qlora:
        raise ConfigError("--full moves all weights, --qlora keeps them in 4 bits; name one.")
    return "full" if full else "qlora" if qlora else "lora"
