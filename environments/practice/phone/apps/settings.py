"""The settings application: switches and the page about the display.

Responsible for its pages; the values are the phone's settings, under Android's own keys.
"""

from __future__ import annotations

from collections.abc import Sequence

from environments.practice.phone.base import App, Namespace
from environments.practice.phone.page import Page, Program
from environments.practice.phone.views import View, row_at, slider

APP = App("com.android.settings", ".Settings", "Settings")

Switch = tuple[str, Namespace, str]
SWITCHES: Sequence[Switch] = (
    ("Wifi", "global", "wifi_on"),
    ("Bluetooth", "global", "bluetooth_on"),
    ("Airplane", "global", "airplane_mode_on"),
    ("Data", "global", "mobile_data"),
    ("Location", "secure", "location_mode"),
    ("Sound", "system", "sound_effects_enabled"),
)  # fmt: skip
"""Label, and Android's own key (android.provider.Settings) for what it switches."""

ROTATE: Switch = ("Rotate", "system", "accelerometer_rotation")
BRIGHTEST = 255


def brightness_of(level: int) -> int:
    """Return the value of ``screen_brightness`` for a step of the slider; never quite dark."""
    return 1 + level * (BRIGHTEST - 1) // 10


def level_of(brightness: str) -> int:
    """Return the step of the slider nearest to a value of ``screen_brightness``."""
    value = int(brightness) if brightness.isdecimal() else 0
    return min(max(round((value - 1) * 10 / (BRIGHTEST - 1)), 0), 10)


class SettingsPage(Page):
    """Switches in the order of the seed, and a way to the display."""

    activity = APP.activity
    title = APP.label

    def content(self, width: int) -> list[View]:
        """Return the display first and a row for every switch."""
        to_display = View("row", "Display", row_at(0, width), id="title", tap=self._to_display)
        rows = [
            switch_row(self, switch, number, width)
            for number, switch in enumerate(self.world.switches, start=1)
        ]
        return [to_display, *rows]

    def _to_display(self) -> None:
        self.world.show(DisplayPage(self.world))


def switch_row(page: Page, switch: Switch, row: int, width: int) -> View:
    """Return the row of a switch."""
    text, namespace, key = switch
    state = page.world.setting(namespace, key) not in ("", "0")
    act = page.world.switching(namespace, key)
    return View("switch", text, row_at(row, width), id="switch_widget", tap=act, state=state)


class DisplayPage(Page):
    """Brightness, theme and rotation."""

    activity = ".DisplaySettings"
    title = "Display"

    def content(self, width: int) -> list[View]:
        """Return a slider and three switches."""
        world = self.world
        level = level_of(world.setting("system", "screen_brightness"))
        dark = world.setting("secure", "ui_night_mode") == "2"
        sideways = world.setting("system", "user_rotation") in ("1", "3")
        return [
            *slider("Brightness", 0, level, self._set_brightness),
            View("switch", "Dark", row_at(1, width), id="switch_widget", tap=self._switch_dark,
                 state=dark),
            switch_row(self, ROTATE, 2, width),
            View("switch", "Landscape", row_at(3, width), id="switch_widget", tap=self._turn,
                 state=sideways),
        ]  # fmt: skip

    def _set_brightness(self, level: int) -> None:
        self.world.put_setting("system", "screen_brightness", str(brightness_of(level)))

    def _switch_dark(self) -> None:
        dark = self.world.setting("secure", "ui_night_mode") == "2"
        self.world.put_setting("secure", "ui_night_mode", "1" if dark else "2")

    def _turn(self) -> None:
        sideways = self.world.setting("system", "user_rotation") in ("1", "3")
        self.world.put_setting("system", "user_rotation", "0" if sideways else "1")


PROGRAM = Program(APP, SettingsPage)
