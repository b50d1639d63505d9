from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from functools import partial

import pytest

from benchmarks.suites.monitors import MONITORS, divide, misses, remove, shows
from environments.actions import Click, FocusWindow, MoveTo
from environments.base import Stop
from environments.desktop.environment import DesktopEnvironment
from environments.desktop.monitors import (
    Monitor,
    MonitorView,
    macos_monitor,
    monitor_at,
    monitor_named,
    windows_monitor,
    x11_monitor,
    x_monitors,
)
from environments.desktop.opening import view_of
from environments.desktop.virtual import VirtualDisplay
from environments.desktop.windows import WindowView, list_windows, window_named
from environments.desktop.x11 import connect
from environments.errors import ConfigError, DeviceDisconnectedError, ToolError
from environments.geometry import ImagePoint, InputPoint

RETINA_AND_USUAL = [
    macos_monitor("a", (0, 0, 1512, 982), 3024),
    macos_monitor("b", (1512, 0, 1920, 1080), 1920),
]
SHOW_TWO_WINDOWS = """
import sys
from Xlib import X, display
connection = display.Display()
root = connection.screen().root
for name, at in (("Letter", 30), ("Sums", 300)):
    window = root.create_window(at, 60, 200, 150, 0, connection.screen().root_depth)
    window.set_wm_name(name)
    window.set_wm_class(name.lower(), name)
    window.set_wm_normal_hints(flags=1, x=at, y=60)
    window.map()
connection.sync()
print("ready", flush=True)
while True:
    connection.next_event()
"""


@pytest.fixture
def display(x_display: VirtualDisplay) -> Iterator[VirtualDisplay]:
    """A root of two monitors; skips where no display can be started."""
    with VirtualDisplay(3840, 1200) as started:
        divide(started.address, MONITORS)
        yield started


@pytest.fixture
def windows(display: VirtualDisplay) -> Iterator[VirtualDisplay]:
    """The same with two windows, of programs "Letter" and "Sums"."""
    with subprocess.Popen(
        [sys.executable, "-c", SHOW_TWO_WINDOWS],
        env=display.env(),
        stdout=subprocess.PIPE,
    ) as program:
        assert program.stdout is not None
        assert program.stdout.readline() == b"ready\n"
        with closing(connect(display.address)) as connection:
            while len(list_windows(connection)) < 2:  # Until the window manager has them.
                pass
        yield display
        program.terminate()


def test_the_monitors_of_a_display_are_read_with_place_size_and_rank(
    display: VirtualDisplay,
) -> None:
    with closing(connect(display.address)) as connection:
        assert x_monitors(connection) == MONITORS


def test_a_monitor_is_chosen_by_name_by_number_and_else_the_primary_one() -> None:
    assert monitor_named(MONITORS, "").name == "LEFT"
    assert monitor_named(MONITORS, "right").name == "RIGHT"
    assert monitor_named(MONITORS, "2").name == "RIGHT"
    for wanted in ("RIGTH", "3", "0"):
        with pytest.raises(ConfigError, match=r"1 LEFT \(1920x1200 at 0,0\); 2 RIGHT"):
            monitor_named(MONITORS, wanted)


@pytest.mark.parametrize(
    ("monitors", "point", "name"),
    [
        ([windows_monitor("a", (0, 0, 1920, 1080)), windows_monitor("b", (-1280, 0, 0, 1024))],
         InputPoint(-1, 1023), "b"),
        (RETINA_AND_USUAL, InputPoint(1511, 981), "a"),
        (RETINA_AND_USUAL, InputPoint(1512, 0), "b"),
        ([x11_monitor("a", (0, 0), (100, 100))], InputPoint(100, 0), None),
    ],
)  # fmt: skip
def test_a_pointer_position_belongs_to_the_monitor_that_shows_it(
    monitors: list[Monitor], point: InputPoint, name: str | None
) -> None:
    found = monitor_at(monitors, point)
    assert (found.name if found else None) == name


def test_only_the_monitor_asked_for_is_seen_and_points_lead_to_it(display: VirtualDisplay) -> None:
    view = partial(MonitorView, wanted="RIGHT")
    with closing(DesktopEnvironment(display.address, Stop(), view=view)) as environment:
        look = environment.observe()
        assert look.frame.shape == (1080, 1920, 3)
        environment.execute(MoveTo(look.screen.to_input(ImagePoint(0, 0))))
        assert environment.cursor == InputPoint(1920, 120)
        environment.execute(MoveTo(look.screen.to_input(ImagePoint(1919, 1079))))
        assert environment.cursor == InputPoint(3839, 1199)


def test_a_monitor_that_is_unplugged_in_mid_run_ends_in_a_sentence(display: VirtualDisplay) -> None:
    view = partial(MonitorView, wanted="RIGHT")
    with closing(DesktopEnvironment(display.address, Stop(), view=view)) as environment:
        environment.observe()
        remove(display.address, MONITORS[1])
        sentence = r"RIGHT was unplugged.*There are: LEFT.*--on desktop:MONITOR"
        with pytest.raises(DeviceDisconnectedError, match=sentence):
            environment.observe()
        with pytest.raises(DeviceDisconnectedError, match=sentence):
            environment.execute(Click(InputPoint(2000, 300)))


def test_targets_on_the_second_monitor_are_hit_and_each_monitor_has_its_own_origin(
    display: VirtualDisplay,
) -> None:
    left, right = [show for show in shows() if show.toolkit == "plain"]
    assert misses(right, display, Stop()) == []
    wrong = right.monitor.screen.crop(ImagePoint(0, 0), 1000, 500)
    assert wrong.to_input(ImagePoint(5, 5)) == InputPoint(1925, 125)
    assert left.monitor.screen.to_input(ImagePoint(5, 5)) == InputPoint(5, 5)


def test_windows_are_listed_and_brought_to_the_front(windows: VirtualDisplay) -> None:
    with closing(DesktopEnvironment(windows.address, Stop())) as environment:
        assert {window.title for window in environment.windows()} == {"Letter", "Sums"}
        for title in ("Letter", "sums", "Lett"):
            environment.execute(FocusWindow(title))
            front = environment.windows()[0]
            assert front.is_active
            assert title.casefold() in front.title.casefold()
        with pytest.raises(ToolError, match=r"'Leter'.*Did you mean 'Letter'.*'Sums' of Sums"):
            environment.execute(FocusWindow("Leter"))


def test_one_window_can_be_all_that_is_seen_until_it_closes(windows: VirtualDisplay) -> None:
    with closing(DesktopEnvironment(windows.address, Stop(), view=view_of("window:sums"))) as seen:
        look = seen.observe()
        with closing(connect(windows.address)) as connection:
            window = window_named(list_windows(connection), "Sums")
            assert (look.screen.width_px, look.screen.height_px) == (
                window.width_px, window.height_px,
            )  # fmt: skip
            assert look.screen.to_input(ImagePoint(0, 0)) == InputPoint(window.at.x, window.at.y)
            assert window.is_active
            connection.create_resource_object("window", window.number).destroy()
            connection.sync()
            while len(list_windows(connection)) > 1:
                pass
        with pytest.raises(DeviceDisconnectedError, match="'Sums' was closed"):
            seen.observe()


def test_a_window_that_is_not_there_is_refused_with_those_that_are(windows: VirtualDisplay) -> None:
    with (
        closing(connect(windows.address)) as connection,
        pytest.raises(ConfigError, match="'Letter' of Letter"),
    ):
        WindowView(connection, "Nothing")
