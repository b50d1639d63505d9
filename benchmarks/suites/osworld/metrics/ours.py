"""Metrics for our own tasks that OSWorld does not have; their names begin with "deskhand".

Responsible for judging whether a whole document is as it should be and nothing else in it was
changed. OSWorld's own metrics each look at one thing, so that a document in which everything else
was destroyed would pass.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby
from typing import Any

from benchmarks.suites.osworld.metrics.documents import WORD, document
from benchmarks.suites.osworld.metrics.reading import same

_BREAK = "\f"


def deskhand_same_document(result: str, expected: str) -> float:
    """1 if two docx files have the same words, pages, looks, tables, pictures, heads and feet.

    How a program writes a thing does not count: where runs are split, whether a page break stands
    in a paragraph, in one of its own or before one, whether what is usual is written out. Spacing
    and what styles say are not looked at, only which style a paragraph has.
    """
    return same(result, expected, _look)


def _look(path: str) -> tuple[Any, ...]:
    made = document(path)
    texts = "\n".join(_text(each) for each in made.paragraphs)
    tables = [[[c.text for c in row.cells] for row in table.rows] for table in made.tables]
    edges = [
        [p.text for part in (section.header, section.footer) for p in part.paragraphs if p.text]
        for section in made.sections
    ]
    written = [_paragraph(each) for each in made.paragraphs if each.text.strip()]
    pictures = len(list(made.element.body.iter(f"{WORD}drawing", f"{WORD}pict")))
    return re.sub(rf"\n*{_BREAK}\n*", _BREAK, texts), written, tables, edges, pictures


def _text(paragraph: Any) -> str:
    before = _BREAK if paragraph.paragraph_format.page_break_before else ""
    return before + "".join(_pieces(paragraph))


def _pieces(paragraph: Any) -> Iterator[str]:
    for each in paragraph._element.iter(f"{WORD}t", f"{WORD}br", f"{WORD}tab", f"{WORD}cr"):
        if each.tag == f"{WORD}t":
            yield each.text or ""
        elif each.tag == f"{WORD}br" and each.get(f"{WORD}type") == "page":
            yield _BREAK
        elif each.getparent().tag == f"{WORD}r":  # A stop of the ruler is a ``tab`` too.
            yield "\t" if each.tag == f"{WORD}tab" else "\n"


def _paragraph(paragraph: Any) -> tuple[Any, ...]:
    """Return style, alignment (0 is left, and usual) and the looks of the text, piece by piece."""
    looks = [(_font(run.font), run.text) for run in paragraph.runs if run.text]
    pieces = [(look, "".join(t for _, t in run)) for look, run in groupby(looks, lambda p: p[0])]
    return paragraph.style.name, paragraph.alignment or 0, pieces


def _font(font: Any) -> tuple[Any, ...]:
    flags = (font.bold, font.italic, font.underline, font.strike, font.hidden)
    more = (font.size, font.name, font.highlight_color, font.color.rgb if font.color else None)
    return (*map(bool, flags), *more)
