"""Holding a clipboard: serving what was put there for as long as this process has it.

Responsible for one thread with a connection of its own that owns the clipboard, answers every
program that asks, tells who took a text, and hands everything to a clipboard manager at the end.
Decides nothing about what stands there.
"""

from __future__ import annotations

import os
import select
import threading
import time
from array import array
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any

from environments.desktop.clipboard_content import (
    CHUNK_BYTES,
    CLIPBOARD,
    TEXT_TARGETS,
    Content,
    Value,
)
from environments.desktop.x11 import DisplayAddress, connect, hang_up

MANAGER = "CLIPBOARD_MANAGER"
_CODES = {16: "H", 32: "I"}
_ANSWERED_HERE = ("TARGETS", "TIMESTAMP", "MULTIPLE", "SAVE_TARGETS")


@dataclass(slots=True)
class _Transfer:
    """A large content on its way in pieces."""

    window: Any
    place: int
    kind: int
    value: Value
    sent: int = 0
    over: bool = False


class ClipboardServer:
    """Owns the clipboard of one display in a thread of its own, from the first ``put`` on."""

    def __init__(self, address: DisplayAddress, on_taken: Callable[[int], None]) -> None:
        """Serve on a display; ``on_taken`` hears the window that has taken a text.

        Raises:
            DeviceDisconnectedError: no display answers there.
        """
        from Xlib import X

        self._connection = connect(address)
        self._connection.set_error_handler(lambda *_: None)  # Windows close while they are served.
        self._window = self._connection.screen().root.create_window(
            -1, -1, 1, 1, 0, 0, window_class=X.InputOnly, event_mask=X.PropertyChangeMask
        )
        self._on_taken = on_taken
        self._content: Content | None = None
        self._since = 0
        self.asked_s = 0.0
        """When a program asked for something last, by ``time.monotonic()``."""
        self._delivering: dict[tuple[int, int], str] = {}
        self._transfers: dict[tuple[int, int], _Transfer] = {}
        self._hand_over: Future[bool] | None = None
        self._orders: SimpleQueue[tuple[Callable[[], Any], Future[Any]]] = SimpleQueue()
        self._bell, self._ring = os.pipe()
        self._ended = threading.Event()
        self._gone = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True, name="clipboard")
        self._thread.start()

    @property
    def window(self) -> int:
        """The window that stands for us as an owner."""
        return int(self._window.id)

    @property
    def owns(self) -> bool:
        """Whether the clipboard is ours now."""
        return self._content is not None

    def put(self, content: Content) -> bool:
        """Take the clipboard and serve this; False if the display did not let us have it."""
        return bool(self._ask(lambda: self._own(content)))

    def change(self, content: Content) -> bool:
        """Serve something else under the same ownership; False if another program has it now."""
        return bool(self._ask(lambda: self._exchange(content)))

    def drop(self) -> None:
        """Leave the clipboard empty, if it is still ours."""
        self._ask(self._disown)

    def hand_over(self, timeout_s: float) -> bool | None:
        """Give what is served to the clipboard manager; None if there is none."""
        waiting: Future[bool] | None = self._ask(self._ask_manager)
        if waiting is None:
            return None
        try:
            return waiting.result(timeout_s)
        except TimeoutError:
            return False

    def close(self) -> None:
        """Stop serving; may be called twice."""
        if self._ended.is_set():
            return
        self._ended.set()
        os.write(self._ring, b"!")
        self._thread.join()
        hang_up(self._connection)
        os.close(self._bell)
        os.close(self._ring)

    def _ask(self, order: Callable[[], Any]) -> Any:
        if self._gone.is_set() or self._ended.is_set():
            return None
        answer: Future[Any] = Future()
        self._orders.put((order, answer))
        os.write(self._ring, b"!")
        while True:
            try:
                return answer.result(0.1)
            except TimeoutError:
                if self._gone.is_set():  # The display went away under the thread.
                    return None

    def _serve(self) -> None:
        from Xlib import error

        try:
            while not self._ended.is_set():
                while self._connection.pending_events():
                    self._handle(self._connection.next_event())
                self._carry_out_orders()
                self._connection.flush()
                if not self._connection.pending_events() and self._orders.empty():
                    select.select([self._connection, self._bell], [], [])
        except (error.ConnectionClosedError, error.DisplayError, OSError, ValueError):
            self._content = None
        finally:
            self._gone.set()

    def _carry_out_orders(self) -> None:
        if select.select([self._bell], [], [], 0)[0]:
            os.read(self._bell, 4096)
        while not self._orders.empty():
            order, answer = self._orders.get()
            answer.set_result(order())

    def _handle(self, event: Any) -> None:
        from Xlib import X

        if event.type == X.SelectionRequest:
            self._answer(event)
        elif event.type == X.SelectionClear and event.time >= self._since:
            self._content = None
        elif event.type == X.PropertyNotify and event.state == X.PropertyDelete:
            self._taken(event.window.id, event.atom)
        elif event.type == X.SelectionNotify and self._hand_over is not None:
            self._hand_over.set_result(event.property != X.NONE)
            self._hand_over = None

    def _own(self, content: Content) -> bool:
        self._since = self._now()
        self._content = content
        selection = self._atom(CLIPBOARD)
        self._window.set_selection_owner(selection, self._since)
        owner = self._connection.get_selection_owner(selection)
        if isinstance(owner, int) or owner.id != self._window.id:
            self._content = None
            return False
        return True

    def _exchange(self, content: Content) -> bool:
        if self._content is None:
            return False
        # Taken anew, so that programs which remember what the clipboard held ask again.
        return self._own(content)

    def _disown(self) -> None:
        from Xlib import X
        from Xlib.protocol import request

        if self._content is None:
            return
        self._content = None
        now = self._now()
        request.SetSelectionOwner(
            display=self._connection.display,
            window=X.NONE,
            selection=self._atom(CLIPBOARD),
            time=now,
        )
        self._connection.sync()

    def _ask_manager(self) -> Future[bool] | None:
        from Xlib import X

        manager = self._atom(MANAGER)
        if self._connection.get_selection_owner(manager) == X.NONE or self._content is None:
            return None
        place = self._atom("DESKHAND_SAVE")
        names = [self._atom(name) for name in self._content.values]
        self._window.change_property(place, self._atom("ATOM"), 32, names)
        self._window.convert_selection(manager, self._atom("SAVE_TARGETS"), place, self._now())
        self._hand_over = Future()
        return self._hand_over

    def _answer(self, request: Any) -> None:
        from Xlib import X
        from Xlib.protocol.event import SelectionNotify

        self.asked_s = time.monotonic()
        place = request.property or request.target  # Obsolete clients (ICCCM, section 2.2).
        done = self._convert(request.requestor, request.target, place)
        request.requestor.send_event(
            SelectionNotify(
                time=request.time,
                requestor=request.requestor,
                selection=request.selection,
                target=request.target,
                property=place if done else X.NONE,
            )
        )
        self._connection.flush()

    def _convert(self, window: Any, target: int, place: int) -> bool:
        if self._content is None:
            return False
        name = self._connection.get_atom_name(target)
        if name == "TARGETS":
            offered = [*_ANSWERED_HERE, *self._content.values]
            window.change_property(place, self._atom("ATOM"), 32, list(map(self._atom, offered)))
        elif name == "TIMESTAMP":
            window.change_property(place, self._atom("INTEGER"), 32, [self._since])
        elif name == "MULTIPLE":
            return self._convert_several(window, place)
        elif name == "SAVE_TARGETS":
            window.change_property(place, self._atom("NULL"), 32, [])
        elif name in self._content.values:
            self._send(window, place, name, self._content.values[name])
        else:
            return False
        return True

    def _convert_several(self, window: Any, place: int) -> bool:
        from Xlib import X

        pairs = window.get_full_property(place, X.AnyPropertyType)
        if pairs is None:
            return False
        atoms = list(pairs.value)
        for index in range(0, len(atoms) - 1, 2):
            if not self._convert(window, atoms[index], atoms[index + 1]):
                atoms[index + 1] = X.NONE
        window.change_property(place, self._atom("ATOM_PAIR"), 32, atoms)
        return True

    def _send(self, window: Any, place: int, name: str, value: Value) -> None:
        from Xlib import X

        window.change_attributes(event_mask=X.PropertyChangeMask)
        self._delivering[window.id, place] = name
        kind = self._atom(value.kind)
        if len(value.data) <= CHUNK_BYTES:
            window.change_property(place, kind, value.bits, _units(value.bits, value.data))
            return
        self._transfers[window.id, place] = _Transfer(window, place, kind, value)
        window.change_property(place, self._atom("INCR"), 32, [len(value.data)])

    def _taken(self, window: int, place: int) -> None:
        transfer = self._transfers.get((window, place))
        if transfer is not None and not transfer.over:
            self._send_piece(transfer)
            return
        self._transfers.pop((window, place), None)
        name = self._delivering.pop((window, place), None)
        if name in TEXT_TARGETS:
            self._on_taken(window)

    def _send_piece(self, transfer: _Transfer) -> None:
        value = transfer.value
        piece = value.data[transfer.sent : transfer.sent + CHUNK_BYTES]
        transfer.sent += len(piece)
        transfer.over = not piece  # An empty piece says that it was the last.
        units = _units(value.bits, piece)
        transfer.window.change_property(transfer.place, transfer.kind, value.bits, units)

    def _now(self) -> int:
        """Return the server's time, as an owner has to give it (ICCCM, section 2.1)."""
        from Xlib import X

        place = self._atom("DESKHAND_NOW")
        self._window.change_property(place, self._atom("INTEGER"), 32, [], X.PropModeAppend)
        while True:
            event = self._connection.next_event()
            if event.type == X.PropertyNotify and event.atom == place:
                return int(event.time)
            self._handle(event)

    def _atom(self, name: str) -> int:
        return int(self._connection.intern_atom(name))


def _units(bits: int, data: bytes) -> Any:
    return data if bits not in _CODES else array(_CODES[bits], data).tolist()
