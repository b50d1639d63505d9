"""The home screen: the icons of what is installed.

Responsible for nothing but them.
"""

from __future__ import annotations

from environments.practice.canvas import ROW_PX
from environments.practice.phone.page import Page
from environments.practice.phone.views import Act, View, tile_box

HOME = "com.android.launcher3"


class HomePage(Page):
    """Icons in rows, in an order that the seed has drawn."""

    activity = ".Launcher"
    title = "Home"
    wallpaper = True

    def content(self, width: int) -> list[View]:
        """Return one icon of 2 x 2 visual tokens for each application."""
        tiles = [
            View("icon", app.label, tile_box(n, width), id="icon", tap=self._opening(app.package))
            for n, app in enumerate(self.world.apps)
        ]
        return [tile.moved(0, self._first_row() * ROW_PX) for tile in tiles]

    def _first_row(self) -> int:
        """Return the row of the first icons: all of them must be seen also in a phone that lies."""
        return min(self.world.home_rows, 2) if self.world.rotation % 2 else self.world.home_rows

    def _opening(self, package: str) -> Act:
        return lambda: self.world.bring(package)
