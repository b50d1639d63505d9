"""Text by the keyboard layout that is in use: another layout, another group, Caps Lock."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import closing

import pytest

from environments.actions import PressKeys, TypeText
from environments.base import Stop
from environments.desktop.environment import DesktopEnvironment
from environments.desktop.layout import Stroke, character_of, read_layout
from environments.desktop.virtual import VirtualDisplay
from environments.desktop.x11 import connect
from tests.contract.subjects import XSubject

pytestmark = pytest.mark.skipif(
    shutil.which("setxkbmap") is None, reason="no setxkbmap: apt-get install x11-xkb-utils"
)


@pytest.fixture
def own_display(x_display: VirtualDisplay) -> Iterator[VirtualDisplay]:
    """A display whose layout a test may change."""
    with VirtualDisplay(320, 200, window_manager=False) as display:
        yield display


def use_layout(display: VirtualDisplay, name: str) -> None:
    subprocess.run(["setxkbmap", name], env=display.env(), check=True)


def ways(subject: XSubject) -> tuple[str, ...]:
    environment = subject.environment
    assert isinstance(environment, DesktopEnvironment)
    assert environment.written is not None
    return environment.written.ways


@pytest.mark.parametrize(
    ("layout", "text"),
    [("de", "yz YZ üöäß ;:_<>#'\"/()"), ("ru", "привет ПОКА"), ("fr", "aqwAQW;1")],
)
def test_what_the_layout_writes_is_typed_with_its_own_keys(
    own_display: VirtualDisplay, layout: str, text: str
) -> None:
    use_layout(own_display, layout)
    with closing(connect(own_display.address)) as connection:
        known = read_layout(connection).characters
    assert set(text) <= set(known)
    with closing(XSubject(own_display, Stop())) as subject:
        subject.happened()
        subject.environment.execute(TypeText(text))
        assert ways(subject) == ("keys",)
        assert subject.held() == 0


def test_a_layout_that_is_switched_in_the_middle_of_a_run_is_followed(
    own_display: VirtualDisplay,
) -> None:
    with closing(XSubject(own_display, Stop())) as subject:
        subject.environment.execute(TypeText("y"))
        subject.happened()
        use_layout(own_display, "de")
        subject.environment.execute(TypeText("yz"))
        downs = [event[1] for event in subject.happened() if event[0] == "text"]
        assert downs == ["y", "z"]


def test_caps_lock_does_not_change_a_text_and_stays_on(own_display: VirtualDisplay) -> None:
    with closing(XSubject(own_display, Stop())) as subject:
        subject.environment.execute(PressKeys(("capslock",)))
        subject.happened()
        subject.environment.execute(TypeText("aB"))
        events = subject.happened()
        with closing(connect(own_display.address)) as connection:
            assert read_layout(connection).caps_lock
    taps = [event for event in events if event == ("down", "Caps_Lock")]
    assert len(taps) == 2


def test_alt_gr_is_held_for_the_third_level(own_display: VirtualDisplay) -> None:
    use_layout(own_display, "de")
    with closing(connect(own_display.address)) as connection:
        layout = read_layout(connection)
    assert layout.alt_gr is not None
    at = layout.characters["@"]
    assert at == Stroke(at.code, (layout.alt_gr,))


@pytest.mark.parametrize(
    ("symbol", "character"),
    [
        (0x61, "a"),
        (0xE4, "ä"),
        (0x1A1, "Ą"),
        (0x6C1, "а"),  # noqa: RUF001 - Cyrillic
        (0x7E1, "α"),  # noqa: RUF001 - Greek
        (0xCE0, "א"),
        (0x010020AC, "€"),
        (0xFF0D, None),
        (0, None),
    ],
)
def test_a_symbol_names_its_character(symbol: int, character: str | None) -> None:
    assert character_of(symbol) == character
