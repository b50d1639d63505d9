"""The notes application: a list, and a page to write on that keeps what is written at once.

Responsible for its pages; the notes themselves are the store's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from environments.practice.canvas import ROW_PX
from environments.practice.phone.base import App
from environments.practice.phone.drawing import INSET_PX
from environments.practice.phone.page import Page, Program
from environments.practice.phone.text import Field, broken
from environments.practice.phone.views import Act, View, row_at

if TYPE_CHECKING:
    from environments.practice.phone.state import PhoneState

APP = App("org.practice.notes", ".Notes", "Notes")
LINE_PX = 16


class NotesPage(Page):
    """All notes, one in a row."""

    activity = APP.activity
    title = APP.label

    def content(self, width: int) -> list[View]:
        """Return the first line of every note."""
        notes = enumerate(self.world.store.notes)
        return [
            View("row", text, row_at(number, width), id="note", tap=self._opening(number))
            for number, text in notes
        ]

    def actions(self) -> list[tuple[str, Act]]:
        """Offer a new note."""
        return [("New", self._write_new)]

    def _opening(self, number: int) -> Act:
        return lambda: self.world.show(NotePage(self.world, number))

    def _write_new(self) -> None:
        page = NotePage(self.world, None)
        page.focus = page.body
        self.world.show(page)


class NotePage(Page):
    """One note; a new one begins to exist with its first character."""

    activity = ".Note"
    title = "Note"

    def __init__(self, world: PhoneState, number: int | None) -> None:
        """Open a note by its place in the list, or a new one."""
        super().__init__(world)
        self._number = number
        text = "" if number is None else world.store.notes[number]
        self.body = Field("Note", text, many_lines=True, on_change=self._keep)

    @property
    def name(self) -> str:
        """Return which note it is."""
        return f"note:{self._number}"

    def content(self, width: int) -> list[View]:
        """Return the paper."""
        lines = len(broken(self.body.text, width - 16 - 2 * INSET_PX))
        height = max(-(-(lines * LINE_PX + 8) // ROW_PX), 2) * ROW_PX
        box = (8, 4, width - 8, height - 4)
        return [View("page", "Note", box, detail="Note", id="body", field=self.body)]

    def actions(self) -> list[tuple[str, Act]]:
        """Offer to throw the note away."""
        return [] if self._number is None else [("Delete", self._delete)]

    def _keep(self, text: str) -> None:
        if self._number is None:
            self._number = len(self.world.store.notes)
            self.world.store.notes.append(text)
        else:
            self.world.store.notes[self._number] = text

    def _delete(self) -> None:
        if self._number is not None:
            del self.world.store.notes[self._number]
        self.world.close_page(self)


PROGRAM = Program(APP, NotesPage)
