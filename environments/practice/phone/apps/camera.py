"""The camera: asks before it may look, and adds to the camera roll.

Responsible for its page; the photos are the store's.
"""

from __future__ import annotations

from environments.practice.canvas import ROW_PX
from environments.practice.phone.base import App
from environments.practice.phone.page import Page, Program
from environments.practice.phone.views import View

APP = App("org.practice.camera", ".Camera", "Camera")


class CameraPage(Page):
    """What the camera sees, and its button."""

    activity = APP.activity
    title = APP.label
    permission = "android.permission.CAMERA"

    def content(self, width: int) -> list[View]:
        """Return the picture, if it may be seen."""
        if not self.world.may(self):
            return self.refusal(width)
        return [View("photo", "View", (0, 0, width, 4 * ROW_PX), id="preview")]

    def foot(self, width: int) -> list[View]:
        """Return the button that takes a photo."""
        if not self.world.may(self):
            return []
        middle = width // 2
        box = (middle - 32, 4, middle + 32, ROW_PX - 4)
        return [View("button", "Shoot", box, id="shutter", tap=self._shoot)]

    def _shoot(self) -> None:
        photos = self.world.store.photos
        number = 1 + sum(name.startswith("Photo") for name in photos)
        photos.append(f"Photo{number}")


PROGRAM = Program(APP, CameraPage)
