from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import adbutils
import pytest

from environments.practice.phone.wire.server import PhoneServer
from environments.practice.phone.world import PhoneWorld


@dataclass
class Adb:
    """The stock command line with a server of its own."""

    port: int
    environment: dict[str, str]
    serial: str = ""

    def __call__(self, *arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        chosen = ["-s", self.serial] if self.serial else []
        command = [adbutils.adb_path(), "-P", str(self.port), *chosen, *arguments]
        return subprocess.run(
            command, input=stdin, capture_output=True, env=self.environment, timeout=60, check=False
        )


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
def adb_server(tmp_path: Path) -> Iterator[Adb]:
    home = tmp_path / "home"
    home.mkdir()
    environment = {**os.environ, "HOME": str(home), "ADB_MDNS_OPENSCREEN": "0", "ADB_MDNS": "0"}
    # Looking for USB devices costs the server three seconds at its start.
    environment["ADB_USB"] = "0"
    environment.pop("ANDROID_SERIAL", None)
    port = free_port()
    # As adb starts its own server: it says OK on this descriptor when it listens.
    told, tells = os.pipe()
    command = [adbutils.adb_path(), "-L", f"tcp:localhost:{port}", "fork-server", "server"]
    with (home / "server.log").open("wb") as log:
        server = subprocess.Popen(
            [*command, "--reply-fd", str(tells)],
            env=environment,
            stdout=log,
            stderr=log,
            pass_fds=[tells],
        )
    os.close(tells)
    with open(told, "rb") as reply:
        assert reply.readline() == b"OK\n"
    yield Adb(port, environment)
    server.terminate()
    server.wait(10)


@pytest.fixture
def world() -> PhoneWorld:
    return PhoneWorld(1)


@pytest.fixture
def phone(world: PhoneWorld) -> Iterator[PhoneServer]:
    with PhoneServer(world) as server:
        yield server


@pytest.fixture
def adb(adb_server: Adb, phone: PhoneServer) -> Adb:
    said = adb_server("connect", phone.address).stdout
    assert said == f"connected to {phone.address}\n".encode()
    return Adb(adb_server.port, adb_server.environment, phone.address)


@pytest.fixture
def device(adb: Adb) -> adbutils.AdbDevice:
    return adbutils.AdbClient(port=adb.port).device(adb.serial)
