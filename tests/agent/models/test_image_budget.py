"""How many tokens a screenshot has, counted by the engine and by a server alike."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from agent.models.base import Image, Message
from agent.models.loaded import Loaded
from agent.models.manner import Manner
from agent.models.profiles.finding import load_profile
from agent.models.registry import load_model
from agent.models.servers.pictures import rule_of
from benchmarks.suites.targets.model_server import ModelServer
from benchmarks.suites.targets.red_squares import newest_picture
from environments.base import Stop, frame_hash
from environments.geometry import resized
from tests.agent.models.qwen3_vl.checkpoints import save

TERSE = """
name = "terse"
family = "terse"
source = "made up"
licence = "ours"
question = "{{ task }}"
thought_tokens = 1
call_tokens = 1
is_held = false
"""
SMALL, WIDE, PHONE = (320, 240), (960, 544), (272, 608)


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("qwen3-vl-random")
    save(folder)
    (folder / "terse.toml").write_text(TERSE)
    return str(folder)


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with closing(ModelServer()) as running:
        yield running


def tokens(loaded: Loaded, size: tuple[int, int]) -> int:
    """Return by how many tokens a prompt is longer with a screenshot than without."""
    frame = np.zeros((size[1], size[0], 3), np.uint8)
    picture = Image(frame, frame_hash(frame))
    without = [Message("user", ("Where?",))]
    asked = [Message("user", (picture, "Where?"))]
    read = [
        reply.counters["context_tokens"] - reply.counters["tokens_generated"]
        for reply in (loaded.model.generate(said, (), stop=Stop()) for said in (without, asked))
    ]
    return read[1] - read[0]


def sent(server: ModelServer, loaded: Loaded, size: tuple[int, int]) -> int:
    """Return the same of what a server was sent, by its own price of it."""
    frame = np.zeros((size[1], size[0], 3), np.uint8)
    picture = Image(frame, frame_hash(frame))
    server.seen.bodies.clear()
    loaded.model.generate([Message("user", (picture, "Where?"))], (), stop=Stop())
    height, width = newest_picture(server.seen.bodies[0]["messages"]).shape[:2]
    return width * height // 32**2


@pytest.mark.parametrize(
    ("manner", "size", "count"),
    [
        (Manner(), SMALL, 80),
        (Manner(), WIDE, 510),
        (Manner(image_tokens=(None, 256)), WIDE, 252),
        (Manner(image_tokens=(256, 300)), SMALL, 266),
        (Manner(image_tokens=(400, 1280)), SMALL, 432),
        (Manner(image_size=(640, 480)), WIDE, 300),
        (Manner(image_size=(650, 470)), PHONE, 300),
        (Manner(image_tokens=(None, 256), image_size=(640, 480)), PHONE, 300),
    ],
)
def test_a_screenshot_has_the_same_tokens_in_process_and_at_a_server(
    checkpoint: str, server: ModelServer, manner: Manner, size: tuple[int, int], count: int
) -> None:
    manner = replace(manner, profile=str(Path(checkpoint) / "terse.toml"))
    here, there = load_model(checkpoint, manner=manner), load_model(server.url, manner=manner)
    assert tokens(here, size) - 2 == count  # Besides its start and its end.
    assert sent(server, there, size) == count


@pytest.mark.parametrize(
    ("profile", "size", "brought_to", "count"),
    [
        ("qwen3vl-desktop", (1920, 1080), (1920, 1088), 2040),
        ("qwen3vl-desktop", (2560, 1440), (2560, 1440), 3600),
        ("qwen3vl-desktop", (3840, 2160), (2720, 1536), 4080),
        ("osworld-style", (3840, 2160), (2720, 1536), 4080),
        ("gui-owl-1.5-desktop", (3840, 2160), (2720, 1536), 4080),
        ("qwen3vl-mobile", (1080, 2400), (1088, 2400), 2550),
        ("qwen3vl-mobile", (1440, 3120), (1088, 2368), 2516),
    ],
)
def test_nothing_is_lost_of_usual_screens_and_little_of_very_large_ones(
    profile: str, size: tuple[int, int], brought_to: tuple[int, int], count: int
) -> None:
    found = resized(*size, rule_of(load_profile(profile)))
    assert found == brought_to
    assert found[0] * found[1] // 32**2 == count
