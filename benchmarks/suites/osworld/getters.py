"""What is looked at when a task is over: files, commands, settings, the browser's pages.

Responsible for reading it out of the sandbox, by the names that task files use. Compares nothing.
A getter returns plain values, or a path on this machine for a file's copy, None where there is
none; the path of a file that the task brings along is ``Ours``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlsplit

from benchmarks.suites.osworld.format import Spec
from benchmarks.suites.osworld.home import HOME
from benchmarks.suites.osworld.machine import SCREEN_PX, Machine
from benchmarks.suites.osworld.metrics.reading import Ours, UnreadableError, opened
from benchmarks.suites.osworld.sandbox import EndlessError
from benchmarks.suites.osworld.setup_steps import Files, filled
from environments.errors import ConfigError, DeviceDisconnectedError, DeviceError

_PROFILE = f"{HOME}/.config/google-chrome"
_PREFERENCES = f"{_PROFILE}/Default/Preferences"
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Scene:
    """What getters look at.

    Attributes:
        machine: where the task was played.
        files: where the files of tasks are kept.
        kept: what commands of the task said, by the names it gave.
        folder: for copies of files, on this machine.
    """

    machine: Machine
    files: Files
    kept: Mapping[str, bytes]
    folder: Path

    def copy(self, name: str, content: bytes | None) -> str | None:
        """Return the path of a copy; None of nothing."""
        if content is None:
            return None
        # Only its last part: the name comes from a file of anybody's.
        path = self.folder / (PurePosixPath(name).name or "file")
        path.write_bytes(content)
        return str(path)


def state(scene: Scene, spec: Spec) -> Any:
    """Return what a getter finds; None also where it cannot be read.

    Raises:
        KeyError: there is none of that name; ``needs`` tells before.
        ConfigError: a file that the task brings along is not at hand.
        DeviceError: the sandbox cannot be asked.
    """
    try:
        return GETTERS[str(spec["type"])](scene, spec)
    except UnreadableError:
        return None


def _rule(scene: Scene, spec: Spec) -> Any:
    return spec["rules"]


def _vm_file(scene: Scene, spec: Spec) -> Any:
    return _several(spec, lambda path, dest: scene.copy(dest, _content(scene, path)))


def _cloud_file(scene: Scene, spec: Spec) -> Any:
    return _several(spec, lambda url, dest: _ours(scene, url, dest))


def _ours(scene: Scene, url: str, dest: str) -> str:
    path = scene.copy(f"expected-{dest}", scene.files.find(url))
    if path is None:
        raise ConfigError(f"{url} is not at hand.")
    return Ours(path)


def _several(spec: Spec, one: Callable[[str, str], str | None]) -> Any:
    """Return one path, or those of several that a task wants (``multi``, ``gives``)."""
    if not spec.get("multi"):
        path = str(spec["path"])
        return one(path, str(spec.get("dest") or PurePosixPath(path).name))
    pairs = zip(spec["path"], spec["dest"], strict=False)  # type: ignore[arg-type]
    gives = set(spec.get("gives") or [0])  # type: ignore[arg-type]
    all_paths = [one(str(path), str(dest)) for path, dest in pairs]
    found = [path for at, path in enumerate(all_paths) if at in gives]
    return found[0] if len(found) == 1 else found


def _content(scene: Scene, path: str) -> bytes | None:
    return _looked(lambda: scene.machine.sandbox.get(path))


def _looked(look: Callable[[], _T]) -> _T:
    try:
        return look()
    except DeviceDisconnectedError:
        raise
    except DeviceError as cause:  # The sandbox is there; what lies at that place is not for us.
        raise UnreadableError(str(cause)) from cause


def _cache_file(scene: Scene, spec: Spec) -> Any:
    name = str(spec["path"])
    return scene.copy(name, scene.kept.get(name))


def _command_line(scene: Scene, spec: Spec) -> Any:
    return _said(scene, spec).out


def _command_error(scene: Scene, spec: Spec) -> Any:
    return _said(scene, spec).err


def _said(scene: Scene, spec: Spec) -> Any:
    import shlex

    shell = bool(spec.get("shell"))
    command = filled(spec["command"])  # type: ignore[arg-type]
    if isinstance(command, str) and not shell:
        command = shlex.split(command)
    try:
        return scene.machine.sandbox.run(command, shell=shell)
    except EndlessError as cause:  # What it reads was put there by whoever played.
        raise UnreadableError(str(cause)) from cause


def _list_directory(scene: Scene, spec: Spec) -> Any:
    return _looked(lambda: scene.machine.sandbox.tree(str(spec["path"])))


def _screen_size(scene: Scene, spec: Spec) -> Any:
    return dict(zip(("width", "height"), SCREEN_PX, strict=True))


def _window_size(scene: Scene, spec: Spec) -> Any:
    wanted = str(spec["app_class_name"]).casefold()
    for window in scene.machine.windows():
        if wanted in window.application.casefold():
            return {"width": window.width_px, "height": window.height_px}
    return None


def _settings_of(path: str) -> Callable[[Scene, Spec], Any]:
    def read(scene: Scene, spec: Spec) -> Any:
        place = path.format(file_name=PurePosixPath(str(spec.get("file_name", ""))).name)
        return scene.copy(str(spec["dest"]), _content(scene, place))

    return read


def _playing(scene: Scene, spec: Spec) -> Any:
    login = {"Authorization": "Basic OnBhc3N3b3Jk"}  # RFC 7617, of ":password": the format's own.
    body = scene.machine.sandbox.fetch("http://127.0.0.1:8080/requests/status.xml", headers=login)
    return scene.copy(str(spec["dest"]), None if body is None else body.encode())


def _active_tab(scene: Scene, spec: Spec) -> Any:
    tabs = _tabs(scene, spec)
    return tabs[0] if tabs else None


def _active_url(scene: Scene, spec: Spec) -> Any:
    """Return the address of the page in front, as the address bar shows it."""
    tab = _active_tab(scene, spec)
    if tab is None:
        return None
    prefix = str(spec.get("goto_prefix", "https://"))
    url = str(tab["url"])
    return url if "://" in url else f"{prefix}{url}"


def _url_values(scene: Scene, spec: Spec) -> Any:
    """Return the wanted values of the query in the address of the page in front."""
    url = _active_url(scene, spec)
    if url is None:
        return None
    query = opened("the page in front", lambda _: parse_qs(urlsplit(url).query))
    names: Any = spec.get("replace") or {}
    keys: Any = spec["parse_keys"]
    found = {names.get(key, key): query.get(key, [""])[0] for key in keys}
    if spec.get("split_list"):
        return {key: value.split(",") for key, value in found.items()}
    return found


def _tabs(scene: Scene, spec: Spec) -> Any:
    return [{"title": page["title"], "url": page["url"]} for page in scene.machine.pages()]


def _preference(*keys: str, default: Any = None) -> Callable[[Scene, Spec], Any]:
    """Return what reads one of the browser's settings; ``default`` holds where it is not written.

    Without settings that can be read nothing holds.
    """

    def read(scene: Scene, spec: Spec) -> Any:
        value: Any = _json_of(scene, _PREFERENCES)
        for key in keys:
            value = value.get(key) if isinstance(value, dict) else None
        return default if value is None else value

    return read


def _as_word(read: Callable[[Scene, Spec], Any]) -> Callable[[Scene, Spec], Any]:
    return lambda scene, spec: "true" if read(scene, spec) else "false"


def _deletes_data(scene: Scene, spec: Spec) -> Any:
    """Return "true" if what sites saved goes with the last window (4: for the session alone).

    OSWorld asks whether any of such settings is written, which a new Chromium does by itself.
    """
    kept = _preference("profile", "default_content_setting_values", "cookies")(scene, spec)
    session_only = 4
    return "true" if kept == session_only else "false"


def _safe_browsing(scene: Scene, spec: Spec) -> Any:
    kinds = ("enabled", "enhanced")
    return "true" if any(_preference("safebrowsing", k)(scene, spec) for k in kinds) else "false"


def _startup_page(scene: Scene, spec: Spec) -> Any:
    """Return "true" if the browser starts with a new page: nothing is set, or that (5)."""
    session = _preference("session")(scene, spec)
    kind = session.get("restore_on_startup") if isinstance(session, dict) else None
    new_page = 5
    return "true" if kind in (None, new_page) else "false"


def _font_size(scene: Scene, spec: Spec) -> Any:
    usual = {"default_fixed_font_size": 13, "default_font_size": 16, "minimum_font_size": 13}
    told = _preference("webkit", "webprefs", default={})(scene, spec)
    return usual | (told if isinstance(told, dict) else {})


def _bookmarks(scene: Scene, spec: Spec) -> Any:
    return _json_of(scene, f"{_PROFILE}/Default/Bookmarks").get("roots")


def _json_of(scene: Scene, path: str) -> dict[str, Any]:
    content = _content(scene, path)
    found = opened(path, lambda _: json.loads(content or b""))
    if not isinstance(found, dict):
        raise UnreadableError(f"{path} holds no settings.")
    return found


def _database(name: str) -> Callable[[Scene, Spec], Any]:
    def read(scene: Scene, spec: Spec) -> Any:
        return scene.copy(str(spec["dest"]), _content(scene, f"{_PROFILE}/Default/{name}"))

    return read


GETTERS: Mapping[str, Callable[[Scene, Spec], Any]] = {
    "rule": _rule,
    "vm_file": _vm_file,
    "cloud_file": _cloud_file,
    "cache_file": _cache_file,
    "vm_command_line": _command_line,
    "vm_command_error": _command_error,
    "list_directory": _list_directory,
    "vm_screen_size": _screen_size,
    "vm_window_size": _window_size,
    "gimp_config_file": _settings_of(f"{HOME}/.config/GIMP/2.10/{{file_name}}"),
    "vlc_config": _settings_of(f"{HOME}/.config/vlc/vlcrc"),
    "vlc_playing_info": _playing,
    "active_tab_info": _active_tab,
    "active_url_from_accessTree": _active_url,
    "active_tab_url_parse": _url_values,
    "open_tabs_info": _tabs,
    "enable_do_not_track": _as_word(_preference("enable_do_not_track", default=False)),
    "enable_safe_browsing": _safe_browsing,
    "default_search_engine": _preference(
        "default_search_provider_data", "template_url_data", "short_name", default="Google"
    ),
    "data_delete_automacally": _deletes_data,
    "new_startup_page": _startup_page,
    "profile_name": _preference("profile", "name"),
    "chrome_font_size": _font_size,
    "bookmarks": _bookmarks,
    "cookie_data": _database("Cookies"),
    "history": _database("History"),
}
"""Name in a task file -> what reads it. What is not here is named in ``needs``."""
