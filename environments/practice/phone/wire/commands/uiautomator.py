"""``uiautomator dump``: the window in front as XML.

Responsible for where it goes and what is said. Source: AOSP ``DumpCommand.java`` of uiautomator,
whose word "hierchary" is its own.
"""

from __future__ import annotations

from environments.practice.phone.wire.commands.call import Call
from environments.practice.phone.wire.faults import Kind

_DEFAULT = "/sdcard/window_dump.xml"


def uiautomator(call: Call) -> int:
    """Write the window to a file or to the output."""
    if call.arguments[:1] != ["dump"]:
        call.complain("Usage: uiautomator <subcommand> [options]")
        return 1
    names = [word for word in call.arguments[1:] if not word.startswith("--")]
    fault = call.device.strike("tree")
    if fault is not None and fault.kind is Kind.SLOW_TREE:
        call.pause(fault.amount)
    if fault is not None and fault.kind is Kind.NO_TREE:
        call.complain("ERROR: could not get idle state.")
        return 0
    device = call.device
    with device.lock:
        device.now()
        awake = device.phone.is_awake
        xml = device.phone.ui_xml() if awake else ""
        device.told("uiautomator dump")
    if not awake:
        call.complain("ERROR: null root node returned by UiTestAutomationBridge.")
        return 0
    return _write(call, xml, names[0] if names else _DEFAULT)


def _write(call: Call, xml: str, name: str) -> int:
    if name in ("/dev/tty", "/dev/stdout", "/proc/self/fd/1"):
        call.out(xml.encode())
    else:
        call.files.write(call.path(name), xml.encode())
    call.say(f"UI hierchary dumped to: {name}")
    return 0
