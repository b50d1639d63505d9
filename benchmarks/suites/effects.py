"""Two hundred actions of which it is known whether they do something.

Responsible for doing them to real windows (a text editor, a calculator, a window of ours with
clocks, spinners and videos in it) through the real environment, and for what was said of each.
The truth is written beside each action and does not come from pixels: what the program is known to
do in that state. Scrolling a document that fits, or a key at the end of a text, does nothing.

A session is one program from its start. It goes through short scenes that end where they began, in
an order drawn from its seed.
"""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.suites.reactive import AREAS, surroundings
from environments.actions import Action, Click, Drag, PressKeys, Scroll, TypeText
from environments.base import Stop
from environments.desktop.environment import DesktopEnvironment
from environments.desktop.virtual import VirtualDisplay
from environments.desktop.windows import Window, list_windows
from environments.desktop.x11 import connect, hang_up
from environments.effects import Effect, explain, judge
from environments.errors import ConfigError
from environments.geometry import InputPoint

SCREEN_PX = (1024, 768)
THINKING_S = (0.4, 3.0)
"""How long a model looks at a screen before it acts."""

ACTIONS = 20
"""In a session."""

_APPEARS_S = 20.0

Point = tuple[int, int]
"""From the top left corner of the window's frame."""

Step = tuple[str, "Point | str", bool]
"""What is done, with what, and whether it does something there."""

SESSIONS = (
    *(f"window-{kind}/{seed}" for seed in range(1) for kind in ("clock", "spinner", "video")),
    *(f"mousepad/{seed}" for seed in range(4)),
    *(f"galculator/{seed}" for seed in range(3)),
)
CASES = tuple(f"{session}/{number:02}" for session in SESSIONS for number in range(ACTIONS))

_TEXT, _BELOW = (6, 80), (300, 400)
MOUSEPAD: tuple[tuple[Step, ...], ...] = (
    (("key", "home", True), ("key", "home", False), ("key", "left", False),
     ("key", "backspace", False), ("key", "up", False), ("key", "end", True)),
    (("key", "end", False), ("key", "delete", False), ("key", "right", False)),
    (("key", "ctrl a", True), ("key", "ctrl a", False), ("key", "ctrl c", True),
     ("key", "end", True)),
    (("key", "ctrl c", False), ("key", "ctrl x", False)),
    (("key", "alt f", True), ("key", "escape", True), ("key", "escape", False)),
    (("key", "ctrl s", True), ("key", "escape", True)),
    (("type", "x", True), ("key", "backspace", True), ("key", "ctrl y", False)),
    (("click", _BELOW, False), ("click", _BELOW, False)),
    (("scroll down", _BELOW, False), ("scroll up", _BELOW, False)),
    (("right click", _BELOW, True), ("key", "escape", True)),
    (("drag", _TEXT, True), ("key", "end", True)),
    (("key", "f8", False), ("key", "pagedown", False)),
)  # fmt: skip

_DEAD, _MR, _M_PLUS, _CLEAR = (70, 134), (230, 180), (295, 180), (186, 134)
_FIVE, _THREE, _BACK, _EDIT, _MS = (100, 260), (165, 300), (300, 134), (60, 32), (165, 180)
GALCULATOR: tuple[tuple[Step, ...], ...] = (
    (("click", _FIVE, True), ("click", _THREE, True), ("click", _CLEAR, True)),
    (("click", _DEAD, False), ("click", _MR, False)),
    (("click", _M_PLUS, False), ("scroll down", _DEAD, False)),
    (("type", "42", True), ("click", _BACK, True), ("click", _CLEAR, True)),
    (("key", "alt f", True), ("key", "escape", True)),
    (("click", _EDIT, True), ("key", "escape", True), ("click", _DEAD, False)),
    (("right click", _DEAD, True), ("key", "escape", True), ("drag", _DEAD, False)),
    (("click", _MR, False), ("click", _THREE, True), ("click", _CLEAR, True)),
    (("click", _CLEAR, False),),
    (("key", "f8", False), ("click", _DEAD, False)),
)  # fmt: skip

_LIVE, _LATE, _NOTHING, _STOP, _WITHIN = (
    (box[0] + 20, box[1] + 20) for box in (AREAS[n] for n in AREAS)
)
WINDOW: tuple[tuple[Step, ...], ...] = (
    (("click", _LIVE, True), ("click", _NOTHING, False)),
    (("click", _LATE, True), ("click", _NOTHING, False)),
    (("type", "a", True), ("key", "f8", False), ("type", "word", True)),
    (("right click", _LIVE, False), ("scroll down", _NOTHING, False)),
    (("key", "left", False), ("click", _LIVE, True)),
    (("drag", _NOTHING, False), ("type", "b", True)),
)  # fmt: skip
STOPPING: tuple[Step, ...] = (("click", _STOP, True), ("click", _STOP, True))
"""A button that stops what moves and starts it again; a clock may tick or not, so not for it."""

