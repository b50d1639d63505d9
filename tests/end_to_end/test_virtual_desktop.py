"""A scripted model on a desktop of our own: it works in real programs, and nothing remains."""

from __future__ import annotations

import json
import os
import select
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from environments.actions import OpenApp
from environments.base import Stop
from environments.desktop.opening import open_virtual
from environments.desktop.virtual import VirtualDisplay, scale_variables
from tests.agent.replies import DONE, reply


@pytest.fixture(autouse=True)
def programs() -> None:
    for program, package in (
        ("Xvfb", "xvfb"),
        ("openbox", "openbox"),
        ("dbus-daemon", "dbus-daemon"),
        ("mousepad", "mousepad"),
        ("galculator", "galculator"),
    ):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed: apt-get install {package}")


def run(folder: Path, replies: Sequence[str], *options: str) -> tuple[int, dict[str, Any]]:
    """Let a scripted model work on a virtual desktop; return the exit code and the answer."""
    script = folder / "script.json"
    script.write_text(json.dumps(replies), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "agent", "run", "Write a letter", "--json",
         "--on", "virtual:1000x700", "--model", f"scripted:{script}",
         "--preset", "autonomous", *options],
        env=os.environ | {"DESKHAND_HOME": str(folder / "home")},
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    return done.returncode, json.loads(done.stdout)


def tool(called: str, /, **arguments: str) -> str:
    call = json.dumps({"name": called, "arguments": arguments})
    return f"Thought: on.\n<tool_call>\n{call}\n</tool_call>"


def test_a_letter_is_written_in_a_real_editor_and_read_from_its_file(tmp_path: Path) -> None:
    letter = tmp_path / "letter.txt"
    code, answer = run(
        tmp_path,
        [
            tool("open_app", name="galculator"),
            tool("open_app", name="Mousepad"),
            tool("list_windows"),
            tool("focus_window", title="galculator"),
            tool("focus_window", title="Untitled"),
            reply("Write.", action="type", text="Dear Zoë,\n\tgood-bye."),
            reply("Save.", action="key", keys=["ctrl", "s"]),
            reply("Name it.", action="type", text=str(letter)),
            reply("Do it.", action="key", keys=["enter"]),
            reply("The dialog is still there.", action="wait", time=2),
            DONE,
        ],
        "--expect",
        f"file:{letter}",
    )
    assert (code, answer["status"]) == (0, "success"), answer
    assert letter.read_text(encoding="utf-8") == "Dear Zoë,\n\tgood-bye."


def test_an_unknown_application_goes_back_to_the_model_and_the_run_goes_on(tmp_path: Path) -> None:
    code, answer = run(tmp_path, [tool("open_app", name="mausepad"), DONE])
    assert (code, answer["status"]) == (3, "unknown")


def test_nothing_remains_of_a_desktop_when_its_run_is_over() -> None:
    environment = open_virtual("640x480", Stop())
    display = environment.address
    environment.execute(OpenApp("Mousepad"))
    environment.observe()
    assert processes_on(display.xauthority)
    folder = Path(display.xauthority or "").parent
    assert folder.parent == Path(tempfile.gettempdir())
    environment.close()
    assert processes_on(display.xauthority) == []
    assert not folder.exists()
    assert not Path(f"/tmp/.X11-unix/X{display.name[1:]}").exists()


def test_a_program_that_hides_in_a_session_of_its_own_ends_with_the_display() -> None:
    with VirtualDisplay(320, 200) as display:
        display.start(["sh", "-c", "setsid sh -c 'trap \"\" TERM; sleep 600 & sleep 601' & exit"])
        name = display.address.xauthority
        while sum("sleep" in words for words in processes_on(name)) < 2:
            pass
    assert processes_on(name) == []


def test_a_killed_parent_leaves_no_program_behind() -> None:
    code = (
        "import sys; from environments.desktop.virtual import VirtualDisplay\n"
        "display = VirtualDisplay(320, 200)\n"
        "display.start(['setsid', 'sleep', '600'])\n"
        "print(display.address.xauthority, display._keeper.pid, flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=Path(__file__).parents[2], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as parent:  # fmt: skip
        assert parent.stdout is not None
        name, keeper = parent.stdout.readline().split()
        waiting = os.pidfd_open(int(keeper))
        parent.kill()
    try:
        assert select.select([waiting], [], [], 30)[0]
        assert processes_on(name) == []
    finally:
        os.close(waiting)


def test_programs_find_a_session_of_their_own_and_not_the_persons(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/the/persons/bus")
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    monkeypatch.setenv("XDG_CONFIG_HOME", "/the/persons/settings")
    with VirtualDisplay(320, 200) as display:
        env = display.env()
        folder = Path(display.address.xauthority or "").parent
        assert env["DBUS_SESSION_BUS_ADDRESS"].startswith(f"unix:path={folder}/run/bus")
        assert env["XDG_CONFIG_HOME"] == str(folder / "config")
        assert "WAYLAND_DISPLAY" not in env


def test_a_scaled_desktop_tells_every_toolkit() -> None:
    assert scale_variables(1) == {}
    scaled = scale_variables(1.5)
    assert scaled["QT_SCALE_FACTOR"] == "1.5"
    assert (scaled["GDK_SCALE"], scaled["GDK_DPI_SCALE"]) == ("1", "1.5")
    plain, double = (_galculator(scale) for scale in ("", "@2"))
    assert double[0] >= 1.8 * plain[0]
    assert double[1] >= 1.8 * plain[1]


def _galculator(scale: str) -> tuple[int, int]:
    environment = open_virtual(f"1000x900{scale}", Stop())
    try:
        environment.execute(OpenApp("galculator"))
        window = environment.windows()[0]
        return window.width_px, window.height_px
    finally:
        environment.close()


def processes_on(cookie: str | None) -> list[str]:
    """Return the command lines of the processes that a display's own cookie was given to."""
    found = []
    for folder in Path("/proc").iterdir():
        if not folder.name.isdecimal():
            continue
        try:
            variables = (folder / "environ").read_bytes().split(b"\0")
            words = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
        if f"XAUTHORITY={cookie}".encode() in variables and words:
            found.append(words)
    return found
