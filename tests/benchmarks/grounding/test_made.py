"""Our own grounding set: every box is exact, the same seed makes the same set, and its name."""

import json
import shutil
from math import ceil
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from agent.grounding import read_picture
from benchmarks.cli import app
from benchmarks.suites.grounding.catalogue import OWN, data_set_named
from benchmarks.suites.grounding.items import Pictures
from benchmarks.suites.grounding.made import pages, programs
from benchmarks.suites.grounding.made.making import PARTS, make_set
from benchmarks.suites.grounding.made.practice import practice_shots
from benchmarks.suites.grounding.made.shots import Shot, Thing, inner, write_set
from benchmarks.suites.grounding.regions import Box
from environments.actions import Click, MoveTo, Tap
from environments.base import Frame, Stop
from environments.desktop.environment import DesktopEnvironment
from environments.desktop.virtual import VirtualDisplay
from environments.errors import ConfigError
from environments.geometry import InputPoint
from environments.practice.environment import InProcessPractice
from environments.practice.phone.environment import InProcessPhone

COLOURS = {name: look["accent"] for name, look in pages._THEMES.items()}


@pytest.mark.skipif(shutil.which("chromium") is None, reason="apt-get install chromium")
def test_every_box_of_a_page_is_its_button_to_half_a_css_pixel() -> None:
    """Chromium tells where a button takes clicks; it paints it on whole CSS pixels."""
    seen = set()
    with pages.chromium() as (folder, tools):
        for number in range(5):
            page = pages.page_of(0, number)
            shot = pages.shot_of(tools, page, folder)
            accent = np.array(list(bytes.fromhex(COLOURS[page.theme][1:])))
            reach = ceil(page.scale / 2)
            for thing in shot.things:
                if thing.name in (*page.buttons, *page.icons):
                    inside = (corners(shot.frame, thing, -reach) == accent).all(axis=1)
                    beyond = (corners(shot.frame, thing, reach + 1) == accent).all(axis=1)
                    assert inside.all(), (thing, page.scale)
                    assert not beyond.any(), (thing, page.scale)
                    seen.add(page.scale)
    assert len(seen) > 1


def corners(frame: Frame, thing: Thing, by: int) -> Frame:
    """Return the pixels at the corners of a box that is so much larger on every side."""
    left, top, right, bottom = (
        edge + sign * by for edge, sign in zip(thing.box, (-1, -1, 1, 1), strict=True)
    )
    return frame[[top, top, bottom, bottom], [left, right, left, right]]


def test_a_click_at_any_corner_of_a_box_of_the_practice_desktop_means_the_target() -> None:
    for shot in practice_shots("in-process", 1, 0):
        for thing in shot.things[:3]:
            left, top, right, bottom = thing.box
            for at in ((left, top), (right, bottom)):
                opened = InProcessPractice("click_button", 4000, Stop())
                before = opened.task.values()
                opened.execute(Click(InputPoint(*at)))
                after = opened.task.values()
                changed = {key for key in after if before.get(key) != after[key]}
                assert changed == {f"press:{thing.name}"} or thing.name == "Close", (thing, changed)


def test_a_tap_on_the_picture_of_an_icon_counts_as_well_as_one_on_its_name() -> None:
    shot = next(practice_shots("phone", 1, 0))
    thing = shot.things[0]
    opened = InProcessPhone("open_app", 4000, Stop())
    view = opened.phone.view_at(thing.box[0], thing.box[1])
    assert view is not None
    assert view.text == thing.name
    opened.execute(Tap(InputPoint(thing.box[0], thing.box[1])))
    assert opened.observe().foreground is not None


