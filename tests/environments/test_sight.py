"""Seeing a real X display: what the server tells, and what is found out about an action."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from typing import Any

import pytest
from Xlib import X

from benchmarks.suites.reactive import surroundings
from environments.actions import Click, TypeText, Wait
from environments.base import Stop
from environments.desktop.damage import Damage
from environments.desktop.environment import DesktopEnvironment
from environments.desktop.virtual import VirtualDisplay
from environments.desktop.witness import Witness
from environments.desktop.x11 import connect
from environments.effects import Effect, explain, judge
from environments.errors import DeviceDisconnectedError
from environments.geometry import InputPoint

VIDEO_TILES = 20


class Program:
    """Another program on a display: it opens windows and draws."""

    def __init__(self, display: VirtualDisplay) -> None:
        self.connection = connect(display.address)
        self.root = self.connection.screen().root
        self.pen = self.root.create_gc(foreground=0x123456)

    def draw(self, left: int, top: int) -> None:
        self.root.fill_rectangle(self.pen, left, top, 9, 9)
        self.connection.sync()

    def window(self, title: str) -> Any:
        window = self.root.create_window(5, 5, 90, 60, 0, X.CopyFromParent)
        window.set_wm_name(title)
        window.map()
        self.connection.sync()
        return window

    def copy(self, window: Any) -> None:
        window.set_selection_owner(self.connection.intern_atom("CLIPBOARD"), X.CurrentTime)
        self.connection.sync()

    def close(self) -> None:
        self.connection.close()


@pytest.fixture
def bare(x_display: VirtualDisplay) -> Iterator[VirtualDisplay]:
    """A display of its own without a window manager; skips where none can be started."""
    with VirtualDisplay(320, 200, window_manager=False) as display:
        yield display


@pytest.fixture
def program(bare: VirtualDisplay) -> Iterator[Program]:
    with closing(Program(bare)) as program:
        yield program


def test_a_drawing_is_told_once_and_none_where_nothing_was_drawn(
    bare: VirtualDisplay, program: Program
) -> None:
    with closing(Damage(bare.address)) as damage:
        assert damage.is_there
        damage.moved()
        assert not damage.moved()
        assert not damage.wait(0.05)
        program.draw(10, 10)
        assert damage.wait(10)
        assert damage.moved()
        assert not damage.moved()


def test_a_display_that_has_gone_is_reported_by_whoever_asks() -> None:
    if shutil.which("Xvfb") is None:
        pytest.skip("Xvfb not installed: apt-get install xvfb")
    with VirtualDisplay(320, 200, window_manager=False) as display:
        damage, witness = Damage(display.address), Witness(display.address)
    with closing(damage), pytest.raises(DeviceDisconnectedError, match="start again"):
        damage.wait(10)
    with closing(witness), pytest.raises(DeviceDisconnectedError, match="start again"):
        witness.ask()


def test_windows_that_come_and_go_are_told_by_their_titles(x_display: VirtualDisplay) -> None:
    with closing(Program(x_display)) as program, closing(Witness(x_display.address)) as witness:
        before = witness.ask()
        window = program.window("Letter")
        while not (now := witness.ask()).opened_since(before):
            pass  # Until the window manager knows it.
        assert now.opened_since(before) == ("Letter",)
        while witness.ask().front_since(before) != "Letter":
            pass
        window.destroy()
        program.connection.sync()
        while not (last := witness.ask()).closed_since(now):
            pass
        assert last.closed_since(now) == ("Letter",)


def test_a_copy_is_noticed_also_by_the_same_owner(bare: VirtualDisplay, program: Program) -> None:
    with closing(Witness(bare.address)) as witness:
        window = program.window("Letter")
        counts = [witness.ask().copies]
        for _ in range(2):
            program.copy(window)
            counts.append(witness.ask().copies)
        assert [count - counts[0] for count in counts] == [0, 1, 2]


def test_what_happens_while_the_model_thinks_is_no_effect_of_its_action(
    bare: VirtualDisplay, program: Program
) -> None:
    with closing(DesktopEnvironment(bare.address, Stop())) as environment:
        before = environment.observe()
        program.draw(100, 100)
        click = Click(InputPoint(10, 10))
        environment.execute(click)
        after = environment.observe()
        assert before.frame_hash != after.frame_hash
        assert judge(click, before, after) is Effect.NO_OP
        assert explain(click, after) == "nothing changed"


def test_what_changes_after_the_look_before_the_action_is_its_effect(
    bare: VirtualDisplay, program: Program
) -> None:
    with closing(DesktopEnvironment(bare.address, Stop())) as environment:
        before = environment.observe()
        wait = Wait(0)
        environment.execute(wait)
        program.draw(100, 100)
        after = environment.observe()
        assert judge(wait, before, after) is Effect.CONFIRMED
        assert (after.settled_by, after.ignored) == ("quiet", 0.0)


@pytest.fixture
def beside_a_video(x_display: VirtualDisplay) -> Iterator[DesktopEnvironment]:
    """An environment before a window with a caret and a video, which it knows already."""
    command = [sys.executable, "-m", "benchmarks.suites.reactive", surroundings("video").text()]
    with ExitStack() as opened:
        display = opened.enter_context(VirtualDisplay(800, 600))
        process = opened.enter_context(
            subprocess.Popen(command, env=display.env(), stdout=subprocess.PIPE)
        )
        opened.callback(process.terminate)
        assert process.stdout is not None
        process.stdout.readline()
        stop = Stop()
        environment = opened.enter_context(closing(DesktopEnvironment(display.address, stop)))
        environment.observe()
        while len(environment._sight._watcher.calm(time.monotonic()).places) < VIDEO_TILES:
            stop.wait(0.05)
        yield environment


def test_a_video_is_not_waited_for_and_hides_nothing_that_is_typed_elsewhere(
    beside_a_video: DesktopEnvironment,
) -> None:
    environment, typing = beside_a_video, TypeText("a")
    before = environment.observe()
    environment.execute(typing)
    after = environment.observe()
    assert judge(typing, before, after) is Effect.CONFIRMED
    assert after.settled_by == "quiet"
    assert 0 < after.ignored < 0.1
