"""The published layouts of grounding data sets, each read into items.

Responsible for one function per layout, from a folder to items. What a file says is checked before
anything is made of it; a file that reads otherwise is refused by its name. Fetches nothing.

Sources of the layouts: SeeClick's screenspot_*.json; likaixin2000/ScreenSpot-Pro-GUI-Grounding
(bd8bbbb); xlang-ai/OSWorld-G ``benchmark/``; uivision/UI-Vision (2b79355); open-compass/MMBench-GUI
(896ddf1), benchmarks/l2_element_grounding.py; OpenBMB/AgentCPM-GUI ``eval/grounding_eval``.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, Field, model_validator

from benchmarks.suites.grounding.answers import NUMBER
from benchmarks.suites.grounding.items import Item, Pictures
from benchmarks.suites.grounding.reading import files_below, records
from benchmarks.suites.grounding.regions import (
    Box,
    Nowhere,
    Region,
    from_flat,
    from_xywh,
    from_xyxy,
    in_pixels,
)
from environments.errors import ConfigError

Values = Annotated[list[float], Field(min_length=4, max_length=4)]
Side = Annotated[int, Field(gt=0)]
Pair = tuple[Side, Side]
OWN = "deskhand-ground"
"""Our own set, and what the names of its files begin with."""


class _Asked(BaseModel, ABC):
    """One record; what an item is made of is called as the item has it, by aliases."""

    picture: str
    instruction: str
    size: Pair | None = None
    ui_type: str = ""
    platform: str = ""
    application: str = ""
    group: str = ""
    style: str = ""
    on_phone: bool = False

    @abstractmethod
    def region(self) -> Region:
        """Return where the answer lies, raising ValueError where the numbers make no region."""

    def key(self, file: str, number: int) -> str:
        """Return its name in the data set."""
        return f"{file}/{number}"

    @model_validator(mode="after")
    def _has_a_region(self) -> Self:
        self.region()
        return self


def _items(path: Path, kind: type[_Asked], **told: Any) -> Iterator[Item]:
    """Yield the items of a file; what is ``told`` stands in no record."""
    for number, asked in enumerate(records(path, kind)):
        same = {name: getattr(asked, name) for name in _Asked.model_fields}
        key, region = asked.key(path.stem, number), asked.region()
        yield Item(key=key, region=region, file=path.stem, **same | told)


class _Spot(_Asked):
    """ScreenSpot and ScreenSpot-v2: ``bbox`` is x, y, width, height in pixels."""

    picture: str = Field(alias="img_filename")
    ui_type: str = Field("", alias="data_type")
    application: str = Field("", alias="data_source")
    bbox: Values

    def region(self) -> Region:
        return from_xywh(self.bbox)


PLATFORMS = ("mobile", "desktop", "web")


def screenspot(root: Path, options: Mapping[str, str], *, ending: str = "") -> Iterator[Item]:
    """Read ScreenSpot, or with the ``ending`` "_v2" of its files' names ScreenSpot-v2."""
    names = {f"screenspot_{platform}{ending}.json": platform for platform in PLATFORMS}
    for path in files_below(root, *names):
        yield from _items(path, _Spot, platform=names[path.name])


class _Pro(_Asked):
    """ScreenSpot-Pro, and our own set: ``bbox`` is two corners in pixels."""

    picture: str = Field(alias="img_filename")
    size: Pair = Field(alias="img_size")
    style: str = Field("", alias="scale")
    bbox: Values
    id: str | int
    instruction_cn: str = ""
    gt_type: Literal["positive", "negative"] = "positive"

    def region(self) -> Region:
        return Nowhere() if self.gt_type == "negative" else from_xyxy(self.bbox)

    def key(self, file: str, number: int) -> str:
        return f"{file}/{self.id}"


class _ProInChinese(_Pro):
    instruction: str = Field(alias="instruction_cn", min_length=1)


def screenspot_pro(root: Path, options: Mapping[str, str]) -> Iterator[Item]:
    """Read ScreenSpot-Pro's annotations; ``language`` may be "cn".

    Raises:
        ConfigError: it is our own set, whose layout is the same.
    """
    folder = root / "annotations"
    kind = _ProInChinese if options.get("language") == "cn" else _Pro
    for path in files_below(folder if folder.is_dir() else root, "*.json"):
        if path.stem.startswith(OWN):
            raise ConfigError(f"{root} is not ScreenSpot-Pro but our own set: call it {OWN}.")
        yield from _items(path, kind)


def own(root: Path, options: Mapping[str, str]) -> Iterator[Item]:
    """Read our own set, and nothing else that is laid out so."""
    for path in files_below(root, f"{OWN}_*.json"):
        yield from _items(path, _Pro)


