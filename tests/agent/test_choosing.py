"""No small checkpoint on a person's screen by any way in; and who loads a model can be stopped."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import anyio
import pytest
from mcp.client.client import Client

from agent import load_model, run
from agent.choosing import model_for
from agent.cli import main
from agent.config import HOME_VARIABLE, settings_from
from agent.models.qwen_agent_llm import DeskhandChat
from environments.base import Stop
from environments.desktop.virtual import VirtualDisplay
from environments.errors import ConfigError, Stopped
from tests.agent.mcp_clients import talking, words
from tests.board import Board

ONLY_NAMED = "unless named|only if it is named"


@pytest.fixture(autouse=True)
def no_gpu(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Leave "auto" with the embedded checkpoint, also on a machine with a GPU."""
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path / "home"))


@pytest.fixture
def desk(x_display: VirtualDisplay, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make a display of ours the person's own."""
    for name, value in x_display.env().items():
        monkeypatch.setenv(name, value)


@pytest.mark.parametrize(
    "on", ["desktop", "desktop:all", "android", "android:A1", "practice+phone=android:A1", "own"]
)
@pytest.mark.parametrize("model", ["auto", "transformers:auto"])
def test_the_embedded_checkpoint_touches_no_screen_of_a_person_unless_named(
    on: str, model: str
) -> None:
    with pytest.raises(ConfigError, match=ONLY_NAMED):
        model_for(settings_from(task="x", on=on, model=model))
    assert model_for(settings_from(task="x", on=on, model="embedded")) == "embedded"


@pytest.mark.parametrize("on", ["virtual", "virtual:640x480", "practice+practice-phone"])
def test_the_embedded_checkpoint_stands_in_on_screens_that_are_nobodys(on: str) -> None:
    assert model_for(settings_from(task="x", on=on)) == "embedded"


def test_whoever_loads_a_model_in_a_program_names_the_embedded_one() -> None:
    """So a model at hand may act anywhere: behind an ``Agent``, ``run``, or Qwen-Agent."""
    with pytest.raises(ConfigError, match=ONLY_NAMED):
        load_model("auto")
    with pytest.raises(ConfigError, match=ONLY_NAMED):
        DeskhandChat({})


def test_a_program_that_names_no_model_touches_no_screen_of_its_own_or_a_persons() -> None:
    with pytest.raises(ConfigError, match=ONLY_NAMED):
        run("Look", on="desktop")
    board = Board()
    with pytest.raises(ConfigError, match=ONLY_NAMED):
        run("Look", on=board)
    assert board.done == []


def test_the_command_line_names_it_or_leaves_the_desktop_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tasks = tmp_path / "tasks.jsonl"
    tasks.write_text('{"task": "Look"}')
    for given in (["Look"], ["--tasks", str(tasks)]):
        with pytest.raises(SystemExit, match="2"):
            main(["run", *given, "--on", "desktop"])
        assert "unless named" in capsys.readouterr().err


@pytest.mark.usefixtures("desk")
def test_a_client_that_hands_a_task_over_is_told_the_same(tmp_path: Path) -> None:
    async def talk(client: Client) -> None:
        result = await client.call_tool("run_task", {"task": "Look"})
        assert result.is_error
        assert "unless named" in words(result)

    talking(talk, tmp_path, on="desktop", template=None, task="x", model="auto")


class Mute:
    """A server that takes every call and never says anything."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.called = threading.Event()
        self._calls: list[socket.socket] = []
        self._thread = threading.Thread(target=self._listen)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}/v1"

    def _listen(self) -> None:
        while True:
            try:
                self._calls.append(self._socket.accept()[0])
            except OSError:
                return
            self.called.set()

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        for one in (self._socket, *self._calls):
            one.close()


@pytest.fixture
def mute() -> Iterator[Mute]:
    server = Mute()
    yield server
    server.close()


def test_a_program_can_stop_a_run_whose_server_does_not_answer(mute: Mute) -> None:
    stop = Stop()

    def stopping() -> None:
        mute.called.wait(30)
        stop.set("enough")

    thread = threading.Thread(target=stopping)
    thread.start()
    with pytest.raises(Stopped, match="enough"):
        run("Look", on="practice:in-process", model=mute.url, stop=stop)
    thread.join()


def test_ctrl_c_ends_a_run_whose_server_does_not_answer(mute: Mute, tmp_path: Path) -> None:
    arguments = ["run", "Look", "--on", "practice:in-process", "--model", mute.url, "--json"]
    process = subprocess.Popen(
        [sys.executable, "-m", "agent", *arguments], stdout=subprocess.PIPE, text=True,
        env=os.environ | {HOME_VARIABLE: str(tmp_path / "home")},
    )  # fmt: skip
    assert mute.called.wait(60)
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=60)
    assert (process.returncode, json.loads(out)["exit_code"]) == (4, 4)
    assert not (tmp_path / "home" / "runs").exists()


def test_a_client_can_take_a_task_back_while_the_server_does_not_answer(
    mute: Mute, tmp_path: Path
) -> None:
    async def talk(client: Client) -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(client.call_tool, "run_task", {"task": "Look"})
            assert await anyio.to_thread.run_sync(mute.called.wait, 30)
            group.cancel_scope.cancel()
        with anyio.fail_after(30):  # The server may be silent for three minutes.
            assert not (await client.call_tool("screenshot")).is_error

    talking(talk, tmp_path, model=mute.url)
