"""AndroidWorld as a suite: its 116 tasks, set up and judged by its own package.

Responsible for the life of one task on a phone over plain adb. What is asked for, how it is set up
and what counts stands in ``android_world`` itself (github.com/google-research/android_world),
reached by ``validators``. As there, a score counts only if the agent ended by itself, and a task
gets ``int(10 * complexity)`` steps.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from importlib import import_module
from typing import Any

from pydantic import JsonValue

from agent.outcome import Outcome
from benchmarks.base import Advice
from benchmarks.header import About
from benchmarks.suites.android_world.validators import (
    SETTINGS,
    missing,
    package_versions,
    step_towards,
    world_of,
)
from benchmarks.suites.phone_stand import Stand, phones
from environments.actions import PressButton
from environments.base import Environment, Stop
from environments.errors import ConfigError
from environments.practice.phone.world import PhoneWorld
from environments.practice.tasks import OracleStep

FAMILY = "android_world"
USUAL_SEED = 30
"""What AndroidWorld's own runner draws from unless told otherwise."""

STEPS_PER_COMPLEXITY = 10
PRACTICE = "practice"
_PRACTICE_WORLD = 3
DONE = OracleStep("All is as it was asked for.", None)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be played; can be pickled.

    Attributes:
        on: "practice" for the practice phone, else a phone's or emulator's serial ("" for the only
            one).
        names: of the tasks; empty for all that can be played there.
        seed: what the parameters are drawn from.
        combinations: instances of each task, each with other parameters.
    """

    on: str = PRACTICE
    names: tuple[str, ...] = ()
    seed: int = USUAL_SEED
    combinations: int = 1

    @property
    def is_practice(self) -> bool:
        """Tell whether the practice phone is meant."""
        return self.on == PRACTICE


@dataclass(frozen=True, slots=True)
class Instance:
    """One task with its parameters.

    Attributes:
        name: of the task, as AndroidWorld calls it.
        number: which of its instances.
        eval: AndroidWorld's own object.
    """

    name: str
    number: int
    eval: Any

    @property
    def goal(self) -> str:
        """What is asked for."""
        return str(self.eval.goal)

    @property
    def steps(self) -> int:
        """The turns that it gets."""
        return int(STEPS_PER_COMPLEXITY * self.eval.complexity)

    @property
    def lacking(self) -> str:
        """Why the practice phone cannot play it; empty if it can."""
        if self.name in SETTINGS:
            return ""
        apps = ", ".join(self.eval.app_names) or "the system's own screens"
        return f"it needs an emulator or a phone with Android itself ({apps})"


def instances(wanted: Wanted) -> tuple[Instance, ...]:
    """Return the tasks with parameters drawn as AndroidWorld draws them; needs no phone.

    Raises:
        ConfigError: AndroidWorld is not installed, or there is no such task.
    """
    registry, utils = _package("registry"), _package("suite_utils")
    known = registry.TaskRegistry().get_registry(FAMILY)
    unknown = [name for name in wanted.names if name not in known]
    if unknown:
        raise ConfigError(f"AndroidWorld has no task {', '.join(unknown)}; --list shows them all.")
    chosen = {name: known[name] for name in wanted.names} if wanted.names else known
    made = utils.create_suite(chosen, wanted.combinations, wanted.seed)
    return tuple(
        Instance(n, at, each) for n, all_of in made.items() for at, each in enumerate(all_of)
    )


def _package(module: str) -> Any:
    words = missing()
    if words:
        raise ConfigError(words)
    try:
        return import_module(f"android_world.{module}")
    except ImportError as cause:
        raise ConfigError(
            f"AndroidWorld is there, but something that it needs is not ({cause}). Install its "
            "requirements.txt, and run its setup.py, which makes its protocol buffers."
        ) from cause


class Phones:
    """The phone of a suite, opened with the first task and kept for the others."""

    def __init__(self, on: str) -> None:
        """Say which; nothing is opened yet."""
        self._on = on
        self._open = ExitStack()
        self.stand: Stand | None = None
        """The practice phone with its truth, once it is open."""
        self._environment: Environment | None = None
        self._world: Any = None

    def at(self, stop: Stop) -> tuple[Environment, Any]:
        """Return the phone for an agent, and the same as AndroidWorld takes it.

        Raises:
            ConfigError: there is no such phone, no adb, or AndroidWorld is not installed.
            DeviceError: it cannot be reached.
        """
        if self._environment is None:
            self._environment, self._world = self._opened(stop)
        return self._environment, self._world

    def close(self) -> None:
        """Give the phone back; may be called twice."""
        self._environment, self.stand = None, None
        self._open.close()

    def _opened(self, stop: Stop) -> tuple[Environment, Any]:
        if self._on == PRACTICE:
            self.stand = self._open.enter_context(phones([PhoneWorld(_PRACTICE_WORLD)], stop))[0]
            world = world_of(self.stand.serial, self.stand.adb_port)
            return self.stand.environment, world
        from environments.android.adb import Adb
        from environments.android.opening import open_android

        environment = open_android(self._on, stop)
        self._open.callback(environment.close)
        return environment, world_of(environment.serial, Adb(stop).port, elements=True)


class AndroidWorldTask:
    """One instance of a task."""

    def __init__(self, instance: Instance, phone: Phones) -> None:
        """Name the task; AndroidWorld sets it up with ``setup``."""
        self.group = instance.name
        self.seed = int(instance.eval.params.get("seed") or 0)
        # By the seed and not by the goal: some goals name the moment at which they were drawn.
        self.key = f"android_world/{instance.name}/{instance.number}/{self.seed}"
        self.instruction = instance.goal
        self.max_steps = instance.steps
        self._instance, self._phone = instance, phone
        self._world: Any = None
        self._ended_itself = False

    def setup(self, stop: Stop) -> Environment:
        """Let AndroidWorld bring the phone to the task's start.

        Raises:
            ConfigError, DeviceError: as ``Phones.at``.
        """
        self._ended_itself = False
        environment, self._world = self._phone.at(stop)
        self._instance.eval.initialize_task(self._world)
        if self._instance.eval.start_on_home_screen:
            environment.execute(PressButton("home"))
        return environment

    def ended(self, outcome: Outcome) -> None:
        """Hear whether the agent ended by itself, and what it answered."""
        self._ended_itself = outcome.claim is not None
        self._world.interaction_cache = outcome.answer or ""

    def score(self) -> float:
        """Return AndroidWorld's judgement; 0 for an agent that did not end by itself."""
        if not self._ended_itself:
            return 0.0
        return float(self._instance.eval.is_successful(self._world))

    def facts(self) -> Mapping[str, JsonValue]:
        """Tell what the task's apps are and whether the agent ended by itself."""
        apps: list[JsonValue] = [str(name) for name in self._instance.eval.app_names]
        return {"apps": apps, "ended_itself": self._ended_itself}

    def oracle(self) -> Advice:
        """Return the next step; only tasks on settings of the practice phone have that.

        Raises:
            ConfigError: nobody knows the way.
        """
        stand, wish = self._phone.stand, SETTINGS.get(self.group)
        if stand is None or wish is None:
            raise ConfigError(
                f"The task {self.group} has no oracle: only tasks on settings, on the practice "
                "phone, have one."
            )
        with stand.held() as world:
            return step_towards(world, wish) or DONE

    def teardown(self) -> None:
        """Let AndroidWorld tidy up, if it had begun."""
        if self._instance.eval.initialized:
            self._instance.eval.tear_down(self._world)


