"""MiniWoB++ as a teacher: pages of seeds that no figure is taken on, with the right next step.

Responsible for playing its pages through the kiosk that figures are taken in, and for the words
that stand on them with their boxes. What the right step is, the oracles say.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

from pydantic import TypeAdapter

from benchmarks.suites.miniwob.catalogue import named
from benchmarks.suites.miniwob.oracles import solvable
from benchmarks.suites.miniwob.pages import pages_folder
from benchmarks.suites.miniwob.presets import PRESETS
from benchmarks.suites.miniwob.suite import MiniWobCase, SharedKiosk
from environments.base import Environment, Kind, Stop
from environments.practice.tasks import OracleStep
from environments.practice.widgets import Target

LEARNT: tuple[str, ...] = (
    "bisect-angle", "choose-date-easy", "choose-date-medium", "choose-list", "circle-center",
    "click-button", "click-button-sequence", "click-checkboxes", "click-checkboxes-transfer",
    "click-collapsible", "click-collapsible-nodelay", "click-color", "click-dialog",
    "click-dialog-2", "click-link", "click-menu-2", "click-option", "click-pie", "click-shades",
    "click-shape", "click-tab", "click-tab-2", "click-tab-2-easy", "click-tab-2-hard",
    "click-tab-2-medium", "click-test", "click-test-2", "click-test-transfer", "click-widget",
    "copy-paste", "copy-paste-2", "count-shape", "drag-box", "drag-circle", "drag-items",
    "drag-items-grid", "drag-shapes", "drag-single-shape", "draw-line", "email-inbox",
    "email-inbox-delete", "email-inbox-important", "email-inbox-noscroll", "enter-date",
    "enter-password", "enter-text", "enter-text-2", "enter-text-dynamic", "enter-time",
    "find-greatest", "find-midpoint", "focus-text", "focus-text-2", "form-sequence",
    "form-sequence-2", "form-sequence-3", "grid-coordinate", "highlight-text", "highlight-text-2",
    "identify-shape", "login-user", "login-user-popup", "multi-layouts", "multi-orderings",
    "navigate-tree", "odd-or-even", "resize-textarea", "right-angle", "scroll-text-2",
    "sign-agreement", "simple-arithmetic", "social-media", "unicode-test", "use-colorwheel",
    "use-slider", "use-spinner", "visual-addition",
)  # fmt: skip
"""What a network of a few million parameters can get hold of: short, and read off the screen."""

TURNS = PRESETS["browsergym"].max_steps

_WORDS = r"""
(() => {
  const found = [], range = document.createRange();
  const seen = (of, r) => {
    const x = (r.left + r.right) / 2, y = (r.top + r.bottom) / 2;
    const hit = document.elementFromPoint(x, y);
    return r.width > 0 && hit && (hit === of || of.contains(hit) || hit.contains(of));
  };
  const add = (word, of, r) => {
    if (seen(of, r)) found.push([word, r.left, r.top, r.right, r.bottom]);
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let text; text = walker.nextNode();) {
    const of = text.parentElement;
    if (!of || ['SCRIPT', 'STYLE', 'OPTION', 'SELECT'].includes(of.tagName)) continue;
    for (const match of text.textContent.matchAll(/[\p{L}_]+/gu)) {
      range.setStart(text, match.index);
      range.setEnd(text, match.index + match[0].length);
      const r = range.getClientRects()[0];
      if (r) add(match[0], of, r);
    }
  }
  for (const e of document.querySelectorAll('input[type=submit], input[type=button], select'))
    for (const match of [...String(e.value ?? '').matchAll(/[\p{L}_]+/gu)].slice(0, 1))
      add(match[0], e, e.getBoundingClientRect());
  return found;
})()
"""


_FOUND = TypeAdapter(list[tuple[str, float, float, float, float]])


class MiniWobTeacher:
    """Pages of MiniWoB++, one drawn for every seed; ends with ``close()``."""

    kind: Kind = "desktop"
    steps = turns = TURNS

    def __init__(self, tasks: Sequence[str] = ()) -> None:
        """Draw evenly from ``tasks``; without any from ``LEARNT``.

        Raises:
            ConfigError: there is no such task, or the pages are missing.
        """
        self._tasks = solvable(named(tuple(tasks) or LEARNT))
        self._shared = SharedKiosk(PRESETS["browsergym"], "static", pages_folder(None))
        self._case: MiniWobCase
        self._screen: Environment

    @property
    def instruction(self) -> str:
        """What the page asks for."""
        return self._case.instruction

    def reset(self, seed: int) -> None:
        """Open the page of a seed."""
        page = random.Random(f"teacher/{seed}").choice(self._tasks)
        self._case = MiniWobCase(page, seed, 0, self._shared)
        self._screen = self._case.setup(Stop())

    @property
    def screen(self) -> Environment:
        """The kiosk's."""
        return self._screen

    def label(self) -> OracleStep:
        """Ask the page's oracle.

        Raises:
            LookupError: the episode is over, or the page does not hold what it needs.
        """
        advice = self._case.oracle()
        if advice.action is None:
            raise LookupError("The episode is over.")
        return OracleStep(advice.thought, advice.action)

    def targets(self, only_reachable: bool = True) -> Sequence[Target]:
        """Return the words that are seen, in input points."""
        found = _FOUND.validate_python(self._case.read(_WORDS))
        scale = PRESETS["browsergym"].scale
        return [Target(word, "word", _scaled(box, scale)) for word, *box in found]

    def score(self) -> float:
        """Return 1.0 if the page's raw reward is above 0."""
        return self._case.score()

    def close(self) -> None:
        """Close the kiosk."""
        self._shared.close()


def _scaled(box: Sequence[float], scale: float) -> tuple[int, int, int, int]:
    left, top, right, bottom = (round(side * scale) for side in box)
    return left, top, right, bottom
