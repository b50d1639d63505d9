"""Reading a clipboard that another program holds: every type of it, whole.

Responsible for asking its owner and for giving up on one that does not answer. Owns nothing.
"""

from __future__ import annotations

import select
import time
from array import array
from collections.abc import Callable
from types import MappingProxyType
from typing import Any

from environments.base import Stop
from environments.desktop.clipboard_content import ABOUT, CLIPBOARD, NOTHING, ORDERS, Content, Value
from environments.errors import DeskhandError

ANSWER_S = 1.0
"""An owner that says nothing for so long does not answer; each piece of a content counts anew."""

_LOOK_S = 0.02
_CODES = {8: "B", 16: "H", 32: "I"}


class ClipboardBusyError(DeskhandError):
    """The program that holds the clipboard does not answer."""

    def __init__(self) -> None:
        super().__init__(
            "The program that holds the clipboard does not answer, so what it holds could not be "
            "kept; the clipboard was left alone."
        )


class ClipboardReader:
    """Asks the owner of a display's clipboard."""

    def __init__(self, connection: Any, stop: Stop) -> None:
        """Read over ``connection``, which nobody else may take events from."""
        from Xlib import X

        self._connection = connection
        self._stop = stop
        root = connection.screen().root
        self._window = root.create_window(
            -1, -1, 1, 1, 0, 0, window_class=X.InputOnly, event_mask=X.PropertyChangeMask
        )
        self._property = connection.intern_atom("DESKHAND_CLIPBOARD")

    def owner(self) -> int:
        """Return the window of the owner, 0 if there is none."""
        atom = self._connection.intern_atom(CLIPBOARD)
        owner = self._connection.get_selection_owner(atom)
        return owner if isinstance(owner, int) else int(owner.id)

    def read(self) -> Content:
        """Return everything the clipboard offers.

        Raises:
            ClipboardBusyError: its owner does not answer.
            Stopped: a stop was asked for while waiting.
        """
        if not self.owner():
            return NOTHING
        values = {}
        for target in self.targets():
            value = self.ask(target)
            if value is not None:
                values[target] = value
        return Content(MappingProxyType(values))

    def ask(self, target: str) -> Value | None:
        """Return the clipboard as one type, None if its owner refuses.

        Raises:
            ClipboardBusyError, Stopped: as ``read``.
        """
        from Xlib import X

        selection, wanted = map(self._connection.intern_atom, (CLIPBOARD, target))
        self._window.delete_property(self._property)
        self._window.convert_selection(selection, wanted, self._property, X.CurrentTime)
        answer = self._next(
            lambda event: (
                event.type == X.SelectionNotify
                and event.requestor.id == self._window.id
                and event.target == wanted
            )
        )
        if answer.property == X.NONE:
            return None
        value = self._take()
        return self._in_pieces() if value is not None and value.kind == "INCR" else value

    def targets(self) -> list[str]:
        """Return the names of the types that are offered, without those about the clipboard.

        Raises:
            ClipboardBusyError, Stopped: as ``read``.
        """
        told = self.ask("TARGETS")
        if told is None:
            return []
        names = [self._connection.get_atom_name(atom) for atom in array("I", told.data) if atom]
        return [name for name in dict.fromkeys(names) if name not in ABOUT | ORDERS]

    def _in_pieces(self) -> Value | None:
        from Xlib import X

        pieces: list[Value] = []
        while True:
            self._next(
                lambda event: (
                    event.type == X.PropertyNotify
                    and event.atom == self._property
                    and event.state == X.PropertyNewValue
                )
            )
            piece = self._take()
            if piece is None or not piece.data:
                break
            pieces.append(piece)
        if not pieces:
            return None
        return Value(pieces[0].kind, pieces[0].bits, b"".join(piece.data for piece in pieces))

    def _take(self) -> Value | None:
        # Taking it away tells the owner that it was read.
        from Xlib import X

        found = self._window.get_full_property(self._property, X.AnyPropertyType)
        self._window.delete_property(self._property)
        self._connection.flush()
        if found is None:
            return None
        kind = self._connection.get_atom_name(found.property_type)
        return Value(kind, found.format, _bytes(found.format, found.value))

    def _next(self, wanted: Callable[[Any], bool]) -> Any:
        deadline = time.monotonic() + ANSWER_S
        while True:
            while self._connection.pending_events():
                event = self._connection.next_event()
                if wanted(event):
                    return event
            if time.monotonic() > deadline:
                raise ClipboardBusyError
            self._stop.check()
            select.select([self._connection], [], [], _LOOK_S)


def _bytes(bits: int, value: Any) -> bytes:
    return bytes(value) if bits == 8 else array(_CODES[bits], value).tobytes()  # noqa: PLR2004
