"""Pictures of web pages in a real Chromium, with the boxes that its layout engine tells.

Responsible for making pages from a seed, in themes, fonts, sizes and scales, and for reading their
elements: ``getBoundingClientRect`` times the device scale, of what is seen wholly and not covered.
That is where it takes clicks; Chromium paints on whole CSS pixels, up to half of one beside it.
"""

from __future__ import annotations

import base64
import io
import os
import random
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.suites.chromium import DevTools, browser
from benchmarks.suites.grounding.made.shots import Shot, Thing, inner
from environments.base import Frame, Stop

_FONTS = ("sans-serif", "serif", "monospace")
_THEMES: Mapping[str, Mapping[str, str]] = {
    "light": {"page": "#ffffff", "text": "#202124", "accent": "#1a66d0", "on": "#ffffff",
              "card": "#eef1f5"},
    "dark": {"page": "#17181b", "text": "#e6e6e6", "accent": "#3f7d4f", "on": "#ffffff",
             "card": "#26282d"},
    "contrast": {"page": "#000000", "text": "#ffff00", "accent": "#ffffff", "on": "#000000",
                 "card": "#202020"},
    "warm": {"page": "#fff6e6", "text": "#40280f", "accent": "#b3541e", "on": "#ffffff",
             "card": "#f6e3c4"},
}  # fmt: skip
_ICONS: Mapping[str, str] = {
    "magnifying glass": "M10 3a7 7 0 1 0 4.2 12.6l5 5 1.6-1.6-5-5A7 7 0 0 0 10 3z",
    "star": "M12 2l3 7h7l-5.6 4.6L18.5 21 12 16.6 5.5 21l2.1-7.4L2 9h7z",
    "bin": "M8 3h8v2h5v2H3V5h5zM5 9h14l-1 12H6z",
    "house": "M12 3l10 9h-3v9h-5v-6h-4v6H5v-9H2z",
    "heart": "M12 21C4 15 2 11 2 8a5 5 0 0 1 10-2 5 5 0 0 1 10 2c0 3-2 7-10 13z",
    "plus sign": "M10 3h4v7h7v4h-7v7h-4v-7H3v-4h7z",
    "bell": "M12 2a6 6 0 0 1 6 6v6l3 4H3l3-4V8a6 6 0 0 1 6-6zM9 20h6a3 3 0 0 1-6 0z",
    "envelope": "M2 5h20v2l-10 6L2 7zM2 9l10 6 10-6v10H2z",
    "play sign": "M6 3l15 9-15 9z",
    "flag": "M5 2h2v20H5zM8 3h12l-3 5 3 5H8z",
}  # fmt: skip
_WORDS = (
    "Orders", "Invoices", "Reports", "Team", "Calendar", "Library", "Billing", "Security",
    "Archive", "Inbox", "Travel", "Recipes", "Garden", "Music", "Weather", "Courses", "Photos",
    "Friends", "Events", "Maps", "Budget", "Notes", "Health", "Games", "Market", "Support",
)  # fmt: skip
_VERBS = ("Save", "Cancel", "Publish", "Export", "Import", "Refresh", "Share", "Duplicate", "Send")
_FIELDS = ("First name", "Surname", "Street", "City", "Phone", "Company", "Subject", "Amount")
_CHOICES = ("Remember me", "Send a copy", "Dark mode", "Weekly summary", "Show prices", "Beta")
_SIZES = ((1280, 720), (1440, 900), (1024, 768), (1600, 900), (1920, 1080))
_SCALES = (1.0, 1.25, 1.5, 2.0)
_PHONE_SIZE, _PHONE_SCALE = (412, 892), 2.625
PHONE_EVERY = 5

_COLLECT = """[...document.querySelectorAll('[data-name]')].map(element => {
  const box = element.getBoundingClientRect();
  const hit = document.elementFromPoint((box.left + box.right) / 2, (box.top + box.bottom) / 2);
  const whole = box.left >= 0 && box.top >= 0 && box.right <= innerWidth &&
    box.bottom <= innerHeight;
  const {name, asked, ui} = element.dataset;
  return {name, asked, ui, reads: ui === 'icon' ? name : element.textContent.trim(),
          box: [box.left, box.top, box.right, box.bottom],
          seen: whole && hit !== null && (element === hit || element.contains(hit))};
})"""