WITHIN: tuple[Step, ...] = (("click", _WITHIN, True), ("click", _WITHIN, True))
"""Something small appears in the middle of a video."""


@dataclass(frozen=True, slots=True)
class Said:
    """What was said of one action.

    Attributes:
        what: the action in words.
        real: whether it does something.
        effect: the verdict.
        reason: the reason that was given.
    """

    what: str
    real: bool
    effect: Effect
    reason: str

    @property
    def is_right(self) -> bool:
        """A real effect is not called a no-op; a true no-op is suspected."""
        return (self.effect is Effect.NO_OP) != self.real


def play(session: str, stop: Stop, count: int = ACTIONS) -> list[Said]:
    """Go through the first actions of a session and return what was said of each.

    Raises:
        ConfigError: a program is missing, or does not appear.
        Stopped: a stop was asked for.
    """
    program, _, seed = session.partition("/")
    chance = random.Random(session)
    with ExitStack() as opened:
        display = opened.enter_context(VirtualDisplay(*SCREEN_PX))
        opened.enter_context(_running(program, display))
        window = _appeared(display, stop)
        environment = DesktopEnvironment(display.address, stop)
        opened.callback(environment.close)
        environment.observe()
        stop.wait(1.0)
        if program == "mousepad":
            environment.execute(TypeText("Hello there"))
        wanted = steps(program, int(seed))[:count]
        return [_said(environment, step, window, stop, chance) for step in wanted]


def steps(program: str, seed: int) -> list[Step]:
    """Return the first ``ACTIONS`` steps of a session's scenes, in the order of its seed."""
    chance = random.Random(f"{program}/{seed}")
    scenes = list(_scenes(program))
    found: list[Step] = []
    while len(found) < ACTIONS:
        chance.shuffle(scenes)
        found += [step for scene in scenes for step in scene]
    return found[:ACTIONS]


def _scenes(program: str) -> Sequence[tuple[Step, ...]]:
    kind = program.partition("-")[2]
    if kind:
        more = {"clock": (), "spinner": (STOPPING,), "video": (STOPPING, WITHIN)}[kind]
        return (*WINDOW, *more)
    return MOUSEPAD if program == "mousepad" else GALCULATOR


def _said(
    environment: DesktopEnvironment, step: Step, window: Window, stop: Stop, chance: random.Random
) -> Said:
    word, needs, real = step
    before = environment.observe()
    stop.wait(chance.uniform(*THINKING_S))
    action = _action(word, needs, window)
    environment.execute(action)
    after = environment.observe()
    effect = judge(action, before, after)
    return Said(f"{word} {needs}", real, effect, explain(action, after))


def _action(word: str, needs: Point | str, window: Window) -> Action:
    if isinstance(needs, str):
        return TypeText(needs) if word == "type" else PressKeys(tuple(needs.split()))
    at = InputPoint(window.at.x + needs[0], window.at.y + needs[1])
    made: Mapping[str, Callable[[], Action]] = {
        "click": lambda: Click(at),
        "right click": lambda: Click(at, button="right"),
        "scroll down": lambda: Scroll(dy_px=-300, at=at),
        "scroll up": lambda: Scroll(dy_px=300, at=at),
        "drag": lambda: Drag(InputPoint(at.x + 60, at.y), start=at),
    }
    return made[word]()


def _appeared(display: VirtualDisplay, stop: Stop) -> Window:
    connection = connect(display.address)
    try:
        for _ in range(int(_APPEARS_S / 0.1)):
            windows = list_windows(connection)
            if windows and windows[0].is_active:
                return windows[0]
            stop.wait(0.1)
    finally:
        hang_up(connection)
    raise ConfigError(f"No window appeared in {_APPEARS_S:g} s; start the program by hand to see.")


@contextmanager
def _running(program: str, display: VirtualDisplay) -> Iterator[None]:
    kind = program.partition("-")[2]
    command = [program]
    if kind:
        command = [sys.executable, "-m", "benchmarks.suites.reactive", surroundings(kind).text()]
    elif shutil.which(program) is None:
        raise ConfigError(f"{program} is missing. Install the Debian package {program}.")
    # A home of its own: a person's settings must not decide, and nothing of theirs is written.
    with tempfile.TemporaryDirectory(prefix="deskhand-effects-") as home:
        own = {"HOME": home, "XDG_CONFIG_HOME": str(Path(home, "config")), "NO_AT_BRIDGE": "1"}
        process = subprocess.Popen(
            command,
            env=display.env() | own,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        with process:
            try:
                yield
            finally:
                process.terminate()
