"""What belongs to the phone's system: lock screen, shade, recent applications, status bar.

Responsible for these pages and signs. When they show is decided by ``world``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from environments.practice.canvas import ROW_PX
from environments.practice.phone.base import Namespace
from environments.practice.phone.page import Page
from environments.practice.phone.views import Act, View, row_at

if TYPE_CHECKING:
    from environments.practice.phone.state import PhoneState

SYSTEM = "com.android.systemui"
PIN_KEYS = ("123", "456", "789", "<0>")
TILES: tuple[tuple[str, Namespace, str], ...] = (
    ("Wifi", "global", "wifi_on"),
    ("Bluetooth", "global", "bluetooth_on"),
    ("Airplane", "global", "airplane_mode_on"),
    ("Rotate", "system", "accelerometer_rotation"),
)  # fmt: skip
"""Quick settings in the shade: what stands on them and the setting that they switch."""


class LockPage(Page):
    """The lock screen; a swipe upwards opens it, or shows the keys of the PIN."""

    package = SYSTEM
    activity = "Keyguard"
    title = "Locked"
    wallpaper = True

    def __init__(self, world: PhoneState) -> None:
        """Show the time."""
        super().__init__(world)
        self.typed = ""
        self.asking = False

    def content(self, width: int) -> list[View]:
        """Return the time and what has arrived, or the keys."""
        if not self.asking:
            views = [View("clock", self.world.clock, (0, 0, width, 2 * ROW_PX), id="clock")]
            return [*views, *cards(self.world, width, 2)]
        views = [View("label", "*" * len(self.typed), (0, 0, width, ROW_PX), id="pinEntry")]
        unit = width // 3
        for row, line in enumerate(PIN_KEYS, start=1):
            for column, key in enumerate(line):
                box = (column * unit, row * ROW_PX, (column + 1) * unit, (row + 1) * ROW_PX)
                name = {"<": "backspace", ">": "enter"}.get(key, key)
                views.append(View("key", name, box, id=f"key{key}", tap=self._pressing(name)))
        return views

    def opened(self) -> None:
        """React to the swipe that opens a phone."""
        if self.world.pin:
            self.asking = True
        else:
            self.world.unlock()

    def _pressing(self, key: str) -> Act:
        def press() -> None:
            if key == "backspace":
                self.typed = self.typed[:-1]
            elif key != "enter":
                self.typed += key
            elif self.typed == self.world.pin:
                self.world.unlock()
            else:
                self.typed = ""

        return press


class ShadePage(Page):
    """The shade: quick settings and notifications."""

    package = SYSTEM
    activity = "NotificationShade"
    title = "Shade"
    wallpaper = True

    def content(self, width: int) -> list[View]:
        """Return tiles, notifications and a button that clears them."""
        half = width // 2
        views = []
        for number, (text, namespace, key) in enumerate(TILES):
            x, y = number % 2 * half, number // 2 * ROW_PX
            state = self.world.setting(namespace, key) == "1"
            box = (x, y, x + half, y + ROW_PX)
            act = self.world.switching(namespace, key)
            views.append(View("tile", text, box, id="tile", tap=act, state=state))
        news = cards(self.world, width, 2)
        row = 2 + len(news)
        box = (width - 80, row * ROW_PX + 4, width - 8, (row + 1) * ROW_PX - 4)
        clear = View("button", "Clear", box, id="dismiss_text", tap=self.world.clear_news)
        return [*views, *news, *([clear] if news else [])]


def cards(world: PhoneState, width: int, row: int) -> list[View]:
    """Return the notifications from a row on; a swipe to the side throws one away."""
    views = []
    for number, news in enumerate(world.store.news):
        views.append(
            View(
                "card",
                news.title,
                row_at(row + number, width),
                detail=news.text,
                id="notification",
                tap=world.opening_news(news),
                away=world.dismissing(news),
            )
        )
    return views


class RecentsPage(Page):
    """The applications that were used, the last one first."""

    package = SYSTEM
    activity = "Recents"
    title = "Recents"

    def content(self, width: int) -> list[View]:
        """Return one row for each."""
        return [
            View(
                "row",
                app.label,
                row_at(number, width),
                id="task",
                tap=self._opening(app.package),
                away=self._ending(app.package),
            )
            for number, app in enumerate(self.world.recent())
        ]

    def actions(self) -> list[tuple[str, Act]]:
        """Offer to end all of them."""
        return [("Clear", self._clear)]

    def _opening(self, package: str) -> Act:
        return lambda: self.world.bring(package)

    def _ending(self, package: str) -> Act:
        return lambda: self.world.end(package)

    def _clear(self) -> None:
        for app in list(self.world.recent()):
            self.world.end(app.package)


def status_bar(world: PhoneState, width: int) -> View:
    """Return the bar at the top: time, one square for each notification, signs of what is on."""
    signs = [sign for sign, (_, namespace, key) in zip("WBA", TILES, strict=False)
             if world.setting(namespace, key) == "1"]  # fmt: skip
    detail = " ".join([str(len(world.store.news)), *signs])
    return View("status", world.clock, (0, 0, width, ROW_PX), detail=detail)
