"""AITZ, CAGUI, GUI-Odyssey and AITW: one reader for each published layout.

Responsible for turning their JSON into steps, and for their conventions: AITZ, CAGUI and AITW's
boxes are y before x, GUI-Odyssey counts to 1000, SeeClick names scrolls by what the content does.

Sources: IMNearth/CoAT 9ab1a9f (data-example); OpenBMB/AgentCPM-GUI eval/; OpenGVLab/GUI-Odyssey
fefcbe9 (introduction.md, data/format_converter.py); njucckevin/SeeClick agent_tasks/.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    Field,
    PositiveInt,
    model_validator,
)

from benchmarks.suites.grounding.items import Pictures
from benchmarks.suites.grounding.reading import files_below, records
from benchmarks.suites.grounding.regions import from_xyxy
from benchmarks.suites.trajectories.moves import (
    Box,
    Direction,
    Move,
    Point,
    Recorded,
    gesture,
    way_of,
)

GRID = 1000


def _unquoted(value: Any) -> Any:
    """Return what a JSON text stands for; AITZ writes its lists as texts."""
    return (json.loads(value) if value else []) if isinstance(value, str) else value


Quoted = BeforeValidator(_unquoted)
Pair = Annotated[tuple[float, float], Quoted]
Places = Annotated[list[tuple[float, float, float, float]], Quoted]


class _AitzStep(BaseModel):
    """A step of AITZ, of CAGUI, or of what AgentCPM makes of other data; ``*_yx`` is y, x."""

    episode_id: str | int
    episode_length: int
    step_id: int
    instruction: str
    low_instruction: str = ""
    ui_positions: Places = []
    result_action_type: Literal[0, 1, 3, 4, 5, 6, 7, 10, 11]
    result_action_text: str = ""
    result_touch_yx: Pair = (-1.0, -1.0)
    result_lift_yx: Pair = (-1.0, -1.0)
    image_path: str
    image_width: int = 0
    image_height: int = 0
    subset: str = ""

    def move(self) -> Move:
        """Return the action in the neutral form; its numbers are Android in the Wild's."""
        touch = (self.result_touch_yx[1], self.result_touch_yx[0])
        lift = (self.result_lift_yx[1], self.result_lift_yx[0])
        moves = {
            0: Move("long_press", at=touch),
            1: Move("wait"),
            3: Move("type", text=self.result_action_text),
            4: gesture(touch, lift),
            5: Move("press", button="back"),
            6: Move("press", button="home"),
            7: Move("press", button="enter"),
            10: Move("stop", text=self.result_action_text),
            11: Move("stop", text=self.result_action_text, done=False),
        }
        return moves[self.result_action_type]


def aitz(root: Path, options: Mapping[str, str]) -> Iterator[Recorded]:
    """Yield the steps of the ``test`` split of AITZ, or of CAGUI's agent part.

    Boxes are [y, x, height, width], in pixels (AITZ) or as shares (CAGUI): all up to 1 are shares.

    Raises:
        ConfigError: a file is not in the published layout.
    """
    pictures = Pictures(root, PLACES)
    for path in files_below(root, "*.json"):
        if "train" in path.relative_to(root).parts or path.stem != path.parent.name:
            continue
        for step in records(path, _AitzStep):
            size = (step.image_width, step.image_height)
            size = size if all(size) else pictures.size(step.image_path)
            yield Recorded(
                str(step.episode_id),
                step.step_id,
                step.episode_length,
                step.instruction,
                step.low_instruction,
                step.image_path,
                size,
                step.move(),
                boxes=tuple(yxhw_boxes(step.ui_positions, size)),
                subset=step.subset or step.image_path.partition("/")[0],
            )


PLACES = ("test", "screenshots", "CAGUI_agent")


def yxhw_boxes(places: Sequence[Sequence[float]], size: tuple[int, int]) -> Iterator[Box]:
    """Yield boxes as shares from [y, x, height, width]; any value over 1 means pixels."""
    pixels = any(value > 1 for place in places for value in place)
    width, height = size if pixels else (1, 1)
    for y, x, tall, wide in places:
        yield x / width, y / height, (x + wide) / width, (y + tall) / height


