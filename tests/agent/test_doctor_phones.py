"""What the doctor says about phones, through a real adb server."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from agent.devices import Device
from agent.doctor_phones import adb_found, phone, phones
from environments.android.adb import Adb
from environments.android.own_server import OwnAdbServer
from environments.base import Stop
from environments.practice.phone.wire.server import PhoneServer
from environments.practice.phone.world import PhoneWorld


@pytest.fixture
def server() -> Iterator[OwnAdbServer]:
    started = OwnAdbServer(Stop())
    yield started
    started.close()


def test_the_adb_in_use_is_told_with_its_version() -> None:
    found = adb_found()
    assert found.level == "ok"
    assert "version" in found.text


def test_a_phone_that_is_ready_is_told_and_nothing_is_sent_to_it(server: OwnAdbServer) -> None:
    with PhoneServer(PhoneWorld(1)) as served:
        Adb(Stop(), server.port, may_start=False).connect(served.address)
        _, found = phones(Stop(), server.port)
        assert served.log.entries("input", "felt") == []
    assert (found.about, found.level) == ("phone", "ok")
    assert served.address in found.text


def test_no_phone_is_a_note_and_no_problem(server: OwnAdbServer) -> None:
    _, found = phones(Stop(), server.port)
    assert (found.level, found.text) == ("note", "No phone is connected.")


def test_no_adb_server_is_started_for_looking() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
    _, found = phones(Stop(), port)
    assert found.level == "note"
    assert "deskhand devices" in found.cure
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), 1.0)


@pytest.mark.parametrize(
    ("state", "level"),
    [("ready", "ok"), ("locked", "note"), ("in use", "note"), ("unauthorized", "problem")],
)
def test_a_state_is_as_bad_as_what_it_stands_in_the_way_of(state: str, level: str) -> None:
    device = Device("A1", state, "cure", "brand model", "14", (1, 2), 3, input_method="any")
    assert phone(device).level == level


def test_a_phone_that_can_type_only_us_keys_is_told_what_to_install() -> None:
    found = phone(Device("A1", "ready", "", "brand model", "14", (1, 2), 3))
    assert found.level == "note"
    assert "com.android.adbkeyboard" in found.cure
