"""Whose input is it? What a person does on an X display, told apart from what we send.

Responsible for hearing every key, button and motion on one display and for passing on those that
are not ours. Two sources, neither of which guesses:

- XInput 2 raw events name the device that they come from. Our input comes from the XTEST devices,
  a person's from any other one: mouse, touchpad, tablet, touch screen, a VNC server's own devices.
- The RECORD extension names the client behind each XTEST request, and the X-Resource extension the
  process behind a client. What another process sends through XTEST (a remote desktop, a macro, an
  on-screen keyboard) is a person's as well: it did not come from us.

Raw events are delivered whatever window has grabbed the keyboard. Sends nothing, stops nothing.
"""

from __future__ import annotations

import os
import select
import struct
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, suppress
from typing import Any

from environments.desktop.keys import KEY_NAMES
from environments.desktop.monitors import x_monitors
from environments.desktop.panic import Area, PersonEvent
from environments.desktop.x11 import DisplayAddress, connect, hang_up, reaching
from environments.errors import ConfigError
from environments.geometry import InputPoint

_XINPUT, _RECORD, _RESOURCES, _XTEST = "XInputExtension", "RECORD", "X-Resource", "XTEST"
_XINPUT_VERSION = (2, 2)
"""2.1 names the source device of raw events (XI2proto, "sourceid"); 2.2 adds touches."""

_RAW_KEY_DOWN, _RAW_KEY_UP, _RAW_MOTION, _RAW_TOUCHES = 13, 14, 17, (22, 23, 24)
_RAW_EVENTS = (*range(13, 18), *_RAW_TOUCHES)
_FAKE_INPUT = 2  # The minor opcode of XTestFakeInput.
_KEY_DOWN, _KEY_UP, _MOTION = 2, 3, 6  # Event types of the core protocol.
_LOOK_EVERY_S = 0.010
_AREAS_EVERY_S = 2.0


class PersonWatch:
    """Listens to one display from construction to ``close``.

    Attributes:
        sees_other_programs: False where the display cannot tell which process sent an XTEST event;
            then only what comes from real devices is taken for a person's.
    """

    def __init__(
        self, address: DisplayAddress, hear: Callable[[PersonEvent, Sequence[Area]], None]
    ) -> None:
        """Begin to listen; ``hear`` is called in a thread of this watch, with the monitors' areas.

        Raises:
            ConfigError: the display does not tell where input comes from.
            DeviceDisconnectedError: no display answers there.
        """
        self._hear = hear
        self._reader, self._writer = os.pipe()
        self._moved, self._looked_s = False, 0.0
        self._areas, self._areas_s = (), float("-inf")  # type: tuple[Area, ...], float
        with ExitStack() as undo:
            undo.callback(os.close, self._writer)
            undo.callback(os.close, self._reader)
            self._devices = _Devices(address)
            undo.callback(self._devices.close)
            self._requests = _Requests(address)
            undo.callback(self._requests.close)
            self.sees_other_programs = self._requests.works
            self._thread = threading.Thread(target=self._watch, name="person", daemon=True)
            self._closing = undo.pop_all()
        self._thread.start()

    def close(self) -> None:
        """Stop listening; may be called twice, and when the display has gone."""
        if self._thread.is_alive():
            os.write(self._writer, b".")
            self._thread.join()
        self._closing.close()

    def _watch(self) -> None:
        from Xlib import error

        # A display that has gone is told by whoever acts on it next.
        with suppress(error.ConnectionClosedError, OSError):
            while self._wait():
                for event in (*self._devices.events(), *self._requests.events()):
                    self._pass_on(event)
                if self._moved and time.monotonic() - self._looked_s >= _LOOK_EVERY_S:
                    self._look()

    def _wait(self) -> bool:
        if self._devices.has_more() or self._requests.has_more():
            return True
        sources = [self._reader, self._devices.connection, self._requests.connection]
        timeout_s = _LOOK_EVERY_S if self._moved else None
        return self._reader not in select.select(sources, [], [], timeout_s)[0]

    def _pass_on(self, event: PersonEvent) -> None:
        # Where the pointer is costs a question; a mouse moves up to a thousand times a second.
        self._moved |= event.kind == "move"
        self._hear(event, self._areas)

    def _look(self) -> None:
        now_s = self._looked_s = time.monotonic()
        if now_s - self._areas_s >= _AREAS_EVERY_S:
            self._areas, self._areas_s = self._devices.areas(), now_s
        self._moved = False
        self._hear(PersonEvent("rest", at=self._devices.pointer()), self._areas)


