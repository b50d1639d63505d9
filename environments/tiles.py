"""Where two frames differ, by tiles.

Responsible for comparing pictures cheaply and for saying in which squares of the screen they
differ. Knows nothing of time and does not judge what a difference means.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import xxhash
from numpy.typing import NDArray

from environments.base import COLOUR_BITS, Frame, captured_words

TILE_PX = 32
"""Side of a tile; those at the right and lower edge may be smaller."""

Tiles = NDArray[np.bool_]
"""(rows, columns): one truth for each tile of a frame."""


def tiles_of(frame: Frame) -> tuple[int, int]:
    """Return how many rows and columns of tiles a frame has."""
    height, width = frame.shape[:2]
    return -(-height // TILE_PX), -(-width // TILE_PX)


def no_tiles(frame: Frame) -> Tiles:
    """Return the map of a frame with nothing in it."""
    return np.zeros(tiles_of(frame), np.bool_)


def changed_tiles(before: Frame, after: Frame) -> Tiles:
    """Return which tiles of ``after`` differ from ``before``; all, if the sizes differ."""
    if before.shape != after.shape:
        return np.ones(tiles_of(after), np.bool_)
    changed = no_tiles(after)
    if before is after:
        return changed
    words = captured_words(before), captured_words(after)
    columns = np.arange(0, after.shape[1], TILE_PX)
    for row in range(len(changed)):
        band = slice(row * TILE_PX, (row + 1) * TILE_PX)
        if words[0] is None or words[1] is None:
            differing = (before[band] != after[band]).any(axis=(0, 2))
        else:
            # X leaves a pixel's fourth byte undefined: equal words are equal, others may be.
            if np.array_equal(words[0][band], words[1][band]):
                continue
            differing = np.bitwise_or.reduce(words[0][band] ^ words[1][band], axis=0) & COLOUR_BITS
        changed[row] = np.bitwise_or.reduceat(differing, columns) != 0
    return changed


def tile(frame: Frame, row: int, column: int) -> Frame:
    """Return the pixels of one tile, a view."""
    top, left = row * TILE_PX, column * TILE_PX
    return frame[top : top + TILE_PX, left : left + TILE_PX]


def tile_hash(frame: Frame, row: int, column: int) -> int:
    """Return a hash of the pixels of one tile."""
    return xxhash.xxh3_64_intdigest(np.ascontiguousarray(tile(frame, row, column)).data)


def area_of(tiles: Tiles) -> float:
    """Return the share of the screen that the tiles make up."""
    return float(tiles.mean()) if tiles.size else 0.0


def near(tiles: Tiles, x_px: int, y_px: int, within_px: int) -> Tiles:
    """Return those tiles of which a pixel lies within a square around a pixel of the frame."""
    kept = np.zeros_like(tiles)
    rows = slice(max(0, (y_px - within_px) // TILE_PX), max(0, (y_px + within_px) // TILE_PX + 1))
    columns = slice(
        max(0, (x_px - within_px) // TILE_PX), max(0, (x_px + within_px) // TILE_PX + 1)
    )
    kept[rows, columns] = tiles[rows, columns]
    return kept


def within(frame: Frame, box: tuple[int, int, int, int]) -> Tiles:
    """Return the tiles that a box (left, top, width, height in pixels) touches."""
    left, top, width, height = box
    tiles = no_tiles(frame)
    if width > 0 and height > 0 and left + width > 0 and top + height > 0:
        rows = slice(max(0, top) // TILE_PX, (top + height - 1) // TILE_PX + 1)
        tiles[rows, max(0, left) // TILE_PX : (left + width - 1) // TILE_PX + 1] = True
    return tiles


def places(tiles: Tiles) -> Iterable[tuple[int, int]]:
    """Return row and column of each tile that is set."""
    return ((int(row), int(column)) for row, column in np.argwhere(tiles))


def bounding_box(tiles: Tiles) -> tuple[int, int, int, int] | None:
    """Return left, top, right and bottom of the tiles in pixels; None if none is set."""
    found = np.argwhere(tiles)
    if not len(found):
        return None
    (top, left), (bottom, right) = found.min(axis=0), found.max(axis=0) + 1
    return tuple(int(side) * TILE_PX for side in (left, top, right, bottom))  # type: ignore[return-value]


def grown(tiles: Tiles) -> Tiles:
    """Return the tiles and their neighbours."""
    grown = tiles.copy()
    grown[1:] |= tiles[:-1]
    grown[:-1] |= tiles[1:]
    across = grown.copy()
    grown[:, 1:] |= across[:, :-1]
    grown[:, :-1] |= across[:, 1:]
    return grown
