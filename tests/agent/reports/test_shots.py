"""The pictures of a report fit the budget, and what is covered is gone."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from agent.archive import RunRecord
from agent.reports.redaction import Box
from agent.reports.shots import Camera, Shot, covered_picture
from tests.agent.replies import DONE
from tests.agent.runs import made


@dataclass
class Known:
    """A redaction that covers what it is told to."""

    covered: Sequence[Box] | None = ()

    def text(self, text: str) -> str:
        return text

    def boxes(self, image: str) -> Sequence[Box] | None:
        return self.covered


@pytest.fixture
def run(tmp_path: Path) -> RunRecord:
    """Return a run whose one picture no format makes small."""
    record = made(tmp_path, DONE)
    noise = np.random.default_rng(1).integers(0, 256, (600, 800, 3), dtype=np.uint8)
    Image.fromarray(noise).save(record.picture(record.steps[0].image))
    return record


def pixels(shot: Shot | None) -> Image.Image:
    assert shot is not None
    return Image.open(io.BytesIO(base64.b64decode(shot.source.partition(",")[2])))


def test_a_picture_keeps_its_size_while_there_is_room(run: RunRecord) -> None:
    shot = Camera(1, 10_000_000).shot(run, run.steps[0].image, Known())
    assert pixels(shot).size == (800, 600)


def test_many_pictures_become_smaller_and_stay_within_the_budget(run: RunRecord) -> None:
    camera = Camera(20, 4_000_000)
    shots = [camera.shot(run, run.steps[0].image, Known()) for _ in range(20)]
    assert sum(len(shot.source) for shot in shots if shot) <= 4_000_000
    assert all(shot and (shot.width_px, shot.height_px) == (800, 600) for shot in shots)
    assert pixels(shots[-1]).width < 800


def test_what_small_pictures_leave_is_there_for_large_ones(run: RunRecord, tmp_path: Path) -> None:
    flat = made(tmp_path / "flat", DONE)
    alone = Camera(1, 500_000).shot(run, run.steps[0].image, Known())
    camera = Camera(10, 600_000)
    for _ in range(9):
        camera.shot(flat, flat.steps[0].image, Known())
    last = camera.shot(run, run.steps[0].image, Known())
    assert pixels(last).size == pixels(alone).size


def test_a_box_is_solid_and_the_rest_is_as_it_was(run: RunRecord) -> None:
    image = run.steps[0].image
    before = np.asarray(Image.open(run.picture(image)))
    after = np.asarray(covered_picture(run, image, Known([Box(10, 20, 110, 70)])))
    assert (after[20:70, 10:110] == 0).all()
    changed = (before != after).any(axis=2)
    changed[20:70, 10:110] = False
    assert not changed.any()


def test_a_picture_about_which_nothing_is_known_is_covered_whole(run: RunRecord) -> None:
    assert not np.asarray(covered_picture(run, run.steps[0].image, Known(None))).any()
