from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing

import pytest

from benchmarks.suites.monitors import MONITORS, divide
from environments.base import Stop
from environments.desktop.calibration import Calibrated, calibrate
from environments.desktop.virtual import VirtualDisplay
from environments.desktop.x11 import connect


@pytest.fixture
def display(x_display: VirtualDisplay) -> Iterator[VirtualDisplay]:
    """A root of two monitors; skips where no display can be started."""
    with VirtualDisplay(3840, 1200) as started:
        divide(started.address, MONITORS)
        yield started


def test_every_click_arrives_on_every_monitor_and_the_pointer_is_put_back(
    display: VirtualDisplay,
) -> None:
    with closing(connect(display.address)) as connection:
        root = connection.screen().root
        root.warp_pointer(700, 500)
        connection.sync()
        found = list(calibrate(display.address, Stop()))
        assert [calibrated.monitor.name for calibrated in found] == ["LEFT", "RIGHT"]
        assert all(calibrated.is_good for calibrated in found), [f.sentence() for f in found]
        pointer = root.query_pointer()
        assert (pointer.root_x, pointer.root_y) == (700, 500)


def test_what_covers_a_target_is_noticed(display: VirtualDisplay) -> None:
    with closing(connect(display.address)) as connection:
        screen = connection.screen()
        cover = screen.root.create_window(
            1880, 0, 40, 1200, 0, screen.root_depth, override_redirect=1, background_pixel=0,
        )  # fmt: skip
        cover.map()
        connection.sync()
        # Whatever else is mapped or raised, this one goes above it again.
        code = (
            "from Xlib import X, display; import sys\n"
            "c = display.Display(); root = c.screen().root\n"
            "root.change_attributes(event_mask=X.SubstructureNotifyMask); c.sync()\n"
            "w = c.create_resource_object('window', int(sys.argv[1]))\n"
            "print('ready', flush=True)\n"
            "while True:\n"
            "    e = c.next_event()\n"
            "    if e.type == X.MapNotify and e.window.id != w.id: w.raise_window(); c.flush()\n"
        )
        with subprocess.Popen(
            [sys.executable, "-c", code, str(cover.id)],
            env=display.env(),
            stdout=subprocess.PIPE,
        ) as raising:
            assert raising.stdout is not None
            raising.stdout.readline()
            left, right = calibrate(display.address, Stop())
            raising.terminate()
    assert left.targets - len(left.errors_px) == left.unseen == 3
    assert not left.is_good
    assert "6 of 9 clicks arrived" in left.sentence()
    assert right.is_good


def test_the_doctor_prints_the_error_of_each_monitor(display: VirtualDisplay) -> None:
    kept = {name: value for name, value in os.environ.items() if "WAYLAND" not in name}
    done = subprocess.run(
        [sys.executable, "-m", "agent", "doctor", "--calibrate", "--json"],
        env=kept | display.env() | {"XDG_SESSION_TYPE": "x11"},
        capture_output=True,
        text=True,
        check=False,
    )
    findings = json.loads(done.stdout)
    assert done.returncode == 0, done.stderr
    assert [finding["level"] for finding in findings] == ["ok", "ok"]
    assert "RIGHT (1920x1080 at 1920,120): 9 of 9 clicks arrived" in findings[1]["text"]


def test_an_error_larger_than_half_a_grid_step_is_not_good() -> None:
    far = Calibrated(MONITORS[0], 2, (0.0, 3.0), 0)
    assert not far.is_good
    assert "at most 3.0 px away" in far.sentence()
