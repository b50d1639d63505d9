"""What is down comes up: when a person stops the run, and when Deskhand is killed."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from environments.actions import Hold
from environments.base import Stop
from environments.desktop.environment import DesktopEnvironment
from environments.desktop.held import Held, noted
from environments.desktop.releaser import let_go
from environments.desktop.virtual import VirtualDisplay
from environments.desktop.x11 import connect
from environments.geometry import InputPoint

ROOT = Path(__file__).parents[2]
BUTTON_BITS = 0x1F00


@pytest.fixture
def witness(x_display: VirtualDisplay) -> Iterator[Any]:
    """A connection that can be asked what is down."""
    with closing(connect(x_display.address)) as connection:
        yield connection


def down(connection: Any) -> int:
    keys: int = sum(byte.bit_count() for byte in connection.query_keymap())
    mask: int = connection.screen().root.query_pointer().mask
    return keys + (mask & BUTTON_BITS).bit_count()


def test_a_stop_while_nothing_is_done_lets_go_at_once(
    x_display: VirtualDisplay, witness: Any
) -> None:
    stop = Stop()
    with closing(DesktopEnvironment(x_display.address, stop)) as environment:
        environment.execute(Hold(("ctrl", "shift"), button="left", at=InputPoint(5, 5)))
        assert down(witness) == 3
        stop.set("enough")
        watch = environment._hands.holding._watch
        assert watch is not None
        watch.join()
        assert down(witness) == 0


def test_a_killed_deskhand_leaves_nothing_pressed(x_display: VirtualDisplay, witness: Any) -> None:
    code = (
        "import sys\n"
        "from environments.actions import Hold\n"
        "from environments.base import Stop\n"
        "from environments.desktop.environment import DesktopEnvironment\n"
        "from environments.desktop.x11 import DisplayAddress\n"
        "from environments.geometry import InputPoint\n"
        "environment = DesktopEnvironment(DisplayAddress(*sys.argv[1:]), Stop())\n"
        "environment.execute(Hold(('ctrl', 'a'), button='right', at=InputPoint(5, 5)))\n"
        "print(environment._hands.driver.held._releaser.pid, flush=True); sys.stdin.read()"
    )
    address = x_display.address
    command = [sys.executable, "-c", code, address.name, str(address.xauthority)]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        with open_process(int(process.stdout.readline())) as releaser:
            assert down(witness) == 3
            process.kill()
            assert select.select([releaser], [], [], 30)[0]
    assert down(witness) == 0


def test_what_is_held_is_named_with_buttons_first_and_forgotten_when_released(
    x_display: VirtualDisplay,
) -> None:
    with closing(Held(x_display.address)) as held:
        held.add("key", 38)
        held.add("button", 3)
        assert list(held) == [("button", 3), ("key", 38)]
        assert ("key", 38) in held
        held.remove("key", 38)
        assert list(held) == [("button", 3)]


def open_process(pid: int) -> Any:
    return os.fdopen(os.pidfd_open(pid), "rb", closefd=True)


HOLDS_IN_A_FILE = """
import os, signal, sys
from pathlib import Path
from environments.actions import Hold
from environments.base import Stop
from environments.desktop.environment import DesktopEnvironment
from environments.desktop.x11 import DisplayAddress

environment = DesktopEnvironment(DisplayAddress(os.environ["DISPLAY"]), Stop())
environment.keep_notes_in(Path(sys.argv[1]))
environment.execute(Hold(("shift",), "left"))
releaser = environment._hands.driver.held._releaser
os.kill(releaser.pid, signal.SIGKILL)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_was_held_is_let_go_later_where_the_releaser_was_killed_too(
    x_display: VirtualDisplay, witness: Any, tmp_path: Path
) -> None:
    notes = tmp_path / "held"
    died = subprocess.run(
        [sys.executable, "-c", HOLDS_IN_A_FILE, str(notes)],
        env=x_display.env() | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert died.returncode == -signal.SIGKILL, died.stderr
    assert down(witness) == 2
    assert [kind for kind, _ in let_go(x_display.address, notes)] == ["button", "key"]
    assert down(witness) == 0
    assert let_go(x_display.address, notes) == [], "the notes are empty now"


def test_a_note_about_a_key_that_is_up_sends_nothing(
    x_display: VirtualDisplay, tmp_path: Path
) -> None:
    notes = tmp_path / "held"
    notes.write_bytes(b"\0" * 50 + b"\1" + b"\0" * 400)
    assert let_go(x_display.address, notes) == []
    assert let_go(x_display.address, tmp_path / "nothing here") == []


def test_notes_move_into_a_file_with_what_is_down(
    x_display: VirtualDisplay, tmp_path: Path
) -> None:
    held, file = Held(x_display.address), tmp_path / "held"
    try:
        held.add("key", 50)
        held.keep_in(file)
        held.add("button", 1)
        assert [*held] == [*noted(file.read_bytes())] == [("button", 1), ("key", 50)]
    finally:
        held.close()
