"""``pm``: which applications are installed and what starts them.

Responsible for the words of its answers; nothing can be installed or removed. Source: AOSP
``PackageManagerShellCommand`` and ``ResolveInfo.dump``.
"""

from __future__ import annotations

from collections.abc import Sequence

from environments.practice.phone.base import App
from environments.practice.phone.wire.commands.activity import intent_of
from environments.practice.phone.wire.commands.call import Call
from environments.practice.phone.wire.commands.windows import identity_of

_SYSTEM = ("com.android.", "com.google.android.")
_THIRD_PARTY = ("com.android.adbkeyboard",)
_ALWAYS = (
    *("android", "com.android.launcher3", "com.android.permissioncontroller"),
    "com.android.systemui",
)
"""Packages of the system itself that no icon starts."""

_MATCH = "priority=0 preferredOrder=0 match=0x108000 specificIndex=-1 isDefault={}"


def pm(call: Call) -> int:
    """Answer one question about the packages."""
    match list(call.arguments):
        case ["list", "packages", *words]:
            return _list(call, words)
        case ["path", *words]:
            return _path(call, words[-1] if words else "")
        case ["resolve-activity", *words]:
            return _resolve(call, words)
        case ["query-activities", *words]:
            return _query(call, words)
        case ["list", "users"]:
            call.say("Users:\n\tUserInfo{0:Owner:c13} running")
        case ["clear", _]:
            call.say("Failed")
            return 1
        case ["install" | "install-create" | "install-multiple", *_]:
            return call.complain(
                "Failure [INSTALL_FAILED_USER_RESTRICTED: Install canceled by user]"
            )
        case ["uninstall", *_]:
            call.say("Failure [DELETE_FAILED_INTERNAL_ERROR]")
            return 1
        case ["grant" | "revoke" | "enable" | "disable-user", *_]:
            return call.complain("java.lang.SecurityException: shell may not change this package")
        case [name, *_]:
            call.complain(f"Unknown command: {name}")
            return 255
    return 0


def packages(call: Call) -> list[str]:
    """Return all that is installed, keyboards among it."""
    phone = call.device.phone
    keyboards = [one.id.split("/")[0] for one in phone.input_methods]
    return sorted({app.package for app in phone.apps} | set(keyboards) | set(_ALWAYS))


def _is_system(package: str) -> bool:
    return package not in _THIRD_PARTY and (package == "android" or package.startswith(_SYSTEM))


def _list(call: Call, words: Sequence[str]) -> int:
    filters = [word for word in words if not word.startswith("-") and word != "0"]
    for package in packages(call):
        system = _is_system(package)
        if ("-3" in words and system) or ("-s" in words and not system) or "-d" in words:
            continue
        if any(text not in package for text in filters):
            continue
        call.say(f"package:{_apk(package)}={package}" if "-f" in words else f"package:{package}")
    return 0


def _apk(package: str) -> str:
    if _is_system(package):
        return f"/system/app/{package}/{package}.apk"
    return f"/data/app/~~{identity_of(package)}==/{package}-1/base.apk"


def _path(call: Call, package: str) -> int:
    if package not in packages(call):
        return 1
    call.say(f"package:{_apk(package)}")
    return 0


def _matching(call: Call, words: Sequence[str]) -> list[App]:
    """Return the launcher activities that an intent fits."""
    intent = intent_of([word for word in words if word not in ("--brief", "--components")])
    wanted = intent.component.split("/")[0] or intent.package
    if intent.data or intent.action not in ("", "android.intent.action.MAIN"):
        return []
    return [app for app in call.device.phone.apps if wanted in ("", app.package)]


def _resolve(call: Call, words: Sequence[str]) -> int:
    found = _matching(call, words)
    if len(found) != 1:
        call.say("No activity found")
        return 0
    for line in _lines(found[0], "--brief" in words, is_default=True):
        call.say(line)
    return 0


def _query(call: Call, words: Sequence[str]) -> int:
    found = _matching(call, words)
    if not found:
        call.say("No activities found")
        return 0
    if "--components" in words:
        for app in found:
            call.say(f"{app.package}/{app.activity}")
        return 0
    call.say(f"{len(found)} activities found:")
    for number, app in enumerate(found):
        call.say(f"  Activity #{number}:")
        for line in _lines(app, "--brief" in words, is_default=False):
            call.say(f"    {line}")
    return 0


def _lines(app: App, brief: bool, is_default: bool) -> list[str]:
    head = _MATCH.format(str(is_default).lower())
    if brief:
        return [head, f"{app.package}/{app.activity}"]
    full = app.package + app.activity if app.activity.startswith(".") else app.activity
    return [
        head,
        "ActivityInfo:",
        f"  name={full}",
        f"  packageName={app.package}",
        f"  labelRes=0x0 nonLocalizedLabel={app.label} icon=0x7f080001 banner=0x0",
        "  enabled=true exported=true directBootAware=false",
        f"  processName={app.package}",
    ]
