"""The doctor tells what is missing, and the cure, and never raises."""

import subprocess
import sys
from pathlib import Path

import pytest

from agent.doctor import (
    Card,
    calibration,
    display,
    examine,
    journal_folder,
    memory,
    native_display,
    published_models,
    read_cards,
)
from agent.findings import Finding
from environments.base import Stop
from environments.desktop.virtual import VirtualDisplay
from environments.platforms.macos import MacOS
from tests.environments.platforms.machines import Computer, Keys
from tests.environments.platforms.test_macos import Answers

# python-xlib leaves its socket open when a display does not answer.
leaves_a_socket = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


def test_wayland_is_refused_with_its_cure() -> None:
    (finding,) = display({"XDG_SESSION_TYPE": "wayland", "WAYLAND_DISPLAY": "wayland-0"})
    assert finding.level == "problem"
    assert "Wayland" in finding.text
    assert "Xorg" in finding.cure


@pytest.mark.parametrize("system", ["Windows", "Darwin"])
def test_where_calibration_was_never_written_no_display_is_asked_for(system: str) -> None:
    (finding,) = calibration({}, Stop(), system)
    assert finding.level == "problem"
    assert "X display" in finding.text
    assert "DISPLAY" not in finding.text


def test_a_machine_without_a_display_is_told_what_works_there() -> None:
    (finding,) = display({})
    assert finding.level == "note"
    assert "--on virtual" in finding.cure


def test_a_display_of_our_own_is_found_and_can_be_shared(x_display: VirtualDisplay) -> None:
    variables = x_display.address.variables() | {"DESKHAND_STOP_KEY": "ctrl+f12"}
    findings = {finding.about: finding for finding in display(variables)}
    assert {finding.level for finding in findings.values()} == {"ok"}
    assert "ctrl+f12" in findings["sharing"].text


def test_a_permission_that_macos_withholds_is_a_problem_with_its_step() -> None:
    mac = MacOS(Answers(record=False), Keys, Computer, "/usr/bin/python3")
    (finding,) = native_display(mac, {})
    assert finding.level == "problem"
    assert "/usr/bin/python3" in finding.text
    assert "Screen Recording" in finding.cure


def test_the_monitors_of_a_native_desktop_are_told() -> None:
    found, shared = native_display(Computer(), {})
    assert "left (1280x1024 at -1280,-200)" in found.text
    assert "ctrl+alt+esc" in shared.text


@leaves_a_socket
def test_a_display_that_does_not_answer_is_a_problem() -> None:
    (finding,) = display({"DISPLAY": ":9999"})
    assert finding.level == "problem"


def test_a_folder_that_cannot_be_written_is_a_problem(tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("")
    finding = journal_folder(in_the_way / "runs")
    assert finding.level == "problem"
    assert "DESKHAND_HOME" in finding.cure


def test_checkpoints_in_the_cache_are_named_as_they_are_asked_for(tmp_path: Path) -> None:
    (tmp_path / "models--Qwen--Qwen3-VL-2B-Instruct").mkdir()
    finding = published_models({"HF_HUB_CACHE": str(tmp_path)})
    assert finding.text == "Qwen/Qwen3-VL-2B-Instruct"


@leaves_a_socket
def test_every_problem_comes_with_a_cure(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DESKHAND_HOME", str(tmp_path))
    findings = list(examine({"DISPLAY": ":9999", "HF_HUB_CACHE": str(tmp_path)}))
    assert all(finding.cure for finding in findings if finding.level == "problem")


H200 = "NVIDIA H200, 143167\n"


def table(cards: list[Card], context: int = 16_384) -> dict[str, Finding]:
    return {finding.about: finding for finding in memory(cards, context)}


def test_cards_are_read_with_their_free_memory_and_nonsense_is_left_out() -> None:
    cards = list(read_cards(H200 + "[Unknown Error]\n\nNVIDIA A10, N/A\n"))
    assert cards == [Card("NVIDIA H200", 143_167 << 20)]


def test_what_fits_the_card_is_told_for_each_size_and_format() -> None:
    rows = table([Card("NVIDIA L4", 22 << 30)])
    assert "largest that fits is Qwen/Qwen3-VL-8B-Instruct" in rows["memory"].text
    assert rows["Qwen3-VL-8B"].text.startswith("bf16  20.6   fp8  14.1 ")
    assert "bf16  61.4*" in rows["Qwen3-VL-30B-A3B"].text
    assert "nf4     - " in rows["Qwen3-VL-30B-A3B"].text
    assert rows["Qwen3-VL-235B-A22B"].level == "note"


def test_a_longer_context_is_counted() -> None:
    rows = table([Card("NVIDIA L4", 22 << 30)], context=65_536)
    assert "largest that fits is Qwen/Qwen3-VL-4B-Instruct" in rows["memory"].text
    assert "with a context of 65536 tokens" in rows["memory"].text


def test_without_a_card_the_table_says_so_and_marks_nothing() -> None:
    rows = table([])
    assert rows["memory"].text.startswith("No GPU to measure against")
    assert not any("*" in finding.text for finding in rows.values())
    assert len(rows) == 7


def test_nothing_of_torch_is_loaded_to_look() -> None:
    code = (
        "import sys; from agent.doctor import memory; list(memory([], 1000));"
        "sys.exit('torch' in sys.modules or 'transformers' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
