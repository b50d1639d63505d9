"""The practice desktop for tests: in process, and once per run as windows on a display."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest

from environments.base import Stop
from environments.practice.display import PracticeDisplay
from environments.practice.environment import InProcessPractice


@pytest.fixture(scope="session")
def windows() -> Iterator[PracticeDisplay]:
    """One display for all tests; each resets it to the task that it needs."""
    if shutil.which("Xvfb") is None:
        pytest.skip("Xvfb not installed: apt-get install xvfb")
    display = PracticeDisplay("click_button", 1, Stop())
    yield display
    display.close()


@pytest.fixture
def in_process() -> InProcessPractice:
    return InProcessPractice("click_button", 1, Stop())
