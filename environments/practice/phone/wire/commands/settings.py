"""``settings``, ``svc`` and the input methods' ``ime``: what a person would do in the settings.

Responsible for their words and for which setting a switch is. Sources: AOSP ``SettingsService``
(SettingsProvider), ``cmds/svc``, ``InputMethodManagerService`` (``ime``).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

from environments.practice.phone.base import Namespace
from environments.practice.phone.wire.commands.call import Call

_SWITCHES: dict[str, tuple[Namespace, str]] = {
    "wifi": ("global", "wifi_on"),
    "bluetooth": ("global", "bluetooth_on"),
    "data": ("global", "mobile_data"),
    "nfc": ("global", "nfc_on"),
}
_USER = "user #0"


def settings(call: Call) -> int:
    """Read or change a setting."""
    words = [word for word in _without_user(call.arguments) if word not in ("--lineage", "default")]
    if len(words) < 2 or words[1] not in get_args(Namespace):  # noqa: PLR2004
        return call.complain("Invalid namespace " + (words[1] if len(words) > 1 else ""))
    namespace: Namespace = words[1]  # type: ignore[assignment]
    match words[0], words[2:]:
        case "get", [key]:
            call.say(read(call, namespace, key))
        case "put", [key, value, *_]:
            put(call, namespace, key, value)
        case "delete", [key]:
            found = key in call.device.phone.settings[namespace]
            put(call, namespace, key, None)
            call.say(f"Deleted {int(found)} rows")
        case "list", []:
            values = dict(call.device.phone.settings[namespace])
            if namespace == "secure":
                values["default_input_method"] = call.device.phone.input_method
                values["enabled_input_methods"] = _enabled(call)
            for key in sorted(values):
                call.say(f"{key}={values[key]}")
        case _:
            return call.complain("Invalid command: " + " ".join(words))
    return 0


def _without_user(words: Sequence[str]) -> list[str]:
    kept = list(words)
    if "--user" in kept:
        at = kept.index("--user")
        del kept[at : at + 2]
    return kept


def read(call: Call, namespace: Namespace, key: str) -> str:
    """Return a setting as ``settings get`` prints it, "null" if it was never made."""
    if (namespace, key) == ("secure", "default_input_method"):
        return call.device.phone.input_method
    if (namespace, key) == ("secure", "enabled_input_methods"):
        return _enabled(call)
    return call.device.phone.settings[namespace].get(key, "null")


def _enabled(call: Call) -> str:
    every = [one.id for one in call.device.phone.input_methods]
    return ":".join(one for one in every if one in call.device.enabled_input_methods)


def put(call: Call, namespace: Namespace, key: str, value: str | None) -> None:
    """Change a setting, as a person would in the settings."""
    device = call.device
    if (namespace, key) == ("secure", "enabled_input_methods"):
        wanted = {name.split(";")[0] for name in (value or "").split(":")}
        device.enabled_input_methods &= wanted
        device.enabled_input_methods |= wanted & {one.id for one in device.phone.input_methods}
        return
    with device.lock:
        device.now()
        if (namespace, key) == ("secure", "default_input_method"):
            device.phone.choose_input_method(value or "")
            device.log.add("ime", id=device.phone.input_method)
        else:
            device.phone.put_setting(namespace, key, value)


def svc(call: Call) -> int:
    """Turn a part of the phone on or off."""
    match call.arguments:
        case [part, ("enable" | "disable") as wish] if part in _SWITCHES:
            put(call, *_SWITCHES[part], "1" if wish == "enable" else "0")
        case ["power", "stayon", ("true" | "false" | "usb" | "ac" | "wireless") as wish]:
            put(call, "global", "stay_on_while_plugged_in", "0" if wish == "false" else "7")
        case ["power", *_]:
            return call.complain("svc power: not allowed")
        case _:
            call.complain(
                "Available commands:\n    help\n    power\n    data\n    wifi\n    bluetooth"
            )
    return 0


def switch(call: Call, part: str, on: bool) -> None:
    """Turn a part of the phone on or off by its name in ``svc``."""
    put(call, *_SWITCHES[part], "1" if on else "0")


def ime(call: Call) -> int:
    """List, enable or choose the input methods."""
    words = _without_user(call.arguments)
    known = {one.id for one in call.device.phone.input_methods}
    match words:
        case ["list", *options]:
            return _list(call, options)
        case [("set" | "enable" | "disable") as verb, name, *_] if name not in known:
            done = {"set": "selected", "enable": "enabled", "disable": "disabled"}[verb]
            call.complain(f"Unknown input method {name} cannot be {done} for {_USER}")
            return 255
        case ["set", name, *_]:
            return _choose(call, name)
        case ["enable", name, *_]:
            was = name in call.device.enabled_input_methods
            call.device.enabled_input_methods.add(name)
            call.say(f"Input method {name}: {'already' if was else 'now'} enabled for {_USER}")
        case ["disable", name, *_]:
            return _disable(call, name)
        case ["reset"]:
            return _reset(call)
        case _:
            call.say(
                "ime <command>:\n  list [-a] [-s]\n  enable ID\n  disable ID\n  set ID\n  reset"
            )
    return 0


def _list(call: Call, options: Sequence[str]) -> int:
    for one in call.device.phone.input_methods:
        if "-a" not in options and one.id not in call.device.enabled_input_methods:
            continue
        if "-s" in options:
            call.say(one.id)
        else:
            package, service = one.id.split("/")
            call.say(f"{one.id}:")
            call.say(f"  mId={one.id} mSettingsActivityName=null mIsVrOnly=false")
            call.say(f"  mIsDefaultResId=0x0\n  Service:\n    packageName={package}")
            call.say(f"    name={package if service[0] == '.' else ''}{service}")
            call.say(f"    nonLocalizedLabel={one.label}")
    return 0


def _choose(call: Call, name: str) -> int:
    if name not in call.device.enabled_input_methods:
        call.complain(f"Unknown input method {name} cannot be selected for {_USER}")
        return 255
    put(call, "secure", "default_input_method", name)
    call.say(f"Input method {name} selected for {_USER}")
    return 0


def _disable(call: Call, name: str) -> int:
    device = call.device
    was = name in device.enabled_input_methods
    device.enabled_input_methods.discard(name)
    if device.phone.input_method == name and device.enabled_input_methods:
        put(call, "secure", "default_input_method", _enabled(call).split(":")[0])
    call.say(f"Input method {name}: {'now' if was else 'already'} disabled for {_USER}")
    return 0


def _reset(call: Call) -> int:
    first = call.device.phone.input_methods[0].id
    call.device.enabled_input_methods.clear()
    call.device.enabled_input_methods.add(first)
    put(call, "secure", "default_input_method", first)
    call.say(f"Reset current and enabled IMEs for {_USER}")
    call.say(f"  Newly selected IME: {first}\n  Newly enabled IMEs:\n    {first}")
    return 0
