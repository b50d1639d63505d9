"""Names of environments, opened lazily.

Responsible for finding the one a person asked for with ``--on``. Imports it only then.
"""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from importlib import import_module
from types import MappingProxyType
from typing import cast

from environments.base import Environment, Stop
from environments.errors import ConfigError
from environments.several import SEPARATOR, SeveralScreens, open_several, split_screens

ENVIRONMENTS: Mapping[str, str] = MappingProxyType(
    {
        "desktop": "environments.desktop.opening:open_desktop",
        "virtual": "environments.desktop.opening:open_virtual",
        "practice": "environments.practice.display:open_on_display",
        "practice:in-process": "environments.practice.environment:open_in_process",
        "practice:guise": "environments.practice.environment:open_in_guise",
        "android": "environments.android.opening:open_android",
        "practice-phone": "environments.android.practice:open_practice_phone",
        "practice-phone:in-process": (
            "environments.practice.phone.environment:open_phone_in_process"
        ),
        "practice-phone:guise": "environments.practice.phone.environment:open_phone_in_guise",
    }
)
"""Name -> where the function ``(argument: str, stop: Stop) -> Environment`` stands."""

OUTLIVING = frozenset({"desktop", "android"})
"""Names of what is there without us: a run on anything else cannot go on after a crash."""


def open_environment(spec: str, stop: Stop) -> Environment:
    """Open what "NAME" or "NAME:ARGUMENT" asks for, or several with "+"; the caller closes it.

    Raises:
        ConfigError: there is no such name, or it cannot be opened; the text says what to do.
    """
    screens = split_screens(spec, tuple(ENVIRONMENTS))
    if "" not in screens:
        return open_several(screens, _open_one, stop)
    return _open_one(spec, stop)


def ends_with_us(spec: str) -> list[str]:
    """Return the screens of a spec that are no more once the process that opened them has ended.

    Raises:
        ConfigError: there is no such name.
    """
    screens = split_screens(spec, tuple(ENVIRONMENTS)).values()
    return [screen for screen in screens if split_spec(screen)[0] not in OUTLIVING]


def same_again(spec: str, environment: Environment) -> str:
    """Return what opens the very screens again that a spec has opened: each phone by its serial.

    Raises:
        ConfigError: there is no such name.
    """
    several = environment.screens if isinstance(environment, SeveralScreens) else {}
    parts = []
    for name, part in split_screens(spec, tuple(ENVIRONMENTS)).items():
        serial = getattr(several.get(name, environment), "serial", None)
        again = f"android:{serial}" if serial and split_spec(part)[0] == "android" else part
        parts.append(f"{name}={again}" if name else again)
    return SEPARATOR.join(parts)


def _open_one(spec: str, stop: Stop) -> Environment:
    name, argument = split_spec(spec)
    module, _, function = ENVIRONMENTS[name].partition(":")
    opener = getattr(import_module(module), function)
    return cast(Environment, opener(argument, stop))


def split_spec(spec: str) -> tuple[str, str]:
    """Return the name and the argument of a spec; the longest name wins.

    Raises:
        ConfigError: there is no such name; the text lists the known ones.
    """
    names = [name for name in ENVIRONMENTS if spec == name or spec.startswith(f"{name}:")]
    if not names:
        raise ConfigError(_unknown(spec))
    name = max(names, key=len)
    return name, spec[len(name) + 1 :]


def _unknown(spec: str) -> str:
    near = get_close_matches(spec.lower(), ENVIRONMENTS, n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    return (
        f"There is nothing named {spec[:60]!r} to act on.{hint} Known: {', '.join(ENVIRONMENTS)}."
    )