class AndroidWorldSuite:
    """The instances that can be played on a phone."""

    name = "android-world"

    def __init__(self, wanted: Wanted) -> None:
        """Draw the parameters; no phone is opened.

        Raises:
            ConfigError: as ``instances``, or nothing of it can be played there.
        """
        found = instances(wanted)
        self._phone = Phones(wanted.on)
        self.whole = len(instances(replace(wanted, names=()))) if wanted.names else len(found)
        """Instances of all its tasks."""
        self.playable = tuple(each for each in found if not (wanted.is_practice and each.lacking))
        self.lacking = {
            each.name: each.lacking for each in found if wanted.is_practice and each.lacking
        }
        if not self.playable:
            raise ConfigError(
                f"None of these can be played here: {'; '.join(self.lacking.values())}"
            )

    def tasks(self) -> Sequence[AndroidWorldTask]:
        """Return the tasks by their names."""
        return [AndroidWorldTask(each, self._phone) for each in self.playable]

    def close(self) -> None:
        """Give the phone back."""
        self._phone.close()


def android_world_suite(wanted: Wanted) -> AndroidWorldSuite:
    """Return the suite; what the runner calls in every process that plays."""
    return AndroidWorldSuite(wanted)


def about(wanted: Wanted, suite: AndroidWorldSuite) -> About:
    """Return what is said of a run in the header of its results."""
    where = "the practice phone" if wanted.is_practice else "an Android phone or emulator"
    part = f"{len(suite.playable)} instances on {where}"
    note = (
        f"{part}; only tasks on settings, so this is no AndroidWorld score. Doing nothing wins "
        "those that ask to verify."
        if wanted.is_practice
        else f"{part}; the clock stands still and apps are reset only where adb is root."
    )
    return About(
        "android-world",
        preset=FAMILY,
        dataset=package_versions()["android_world"],
        scoring="AndroidWorld's own is_successful, counted only if the agent ended by itself",
        settle="default",
        seeds=f"{wanted.seed}",
        conditions={"on": PRACTICE if wanted.is_practice else "adb"},
        versions=package_versions(),
        notes=(note,),
        whole=suite.whole,
    )