class _OdysseyStep(BaseModel):
    step: int
    screenshot: str
    action: Literal["CLICK", "SCROLL", "LONG_PRESS", "TEXT", "TYPE", "COMPLETE", "INCOMPLETE"]
    info: Annotated[list[tuple[float, float]], Field(min_length=1)] | str = ""
    low_level_instruction: str = ""
    sam2_bbox: tuple[()] | tuple[float, float, float, float] = ()

    def move(self) -> Move:
        """Return the action in the neutral form; a scroll is what the finger does."""
        if self.action in ("TEXT", "TYPE"):
            return Move("type", text=str(self.info))
        if self.action in ("COMPLETE", "INCOMPLETE"):
            return Move("stop", done=self.action == "COMPLETE")
        if isinstance(self.info, str):
            return Move("press", button=_KEYS[self.info])
        points = [_share(point) for point in self.info]
        if self.action == "SCROLL":
            # However short it is; where nothing moves, the authors' converter says down.
            way = way_of(points[0], points[-1]) or "down"
            return Move("swipe", at=points[0], to=points[-1], way=way)
        return Move("long_press" if self.action == "LONG_PRESS" else "tap", at=points[0])

    @model_validator(mode="after")
    def _has_a_place(self) -> Self:
        touches = self.action in ("CLICK", "LONG_PRESS", "SCROLL")
        if touches and isinstance(self.info, str) and self.info not in _KEYS:
            raise ValueError(f"{self.action} at {self.info!r}")
        return self


_KEYS = {"KEY_HOME": "home", "KEY_BACK": "back", "KEY_APPSELECT": "recents"}


def _share(point: Point) -> Point:
    return point[0] / GRID, point[1] / GRID


class _Device(BaseModel):
    w: PositiveInt
    h: PositiveInt


class _Task(BaseModel):
    instruction: str
    category: str = ""


class _OdysseyEpisode(BaseModel):
    episode_id: str
    device_info: _Device
    task_info: _Task
    step_length: int
    steps: list[_OdysseyStep]


class _OdysseySplit(BaseModel):
    test: list[str] = Field(min_length=1)


def odyssey(root: Path, options: Mapping[str, str]) -> Iterator[Recorded]:
    """Yield the test steps of a split of GUI-Odyssey: "random", "task", "device" or "app".

    The subset is the category of the task, over which the random split is averaged.

    Raises:
        ConfigError: a file is not in the published layout.
    """
    split = f"{options.get('split', 'random')}_split.json"
    wanted = next(records(files_below(root, split)[0], _OdysseySplit)).test
    folder = files_below(root, wanted[0])[0].parent
    for name in wanted:
        episode = next(records(folder / name, _OdysseyEpisode))
        size = (episode.device_info.w, episode.device_info.h)
        for step in episode.steps:
            box = from_xyxy([value / GRID for value in step.sam2_bbox]) if step.sam2_bbox else None
            yield Recorded(
                episode.episode_id,
                step.step,
                episode.step_length,
                episode.task_info.instruction,
                step.low_level_instruction,
                step.screenshot,
                size,
                step.move(),
                target=box.corners() if box else None,
                subset=episode.task_info.category,
            )


def _in_fours(values: list[float]) -> list[float]:
    if len(values) % 4:
        raise ValueError(f"{len(values)} numbers make no boxes")
    return values


class _AitwStep(BaseModel):
    """A step as SeeClick prepares Android in the Wild; points are x, y here, boxes y, x, h, w."""

    img_filename: str
    goal: str
    action_type_id: Literal[3, 4, 5, 6, 7, 10, 11]
    action_type_text: str
    type_text: str = ""
    touch: tuple[float, float] = (-1.0, -1.0)
    lift: tuple[float, float] = (-1.0, -1.0)
    annot_position: Annotated[list[float], AfterValidator(_in_fours)] = []
    ep_id: str | int = ""

    def move(self) -> Move:
        """Return the action in the neutral form; "scroll down" is a finger that goes up."""
        if self.action_type_id == _DUAL_POINT:
            word = self.action_type_text.removeprefix("scroll ")
            if word in _FINGER:
                return Move("swipe", way=_FINGER[word])
            return Move("tap", at=self.touch, to=self.lift)
        moves = {
            3: Move("type", text=self.type_text),
            5: Move("press", button="back"),
            6: Move("press", button="home"),
            7: Move("press", button="enter"),
            10: Move("stop"),
            11: Move("stop", done=False),
        }
        return moves[self.action_type_id]


_DUAL_POINT = 4
_FINGER: dict[str, Direction] = {"down": "up", "up": "down", "left": "right", "right": "left"}


def aitw(root: Path, options: Mapping[str, str]) -> Iterator[Recorded]:
    """Yield the steps of SeeClick's ``aitw_data_test.json``: five subsets of episodes.

    Raises:
        ConfigError: a file is not in the published layout.
    """
    path = files_below(root, "aitw_data_test.json")[0]
    for subsets in records(path, dict[str, list[list[_AitwStep]]]):
        for subset, episodes in subsets.items():
            for number, episode in enumerate(episodes):
                for index, step in enumerate(episode):
                    flat = step.annot_position
                    places = [flat[first : first + 4] for first in range(0, len(flat), 4)]
                    yield Recorded(
                        str(step.ep_id or number),
                        index,
                        len(episode),
                        step.goal,
                        "",
                        f"{step.img_filename}.png",
                        (0, 0),
                        step.move(),
                        boxes=tuple(yxhw_boxes(places, (1, 1))),
                        subset=subset,
                    )
