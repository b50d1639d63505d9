"""Where everything stands on the screen of the practice phone.

Responsible for the bars, the area between them that scrolls, dialogs and the keyboard, as one list
of views in the order of drawing. What a view does is decided where it was made.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from environments.practice.canvas import LATTICE_PX, ROW_PX, Box, lattice_width
from environments.practice.phone.page import Page
from environments.practice.phone.views import Act, View

STATUS_PX = ROW_PX
"""Height of the bar at the top, where the shade is pulled down."""

DIALOG_MARGIN_PX = 16


@dataclass(frozen=True, slots=True)
class Screenful:
    """One screen: what stands in the window in front, and what the system draws around it.

    Attributes:
        below: what is seen under a dialog and cannot be touched.
        content: what scrolls, in screen pixels, also what is out of sight.
        area: where the content is seen.
        fixed: the rest of the window in front.
        system: status bar, keyboard and navigation; in no dump of the window.
        height_px: height of the content.
    """

    below: Sequence[View]
    content: Sequence[View]
    area: Box
    fixed: Sequence[View]
    system: Sequence[View]
    height_px: int

    def window(self) -> list[View]:
        """Return what can be seen of the window in front, in the order of drawing."""
        return [*(view for view in self.content if meets(view.box, self.area)), *self.fixed]

    def touchable(self) -> list[View]:
        """Return what can be touched, the topmost last."""
        return [*self.window(), *self.system]


def meets(box: Box, area: Box) -> bool:
    """Tell whether two boxes share a pixel."""
    return box[0] < area[2] and area[0] < box[2] and box[1] < area[3] and area[1] < box[3]


def lay_out(
    page: Page, size: tuple[int, int], system: Sequence[View], bottom: int, below: Sequence[View]
) -> Screenful:
    """Put a page on a screen whose lower end, down to ``bottom``, is free for it."""
    if page.floating:
        return _dialog(page, size, system, bottom, below)
    width, _ = size
    top = STATUS_PX if page.wallpaper else STATUS_PX + ROW_PX
    foot = [view.moved(0, bottom - ROW_PX) for view in page.foot(width)]
    area = (0, top, width, bottom - ROW_PX if foot else bottom)
    content = page.content(width)
    height = max((view.box[3] for view in content), default=0)
    page.scroll_px = min(page.scroll_px, spare(height, area))
    moved = [view.moved(0, top - page.scroll_px) for view in content]
    title = [] if page.wallpaper else _title(page, width)
    backing = [View("bar", "", (0, area[3], width, bottom))] if foot else []
    return Screenful(below, moved, area, [*title, *backing, *foot], system, height)


def _dialog(
    page: Page, size: tuple[int, int], system: Sequence[View], bottom: int, below: Sequence[View]
) -> Screenful:
    width = min(size[0] - 2 * DIALOG_MARGIN_PX, 224)
    content = page.content(width)
    height = max(view.box[3] for view in content) + 8
    left = (size[0] - width) // 2 // LATTICE_PX * LATTICE_PX
    top = max((bottom - height) // 2 // ROW_PX * ROW_PX, STATUS_PX)
    area = (left, top, left + width, top + height)
    panel = View("panel", "", area)
    moved = [panel, *(view.moved(left, top) for view in content)]
    return Screenful(below, moved, area, [], system, height)


def _title(page: Page, width: int) -> list[View]:
    views = [View("title", page.title, (0, STATUS_PX, width, STATUS_PX + ROW_PX))]
    right = width - 8
    for text, act in page.actions():
        box = (right - lattice_width(text), STATUS_PX + 4, right, STATUS_PX + ROW_PX - 4)
        views.append(View("button", text, box, id=text.lower(), tap=act))
        right = box[0] - 8
    return views


def navigation(size: tuple[int, int], back: Act, home: Act, recents: Act) -> list[View]:
    """Return the bar at the bottom."""
    width, height = size
    top = height - ROW_PX
    third = width // 3
    bar = View("bar", "", (0, top, width, height))
    buttons = [
        View("navigation", text, (n * third, top, (n + 1) * third, height), id=text, tap=act)
        for n, (text, act) in enumerate((("Back", back), ("Home", home), ("Recents", recents)))
    ]
    return [bar, *buttons]


def most_scroll(screen: Screenful) -> int:
    """Return how far the content can move up, in whole rows."""
    return spare(screen.height_px, screen.area)


def spare(height_px: int, area: Box) -> int:
    """Return how much higher than an area something is, in whole rows."""
    return max(-(-(height_px - area[3] + area[1]) // ROW_PX) * ROW_PX, 0)


def edit_bar(width: int, acts: Mapping[str, Act]) -> list[View]:
    """Return the buttons for what is selected, which stand over the title."""
    views = [View("bar", "", (0, STATUS_PX, width, STATUS_PX + ROW_PX))]
    left = 8
    for text, act in acts.items():
        right = left + lattice_width(text)
        box = (left, STATUS_PX + 4, right, STATUS_PX + ROW_PX - 4)
        views.append(View("button", text, box, id=text.lower(), tap=act))
        left = right + 8
    return views
