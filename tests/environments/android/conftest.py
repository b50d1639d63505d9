"""A practice phone behind the real adb server, with its truth at hand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from environments.android.adb import Adb
from environments.android.environment import AndroidEnvironment
from environments.android.own_server import OwnAdbServer
from environments.base import Stop
from environments.geometry import InputPoint
from environments.practice.phone.wire.log import Entry
from environments.practice.phone.wire.server import PhoneServer
from environments.practice.phone.world import PhoneWorld


@pytest.fixture(scope="session")
def adb_server() -> Iterator[OwnAdbServer]:
    """One adb server of our own for all tests."""
    server = OwnAdbServer(Stop())
    yield server
    server.close()


@pytest.fixture
def adb(adb_server: OwnAdbServer) -> Adb:
    return Adb(Stop(), adb_server.port, may_start=False)


@dataclass
class Served:
    """A phone that is served, and its truth."""

    server: PhoneServer
    world: PhoneWorld

    @property
    def serial(self) -> str:
        return self.server.address

    def point(self, label: str) -> InputPoint:
        """Return where something of the world is."""
        found = [one for one in self.world.targets() if one.label == label]
        return InputPoint(*found[-1].centre)

    def felt(self, *commands: str) -> list[Entry]:
        """Return the input that the phone felt, of commands that begin so."""
        entries = self.server.log.entries("input")
        return [one for one in entries if str(one.values["command"]).startswith(commands)]


@pytest.fixture
def served(adb: Adb) -> Iterator[Served]:
    """A phone that the server knows."""
    world = PhoneWorld(7)
    with PhoneServer(world) as server:
        adb.connect(server.address)
        yield Served(server, world)
        adb.disconnect(server.address)


@pytest.fixture
def stop() -> Stop:
    return Stop()


@pytest.fixture
def phone(adb_server: OwnAdbServer, served: Served, stop: Stop) -> Iterator[AndroidEnvironment]:
    """The phone as it is seen and touched, after a first look."""
    adb = Adb(stop, adb_server.port, may_start=False)
    environment = AndroidEnvironment(adb, served.serial, stop)
    environment.see_elements()
    environment.observe()
    yield environment
    environment.close()
