"""Keys and values of one session, in buffers that are made once.

Responsible for the rows: writing, leaving out and copying. Nothing is concatenated; a crop is a
change of length. Knows no tokens.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor


class KeyValues:
    """One row of keys and one of values per token and layer.

    Attributes:
        keys, values: per layer (heads, capacity, head_dim); rows from ``length`` on are noise.
        capacity: rows there is room for.
        length: rows that count.
        recorded: what was recorded on these buffers and goes when they go.
    """

    def __init__(self, text: Any, capacity: int) -> None:
        """Make the buffers on the device and in the number format of each layer."""
        config = text.config
        shape = (config.num_key_value_heads, capacity, config.head_dim)
        like = [layer.input_layernorm.weight for layer in text.layers]
        self.keys = [torch.empty(shape, dtype=w.dtype, device=w.device) for w in like]
        self.values = [torch.empty(shape, dtype=w.dtype, device=w.device) for w in like]
        self.capacity = capacity
        self.length = 0
        self.recorded: object = None

    def write(self, layer: int, keys: Tensor, values: Tensor) -> None:
        """Put (heads, n, head_dim) behind the rows that count; ``length`` is the caller's."""
        rows = slice(self.length, self.length + keys.shape[1])
        self.keys[layer][:, rows] = keys
        self.values[layer][:, rows] = values

    def crop(self, length: int) -> None:
        """Forget the rows from ``length`` on."""
        self.length = min(self.length, length)

    def copy_from(self, other: KeyValues) -> None:
        """Take over another session's rows."""
        for mine, theirs in zip(self._buffers(), other._buffers(), strict=True):
            mine[:, : other.length] = theirs[:, : other.length]
        self.length = other.length

    def remove(self, start: int, end: int) -> None:
        """Leave out the rows from ``start`` to before ``end``; later ones move down, unchanged."""
        left = self.length - end
        for buffer in self._buffers():
            buffer[:, start : start + left] = buffer[:, end : self.length].clone()
        self.length -= end - start

    def _buffers(self) -> Sequence[Tensor]:
        return (*self.keys, *self.values)


def rows_by_device(text: Any) -> dict[torch.device, int]:
    """Return what one token takes on each device, in bytes."""
    config, taken = text.config, Counter[torch.device]()
    width = config.num_key_value_heads * config.head_dim
    for layer in text.layers:
        weight = layer.input_layernorm.weight
        taken[weight.device] += 2 * width * weight.element_size()
    return dict(taken)
