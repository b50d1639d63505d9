"""Metrics on PDF files.

Responsible for judging them as OSWorld's metrics of the same names do, by their description. Texts
are taken out by pypdf, where OSWorld takes PyMuPDF: what stands in a page is the same, its order
may differ, on both sides alike.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.suites.osworld.metrics.matching import matches
from benchmarks.suites.osworld.metrics.reading import opened

Paths = str | Sequence[str | None]


def check_pdf_pages(result: str, rules: Mapping[str, Any]) -> float:
    """1 if the number of pages is as wanted."""
    pages = opened(result, lambda path: len(_pages(path)))
    return float(matches(pages, {"method": rules["relation"], "ref": rules["ref_value"]}))


def compare_pdfs(result: Paths, expected: Paths) -> float:
    """Return how alike the texts of two files are, 0 to 1, or of several on the average."""
    both = [[each] if isinstance(each, str) else list(each) for each in (result, expected)]
    if len(both[0]) != len(both[1]):
        return 0.0
    return sum(map(_alike, *both)) / len(both[1])


def _alike(own: str | None, wanted: str | None) -> float:
    from rapidfuzz import fuzz

    if own is None or wanted is None:
        return 0.0
    return fuzz.ratio(opened(own, _text), opened(wanted, _text)) / 100


def _text(path: str) -> str:
    return "".join(page.extract_text() for page in _pages(path)).strip()


def _pages(path: str) -> Sequence[Any]:
    from pypdf import PdfReader

    return PdfReader(path).pages
