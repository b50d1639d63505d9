"""``am`` and ``monkey``: applications brought to the front or ended, and broadcasts.

Responsible for intents as far as the practice phone's apps answer them, and for the receiver of
ADB Keyboard. Sources: AOSP ``ActivityManagerShellCommand`` and ``Intent.parseCommandArgs``;
``AdbIME.java`` of senzhk/ADBKeyBoard.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass, field

from environments.practice.phone.wire.commands.call import Call
from environments.practice.phone.wire.commands.windows import component
from environments.practice.phone.wire.device import Device
from environments.practice.phone.wire.keycodes import key_name

_HOME = "android.intent.category.HOME"
_LAUNCHER = "android.intent.category.LAUNCHER"
_VALUED = (
    "--user",
    "--display",
    "-R",
    "--windowingMode",
    "--receiver-permission",
    "--attach-agent",
)
_KEYBOARD_PACKAGE = "com.android.adbkeyboard"
_EXTRAS = {
    **dict.fromkeys(("--es", "-e", "--ez", "--ei", "--el", "--ef", "--eu", "--eia", "--esa"), 2),
    "--esn": 1,
}


@dataclass
class Intent:
    """What is asked for."""

    action: str = ""
    data: str = ""
    component: str = ""
    package: str = ""
    categories: list[str] = field(default_factory=list)
    extras: dict[str, str] = field(default_factory=dict)
    flags: int = 0
    options: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        parts = [
            f"act={self.action}" if self.action else "",
            f"cat=[{','.join(self.categories)}]" if self.categories else "",
            f"dat={_scheme(self.data)}" if self.data else "",
            f"flg={self.flags:#x}" if self.flags else "",
            f"pkg={self.package}" if self.package else "",
            f"cmp={self.component}" if self.component else "",
            "(has extras)" if self.extras else "",
        ]
        return f"Intent {{ {' '.join(part for part in parts if part)} }}"


def _scheme(data: str) -> str:
    """Return an address as Android logs it: host at most."""
    head, separator, rest = data.partition("://")
    return f"{head}://{rest.split('/')[0]}/..." if separator and "/" in rest else data


def intent_of(words: Sequence[str]) -> Intent:
    """Return the intent that a command's arguments describe."""
    intent, rest = Intent(), list(words)
    while rest:
        word = rest.pop(0)
        match word:
            case "-a" if rest:
                intent.action = rest.pop(0)
            case "-d" if rest:
                intent.data = rest.pop(0)
            case "-n" if rest:
                intent.component = rest.pop(0)
            case "-p" if rest:
                intent.package = rest.pop(0)
            case "-c" if rest:
                intent.categories.append(rest.pop(0))
            case "-f" if rest:
                intent.flags |= int(rest.pop(0), 0)
            case "-t" if rest:
                rest.pop(0)
            case _ if word in _EXTRAS:
                name = rest.pop(0) if rest else ""
                intent.extras[name] = rest.pop(0) if _EXTRAS[word] > 1 and rest else ""
            case _ if word in _VALUED:
                del rest[:1]
            case _ if word.startswith("-"):
                intent.options.append(word)
            case _:
                _positional(intent, word)
    return intent


def _positional(intent: Intent, word: str) -> None:
    """Take an argument without option, as ``Intent.parseCommandArgs`` does: by its form."""
    if ":" in word:
        intent.data = word
    elif "/" in word:
        intent.component = word
    else:
        intent.package = word


def am(call: Call) -> int:
    """Start, stop or tell applications."""
    match list(call.arguments):
        case ["start" | "start-activity", *words]:
            return _start(call, intent_of(words))
        case ["force-stop", *words]:
            _stop(call, intent_of(words).package)
        case ["kill" | "kill-all" | "set-debug-app" | "clear-debug-app", *_]:
            pass
        case ["broadcast", *words]:
            return _broadcast(call, intent_of(words))
        case ["get-current-user"]:
            call.say("0")
        case ["stack" | "task", *_] | []:
            call.say("")
        case [name, *_]:
            call.complain(f"Unknown command: {name}")
            return 255
    return 0


def _stop(call: Call, package: str) -> None:
    with call.device.lock:
        call.device.now()
        call.device.phone.force_stop(package)