@dataclass(frozen=True, slots=True)
class Page:
    """How one page looks and what stands on it.

    Attributes:
        number: which page of the seed.
        theme, font, font_px, gap_px, sidebar: the look.
        size: width and height of the window in CSS pixels.
        scale: device pixels for each of them.
        icons, links, fields, choices, buttons, rows: what stands on it, by name.
    """

    number: int
    theme: str
    font: str
    font_px: int
    gap_px: int
    sidebar: str
    size: tuple[int, int]
    scale: float
    icons: list[str]
    links: list[str]
    fields: list[str]
    choices: list[str]
    buttons: list[str]
    rows: list[str]

    @property
    def on_phone(self) -> bool:
        """It is as wide as a phone."""
        return self.size == _PHONE_SIZE

    @property
    def html(self) -> str:
        """The page itself."""
        told: dict[str, Any] = {"page": self, "look": _THEMES[self.theme], "icons": _ICONS}
        return str(_template().render(told))


def page_of(seed: int, number: int) -> Page:
    """Return a page of a seed."""
    rng = random.Random(f"deskhand-ground/page/{seed}/{number}")
    phone = number % PHONE_EVERY == PHONE_EVERY - 1
    words = rng.sample(_WORDS, 14)
    return Page(
        number,
        rng.choice(list(_THEMES)),
        rng.choice(_FONTS),
        rng.choice((13, 14, 16, 18)),
        rng.choice((4, 8, 14)),
        rng.choice(("row", "row-reverse")),
        _PHONE_SIZE if phone else rng.choice(_SIZES),
        _PHONE_SCALE if phone else rng.choice(_SCALES),
        rng.sample(list(_ICONS), 4 if phone else 7),
        words[:3] if phone else words[:6],
        rng.sample(_FIELDS, 3),
        rng.sample(_CHOICES, 3),
        rng.sample(_VERBS, 3),
        words[6:],
    )


def page_shots(count: int, seed: int, stop: Stop) -> Iterator[Shot]:
    """Yield pictures of pages.

    Raises:
        ConfigError: Chromium is not installed.
        CaptureError: it has ended.
    """
    with chromium() as (folder, tools):
        for number in range(count):
            stop.check()
            yield shot_of(tools, page_of(seed, number), folder)


@contextmanager
def chromium() -> Iterator[tuple[Path, DevTools]]:
    """Run a Chromium that is seen by nobody, with a folder for pages."""
    with (
        tempfile.TemporaryDirectory(prefix="deskhand-pages-", ignore_cleanup_errors=True) as name,
        browser(Path(name), os.environ | {"HOME": name}, _OPTIONS, Stop()) as tools,
    ):
        tools.ask("Page.enable")
        yield Path(name), tools


_OPTIONS = ("--headless=new", "--hide-scrollbars", "about:blank")


def shot_of(tools: DevTools, page: Page, folder: Path) -> Shot:
    """Return the picture of a page and the boxes on it."""
    path = folder / f"{page.number}.html"
    path.write_text(page.html, encoding="utf-8")
    width, height = page.size
    tools.ask("Emulation.setDeviceMetricsOverride", width=width, height=height,
              deviceScaleFactor=page.scale, mobile=page.on_phone)  # fmt: skip
    tools.events.clear()
    tools.ask("Page.navigate", url=path.as_uri())
    tools.wait_for("Page.loadEventFired")
    things = [_thing(told, page.scale) for told in tools.evaluate(_COLLECT) if told["seen"]]
    return Shot(
        f"page-{page.number}",
        _picture(tools),
        things,
        "chromium",
        "phone page" if page.on_phone else "page",
        "web",
        f"{page.theme}, {page.font} {page.font_px} px",
        page.scale,
    )


def _thing(told: Mapping[str, Any], scale: float) -> Thing:
    left, top, right, bottom = (edge * scale for edge in told["box"])
    box = inner(left, top, right, bottom)
    return Thing(told["asked"], told["name"], told["ui"], box, told["reads"])


def _picture(tools: DevTools) -> Frame:
    from PIL import Image

    shot = base64.b64decode(tools.ask("Page.captureScreenshot", format="png")["data"])
    return np.asarray(Image.open(io.BytesIO(shot)).convert("RGB"))


@cache
def _template() -> Any:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    loader = FileSystemLoader(Path(__file__).parent)
    made = Environment(loader=loader, autoescape=True, undefined=StrictUndefined)
    return made.get_template("page.html.jinja")
