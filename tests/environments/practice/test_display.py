from __future__ import annotations

import os
import select
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from environments.actions import Click, Drag, PressKeys, Scroll, TypeText
from environments.base import Stop
from environments.errors import ConfigError, DeviceDisconnectedError
from environments.geometry import InputPoint
from environments.practice.display import PracticeDisplay, WindowsProgram, open_on_display
from environments.practice.environment import InProcessPractice
from environments.practice.tasks import OracleStep
from environments.practice.templates import DEMO, TEMPLATES
from environments.registry import open_environment

ROOT = Path(__file__).parents[3]
CASES = [(t, 1) for t in sorted(TEMPLATES)] + [(t, 2) for t in DEMO] + [("replace_text", 2)]


pytestmark = pytest.mark.skipif(
    shutil.which("Xvfb") is None, reason="Xvfb not installed: apt-get install xvfb"
)


class Twins:
    """The same task twice: as windows on a display, and in process."""

    def __init__(self, windows: PracticeDisplay, template: str, seed: int) -> None:
        windows.task.reset(template, seed)
        self.windows = windows
        self.model = InProcessPractice(template, seed, Stop())

    def do(self, *steps: OracleStep) -> None:
        for step in steps:
            assert step.action is not None
            self.windows.execute(step.action)
            self.model.execute(step.action)

    def check(self) -> None:
        seen, wanted = self.windows.observe(), self.model.observe()
        assert np.array_equal(seen.frame, wanted.frame)
        assert seen.foreground == wanted.foreground
        assert self.windows.task.values() == self.model.task.values()
        assert self.windows.task.targets() == self.model.task.targets()
        assert self.windows.task.score() == self.model.task.score()


def acting(action: Click | Drag | PressKeys | Scroll | TypeText) -> OracleStep:
    return OracleStep("", action)


@pytest.mark.parametrize(("template", "seed"), CASES)
def test_the_screen_is_the_world_pixel_for_pixel_from_the_start_to_the_end(
    windows: PracticeDisplay, template: str, seed: int
) -> None:
    twins = Twins(windows, template, seed)
    assert windows.task.instruction == twins.model.task.instruction
    assert windows.task.steps == twins.model.task.steps
    twins.check()
    for _ in range(windows.task.steps):
        step = windows.task.oracle()
        assert step == twins.model.task.oracle()
        twins.do(step)
        twins.check()
    assert windows.task.oracle().action is None
    assert windows.task.score() == 1.0


def test_a_drag_that_leaves_the_window_moves_the_slider_on_the_display_too(
    windows: PracticeDisplay,
) -> None:
    twins = Twins(windows, "set_slider", 3)
    slider = next(t for t in windows.task.targets() if t.role == "slider")
    start = InputPoint(slider.box[0] + 8, slider.centre[1])
    twins.do(acting(Drag(start=start, to=InputPoint(319, 255))))
    twins.check()
    assert twins.model.task.values()[f"slider:{slider.label}"] == 10


def test_scrolling_and_a_double_click_reach_the_list(windows: PracticeDisplay) -> None:
    twins = Twins(windows, "open_item", 4)
    rows = [t for t in windows.task.targets() if t.role == "list item"]
    at = InputPoint(*rows[1].centre)
    twins.do(acting(Scroll(dy_px=-100, at=at)), acting(Scroll(dy_px=200, at=at)))
    twins.do(acting(Click(at, count=2)))
    twins.check()
    assert twins.model.task.values()["opened:list"]


def test_every_character_of_a_keyboard_arrives(windows: PracticeDisplay) -> None:
    twins = Twins(windows, "fill_form", 3)
    field = next(t for t in windows.task.targets() if t.role == "text field")
    written = "".join(map(chr, range(32, 127))) + "é"
    twins.do(acting(Click(InputPoint(*field.centre))), acting(TypeText(written)))
    twins.check()
    assert windows.task.values()[f"field:{field.label}"] == written
    twins.do(acting(PressKeys(("home",))), acting(PressKeys(("delete",))))
    twins.do(acting(PressKeys(("end",))), acting(PressKeys(("backspace",))))
    twins.check()


