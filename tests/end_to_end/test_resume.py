"""deskhand resume after kill -9: real processes on a real display that outlives them."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from agent.archive import JOURNAL, RunRecord, list_runs, load_run
from environments.desktop.virtual import VirtualDisplay
from environments.desktop.x11 import connect
from tests.agent.replies import DONE, reply
from tests.end_to_end.scripts import write_script

CLICK = reply("Click.", action="left_click", coordinate=[500, 500])
WAIT = reply("Wait.", action="wait", time=50)
OTHER = reply("Click elsewhere.", action="left_click", coordinate=[100, 100])
HOLD = json.dumps({"name": "gesture", "arguments": {"action": "hold", "keys": ["shift"]}})
HOLDS = f"Hold shift.\n<tool_call>\n{HOLD}\n</tool_call>"


@dataclass
class Desk:
    """A display that outlives its runs, and the runs' home."""

    folder: Path
    display: VirtualDisplay

    @property
    def runs(self) -> Path:
        return self.folder / "home" / "runs"

    def env(self) -> dict[str, str]:
        return self.display.env() | {"DESKHAND_HOME": str(self.folder / "home")}

    def run_and_kill(self, replies: Sequence[str], calls: int) -> RunRecord:
        """Start a run and kill it, with all it started, in the middle of its n-th call."""
        model = write_script(self.folder, replies)
        command = [sys.executable, "-m", "agent", "run", "Mark it", "--on", "desktop", "--json"]
        process = subprocess.Popen(
            [*command, "--preset", "autonomous", "--model", model],
            env=self.env(),
            stdout=subprocess.DEVNULL,
        )
        while not self._announced(calls):
            assert process.poll() is None
        for child in _descendants(process.pid):
            os.kill(child, signal.SIGKILL)
        process.kill()
        process.wait()
        (summary,) = list_runs(self.runs)
        return load_run(self.runs, summary.id)

    def _announced(self, calls: int) -> bool:
        for path in self.runs.glob(f"*/{JOURNAL}"):
            try:
                with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
                    query = "SELECT count(*) FROM calls WHERE ended_at IS NULL AND id = ?"
                    return bool(database.execute(query, [calls]).fetchone()[0])
            except sqlite3.Error:
                return False
        return False

    def resume(self, *options: str, **more: Any) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "agent", "resume", *options],
            env=self.env(),
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
            **more,
        )


