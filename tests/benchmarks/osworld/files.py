"""Tasks, scenes and office files for tests, made by code."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from shutil import which
from typing import Any

from benchmarks.suites.osworld.format import TaskFile
from benchmarks.suites.osworld.walls import sandbox_problem

PROBLEM = sandbox_problem()
TERMINAL = "" if which("xterm") else "xterm is not installed: apt-get install xterm"


def task(**fields: Any) -> TaskFile:
    """A task file with only what a test is about."""
    usual = {"id": "t", "instruction": "Do it.", "evaluator": {"func": "infeasible"}}
    return TaskFile.model_validate(usual | fields)


def folder(root: Path, **tasks: dict[str, Any]) -> Path:
    """Write tasks in the layout of the official examples, all in the domain os."""
    place = root / "evaluation_examples" / "examples" / "os"
    place.mkdir(parents=True)
    for name, fields in tasks.items():
        usual = {"id": name, "instruction": "Do it.", "evaluator": {"func": "infeasible"}}
        (place / f"{name}.json").write_text(json.dumps(usual | fields))
    (root / "evaluation_examples" / "test_all.json").write_text(json.dumps({"os": list(tasks)}))
    return root


def book(path: Path, rows: list[list[Any]], change: Callable[[Any], None] | None = None) -> str:
    """Save a workbook with one sheet and return its path."""
    from openpyxl import Workbook

    made = Workbook()
    for row in rows:
        made.active.append(row)
    if change:
        change(made.active)
    made.save(path)
    return str(path)


def document(path: Path, *texts: str, change: Callable[[Any], None] | None = None) -> str:
    """Save a text document and return its path."""
    from docx import Document

    made = Document()
    for text in texts:
        made.add_paragraph(text)
    if change:
        change(made)
    made.save(str(path))
    return str(path)


def slides(path: Path, *titles: str, change: Callable[[Any], None] | None = None) -> str:
    """Save a presentation and return its path."""
    from pptx import Presentation

    made = Presentation()
    for title in titles:
        slide = made.slides.add_slide(made.slide_layouts[5])
        slide.shapes.title.text = title
    if change:
        change(made)
    made.save(str(path))
    return str(path)


def text(path: Path, content: str) -> str:
    """Write a text and return its path."""
    path.write_text(content, encoding="utf-8")
    return str(path)


def pdf(path: Path, *texts: str) -> str:
    """Write a PDF file with one line of text on each page."""
    kids = " ".join(f"{number * 2 + 4} 0 R" for number in range(len(texts)))
    parts = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(texts)} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for number, line in enumerate(texts):
        body = f"BT /F1 12 Tf 20 20 Td ({line}) Tj ET"
        parts.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 100] /Contents {number * 2 + 5} 0 R "
            "/Resources << /Font << /F1 3 0 R >> >> >>"
        )
        parts.append(f"<< /Length {len(body)} >>\nstream\n{body}\nendstream")
    made, places = "%PDF-1.4\n", []
    for number, part in enumerate(parts, 1):
        places.append(len(made))
        made += f"{number} 0 obj\n{part}\nendobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    made += f"xref\n0 {len(parts) + 1}\n0000000000 65535 f \n{table}"
    end = f"trailer\n<< /Size {len(parts) + 1} /Root 1 0 R >>\nstartxref\n{made.index('xref')}\n"
    return text(path, f"{made}{end}%%EOF\n")