def _start(call: Call, intent: Intent) -> int:
    if "-S" in intent.options and intent.component:
        _stop(call, intent.component.split("/")[0])
    intent.flags |= 0x10000000 if not intent.component and not intent.data else 0
    call.say(f"Starting: {intent}")
    if "-W" in intent.options:
        return _start_and_wait(call, intent)
    problem = _bring(call.device, intent)
    if problem:
        call.complain(problem)
    return 0  # It says 0 whether or not something was started.


def _start_and_wait(call: Call, intent: Intent) -> int:
    problem = _bring(call.device, intent)
    if problem.startswith("Error"):
        call.say(problem)
        return 0
    if problem:
        call.say(problem)
    call.say("Status: ok\nLaunchState: HOT")
    call.say(
        f"Activity: {'/'.join(call.device.phone.front)}\nTotalTime: 40\nWaitTime: 42\nComplete"
    )
    return 0


def _bring(device: Device, intent: Intent) -> str:
    """Show what an intent asks for; return what is to be said about it, empty if nothing."""
    with device.lock:
        device.now()
        phone = device.phone
        before = phone.front
        if intent.component:
            package, _, activity = intent.component.partition("/")
            if not phone.start(package, activity):
                full = component(package, activity)
                return (
                    f"Error type 3\nError: Activity class {{{package}/{full.split('/')[1]}}} "
                    "does not exist."
                )
        elif intent.data:
            if not phone.open_link(intent.data):
                return f"Error: Activity not started, unable to resolve {intent}"
        elif _HOME in intent.categories:
            phone.key("KEYCODE_HOME", device.now())
        elif not intent.package or not phone.start(intent.package):
            return f"Error: Activity not started, unable to resolve {intent}"
        if phone.front == before:
            return "Warning: Activity not started, its current task has been brought to the front"
    return ""


def _broadcast(call: Call, intent: Intent) -> int:
    intent.flags |= 0x400000  # FLAG_RECEIVER_FROM_SHELL
    call.say(f"Broadcasting: {intent}")
    is_for_it = intent.package in ("", _KEYBOARD_PACKAGE)
    if is_for_it and call.device.phone.input_method.startswith(f"{_KEYBOARD_PACKAGE}/"):
        receive(call.device, intent)
    call.say("Broadcast completed: result=0")
    return 0


def receive(device: Device, intent: Intent) -> None:
    """Do what ADB Keyboard does with a broadcast; it listens only while it is the one in use."""
    extras = intent.extras
    match intent.action:
        case "ADB_INPUT_TEXT" if "msg" in extras:
            _commit(device, extras["msg"])
        case "ADB_INPUT_B64" if "msg" in extras:
            try:
                text = base64.b64decode(extras["msg"]).decode(errors="replace")
            except binascii.Error:
                return
            _commit(device, text)
        case "ADB_INPUT_CHARS" if "chars" in extras:
            codes = [int(code) for code in extras["chars"].split(",") if code.strip().isdigit()]
            _commit(device, "".join(map(chr, codes)))
        case "ADB_INPUT_CODE" if "code" in extras:
            if (name := key_name(extras["code"])) is not None:
                device.key(name)
        case "ADB_EDITOR_CODE" if "code" in extras:
            device.key("KEYCODE_ENTER")
        case "ADB_CLEAR_TEXT":
            with device.lock:
                device.now()
                device.phone.clear_text()
            device.log.add("felt", text="", by="clear")


def _commit(device: Device, text: str) -> None:
    with device.lock:
        device.now()
        device.phone.commit_text(text)
    device.log.add("felt", text=text, by="input method")


def monkey(call: Call) -> int:
    """Start an application as its icon does; nothing else of monkey is known."""
    words = list(call.arguments)
    package = words[words.index("-p") + 1] if "-p" in words[:-1] else ""
    with call.device.lock:
        call.device.now()
        started = call.device.phone.start(package)
    if not started:
        call.say("** No activities found to run, monkey aborted.")
        return 252
    call.say("Events injected: 1")
    call.say("## Network stats: elapsed time=8ms (0ms mobile, 0ms wifi, 8ms not connected)")
    return 0
