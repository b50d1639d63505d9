"""The vision tower: patches in, visual tokens and DeepStack taps out.

Responsible for running the tower once per picture, and for a patch embedding that is a matrix
product: the Conv3d of transformers has its kernel as its stride, so it is one, but takes up to
thousands of times longer (pytorch issue 174051, transformers issue 45750).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from agent.models.qwen3_vl.images import Patches


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """What the tower makes of one picture.

    Attributes:
        tokens: (n, hidden) embeddings that take the place of the picture's pads.
        taps: one (n, hidden) tensor per early layer of the language model, added after it.
    """

    tokens: Tensor
    taps: tuple[Tensor, ...]


class LinearPatchEmbed(nn.Module):
    """The patch embedding as one matrix product over the same weights; nothing is copied."""

    def __init__(self, convolution: nn.Conv3d) -> None:
        super().__init__()
        flat = convolution.weight.detach().reshape(convolution.out_channels, -1)
        self.weight = nn.Parameter(flat, requires_grad=False)
        self.bias = convolution.bias

    def forward(self, patches: Tensor) -> Tensor:
        """Return (n, embed) for (n, channels * time * patch * patch)."""
        return functional.linear(patches.to(self.weight.dtype), self.weight, self.bias)


def use_linear_patches(model: Any) -> None:
    """Replace the tower's patch embedding; a checkpoint without a Conv3d there is left alone."""
    convolution = getattr(model.model.visual.patch_embed, "proj", None)
    if isinstance(convolution, nn.Conv3d):
        model.model.visual.patch_embed = LinearPatchEmbed(convolution)


def see(model: Any, patches: Patches) -> Seen:
    """Run the tower on one picture."""
    visual = model.model.visual
    grid = torch.tensor([[1, patches.rows, patches.columns]], device=visual.device)
    values = torch.from_numpy(patches.values).to(visual.device, visual.dtype)
    out = visual(values, grid_thw=grid, return_dict=True)
    return Seen(out.pooler_output, tuple(out.deepstack_features))
