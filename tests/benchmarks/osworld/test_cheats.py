"""Our own evaluators: what is right scores 1, and nothing that only looks like it."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.suites.osworld.evaluation import metric_score
from benchmarks.suites.osworld.format import TaskFile
from benchmarks.suites.osworld.getters import Scene
from benchmarks.suites.osworld.machine import Machine
from benchmarks.suites.osworld.own import OwnFiles
from benchmarks.suites.osworld.own.assets import picture
from benchmarks.suites.osworld.setup_steps import Steps
from benchmarks.suites.osworld.suite import Wanted
from environments.base import Stop
from tests.benchmarks.osworld.cheats import RIGHT, WRONG, Maker, State
from tests.benchmarks.osworld.files import PROBLEM

TASKS = {task.id: task for task in Wanted().tasks() if not task.evaluator.is_infeasible}
BROWSER, PLAYER = "/tmp/servers/9222/json/list", "/tmp/servers/8080/requests/status.xml"
VLC = (
    "<root><state>{}</state><information><category><info>{}</info></category></information></root>"
)

pytestmark = pytest.mark.skipif(PROBLEM is not None, reason=PROBLEM or "it works")


@pytest.fixture(scope="module")
def machine() -> Iterator[Machine]:
    """A machine on which files stand for what a browser and a player would say of themselves."""
    made = Machine(Stop())
    made.sandbox.put("/tmp/other.png", picture(30, 20))
    for path, port in ((BROWSER, 9222), (PLAYER, 8080)):
        made.sandbox.put(path, b"[]")
        made.sandbox.start(
            ["python3", "-m", "http.server", str(port), "-d", f"/tmp/servers/{port}"]
        )
        while made.sandbox.fetch(f"http://127.0.0.1:{port}/") is None:
            pass
    yield made
    made.close()


def scored(machine: Machine, task: TaskFile, end: State, folder: Path) -> float:
    """Return the score of a task whose home ends like this."""
    machine.sandbox.run("rm -rf -- * .config/google-chrome; mkdir Documents Pictures", shell=True)
    machine.sandbox.put(BROWSER, b"[]")
    machine.sandbox.run(["rm", "-f", PLAYER])
    steps = Steps(machine, OwnFiles())
    steps.do([step for step in task.config if step.type in ("download", "execute")])
    for path, content in end.items():
        put(machine, path, content)
    return metric_score(task.evaluator, Scene(machine, OwnFiles(), steps.kept, folder))


def put(machine: Machine, path: str, content: bytes | str | Maker) -> None:
    content = content() if callable(content) else content
    if path.startswith("/"):
        machine.sandbox.put(path, content.encode() if isinstance(content, str) else content)
        return
    assert isinstance(content, str)
    if path == "run":
        machine.sandbox.run(content, shell=True)
    elif path == "tabs":
        pages = [{"type": "page", "id": u, "title": u, "url": u} for u in content.split()]
        machine.sandbox.put(BROWSER, json.dumps(pages).encode())
    else:
        state, _, name = content.partition(" ")
        machine.sandbox.put(PLAYER, VLC.format(state, name).encode())


def test_every_task_that_can_be_done_has_its_cheats() -> None:
    assert set(TASKS) == set(RIGHT) == set(WRONG)


@pytest.mark.parametrize("name", RIGHT)
def test_the_right_end_is_1_and_what_looks_like_it_is_0(
    name: str, machine: Machine, tmp_path: Path
) -> None:
    task = TASKS[name]
    assert scored(machine, task, RIGHT[name], tmp_path) == 1
    taken_for_right = [
        each
        for each, end in {"nothing done": {}, **WRONG[name]}.items()
        if scored(machine, task, end, tmp_path) != 0
    ]
    assert taken_for_right == []


HARM = {
    "a folder": "mkdir {0}",
    "a pipe": "mkfifo {0}",
    "zeros without end": "ln -s /dev/zero {0}",
    "a link to itself": "ln -s {0} {0}",
    "noise": "head -c 1000 /dev/urandom > {0}",
    "not to be read": "echo a > {0}; chmod 0 {0}",
}
"""What can become of a file."""


@pytest.mark.parametrize("harm", HARM.values(), ids=HARM)
def test_a_task_whose_file_was_harmed_is_lost_and_not_broken(
    harm: str, machine: Machine, tmp_path: Path
) -> None:
    for name in ("terminal-report", "rotate", "bold-head", "page-break", "retitle"):
        path = str((TASKS[name].evaluator.comparisons()[0].result or {})["path"])
        command = f"mkdir -p $(dirname {path}); rm -rf {path}; {harm.format(path)}"
        assert scored(machine, TASKS[name], {"run": command}, tmp_path) == 0, name


def test_far_too_much_is_no_success(machine: Machine, tmp_path: Path) -> None:
    end = {"run": "mkdir reports; truncate -s 300M reports/summary.txt"}
    assert scored(machine, TASKS["terminal-report"], end, tmp_path) == 0
