"""``input``: fingers, keys and plain text, injected as a person's.

Responsible for what Android's command makes of its arguments, in real time: a swipe takes as long
as it says. Source: AOSP ``InputShellCommand`` (Android 14), ``KeyCharacterMap`` for what plain text
can be typed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from environments.practice.phone.base import Phase
from environments.practice.phone.wire.commands.call import Call, exception
from environments.practice.phone.wire.device import NotAllowed
from environments.practice.phone.wire.keycodes import key_name

_SOURCES = (
    *("keyboard", "dpad", "gamepad", "touchscreen", "mouse", "stylus", "trackball"),
    *("touchpad", "touchnavigation", "joystick", "rotaryencoder"),
)
_SWIPE_MS = 300
"""A swipe whose duration is not given."""

_LONG_PRESS_S = 0.4
"""ViewConfiguration.getLongPressTimeout() since Android 12 (500 ms before)."""

_DOUBLE_TAP_S = 0.04
"""ViewConfiguration.getDoubleTapMinTime()."""

_MOVE_S = 1 / 120
"""Between two moves of a swipe. Android sends as many as it can; a screen's rate is enough."""

_REFUSED = """\
java.lang.SecurityException: Injecting input events requires the caller (or the source of the \
instrumentation, if any) to have the INJECT_EVENTS permission.
\tat com.android.server.input.InputManagerService.injectInputEventToTarget\
(InputManagerService.java:853)
\tat com.android.server.input.InputManagerService.injectInputEvent(InputManagerService.java:827)
\tat android.hardware.input.InputManagerGlobal.injectInputEvent(InputManagerGlobal.java:859)
\tat com.android.server.input.InputShellCommand.injectInputEvent(InputShellCommand.java:153)"""

_NO_EVENTS = """\
java.lang.NullPointerException: Attempt to get length of null array
\tat com.android.server.input.InputShellCommand.sendText(InputShellCommand.java:437)
\tat com.android.server.input.InputShellCommand.runText(InputShellCommand.java:405)"""

_NO_ARGUMENT = (
    "java.lang.IllegalArgumentException: Argument expected after "
    '"{}"\n\tat android.os.BasicShellCommandHandler.getNextArgRequired'
)

_USAGE = """\
Usage: input [<source>] [-d DISPLAY_ID] <command> [<arg>...]

The commands and default sources are:
      text <string> (Default: keyboard)
      keyevent [--longpress|--doubletap|--async] <key code number or name> ... (Default: keyboard)
      tap <x> <y> (Default: touchscreen)
      swipe <x1> <y1> <x2> <y2> [duration(ms)] (Default: touchscreen)
      draganddrop <x1> <y1> <x2> <y2> [duration(ms)] (Default: touchscreen)
      motionevent <DOWN|UP|MOVE|CANCEL> <x> <y> (Default: touchscreen)
      keycombination [-t duration(ms)] <key code 1> <key code 2> ..."""


class _Missing(Exception):
    """An argument that is needed is not there."""


def input_(call: Call) -> int:
    """Inject what the arguments say."""
    words = list(call.arguments)
    if words and words[0] in _SOURCES:
        words.pop(0)
    if words[:1] == ["-d"]:
        words = words[2:]
    command = _COMMANDS.get(words[0]) if words else None
    if command is None:
        if words and words[0] not in ("-h", "help"):
            call.complain(f"Unknown command: {words[0]}")
        call.say(_USAGE)
        return 0 if not words or words[0] in ("-h", "help") else 255
    try:
        fault = call.device.begin_input(" ".join(call.arguments))
        command(call, words[1:])
        call.device.end_input(fault)
    except NotAllowed:
        return exception(call, _REFUSED)
    except _Missing:
        return exception(call, _NO_ARGUMENT.format(words[-1]))
    except UnicodeError:
        return exception(call, _NO_EVENTS)
    except ValueError as error:
        return exception(call, f"java.lang.IllegalArgumentException: {error}")
    return 0


