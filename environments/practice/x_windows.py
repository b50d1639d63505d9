"""The windows of a practice world as windows of an X display, through SDL 2.

Responsible for places, stacking, focus and pixels: what stands on the X screen is what
``World.draw`` draws. Takes no input and decides nothing; the world stays the only truth.

Why SDL: one self-contained wheel (pygame-ce), real X windows, and no look of its own, so the world
draws every pixel. No window manager runs on this display, so windows are placed and stacked as
asked (override-redirect), and what a manager would do besides is done here: the front window gets
the keyboard and is named in ``_NET_ACTIVE_WINDOW``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from PIL import Image

from environments.practice.world import SCREEN_PX, Window, World

SDL_SETTINGS: Mapping[str, str] = MappingProxyType(
    {
        "SDL_VIDEODRIVER": "x11",
        "SDL_X11_FORCE_OVERRIDE_REDIRECT": "1",
        # Without it SDL swallows the click that follows a change of focus.
        "SDL_MOUSE_FOCUS_CLICKTHROUGH": "1",
        # Plain pixels to the X server, which are there when ``flip`` returns (SDL ends with XSync).
        "SDL_FRAMEBUFFER_ACCELERATION": "0",
        "SDL_VIDEO_ALLOW_SCREENSAVER": "1",
        "SDL_NO_SIGNAL_HANDLERS": "1",
        "PYGAME_HIDE_SUPPORT_PROMPT": "1",
        # No input method between the keys and us, and text in Unicode.
        "XMODIFIERS": "@im=none",
        "LC_ALL": "C.UTF-8",
    }
)
"""The process environment that SDL must find before it starts."""


@dataclass
class _Shown:
    window: Window
    surface: Any
    pixels: bytes = b""


class XWindows:
    """One X window for each window of the world, above one that is the desktop."""

    def __init__(self) -> None:
        """Cover the display that DISPLAY names."""
        import pygame
        from Xlib.display import Display

        pygame.display.init()
        pygame.key.start_text_input()
        self._connection = Display()
        self._bottom = _open_window("Desktop", SCREEN_PX, (0, 0))
        self._stack: list[_Shown] = []
        self._hidden: list[_Shown] = []
        self._drawn: tuple[World, int] | None = None
        self._active = 0

    def show(self, world: World) -> None:
        """Make the screen look like the world; does nothing while the world has not changed."""
        self._bury()
        if self._drawn == (world, world.version):
            return
        if self._drawn is None or self._drawn[0] is not world:
            self._bottom.get_surface().fill(world.look.desktop)
            self._bottom.flip()
        restacked = self._restack(world.windows)
        for shown in self._stack:
            _paint(shown, shown.window.draw(world.look, shown.window is world.front), restacked)
        if restacked:
            self._bottom.flip()
        self._activate(self._stack[-1].surface if self._stack else self._bottom)
        self._drawn = (world, world.version)

    def on_screen(self, window: Any, point: tuple[int, int]) -> tuple[int, int] | None:
        """Return where a point of an SDL window is on the screen; None if it was closed."""
        if window is self._bottom:
            return point
        for shown in self._stack:
            if shown.surface is window:
                return point[0] + shown.window.x, point[1] + shown.window.y
        return None

    def wait_for_display(self) -> None:
        """Return when the display has done all we asked and its events up to now can be read."""
        self._bottom.flip()

    def _restack(self, windows: list[Window]) -> bool:
        # Only what stands above the first difference moves: nothing passes in front for a moment.
        gone = [s for s in self._stack if all(s.window is not w for w in windows)]
        for shown in gone:
            self._stack.remove(shown)
            shown.surface.hide()
        self._hidden += gone
        same = 0
        while same < len(self._stack) and self._stack[same].window is windows[same]:
            same += 1
        above, self._stack = self._stack[same:], self._stack[:same]
        for window in windows[same:]:
            self._stack.append(_raised(window, above))
        return bool(gone) or same < len(windows)

    def _bury(self) -> None:
        import pygame

        # The press that closed a window may have its release still under way to it. SDL drops what
        # comes for a window that it no longer has, and would hold the button for pressed for ever.
        if self._hidden and not any(pygame.mouse.get_pressed()):
            for shown in self._hidden:
                shown.surface.destroy()
            self._hidden.clear()

    def _activate(self, surface: Any) -> None:
        from Xlib import X, Xatom

        if surface.handle == self._active:
            return
        self._active = surface.handle
        window = self._connection.create_resource_object("window", self._active)
        window.set_input_focus(X.RevertToPointerRoot, X.CurrentTime)
        named = [] if surface is self._bottom else [self._active]
        atom = self._connection.intern_atom("_NET_ACTIVE_WINDOW")
        self._connection.screen().root.change_property(atom, Xatom.WINDOW, 32, named)
        self._connection.sync()


def _raised(window: Window, known: list[_Shown]) -> _Shown:
    for shown in known:
        if shown.window is window:
            shown.surface.focus()  # In SDL's words; it raises.
            return shown
    size, place = (window.width, window.height), (window.x, window.y)
    return _Shown(window, _open_window(window.title, size, place))


def _open_window(title: str, size: tuple[int, int], place: tuple[int, int]) -> Any:
    import pygame

    opened = pygame.Window(title, size, place, borderless=True)
    opened.get_surface()
    return opened


def _paint(shown: _Shown, image: Image.Image, always: bool) -> None:
    import pygame

    pixels = image.tobytes()
    if pixels != shown.pixels:
        shown.pixels = pixels
        shown.surface.get_surface().blit(pygame.image.frombuffer(pixels, image.size, "RGB"), (0, 0))
    elif not always:
        return
    shown.surface.flip()
