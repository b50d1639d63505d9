"""The bar on sharing a desktop: no action of ours is taken for a person's, each of theirs is seen.

Responsible for the counts and the verdict; the moments stand in ``suites.sharing``.
"""

from __future__ import annotations

from contextlib import ExitStack
from statistics import median

from benchmarks.bars.base import Bar, Bench, Finding, measured
from benchmarks.base import Kind, TaskResult
from benchmarks.suites.sharing import Desk, Way, can_nest

ROUNDS, ACTIONS = 20, 25
VISITS = 200
NAME = "desktop-share"


def sharing(bench: Bench) -> Finding:
    """Act with nobody there, and with a person who comes at random moments."""
    ways: tuple[Way, ...] = ("program", "device") if can_nest() else ("program",)
    results: list[TaskResult] = []
    for way in ways:
        with ExitStack() as opened:
            desks: list[Desk] = []

            def desk(way: Way = way, opened: ExitStack = opened, desks: list[Desk] = desks) -> Desk:
                # Opened by the first moment that was not measured before.
                if not desks:
                    desks.append(opened.enter_context(Desk(way)))
                return desks[0]

            def moment(key: str) -> TaskResult:
                return _moment(desk(), key)

            results += bench.each(NAME, _keys(bench, way), moment)
    return _finding(results, ways)


def _keys(bench: Bench, way: Way) -> list[str]:
    alone = [f"{way}/alone/{number}" for number in bench.part_of(range(ROUNDS))]
    return alone + [f"{way}/visit/{number}" for number in bench.part_of(range(VISITS))]


def _moment(desk: Desk, key: str) -> TaskResult:
    way, kind, number = key.split("/")
    group = f"{way}/{kind}"
    if kind == "alone":
        remarked = desk.alone(int(number), ACTIONS)
        return measured(key, group, remarked == 0, f"{remarked} of {ACTIONS} taken for a person's")
    visit = desk.visited(int(number))
    # Through XTEST one request is one event; a device may tell a motion in several.
    counted = visit.events_seen == 1 or (way == "device" and visit.events_seen > 0)
    reason = f"{visit.events_seen} events seen"
    return measured(key, group, visit.noticed and counted, reason, visit.lag_ms / 1000)


def _finding(results: list[TaskResult], ways: tuple[Way, ...]) -> Finding:
    good = [result for result in results if result.kind is Kind.SUCCESS]
    alone = [result for result in results if result.group.endswith("alone")]
    visits = [result for result in results if result.group.endswith("visit")]
    seen = sum(result in good for result in visits)
    own = sum(result in good for result in alone)
    lags = sorted(result.seconds * 1000 for result in visits)
    notes = [
        f"ways the person came: {', '.join(ways)}",
        f"noticed after p50 {median(lags):.1f} ms, at most {lags[-1]:.1f} ms",
    ]
    if "device" not in ways:
        notes.append("not run with devices: apt-get install xserver-xephyr")
    figure = f"{own * ACTIONS}/{len(alone) * ACTIONS} own actions known as ours; "
    return Finding(
        f"{figure}{seen}/{len(visits)} visits noticed",
        len(good) == len(results),
        tuple(notes),
        {"own": own * ACTIONS, "visits": seen, "lag_p50_ms": median(lags), "lag_max_ms": lags[-1]},
    )


BARS = (
    Bar(
        NAME,
        "500 own actions and 200 visits of a person, each way that a person's events come",
        "no own action taken for a person's, every visit noticed",
        sharing,
    ),
)
