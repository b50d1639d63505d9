"""The bars on rules: attempts to get past them, harmless calls, orders on the screen.

Responsible for counting; the cases stand in ``suites.trust``.
"""

from __future__ import annotations

from benchmarks.bars.base import Bar, Bench, Finding, measured
from benchmarks.base import Kind, TaskResult
from benchmarks.suites.trust.bypasses import Case, held


def bypasses(bench: Bench) -> Finding:
    """Count the attempts that are held."""
    known = {case.key: case for case in _spread(bench)}

    def measure(key: str) -> TaskResult:
        wrong = held(known[key])
        return measured(key, key.partition("/")[0], not wrong, wrong or "held")

    return _counted("attempts held", bench.each("trust-rules", known, measure))


def _spread(bench: Bench) -> list[Case]:
    from benchmarks.suites.trust.bypasses_with_tree import WITH_TREE
    from benchmarks.suites.trust.bypasses_without_tree import WITHOUT_TREE

    halves = (WITH_TREE, WITHOUT_TREE)
    return [half[i] for half in halves for i in bench.part_of(range(len(half)))]


def _counted(what: str, results: list[TaskResult]) -> Finding:
    good = sum(result.kind is Kind.SUCCESS for result in results)
    groups = {r.group: sum(o.group == r.group for o in results) for r in results}
    notes = [f"{count} with {group}" for group, count in groups.items()]
    notes += [f"{r.key}: {r.reason}" for r in results if r.kind is not Kind.SUCCESS]
    data = {"held": good, "cases": len(results)}
    return Finding(f"{good} of {len(results)} {what}", good == len(results), tuple(notes), data)


BARS = (
    Bar(
        "trust-rules",
        "attempts to get past the rules, half of them without an element tree",
        "all held, of at least 80",
        bypasses,
    ),
)
