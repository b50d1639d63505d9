from __future__ import annotations

import os
import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from environments.actions import Click, OpenApp, PressKeys, TypeText
from environments.base import Stop
from environments.desktop.atspi import AtSpi
from environments.desktop.environment import DesktopEnvironment
from environments.desktop.opening import open_virtual
from environments.effects import Effect, explain, judge
from environments.elements import Element, Elements, differences, graded
from environments.geometry import InputPoint

WINDOW = (100, 100, 400, 300)
SAVE = Element("1", "push button", "Save", (110, 110, 40, 20))
PANEL = Element("2", "list", "", (100, 100, 300, 200))


def test_a_tree_is_fresh_only_if_it_knows_its_window_and_has_something_in_time() -> None:
    assert graded([SAVE], (102, 120, 396, 278), WINDOW, 10).freshness == "fresh"
    assert graded([], (102, 120, 396, 278), WINDOW, 10).freshness == "empty"
    assert graded([SAVE], (500, 120, 396, 278), WINDOW, 10).freshness == "stale"
    assert graded([SAVE], None, WINDOW, 10).freshness == "stale"
    slow = graded([SAVE], (102, 120, 396, 278), WINDOW, 201)
    assert (slow.freshness, slow.items) == ("slow", ())


def test_the_smallest_element_under_a_point_is_the_one_that_is_meant() -> None:
    tree = Elements("fresh", items=(PANEL, SAVE))
    assert tree.at(InputPoint(115, 115)) is SAVE
    assert tree.at(InputPoint(250, 250)) is PANEL
    assert tree.at(InputPoint(10, 10)) is None


def test_changes_are_told_in_words_and_clocks_are_not() -> None:
    box = (0, 0, 9, 9)
    before = Elements(
        "fresh",
        items=(
            Element("a", "check box", "Sound", box),
            Element("b", "label", "12:00", box),
            Element("c", "entry", "", box, frozenset({"focused"})),
        ),
    )
    after = Elements(
        "fresh",
        items=(
            Element("a", "check box", "Sound", box, frozenset({"checked", "focused"})),
            Element("b", "label", "12:01", box),
            Element("c", "entry", "", box),
        ),
    )
    assert differences(before, after) == (
        "the check box 'Sound' is now checked",
        "the check box 'Sound' is now focused",
    )
    assert differences(before, before) == ()
    assert differences(None, after) == differences(before, Elements("slow")) == ()


def test_an_absent_bus_is_reported_and_nothing_raises() -> None:
    with closing(AtSpi("unix:path=/nowhere/bus")) as source:
        tree = source.read(1, WINDOW)
        assert tree.freshness == "absent"
        assert source.focused_text() is None


def test_a_bus_that_does_not_answer_is_slow_and_left_alone_after_two_tries(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(tmp_path / "bus"))
        silent.listen()
        answering = threading.Thread(target=_greet, args=(silent,))
        answering.start()
        with closing(AtSpi(f"unix:path={tmp_path}/bus")) as source:
            found = [source.read(1, WINDOW) for _ in range(3)]
        answering.join()
    assert [tree.freshness for tree in found] == ["slow"] * 3
    assert "not asked again" in found[2].reason


def _greet(door: socket.socket) -> None:
    """Let two callers in, as a bus does, and then say nothing."""
    for _ in range(2):
        caller, _ = door.accept()
        with caller:
            caller.recv(1024)
            caller.sendall(b"OK 0123456789abcdef0123456789abcdef\r\n")
            while caller.recv(4096):
                pass


@pytest.fixture
def desktop() -> Iterator[DesktopEnvironment]:
    for program in ("Xvfb", "openbox", "dbus-daemon", "mousepad"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed: apt-get install {program.lower()}")
    if not Path("/usr/libexec/at-spi-bus-launcher").exists():
        pytest.skip("the accessibility bus is not installed: apt-get install at-spi2-core")
    with closing(open_virtual("900x600", Stop())) as environment:
        yield environment


def test_a_real_editor_is_read_through_its_elements(desktop: DesktopEnvironment) -> None:
    before = desktop.observe()
    assert before.elements is None
    desktop.execute(OpenApp("Mousepad"))
    opened = desktop.observe()
    assert opened.elements is not None
    assert opened.elements.freshness == "fresh"
    desktop.execute(TypeText("Grüße\n\tñ"))
    look = desktop.observe()
    assert judge(TypeText(""), opened, look) is Effect.CONFIRMED
    assert "read back: it stands in the field" in explain(TypeText(""), look)
    assert look.elements is not None
    menu = next(item for item in look.elements.items if item.words() == "menu 'File'")
    middle = InputPoint(menu.box[0] + menu.box[2] // 2, menu.box[1] + menu.box[3] // 2)
    assert look.elements.at(middle) == menu
    desktop.execute(Click(middle))
    assert "the menu 'File' is now selected" in explain(Click(middle), desktop.observe())
    desktop.execute(PressKeys(("esc",)))
    assert os.environ.get("AT_SPI_BUS_ADDRESS") is None