def _numbers(words: Sequence[str], count: int, command: str) -> list[float]:
    if len(words) < count:
        raise _Missing
    try:
        return [float(word) for word in words[:count]]
    except ValueError:
        raise ValueError(f"Error: Invalid arguments for command: {command}") from None


def _tap(call: Call, words: Sequence[str]) -> None:
    x, y = _numbers(words, 2, "tap")
    call.device.touch("down", x, y)
    call.device.touch("up", x, y)


def _swipe(call: Call, words: Sequence[str], holds: bool = False) -> None:
    x1, y1, x2, y2 = _numbers(words, 4, "swipe")
    duration_s = (int(words[4]) if len(words) > 4 else _SWIPE_MS) / 1000  # noqa: PLR2004
    duration_s = _SWIPE_MS / 1000 if duration_s < 0 else duration_s
    device, start_s = call.device, time.monotonic()
    device.touch("down", x1, y1)
    if holds:
        call.device.wait(_LONG_PRESS_S)
    # The gesture belongs to the system, so it goes on when its caller has gone.
    while (elapsed_s := time.monotonic() - start_s) < duration_s and not device.closing.is_set():
        share = elapsed_s / duration_s
        call.device.touch("move", x1 + (x2 - x1) * share, y1 + (y2 - y1) * share)
        call.device.wait(min(_MOVE_S, duration_s - elapsed_s))
    call.device.touch("up", x2, y2)


def _drag(call: Call, words: Sequence[str]) -> None:
    _swipe(call, words, holds=True)


_PHASES: dict[str, Phase] = {"DOWN": "down", "MOVE": "move", "UP": "up", "CANCEL": "cancel"}


def _motion(call: Call, words: Sequence[str]) -> None:
    if not words:
        raise _Missing
    phase = _PHASES.get(words[0].upper())
    if phase is None:
        raise ValueError(f"Unknown action: {words[0]}")
    where = words[1:] if phase != "cancel" or len(words) > 2 else ("0", "0")  # noqa: PLR2004
    call.device.touch(phase, *_numbers(where, 2, "motionevent"))


def _text(call: Call, words: Sequence[str]) -> None:
    if not words:
        raise _Missing
    text = words[0].replace("%s", " ")
    if not all(character in "\n\t" or " " <= character <= "~" for character in text):
        raise UnicodeError  # The virtual keyboard's map has no events for it.
    device = call.device
    run = ""
    for character in text:
        if character in "\n\t":
            _commit(call, run)
            run = ""
            device.key("KEYCODE_ENTER" if character == "\n" else "KEYCODE_TAB")
        else:
            run += character
    _commit(call, run)


def _commit(call: Call, text: str) -> None:
    if text:
        with call.device.lock:
            call.device.now()
            call.device.phone.commit_text(text)
        call.device.log.add("felt", text=text)


def _keys(call: Call, words: Sequence[str]) -> None:
    names = [word for word in words if not word.startswith("--")]
    if not names:
        raise _Missing
    for word in names:
        name = key_name(word)
        if name is None:  # Android sends KEYCODE_UNKNOWN, which does nothing.
            continue
        call.device.key(name)
        if "--longpress" in words:
            call.device.wait(_LONG_PRESS_S)
        if "--doubletap" in words:
            call.device.wait(_DOUBLE_TAP_S)
            call.device.key(name)


def _combination(call: Call, words: Sequence[str]) -> None:
    names: list[str] = []
    for word in words[2:] if words[:1] == ["-t"] else words:
        name = key_name(word)
        if name is None:
            raise ValueError(f"Unknown keycode: {word}")
        names.append(name)
    if len(names) < 2:  # noqa: PLR2004
        raise ValueError("keycombination requires at least 2 keycodes")
    call.device.key(names[-1], frozenset(names[:-1]))


_COMMANDS: dict[str, Callable[[Call, Sequence[str]], None]] = {
    "tap": _tap,
    "swipe": _swipe,
    "draganddrop": _drag,
    "motionevent": _motion,
    "text": _text,
    "keyevent": _keys,
    "keycombination": _combination,
    "press": lambda call, words: None,
    "roll": lambda call, words: None,
    "scroll": lambda call, words: None,
}
