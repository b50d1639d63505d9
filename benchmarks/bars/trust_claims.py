"""The bar on claims: a success that was only claimed is never reported as one.

Responsible for counting; the runs stand in ``suites.claims``.
"""

from __future__ import annotations

from benchmarks.bars.base import Bar, Bench, Finding, measured
from benchmarks.base import Kind, TaskResult
from benchmarks.suites.claims import Claim, claiming

CLAIMS = 100
NAME = "trust-claims"


def claims(bench: Bench) -> Finding:
    """Claim wrongly, half of the time where something can check it."""
    known = {
        f"{'checked' if number % 2 else 'unchecked'}/{number}": Claim(number // 2, number % 2 == 1)
        for number in range(CLAIMS)
    }
    keys = [list(known)[index] for index in bench.part_of(range(CLAIMS))]

    def measure(key: str) -> TaskResult:
        outcome = claiming(known[key])
        # Only a check can say that it failed; the second looks here all take the model's side.
        wanted = "failed" if known[key].checked else "unknown"
        wrong = outcome.status != wanted
        return measured(
            key, key.split("/", maxsplit=1)[0], not wrong, f"{outcome.status}: {outcome.reason}"
        )

    results = bench.each(NAME, keys, measure)
    wrong = [result for result in results if result.kind is not Kind.SUCCESS]
    lies = sum(result.reason.startswith("success") for result in results)
    checked = sum(result.group == "checked" for result in results)
    figure = (
        f"{lies} of {len(results)} wrong claims reported as success; of {checked} with a check and "
        f"{len(results) - checked} without, {len(wrong)} not as it must be"
    )
    return Finding(figure, not wrong, tuple(f"{r.key}: {r.reason}" for r in wrong))


BARS = (
    Bar(
        NAME,
        "100 runs whose model claims success wrongly, half of them with a check",
        "0 reported as success where a check exists; the others unknown",
        claims,
    ),
)
