"""What is seen of the practice phone and written on it, and its own truth.

Responsible for the picture, for where everything stands, and for the field that has the focus.
What a finger or a key means is ``world``'s.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Set
from dataclasses import replace

import numpy as np

from environments.base import Frame
from environments.practice.canvas import ROW_PX, Canvas, Look, look_for
from environments.practice.phone import keys
from environments.practice.phone.drawing import DARK, draw, point_of_index
from environments.practice.phone.dump import written_out
from environments.practice.phone.keyboard import ON_SCREEN, ROWS, Keyboard
from environments.practice.phone.layout import (
    Screenful,
    edit_bar,
    lay_out,
    most_scroll,
    navigation,
)
from environments.practice.phone.page import Page
from environments.practice.phone.state import PhoneState
from environments.practice.phone.system import status_bar
from environments.practice.phone.text import Field
from environments.practice.phone.views import View
from environments.practice.widgets import Target, contains

PORTRAIT_PX = (256, 320)
"""Width and height in the natural position: 8 x 10 visual tokens of 32 px."""

DENSITY_DPI = 160
"""One pixel is one dp."""


class PhoneScreen(PhoneState):
    """A phone that shows what it is and takes text, but feels nothing yet."""

    def __init__(self, rng: random.Random) -> None:
        """Draw contents and look."""
        super().__init__(rng)
        self.size_px = PORTRAIT_PX
        self.density = DENSITY_DPI
        self.editing = False
        self._dress = look_for(rng)
        self._keyboard = Keyboard(self._key_of_keyboard)
        self._drawn: tuple[int, Frame] | None = None
        self._laid_out: tuple[int, Screenful] | None = None

    # ---- what it is

    @property
    def is_awake(self) -> bool:
        """The screen is on."""
        return self.awake

    @property
    def is_locked(self) -> bool:
        """The lock screen is shown."""
        return self.lock is not None

    @property
    def is_secure(self) -> bool:
        """The window in front asks for no screenshots."""
        seen = [self.page, *self._pages_below()]
        return self.awake and any(page.secure for page in seen)

    @property
    def look(self) -> Look:
        """The colours in use."""
        dark = self.setting("secure", "ui_night_mode") == "2"
        return replace(DARK, pen=self._dress.pen) if dark else self._dress

    def dress(self, look: Look) -> None:
        """Look otherwise; where everything stands stays."""
        self._dress = look
        self.version += 1

    @property
    def turned_px(self) -> tuple[int, int]:
        """Width and height as the phone is held."""
        width, height = self.size_px
        return (height, width) if self.rotation % 2 else (width, height)

    @property
    def focus(self) -> Field | None:
        """The field that is written to."""
        return self.page.focus if self.awake else None

    @property
    def has_focus(self) -> bool:
        """A field takes text."""
        return self.focus is not None

    # ---- what is seen

    def frame(self) -> Frame:
        """Return what a screenshot shows; black while it sleeps or the window is secure."""
        if self._drawn is None or self._drawn[0] != self.version:
            frame = np.array(self._picture().image)
            frame.setflags(write=False)
            self._drawn = (self.version, frame)
        return self._drawn[1]

    def _picture(self) -> Canvas:
        if not self.awake or self.is_secure:
            return Canvas(self.turned_px, (0, 0, 0), self.look.pen)
        page, look, screen = self.page, self.look, self.screenful()
        canvas = Canvas(self.turned_px, look.desktop if page.wallpaper else look.window, look.pen)
        for view in (*screen.below, *screen.window(), *screen.system):
            draw(canvas, look, view, page.focus)
        return canvas

    def screenful(self) -> Screenful:
        """Return where everything stands now."""
        if self._laid_out is None or self._laid_out[0] != self.version:
            self._laid_out = (self.version, self._lay_out())
        return self._laid_out[1]

    def _lay_out(self) -> Screenful:
        (width, height), page = self.turned_px, self.page
        bottom = height
        system = [status_bar(self, width)]
        if not self.is_locked:
            bottom -= ROW_PX
            system += navigation(self.turned_px, self.back, self.home, self.show_recents)
        if page.focus is not None and self.input_method == ON_SCREEN.id:
            system += self._keyboard.views(width, bottom)
            bottom -= ROWS * ROW_PX
        if page.focus is not None and self.editing:
            system += edit_bar(width, {
                "Cut": self._editing_by("cut"), "Copy": self._editing_by("copy"),
                "Paste": self._editing_by("paste"), "All": self._editing_by("all"),
            })  # fmt: skip
        below = [
            view
            for under in self._pages_below()
            for view in lay_out(under, self.turned_px, [], bottom, []).window()
        ]
        return lay_out(page, self.turned_px, system, bottom, below)

    def _pages_below(self) -> list[Page]:
        stack = self.stack
        if self.page is not stack[-1] or not self.page.floating:
            return []
        solid = [page for page in stack[:-1] if not page.floating]
        return solid[-1:]

    def ui_xml(self) -> str:
        """Return the window in front as ``uiautomator dump`` writes it."""
        return written_out(self)

    def scroll_by(self, dy: int) -> None:
        """Move the content up by ``dy`` pixels."""
        page = self.page
        to = min(max(page.scroll_px + dy, 0), most_scroll(self.screenful()))
        if to != page.scroll_px:
            page.scroll_px = to
            self.changed()

    def scrolls(self) -> bool:
        """The content of the window in front can be scrolled."""
        return most_scroll(self.screenful()) > 0

    # ---- truth

    def targets(self, only_reachable: bool = True) -> list[Target]:
        """Return everything whose middle can be seen and touched, in screen pixels."""
        if not self.awake:
            return []
        views = [view for view in self.screenful().touchable() if view.touchable]
        return [view.target() for view in views if self.view_at(*view.target().centre) is view]

    def view_at(self, x: int, y: int) -> View | None:
        """Return the topmost view under a point, None for one that only can be seen."""
        screen = self.screenful()
        for view in reversed(screen.touchable()):
            if contains(view.box, x, y):
                scrolls = view in screen.content
                return view if not scrolls or contains(screen.area, x, y) else None
        return None

    def values(self) -> dict[str, object]:
        """Return everything that lasts: contents and settings."""
        settings = {
            f"setting:{namespace}/{key}": value
            for namespace, keyed in self.settings.items()
            for key, value in keyed.items()
        }
        return {**self.store.values(), **settings, "lock": self.is_locked}

    def passing(self) -> dict[str, object]:
        """Return what is shown now and does not last."""
        return {"front": self.front[0], "page": self.page.name, "awake": self.awake}

    # ---- editing

    def commit_text(self, text: str) -> None:
        """Put text where the focus is."""
        if (field := self.focus) is not None and text:
            field.write(text)
            self._edited()

    def clear_text(self) -> None:
        """Empty the field that has the focus."""
        if (field := self.focus) is not None:
            field.clear()
            self._edited()

    def focus_on(self, field: Field, index: int, word: bool) -> None:
        """Give a field the focus, with the caret somewhere or the word there selected."""
        self.page.focus = field
        self.editing = word
        if word:
            field.select_word(index)
        else:
            field.place(index)
        self.changed()
        self._reveal()

    def press(self, field: Field, name: str, held: Set[str]) -> None:
        """Let the field with the focus feel a key."""
        edit = keys.edit_of(name, held)
        if edit is not None:
            self._edit(field, edit)
            self._edited()
        elif keys.press(field, name, held):
            self._edited()

    def _edit(self, field: Field, edit: keys.Edit) -> None:
        if edit == "all":
            field.select_all()
        elif edit == "paste":
            field.write(self.clipboard)
        elif field.selected:
            self.clipboard = field.selected
            if edit == "cut":
                field.erase(0)

    def _editing_by(self, edit: keys.Edit) -> Callable[[], None]:
        def act() -> None:
            if (field := self.focus) is not None:
                self._edit(field, edit)
                self.editing = edit == "all"

        return act

    def _key_of_keyboard(self, key: str) -> None:
        if (field := self.focus) is not None:
            if key == "backspace":
                field.erase(-1)
            else:
                field.write("\n" if key == "enter" else key)
            self._edited()

    def _edited(self) -> None:
        self.editing = False
        self.changed()
        self._reveal()

    def _reveal(self) -> None:
        """Scroll the caret into what the keyboard leaves free."""
        screen, field = self.screenful(), self.page.focus
        view = next((v for v in screen.content if field is not None and v.field is field), None)
        if view is None or field is None:
            self.scroll_by(1 << 20)  # It stands below the content, of which the end matters then.
            return
        top = point_of_index(view, field.caret)[1] - 8
        low = max(top + ROW_PX - screen.area[3], 0)
        high = min(top - screen.area[1], 0)
        rows = -(-low // ROW_PX) if low else high // ROW_PX
        self.scroll_by(rows * ROW_PX)
