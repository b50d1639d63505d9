"""Windows as it answers our questions: what is told, and the one step that helps."""

from __future__ import annotations

import pytest

from environments.base import Frame
from environments.desktop.monitors import Monitor
from environments.errors import CaptureError
from environments.geometry import InputPoint
from environments.platforms.windows import SECURE, Windows
from tests.environments.platforms.machines import MAIN, Computer, Keys

MEDIUM, HIGH = 0x2000, 0x3000
NOTEPAD, REGISTRY = 11, 12


class Answers:
    """What Windows answers; REGISTRY runs as administrator, also where Windows hides that."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.own: int | None = MEDIUM
        self.of: dict[int, int | None] = {NOTEPAD: MEDIUM, REGISTRY: HIGH}
        self.is_aware, self.is_ours = True, True

    def become_dpi_aware(self) -> None:
        self.asked.append("aware")

    def is_dpi_aware(self) -> bool:
        return self.is_aware

    def has_input_desktop(self) -> bool:
        return self.is_ours

    def foreground_window(self) -> int:
        return NOTEPAD

    def window_at(self, x: int, y: int) -> int:
        return REGISTRY if x < 0 else NOTEPAD if x < 1000 else 0

    def title(self, window: int) -> str:
        return {NOTEPAD: "Notepad", REGISTRY: "Registry Editor"}[window]

    def integrity_of(self, window: int | None) -> int | None:
        return self.own if window is None else self.of[window]


class Screens:
    """Eyes that see, or do not."""

    def __init__(self, answers: Answers) -> None:
        answers.asked.append("eyes")
        self._answers = answers

    def monitors(self) -> tuple[Monitor, ...]:
        return (MAIN,)

    def grab(self, monitor: Monitor) -> Frame:
        if self._answers.is_ours:
            return Computer().grab(monitor)
        raise CaptureError("BitBlt failed.")


@pytest.fixture
def answers() -> Answers:
    return Answers()


@pytest.fixture
def session(answers: Answers) -> Windows:
    return Windows(answers, Keys(), lambda: Screens(answers), "C:\\python.exe")


def test_the_process_is_made_aware_of_dpi_before_the_screen_is_opened(
    session: Windows, answers: Answers
) -> None:
    assert session.problem() is None
    session.grab(session.monitors()[0])
    assert answers.asked == ["aware", "eyes"]


def test_a_python_that_windows_scales_is_refused_by_name(
    session: Windows, answers: Answers
) -> None:
    answers.is_aware = False
    assert "C:\\python.exe" in str(session.problem())
    assert "high DPI" in str(session.problem())


def test_a_locked_screen_is_told_before_and_in_mid_run(session: Windows, answers: Answers) -> None:
    assert session.problem() is None
    answers.is_ours = False
    assert session.problem() == SECURE
    with pytest.raises(CaptureError, match="secure desktop"):
        session.grab(MAIN)


def test_a_window_of_an_administrator_is_named_with_what_to_do(session: Windows) -> None:
    assert session.out_of_reach(InputPoint(500, 5)) is None
    assert session.out_of_reach(InputPoint(5000, 5)) is None
    assert "Registry Editor" in str(session.out_of_reach(InputPoint(-5, 5)))
    assert "as administrator" in str(session.out_of_reach(InputPoint(-5, 5)))


def test_a_window_about_which_windows_says_nothing_is_above_us(
    session: Windows, answers: Answers
) -> None:
    answers.of[NOTEPAD] = None
    assert session.out_of_reach(None) is not None


def test_an_administrator_reaches_everything(session: Windows, answers: Answers) -> None:
    answers.own = HIGH
    assert session.out_of_reach(InputPoint(-5, 5)) is None


def test_the_foreground_is_the_title(session: Windows) -> None:
    assert session.foreground() == "Notepad"
