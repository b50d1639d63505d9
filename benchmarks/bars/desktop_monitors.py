"""The bars on geometry: every layout by calculation, and real programs on a real X server.

Responsible for how many points and targets a figure rests on. The layouts stand in
``suites.layouts``, the programs and what they report in ``suites.monitors``.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack, closing
from functools import cache, partial

from benchmarks.bars.base import Bar, Bench, Finding, measured
from benchmarks.base import Kind, TaskResult
from benchmarks.suites.layouts import Layout, aims, layouts, missed
from benchmarks.suites.monitors import (
    COLUMNS,
    ROWS,
    TOOLKITS,
    misses,
    missing,
    shows,
    two_monitors,
)
from benchmarks.suites.outputs import dummy_outputs, pull_out
from environments.base import Stop
from environments.desktop.calibration import calibrate
from environments.desktop.environment import DesktopEnvironment
from environments.desktop.monitors import MonitorView
from environments.desktop.x11 import DisplayAddress
from environments.errors import ConfigError, DeviceDisconnectedError

POINTS_A_LAYOUT = 167
"""Sixty layouts: 10,020 points."""


def layout_points(bench: Bench) -> Finding:
    """Count the points that would land on another pixel than the one shown in the picture."""
    known = {f"layouts/{POINTS_A_LAYOUT}/{layout.name}": layout for layout in layouts()}
    keys = [list(known)[index] for index in _spread(bench, len(known))]
    results = bench.each("desktop-layouts", keys, lambda key: _counted(key, known[key]))
    return finding(results, "points", f"{len(results)} layouts")


def real_monitors(bench: Bench) -> Finding:
    """Count the targets of real programs on two real monitors that a click would not hit.

    A slice takes the programs that are installed; all of it needs them all.
    """
    known = {f"monitors/{show.key}": show for show in shows()}
    lacking = {toolkit: missing(toolkit) for toolkit in TOOLKITS}
    if bench.whole and any(lacking.values()):
        packages = " ".join(filter(None, lacking.values()))
        return Finding(f"not installed: apt-get install {packages}", None, missing=True)
    keys = [key for key, show in known.items() if not lacking[show.toolkit]]
    keys = [keys[index] for index in _spread(bench, len(keys))]
    with ExitStack() as opened:
        # One display for all of them, started when the first was not measured before.
        display = cache(lambda: opened.enter_context(two_monitors()))

        def measure(key: str) -> TaskResult:
            found = misses(known[key], display(), bench.stop)
            return part(key, known[key].toolkit, found, COLUMNS * ROWS)

        results = bench.each("desktop-monitors", keys, measure)
    return finding(results, "targets", f"{len(results)} windows on two monitors")


def real_outputs(bench: Bench) -> Finding:
    """Click targets on real outputs of Xorg's dummy driver, then pull one of them out."""
    try:
        with dummy_outputs() as address:
            found = list(calibrate(address, bench.stop))
            unplugged = _says_unplugged(address)
    except ConfigError as reason:
        return Finding(f"not run: {reason}", None)
    tried = sum(monitor.targets for monitor in found)
    missing = tried - sum(len(monitor.errors_px) for monitor in found)
    passed = not missing and len(found) > 1 and all(monitor.is_good for monitor in found)
    notes = tuple(monitor.sentence() for monitor in found)
    figure = f"{missing} misses in {tried} targets on {len(found)} outputs; then: {unplugged}"
    return Finding(figure, passed and "was unplugged" in unplugged, notes)


def _says_unplugged(address: DisplayAddress) -> str:
    view = partial(MonitorView, wanted="DUMMY1")
    with closing(DesktopEnvironment(address, Stop(), view=view)) as environment:
        environment.observe()
        pull_out(address, "DUMMY1")
        try:
            environment.observe()
        except DeviceDisconnectedError as sentence:
            return str(sentence)
    return "nothing was noticed"


def finding(results: Sequence[TaskResult], what: str, width: str) -> Finding:
    """Return misses of all parts together; each part says "misses of tried" first."""
    numbers = [result.reason.split(";")[0].split(" of ") for result in results]
    missing = sum(int(bad) for bad, _ in numbers)
    tried = sum(int(asked) for _, asked in numbers)
    notes = tuple(
        f"{result.key}: {result.reason}" for result in results if result.kind is not Kind.SUCCESS
    )
    data = {"misses": missing, what: tried}
    return Finding(f"{missing} misses in {tried:,} {what}, {width}", not missing, notes, data)


def part(key: str, group: str, misses: Sequence[str], tried: int) -> TaskResult:
    """Return the record of one part: how many missed, and the first of them."""
    reason = "; ".join([f"{len(misses)} of {tried}", *misses[:1]])
    return measured(key, group, not misses, reason)


def _counted(key: str, layout: Layout) -> TaskResult:
    found = map(partial(missed, layout), aims(layout, POINTS_A_LAYOUT, key))
    return part(key, layout.name.partition("-")[0], list(filter(None, found)), POINTS_A_LAYOUT)


def _spread(bench: Bench, count: int) -> list[int]:
    """Return the part of so many that is measured, spread over all."""
    taken = len(bench.part_of(range(count)))
    return [index * count // taken for index in range(taken)]


BARS = (
    Bar(
        "desktop-layouts",
        "points of the model's grid on 60 layouts of X11, Windows and macOS, whole monitors and "
        "windows, that land on the pixel shown there within half a grid step",
        "0 misses in 10,000",
        layout_points,
    ),
    Bar(
        "desktop-monitors",
        "targets of plain X, GTK, Qt and Chromium windows at scales 1, 1.25, 1.5 and 2 on two "
        "RandR monitors of one 3840x1200 root, hit as the programs report it",
        "0 misses in 500",
        real_monitors,
    ),
    Bar(
        "desktop-outputs",
        "targets on two real RandR outputs of Xorg's dummy driver, by the X events received, and "
        "what is said when one is unplugged",
        "0 misses, a sentence; reported as not run where Xorg does not start",
        real_outputs,
    ),
)
