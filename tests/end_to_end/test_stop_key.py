import os
import subprocess
import sys
from pathlib import Path

from agent.archive import list_runs
from environments.actions import PressKeys
from environments.base import Stop
from environments.desktop.environment import DesktopEnvironment
from environments.desktop.virtual import VirtualDisplay
from tests.agent.replies import reply
from tests.end_to_end.scripts import write_script

STOPPED_BY_A_PERSON = 4


def test_the_stop_key_at_the_persons_desk_ends_a_run_on_another_display(
    x_display: VirtualDisplay, tmp_path: Path
) -> None:
    script = write_script(tmp_path, [reply("Wait.", action="wait", time=60)])
    variables = os.environ | x_display.env() | {"DESKHAND_HOME": str(tmp_path / "home")}
    command = [sys.executable, "-m", "agent", "run", "x", "--on", "virtual", "--model", script]
    with subprocess.Popen(command, env=variables, stderr=subprocess.PIPE) as run:
        person = DesktopEnvironment(x_display.address, Stop())
        try:
            for _ in range(60):  # Until it is there to hear it.
                person.execute(PressKeys(("ctrl", "alt", "escape")))
                if is_over(run):
                    break
        finally:
            person.close()
            run.kill()
    assert run.returncode == STOPPED_BY_A_PERSON
    (summary,) = list_runs(tmp_path / "home" / "runs")
    assert "You pressed" in summary.reason


def is_over(process: "subprocess.Popen[bytes]") -> bool:
    try:
        process.wait(1)
    except subprocess.TimeoutExpired:
        return False
    return True
