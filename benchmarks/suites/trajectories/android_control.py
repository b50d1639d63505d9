"""AndroidControl as Google publishes it: gzipped TFRecords beside ``splits.json``.

Responsible for turning its records into steps. Its scroll direction is what the CONTENT shows next:
"down" is a finger that goes up. The last screenshot of an episode has no action; with ``finish``
it is a step whose action is a stop, as AgentCPM has it.

Sources: google-research/android_control (README: fields of a record); the boxes of elements from
google-deepmind/android_env android_env/proto/a11y (forest.windows 1, window.tree 11, tree.nodes 1,
node.bounds_in_screen 2, rect.left to bottom 1 to 4).
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Json, PositiveInt, model_validator

from agent.grounding import read_picture
from benchmarks.suites.grounding.reading import files_below, records
from benchmarks.suites.trajectories.moves import (
    OPPOSITE,
    Box,
    Direction,
    Move,
    Recorded,
    with_past,
)
from benchmarks.suites.trajectories.wire import example, inner, tf_records, whole_numbers
from environments.base import Frame
from environments.errors import ConfigError

_TREE, _BOUNDS = 11, 2


class _Action(BaseModel):
    model_config = ConfigDict(frozen=True)

    action_type: Literal[
        "click", "long_press", "scroll", "open_app", "input_text", "type", "navigate_home",
        "navigate_back", "wait",
    ]  # fmt: skip
    x: float | None = None
    y: float | None = None
    direction: Direction | None = None
    app_name: str = ""
    text: str = ""

    @model_validator(mode="after")
    def _is_told_in_full(self) -> Self:
        touches, scrolls = self.action_type in ("click", "long_press"), self.action_type == "scroll"
        if (touches and None in (self.x, self.y)) or (scrolls and self.direction is None):
            raise ValueError(f"it does not say where to {self.action_type}")
        return self

    def move(self, size: tuple[int, int]) -> Move:
        """Return it in the neutral form."""
        known = self.x is not None and self.y is not None
        at = (self.x / size[0], self.y / size[1]) if known else None  # type: ignore[operator]
        way = OPPOSITE[self.direction] if self.direction else None
        moves = {
            "click": Move("tap", at=at),
            "long_press": Move("long_press", at=at),
            "scroll": Move("swipe", at=at, way=way),
            "open_app": Move("open", text=self.app_name),
            "input_text": Move("type", text=self.text),
            "type": Move("type", text=self.text),
            "navigate_home": Move("press", button="home"),
            "navigate_back": Move("press", button="back"),
            "wait": Move("wait"),
        }
        return moves[self.action_type]


class _Splits(BaseModel):
    train: list[int] = []
    validation: list[int] = []
    test: list[int] = []


class _Episode(BaseModel):
    """The features of one record."""

    episode_id: tuple[int]
    goal: tuple[str]
    actions: list[Json[_Action]]
    step_instructions: list[str]
    screenshot_widths: list[PositiveInt]
    screenshot_heights: list[PositiveInt]
    accessibility_trees: list[bytes]

    @model_validator(mode="after")
    def _has_all_of_each_step(self) -> Self:
        steps, shots = len(self.actions), len(self.screenshot_widths)
        if len(self.step_instructions) != steps or shots != len(self.screenshot_heights):
            raise ValueError("its lists are not of the same length")
        if shots <= steps:
            raise ValueError(f"it has {steps} actions and {shots} screenshots")
        return self

    def steps(self, finish: bool) -> Iterator[Recorded]:
        """Yield its steps; with ``finish`` also the one after the last action."""
        length = len(self.actions) + finish
        for number in range(length):
            size = (self.screenshot_widths[number], self.screenshot_heights[number])
            is_end = number == len(self.actions)
            action = None if is_end else self.actions[number]
            trees = self.accessibility_trees[number : number + 1]
            yield Recorded(
                str(self.episode_id[0]),
                number,
                length,
                self.goal[0],
                "finish the task" if is_end else self.step_instructions[number],
                f"{self.episode_id[0]}/{number}",
                size,
                action.move(size) if action else Move("stop"),
                boxes=tuple(box for tree in trees for box in boxes_of(tree, size)),
            )


def boxes_of(forest: bytes, size: tuple[int, int]) -> Iterator[Box]:
    """Yield the boxes of all elements of an accessibility forest, as shares of the picture."""
    for window in inner(forest, 1):
        for tree in inner(window, _TREE):
            for node in inner(tree, 1):
                for bounds in inner(node, _BOUNDS):
                    yield _box(bounds, size)


def _box(bounds: bytes, size: tuple[int, int]) -> Box:
    left, top, right, bottom = (
        next(whole_numbers(bounds, number), 0) / size[1 - number % 2] for number in (1, 2, 3, 4)
    )
    return left, top, right, bottom


def read(root: Path, options: Mapping[str, str]) -> Iterator[Recorded]:
    """Yield the steps of the test split, or of those that ``only`` names.

    ``options``: "only" is a file of lines ``episode_ID_screenshot_NUMBER`` (OS-Atlas's ac_idx.txt,
    the 7,708 steps of most published figures); "finish" adds the last step.
    ``test_subsplits.json`` beside the records tells the subset.

    Raises:
        ConfigError: a file is not in the published layout.
    """
    only = index(options.get("only", ""))
    subsets = _subsets(root)
    test = _test_ids(root)
    for path in _record_files(root):
        for record in tf_records(path):
            for step in with_past(_steps(record, path, finish="finish" in options)):
                key = f"episode_{step.episode}_screenshot_{step.number}"
                wanted = key in only if only else not test or int(step.episode) in test
                if wanted:
                    yield replace(step, subset=subsets.get(int(step.episode), "test"))


class Screenshots:
    """The screenshots in the records; quickest in the order of the records."""

    def __init__(self, root: Path) -> None:
        """Read in a folder; nothing is opened yet."""
        self._root = root
        self._records = self._all()
        self._now: tuple[int, Sequence[bytes]] = (-1, ())

    def read(self, name: str) -> Frame:
        """Return the screenshot EPISODE/NUMBER as (H, W, 3) uint8 RGB.

        Raises:
            ConfigError: there is no such screenshot, or it is no picture.
        """
        with tempfile.NamedTemporaryFile(suffix=".png") as file:
            file.write(self.packed(name))
            file.flush()
            return read_picture(Path(file.name))

    def packed(self, name: str) -> bytes:
        """Return the bytes of a screenshot.

        Raises:
            ConfigError: there is no such screenshot.
        """
        episode, _, number = name.partition("/")
        shots = self._of(int(episode))
        if int(number) >= len(shots):
            raise ConfigError(f"There is no screenshot {name} below {self._root}.")
        return shots[int(number)]

    def _of(self, episode: int) -> Sequence[bytes]:
        """Return an episode's; looks ahead first, then once from the beginning."""
        for again in (False, True):
            if self._now[0] == episode:
                return self._now[1]
            self._records = self._all() if again else self._records
            for found in self._records:
                self._now = found
                if found[0] == episode:
                    return found[1]
        return ()

    def _all(self) -> Iterator[tuple[int, Sequence[bytes]]]:
        for path in _record_files(self._root):
            for record in tf_records(path):
                found = example(record)
                shots = [shot for shot in found.get("screenshots", ()) if isinstance(shot, bytes)]
                yield int(found["episode_id"][0]), shots


