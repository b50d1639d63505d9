"""One line to one adb server.

Responsible for the greeting with or without keys, and for streams: each OPEN is a service in a
thread of its own. Source: ``protocol.txt`` of AOSP's adb.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable

from environments.practice.phone.wire.auth import Keys
from environments.practice.phone.wire.device import Device
from environments.practice.phone.wire.packets import (
    AUTH,
    AUTH_PUBLIC_KEY,
    AUTH_SIGNATURE,
    AUTH_TOKEN,
    CLSE,
    CNXN,
    MAX_PAYLOAD,
    OKAY,
    OPEN,
    VERSION,
    WRTE,
    Packet,
    ProtocolError,
    encode,
    read_packet,
)
from environments.practice.phone.wire.services import find_service
from environments.practice.phone.wire.streams import Stream, StreamClosed


class Connection:
    """Serves a socket until either side ends it."""

    def __init__(self, line: socket.socket, device: Device, keys: Keys) -> None:
        self._line = line
        self._device = device
        self._keys = keys
        self._sending = threading.Lock()
        self._streams: dict[int, Stream] = {}
        self._services: list[threading.Thread] = []
        self._last = 0
        self._limit = MAX_PAYLOAD
        self._with_checksum = True
        self._token = b""
        self._is_greeted = False
        self._is_gone = threading.Event()

    def serve(self) -> None:
        """Answer packets until the line ends; leave no stream open."""
        try:
            with self._line.makefile("rb", buffering=1 << 16) as incoming:
                while (packet := read_packet(incoming)) is not None:
                    self._take(packet)
        except (OSError, ProtocolError, StreamClosed):
            pass  # The line is of no use any more, whatever ended it.
        finally:
            self.close()

    def close(self) -> None:
        """Cut the line; services find it closed."""
        self._is_gone.set()
        with contextlib.suppress(OSError):  # It may have been cut already.
            self._line.shutdown(socket.SHUT_RDWR)
        self._line.close()
        for stream in list(self._streams.values()):
            stream.drop()

    def join(self) -> None:
        """Wait until every service has ended."""
        for thread in list(self._services):
            if thread is not threading.current_thread():
                thread.join()

    def _send(self, packet: Packet) -> None:
        data = encode(packet, self._with_checksum)
        try:
            with self._sending:
                self._line.sendall(data)
        except OSError as error:
            raise StreamClosed from error

    def _take(self, packet: Packet) -> None:
        if packet.command == CNXN:
            self._greet(packet)
        elif packet.command == AUTH:
            self._prove(packet)
        elif packet.command == OPEN and self._is_greeted:
            self._open(packet)
        elif packet.command in (WRTE, OKAY, CLSE):
            self._pass_on(packet)

    def _pass_on(self, packet: Packet) -> None:
        stream = self._streams.get(packet.arg1)
        if stream is None:
            if packet.command == WRTE:
                self._send(Packet(CLSE, packet.arg1, packet.arg0))
        elif packet.command == WRTE:
            stream.take(packet.data)
        elif packet.command == OKAY:
            stream.taken()
        else:
            stream.drop()

    def _greet(self, packet: Packet) -> None:
        self._limit = min(packet.arg1, MAX_PAYLOAD)
        version = min(packet.arg0, VERSION)
        self._with_checksum = version < VERSION
        if self._keys.is_asking():
            self._token = self._keys.token()
            self._send(Packet(AUTH, AUTH_TOKEN, 0, self._token))
        else:
            self._welcome()

    def _prove(self, packet: Packet) -> None:
        if packet.arg0 == AUTH_SIGNATURE:
            if self._keys.knows(self._token, packet.data):
                self._welcome()
            else:
                self._token = self._keys.token()
                self._send(Packet(AUTH, AUTH_TOKEN, 0, self._token))
        elif packet.arg0 == AUTH_PUBLIC_KEY:
            key = packet.data.rstrip(b"\0")
            self._start("adb-ask", lambda: self._ask(key))

    def _ask(self, key: bytes) -> None:
        if self._keys.ask(key, self._is_gone):
            self._welcome()

    def _welcome(self) -> None:
        self._is_greeted = True
        self._device.log.add("connect")
        banner = self._device.identity.banner
        self._send(Packet(CNXN, VERSION, MAX_PAYLOAD, banner))

    def _open(self, packet: Packet) -> None:
        name = packet.data.rstrip(b"\0").decode(errors="surrogateescape")
        service = find_service(self._device, name)
        if service is None:
            self._send(Packet(CLSE, 0, packet.arg0))
            return
        self._last += 1
        stream = Stream(self._last, packet.arg0, self._send, self._limit)
        self._streams[stream.local] = stream
        stream.accept()
        self._start(f"adb-{stream.local}", lambda: self._run(service, stream))

    def _run(self, service: Callable[[Stream], None], stream: Stream) -> None:
        try:
            service(stream)
            stream.close()
        finally:
            if stream.drop():  # Whatever ended the service, the host is not left waiting.
                self._send(Packet(CLSE, stream.local, stream.remote))
            self._streams.pop(stream.local, None)

    def _start(self, name: str, work: Callable[[], None]) -> None:
        def quietly() -> None:
            with contextlib.suppress(StreamClosed):  # The line went while the service answered.
                work()

        thread = threading.Thread(target=quietly, name=name, daemon=True)
        self._services = [one for one in self._services if one.is_alive()]
        self._services.append(thread)
        thread.start()
