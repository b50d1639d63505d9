"""A display with nothing but Chromium on it, and Chromium with nothing but one page.

Responsible for starting and removing both, for opening a page, starting an episode and asking what
came of it. Touches nothing: who acts does so through ``environment``, by pointer and keys.
"""

from __future__ import annotations

import json
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, JsonValue

from benchmarks.suites.chromium import browser
from benchmarks.suites.miniwob.pages import served
from benchmarks.suites.miniwob.presets import Preset
from environments.actions import MoveTo
from environments.base import Stop
from environments.desktop.environment import DesktopEnvironment
from environments.desktop.virtual import VirtualDisplay
from environments.errors import CaptureError
from environments.geometry import InputPoint
from environments.settle import Patience

_NO_BUBBLES = {
    # Asking to save a password would cover the page and swallow what is done next.
    "credentials_enable_service": False,
    "profile": {"password_manager_enabled": False},
}
_OPTIONS = (
    "--kiosk",
    "--app=about:blank",
    "--window-position=0,0",
    "--hide-crash-restore-bubble",
    "--disable-smooth-scrolling",
    "--lang=en-US",
    # Nobody goes back to an episode: a page is loaded into the frame of the one before, and no
    # history is written of it. Both halve what opening a page costs.
    "--disable-features=RenderDocument",
    "--incognito",
    # Nothing but our own server is reached, whatever a page asks for.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)

_BEGIN = """
(async () => {
  const asked = %s;
  while (!window.core || !core.cover_div) await new Promise(requestAnimationFrame);
  const patience = performance.now() + 1000;
  while (!document.hasFocus() && performance.now() < patience)
    await new Promise(requestAnimationFrame);
  const style = document.createElement('style');
  style.textContent = '#reward-display, #click-canvas, #sync-task-cover {display: none !important}'
    + 'html {scrollbar-width: none}';
  document.head.append(style);
  document.body.removeEventListener('click', core.canvasDrawClick);
  core.startEpisode = () => {};
  core.EPISODE_MAX_TIME = asked.limit_ms;
  Math.seedrandom(asked.seed);
  core.startEpisodeReal();
  while (!WOB_TASK_READY) await new Promise(requestAnimationFrame);
  let utterance = core.getUtterance();
  if (typeof utterance === 'object') utterance = utterance.utterance;
  if (asked.hides) document.getElementById('query').innerHTML = '';
  window.deskhandEpisode = asked.episode;
  for (let frame = 0; frame < 2; frame++) await new Promise(requestAnimationFrame);
  return {utterance, drawn: [innerWidth, innerHeight, devicePixelRatio],
    focused: document.hasFocus(), error: null};
})().catch(error => ({utterance: '', drawn: [], focused: false, error: String(error)}))
"""
"""Starts an episode: no second one can be started, so the first reward stays."""

_STATE = """
window.deskhandEpisode === undefined ? {episode: null} : {
  episode: deskhandEpisode, done: WOB_DONE_GLOBAL, raw: WOB_RAW_REWARD_GLOBAL,
  reason: WOB_REWARD_REASON || ''
}
"""
_CAUGHT_UP = """
new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))
"""


class State(BaseModel):
    """What a page says of its episode.

    Attributes:
        episode: number of the episode that was begun; None if the page was left or loaded anew.
        done: it has ended.
        raw: its raw reward, 0 until then.
        reason: what the page says about it.
    """

    model_config = ConfigDict(frozen=True)

    episode: int | None
    done: bool = False
    raw: float = 0.0
    reason: str = ""


class _Started(BaseModel):
    utterance: str
    drawn: tuple[float, ...]
    focused: bool
    error: str | None


class Kiosk:
    """One display with one browser; ends with ``close()``.

    Attributes:
        environment: eyes and hands.
    """

    def __init__(self, preset: Preset, patience: Patience, folder: Path, stop: Stop) -> None:
        """Start a display, a server for the pages in ``folder``, and Chromium.

        Raises:
            ConfigError: Xvfb or Chromium is missing.
            CaptureError: Chromium did not start.
        """
        self._preset = preset
        self._episodes = 0
        self._first: _Started | None = None
        self._had_focus = False
        with ExitStack() as opened:
            self._address = opened.enter_context(served(folder))
            display = opened.enter_context(VirtualDisplay(*preset.screen_px, window_manager=False))
            self._devtools = opened.enter_context(self._chromium(opened, display, stop))
            self._devtools.ask("Page.enable")
            self._devtools.ask("Page.setLifecycleEventsEnabled", enabled=True)
            self.environment = DesktopEnvironment(display.address, stop, patience)
            opened.callback(self.environment.close)
            self._closing = opened.pop_all()

    def begin(self, page: str, seed: int) -> str:
        """Load a page afresh, start its episode and return what it asks for.

        Raises:
            CaptureError: the page does not load or has an error of its own; Chromium has ended, or
                something lies over the page.
        """
        if self._had_focus and not self.read("document.hasFocus()"):
            raise CaptureError("Keys have opened something over the page before.")
        self._open(f"{self._address}/{page}.html")
        self._alone()
        self._episodes += 1
        asked = {
            "episode": self._episodes,
            "seed": seed,
            "limit_ms": self._preset.limit_s * 1000,
            "hides": self._preset.asks_in == "text",
        }
        started = _Started.model_validate(self._devtools.evaluate(_BEGIN % json.dumps(asked)))
        if started.error:
            raise CaptureError(f"The page {page} failed with seed {seed}: {started.error}")
        self._undisturbed(started)
        return started.utterance

    def state(self) -> State:
        """Return how the episode stands.

        Raises:
            CaptureError: the page or Chromium is gone.
        """
        found = State.model_validate(self._devtools.evaluate(_STATE))
        return found if found.episode == self._episodes else State(episode=None)

    def catch_up(self) -> None:
        """Wait until the page has handled and drawn what was done to it so far.

        Raises:
            CaptureError: the page or Chromium is gone.
        """
        self._devtools.evaluate(_CAUGHT_UP)

    def read(self, script: str) -> JsonValue:
        """Return the value of a script that only reads the page.

        Raises:
            CaptureError: the script failed, or the page or Chromium is gone.
        """
        value: JsonValue = self._devtools.evaluate(script)
        return value

    def close(self) -> None:
        """End browser, server and display; may be called twice."""
        self._closing.close()

    def _undisturbed(self, started: _Started) -> None:
        """See that page and window are as they were before."""
        first = self._first = self._first or started
        if started.drawn != first.drawn or (self._had_focus and not started.focused):
            raise CaptureError("Keys have zoomed the page or opened something over it.")
        self._had_focus = started.focused

    def _chromium(self, opened: ExitStack, display: VirtualDisplay, stop: Stop) -> Any:
        folder = Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="deskhand-kiosk-")))
        profile = folder / "profile" / "Default"
        profile.mkdir(parents=True)
        (profile / "Preferences").write_text(json.dumps(_NO_BUBBLES), encoding="utf-8")
        width, height = self._preset.page_px
        size = f"--window-size={width},{height}"
        scale = f"--force-device-scale-factor={self._preset.scale:g}"
        return browser(folder, display.env(), (*_OPTIONS, size, scale), stop)

    def _open(self, url: str) -> None:
        self._devtools.events.clear()
        asked = self._devtools.send("Page.navigate", url=url)
        # While it loads: off the task, so that nothing begins under the pointer.
        width, height = self._preset.screen_px
        self.environment.execute(MoveTo(InputPoint(width - 1, height - 1)))
        answer = self._devtools.answer(asked)
        if answer.get("errorText"):
            raise CaptureError(f"{url} cannot be opened: {answer['errorText']}")
        self._devtools.wait_for("Page.lifecycleEvent", name="load", loaderId=answer["loaderId"])

    def _alone(self) -> None:
        """Close whatever windows keys may have opened beside ours."""
        pages = [
            each
            for each in self._devtools.ask("Target.getTargets")["targetInfos"]
            if each["type"] == "page" and not each["attached"]
        ]
        for page in pages:
            self._devtools.ask("Target.closeTarget", targetId=page["targetId"])