def _record_files(root: Path) -> list[Path]:
    return [path for path in files_below(root, "android_control*") if path.suffix != ".json"]


def _steps(record: bytes, path: Path, *, finish: bool) -> list[Recorded]:
    try:
        found = dict(example(record))
        found.pop("screenshots", None)
        return list(_Episode.model_validate(found).steps(finish))
    except ValueError as error:  # Pydantic's is one, too.
        raise ConfigError(f"A record of {path} is not AndroidControl's ({error}).") from error


def _test_ids(root: Path) -> frozenset[int]:
    paths = sorted(root.rglob("splits.json"))
    return frozenset(next(records(paths[0], _Splits)).test) if paths else frozenset()


def _subsets(root: Path) -> dict[int, str]:
    """Return the subset of every episode: IDD, app_unseen, task_unseen or category_unseen."""
    found: dict[int, str] = {}
    for path in sorted(root.rglob("test_subsplits.json")):
        for subsplits in records(path, dict[str, list[int]]):
            for name, episodes in subsplits.items():
                for episode in episodes:
                    found.setdefault(episode, name)
    return found


def index(path: str) -> frozenset[str]:
    """Return the steps that a file names; none where there is no file.

    Raises:
        ConfigError: it cannot be read.
    """
    if not path:
        return frozenset()
    try:
        return frozenset(Path(path).read_text(encoding="utf-8").split())
    except OSError as error:
        raise ConfigError(f"{path} cannot be read ({error}).") from error
