"""The suite: whole episodes through the one runner, and what breaks one."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

import pytest
from typer.testing import CliRunner

from agent.models.scripted import ScriptedModel
from benchmarks.base import Kind, TaskResult
from benchmarks.casting import Casting
from benchmarks.cli import app
from benchmarks.header import Who
from benchmarks.runner import Terms, play_episode
from benchmarks.suites.osworld.format import SetupStep
from benchmarks.suites.osworld.getters import Scene, state
from benchmarks.suites.osworld.home import HOME
from benchmarks.suites.osworld.machine import Machine
from benchmarks.suites.osworld.metrics import METRICS
from benchmarks.suites.osworld.own import OwnFiles
from benchmarks.suites.osworld.setup_steps import Steps
from benchmarks.suites.osworld.suite import OSWorldSuite, OSWorldTask, Wanted
from environments.base import Stop
from environments.errors import ConfigError, DeviceDisconnectedError
from tests.benchmarks.osworld.files import PROBLEM, TERMINAL, folder

sandboxed = pytest.mark.skipif(PROBLEM is not None, reason=PROBLEM or "it works")
READ = {"type": "vm_command_line", "command": "cat ~/a.txt", "shell": True}
SAYS_HI = {
    "config": [{"type": "execute", "parameters": {"command": "echo hi > ~/a.txt", "shell": True}}],
    "evaluator": {
        "func": "exact_match",
        "result": READ,
        "expected": {"type": "rule", "rules": {"expected": "hi\n"}},
    },
}


def no_model(spec: str) -> NoReturn:
    raise AssertionError(spec)


def played(task: OSWorldTask, agent: Who = "noop") -> TaskResult:
    return play_episode(task, Casting(agent).players(no_model), Terms(), Stop())


def only(root: Path, **fields: Any) -> OSWorldTask:
    (task,) = OSWorldSuite(Wanted(folder(root, one=fields))).tasks()
    return task


@sandboxed
def test_a_task_of_a_folder_is_set_up_and_scored(tmp_path: Path) -> None:
    result = played(only(tmp_path, **SAYS_HI))
    assert (result.kind, result.score) == (Kind.SUCCESS, 1.0)
    assert result.facts == {"gave_up": False, "infeasible": False}


@sandboxed
@pytest.mark.skipif(bool(TERMINAL), reason=TERMINAL or "it is there")
def test_giving_up_wins_only_what_cannot_be_done() -> None:
    (task,) = OSWorldSuite(Wanted(ids=("infeasible-webcam",))).tasks()
    won, lost = played(task, "oracle"), played(task, "noop")
    assert (won.score, won.claim, won.kind) == (1.0, "failure", Kind.SUCCESS)
    assert (lost.score, lost.claim) == (0.0, "success")


@sandboxed
@pytest.mark.parametrize(
    ("said", "gave_up"),
    [
        ({"status": "failure"}, True),
        ({"status": "success"}, False),
        ({}, False),
        ({"status": "done"}, False),
        ({"status": None}, False),
        ({"status": ["failure"]}, False),
    ],
)
def test_only_who_says_that_it_failed_has_given_up(
    tmp_path: Path, said: dict[str, Any], gave_up: bool
) -> None:
    arguments = {"action": "terminate", **said}
    call = json.dumps({"name": "computer_use", "arguments": arguments})
    model = ScriptedModel([f"It is over.\n<tool_call>\n{call}\n</tool_call>"] * 20)
    task = OSWorldTask(only(tmp_path).file, Wanted(tmp_path, steps=3))
    result = play_episode(task, lambda task, screen: model, Terms(), Stop())
    assert (result.score, result.facts["gave_up"]) == (float(gave_up), gave_up)


@sandboxed
@pytest.mark.parametrize(
    "broken",
    [
        {"config": [{"type": "execute", "parameters": {"command": []}}]},
        {"evaluator": {"func": "check_csv", "result": READ, "expected": READ}},
    ],
)
def test_what_breaks_is_an_error_and_never_a_zero(tmp_path: Path, broken: dict[str, Any]) -> None:
    result = played(only(tmp_path, **{**SAYS_HI, **broken}))
    assert (result.kind, result.score) == (Kind.ENV_ERROR, None)


@sandboxed
def test_a_window_that_the_agent_closed_breaks_no_task(tmp_path: Path) -> None:
    gone = [
        {"type": kind, "parameters": {"window_name": "a.xlsx - LibreOffice Calc"}}
        for kind in ("activate_window", "close_window")
    ]
    late = {"type": "execute", "parameters": {"command": "echo hi > ~/a.txt", "shell": True}}
    evaluator = {**SAYS_HI["evaluator"], "postconfig": [*gone, late]}
    result = played(only(tmp_path, evaluator=evaluator))
    assert (result.kind, result.score) == (Kind.SUCCESS, 1.0)
    assert len(result.facts["skipped"]) == 2  # type: ignore[arg-type]


@sandboxed
def test_a_task_of_other_people_says_that_it_has_no_oracle(tmp_path: Path) -> None:
    result = played(only(tmp_path, **SAYS_HI), "oracle")
    assert result.kind is Kind.ENV_ERROR
    assert "has no oracle" in result.reason


@pytest.fixture(scope="module")
def machine() -> Iterator[Machine]:
    made = Machine(Stop())
    yield made
    made.close()


@sandboxed
def test_steps_run_in_order_with_the_screens_size_filled_in(machine: Machine) -> None:
    steps = Steps(machine, OwnFiles())
    steps.do(
        [
            SetupStep(
                type="download",
                parameters={"files": [{"url": "local:notes.txt", "path": "/home/user/n/a.txt"}]},
            ),
            SetupStep(type="command", parameters={"command": "mv n/a.txt n/b.txt"}),
            SetupStep(type="sleep", parameters={"seconds": 60}),
            SetupStep(
                type="execute",
                parameters={"command": ["echo", "{SCREEN_WIDTH_HALF}"], "stdout": "half"},
            ),
        ]
    )
    assert steps.kept["half"] == b"960\n"
    assert machine.sandbox.get("/home/user/n/b.txt") == OwnFiles().find("local:notes.txt")


@sandboxed
def test_a_file_that_is_not_at_hand_is_refused(machine: Machine) -> None:
    files = [{"url": "https://example.org/a", "path": "/home/user/a"}]
    with pytest.raises(ConfigError, match="not at hand"):
        Steps(machine, OwnFiles()).do([SetupStep(type="download", parameters={"files": files})])


@sandboxed
def test_getters_read_what_the_browser_saved(machine: Machine, tmp_path: Path) -> None:
    def found(kind: str) -> object:
        return state(Scene(machine, OwnFiles(), {}, tmp_path), {"type": kind})

    kinds = ("enable_do_not_track", "new_startup_page", "default_search_engine", "profile_name")
    place = f"{HOME}/.config/google-chrome/Default/Preferences"
    for unreadable in (None, b"", b"{", b"[]"):
        if unreadable is not None:
            machine.sandbox.put(place, unreadable)
        assert [found(kind) for kind in kinds] == [None] * 4
    machine.sandbox.put(place, b'{"session": 5, "webkit": {"webprefs": []}}')
    assert [found(kind) for kind in kinds] == ["false", "true", "Google", None]
    assert found("chrome_font_size")["default_font_size"] == 16  # type: ignore[index]
    for cookies, word in ((1, "false"), (4, "true")):
        kept = {"default_content_setting_values": {"has_migrated": True, "cookies": cookies}}
        machine.sandbox.put(place, json.dumps({"profile": kept}).encode())
        assert found("data_delete_automacally") == word
    saved = {
        "enable_do_not_track": True,
        "session": {"restore_on_startup": 4},
        "default_search_provider_data": {"template_url_data": {"short_name": "Microsoft Bing"}},
        "profile": {"name": "Thomas"},
        "webkit": {"webprefs": {"default_font_size": 24}},
    }
    machine.sandbox.put(place, json.dumps(saved).encode())
    assert [found(kind) for kind in kinds] == ["true", "false", "Microsoft Bing", "Thomas"]
    assert METRICS["check_font_size"](
        found("chrome_font_size"), {"type": "range", "min": 16, "max": 30}
    )


@sandboxed
def test_a_command_that_speaks_without_end_finds_nothing(machine: Machine, tmp_path: Path) -> None:
    machine.sandbox.run("ln -sf /dev/zero endless", shell=True)
    asked = {"type": "vm_command_line", "command": ["cat", f"{HOME}/endless"]}
    assert state(Scene(machine, OwnFiles(), {}, tmp_path), asked) is None


@sandboxed
def test_a_machine_that_is_gone_is_an_error_and_never_a_zero(tmp_path: Path) -> None:
    gone = Machine(Stop())
    gone.close()
    for spec in ({"type": "vm_file", "path": "/a"}, {"type": "bookmarks"}, {"type": "history"}):
        with pytest.raises(DeviceDisconnectedError):
            state(Scene(gone, OwnFiles(), {}, tmp_path), {"dest": "a", **spec})


@sandboxed
@pytest.mark.skipif(bool(TERMINAL), reason=TERMINAL or "it is there")
def test_windows_are_found_by_their_names_and_closed(machine: Machine) -> None:
    machine.sandbox.start(["xterm", "-T", "First"])
    machine.activate("First", strict=True)
    machine.sandbox.start(["xterm", "-T", "Second"])
    machine.activate("seco")
    assert machine.in_front("Second")
    machine.activate("First")
    assert machine.in_front("First")
    for name in ("First", "Second"):
        machine.close_window(name)
    machine.rest()
    assert machine.windows() == ()


def test_the_list_says_what_can_be_played_and_why_the_rest_cannot(tmp_path: Path) -> None:
    root = folder(tmp_path, good=SAYS_HI, web={"proxy": True})
    done = CliRunner().invoke(app, ["osworld", "--tasks", str(root), "--list"])
    assert done.exit_code == 0
    assert "os/good: can be played" in done.stdout
    assert "os/web: needs the live web (--network)" in done.stdout
    assert "1 can be played here, 1 cannot." in done.stdout


def test_without_a_sandbox_the_command_refuses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = folder(tmp_path, good={"evaluator": {"func": "infeasible"}})
    monkeypatch.setenv("PATH", "/nowhere")
    done = CliRunner().invoke(app, ["osworld", "--tasks", str(root), "--agent", "noop"])
    assert isinstance(done.exception, ConfigError)
    assert "bwrap is missing" in str(done.exception)


@sandboxed
def test_the_command_warns_of_shell_commands_and_prints_a_table(tmp_path: Path) -> None:
    root, out = folder(tmp_path, good=SAYS_HI), tmp_path / "results.jsonl"
    asked = ["osworld", "--tasks", str(root), "--agent", "noop", "--out", str(out)]
    done = CliRunner().invoke(app, asked)
    assert done.exit_code == 0, done.exception
    assert "shell commands" in done.stderr
    assert "1.000" in done.stdout
    assert "not in OSWorld's virtual machine" in done.stdout
