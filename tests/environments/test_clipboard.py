"""Text through the clipboard, and the clipboard as it was before.

The programs are real ones: xclip, a program that owns the clipboard with several types, one that
never answers, and a window that pastes.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path

import pytest

from environments.actions import TypeText
from environments.base import Stop
from environments.desktop.clipboard import Clipboard
from environments.desktop.environment import DesktopEnvironment
from environments.desktop.virtual import VirtualDisplay
from environments.desktop.x11 import DisplayAddress
from environments.errors import Stopped
from tests.contract.subjects import XSubject

ROOT = Path(__file__).parents[2]
FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
RICH = {
    "UTF8_STRING": "what was copied",
    "text/html": "<b>what was copied</b>",
    "image/png": "not really a picture",
    "text/uri-list": "file:///tmp/a%20b\r\nfile:///tmp/c\r\n",
    "application/x-own": "",
}

needs_xclip = pytest.mark.skipif(
    shutil.which("xclip") is None, reason="xclip not installed: apt-get install xclip"
)


@contextmanager
def owner(display: VirtualDisplay, told: str) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-m", "tests.environments.owner", told],
        cwd=ROOT, env=display.env(), stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        try:
            yield process
        finally:
            process.kill()


@pytest.fixture
def subject(x_display: VirtualDisplay) -> Iterator[XSubject]:
    with closing(XSubject(x_display, Stop())) as opened:
        yield opened


def environment_of(subject: XSubject) -> DesktopEnvironment:
    assert isinstance(subject.environment, DesktopEnvironment)
    return subject.environment


def written(subject: XSubject, text: str) -> str:
    subject.happened()
    subject.environment.execute(TypeText(text))
    return "".join(event[1] for event in subject.happened() if event[0] == "text")


def ways(subject: XSubject) -> tuple[str, ...]:
    done = environment_of(subject).written
    assert done is not None
    return done.ways


def xclip(display: VirtualDisplay, *options: str, give: bytes | None = None) -> bytes:
    done = subprocess.run(
        ["xclip", "-selection", "clipboard", *options],
        env=display.env(), input=give, check=False, timeout=30,
        stdout=subprocess.PIPE if give is None else subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    return done.stdout or b""


def copy(display: VirtualDisplay, given: bytes, *options: str) -> None:
    """Let a program have the clipboard; xclip returns before it owns it."""
    xclip(display, "-i", *options, give=given)
    while xclip(display, "-o", *options) != given:
        pass


def contents(display: VirtualDisplay, names: Mapping[str, str]) -> dict[str, str]:
    return {name: xclip(display, "-o", "-t", name).decode() for name in names}


def test_characters_that_join_others_are_pasted_and_said_to_be(subject: XSubject) -> None:
    assert written(subject, f"a {FAMILY} family") == f"a {FAMILY} family"
    assert ways(subject) == ("clipboard",)


def test_a_few_foreign_letters_are_typed_and_leave_the_clipboard_alone(subject: XSubject) -> None:
    assert written(subject, "Grüße") == "Grüße"
    assert ways(subject) == ("lent keys",)


def test_lines_are_pasted_between_keys_that_are_pressed(subject: XSubject) -> None:
    text = f"plain\n{FAMILY}\tlast e\u0301\n"
    assert written(subject, text) == text
    assert set(ways(subject)) == {"keys", "clipboard"}


def test_the_look_after_it_says_how_a_text_was_written_and_what_was_read_back(
    subject: XSubject,
) -> None:
    environment = environment_of(subject)
    said = []
    for found in (None, f"before {FAMILY} after", "something else"):
        environment.read_back = partial(lambda text: text, found)
        environment.execute(TypeText(FAMILY))
        evidence = environment.observe().evidence
        assert evidence is not None
        said.append((evidence.read_back, evidence.notes[-1]))
    assert [verdict for verdict, _ in said] == [None, True, False]
    assert all("written by clipboard" in note for _, note in said)
    assert "changed screen only" in said[0][1]
    assert environment.observe().evidence is None


@needs_xclip
def test_every_type_on_the_clipboard_is_there_again_after_a_paste(
    subject: XSubject, x_display: VirtualDisplay
) -> None:
    with owner(x_display, json.dumps(RICH)) as process:
        assert written(subject, FAMILY) == FAMILY
        assert process.poll() is None, "it was asked to delete its selection"
        assert contents(x_display, RICH) == RICH
        assert written(subject, FAMILY) == FAMILY  # Now we hold it, and put it back once more.
        assert contents(x_display, RICH) == RICH


@needs_xclip
def test_what_is_larger_than_a_request_is_kept_whole(
    subject: XSubject, x_display: VirtualDisplay
) -> None:
    picture = bytes(range(256)) * 4000
    copy(x_display, picture, "-t", "image/png")
    assert written(subject, FAMILY) == FAMILY
    assert xclip(x_display, "-o", "-t", "image/png") == picture


@needs_xclip
def test_what_a_program_copies_meanwhile_is_not_overwritten(
    subject: XSubject, x_display: VirtualDisplay
) -> None:
    copy(x_display, b"old")
    assert written(subject, FAMILY) == FAMILY
    copy(x_display, b"new")
    assert written(subject, FAMILY) == FAMILY
    assert xclip(x_display, "-o") == b"new"


@needs_xclip
def test_an_empty_clipboard_is_empty_again(subject: XSubject, x_display: VirtualDisplay) -> None:
    with owner(x_display, "mute"):
        pass  # Its end leaves the clipboard without an owner.
    assert written(subject, FAMILY) == FAMILY
    assert xclip(x_display, "-o") == b""


def test_a_program_that_does_not_paste_gets_the_text_by_keys(x_display: VirtualDisplay) -> None:
    with closing(XSubject(x_display, Stop(), "--deaf-to-paste")) as subject:
        assert written(subject, FAMILY) == FAMILY
        assert ways(subject) == ("lent keys",)


def test_a_clipboard_whose_owner_hangs_is_left_alone_and_that_is_said(
    subject: XSubject, x_display: VirtualDisplay
) -> None:
    with owner(x_display, "mute"):
        assert written(subject, FAMILY) == FAMILY
    done = environment_of(subject).written
    assert done is not None
    assert done.ways == ("lent keys",)
    assert "does not answer" in done.sentence()


def test_a_stop_ends_the_wait_for_an_owner_that_hangs(x_display: VirtualDisplay) -> None:
    stop = Stop()
    stop.set("enough")
    clipboard = Clipboard(x_display.address, stop)
    with closing(clipboard), owner(x_display, "mute"), pytest.raises(Stopped):
        clipboard.possible()


@needs_xclip
def test_without_a_clipboard_manager_the_end_is_told_in_words(x_display: VirtualDisplay) -> None:
    with closing(XSubject(x_display, Stop())) as subject:
        copy(x_display, b"mine")
        assert written(subject, FAMILY) == FAMILY
        environment_of(subject).close()
        assert "no clipboard manager" in environment_of(subject).farewell


def test_a_clipboard_that_was_not_used_has_nothing_to_say(x_display: VirtualDisplay) -> None:
    environment = DesktopEnvironment(x_display.address, Stop())
    environment.execute(TypeText("plain"))
    environment.close()
    assert environment.farewell == ""


def test_a_display_that_went_away_does_not_keep_the_clipboard_from_closing() -> None:
    with VirtualDisplay(320, 200, window_manager=False) as display:
        clipboard = Clipboard(display.address, Stop())
        assert clipboard.possible() == ""
    clipboard.close()
    clipboard.close()


def test_a_clipboard_that_is_never_used_connects_to_nothing() -> None:
    clipboard = Clipboard(DisplayAddress(":94321"), Stop())
    clipboard.put_back()
    clipboard.close()
