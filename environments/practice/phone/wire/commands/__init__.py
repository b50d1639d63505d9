"""The practice phone's commands, by name."""

from __future__ import annotations

from collections.abc import Mapping

from environments.practice.phone.wire.commands import activity as activities
from environments.practice.phone.wire.commands import dumpsys, package, screencap, system
from environments.practice.phone.wire.commands import input as input_command
from environments.practice.phone.wire.commands import settings as setting
from environments.practice.phone.wire.commands import toybox as box
from environments.practice.phone.wire.commands import uiautomator as tree
from environments.practice.phone.wire.commands import wm as window
from environments.practice.phone.wire.commands.call import Command

COMMANDS: Mapping[str, Command] = {
    "am": activities.am,
    "base64": box.base64_,
    "basename": box.name_part,
    "cat": box.cat,
    "chmod": box.quietly,
    "cmd": system.cmd,
    "cp": box.copy,
    "date": system.date,
    "dirname": box.name_part,
    "dumpsys": dumpsys.dumpsys,
    "env": system.environment,
    "getevent": system.getevent,
    "getprop": system.getprop,
    "grep": box.grep,
    "head": box.head,
    "id": system.id_,
    "ifconfig": system.ifconfig,
    "ime": setting.ime,
    "input": input_command.input_,
    "kill": box.quietly,
    "logcat": system.logcat,
    "ls": box.ls,
    "md5sum": box.digest,
    "mkdir": box.mkdir,
    "monkey": activities.monkey,
    "mv": box.copy,
    "nohup": system.timeout,
    "pidof": system.pidof,
    "pm": package.pm,
    "printenv": system.environment,
    "ps": system.ps,
    "reboot": system.reboot,
    "rm": box.rm,
    "screencap": screencap.screencap,
    "seq": box.seq,
    "service": system.service,
    "setprop": system.setprop,
    "settings": setting.settings,
    "sha1sum": box.digest,
    "sha256sum": box.digest,
    "sort": box.sort,
    "stat": box.stat_,
    "svc": setting.svc,
    "sync": box.quietly,
    "tail": box.head,
    "timeout": system.timeout,
    "touch": box.touch,
    "tr": box.tr,
    "uiautomator": tree.uiautomator,
    "uname": system.uname,
    "wc": box.wc,
    "whoami": system.whoami,
    "wm": window.wm,
}
