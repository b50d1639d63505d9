"""Golden cases of the published layouts: small folders made by hand, and what must be read.

Responsible for the conventions in which the data sets differ.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.suites.golden.case import Case, picture, put
from benchmarks.suites.grounding import layouts
from benchmarks.suites.grounding.items import Item, Pictures
from benchmarks.suites.grounding.regions import Box, Nowhere, from_flat
from environments.errors import ConfigError

Read = Callable[[Path, Mapping[str, str]], Iterator[Item]]


def _reads(name: str, read: Read, path: str, record: Any, /, **want: Any) -> Case:
    """Return the case that these fields of the first item come out of a file with this record."""

    def got(folder: Path) -> Any:
        put(folder, path, [record])
        found = next(iter(read(folder, {})))
        return {field: getattr(found, field) for field in want}

    return Case(name, got, want)


def _refuses(name: str, read: Read, file: str, record: Any) -> Case:
    """Return the case that a file with this record is refused in a sentence."""

    def got(folder: Path) -> Any:
        put(folder, file, [record])
        try:
            list(read(folder, {}))
        except ConfigError as error:
            return str(error).endswith(".")
        return False

    return Case(name, got, True)


_SPOT = {
    "img_filename": "web_1.png", "bbox": [10, 20, 30, 40], "instruction": "search",
    "data_type": "icon", "data_source": "shop",
}  # fmt: skip
_PRO = {
    "img_filename": "calc/1.png", "bbox": [10, 20, 30, 40], "instruction": "sum", "id": "calc_0",
    "instruction_cn": "求和", "application": "calc", "platform": "linux", "img_size": [5120, 2880],
    "ui_type": "text", "group": "Office",
}  # fmt: skip
_OSG = {
    "id": "A-0", "image_path": "A.png", "image_size": [1920, 1080], "instruction": "open",
    "box_type": "bbox", "box_coordinates": [10, 20, 30, 40], "GUI_types": ["Button"],
}  # fmt: skip
_CORNERS = [0, 0, 50, 0, 0, 50]
_POLYGON = {**_OSG, "box_type": "polygon", "box_coordinates": _CORNERS}
_REFUSAL = {**_OSG, "box_type": "refusal", "box_coordinates": [-1, -1, -1, -1]}
_UIV = {
    "image_path": "element_grounding/a.png", "image_size": [2880, 1800], "bbox": [30, 40, 10, 20],
    "prompt_to_evaluate": "grid", "platform": "draw.io", "category": "Design",
    "element_type": "icon",
}  # fmt: skip
_MMB = {
    "image_path": "b.png", "instruction": "years", "bbox": [0.25, 0.5, 0.5, 1.0],
    "platform": "os_mac", "grounding_type": "advanced", "data_type": "text", "app_name": "clock",
}  # fmt: skip
_CAGUI = {
    "task": "bbox2function", "image": "grounding_eval/dataset/images/0.jpeg", "id": 0,
    "abs_position": "<10, 20, 30, 40>", "rel_position": "<0.1, 0.2, 0.3, 0.4>", "text": "菜单",
}  # fmt: skip


def _in_chinese(root: Path, _: Mapping[str, str]) -> Iterator[Item]:
    return layouts.screenspot_pro(root, {"language": "cn"})


def _refined(root: Path, _: Mapping[str, str]) -> Iterator[Item]:
    put(root, "OSWorld-G.json", [_OSG])
    return layouts.osworld_g(root, {"instructions": "refined"})


def _of_shares(root: Path, options: Mapping[str, str]) -> Iterator[Item]:
    picture(root, "offline_images/os_mac/b.png", (400, 200))
    return layouts.mmbench_gui_l2(root, options)


def _categorised(root: Path, options: Mapping[str, str]) -> Iterator[Item]:
    told = {"classified": {"text_matching": ["A-0"], "refusal": [{"id": "A-0"}]}}
    put(root, "classification_result.json", told)
    return layouts.osworld_g(root, options)


def _zipped(folder: Path) -> Any:
    picture(folder, "made/web_1.png", (7, 5))
    with zipfile.ZipFile(folder / "screenspotv2_image.zip", "w") as archive:
        archive.write(folder / "made/web_1.png", "screenspotv2_image/web_1.png")
    (folder / "made/web_1.png").unlink()
    return Pictures(folder).size("web_1.png")


def _nested(folder: Path) -> Any:
    picture(folder, "images/calc/1.png", (9, 4))
    return Pictures(folder, ("images",)).read("calc/1.png").shape


_V2 = partial(layouts.screenspot, ending="_v2")
_OSG_FILE, _PRO_FILE, _MMB_FILE = (
    "OSWorld-G.json",
    "annotations/calc_linux.json",
    "L2_annotations.json",
)
_UIV_FILE, _OWN_FILE = (
    "annotations/element_grounding_spatial.json",
    "annotations/deskhand-ground_gtk.json",
)
_SIZED = {"image_size": [40, 20]}
_REFINED = {**_OSG, "instruction": "Click the button named Open"}
CASES = (
    _reads("ScreenSpot's boxes are x, y, width, height", layouts.screenspot, "screenspot_web.json",
           _SPOT, region=Box(10, 20, 40, 60), platform="web", ui_type="icon", application="shop"),
    _reads("ScreenSpot-v2's too, and its platform is in the file's name", _V2,
           "screenspot_mobile_v2.json", _SPOT, region=Box(10, 20, 40, 60), platform="mobile"),
    _reads("ScreenSpot-Pro's boxes are two corners", layouts.screenspot_pro, _PRO_FILE, _PRO,
           region=Box(10, 20, 30, 40), group="Office", application="calc", size=(5120, 2880),
           file="calc_linux", instruction="sum"),
    _reads("ScreenSpot-Pro's Chinese instructions", _in_chinese, _PRO_FILE, _PRO,
           instruction="求和"),
    _reads("a negative of ScreenSpot-Pro is nowhere", layouts.screenspot_pro, _PRO_FILE,
           {**_PRO, "gt_type": "negative"}, region=Nowhere()),
    _reads("our own set has ScreenSpot-Pro's layout and names of its own", layouts.own, _OWN_FILE,
           {**_PRO, "scale": "x2", "on_phone": True}, style="x2", on_phone=True),
    _reads("OSWorld-G's boxes are x, y, width, height", layouts.osworld_g, _OSG_FILE, _OSG,
           region=Box(10, 20, 40, 60), group="bbox", instruction="open"),
    _reads("OSWorld-G's polygons are flat lists", layouts.osworld_g, _OSG_FILE, _POLYGON,
           region=from_flat(_CORNERS)),
    _reads("OSWorld-G's refusals are nowhere", layouts.osworld_g, _OSG_FILE, _REFUSAL,
           region=Nowhere(), group="refusal"),
    _reads("OSWorld-G's refined instructions stand in a file of their own", _refined,
           "OSWorld-G_refined.json", _REFINED, key="A-0",
           instruction="Click the button named Open"),
    _reads("OSWorld-G's categories, an item in two", _categorised, _OSG_FILE, _OSG,
           tags=("text_matching", "refusal")),
    _reads("UI-Vision's swapped corners, and its style by the file's name", layouts.ui_vision,
           _UIV_FILE, _UIV, region=Box(10, 20, 30, 40), style="spatial", application="draw.io",
           platform="desktop", group="Design"),
    _reads("MMBench-GUI's shares become pixels of the picture", _of_shares, _MMB_FILE, _MMB,
           region=Box(100, 100, 200, 200), style="advanced", picture="os_mac/b.png"),
    _reads("MMBench-GUI's shares at an edge are written as -1", _of_shares, _MMB_FILE,
           {**_MMB, "bbox": [-1, 0.5, 0.5, 1.0]}, region=Box(0, 100, 200, 200)),
    _reads("MMBench-GUI's pixels stay pixels", layouts.mmbench_gui_l2, _MMB_FILE,
           {**_MMB, **_SIZED, "bbox": [9, 8, 7, 6]}, region=Box(7, 6, 9, 8)),
    _reads("CAGUI writes boxes as text and asks in Chinese", layouts.cagui, "cap.jsonl", _CAGUI,
           region=Box(10, 20, 30, 40), style="function", picture="images/0.jpeg",
           instruction="菜单"),
    Case("pictures are found in archives", _zipped, (7, 5)),
    Case("pictures are found in a layout's folders", _nested, (4, 9, 3)),
    _refuses("ScreenSpot-v2 is not read as ScreenSpot", layouts.screenspot,
             "screenspot_web_v2.json", _SPOT),
    _refuses("ScreenSpot is not read as ScreenSpot-v2", _V2, "screenspot_web.json", _SPOT),
    _refuses("our own set is not read as ScreenSpot-Pro", layouts.screenspot_pro, _OWN_FILE, _PRO),
    _refuses("ScreenSpot-Pro is not read as our own set", layouts.own, _PRO_FILE, _PRO),
    _refuses("Chinese that is not there is refused", _in_chinese, _PRO_FILE,
             {**_PRO, "instruction_cn": ""}),
    _refuses("refined instructions that are not there are refused", _refined, "other.json", _OSG),
    _refuses("a box of three numbers is refused", layouts.screenspot, "screenspot_web.json",
             {**_SPOT, "bbox": [1, 2, 3]}),
    _refuses("a box of six numbers is refused", layouts.osworld_g, _OSG_FILE,
             {**_OSG, "box_coordinates": _CORNERS}),
    _refuses("a polygon of five numbers is refused", layouts.osworld_g, _OSG_FILE,
             {**_POLYGON, "box_coordinates": _CORNERS[:5]}),
    _refuses("a box of text with three numbers is refused", layouts.cagui, "ocr.jsonl",
             {**_CAGUI, "abs_position": "<1, 2, 3>"}),
    _refuses("an unknown shape is refused", layouts.osworld_g, _OSG_FILE,
             {**_OSG, "box_type": "circle"}),
    _refuses("a picture without any width is refused", layouts.ui_vision, _UIV_FILE,
             {**_UIV, "image_size": [0, 1800]}),
    _refuses("a folder without the files is refused", layouts.ui_vision, "notes.json", _UIV),
)  # fmt: skip
