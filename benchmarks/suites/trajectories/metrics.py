"""Figures of offline trajectories: by step and by episode.

Responsible for counting. What is right, a rule preset has decided.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import NamedTuple

from benchmarks.intervals import bootstrap_mean, mean_of_rates, wilson, wilson_of_groups
from benchmarks.suites.trajectories.moves import Recorded
from benchmarks.suites.trajectories.rules import Verdict


class Scored(NamedTuple):
    """A step that was to be asked about, and what came of it.

    Attributes:
        step: the step.
        verdict: the preset's; None where the question broke or was never asked.
        counted: the preset scores such steps at all.
    """

    step: Recorded
    verdict: Verdict | None
    counted: bool = True


@dataclass(frozen=True, slots=True)
class Share:
    """A share from 0 to 1 with its 95 % interval; None of nothing."""

    rate: float | None
    low: float = 0.0
    high: float = 1.0

    def words(self) -> str:
        """Return it in percent."""
        if self.rate is None:
            return "-"
        return f"{100 * self.rate:.2f} [{100 * self.low:.1f}, {100 * self.high:.1f}]"


@dataclass(frozen=True, slots=True)
class Figures:
    """What is reported of some steps.

    Attributes:
        steps: how many were scored.
        type_match: steps of the right type (TM).
        step_success: steps that are right in all (EM, step SR, AMS).
        grounding: right taps among those of which the type is right.
        episodes: how many were scored in all of their steps; only these count in what follows.
        left_out: episodes of which a step was not asked about, or broke.
        episode_success: episodes of which every step is right.
        progress: mean share of an episode before its first wrong step (goal progress).
    """

    steps: int
    type_match: Share
    step_success: Share
    grounding: Share
    episodes: int
    left_out: int
    episode_success: Share
    progress: Share


Rows = Sequence[Scored]


def figures(scored: Iterable[Scored]) -> Figures:
    """Count steps and episodes.

    The intervals of steps know that those of an episode resemble each other.
    """
    episodes = _episodes(scored)
    whole = [rows for rows in episodes if _is_whole(rows)]
    runs = [_run(rows) for rows in whole]
    return Figures(
        sum(len(_known(rows)) for rows in episodes),
        _share(episodes, lambda verdict: verdict.typed),
        _share(episodes, lambda verdict: verdict.exact),
        _share([_typed_taps(rows) for rows in episodes], lambda verdict: verdict.exact),
        len(whole),
        len(episodes) - len(whole),
        _of_groups([(int(run == 1), 1) for run in runs]),
        _mean(runs),
    )


def by_subset(scored: Iterable[Scored]) -> Mapping[str, Figures]:
    """Return the figures of each subset, in the order of names."""
    subsets: dict[str, list[Scored]] = {}
    for row in scored:
        subsets.setdefault(row.step.subset, []).append(row)
    return {name: figures(subsets[name]) for name in sorted(subsets)}


def mean_of(shares: Iterable[Share]) -> Share:
    """Return the mean of the shares of all subsets; None if one of them has none.

    GUI-Odyssey reports its random split so, over six categories, and calls it micro; SeeClick
    reports AITW so, over five.
    """
    found = [(share.rate, share.low, share.high) for share in shares]
    rates = [(rate, low, high) for rate, low, high in found if rate is not None]
    if not rates or len(rates) < len(found):
        return Share(None)
    return Share(fmean(rate for rate, _, _ in rates), *mean_of_rates(rates))


def _episodes(scored: Iterable[Scored]) -> list[Rows]:
    """Return the rows of each episode in their order; none of those of which no step counts."""
    found: dict[tuple[str, str], list[Scored]] = {}
    for row in scored:
        found.setdefault((row.step.subset, row.step.episode), []).append(row)
    ordered = (sorted(rows, key=lambda row: row.step.number) for rows in found.values())
    return [rows for rows in ordered if any(row.counted for row in rows)]


def _is_whole(rows: Rows) -> bool:
    answered = all(row.verdict or not row.counted for row in rows)
    return answered and len(rows) == rows[0].step.length


def _known(rows: Rows) -> list[Verdict]:
    return [row.verdict for row in rows if row.counted and row.verdict]


def _typed_taps(rows: Rows) -> Rows:
    return [
        row for row in rows if row.step.move.kind == "tap" and row.verdict and row.verdict.typed
    ]


def _run(rows: Rows) -> float:
    """Return the share of an episode before its first wrong step."""
    verdicts = _known(rows)
    right = next((i for i, verdict in enumerate(verdicts) if not verdict.exact), len(verdicts))
    return right / len(verdicts)


def _share(episodes: Iterable[Rows], is_hit: Callable[[Verdict], bool]) -> Share:
    known = [_known(rows) for rows in episodes]
    return _of_groups([(sum(map(is_hit, verdicts)), len(verdicts)) for verdicts in known])


def _of_groups(groups: Sequence[tuple[int, int]]) -> Share:
    played = sum(count for _, count in groups)
    if not played:
        return Share(None)
    return Share(sum(hits for hits, _ in groups) / played, *wilson_of_groups(groups))


def _mean(values: Sequence[float]) -> Share:
    """Return a mean; where all values are equal a bootstrap would know too much."""
    if not values:
        return Share(None)
    mean, count = fmean(values), len(values)
    low, high = wilson(mean * count, count) if len(set(values)) == 1 else bootstrap_mean(values)
    return Share(mean, low, high)
