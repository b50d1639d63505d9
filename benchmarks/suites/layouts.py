"""Sixty arrangements of monitors, and where each platform shows what.

Responsible for the layouts, in the words of their platform, and for a truth of its own: which
pixels of which monitor lie under a pointer position. It shares no code with the converter.

    X11      as ``xrandr --listmonitors`` has it: WIDTHxHEIGHT+X+Y in pixels of the root
    Windows  left,top,right,bottom in pixels of the virtual screen (MONITORINFO.rcMonitor), and the
             scale factor in per cent, which must not matter
    macOS    x,y,width,height in points (CGDisplayBounds), and pixels to a point

All are written by hand after usual hardware; none was recorded on a machine.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from environments.desktop.monitors import (
    Monitor,
    macos_monitor,
    monitor_at,
    windows_monitor,
    x11_monitor,
)
from environments.geometry import GridPoint, ImagePoint, InputPoint, Screen

GRID = 1000
Platform = Literal["x11", "windows", "macos"]

_X11 = """
1920x1080+0+0 1920x1080+1920+0
1920x1080+0+0 2560x1440+1920+0
1366x768+0+312 1920x1080+1366+0
1920x1200+0+0 1200x1920+1920+0
3840x2160+0+0 1920x1080+3840+1080
1920x1080+0+1080 1920x1080+0+0
2560x1440+1080+240 1080x1920+0+0
3840x2400+0+0 3840x2160+3840+0
1280x800+320+1080 1920x1080+0+0
2400x1350+0+0 1920x1080+2400+0
3440x1440+0+0 1920x1080+3440+360
5120x1440+0+0 1280x1024+5120+416
1920x1080+0+0 1920x1080+1920+0 1920x1080+3840+0
1920x1080+0+360 2560x1440+1920+0 1920x1080+4480+360
1080x1920+0+0 2560x1440+1080+240 1080x1920+3640+0
1920x1080+1920+0 1920x1080+0+1080 1920x1080+1920+1080
3840x2160+0+0 2560x1440+3840+0 1920x1200+6400+0
1280x1024+0+56 1280x1024+1280+56 1920x1080+2560+0
2880x1800+0+0 2160x3840+2880+0 1024x768+5040+0
640x480+0+0 800x600+640+0 1024x768+1440+0
"""

_WINDOWS = """
0,0,1920,1080@100 1920,0,3840,1080@100
0,0,1920,1080@125 -1920,0,0,1080@100
0,0,2560,1440@150 -1080,-240,0,1680@100
0,0,3840,2160@200 3840,540,5760,1620@100
0,0,1366,768@100 0,-1080,1920,0@100
0,0,1920,1200@125 -2560,-120,0,1320@150
0,0,2256,1504@150 2256,0,4176,1080@100
0,0,2880,1800@200 -1920,360,0,1440@125
0,0,1920,1080@175 -240,1080,1680,2160@100
0,0,3440,1440@100 760,-1080,2680,0@100
0,0,3840,2160@150 -2160,-840,0,3000@150
0,0,3000,2000@200 3000,-160,6840,2000@175
0,0,1920,1080@100 -1920,0,0,1080@100 1920,0,3840,1080@100
0,0,2560,1440@125 -1920,200,0,1280@100 2560,200,4480,1280@150
0,0,1920,1080@150 -1080,-420,0,1500@100 1920,-420,3000,1500@100
0,0,3840,2160@200 -2560,360,0,1800@125 3840,0,5040,1920@100
0,0,1920,1080@100 0,-1440,2560,0@125 -1280,56,0,1080@100
0,0,1600,900@125 1600,-300,3280,750@100 -1440,0,0,900@175
0,0,2736,1824@200 -1920,-1080,0,0@100 2736,1824,4656,2904@100
0,0,1280,720@100 -3840,-2160,0,0@200 1280,720,3840,2160@150
"""

_MACOS = """
0,0,1440,900@2 1440,0,1920,1080@1
0,0,1512,982@2 -1920,-98,1920,1080@1
0,0,1728,1117@2 1728,0,2560,1440@2
0,0,1792,1120@2 -64,-1080,1920,1080@1
0,0,1470,956@2 -1080,-400,1080,1920@1
0,0,1280,800@2 -2560,-640,2560,1440@1
0,0,2560,1440@2 2560,180,1920,1080@2
0,0,1920,1080@1 -1440,180,1440,900@2
0,0,1680,1050@2 1680,-30,1920,1080@1.5
0,0,2240,1260@2 -1200,0,1200,1920@1
0,0,3008,1692@2 3008,710,1512,982@2
0,0,1440,900@1 -1680,-150,1680,1050@1
0,0,1512,982@2 -1920,0,1920,1080@1 1512,0,1920,1080@1
0,0,1728,1117@2 -2560,-323,2560,1440@2 1728,-323,2560,1440@2
0,0,1440,900@2 -1080,-510,1080,1920@2 1440,-180,1920,1080@1
0,0,2560,1440@2 -1512,458,1512,982@2 2560,0,1080,1920@1
0,0,1920,1200@1.25 -1280,0,1280,800@2 1920,0,2560,1600@1
0,0,1710,1107@2 -105,-1080,1920,1080@1 1710,27,1920,1080@2
0,0,1352,878@2 1352,-202,1920,1080@2 -1352,878,1352,878@1
0,0,3200,1800@1.75 -1024,-768,1024,768@1 3200,1800,1280,720@2
"""


@dataclass(frozen=True, slots=True)
class Placed:
    """One monitor in the numbers of its platform: place and size there, pixels to a unit."""

    left: Fraction
    top: Fraction
    width: Fraction
    height: Fraction
    pixels: Fraction

    def holds(self, point: InputPoint) -> bool:
        """Tell whether a pointer position lies on it."""
        across, down = point.x - self.left, point.y - self.top
        return 0 <= across < self.width and 0 <= down < self.height

    def shown_at(self, point: InputPoint) -> tuple[tuple[Fraction, Fraction], ...]:
        """Return from which to which pixel it shows something there, across and down."""
        across, down = point.x - self.left, point.y - self.top
        return tuple((place * self.pixels, (place + 1) * self.pixels) for place in (across, down))


@dataclass(frozen=True, slots=True)
class Layout:
    """Monitors side by side: as the platform has them, and as Deskhand takes them."""

    name: str
    placed: tuple[Placed, ...]
    monitors: tuple[Monitor, ...]


@dataclass(frozen=True, slots=True)
class Aim:
    """A point of the model's grid in a picture: one monitor, or a part of it."""

    monitor: int
    screen: Screen
    crop: ImagePoint
    point: GridPoint