def _descendants(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [one for child in map(int, children) for one in (child, *_descendants(child))]


def down(display: VirtualDisplay) -> int:
    with closing(connect(display.address)) as connection:
        return sum(byte.bit_count() for byte in connection.query_keymap())


@pytest.fixture
def desk(x_display: VirtualDisplay, tmp_path: Path) -> Iterator[Desk]:
    """A desk of its own for each test; skips where no display can be started."""
    with VirtualDisplay(640, 480) as display:
        yield Desk(tmp_path, display)


def test_a_killed_run_goes_on_in_its_own_journal_and_ends(desk: Desk) -> None:
    before = desk.run_and_kill([OTHER, WAIT, CLICK, DONE], calls=2)
    assert before.summary.status == "interrupted"
    done = desk.resume("--json")
    assert done.returncode == 3, done.stderr
    assert "It is not known whether this was done" in done.stderr
    after = load_run(desk.runs, before.summary.id)
    assert (after.summary.status, after.summary.steps) == ("unknown", 4)
    assert [step.thought for step in after.steps] == [
        "Click elsewhere.",
        "Wait.",
        "Click.",
        "It is done.",
    ]
    assert after.steps[1].calls[0].ended_at is None, "what is not known stays unknown"
    assert after.steps[2].calls[0].effect is not None
    (resumption,) = after.resumptions
    assert resumption.step == 2
    assert json.loads(done.stdout)["run"] == before.summary.id
    again = desk.resume(before.summary.id)
    assert again.returncode == 1
    assert "has ended" in again.stderr


def test_what_is_asked_for_again_without_a_look_is_refused_once(desk: Desk) -> None:
    before = desk.run_and_kill([OTHER, WAIT, WAIT.replace("50", "60"), DONE], calls=2)
    assert desk.resume().returncode == 3
    record = load_run(desk.runs, before.summary.id)
    (call,) = record.steps[2].calls
    assert call.is_error
    assert "it is not known whether exactly this was done" in str(call.content)


def test_what_was_held_is_let_go_before_anything_else(desk: Desk) -> None:
    desk.run_and_kill([HOLDS, WAIT, DONE], calls=2)
    assert down(desk.display) == 1, "the releaser was killed as well"
    done = desk.resume()
    assert done.returncode == 3, done.stderr
    assert "One key or button was still held down and has been let go." in done.stderr
    assert down(desk.display) == 0


def test_a_run_that_goes_on_is_not_resumed_and_of_two_only_one_goes_on(desk: Desk) -> None:
    before = desk.run_and_kill([OTHER, WAIT, WAIT.replace("50", "1"), DONE], calls=2)
    command = [sys.executable, "-m", "agent", "resume", before.summary.id]
    both = [
        subprocess.Popen(command, env=desk.env(), stderr=subprocess.PIPE, text=True, stdout=-3)
        for _ in range(2)
    ]
    said = [process.communicate(timeout=120)[1] for process in both]
    codes = sorted(process.returncode for process in both)
    refused = said[[process.returncode for process in both].index(1)]
    assert codes == [1, 3], said
    assert "goes on in another process" in refused or "has ended" in refused
    assert len(load_run(desk.runs, before.summary.id).resumptions) == 1


def test_a_run_whose_screen_went_with_it_is_refused_with_what_to_do(desk: Desk) -> None:
    before = desk.run_and_kill([OTHER, WAIT, DONE], calls=2)
    _execute(
        before.folder / JOURNAL,
        """UPDATE run SET settings = json_set(settings, '$.on', 'virtual')""",
    )
    done = desk.resume()
    assert done.returncode == 1
    assert "its screen (virtual) ended with it" in done.stderr
    assert "deskhand run --on virtual" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_run_whose_display_is_gone_is_refused_in_one_sentence(desk: Desk) -> None:
    before = desk.run_and_kill([OTHER, WAIT, DONE], calls=2)
    desk.display.close()
    done = desk.resume(before.summary.id)
    assert done.returncode == 1
    assert "does not answer any more" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_full_disk_is_told_and_the_run_can_still_be_resumed_later(desk: Desk) -> None:
    before = desk.run_and_kill([OTHER, WAIT, CLICK, DONE], calls=2)

    def no_room() -> None:
        import resource

        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

    done = desk.resume(before.summary.id, preexec_fn=no_room)
    assert done.returncode == 1
    assert "cannot be written" in done.stderr
    assert "disk is full" in done.stderr
    assert load_run(desk.runs, before.summary.id).summary.status == "interrupted"
    assert desk.resume().returncode == 3


def test_there_is_nothing_to_resume_where_nothing_was_interrupted(desk: Desk) -> None:
    done = desk.resume()
    assert done.returncode == 1
    assert "No run was interrupted" in done.stderr


def _execute(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as database:
        database.execute(statement)
        database.commit()


def test_after_a_run_old_ones_make_room_and_a_person_can_ask_which(tmp_path: Path) -> None:
    env = os.environ | {"DESKHAND_HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path / "config")}
    (tmp_path / "config" / "deskhand").mkdir(parents=True)
    run = [sys.executable, "-m", "agent", "run", "x", "--on", "practice:in-process", "--model"]
    model = write_script(tmp_path, [DONE])

    def deskhand(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*arguments], env=env, capture_output=True, text=True, check=False, timeout=120
        )

    first = deskhand(*run, model)
    (old,) = list_runs(tmp_path / "runs")
    for path in (tmp_path / "runs" / old.id).rglob("*"):
        os.utime(path, (0, 0))
    (tmp_path / "config/deskhand/config.toml").write_text("[runs]\nkeep_days = 0\n")
    assert first.returncode == deskhand(*run, model).returncode == 3
    assert len(list_runs(tmp_path / "runs")) == 2, "0 keeps everything"
    (tmp_path / "config/deskhand/config.toml").write_text("[runs]\nkeep_days = 30\n")
    asked = deskhand(sys.executable, "-m", "agent", "runs", "prune", "--dry-run", "--json")
    assert json.loads(asked.stdout)["deleted"] == [old.id]
    third = deskhand(*run, model)
    assert "1 old runs were deleted" in third.stderr
    assert old.id not in {summary.id for summary in list_runs(tmp_path / "runs")}
    (tmp_path / "config/deskhand/config.toml").write_text("[runs]\nkeep_days = -3\n")
    wrong = deskhand(*run, model)
    assert wrong.returncode == 2
    assert "runs.keep_days" in wrong.stderr