def test_windows_close_down_to_the_bare_desktop_and_keys_still_reach_it(
    windows: PracticeDisplay,
) -> None:
    twins = Twins(windows, "close_window", 2)
    while closers := [t for t in windows.task.targets() if t.role == "close button"]:
        twins.do(acting(Click(InputPoint(*closers[-1].centre))))
        twins.check()
    twins.do(acting(PressKeys(("ctrl", "z"))))
    twins.check()
    assert windows.task.values()["shortcuts"] == ("ctrl+z",)


def test_the_truth_takes_in_all_input_that_was_sent_before_the_question(
    windows: PracticeDisplay,
) -> None:
    for seed in range(10):
        windows.task.reset("click_button", seed)
        step = windows.task.oracle()
        assert step.action is not None
        windows.execute(step.action)
        assert windows.task.score() == 1.0


def test_an_error_of_the_world_arrives_as_the_same_error(windows: PracticeDisplay) -> None:
    windows.task.reset("click_button", 1)
    with pytest.raises(ConfigError, match="fly"):
        windows.task.reset("fly", 1)
    assert windows.task.template == "click_button"
    close = next(t for t in windows.task.targets() if t.role == "close button")
    windows.execute(Click(InputPoint(*close.centre)))
    with pytest.raises(LookupError, match="cannot be"):
        windows.task.oracle()


def test_it_opens_by_name_and_closes_twice() -> None:
    opened = open_environment("practice:fill_form/3", Stop())
    try:
        assert isinstance(opened, PracticeDisplay)
        assert (opened.task.template, opened.task.seed) == ("fill_form", 3)
    finally:
        opened.close()
    opened.close()


def test_windows_that_end_in_mid_run_are_a_lost_device() -> None:
    opened = PracticeDisplay("click_button", 1, Stop())
    try:
        opened._program.close()
        for question in (opened.observe, opened.task.score, lambda: opened.execute(Click(None))):
            with pytest.raises(DeviceDisconnectedError, match="practice windows have ended"):
                question()
    finally:
        opened.close()


def test_the_windows_do_not_outlive_whoever_opened_them() -> None:
    code = (
        "import signal; from environments.base import Stop;"
        "from environments.practice.display import PracticeDisplay;"
        "opened = PracticeDisplay('click_button', 1, Stop());"
        "print(opened._program.pid, flush=True); signal.pause()"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, cwd=ROOT) as owner:
        assert owner.stdout is not None
        windows = os.pidfd_open(int(owner.stdout.readline()))
        try:
            owner.kill()
            ended = select.select([windows], [], [], 60)[0]
        finally:
            os.close(windows)
    assert ended


def test_a_program_that_cannot_reach_its_display_says_why() -> None:
    with pytest.raises(DeviceDisconnectedError, match="have ended: "):
        WindowsProgram("click_button", 1, {"DISPLAY": ":4095"})


def test_modules_in_the_folder_where_it_is_started_are_not_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "random.py").write_text("raise SystemExit('not mine')")
    monkeypatch.chdir(tmp_path)
    opened = open_on_display("click_button/1", Stop())
    opened.close()
    assert opened.task.template == "click_button"


def test_an_unknown_template_is_refused_before_anything_starts() -> None:
    with pytest.raises(ConfigError, match="click_button"):
        open_on_display("fly/1", Stop())


def test_without_xvfb_it_names_the_package_and_the_other_way(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ConfigError, match=r"xvfb.*--on practice:in-process"):
        open_on_display("click_button/1", Stop())


def test_importing_it_loads_neither_sdl_nor_a_display() -> None:
    code = (
        "import sys, environments.practice.display, environments.practice.windows;"
        "print([m for m in ('pygame', 'Xlib', 'mss', 'pyautogui', 'torch') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True
    )
    assert done.stdout.strip() == "[]"
