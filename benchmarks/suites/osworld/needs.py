"""Why a task cannot be played here.

Responsible for finding every reason before anything is started, so that a task that lacks its files
or its programs is listed and never a zero.
"""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from benchmarks.suites.osworld import setup_steps
from benchmarks.suites.osworld.format import Comparison, SetupStep, Spec, TaskFile
from benchmarks.suites.osworld.getters import GETTERS
from benchmarks.suites.osworld.metrics import METRICS
from benchmarks.suites.osworld.metrics.slides import SPECIAL
from benchmarks.suites.osworld.metrics.tables import RULES, STYLES
from benchmarks.suites.osworld.setup_steps import Files
from environments.errors import ConfigError

_ACCOUNTS = {
    "googledrive": "a Google Drive account",
    "login": "an account to log in with",
    "update_browse_history": "the browsing history of the benchmark's own machine",
}
_APPS: Mapping[str, str] = {
    "chrome": "chromium",
    "gimp": "gimp",
    "libreoffice_calc": "localc",
    "libreoffice_writer": "lowriter",
    "libreoffice_impress": "loimpress",
    "thunderbird": "thunderbird",
    "vlc": "vlc",
    "vs_code": "code",
    "vscode": "code",
}
"""Application of a task file -> the program that it needs here."""

_SAME = {"google-chrome": "chromium", "google-chrome-stable": "chromium"}
_PROVIDED = frozenset({"python", "python3", "socat"})
"""What the sandbox has in any case; without socat the browser is asked where it listens itself."""

_SESSIONS = {
    "gsettings": "a GNOME session (gsettings)",
    "timedatectl": "a machine run by systemd (timedatectl)",
    "systemctl": "a machine run by systemd (systemctl)",
    "pactl": "a sound server (pactl)",
    "sudo": "an administrator's password (sudo)",
    "snap": "snap packages",
}
_WEB = "the live web (--network)"
_WEB_BY_HAND = ("94d95f96", "48d05431", "e1fc0df3", "3c8f201a")
"""Official tasks whose instruction alone says so: install or download something."""
_LOCAL = re.compile(r"(file://|about:|data:|chrome://|https?://(localhost|127\.0\.0\.1)\b)")


def reasons(task: TaskFile, files: Files, network: bool) -> tuple[str, ...]:
    """Return what a task lacks, each in words after "it needs"; empty: it can be played."""
    found = [*_steps(task, files), *_programs(task), *_metrics(task), *_web(task, network)]
    found += [*_sessions(task), *_expected_files(task, files)]
    return tuple(dict.fromkeys(found))


def _steps(task: TaskFile, files: Files) -> Iterator[str]:
    for step in task.steps:
        if step.type in _ACCOUNTS:
            yield _ACCOUNTS[step.type]
        elif step.type not in setup_steps.KNOWN:
            yield f"the setup step {step.type!r:.40}, which is not known here"
        elif step.type == "download":
            missing = [f["url"] for f in _list(step, "files") if files.find(f["url"]) is None]
            if missing:
                yield _files_words(missing)


def _expected_files(task: TaskFile, files: Files) -> Iterator[str]:
    for spec in _specs(task):
        if spec.get("type") == "cloud_file":
            paths: Any = spec["path"]
            wanted = paths if isinstance(paths, list) else [paths]
            missing = [url for url in wanted if files.find(str(url)) is None]
            if missing:
                yield _files_words(missing)


def _files_words(urls: list[str]) -> str:
    return "files that are not at hand (--assets FOLDER)" if urls else ""


def _programs(task: TaskFile) -> Iterator[str]:
    for app in task.related_apps:
        program = _APPS.get(app)
        if program and shutil.which(program) is None:
            yield f"the program {program}"
    for step in task.steps:
        if step.type == "open":
            opener = setup_steps.opener_of(str(step.parameters.get("path", "")))
            if opener is None or shutil.which(opener) is None:
                yield f"the program {opener or 'for ' + str(step.parameters.get('path'))}"
        elif step.type in ("launch", "execute", "command"):
            yield from _missing(step.parameters)
    for spec in _specs(task):
        if spec.get("type") in ("vm_command_line", "vm_command_error"):
            yield from _missing(spec)


def _missing(asked: Mapping[str, Any]) -> Iterator[str]:
    word = _first_word(asked)
    program = None if word is None else PurePosixPath(word).name
    if program is None or program in _PROVIDED or program in _SESSIONS:
        return
    if shutil.which(_SAME.get(program, program)) is None:
        yield f"the program {program}"


def _first_word(asked: Mapping[str, Any]) -> str | None:
    """Return the program of a command; None where only a shell could tell."""
    command = asked.get("command")
    if isinstance(command, list):
        return str(command[0]) if command else None
    if asked.get("shell") or not isinstance(command, str):
        return None
    try:
        return shlex.split(command)[0]
    except (IndexError, ValueError):
        return None


def _metrics(task: TaskFile) -> Iterator[str]:
    if task.evaluator.is_infeasible:
        return
    try:
        comparisons = task.evaluator.comparisons()
    except ConfigError as cause:
        yield f"another way to read it: {cause}"
        return
    for each in comparisons:
        yield from _one_metric(each)
        for spec in (each.result, each.expected):
            if spec and spec.get("type") not in GETTERS:
                yield f"the getter {spec.get('type')!r:.60}, which is not there yet"


def _one_metric(each: Comparison) -> Iterator[str]:
    if each.func not in METRICS:
        yield f"the metric {each.func!r:.60}, which is not there yet"
    elif each.func == "compare_pptx_files":
        for name in sorted(SPECIAL & {name for name, on in each.options.items() if on}):
            yield f"the option {name} of compare_pptx_files, which is not there yet"
    elif each.func == "compare_table":
        rules: Any = each.options.get("rules", [])
        for rule in rules:
            if rule["type"] not in RULES:
                yield f"the rule {rule['type']!r:.40} of compare_table, which is not there yet"
            unknown = {*rule.get("props", ())} - {*STYLES, "value"}
            if rule["type"] in RULES and unknown:
                yield f"the styles {sorted(unknown)} of compare_table, which are not there yet"


def _web(task: TaskFile, network: bool) -> Iterator[str]:
    if network:
        return
    if task.id.startswith(_WEB_BY_HAND):
        yield _WEB
    urls = [str(u) for s in task.steps for u in _list(s, "urls_to_open")]
    if task.proxy or any(not _LOCAL.match(url) for url in urls):
        yield _WEB


def _sessions(task: TaskFile) -> Iterator[str]:
    said = "\n".join(
        command if isinstance(command, str) else " ".join(map(str, command))
        for command in _commands(task)
    )
    for word, needed in _SESSIONS.items():
        if re.search(rf"\b{word}\b", said):
            yield needed
    if "{CLIENT_PASSWORD}" in said:
        yield _SESSIONS["sudo"]


def _commands(task: TaskFile) -> Iterator[Any]:
    asked = [*(step.parameters for step in task.steps), *_specs(task)]
    yield from (each["command"] for each in asked if each.get("command"))


def _specs(task: TaskFile) -> Iterator[Spec]:
    if task.evaluator.is_infeasible:
        return
    try:
        comparisons = task.evaluator.comparisons()
    except ConfigError:
        return
    for each in comparisons:
        yield from (spec for spec in (each.result, each.expected) if spec)


def _list(step: SetupStep, name: str) -> list[Any]:
    value = step.parameters.get(name)
    return value if isinstance(value, list) else []
