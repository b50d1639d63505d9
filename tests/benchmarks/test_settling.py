"""The animated windows: would an early look be noticed?"""

from __future__ import annotations

import shutil

import pytest

from benchmarks.suites.animated import SCENES, scene
from benchmarks.suites.settling import CASES, play
from environments.base import Stop
from environments.settle import Patience

needs_display = pytest.mark.skipif(
    shutil.which("Xvfb") is None or shutil.which("openbox") is None,
    reason="Xvfb and openbox not installed: apt-get install xvfb openbox",
)


def test_there_are_thirty_windows_and_each_is_the_same_every_time() -> None:
    assert len(CASES) == len(set(CASES)) == 30
    assert all(scene(kind, 1) == scene(kind, 1) != scene(kind, 2) for kind in SCENES)


@needs_display
def test_a_look_without_patience_is_early() -> None:
    hasty = Patience(poll_s=0.001, quiet_s=0.002, first_change_s=0.002)
    assert play("progress bar/0", Stop(), hasty).early
