"""The home screen: the icons of what is installed.

Responsible for nothing but them.
"""

from __future__ import annotations

from environments.practice.phone.page import Page
from environments.practice.phone.views import Act, View

HOME = "com.android.launcher3"
ICON_PX = 64


class HomePage(Page):
    """Icons in rows, in an order that the seed has drawn."""

    activity = ".Launcher"
    title = "Home"
    wallpaper = True

    def content(self, width: int) -> list[View]:
        """Return one icon of 2 x 2 visual tokens for each application."""
        columns = width // ICON_PX
        views = []
        for number, app in enumerate(self.world.apps):
            x, y = number % columns * ICON_PX, number // columns * ICON_PX
            box = (x, y, x + ICON_PX, y + ICON_PX)
            views.append(View("icon", app.label, box, id="icon", tap=self._opening(app.package)))
        return views

    def _opening(self, package: str) -> Act:
        return lambda: self.world.bring(package)
