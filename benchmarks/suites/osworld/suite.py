"""Tasks in OSWorld's format as a suite: ours, or a folder of the official ones.

Responsible for the life of one task: machine, steps, score, end. What a step, a getter or a metric
does stands in the modules beside this one.

What is run: the setup steps and getters of task files may be shell commands. They run inside
bubblewrap (``sandbox``), and without it nothing is played. What a model writes is never run: it
moves the mouse and types, like everywhere else.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from pydantic import JsonValue

from agent.outcome import Outcome
from benchmarks.base import Advice, Call
from benchmarks.header import About, hash_of
from benchmarks.suites.osworld.evaluation import given_up, metric_score
from benchmarks.suites.osworld.files import Assets
from benchmarks.suites.osworld.format import TaskFile, read_folder
from benchmarks.suites.osworld.getters import Scene
from benchmarks.suites.osworld.machine import SCREEN_PX, Machine, fits
from benchmarks.suites.osworld.needs import reasons
from benchmarks.suites.osworld.own import OWN_FOLDER, OwnFiles
from benchmarks.suites.osworld.own.oracles import Guide, guide_to
from benchmarks.suites.osworld.setup_steps import Files, Steps
from benchmarks.versions import program_versions
from environments.base import Environment, Stop
from environments.errors import ConfigError

OWN = "own"
PROGRAMS = ("bwrap", "chromium", "soffice", "gimp", "vlc", "openbox", "mousepad")
"""Of these the version can change what is seen and what a file holds; of some it cannot be asked.
"""
SAVED_S = 10.0
"""How long a program may still be at work on what it saves, when the agent has ended."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be played; can be pickled.

    Attributes:
        folder: of the official tasks, or of anybody's in their format; None for our own.
        listing: the list that is read.
        domains, ids: only these; empty for all. An id may be its beginning.
        assets: folder with a copy of the benchmark's files.
        network: let the programs of a task reach the network.
        steps: turns that the agent gets.
    """

    folder: Path | None = None
    listing: str = "test_all.json"
    domains: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    assets: Path | None = None
    network: bool = False
    steps: int = 15

    @property
    def name(self) -> str:
        """What the set is called in keys and headers."""
        return OWN if self.folder is None else self.listing.removesuffix(".json")

    @property
    def files(self) -> Files:
        """Where the files of these tasks are kept."""
        return OwnFiles() if self.folder is None else Assets(self.assets)

    def tasks(self) -> tuple[TaskFile, ...]:
        """Return the tasks, whether they can be played here or not.

        Raises:
            ConfigError: the folder does not hold tasks, or none of those that are asked for.
        """
        tasks = read_folder(self.folder or OWN_FOLDER, self.listing)
        chosen = tuple(
            task
            for task in tasks
            if (not self.domains or task.domain in self.domains)
            and (not self.ids or task.id.startswith(self.ids))
        )
        if not chosen:
            known = ", ".join(sorted({task.domain for task in tasks}))
            raise ConfigError(f"No task is called so. There are {len(tasks)}, in: {known}.")
        return chosen


@dataclass(frozen=True, slots=True)
class Sorted:
    """What can be played here, and why the others cannot."""

    playable: tuple[TaskFile, ...]
    lacking: Mapping[str, tuple[str, ...]]
    """Key of a task -> what it needs and lacks."""


def sort(wanted: Wanted) -> Sorted:
    """Say which of the tasks can be played here.

    Raises:
        ConfigError: as ``Wanted.tasks``.
    """
    playable, lacking, files = [], {}, wanted.files
    for task in wanted.tasks():
        why = reasons(task, files, wanted.network)
        if why:
            lacking[f"{task.domain}/{task.id}"] = why
        else:
            playable.append(task)
    return Sorted(tuple(playable), lacking)


class OSWorldTask:
    """One task, played on a machine of its own that is gone afterwards."""

    seed = 0

    def __init__(self, file: TaskFile, wanted: Wanted) -> None:
        """Name the task; its machine is opened by ``setup``."""
        self.file = file
        self.group = file.domain
        version = hash_of([file.model_dump_json()])
        self.key = f"osworld/{wanted.name}/{file.domain}/{file.id}@{version}"
        self.instruction = file.instruction
        self.max_steps = wanted.steps
        self._wanted = wanted
        self._open = ExitStack()
        self._gave_up = False
        self._guide: Guide | None = None
        self._skipped: list[JsonValue] = []
        self.machine: Machine
        self._steps: Steps

    def setup(self, stop: Stop) -> Environment:
        """Open a machine and do what the task asks for before it begins.

        Raises:
            ConfigError: there is no sandbox or no display here.
            DeviceError: a step could not be done.
        """
        self._gave_up, self._guide, self._skipped = False, None, []
        self.machine = Machine(stop, self._wanted.network)
        self._open.callback(self.machine.close)
        self._steps = Steps(self.machine, self._wanted.files)
        self._steps.do(self.file.config)
        self.machine.begin()
        return self.machine.environment

    def ended(self, outcome: Outcome) -> None:
        """Hear whether the agent gave up."""
        self._gave_up = outcome.claim == "failure"

    def score(self) -> float:
        """Return the score, after the steps that the task asks for at its end.

        Raises:
            DeviceError: a step could not be done, or the sandbox has ended.
        """
        decided = given_up(self.file.evaluator, self._gave_up)
        if decided is not None:
            return decided
        self.machine.rest(SAVED_S)
        self._finish()
        self.machine.rest(SAVED_S)
        with tempfile.TemporaryDirectory(prefix="deskhand-osworld-") as folder:
            files, kept = self._wanted.files, self._steps.kept
            return metric_score(self.file.evaluator, Scene(self.machine, files, kept, Path(folder)))

    def _finish(self) -> None:
        """Do the steps after the agent's end, those apart whose window the agent has closed.

        The format's own server goes on without them too, and what is there then is judged.
        """
        comes = False  # Nothing shows a new window by itself once all is at rest.
        for step in self.file.evaluator.postconfig:
            comes = comes or step.type in ("launch", "open")
            if step.type in ("activate_window", "close_window") and not (
                comes or self._shows(step.parameters)
            ):
                self._skipped.append(f"{step.type}: {step.parameters['window_name']}")
            else:
                self._steps.do([step])

    def _shows(self, asked: Mapping[str, JsonValue]) -> bool:
        how = (str(asked["window_name"]), bool(asked.get("strict")), bool(asked.get("by_class")))
        return any(fits(window, *how) for window in self.machine.windows())

    def facts(self) -> Mapping[str, JsonValue]:
        """Tell whether the agent gave up, whether that was right, and what it made impossible."""
        told = {"gave_up": self._gave_up, "infeasible": self.file.evaluator.is_infeasible}
        return {**told, "skipped": self._skipped} if self._skipped else told

    def oracle(self) -> Advice | Call:
        """Return what solves the task from here; only our own tasks have that.

        Raises:
            ConfigError: nobody wrote it down.
        """
        if self._guide is None:
            self._guide = guide_to(self.file, self.machine)
        return self._guide.next()

    def teardown(self) -> None:
        """End the machine with all that was in it."""
        self._open.close()


class OSWorldSuite:
    """The tasks that can be played here, one after the other."""

    name = "osworld"

    def __init__(self, wanted: Wanted) -> None:
        """Take what is to be played.

        Raises:
            ConfigError: as ``sort``.
        """
        self._wanted = wanted
        self.sorted = sort(wanted)

    def tasks(self) -> Sequence[OSWorldTask]:
        """Return the tasks in the order of their list."""
        return [OSWorldTask(each, self._wanted) for each in self.sorted.playable]

    def close(self) -> None:
        """Nothing is kept open between tasks."""


def osworld_suite(wanted: Wanted) -> OSWorldSuite:
    """Return the suite; what the runner calls in every process that plays."""
    return OSWorldSuite(wanted)


def about(wanted: Wanted, found: Sorted) -> About:
    """Return what is said of a run in the header of its results."""
    known = hash_of(sorted(task.model_dump_json() for task in found.playable))
    official = "official tasks" if wanted.folder else "our own tasks, not OSWorld's"
    conditions = {"steps": str(wanted.steps), "screen": "{}x{}".format(*SCREEN_PX)}
    conditions |= {"network": "shared" if wanted.network else "none"}
    return About(
        "osworld",
        preset=wanted.name,
        dataset=f"{wanted.name}@{known}",
        scoring="OSWorld's metrics by their names, written anew; giving up wins infeasible tasks",
        settle="default",
        seeds="0:1",
        conditions=conditions,
        versions=program_versions(*PROGRAMS),
        notes=(
            "Played natively on Debian in bubblewrap, not in OSWorld's virtual machine; "
            f"{official}, {len(found.playable)} of {len(found.playable) + len(found.lacking)}.",
        ),
    )
