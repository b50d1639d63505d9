"""One HTML file with the results of benchmarks, to read without anything beside it.

Responsible for putting the words into the template, and for what the page may do: a
Content-Security-Policy forbids it scripts, forms and every address. The template escapes whatever
it is given.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from pathlib import Path

import agent.reports
from agent.reports.writing import filled, written
from benchmarks.reports.words import Section, sections

_HERE = Path(__file__).parent
_STYLES = (Path(agent.reports.__path__[0]) / "page.css", _HERE / "page.css")
"""Those of a run's report, and what a page of figures has besides."""
_POLICY = "default-src 'none'; style-src 'sha256-{style}'; base-uri 'none'; form-action 'none'"


def write_page(path: Path, files: Sequence[Path]) -> int:
    """Write the page of some results files and return its size in bytes.

    Raises:
        ConfigError: one of them is none, or the page cannot be written there.
    """
    return written(path, render(sections(files)))


def render(told: Sequence[Section]) -> str:
    """Return the page."""
    style = "".join(path.read_text(encoding="utf-8") for path in _STYLES)
    digest = base64.b64encode(hashlib.sha256(style.encode("utf-8")).digest()).decode()
    return filled(_HERE, policy=_POLICY.format(style=digest), style=style, sections=told)
