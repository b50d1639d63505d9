"""What an X server tells about an action beside its pixels.

Responsible for windows that come and go, for the one in front, for tooltips, and for the changes of
hand of the clipboard. Reads no titles but those of the window list, and no clipboard.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from environments.desktop.x11 import DisplayAddress, connect, hang_up, reaching, window_title

_SET_OWNER = 1  # XFixesSetSelectionOwnerNotifyMask, xfixesproto.txt


@dataclass(frozen=True, slots=True)
class Testimony:
    """How things stand at one moment.

    Attributes:
        titles: window number -> title, of all windows that the window manager knows.
        front: number of the active window.
        copies: how often the clipboard has got a new owner or new content.
        tooltips: left, top, width and height of each one shown, in root pixels.
    """

    titles: Mapping[int, str]
    front: int | None
    copies: int
    tooltips: tuple[tuple[int, int, int, int], ...] = ()

    def opened_since(self, before: Testimony) -> tuple[str, ...]:
        """Return the titles of windows that are new."""
        return tuple(t for number, t in self.titles.items() if number not in before.titles)

    def closed_since(self, before: Testimony) -> tuple[str, ...]:
        """Return the titles of windows that have gone."""
        return before.opened_since(self)

    def front_since(self, before: Testimony) -> str | None:
        """Return the title in front if it is another one; None if not, or if nobody tells."""
        if self.front is None:
            return None
        title = self.titles.get(self.front, "")
        is_same = self.front == before.front and title == before.titles.get(self.front, "")
        return None if is_same else title


class Witness:
    """Asks one display, on a connection of its own."""

    def __init__(self, address: DisplayAddress) -> None:
        """Begin to listen.

        Raises:
            DeviceDisconnectedError: no display answers there.
        """
        self._address = address
        self._connection = connect(address)
        self._copies = 0
        with reaching(address):
            if self._connection.has_extension("XFIXES"):
                self._hear_the_clipboard()

    def ask(self) -> Testimony:
        """Return how things stand now.

        Raises:
            DeviceDisconnectedError: the display has gone.
        """
        with reaching(self._address):
            numbers = self._numbers("_NET_CLIENT_LIST")
            titles = {number: self._title(number) for number in numbers}
            front = next(iter(self._numbers("_NET_ACTIVE_WINDOW")), 0) or None
            self._connection.sync()
            while self._connection.pending_events():
                self._copies += self._is_copy(self._connection.next_event())
            tooltips = tuple(self._tooltips())
        return Testimony(titles, front, self._copies, tooltips)

    def close(self) -> None:
        """Give the connection back; may be called twice."""
        hang_up(self._connection)

    def _hear_the_clipboard(self) -> None:
        self._connection.xfixes_query_version()
        clipboard = self._connection.get_atom("CLIPBOARD")
        root = self._connection.screen().root
        self._connection.xfixes_select_selection_input(root, clipboard, _SET_OWNER)
        self._connection.sync()

    def _is_copy(self, event: Any) -> bool:
        return bool(getattr(event, "selection_timestamp", 0))

    def _tooltips(self) -> Iterator[tuple[int, int, int, int]]:
        from Xlib import X, error

        kind = self._connection.get_atom("_NET_WM_WINDOW_TYPE")
        wanted = self._connection.get_atom("_NET_WM_WINDOW_TYPE_TOOLTIP")
        for window in self._connection.screen().root.query_tree().children:
            try:
                found = window.get_full_property(kind, X.AnyPropertyType)
                if found is None or wanted not in found.value:
                    continue
                if window.get_attributes().map_state == X.IsViewable:
                    shape = window.get_geometry()
                    yield shape.x, shape.y, shape.width, shape.height
            except (error.BadWindow, error.BadDrawable):
                continue  # It closed between the two questions.

    def _numbers(self, name: str) -> list[int]:
        from Xlib import X

        atom, root = self._connection.get_atom(name), self._connection.screen().root
        found = root.get_full_property(atom, X.AnyPropertyType)
        return [int(value) for value in found.value] if found is not None else []

    def _title(self, number: int) -> str:
        from Xlib import error

        window = self._connection.create_resource_object("window", number)
        try:
            return window_title(self._connection, window) or ""
        except (error.BadWindow, error.BadDrawable):  # It closed between the two questions.
            return ""
