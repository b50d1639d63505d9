"""Applications as a person knows them: by the names in their desktop entries.

Responsible for finding entries, choosing the one that is meant, and turning its command line into
arguments (Desktop Entry Specification 1.5, specifications.freedesktop.org). No shell ever sees a
command line, and nothing of what was asked for becomes a part of it. Starts nothing.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from environments.errors import ToolError

_USUAL_DATA_DIRS = "/usr/local/share:/usr/share"
_ESCAPES: Mapping[str, str] = {"s": " ", "n": "\n", "t": "\t", "r": "\r", "\\": "\\"}
_FIELD_CODES = "fFuUdDnNickvm"
"""Placeholders for files, icons and the like; there are none to hand over, so they fall away."""

_NAMES_TOLD = 40


@dataclass(frozen=True, slots=True)
class App:
    """One application: the id of its entry, its names, and what starts it."""

    entry: str
    name: str
    other_names: tuple[str, ...]
    argv: tuple[str, ...]
    folder: Path | None = None
    in_terminal: bool = False
    topics: tuple[str, ...] = ()

    def is_called(self, wanted: str) -> bool:
        """Tell whether a name is one of its names, in any case."""
        return wanted in {name.casefold() for name in (self.name, self.entry, *self.other_names)}


def entry_folders(environ: Mapping[str, str] = os.environ) -> tuple[Path, ...]:
    """Return the folders with desktop entries, the most important first (XDG base directories)."""
    home = environ.get("XDG_DATA_HOME") or str(Path.home() / ".local/share")
    others = (environ.get("XDG_DATA_DIRS") or _USUAL_DATA_DIRS).split(":")
    return tuple(Path(place, "applications") for place in (home, *others) if place)


def installed_apps(folders: Iterable[Path]) -> tuple[App, ...]:
    """Return the applications that a person's menu would show; an earlier folder hides a later."""
    seen: dict[str, App | None] = {}
    for folder in folders:
        for path in sorted(folder.rglob("*.desktop")):
            entry = "-".join(path.relative_to(folder).with_suffix("").parts)
            if entry not in seen:
                seen[entry] = read_entry(path, entry)
    return tuple(app for app in seen.values() if app is not None)


def read_entry(path: Path, entry: str) -> App | None:
    """Return the application that a file describes; None if it is hidden, broken or missing."""
    try:
        keys = dict(_main_group(path.read_text(encoding="utf-8", errors="replace")))
    except OSError:
        return None
    hidden = "true" in (keys.get("Hidden"), keys.get("NoDisplay"))
    if hidden or keys.get("Type") != "Application" or not keys.get("Name"):
        return None
    argv = arguments_of(keys.get("Exec", ""), keys["Name"])
    if not argv or not all(map(shutil.which, filter(None, (argv[0], keys.get("TryExec"))))):
        return None
    localized = [value for key, value in keys.items() if key.startswith("Name[")]
    names = (*localized, keys.get("GenericName", ""), entry.rpartition(".")[2], Path(argv[0]).name)
    folder = Path(keys["Path"]) if keys.get("Path") else None
    told = tuple(dict.fromkeys(name for name in names if name))
    topics = f"{keys.get('Keywords', '')};{keys.get('Categories', '')}".casefold().split(";")
    in_terminal = keys.get("Terminal") == "true"
    return App(entry, keys["Name"], told, argv, folder, in_terminal, tuple(filter(None, topics)))


def arguments_of(command: str, name: str) -> tuple[str, ...]:
    """Return the arguments that an Exec line stands for; empty where it is not well formed.

    Quoting is that of the specification: double quotes, in which a backslash makes the next
    character literal. Field codes fall away, except the application's name (``%c``).
    """
    arguments, current, quoted, started = [], "", False, False
    characters = iter(command)
    for character in characters:
        if character == "\\" and quoted:
            current += next(characters, "")
        elif character == '"':
            quoted, started = not quoted, True
        elif character == "%":
            code = next(characters, "")
            if code not in _FIELD_CODES + "%":
                return ()
            current += {"%": "%", "c": name}.get(code, "")
        elif character in " \t" and not quoted:
            arguments += [current] if current or started else []
            current, started = "", False
        else:
            current += character
    arguments += [current] if current or started else []
    return () if quoted else tuple(arguments)


def app_named(apps: Sequence[App], wanted: str) -> App:
    """Return the application that is meant by a name.

    Raises:
        ToolError: none is called so, or several; the text names them, or those there are.
    """
    asked = " ".join(wanted.split()).casefold()
    found = _meant(apps, asked) if asked else []
    if len({app.argv for app in found}) == 1:
        return _startable(found[0])
    if found:
        several = ", ".join(f"{app.name} ({app.entry})" for app in found[:_NAMES_TOLD])
        raise ToolError(f"Several applications are called {wanted!r:.60}: {several}. Name one.")
    names = sorted({app.name for app in apps})
    near = get_close_matches(wanted, [*names, *(n for a in apps for n in a.other_names)], n=3)
    hint = f" Did you mean {' or '.join(map(repr, near))}?" if near else ""
    known = ", ".join(names[:_NAMES_TOLD]) or "none"
    raise ToolError(f"There is no application {wanted!r:.60}.{hint} There are: {known}.")


def _meant(apps: Sequence[App], asked: str) -> list[App]:
    """Return those that fit best: by the name on the menu, any name, a part of it, the topic."""
    tests = (
        lambda app: asked in (app.name.casefold(), app.entry.casefold()),
        lambda app: app.is_called(asked),
        lambda app: asked in app.name.casefold(),
        lambda app: asked in app.topics,
    )
    for test in tests:
        found = [app for app in apps if test(app)]
        if found:
            return [app for app in found if not app.in_terminal] or found
    return []


def _startable(app: App) -> App:
    if app.in_terminal:
        raise ToolError(f"{app.name} runs in a terminal; open a terminal and type {app.argv[0]}.")
    return app


def _main_group(text: str) -> Iterator[tuple[str, str]]:
    """Yield the keys of the group "Desktop Entry", unescaped."""
    inside = False
    for line in text.splitlines():
        if line.startswith("["):
            inside = line.strip() == "[Desktop Entry]"
            continue
        key, equals, value = line.partition("=")
        if inside and equals and not line.startswith("#"):
            yield key.strip(), re.sub(r"\\(.)", _unescaped, value.strip())


def _unescaped(match: re.Match[str]) -> str:
    return _ESCAPES.get(match[1], match[0])
