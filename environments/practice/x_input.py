"""SDL's input events as events of the practice world.

Responsible for points (from a window's to the screen's) and for keys (from SDL's names to the
world's). Characters come from SDL's text events, as a program would take them, so that Shift and
foreign layouts have done their work; everything else comes from key events.
"""

from __future__ import annotations

from typing import Any

from environments.desktop.keys import KEY_NAMES
from environments.practice.world import World
from environments.practice.x_windows import XWindows

_BUTTONS = {1: "left", 2: "middle", 3: "right"}


class XInput:
    """What reaches the windows, one event at a time.

    Attributes:
        log: every press, release, turn of the wheel, key and text that came, in order; no motion.
    """

    def __init__(self, windows: XWindows) -> None:
        self._windows = windows
        self._down: dict[int, str] = {}
        self.log: list[tuple[str, ...]] = []

    def feed(self, event: Any, world: World, time_s: float) -> None:
        """Hand one SDL event to the world; ``time_s`` tells double clicks."""
        import pygame

        self._note(event)
        match event.type:
            case pygame.MOUSEMOTION | pygame.MOUSEBUTTONDOWN | pygame.MOUSEWHEEL:
                self._point(event, world, time_s)
            case pygame.MOUSEBUTTONUP:
                world.release()
            case pygame.KEYDOWN:
                self._key_down(event, world)
            case pygame.KEYUP if event.key in self._down:
                world.key_up(self._down.pop(event.key))
            case pygame.TEXTINPUT if "ctrl" not in self._down.values():
                for character in event.text:
                    world.key_down(character)
                    world.key_up(character)
            case pygame.WINDOWEXPOSED if event.window:
                event.window.flip()  # The display has lost its pixels.

    def _note(self, event: Any) -> None:
        import pygame

        match event.type:
            case pygame.MOUSEBUTTONDOWN | pygame.MOUSEBUTTONUP if event.button in _BUTTONS:
                what = "press" if event.type == pygame.MOUSEBUTTONDOWN else "release"
                point = self._windows.on_screen(event.window, event.pos) or ("gone",)
                self.log.append((what, _BUTTONS[event.button], *map(str, point)))
            case pygame.MOUSEWHEEL:
                self.log.append(("wheel", str(event.x), str(event.y)))
            case pygame.KEYDOWN | pygame.KEYUP:
                what = "down" if event.type == pygame.KEYDOWN else "up"
                self.log.append((what, key_of(event.key)))
            case pygame.TEXTINPUT:
                self.log.append(("text", event.text))

    def _point(self, event: Any, world: World, time_s: float) -> None:
        import pygame

        point = self._windows.on_screen(event.window, event.pos)
        if point is None:  # A window that has just closed, or SDL's second telling of the wheel.
            return
        if event.type == pygame.MOUSEMOTION:
            world.move(*point)
        elif event.type == pygame.MOUSEWHEEL:
            world.wheel(event.y, *point)
            world.wheel_sideways(event.x, *point)
        elif event.button in _BUTTONS:
            world.press(*point, _BUTTONS[event.button], time_s)

    def _key_down(self, event: Any, world: World) -> None:
        name = key_of(event.key)
        if len(name) == 1 and "ctrl" not in self._down.values():
            return
        self._down[event.key] = name
        world.key_down(name)


def key_of(code: int) -> str:
    """Return the world's name of an SDL key; both keys of a pair have one name."""
    import pygame

    name = pygame.key.name(code)
    if name == "space":
        return " "
    name = name.removeprefix("left ").removeprefix("right ")
    return KEY_NAMES.get(name, name)
