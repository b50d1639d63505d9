"""The practice phone on a port of this machine, for the real adb server to connect to.

Responsible for the listening socket and its threads, and for the faults of the line: cut, without
an answer, unauthorised. What travels is ``connection``'s.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Sequence
from types import TracebackType

from environments.practice.phone.base import Phone
from environments.practice.phone.wire.auth import Keys
from environments.practice.phone.wire.connection import Connection
from environments.practice.phone.wire.device import Device
from environments.practice.phone.wire.faults import Faults
from environments.practice.phone.wire.identity import Identity
from environments.practice.phone.wire.injections import Injection
from environments.practice.phone.wire.log import Log


class PhoneServer:
    """Serves a phone on 127.0.0.1 from construction to ``close``.

    Attributes:
        device: the phone's system, with ``phone``, ``files``, ``log`` and ``faults``.
        keys: which hosts are let in.
        port: where it listens.
    """

    def __init__(
        self,
        phone: Phone,
        identity: Identity | None = None,
        faults: Faults | None = None,
        log: Log | None = None,
        keys: Keys | None = None,
        port: int = 0,
    ) -> None:
        """Listen at once; port 0 takes a free one.

        Raises:
            OSError: the port is taken.
        """
        self.device = Device(
            phone, identity or Identity(), faults=faults or Faults(), log=log or Log(), cut=self.cut
        )
        self.keys = keys or Keys()
        self._offline_until_s = 0.0
        self._connections: list[Connection] = []
        self._threads: list[threading.Thread] = []
        self._lock = threading.Lock()
        self._is_closed = threading.Event()
        self._socket = socket.create_server(("127.0.0.1", port))
        self.port: int = self._socket.getsockname()[1]
        self._accepting = threading.Thread(target=self._accept, name="phone", daemon=True)
        self._accepting.start()

    @property
    def address(self) -> str:
        """What ``adb connect`` takes, and the serial by which the server then knows the phone."""
        return f"127.0.0.1:{self.port}"

    @property
    def log(self) -> Log:
        """What reached the phone."""
        return self.device.log

    @property
    def injections(self) -> Sequence[Injection]:
        """Typed text that the shell took for its own language."""
        return tuple(self.device.injections)

    def cut(self, offline_s: float = 0.0, unauthorised_s: float = 0.0) -> None:
        """Cut every line; answer no new one, or let nobody in, for so long."""
        self._offline_until_s = time.monotonic() + offline_s
        if unauthorised_s:
            self.keys.refuse(unauthorised_s)
        with self._lock:
            connections, self._connections = self._connections, []
        for connection in connections:
            connection.close()
        if connections:
            self.device.log.add("disconnect", offline_s=offline_s, unauthorised_s=unauthorised_s)

    def close(self) -> None:
        """End every line, thread and the listening; the world stays as it is."""
        self._is_closed.set()
        self.device.closing.set()
        # A listening socket's accept does not end by closing it; a last connection ends it.
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
        self._accepting.join()
        self._socket.close()
        self.cut()
        for thread in self._threads:
            thread.join()
        self.device.jobs.join()
        self.log.close()

    def __enter__(self) -> PhoneServer:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _accept(self) -> None:
        while not self._is_closed.is_set():
            line, _ = self._socket.accept()
            if self._is_closed.is_set():
                line.close()
                return
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            thread = threading.Thread(target=self._serve, args=(line,), name="adb", daemon=True)
            self._threads = [one for one in self._threads if one.is_alive()]
            self._threads.append(thread)
            thread.start()

    def _serve(self, line: socket.socket) -> None:
        connection = Connection(line, self.device, self.keys)
        with self._lock:
            self._connections.append(connection)
        # Whoever calls while the phone is offline is heard, and answered when it is back.
        self._is_closed.wait(max(0.0, self._offline_until_s - time.monotonic()))
        connection.serve()
        connection.join()
        with self._lock:
            if connection in self._connections:
                self._connections.remove(connection)