class _Devices:
    """Raw events of all devices but the XTEST ones."""

    def __init__(self, address: DisplayAddress) -> None:
        self.connection = connect(address)
        self._are_ours: dict[int, bool] = {}
        try:
            with reaching(address):
                self._ask(address)
        except BaseException:
            self.close()
            raise

    def events(self) -> Iterator[PersonEvent]:
        """Yield what the person did since the last question."""
        from Xlib import X

        while self.connection.pending_events():
            event = self.connection.next_event()
            if event.type == X.MappingNotify:
                self.connection.refresh_keyboard_mapping(event)
            elif getattr(event, "evtype", None) in _RAW_EVENTS:
                yield from self._persons(event)

    def has_more(self) -> bool:
        """Tell whether events came in together with the answer to a question."""
        return bool(self.connection.display.event_queue)

    def pointer(self) -> InputPoint:
        """Return where the pointer is."""
        found = self.connection.screen().root.query_pointer()
        return InputPoint(found.root_x, found.root_y)

    def areas(self) -> tuple[Area, ...]:
        """Return the monitors' areas."""
        screens = [monitor.screen for monitor in x_monitors(self.connection)]
        return tuple(
            Area(s.offset.x, s.offset.y, s.offset.x + s.width_px, s.offset.y + s.height_px)
            for s in screens
        )

    def key_name(self, code: int) -> str:
        """Return the name of a key in the layout of now; empty where it has none."""
        return _name_of_keysym(self.connection.keycode_to_keysym(code, 0))

    def close(self) -> None:
        """Hang up."""
        hang_up(self.connection)

    def _ask(self, address: DisplayAddress) -> None:
        from Xlib.ext import xinput

        if not self.connection.has_extension(_XINPUT):
            raise _unwatchable(address)
        major, minor = _XINPUT_VERSION
        opcode = self.connection.display.get_extension_major(_XINPUT)
        spoken = xinput.XIQueryVersion(
            display=self.connection.display, opcode=opcode, major_version=major, minor_version=minor
        )
        if (spoken.major_version, spoken.minor_version) < (2, 1):
            raise _unwatchable(address)
        mask = sum(1 << kind for kind in _RAW_EVENTS)
        self.connection.screen().root.xinput_select_events([(xinput.AllDevices, mask)])
        self.connection.sync()

    def _persons(self, event: Any) -> Iterator[PersonEvent]:
        # xXIRawEvent behind its first ten bytes: device, time, detail, source.
        device, _, detail, source = struct.unpack_from("=HIIH", event._data["data"])
        # An event is told once by its own device and once more by the master that it moves.
        if device != source or self._is_ours(source):
            return
        if event.evtype in (_RAW_KEY_DOWN, _RAW_KEY_UP):
            kind = "down" if event.evtype == _RAW_KEY_DOWN else "up"
            yield PersonEvent(kind, self.key_name(detail))  # type: ignore[arg-type]
        else:
            yield PersonEvent("move" if event.evtype == _RAW_MOTION else "other")

    def _is_ours(self, device: int) -> bool:
        # An id can be given to another device later, but never to an XTEST one: those come and go
        # with their masters only.
        from Xlib import error

        if device not in self._are_ours:
            try:
                found = self.connection.xinput_query_device(device).devices
            except error.XError:  # Unplugged since; an XTEST device never is.
                return False
            self._are_ours[device] = any("XTEST" in str(one.name) for one in found)
        return self._are_ours[device]


