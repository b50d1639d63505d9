"""The camera roll: all photos, one photo, and the question before it is deleted.

Responsible for its pages; the photos themselves are the store's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from environments.practice import words
from environments.practice.canvas import ROW_PX
from environments.practice.phone.base import App
from environments.practice.phone.page import Dialog, Page, Program
from environments.practice.phone.views import Act, View, tile_box

if TYPE_CHECKING:
    from environments.practice.phone.state import PhoneState

APP = App("org.practice.photos", ".Photos", "Photos")


class PhotosPage(Page):
    """All photos in a grid."""

    activity = APP.activity
    title = APP.label
    permission = "android.permission.READ_MEDIA_IMAGES"

    def content(self, width: int) -> list[View]:
        """Return one tile for each."""
        if not self.world.may(self):
            return self.refusal(width)
        return [
            View("photo", name, tile_box(number, width), id="photo", tap=self._opening(name))
            for number, name in enumerate(self.world.store.photos)
        ]

    def _opening(self, name: str) -> Act:
        return lambda: self.world.show(PhotoPage(self.world, name))


class PhotoPage(Page):
    """One photo."""

    activity = ".Photo"

    def __init__(self, world: PhoneState, photo: str) -> None:
        """Show a photo."""
        super().__init__(world)
        self.title = photo

    @property
    def name(self) -> str:
        """Return which one is shown."""
        return f"photo:{self.title}"

    def content(self, width: int) -> list[View]:
        """Return the photo as large as it can be."""
        return [View("photo", self.title, (0, 0, width, 5 * ROW_PX), id="image")]

    def actions(self) -> list[tuple[str, Act]]:
        """Offer to delete it."""
        return [("Delete", self._ask)]

    def _ask(self) -> None:
        answers: list[tuple[str, Act]] = [
            (words.CONFIRM, self._delete),
            (words.CANCEL, lambda: None),
        ]
        self.world.show(Dialog(self.world, f"Delete {self.title}?", answers))

    def _delete(self) -> None:
        self.world.store.photos.remove(self.title)
        self.world.close_page(self)


PROGRAM = Program(APP, PhotosPage)
