"""The grounding data sets by name: where they come from, how they are read and split.

Responsible for the list. The layouts stand in ``layouts``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from benchmarks.header import hash_of
from benchmarks.suites.grounding import layouts
from benchmarks.suites.grounding.items import Item
from benchmarks.suites.grounding.judging import Groups
from benchmarks.suites.hub import Home
from environments.errors import ConfigError

Read = Callable[[Path, Mapping[str, str]], Iterator[Item]]


def _by(*names: str) -> Groups:
    """Return the groups by some fields of an item together; none where the last one is empty."""

    def groups(item: Item) -> tuple[str, ...]:
        values = [str(getattr(item, name)) for name in names]
        return (" ".join(values),) if values[-1] else ()

    return groups


@dataclass(frozen=True, slots=True)
class DataSet:
    """One data set.

    Attributes:
        name: name on the command line.
        home: where it comes from.
        read: from its folder to items.
        group: the field by which the first table is split.
        splits: further tables.
        places: folders below its own in which pictures lie.
        full: how many items the published set has; 0 where that is not fixed.
        note: what belongs with every figure.
        editions: options that choose its words -> what they may be, the usual first.
        language: of its words where no option says.
    """

    name: str
    home: Home
    read: Read
    group: str
    splits: Mapping[str, Groups] = field(default_factory=dict)
    places: tuple[str, ...] = ()
    full: int = 0
    note: str = ""
    editions: Mapping[str, Sequence[str]] = field(default_factory=dict)
    language: str = "en"

    def preset(self, options: Mapping[str, str]) -> str:
        """Return the name of what is asked, with the edition of its words where there are several.

        Raises:
            ConfigError: an option is not of this data set.
        """
        for name in options:
            if name not in self.editions:
                raise ConfigError(f"{self.name} has no --{name}; leave it out.")
        chosen = (options.get(name, values[0]) for name, values in self.editions.items())
        return "-".join((self.name, *chosen))

    def items(self, root: Path, options: Mapping[str, str]) -> list[Item]:
        """Return all items.

        Raises:
            ConfigError: a file is not in the published layout or empty, or two items have one name.
        """
        found = list(self.read(root, options))
        if not found:
            raise ConfigError(f"There is no question of {self.name} below {root}. {self.home.how}")
        if len({item.key for item in found}) != len(found):
            raise ConfigError(f"Two questions below {root} have the same name.")
        return found


def version_of(items: list[Item]) -> str:
    """Return the hash of the questions, all of each; of pictures only names and sizes count."""
    return hash_of(map(repr, items))


_TEXT_ICON = {"text or icon": _by("ui_type")}
_SPOT_SPLITS = {"platform and kind": _by("platform", "ui_type"), **_TEXT_ICON}
OWN = layouts.OWN

DATA_SETS = {
    data_set.name: data_set
    for data_set in (
        DataSet(
            "screenspot",
            Home(
                "Get screenspot_mobile.json, screenspot_desktop.json, screenspot_web.json and the "
                "pictures by the links of njucckevin/SeeClick, and unpack the pictures beside them."
            ),
            layouts.screenspot,
            "platform",
            _SPOT_SPLITS,
            ("screenspot_imgs", "images"),
            1272,
            "About one label in nine is wrong; ScreenSpot-v2 mends them.",
        ),
        DataSet(
            "screenspot-v2",
            Home("It is OS-Copilot/ScreenSpot-v2 on the hub.", "OS-Copilot/ScreenSpot-v2"),
            partial(layouts.screenspot, ending="_v2"),
            "platform",
            _SPOT_SPLITS,
            ("screenspotv2_image", "images"),
            1272,
        ),
        DataSet(
            "screenspot-pro",
            Home("It is likaixin/ScreenSpot-Pro on the hub.", "likaixin/ScreenSpot-Pro"),
            layouts.screenspot_pro,
            "group",
            {**_TEXT_ICON, "group and kind": _by("group", "ui_type"),
             "application": _by("application"), "platform": _by("platform")},
            ("images",),
            1581,
            editions={"language": ("en", "cn")},
        ),
        DataSet(
            "osworld-g",
            Home(
                "Clone github.com/xlang-ai/OSWorld-G and name its benchmark folder; the pictures "
                "are in it."
            ),
            layouts.osworld_g,
            "group",
            {"category": lambda item: item.tags},
            ("images",),
            564,
            "Published figures differ in whether the refusals count; both totals are printed.",
            {"instructions": tuple(layouts.OSWORLD_G)},
        ),
        DataSet(
            "ui-vision",
            Home("It is ServiceNow/ui-vision on the hub.", "ServiceNow/ui-vision"),
            layouts.ui_vision,
            "style",
            {"category": _by("group"), "style and kind": _by("style", "ui_type")},
            ("images",),
            5479,
        ),
        DataSet(
            "mmbench-gui-l2",
            Home(
                "It is OpenGVLab/MMBench-GUI on the hub.",
                "OpenGVLab/MMBench-GUI",
                ("L2_annotations.json", "*ffline*mages*"),
            ),
            layouts.mmbench_gui_l2,
            "style",
            {"style and platform": _by("style", "platform"), **_TEXT_ICON},
            ("offline_images", "MMBench-GUI-OfflineImages"),
            3594,
        ),
        DataSet(
            "cagui-grounding",
            Home(
                "Take cap.jsonl and ocr.jsonl from OpenBMB/AgentCPM-GUI "
                "eval/grounding_eval/dataset/code and the pictures from openbmb/CAGUI on the hub."
            ),
            layouts.cagui,
            "style",
            {},
            ("images", "CAGUI_grounding"),
            3000,
            language="cn",
        ),
        DataSet(
            OWN,
            Home("Make it with 'deskhand bench ground-set make DIR'."),
            layouts.own,
            "group",
            {"group and scale": _by("group", "style"), "group and kind": _by("group", "ui_type"),
             "application": _by("application")},
            ("images",),
            note="This is Deskhand's own set and not ScreenSpot: never compare the two.",
        ),
    )
}  # fmt: skip


def data_set_named(name: str) -> DataSet:
    """Return a data set.

    Raises:
        ConfigError: there is none of that name.
    """
    if name not in DATA_SETS:
        raise ConfigError(f"There is no data set {name!r}; there are: {', '.join(DATA_SETS)}.")
    return DATA_SETS[name]