def layouts() -> tuple[Layout, ...]:
    """Return all sixty."""
    texts: Sequence[tuple[Platform, str]] = (
        ("x11", _X11),
        ("windows", _WINDOWS),
        ("macos", _MACOS),
    )
    return tuple(
        _layout(f"{platform}-{number:02}", platform, line.split())
        for platform, text in texts
        for number, line in enumerate(text.split("\n")[1:-1], 1)
    )


def aims(layout: Layout, count: int, seed: str) -> Iterator[Aim]:
    """Yield points to aim at: corners of every monitor first, then anywhere, also in windows."""
    chance = random.Random(seed)
    for index, monitor in enumerate(layout.monitors):
        for x in (0, GRID):
            for y in (0, GRID):
                yield Aim(index, monitor.screen, ImagePoint(0, 0), GridPoint(x, y))
                count -= 1
    for _ in range(count):
        index = chance.randrange(len(layout.monitors))
        whole = layout.monitors[index].screen
        screen, crop = _window(whole, chance) if chance.random() < 1 / 2 else (whole, (0, 0))
        point = GridPoint(chance.randint(0, GRID), chance.randint(0, GRID))
        yield Aim(index, screen, ImagePoint(*crop), point)


def missed(layout: Layout, aim: Aim) -> str:
    """Return by what a click would miss, empty if it would not.

    The wanted place is exact, not rounded; the click may be half a grid step away from it, or half
    a pixel where the picture has fewer pixels than the grid has steps.
    """
    point = aim.screen.to_input(aim.screen.to_image(aim.point, GRID))
    holders = [index for index, placed in enumerate(layout.placed) if placed.holds(point)]
    if holders != [aim.monitor]:
        return f"{aim} goes to {point}, on monitors {holders}"
    if monitor_at(layout.monitors, point) is not layout.monitors[aim.monitor]:
        return f"{aim} goes to {point}, taken for another monitor"
    shown = layout.placed[aim.monitor].shown_at(point)
    sides = (aim.screen.width_px, aim.screen.height_px)
    values, offset = (aim.point.x, aim.point.y), (aim.crop.x, aim.crop.y)
    for (first, end), side, value, cut in zip(shown, sides, values, offset, strict=True):
        wanted, step = cut + Fraction(round(value) * side, GRID), Fraction(side, GRID)
        if max(first - wanted, wanted - end, Fraction(0)) > max(step, Fraction(1)) / 2:
            return f"{aim} goes to {point}, which shows pixels {float(first)} to {float(end)}"
    return ""


def _window(whole: Screen, chance: random.Random) -> tuple[Screen, tuple[int, int]]:
    width, height = chance.randint(40, whole.width_px), chance.randint(40, whole.height_px)
    at = (chance.randint(-30, whole.width_px - 40), chance.randint(-30, whole.height_px - 40))
    # What stands out on the left or above is cut off, so the picture begins at the edge.
    return whole.crop(ImagePoint(*at), width, height), (max(at[0], 0), max(at[1], 0))


def _layout(name: str, platform: Platform, words: list[str]) -> Layout:
    read = {"x11": _x11, "windows": _windows, "macos": _macos}[platform]
    pairs = [read(f"{platform}-{number}", word) for number, word in enumerate(words, 1)]
    return Layout(name, tuple(p for p, _ in pairs), tuple(m for _, m in pairs))


def _x11(name: str, word: str) -> tuple[Placed, Monitor]:
    size, x, y = word.split("+")
    width, height = map(int, size.split("x"))
    placed = _placed(int(x), int(y), width, height)
    return placed, x11_monitor(name, (int(x), int(y)), (width, height))


def _windows(name: str, word: str) -> tuple[Placed, Monitor]:
    left, top, right, bottom = map(int, word.partition("@")[0].split(","))
    placed = _placed(left, top, right - left, bottom - top)
    return placed, windows_monitor(name, (left, top, right, bottom))


def _macos(name: str, word: str) -> tuple[Placed, Monitor]:
    bounds, _, scale = word.partition("@")
    x, y, width, height = map(int, bounds.split(","))
    placed = _placed(x, y, width, height, scale)
    return placed, macos_monitor(name, (x, y, width, height), round(width * float(scale)))


def _placed(left: int, top: int, width: int, height: int, pixels: str = "1") -> Placed:
    x, y, wide, high = map(Fraction, (left, top, width, height))
    return Placed(x, y, wide, high, Fraction(pixels))
