"""The vision tower: patches in, visual tokens and DeepStack taps out, each picture once.

Responsible for running the tower, for remembering what it made of the last pictures, and for a
patch embedding that is a matrix product: the Conv3d of transformers has its kernel as its stride,
so it is one, but takes up to thousands of times longer (pytorch issue 174051, transformers issue
45750). A still picture is the same at both times of a patch, so the kernel's two slices are added
once instead of being fed the same pixels twice (vLLM pull request 44787).
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from agent.models.qwen3_vl.images import Patches

MEMORY_BYTES = 1 << 29
"""What the tower's results may take unless said otherwise: eight screens of 1080p for the 8B."""


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """What the tower makes of one picture.

    Attributes:
        tokens: (n, hidden) embeddings that take the place of the picture's pads.
        taps: one (n, hidden) tensor per early layer of the language model, added after it.
    """

    tokens: Tensor
    taps: tuple[Tensor, ...]

    @property
    def nbytes(self) -> int:
        """Memory that this holds."""
        return self.tokens.nbytes + sum(tap.nbytes for tap in self.taps)


class Sights:
    """What the tower made of the pictures used last, bounded in bytes."""

    def __init__(self, most_bytes: int = MEMORY_BYTES) -> None:
        """Hold at most so much; the newest picture is held whatever it takes."""
        self._most_bytes = most_bytes
        self._held: OrderedDict[object, Seen] = OrderedDict()

    def get(self, key: object, see_it: Callable[[], Seen]) -> Seen:
        """Return what is known of a picture, looking at it if nothing is."""
        if key not in self._held:
            self._held[key] = see_it()
            self._shrink()
        self._held.move_to_end(key)
        return self._held[key]

    def __contains__(self, key: object) -> bool:
        return key in self._held

    def forget(self) -> None:
        """Give all of it back."""
        self._held.clear()

    def _shrink(self) -> None:
        while len(self._held) > 1 and sum(s.nbytes for s in self._held.values()) > self._most_bytes:
            self._held.popitem(last=False)


class LinearPatchEmbed(nn.Module):
    """The patch embedding as one matrix product over the convolution's weights.

    Takes (n, channels * patch * patch), the pixels of a still picture once, or (n, channels * time
    * patch * patch), as transformers' own processors give them.
    """

    def __init__(self, convolution: nn.Conv3d) -> None:
        super().__init__()
        kernel = convolution.weight.detach()
        self.weight = nn.Parameter(kernel.flatten(1), requires_grad=False)
        still = kernel.float().sum(2).to(kernel.dtype).flatten(1)
        self.still = nn.Parameter(still, requires_grad=False)
        self.bias = convolution.bias

    def forward(self, patches: Tensor) -> Tensor:
        """Return (n, embed)."""
        weight = self.still if patches.shape[1] == self.still.shape[1] else self.weight
        return functional.linear(patches.to(weight.dtype), weight, self.bias)


def use_linear_patches(model: Any) -> None:
    """Replace the tower's patch embedding; a checkpoint without a Conv3d there is left alone."""
    convolution = getattr(model.model.visual.patch_embed, "proj", None)
    if isinstance(convolution, nn.Conv3d):
        model.model.visual.patch_embed = LinearPatchEmbed(convolution)


def see(model: Any, patches: Patches) -> Seen:
    """Run the tower on one picture."""
    visual = model.model.visual
    values = torch.as_tensor(patches.values).to(visual.device, visual.dtype)
    grid = torch.tensor([[1, patches.rows, patches.columns]], device=visual.device)
    # The layers read these lengths on the host; kept there, they cost no wait for the GPU.
    ends = torch.tensor([0, patches.rows * patches.columns], dtype=torch.int32)
    out = visual(values, grid_thw=grid, cu_seqlens=ends, return_dict=True)
    return Seen(out.pooler_output, tuple(out.deepstack_features))
