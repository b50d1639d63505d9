"""The element tree of Linux desktops: AT-SPI 2 over D-Bus.

Responsible for asking one program for its elements in few questions: all of them at once from its
cache, then all places together, within the limit of ``elements``. Judges nothing.

Sources: the interfaces in at-spi2-core 2.46, xml/*.xml (Cache, Accessible, Component, Text), and
the numbers of roles and states in atspi/atspi-constants.h.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from environments.desktop.dbus import failures, open_bus
from environments.elements import LIMIT_S, MOST, Box, Element, Elements, graded

_A11Y, _ACCESSIBLE = "org.a11y.atspi", "/org/a11y/atspi/accessible"
_ROLES: Mapping[int, str] = {
    7: "check box", 8: "check menu item", 10: "column header", 11: "combo box", 15: "dial",
    16: "dialog", 26: "icon", 27: "image", 29: "label", 31: "list", 32: "list item", 33: "menu",
    35: "menu item", 37: "page tab", 40: "password text", 42: "progress bar", 43: "push button",
    44: "radio button", 45: "radio menu item", 48: "scroll bar", 51: "slider", 52: "spin button",
    54: "status bar", 55: "table", 56: "table cell", 60: "terminal", 61: "text",
    62: "toggle button", 64: "tool tip", 65: "tree", 66: "tree table", 79: "entry",
    83: "heading", 88: "link",
}  # fmt: skip
_WINDOWS = (2, 16, 19, 22, 23, 69)  # alert, dialog, file chooser, font chooser, frame, window
_PASSWORD = 40
_ACTIVE, _CHECKED, _DEFUNCT, _EDITABLE, _EXPANDED, _FOCUSED = 1, 4, 6, 7, 10, 12
_SELECTED, _SENSITIVE, _SHOWING, _VISIBLE = 23, 24, 25, 30
_STATES = {
    _CHECKED: "checked",
    _EDITABLE: "editable",
    _EXPANDED: "expanded",
    _FOCUSED: "focused",
    _SELECTED: "selected",
}
_TRIES = 2
_PIXELS_OF_SCREEN = 0  # ATSPI_COORD_TYPE_SCREEN


@dataclass(frozen=True, slots=True)
class _Item:
    sender: str
    path: str
    parent: str
    interfaces: tuple[str, ...]
    name: str
    role: int
    states: int

    def has(self, state: int) -> bool:
        return bool(self.states >> state & 1)


class AtSpi:
    """A connection to the accessibility bus of one session."""

    def __init__(self, session_bus: str) -> None:
        """Remember where the session's bus is; connect at the first question."""
        self._session_bus = session_bus
        self._bus: Any = None
        self._broken = ""
        self._pids: dict[str, int] = {}
        self._focus: _Item | None = None
        self._deadline = 0.0
        self._slow: dict[int | None, int] = {}

    def read(self, pid: int | None, window: Box) -> Elements:
        """Return the elements of the window in front, of the program with this number."""
        started = time.monotonic()
        self._deadline = started + LIMIT_S
        self._focus = None
        try:
            return self._read(pid, window, started)
        except TimeoutError:
            self._slow[pid] = self._slow.get(pid, 0) + 1
            return Elements(
                "slow", f"no answer in {LIMIT_S * 1000:.0f} ms", took_ms=_since(started)
            )
        except failures() as cause:
            self._drop()
            return Elements("absent", f"{type(cause).__name__}: {cause}", took_ms=_since(started))

    def focused_text(self) -> str | None:
        """Return the text of the field that had the keyboard when the tree was read last."""
        item = self._focus
        if item is None or item.role == _PASSWORD or f"{_A11Y}.Text" not in item.interfaces:
            return None
        self._deadline = time.monotonic() + LIMIT_S
        try:
            text = self._ask(item.sender, item.path, "Text", "GetText", "ii", (0, -1))[0]
        except failures():
            return None
        return text if isinstance(text, str) else None

    def close(self) -> None:
        """Give the connection back; may be called twice."""
        self._drop()
        self._broken = "closed"

    def _read(self, pid: int | None, window: Box, started: float) -> Elements:
        if self._broken:
            return Elements("absent", self._broken)
        if self._slow.get(pid, 0) >= _TRIES:
            return Elements("slow", f"the program did not answer {_TRIES} times; not asked again")
        if self._bus is None:
            self._connect()
        sender = self._program(pid)
        if sender is None:
            return Elements("absent", "the program shows no elements", took_ms=_since(started))
        everything = self._ask(sender, "/org/a11y/atspi/cache", "Cache", "GetItems")[0]
        items = {item.path: item for item in map(_item, everything)}
        front = [i for i in items.values() if i.role in _WINDOWS and i.has(_ACTIVE)]
        inside = [item for item in items.values() if any(_within(item, f, items) for f in front)]
        self._focus = next((item for item in inside if item.has(_FOCUSED)), None)
        shown = [i for i in inside if _matters(i)][:MOST]
        boxes = self._boxes([*front[:1], *shown])
        said = boxes[0] if front else None
        scale = _scale(said, window)
        elements = [
            _element(item, _scaled(box, scale))
            for item, box in zip(shown, boxes[len(front[:1]) :], strict=True)
            if box is not None and box[2] > 0 and box[3] > 0
        ]
        return graded(elements, _scaled(said, scale) if said else None, window, _since(started))

    def _connect(self) -> None:
        session = open_bus(self._session_bus, self._left())
        try:
            self._bus = session
            address = self._ask("org.a11y.Bus", "/org/a11y/bus", "", "GetAddress")[0]
        finally:
            self._bus = None
            session.close()
        self._bus = open_bus(address, self._left())
        # Programs keep a cache only while somebody listens; this event is a rare one.
        registry = (f"{_A11Y}.Registry", "/org/a11y/atspi/registry", "Registry")
        self._ask(*registry, "RegisterEvent", "sass", ("window:create", [], ""))

    def _program(self, pid: int | None) -> str | None:
        root = (f"{_A11Y}.Registry", f"{_ACCESSIBLE}/root", "Accessible")
        senders = [sender for sender, _ in self._ask(*root, "GetChildren")[0]]
        for sender in senders:
            if sender not in self._pids:
                bus = ("org.freedesktop.DBus", "/org/freedesktop/DBus", "")
                asked = self._ask(*bus, "GetConnectionUnixProcessID", "s", (sender,))
                self._pids[sender] = asked[0]
        return next((s for s in reversed(senders) if pid and self._pids[s] == pid), None)

    def _boxes(self, items: Sequence[_Item]) -> list[Box | None]:
        """Ask for all places before hearing the first answer."""
        from jeepney import HeaderFields, MessageType

        serials = {}
        for index, item in enumerate(items):
            message = _question(
                item.sender, item.path, "Component", "GetExtents", "u", (_PIXELS_OF_SCREEN,)
            )
            serial = next(self._bus.outgoing_serial)
            self._bus.send(message, serial=serial)
            serials[serial] = index
        boxes: list[Box | None] = [None] * len(items)
        while serials:
            answer = self._bus.receive(timeout=self._left())
            index = serials.pop(answer.header.fields.get(HeaderFields.reply_serial), -1)
            if index >= 0 and answer.header.message_type == MessageType.method_return:
                boxes[index] = answer.body[0]
        return boxes

    def _ask(
        self, name: str, path: str, interface: str, method: str, *signed: Any
    ) -> Sequence[Any]:
        from jeepney.wrappers import unwrap_msg

        message = _question(name, path, interface, method, *signed)
        answer: Sequence[Any] = unwrap_msg(
            self._bus.send_and_get_reply(message, timeout=self._left())
        )
        return answer

    def _left(self) -> float:
        left_s = self._deadline - time.monotonic()
        if left_s <= 0:
            raise TimeoutError
        return left_s

    def _drop(self) -> None:
        bus, self._bus = self._bus, None
        self._pids.clear()
        if bus is not None:
            with suppress(OSError):
                bus.close()


