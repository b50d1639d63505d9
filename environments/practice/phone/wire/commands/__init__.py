"""The practice phone's commands, by name."""

from __future__ import annotations

from collections.abc import Mapping

from environments.practice.phone.wire.commands import activity as activities
from environments.practice.phone.wire.commands import dumpsys, package, screencap, system
from environments.practice.phone.wire.commands import input as input_command
from environments.practice.phone.wire.commands import settings as setting
from environments.practice.phone.wire.commands import text_tools as text
from environments.practice.phone.wire.commands import toybox as box
from environments.practice.phone.wire.commands import uiautomator as tree
from environments.practice.phone.wire.commands import wm as window
from environments.practice.phone.wire.commands.call import Command

COMMANDS: Mapping[str, Command] = {
    "am": activities.am,
    "base64": text.base64_,
    "basename": text.name_part,
    "cat": box.cat,
    "chmod": box.quietly,
    "cmd": system.cmd,
    "cp": box.copy,
    "date": system.date,
    "dirname": text.name_part,
    "dumpsys": dumpsys.dumpsys,
    "env": system.environment,
    "getevent": system.getevent,
    "getprop": system.getprop,
    "grep": text.grep,
    "head": text.head,
    "id": system.id_,
    "ifconfig": system.ifconfig,
    "ime": setting.ime,
    "input": input_command.input_,
    "logcat": system.logcat,
    "ls": box.ls,
    "md5sum": text.digest,
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
    "seq": text.seq,
    "service": system.service,
    "setprop": system.setprop,
    "settings": setting.settings,
    "sha1sum": text.digest,
    "sha256sum": text.digest,
    "sort": text.sort,
    "stat": box.stat_,
    "svc": setting.svc,
    "sync": box.quietly,
    "tail": text.head,
    "timeout": system.timeout,
    "touch": box.touch,
    "tr": text.tr,
    "uiautomator": tree.uiautomator,
    "uname": system.uname,
    "wc": text.wc,
    "whoami": system.whoami,
    "wm": window.wm,
}
