"""Questions as notifications, over a real D-Bus with a notification service at its other end."""

from __future__ import annotations

import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from agent.notifications import ByNotification
from tools.asking import NO, YES, Inquiry

ALLOW = Inquiry("approve", "Click <b>'Pay'</b>?", (YES, NO))
NAME, PATH = "org.freedesktop.Notifications", "/org/freedesktop/Notifications"


@pytest.fixture
def bus() -> Iterator[str]:
    if shutil.which("dbus-daemon") is None:
        pytest.skip("dbus-daemon is not installed: apt-get install dbus-daemon")
    with subprocess.Popen(
        ["dbus-daemon", "--session", "--nofork", "--print-address"],
        stdout=subprocess.PIPE, text=True,
    ) as daemon:  # fmt: skip
        assert daemon.stdout
        yield daemon.stdout.readline().strip()
        daemon.terminate()


class Service:
    """A notification service that presses one button as soon as a notification stands."""

    def __init__(self, address: str, press: str, capabilities: list[str]) -> None:
        from jeepney import message_bus
        from jeepney.io.blocking import open_dbus_connection

        self.heard: list[tuple[str, Any]] = []
        self._press, self._capabilities = press, capabilities
        self._bus = open_dbus_connection(address)
        self._bus.send_and_get_reply(message_bus.RequestName(NAME))
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        from jeepney import DBusAddress, HeaderFields, new_method_return, new_signal

        answers: dict[str, tuple[str, Any]] = {
            "GetCapabilities": ("as", (self._capabilities,)),
            "Notify": ("u", (7,)),
            "CloseNotification": ("", ()),
        }
        while True:
            message = self._bus.receive()
            member = message.header.fields.get(HeaderFields.member)
            if member == "Quit":
                return
            if member in answers:
                self.heard.append((member, message.body))
                signature, body = answers[member]
                self._bus.send(new_method_return(message, signature or None, body))
            if member == "Notify":
                place = DBusAddress(PATH, interface=NAME)
                self._bus.send(new_signal(place, "ActionInvoked", "us", (6, "yes")))
                self._bus.send(new_signal(place, "ActionInvoked", "us", (7, self._press)))

    def end(self, address: str) -> None:
        from jeepney import DBusAddress, new_method_call
        from jeepney.io.blocking import open_dbus_connection

        other = open_dbus_connection(address)
        other.send(new_method_call(DBusAddress(PATH, NAME, NAME), "Quit"))
        self._thread.join()
        other.close()
        self._bus.close()


@contextmanager
def service(address: str, press: str = "no", *capabilities: str) -> Iterator[Service]:
    serving = Service(address, press, list(capabilities))
    try:
        yield serving
    finally:
        serving.end(address)


def test_the_button_that_is_pressed_is_the_answer_and_the_notification_goes(bus: str) -> None:
    with service(bus, "no", "body", "actions") as desktop:
        question = ByNotification({"DBUS_SESSION_BUS_ADDRESS": bus}).open(ALLOW)
        assert question
        while (pressed := question.answer()) is None:
            pass
        question.close()
        question.close()
    assert pressed == "no"
    shown = dict(desktop.heard)["Notify"]
    assert shown[4] == "Click &lt;b&gt;'Pay'&lt;/b&gt;?"
    assert shown[5] == ["yes", "Yes", "no", "No"]
    assert desktop.heard[-1] == ("CloseNotification", (7,))


def test_a_question_of_which_only_a_part_is_shown_has_no_buttons_to_say_yes_with(bus: str) -> None:
    long = Inquiry("approve", "Send " + "x" * 1000 + "?", (YES, NO))
    with service(bus, "yes", "body", "actions") as desktop:
        question = ByNotification({"DBUS_SESSION_BUS_ADDRESS": bus}).open(long)
        assert question
        assert [question.answer() for _ in range(3)] == [None, None, None]
        question.close()
    shown = dict(desktop.heard)["Notify"]
    assert shown[4].endswith("... Read it all with deskhand answer.")
    assert shown[5] == []


def test_a_desktop_without_buttons_is_no_way_to_ask(bus: str) -> None:
    with service(bus, "no", "body"):
        assert ByNotification({"DBUS_SESSION_BUS_ADDRESS": bus}).open(ALLOW) is None


def test_without_a_service_or_a_bus_there_is_no_notification(bus: str) -> None:
    for environ in ({"DBUS_SESSION_BUS_ADDRESS": bus}, {}):
        assert ByNotification(environ).open(ALLOW) is None
    nowhere = {"DBUS_SESSION_BUS_ADDRESS": "unix:path=/nowhere"}
    assert ByNotification(nowhere).open(ALLOW) is None


def test_a_question_that_needs_words_is_no_notification(bus: str) -> None:
    with service(bus, "no", "actions"):
        way = ByNotification({"DBUS_SESSION_BUS_ADDRESS": bus})
        assert way.open(Inquiry("ask", "Which file?")) is None