def test_what_a_gtk_program_lights_up_under_the_pointer_is_the_box() -> None:
    if programs.missing():
        pytest.skip(f"not installed: {', '.join(programs.missing())}")
    with VirtualDisplay(800, 600) as display:
        environment = DesktopEnvironment(display.address, Stop())
        try:
            environment.execute(MoveTo(InputPoint(0, 0)))
            display.start(["env", "GSETTINGS_BACKEND=memory", "GTK_THEME=Adwaita", "galculator"])
            frame, found = programs._settled(display, environment, "galculator", Stop())
            seven = next(element for element in found if element.name == "7")
            left, top, width, height = seven.box
            environment.execute(MoveTo(InputPoint(left + width // 2, top + height // 2)))
            lit = np.argwhere((environment.observe().frame != frame).any(axis=2))
        finally:
            environment.close()
    (first_y, first_x), (last_y, last_x) = lit.min(axis=0), lit.max(axis=0)
    inside = (left <= first_x, top <= first_y, last_x < left + width, last_y < top + height)
    assert all(inside), (seven.box, lit.min(axis=0), lit.max(axis=0))
    assert last_x - first_x > width * 0.9


def test_the_same_seed_makes_the_same_set(tmp_path: Path) -> None:
    parts = ["practice-desktop", "practice-phone"]
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        make_set(tmp_path / name, parts, seed, 0.05, Stop())
    asked = [
        [path.read_bytes() for path in sorted((tmp_path / name).rglob("*.*"))] for name in "abc"
    ]
    assert asked[0] == asked[1]
    assert asked[0] != asked[2]


def test_a_set_says_that_it_is_not_screenspot(tmp_path: Path) -> None:
    make_set(tmp_path / "set", ["practice-desktop"], 0, 0.01, Stop())
    told = json.loads((tmp_path / "set" / f"{OWN}.json").read_text())
    assert told["name"] == "deskhand-ground"
    assert "not ScreenSpot" in told["note"]


def test_a_set_is_read_as_it_was_written(tmp_path: Path) -> None:
    frame = np.full((50, 80, 3), 7, np.uint8)
    things = [Thing("Click A.", "A", "text", (10, 20, 30, 40))]
    shots = [Shot("one", frame, things, "practice-phone", "t", "p", "look", on_phone=True)]
    write_set(tmp_path, shots, 4, 0)
    (item,) = data_set_named(OWN).items(tmp_path, {})
    assert item.region == Box(10, 20, 30, 40)
    assert (item.instruction, item.on_phone, item.size) == ("Click A.", True, (80, 50))
    assert (Pictures(tmp_path, ("images",)).read(item.picture) == frame).all()


def test_what_has_a_namesake_or_is_too_small_or_half_outside_is_not_asked_for(
    tmp_path: Path,
) -> None:
    frame = np.zeros((50, 80, 3), np.uint8)
    told = [("A", (0, 0, 9, 9)), ("A", (20, 0, 29, 9)), ("B", (0, 20, 2, 29)),
            ("C", (70, 0, 80, 9)), ("D", (30, 30, 39, 39))]  # fmt: skip
    things = [Thing(f"Click {name}.", name, "text", box) for name, box in told]
    write_set(tmp_path, [Shot("one", frame, things, "g", "t", "p", "look")], 9, 0)
    assert [item.instruction for item in data_set_named(OWN).items(tmp_path, {})] == ["Click D."]


def test_pixels_that_are_only_partly_covered_do_not_belong_to_a_box() -> None:
    assert inner(10.0, 10.5, 20.0, 20.5) == (10, 11, 19, 19)


def test_the_command_makes_a_part_and_says_how_many_questions_it_has(tmp_path: Path) -> None:
    said = ["ground-set", "make", str(tmp_path / "set"), "--part", "practice-phone"]
    answer = CliRunner().invoke(app, [*said, "--slice", "0.02", "--json"])
    assert answer.exit_code == 0, answer.output
    made = json.loads(answer.stdout)["questions"]["practice-phone"]
    assert made == len(data_set_named(OWN).items(tmp_path / "set", {})) > 0


def test_a_folder_that_holds_something_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").touch()
    with pytest.raises(ConfigError, match="not empty"):
        make_set(tmp_path, ["practice-desktop"], 0, 0.01, Stop())


def test_an_unknown_part_is_refused_with_the_names(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="practice-phone"):
        make_set(tmp_path / "set", ["windows"], 0, 0.01, Stop())


def test_there_are_parts_of_the_practice_world_and_of_real_programs() -> None:
    assert {name for name, part in PARTS.items() if part.practice} == {
        "practice-desktop", "practice-phone",
    }  # fmt: skip


def test_a_large_picture_is_read_whole(tmp_path: Path) -> None:
    from PIL import Image

    Image.new("RGB", (5120, 2880)).save(tmp_path / "large.png")
    assert read_picture(tmp_path / "large.png").shape == (2880, 5120, 3)
