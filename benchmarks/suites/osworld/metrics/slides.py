"""Metrics on presentations (pptx).

Responsible for judging them as OSWorld's metrics of the same names do, by their description. What
``compare_pptx_files`` looks at is chosen by its ``examine_...`` options; those that look at one
certain slide of one task are named in ``needs`` as what cannot be judged here.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any
from zipfile import ZipFile

from benchmarks.suites.osworld.metrics.reading import opened, package

Rules = Mapping[str, Any]
_SLIDE = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
_DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_TOLERANCE = 0.005
SPECIAL = frozenset(
    {
        "examine_title_bottom_position",
        "examine_table_bottom_position",
        "examine_right_position",
        "examine_top_position",
        "examine_shape_for_shift_size",
        "examine_image_size",
        "examine_modify_height",
    }
)
"""Options that were written for one slide of one task."""

_RUN: Mapping[str, Callable[[Any], Any]] = {
    "examine_font_name": lambda run: run.font.name,
    "examine_font_size": lambda run: run.font.size,
    "examine_font_bold": lambda run: bool(run.font.bold),
    "examine_font_italic": lambda run: bool(run.font.italic),
    "examine_font_underline": lambda run: run.font.underline or None,
    "examine_strike_through": lambda run: run.font._element.get("strike", "noStrike"),
}
"""What is compared of a run of text; not set and switched off are the same."""


@dataclass(frozen=True, slots=True)
class _Slide:
    background: Any
    note: str
    shapes: tuple[_Shape, ...]


@dataclass(frozen=True, slots=True)
class _Shape:
    """``place`` is left, top, width and height in EMU."""

    text: str
    place: tuple[int | None, ...]
    frames: tuple[tuple[_Paragraph, ...], ...]


@dataclass(frozen=True, slots=True)
class _Paragraph:
    """``runs`` are the values of ``_RUN`` that are looked at, and ``colours`` those of its runs."""

    text: str
    alignment: Any
    level: int
    bullet: str | None
    runs: tuple[tuple[Any, ...], ...]
    colours: tuple[Any, ...]


Looks = Callable[[str], bool]


def compare_pptx_files(result: str, expected: str, **options: Any) -> float:
    """1 if two presentations agree in everything that is looked at."""

    def looks(at: str) -> bool:
        return bool(options.get(at, True))

    def read(path: str) -> list[_Slide]:
        return [_slide(each, looks) for each in _presentation(path).slides]

    slides = [opened(each, read) for each in (result, expected)]
    if looks("examine_number_of_slides") and len(slides[0]) != len(slides[1]):
        return 0.0
    tolerance = float(options.get("approximately_tolerance", _TOLERANCE))
    pairs = zip(*slides, strict=False)
    return float(all(_same_slide(a, b, looks, tolerance) for a, b in pairs))


def _slide(slide: Any, looks: Looks) -> _Slide:
    return _Slide(
        _background(slide) if looks("examine_background_color") else None,
        _note(slide) if looks("examine_note") else "",
        tuple(_shape(each, looks) for each in slide.shapes),
    )


def _shape(shape: Any, looks: Looks) -> _Shape:
    place = (shape.left, shape.top, shape.width, shape.height) if looks("examine_shape") else ()
    frames = [[_paragraph(p, looks) for p in frame.paragraphs] for frame in _frames(shape)]
    text = shape.text_frame.text.strip() if shape.has_text_frame else ""
    return _Shape(text, place, tuple(tuple(each) for each in frames))


def _frames(shape: Any) -> Iterator[Any]:
    if shape.has_text_frame:
        yield shape.text_frame
    if shape.has_table:
        for row in shape.table.rows:
            yield from (cell.text_frame for cell in row.cells)


def _paragraph(paragraph: Any, looks: Looks) -> _Paragraph:
    runs = [run for run in paragraph.runs if paragraph.text.strip()]
    wanted = [read for name, read in _RUN.items() if looks(name)]
    colours = [getattr(r.font.color, "rgb", None) for r in runs if looks("examine_color_rgb")]
    return _Paragraph(
        paragraph.text,
        _alignment(paragraph) if looks("examine_alignment") else None,
        (paragraph.level or 0) if looks("examine_indent") else 0,
        _bullet(paragraph) if looks("examine_bullets") else None,
        tuple(tuple(read(run) for read in wanted) for run in runs),
        tuple(colours),
    )


def _same_slide(own: _Slide, wanted: _Slide, looks: Looks, tolerance: float) -> bool:
    if (own.background, own.note) != (wanted.background, wanted.note):
        return False
    if len(own.shapes) != len(wanted.shapes):
        return False
    pairs = zip(own.shapes, wanted.shapes, strict=True)
    return all(_same_shape(a, b, looks, tolerance) for a, b in pairs)


def _same_shape(own: _Shape, wanted: _Shape, looks: Looks, tolerance: float) -> bool:
    if (own.text or wanted.text) and not _same_place(own.place, wanted.place, tolerance):
        return False
    if looks("examine_text") and own.text != wanted.text:
        return False
    if [len(each) for each in own.frames] != [len(each) for each in wanted.frames]:
        return False
    pairs = zip(chain(*own.frames), chain(*wanted.frames), strict=True)
    return all(_same_paragraph(a, b, looks) for a, b in pairs)


def _same_place(own: tuple[int | None, ...], wanted: tuple[int | None, ...], most: float) -> bool:
    for a, b in zip(own, wanted, strict=True):
        if a != b and (not a or not b or abs(a - b) / max(abs(a), abs(b)) > most):
            return False
    return True


def _same_paragraph(own: _Paragraph, wanted: _Paragraph, looks: Looks) -> bool:
    if looks("examine_text") and own.text != wanted.text:
        return False
    levels = {own.level, wanted.level}
    if own.alignment != wanted.alignment or (len(levels) > 1 and not levels <= {0, 1}):
        return False
    if own.text.strip() and own.bullet != wanted.bullet:
        return False
    if looks("examine_run_count") and len(own.runs) != len(wanted.runs):
        return False
    if any(a != b for a, b in zip(own.runs, wanted.runs, strict=False)):
        return False
    colours = zip(own.colours, wanted.colours, strict=False)
    # A colour of the theme says nothing that could be compared.
    return all(a == b or None in (a, b) for a, b in colours)


def _alignment(paragraph: Any) -> Any:
    from pptx.enum.text import PP_ALIGN

    return paragraph.alignment or PP_ALIGN.LEFT


def _bullet(paragraph: Any) -> str | None:
    properties = paragraph._p.find(f"{_DRAWING}pPr")
    char = None if properties is None else properties.find(f"{_DRAWING}buChar")
    return None if char is None else str(char.get("char"))


def _background(slide: Any) -> Any:
    from pptx.enum.dml import MSO_FILL

    fill = slide.background.fill
    if fill.type == MSO_FILL.BACKGROUND:
        fill = slide.slide_layout.slide_master.background.fill
    return getattr(fill.fore_color, "rgb", None) if fill.type == MSO_FILL.SOLID else None


def _note(slide: Any) -> str:
    frame = slide.notes_slide.notes_text_frame if slide.has_notes_slide else None
    return frame.text.strip() if frame is not None else ""


def check_slide_orientation_portrait(result: str) -> float:
    """1 if the slides are higher than wide."""

    def higher(path: str) -> bool:
        presentation = _presentation(path)
        return bool(presentation.slide_width < presentation.slide_height)

    return float(opened(result, higher))


def check_transition(result: str, rules: Rules) -> float:
    """1 if a slide comes with the wanted transition."""
    name = f"ppt/slides/slide{int(rules['slide_idx']) + 1}.xml"

    def root(path: str) -> ET.Element:
        with ZipFile(package(path)) as archive:
            return ET.fromstring(archive.read(name))

    changes = opened(result, root).iter(f"{_SLIDE}transition")
    return float(any(c.find(f".//{_SLIDE}{rules['transition_type']}") is not None for c in changes))


def _presentation(path: str) -> Any:
    from pptx import Presentation

    return Presentation(package(path))