class _OSWorldG(_Asked):
    """OSWorld-G: a box is x, y, width, height; a polygon x, y, x, y, ...; both in pixels."""

    picture: str = Field(alias="image_path")
    size: Pair = Field(alias="image_size")
    group: Literal["bbox", "polygon", "refusal"] = Field(alias="box_type")
    platform: str = "linux"
    application: str = "osworld-g"
    id: str
    box_coordinates: list[float]

    def region(self) -> Region:
        match self.group:
            case "bbox":
                return from_xywh(self.box_coordinates)
            case "polygon":
                return from_flat(self.box_coordinates)
            case "refusal":
                return Nowhere()

    def key(self, file: str, number: int) -> str:
        return self.id


OSWORLD_G = {"original": "OSWorld-G.json", "refined": "OSWorld-G_refined.json"}


def osworld_g(root: Path, options: Mapping[str, str]) -> Iterator[Item]:
    """Read OSWorld-G with the ``original`` or the ``refined`` instructions.

    The paper's categories come from ``classification_result.json``, if it is there.
    """
    path = files_below(root, OSWORLD_G[options.get("instructions", "original")])[0]
    tags = _categories(root)
    for item in _items(path, _OSWorldG):
        yield replace(item, tags=tags.get(item.key, ()))


def _categories(root: Path) -> dict[str, tuple[str, ...]]:
    """Return the categories of each id; they stand as lists of ids, or of records with ids."""
    found: dict[str, tuple[str, ...]] = {}
    for path in sorted(root.rglob("classification_result.json")):
        for category, members in _lists(records(path, dict)):
            for member in members:
                key = str(member.get("id", "")) if isinstance(member, dict) else str(member)
                found[key] = (*found.get(key, ()), category)
    return found


def _lists(values: Any) -> Iterator[tuple[str, list[Any]]]:
    """Yield every list in nested records with its name."""
    for value in values:
        for name, inner in value.items() if isinstance(value, dict) else ():
            if isinstance(inner, list):
                yield name, inner
            else:
                yield from _lists([inner])


class _UIVision(_Asked):
    """UI-Vision element grounding: two corners in pixels, which may be swapped."""

    picture: str = Field(alias="image_path")
    instruction: str = Field(alias="prompt_to_evaluate")
    size: Pair = Field(alias="image_size")
    ui_type: str = Field("", alias="element_type")
    application: str = Field("", alias="platform")
    group: str = Field("", alias="category")
    bbox: Values

    def region(self) -> Region:
        return from_xyxy(self.bbox)


def ui_vision(root: Path, options: Mapping[str, str]) -> Iterator[Item]:
    """Read UI-Vision's element grounding: basic, functional and spatial."""
    for path in files_below(root, "element_grounding_*.json"):
        style = path.stem.removeprefix("element_grounding_")
        yield from _items(path, _UIVision, platform="desktop", style=style)


class _MMBench(_Asked):
    """MMBench-GUI L2: two corners, in pixels or as shares of the picture."""

    picture: str = Field(alias="image_path")
    size: Pair | None = Field(None, alias="image_size")
    ui_type: str = Field("", alias="data_type")
    platform: str
    application: str = Field("", alias="app_name")
    style: str = Field(alias="grounding_type")
    bbox: Values

    def region(self) -> Region:
        """Return the box as it is written, which may be shares."""
        return from_xyxy(in_pixels(self.bbox, (1, 1)))


def mmbench_gui_l2(root: Path, options: Mapping[str, str]) -> Iterator[Item]:
    """Read MMBench-GUI's second level: basic and advanced for six systems."""
    path = files_below(root, "L2_annotations.json")[0]
    pictures = Pictures(path.parent, ("offline_images", "MMBench-GUI-OfflineImages"))
    for item in _items(path, _MMBench):
        picture = f"{item.platform}/{Path(item.picture).name}"
        size = item.size or pictures.size(picture)
        assert isinstance(item.region, Box)
        box = from_xyxy(in_pixels(item.region.corners(), size))
        yield replace(item, picture=picture, size=size, region=box)


class _Cagui(_Asked):
    """CAGUI grounding: two corners in pixels, written as "<x1, y1, x2, y2>"."""

    picture: str = Field(alias="image")
    instruction: str = Field(alias="text")
    abs_position: str

    def region(self) -> Region:
        return from_xyxy([float(value) for value in NUMBER.findall(self.abs_position)])


CAGUI = {"cap.jsonl": "function", "ocr.jsonl": "text"}


def cagui(root: Path, options: Mapping[str, str]) -> Iterator[Item]:
    """Read CAGUI's grounding: find what has a function (cap.jsonl) or a text (ocr.jsonl)."""
    for path in files_below(root, *CAGUI):
        for item in _items(path, _Cagui, platform="android", style=CAGUI[path.name]):
            yield replace(item, picture=item.picture.removeprefix("grounding_eval/dataset/"))
