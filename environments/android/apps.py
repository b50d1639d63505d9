"""Applications of a phone: which there are, and starting one by its name or package.

Responsible for names. A phone tells no labels over adb, so an app is known by its package, by the
telling parts of it, and a few by the names that people use. Source of the commands: AOSP's
``PackageManagerShellCommand`` and ``ActivityManagerShellCommand``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from environments.android.line import PhoneLine
from environments.android.shell import quoted
from environments.errors import InputError, ToolError

_LIST = (
    "cmd package query-activities --brief --components "
    "-a android.intent.action.MAIN -c android.intent.category.LAUNCHER"
)
_PACKAGES = "pm list packages"
_COMPONENT = re.compile(r"^\s*([A-Za-z0-9_.]+)/([A-Za-z0-9_.$]+)\s*$", re.MULTILINE)
_PACKAGE = re.compile(r"^package:(?:\S+=)?([A-Za-z0-9_.]+)\s*$", re.MULTILINE)
_START_S = 20.0
_TOLD = 40

_DULL_PARTS = """
    com org net io de android google apps app mobile client main activity launcher ui home
    mainactivity launcheractivity sec samsung miui xiaomi huawei oneplus oppo vivo
"""
_DULL = frozenset(_DULL_PARTS.split())

_USUAL: Mapping[str, tuple[str, ...]] = {
    "settings": ("com.android.settings",),
    "phone": ("com.google.android.dialer", "com.android.dialer", "com.samsung.android.dialer"),
    "messages": ("com.google.android.apps.messaging", "com.android.messaging", "com.android.mms"),
    "contacts": ("com.google.android.contacts", "com.android.contacts"),
    "camera": ("com.google.android.GoogleCamera", "com.android.camera2", "com.android.camera"),
    "photos": ("com.google.android.apps.photos", "com.android.gallery3d"),
    "gallery": ("com.google.android.apps.photos", "com.android.gallery3d"),
    "chrome": ("com.android.chrome",),
    "browser": ("com.android.chrome", "com.android.browser", "org.chromium.webview_shell"),
    "gmail": ("com.google.android.gm",),
    "clock": ("com.google.android.deskclock", "com.android.deskclock"),
    "calendar": ("com.google.android.calendar", "com.android.calendar"),
    "calculator": ("com.google.android.calculator", "com.android.calculator2"),
    "maps": ("com.google.android.apps.maps",),
    "youtube": ("com.google.android.youtube",),
    "play store": ("com.android.vending",),
    "files": ("com.google.android.documentsui", "com.android.documentsui"),
    "whatsapp": ("com.whatsapp",),
    "telegram": ("org.telegram.messenger",),
    "x": ("com.twitter.android",),
    "facebook": ("com.facebook.katana",),
}


@dataclass(frozen=True, slots=True)
class App:
    """One app that can be started: its package, and what starts it (empty: whatever it has)."""

    package: str
    activity: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """What it may be called, the most telling name first."""
        usual = tuple(name for name, packages in _USUAL.items() if self.package in packages)
        parts = [part.lower() for part in self.package.split(".")]
        telling = tuple(part for part in reversed(parts) if part not in _DULL)
        return tuple(dict.fromkeys((*usual, *telling, self.package)))


class Apps:
    """The apps of one phone."""

    def __init__(self, line: PhoneLine) -> None:
        self._line = line

    def installed(self) -> tuple[App, ...]:
        """Return the apps that stand on the home screen, or all where the phone does not tell."""
        found = _COMPONENT.findall(self._line.ask(_LIST).text)
        if found:
            return tuple(App(package, activity) for package, activity in dict.fromkeys(found))
        return tuple(App(package) for package in _PACKAGE.findall(self._line.ask(_PACKAGES).text))

    def open(self, name: str) -> None:
        """Bring an app to the front.

        Raises:
            ToolError: there is none of that name, or several; the text names those there are.
            InputError: the phone does not start it.
        """
        app = app_named(self.installed(), name)
        if app.activity:
            said = self._line.tell(
                "am start -a android.intent.action.MAIN -c android.intent.category.LAUNCHER "
                f"-f 0x10200000 -n {quoted(f'{app.package}/{app.activity}')}",
                _START_S,
            ).text
        else:
            said = self._line.tell(
                f"monkey -p {quoted(app.package)} -c android.intent.category.LAUNCHER 1", _START_S
            ).text
        if "Error" in said or "No activities found" in said:
            raise InputError(
                f"The phone does not start {app.package}: {' '.join(said.split())[:200]}."
            )


def app_named(apps: Sequence[App], wanted: str) -> App:
    """Return the app that is meant.

    Raises:
        ToolError: none is called so, or several are.
    """
    asked = " ".join(wanted.split()).casefold()
    package = asked.partition("/")[0]
    tests = (
        lambda app: app.package.casefold() == package,
        lambda app: asked == app.names[0],
        lambda app: asked in app.names,
        lambda app: asked.replace(" ", "") in app.names,
        lambda app: len(asked) > 2 and asked.replace(" ", "") in app.package.casefold(),  # noqa: PLR2004
    )
    for test in tests:
        found = {app.package: app for app in reversed(apps) if asked and test(app)}
        if len(found) == 1:
            return next(iter(found.values()))
        if found:
            raise ToolError(
                f"Several apps are called {wanted!r:.60}: {', '.join(sorted(found))}. Name one."
            )
    names = sorted({app.names[0] for app in apps})
    near = get_close_matches(asked, [name for app in apps for name in app.names], n=3)
    hint = f" Did you mean {' or '.join(map(repr, near))}?" if near else ""
    raise ToolError(
        f"There is no app {wanted!r:.60}.{hint} There are: {', '.join(names[:_TOLD]) or 'none'}."
    )