class _Requests:
    """XTEST requests of all processes but this one."""

    def __init__(self, address: DisplayAddress) -> None:
        self.connection, self._asked = connect(address), connect(address)
        self._events: list[PersonEvent] = []
        self._are_ours: dict[int, bool] = {}
        try:
            with reaching(address):
                self._me = self._process_of(self._asked.display.info.resource_id_base)
                needed = (_RECORD, _XTEST)
                self.works = bool(self._me) and all(map(self.connection.has_extension, needed))
                if self.works:
                    self._record()
        except BaseException:
            self.close()
            raise

    def events(self) -> Iterator[PersonEvent]:
        """Yield what another process sent since the last question."""
        self.connection.pending_events()  # Reads, and so calls _recorded.
        while self._asked.pending_events():
            from Xlib import X

            event = self._asked.next_event()
            if event.type == X.MappingNotify:
                self._asked.refresh_keyboard_mapping(event)
        found, self._events = self._events, []
        yield from found

    def has_more(self) -> bool:
        """Tell whether something waits that has been read already."""
        return bool(self._events)

    def close(self) -> None:
        """Hang up, which ends the recording too."""
        hang_up(self.connection)
        hang_up(self._asked)

    def _record(self) -> None:
        from Xlib.ext import record

        display = self.connection.display
        xtest = self.connection.query_extension(_XTEST).major_opcode
        nothing = dict.fromkeys(
            ("core_requests", "core_replies", "delivered_events", "device_events", "errors"), (0, 0)
        )
        wanted = nothing | {
            "ext_requests": (xtest, xtest, _FAKE_INPUT, _FAKE_INPUT),
            "ext_replies": (0, 0, 0, 0),
            "client_started": True,
            "client_died": True,
        }
        context = self.connection.record_create_context(0, [record.AllClients], [wanted])
        self.connection.sync()
        # Deferred: python-xlib would wait for the end of the recording in here.
        record.EnableContext(
            callback=self._recorded,
            display=display,
            defer=True,
            opcode=display.get_extension_major(_RECORD),
            context=context,
        )
        self.connection.flush()
        # What another program sends before that is carried out would be missed. The answer comes
        # with the first event only; after two rounds of another client's, the server has read it.
        for _ in range(2):
            self._asked.sync()

    def _recorded(self, reply: Any) -> None:
        from Xlib.ext import record

        if reply.category in (record.ClientStarted, record.ClientDied):
            self._are_ours.pop(reply.id_base, None)  # Ids are given to new clients again.
        elif reply.category == record.FromClient and not self._is_ours(reply.id_base):
            little = (sys.byteorder == "little") != bool(reply.client_swapped)
            self._events += self._faked(bytes(reply.data), "<" if little else ">")

    def _faked(self, data: bytes, order: str) -> Iterator[PersonEvent]:
        # XTestFakeInput: opcode, minor, length in words, event type, detail.
        while len(data) >= 6:  # noqa: PLR2004 - as far as the fields reach
            words, kind, detail = struct.unpack_from(f"{order}xxHBB", data)
            if kind in (_KEY_DOWN, _KEY_UP):
                name = _name_of_keysym(self._asked.keycode_to_keysym(detail, 0))
                yield PersonEvent("down" if kind == _KEY_DOWN else "up", name)
            else:
                yield PersonEvent("move" if kind == _MOTION else "other")
            data = data[4 * max(words, 1) :]

    def _is_ours(self, client: int) -> bool:
        if client not in self._are_ours:
            # A client that has gone already is not one of ours: they live as long as the run.
            self._are_ours[client] = self._process_of(client) == self._me
        return self._are_ours[client]

    def _process_of(self, client: int) -> int | None:
        from Xlib import error
        from Xlib.ext import res

        if not self._asked.has_extension(_RESOURCES):
            return None
        asked = [{"client": client, "mask": res.LocalClientPIDMask}]
        try:
            found = self._asked.res_query_client_ids(asked).ids
        except error.XError:  # Before X-Resource 1.2, or the client has gone.
            return None
        return found[0].value[0] if found and found[0].value else None


def _name_of_keysym(keysym: int) -> str:
    from Xlib import XK

    if ord(" ") <= keysym <= ord("~"):
        return chr(keysym).lower()
    if not _KEYSYM_NAMES:
        named = {value: name[3:].lower() for name, value in vars(XK).items() if name[:3] == "XK_"}
        _KEYSYM_NAMES.update({k: KEY_NAMES[n] for k, n in named.items() if n in KEY_NAMES})
    return _KEYSYM_NAMES.get(keysym, "")


_KEYSYM_NAMES: dict[int, str] = {}


def _unwatchable(address: DisplayAddress) -> ConfigError:
    return ConfigError(
        f"The display {address.name} does not tell a person's input from a program's (it lacks "
        "XInput 2.1), so Deskhand could not make way for you. Use --on virtual."
    )
