"""The practice phone's notes as a place to write to, over the real adb.

Responsible for a note that has the keyboard, and for what it holds by the phone's own state. The
strings that are written stand in ``text_round_trips``.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from environments.actions import OpenApp, ReplaceText, Tap
from environments.android.input_method import MARK
from environments.android.practice import PracticePhone
from environments.base import Stop
from environments.errors import DeviceError
from environments.geometry import InputPoint

TEMPLATE, SEED = "write_note", 1
SETTING = f"setting:global/{MARK}"


class Note:
    """A new note on a practice phone; it has the keyboard."""

    def __init__(self, phone: PracticePhone) -> None:
        """Open it.

        Raises:
            DeviceError: the notes do not open.
        """
        self.phone = phone
        phone.observe()
        phone.execute(OpenApp("Notes"))
        phone.observe()
        self._before = len(self._notes())
        self._tap("New")
        phone.observe()
        # A note begins to exist with its first character.
        phone.execute(ReplaceText("x"))
        phone.observe()
        if len(self._notes()) != self._before + 1:
            raise DeviceError("No new note began on the practice phone.")

    @property
    def text(self) -> str:
        """What it holds, by the phone's own state."""
        return str(self._notes()[self._before])

    @property
    def keyboard(self) -> str:
        """The input method in use."""
        return str(self.phone.program.ask("input_method"))

    @property
    def is_marked(self) -> bool:
        """The phone still holds the note about an input method that was lent."""
        return SETTING in self.phone.task.values()

    def _notes(self) -> list[object]:
        notes = self.phone.task.values()["notes"]
        return list(notes) if isinstance(notes, tuple) else []

    def _tap(self, label: str) -> None:
        for target in self.phone.task.targets():
            if target.label == label:
                self.phone.execute(Tap(InputPoint(*target.centre)))
                return
        raise DeviceError(f"There is no {label} on the practice phone.")


@contextmanager
def note(stop: Stop) -> Iterator[Note]:
    """Open a practice phone with a new note; all of it is gone afterwards."""
    phone = PracticePhone(TEMPLATE, SEED, stop)
    try:
        yield Note(phone)
    finally:
        phone.close()
