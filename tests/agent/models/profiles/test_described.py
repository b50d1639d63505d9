"""Profiles as files: found, matched to checkpoints, refused in sentences."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from agent.models.base import Image
from agent.models.profiles.finding import known_by, load_profile, suggested, suggested_for, suited
from agent.models.registry import choose_model
from environments.errors import ConfigError
from environments.geometry import GridPoint, ImagePoint, ResizedPixels, Screen
from tools.computer_use import computer_use

OWN = """
name = "mine"
family = "mine"
source = "me"
licence = "none"
grid = 500
matches = ["my-model"]
system = "{{ tools }}"
question = "Do this: {{ task }}"
"""


def test_a_file_adds_a_profile_without_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DESKHAND_HOME", str(tmp_path))
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles" / "mine.toml").write_text(OWN)
    profile = load_profile("mine")
    image = Image(np.zeros((32, 64, 3), np.uint8), "x")
    system, question = profile.messages("sing", (), image, [computer_use().spec])
    assert "computer_use" in str(system.parts[0])
    assert question.parts == (image, "Do this: sing")
    assert profile.grid == 500
    assert choose_model("somebody/My-Model-3B").profile == "mine"


def test_a_profile_is_read_from_a_path(tmp_path: Path) -> None:
    (tmp_path / "p.toml").write_text(OWN)
    assert load_profile(str(tmp_path / "p.toml")).name == "mine"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (("grid = 500", "grid = 0"), "grid"),
        (("grid = 500", "colour = 3"), "colour"),
        (("grid = 500", "grid = ["), "cannot be read"),
        (("{{ tools }}", "{{ tools"), "template"),
        (("{{ task }}", "{{ task.__class__.__mro__[1].__subclasses__() }}"), "template"),
        (("grid = 500", 'dialect = "xml"'), "is_held"),
    ],
)
def test_a_file_that_is_no_profile_is_refused_in_a_sentence(
    tmp_path: Path, change: tuple[str, str], sentence: str
) -> None:
    (tmp_path / "p.toml").write_text(OWN.replace(*change))
    with pytest.raises(ConfigError, match=sentence):
        load_profile(str(tmp_path / "p.toml"))


@pytest.mark.parametrize(
    ("checkpoint", "profile"),
    [
        ("Qwen/Qwen3-VL-4B-Instruct", "qwen3vl-desktop"),
        ("Qwen/Qwen2.5-VL-7B-Instruct", "qwen2.5-vl-desktop"),
        ("mPLUG/GUI-Owl-1.5-8B-Instruct", "gui-owl-1.5-desktop"),
        ("Tongyi-MAI/MAI-UI-8B", "mai-ui"),
        ("inclusionAI/UI-Venus-1.5-8B", "ui-venus-desktop"),
        ("Qwen/Qwen3.5-4B", "qwen3.5"),
        ("qwen2.5vl:7b", "qwen2.5-vl-desktop"),
        (
            "/home/me/.cache/models--Qwen--Qwen2.5-VL-7B-Instruct/snapshots/ab12",
            "qwen2.5-vl-desktop",
        ),
        ("/models/something-else", None),
    ],
)
def test_a_checkpoint_is_known_by_its_name(checkpoint: str, profile: str | None) -> None:
    assert known_by(checkpoint) == profile


@pytest.mark.parametrize(
    ("names", "types", "profile", "is_told"),
    [
        (["Qwen/Qwen3-VL-8B-Instruct"], [], "qwen3vl-desktop", False),
        (["vision"], ["qwen2_5_vl"], "qwen2.5-vl-desktop", True),
        (["vision"], ["Qwen3_5MoeForConditionalGeneration"], "qwen3.5", True),
        (["vision", "mPLUG/GUI-Owl-1.5-8B"], ["qwen3_vl"], "gui-owl-1.5-desktop", False),
        (["my-qwen3-vl"], ["qwen2_5_vl"], "qwen2.5-vl-desktop", True),
        (["vision"], ["llava"], "qwen3vl-desktop", True),
        ([], [], "qwen3vl-desktop", True),
    ],
)
def test_where_the_name_tells_nothing_the_network_does_and_the_person_is_told(
    names: list[str], types: list[str], profile: str, is_told: bool
) -> None:
    found = suggested(names, types)
    assert found.name == profile
    assert ("--profile" in found.notice and profile in found.notice) == is_told


@pytest.mark.parametrize(
    ("config", "profile"),
    [
        ('{"model_type": "qwen2_5_vl"}', "qwen2.5-vl-desktop"),
        ('{"model_type": "qwen3_vl", "_name_or_path": "Tongyi-MAI/MAI-UI-8B"}', "mai-ui"),
        ('{"architectures": ["Qwen2_5_VLForConditionalGeneration"]}', "qwen2.5-vl-desktop"),
        ('{"model_type": 3, "architectures": {}, "_name_or_path": []}', "qwen3vl-desktop"),
        ("[]", "qwen3vl-desktop"),
        ("{", "qwen3vl-desktop"),
    ],
)
def test_a_folder_is_asked_what_network_it_holds(tmp_path: Path, config: str, profile: str) -> None:
    (tmp_path / "config.json").write_text(config)
    assert suggested_for(str(tmp_path)).name == profile


def test_a_family_follows_the_kind_of_screen() -> None:
    desktop = load_profile("gui-owl-1.5-desktop")
    assert suited(desktop, "phone").name == "gui-owl-1.5-mobile"
    assert suited(desktop, "desktop") is desktop
    assert suited(load_profile("mai-ui"), "desktop").name == "mai-ui", "it has no kin for desktops"


def test_pixels_of_the_resized_picture_lead_to_the_pixel_of_the_screen() -> None:
    grid = load_profile("qwen2.5-vl-desktop").grid
    assert isinstance(grid, ResizedPixels)
    screen = Screen(1920, 1080)
    assert screen.to_image(GridPoint(0, 0), grid) == ImagePoint(0, 0)
    # 1920x1080 has more than 2,560 tokens of 28x28 and is brought to 1876x1036.
    assert screen.to_image(GridPoint(938, 518), grid) == ImagePoint(960, 540)
