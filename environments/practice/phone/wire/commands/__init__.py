"""The practice phone's commands, by name."""

from __future__ import annotations

from collections.abc import Mapping

from environments.practice.phone.wire.commands import input as input_command
from environments.practice.phone.wire.commands import screencap, system, wm
from environments.practice.phone.wire.commands.call import Command

COMMANDS: Mapping[str, Command] = {
    "getprop": system.getprop,
    "input": input_command.input_,
    "screencap": screencap.screencap,
    "wm": wm.wm,
}
