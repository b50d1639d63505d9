"""The trajectory data sets by name: where they come from, how they are read and scored.

Responsible for the list. The layouts stand in ``android_control`` and ``others``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from benchmarks.suites.grounding.items import Pictures
from benchmarks.suites.hub import Home
from benchmarks.suites.trajectories import android_control, others
from benchmarks.suites.trajectories.moves import Recorded, with_past
from environments.base import Frame
from environments.errors import ConfigError


class Shots(Protocol):
    """Where screenshots come from."""

    def read(self, name: str) -> Frame:
        """Return a screenshot as (H, W, 3) uint8 RGB."""
        ...


@dataclass(frozen=True, slots=True)
class DataSet:
    """One data set.

    Attributes:
        name: name on the command line.
        home: where it comes from.
        read: from its folder to steps.
        shots: from its folder to its screenshots.
        rules: presets that are reported unless others are asked for; the first decides what counts
            as a success in the results file.
        has_low: it has instructions of single steps.
        means: its own figure is the mean over its subsets.
        note: what belongs with every figure.
        options: that choose which of its steps are asked about -> their usual value.
    """

    name: str
    home: Home
    read: Callable[[Path, Mapping[str, str]], Iterator[Recorded]]
    shots: Callable[[Path], Shots]
    rules: tuple[str, ...]
    has_low: bool = False
    means: bool = False
    note: str = ""
    options: Mapping[str, str] = field(default_factory=dict)

    def preset(self, options: Mapping[str, str]) -> str:
        """Return the name of what is asked: a split, the file of an index, "finish".

        Raises:
            ConfigError: an option is not of this data set.
        """
        for name in options:
            if name not in self.options:
                raise ConfigError(f"{self.name} has no --{name}; leave it out.")
        chosen = (Path(options.get(name, usual)).stem for name, usual in self.options.items())
        return "-".join(filter(None, (self.name, *chosen)))

    def steps(self, root: Path, options: Mapping[str, str]) -> list[Recorded]:
        """Return all steps, each with what was done before it.

        Raises:
            ConfigError: a file is not in the published layout or empty, or two steps have one name.
        """
        steps = self.read(root, options)
        found = list(steps if self.name == "android-control" else with_past(steps))
        if not found:
            raise ConfigError(f"There is no step of {self.name} below {root}. {self.home.how}")
        if len({step.key for step in found}) != len(found):
            raise ConfigError(f"Two steps below {root} have the same name.")
        return found


def _aitz_shots(root: Path) -> Shots:
    return Pictures(root, others.PLACES)


def _odyssey_shots(root: Path) -> Shots:
    return Pictures(root, ("screenshots", "data/screenshots"))


def _aitw_shots(root: Path) -> Shots:
    return Pictures(root, ("aitw_images", "images", "aitw_imgs"))


DATA_SETS = {
    data_set.name: data_set
    for data_set in (
        DataSet(
            "android-control",
            Home(
                "Copy gs://gresearch/android_control with gsutil: the TFRecords, splits.json and "
                "test_subsplits.json."
            ),
            android_control.read,
            android_control.Screenshots,
            ("qwen-agentcpm", "os-atlas"),
            has_low=True,
            note="Most published figures are of the 7,708 steps in OS-Atlas's ac_idx.txt (--only).",
            options={"only": "", "finish": ""},
        ),
        DataSet(
            "aitz",
            Home("Get android_in_the_zoo by the links of github.com/IMNearth/CoAT and unpack it."),
            others.aitz,
            _aitz_shots,
            ("agentcpm", "aitw"),
        ),
        DataSet(
            "gui-odyssey",
            Home(
                "It is hflqf88888/GUIOdyssey on the hub: annotations, splits and screenshots.",
                "hflqf88888/GUIOdyssey",
            ),
            others.odyssey,
            _odyssey_shots,
            ("odyssey", "agentcpm"),
            has_low=True,
            means=True,
            options={"split": "random"},
        ),
        DataSet(
            "aitw",
            Home(
                "Get aitw_data_test.json and the screenshots by the links of njucckevin/SeeClick "
                "(agent_tasks/readme_agent.md)."
            ),
            others.aitw,
            _aitw_shots,
            ("aitw", "agentcpm"),
            means=True,
        ),
        DataSet(
            "cagui",
            Home("It is openbmb/CAGUI on the hub.", "openbmb/CAGUI", ("CAGUI_agent/*",)),
            others.aitz,
            _aitz_shots,
            ("agentcpm", "aitw"),
        ),
        DataSet(
            "agentcpm-form",
            Home(
                "Make it with OpenBMB/AgentCPM-GUI eval/eval_data: process_ac.py, process_aitz.py "
                "and process_odyssey.py write this form."
            ),
            others.aitz,
            _aitz_shots,
            ("qwen-agentcpm", "agentcpm"),
            has_low=True,
        ),
    )
}


def data_set_named(name: str) -> DataSet:
    """Return a data set.

    Raises:
        ConfigError: there is none of that name.
    """
    if name not in DATA_SETS:
        raise ConfigError(f"There is no data set {name!r}; there are: {', '.join(DATA_SETS)}.")
    return DATA_SETS[name]
