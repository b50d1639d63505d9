"""What breaks in mid-run on a person's own desktop: each ends in its sentence, code and journal."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from Xlib import X
from Xlib.protocol import rq

from agent.archive import RunRecord, list_runs, load_run
from environments.desktop.panic import Area, PersonEvent
from environments.desktop.person import PersonWatch
from environments.desktop.virtual import VirtualDisplay
from environments.desktop.x11 import DisplayAddress, connect, hang_up
from tests.agent.replies import DONE, reply
from tests.end_to_end.scripts import write_script

TYPE = reply("Type.", action="type", text="a" * 2_000)
CLICK = reply("Click.", action="left_click", coordinate=[500, 500])
DEVICE_ERROR = 5


@dataclass(frozen=True)
class Ended:
    """A run in a process of its own, after its end."""

    code: int
    reason: str
    complaints: str
    record: RunRecord


@dataclass
class Desk:
    """A display that plays the person's own, and what runs there."""

    folder: Path
    display: VirtualDisplay

    def run(
        self, replies: Sequence[str], *options: str, meanwhile: Callable[[], None] | None = None
    ) -> Ended:
        """Run a script there; ``meanwhile`` is called at its first input."""
        first = threading.Event()

        def hear(event: PersonEvent, areas: Sequence[Area]) -> None:
            first.set()  # To this process, the run is somebody else.

        command = [sys.executable, "-m", "agent", "run", "x", "--json"]
        command += ["--preset", "autonomous", *options]  # Nobody is there to be asked.
        with closing(PersonWatch(self.display.address, hear)):
            process = subprocess.Popen(
                [*command, "--model", write_script(self.folder, replies)],
                env=self._env(),
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            if meanwhile:
                assert first.wait(60)
                meanwhile()
            out, err = process.communicate(timeout=120)
        runs = self.folder / "home" / "runs"
        (summary,) = list_runs(runs)
        assert process.returncode == json.loads(out)["exit_code"]
        return Ended(process.returncode, summary.reason, err, load_run(runs, summary.id))

    def _env(self) -> dict[str, str]:
        return self.display.env() | {"DESKHAND_HOME": str(self.folder / "home")}


@pytest.fixture
def desk(x_display: VirtualDisplay, tmp_path: Path) -> Iterator[Desk]:
    """A desk of its own for each test; skips where no display can be started."""
    with VirtualDisplay(640, 480) as display:
        yield Desk(tmp_path, display)


class _SetMonitor(rq.Request):  # python-xlib's own cannot pack the outputs, of which we have none.
    _request = rq.Struct(
        rq.Card8("opcode"),
        rq.Opcode(43),
        rq.RequestLength(),
        rq.Window("window"),
        rq.Card32("name"),
        rq.Pad(4),
        rq.Int16("x"),
        rq.Int16("y"),
        rq.Card16("width"),
        rq.Card16("height"),
        rq.Pad(8),
    )


@contextmanager
def monitors(
    address: DisplayAddress, **places: tuple[int, int, int, int]
) -> Iterator[Callable[[str], None]]:
    """Give a display monitors by name, each as x, y, width, height; yield what unplugs one."""
    connection = connect(address)
    root = connection.screen().root

    def unplug(name: str) -> None:
        root.xrandr_delete_monitor(connection.intern_atom(name))
        connection.sync()

    for name, place in places.items():
        _SetMonitor(
            display=connection.display,
            opcode=connection.display.get_extension_major("RANDR"),
            window=root,
            name=connection.intern_atom(name),
            **dict(zip(("x", "y", "width", "height"), place, strict=True)),
        )
    connection.sync()
    try:
        yield unplug
    finally:
        hang_up(connection)


def closed(record: RunRecord) -> bool:
    """Tell whether a journal has its outcome and no call without an end."""
    calls = [call for step in record.steps for call in step.calls]
    return record.outcome is not None and all(call.ended_at for call in calls)


def test_a_display_that_dies_in_mid_action_ends_the_run_as_a_device_error(desk: Desk) -> None:
    ended = desk.run([TYPE, DONE], "--on", "desktop", meanwhile=desk.display.close)
    assert ended.code == DEVICE_ERROR
    assert "does not answer" in ended.reason
    assert "start again" in ended.reason
    assert "Traceback" not in ended.complaints
    assert closed(ended.record)
    (call,) = ended.record.steps[0].calls
    assert call.content == "It broke off; what it did is not known."


def test_a_monitor_that_is_unplugged_ends_the_run_with_its_name(desk: Desk) -> None:
    with monitors(desk.display.address, left=(0, 0, 320, 480), right=(320, 0, 320, 480)) as unplug:
        waits = reply("Wait.", action="wait", time=1)
        ended = desk.run(
            [CLICK, waits, CLICK, DONE],
            "--on",
            "desktop:right",
            meanwhile=lambda: unplug("right"),
        )
    assert ended.code == DEVICE_ERROR
    assert "The monitor right was unplugged" in ended.reason
    assert "left (320x480" in ended.reason
    assert closed(ended.record)


def test_without_an_accessibility_bus_the_run_goes_on(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("DBUS_SESSION_BUS_ADDRESS", "AT_SPI_BUS_ADDRESS"):
        monkeypatch.setenv(name, "unix:path=/nowhere")
    ended = desk.run([CLICK, DONE], "--on", "desktop")
    assert (ended.code, ended.complaints) == (3, "")
    assert closed(ended.record)


def test_a_person_who_comes_is_told_to_the_model_and_the_run_goes_on(desk: Desk) -> None:
    def nudge() -> None:
        connection = connect(desk.display.address)
        connection.xtest_fake_input(X.MotionNotify, x=300, y=300)
        connection.sync()
        hang_up(connection)

    ended = desk.run([TYPE, CLICK, DONE], "--on", "desktop", meanwhile=nudge)
    assert ended.code == 3
    calls = [step.calls[0] for step in ended.record.steps]
    (refused,) = [call for call in calls if call.is_error]
    assert "a person used the mouse or keyboard" in str(refused.content)


def test_a_wayland_session_is_refused_before_anything_begins(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    env = os.environ | {"XDG_SESSION_TYPE": "wayland", "DESKHAND_HOME": str(desk.folder)}
    command = [sys.executable, "-m", "agent", "run", "x", "--on", "desktop", "--model"]
    done = subprocess.run(
        [*command, write_script(desk.folder, [DONE])],
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "Wayland session" in done.stderr
    assert "--on virtual" in done.stderr
    assert len(done.stderr.splitlines()) == 1
