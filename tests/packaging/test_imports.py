"""Importing does nothing: no display, no GPU and none of the heavy libraries."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HEAVY = ("torch", "transformers", "mss", "pyautogui", "pynput", "pygame", "PIL.ImageDraw", "rich")


def loaded_after(code: str) -> list[str]:
    """Run code in a fresh interpreter without a display; return the heavy modules it loaded."""
    variables = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY")}
    report = f"print(json.dumps([m for m in {HEAVY} if m in sys.modules]))"
    script = f"{code}\nimport json, sys\n{report}"
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env=variables,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return list(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize("name", ["agent", "tools", "environments", "benchmarks", "agent.cli"])
def test_an_import_loads_nothing_heavy(name: str) -> None:
    assert loaded_after(f"import {name}") == []


def test_help_loads_nothing_heavy() -> None:
    code = "import agent.cli\ntry:\n agent.cli.main(['--help'])\nexcept SystemExit: pass"
    assert loaded_after(code) == []


def test_every_module_can_be_imported_without_a_display() -> None:
    names = [
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for package in ("agent", "tools", "environments", "benchmarks")
        for path in sorted((ROOT / package).rglob("*.py"))
        if path.stem not in ("__init__", "__main__")
    ]
    code = "import importlib\n" + "\n".join(f"importlib.import_module({n!r})" for n in names)
    loaded = loaded_after(code)
    assert "pyautogui" not in loaded
    assert "pynput" not in loaded