def _question(name: str, path: str, interface: str, method: str, *signed: Any) -> Any:
    from jeepney import DBusAddress, new_method_call

    full = name if not interface else interface if "." in interface else f"{_A11Y}.{interface}"
    return new_method_call(DBusAddress(path, name, full), method, *signed)


def _item(raw: Sequence[Any]) -> _Item:
    (sender, path), _, (_, parent), _, _, interfaces, name, role, _, (low, high) = raw
    return _Item(sender, path, parent, tuple(interfaces), name, role, low | high << 32)


def _within(item: _Item, window: _Item, items: Mapping[str, _Item]) -> bool:
    seen: set[str] = set()
    above: _Item | None = item
    while above is not None and above.path not in seen:
        if above is window:
            return True
        seen.add(above.path)
        above = items.get(above.parent)
    return False


def _matters(item: _Item) -> bool:
    shown = item.has(_SHOWING) and item.has(_VISIBLE) and not item.has(_DEFUNCT)
    return shown and item.role in _ROLES and f"{_A11Y}.Component" in item.interfaces


def _element(item: _Item, box: Box) -> Element:
    states = {word for state, word in _STATES.items() if item.has(state)}
    states |= set() if item.has(_SENSITIVE) else {"disabled"}
    return Element(item.path, _ROLES[item.role], item.name, box, frozenset(states))


def _scale(said: Box | None, window: Box) -> int:
    """Return how many pixels a unit of the tree has: GTK 3 tells places without GDK_SCALE."""
    return max(1, round(window[2] / said[2])) if said and said[2] > 0 else 1


def _scaled(box: Iterable[int], scale: int) -> Box:
    left, top, width, height = (value * scale for value in box)
    return left, top, width, height


def _since(started: float) -> float:
    return (time.monotonic() - started) * 1000
