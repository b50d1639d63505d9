"""Metrics on text documents (docx).

Responsible for judging them as OSWorld's metrics of the same names do, by their description. Open
documents (odt) are compared by their paragraphs' text.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from typing import Any
from zipfile import ZipFile

from benchmarks.suites.osworld.metrics.reading import opened, package, same

Rules = Mapping[str, Any]
WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_ODF_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"


def compare_docx_files(result: str, expected: str, **options: Any) -> float:
    """Return whether two documents say the same, or how alike they are where a task wants that.

    ``ignore_blanks`` (the usual way) makes all white space one blank; ``content_only`` and
    ``fuzzy_match`` give a likeness from 0 to 1 instead of yes or no.
    """
    both = [_arranged(opened(each, paragraphs), options) for each in (result, expected)]
    whole = options.get("ignore_blanks", True) or options.get("content_only", False)
    if not whole and len(both[0]) != len(both[1]):
        return 0.0
    if whole:
        both = [[re.sub(r"\s+", " ", "\n".join(each)).strip()] for each in both]
    if options.get("fuzzy_match") or options.get("content_only"):
        from rapidfuzz import fuzz

        alike = [fuzz.ratio(a, b) / 100 for a, b in zip(*both, strict=True)]
        return sum(alike) / len(alike) if alike else 1.0
    return float(both[0] == both[1])


def _arranged(texts: list[str], options: Mapping[str, Any]) -> list[str]:
    texts = sorted(texts) if options.get("ignore_order") else texts
    texts = [t for t in texts if t.strip()] if options.get("delete_empty_lines") else texts
    return [text.lower() for text in texts] if options.get("ignore_case") else texts


def paragraphs(path: str) -> list[str]:
    """Return the texts of a docx or odt file's paragraphs; raises what its parser raises."""
    if path.endswith(".odt"):
        return _open_paragraphs(path)
    return [each.text for each in document(path).paragraphs]


def _open_paragraphs(path: str) -> list[str]:
    with ZipFile(package(path)) as archive:
        root = ET.fromstring(archive.read("content.xml"))
    return ["".join(each.itertext()) for each in root.iter(f"{_ODF_TEXT}p")]


def compare_docx_tables(result: str, expected: str) -> float:
    """1 if all tables hold the same texts."""
    return same(result, expected, _tables)


def _tables(path: str) -> list[list[list[str]]]:
    tables = document(path).tables
    return [[[c.text.strip() for c in row.cells] for row in each.rows] for each in tables]


def compare_line_spacing(result: str, expected: str) -> float:
    """1 if both say the same and every paragraph has the same line spacing."""
    return compare_docx_files(result, expected) and same(result, expected, _spacings)


def _spacings(path: str) -> list[Any]:
    return [each.paragraph_format.line_spacing for each in document(path).paragraphs]


def compare_font_names(result: str, rules: Rules) -> float:
    """1 if everything is written in the font, and anything is written."""
    names = opened(result, lambda path: {run.font.name for run in _runs(path)})
    return float(names == {rules["font_name"]})


def is_first_line_centered(result: str) -> float:
    """1 if the first paragraph is centred."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH

    def first(path: str) -> Any:
        return document(path).paragraphs[0].paragraph_format.alignment

    return float(opened(result, first) == WD_ALIGN_PARAGRAPH.CENTER)


def contains_page_break(result: str, rules: Rules | None = None) -> float:
    """1 if there is a page break, or exactly so many as are wanted."""
    count = opened(result, _page_breaks)
    wanted = (rules or {}).get("page_break_count")
    return float(count > 0 and wanted in (None, count))


def _page_breaks(path: str) -> int:
    paragraphs = document(path).paragraphs
    breaks = [each for p in paragraphs for each in p._element.iter(f"{WORD}br")]
    return sum(each.get(f"{WORD}type") == "page" for each in breaks)


def has_page_numbers_in_footers(result: str) -> float:
    """1 if the footer of every section holds a digit."""
    footers = opened(result, _footers)
    return float(bool(footers) and all(any(map(str.isdigit, text)) for text in footers))


def _footers(path: str) -> list[str]:
    footers = [each.footer.paragraphs for each in document(path).sections]
    return [each[0].text if each else "" for each in footers]


def check_italic_font_size_14(result: str, expected: str) -> float:
    """1 if both say the same and all that is italic is of 14 points."""
    if not compare_docx_files(result, expected):
        return 0.0
    sizes = opened(result, lambda path: [r.font.size for r in _runs(path) if r.italic])
    return float(all(size is not None and size.pt == 14 for size in sizes))  # noqa: PLR2004


def evaluate_strike_through_last_paragraph(result: str, expected: str) -> float:
    """1 if both say the same and the whole last paragraph is struck through."""

    def struck(path: str) -> bool:
        return all(run.font.strike for run in document(path).paragraphs[-1].runs)

    return compare_docx_files(result, expected) and float(opened(result, struck))


def _runs(path: str) -> list[Any]:
    return [run for each in document(path).paragraphs for run in each.runs]


def document(path: str) -> Any:
    """Return a docx file, told by its name; raises what its parser raises."""
    from docx import Document

    if not path.endswith(".docx"):
        raise ValueError("it is no docx file by its name")
    return Document(package(path))
