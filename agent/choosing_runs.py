"""From the words of a person to the runs that are meant: ids, "last", "all", and how they ended.

Responsible for which runs are taken. Reading one is ``archive``'s.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from agent.archive import RunRecord, RunStatus, list_runs, load_run, summary_of
from environments.errors import ConfigError

NEWEST, ALL = "last", "all"
VERIFIED = ("success",)
"""What is taken to learn from unless a person says otherwise: a check has confirmed it."""

STATUSES: tuple[str, ...] = get_args(RunStatus)
UNREADABLE = ("running", "damaged")
"""What "all" leaves out."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """Runs that were taken, and how many were named that ended otherwise."""

    records: tuple[RunRecord, ...]
    left_out: int = 0


def run_ids(runs: Path, names: Sequence[str], with_all: bool = False) -> list[str]:
    """Return what was named, each once, with the runs that are meant in the place of a word.

    "all" is such a word only ``with_all``: nobody deletes by it.
    """
    meant: list[str] = []
    for name in names:
        if name == ALL and with_all:
            meant += [run.id for run in list_runs(runs) if run.status not in UNREADABLE]
        elif name == NEWEST:
            meant.append(next((run.id for run in list_runs(runs)), NEWEST))
        else:
            meant.append(name)
    return list(dict.fromkeys(meant))


def choose_runs(runs: Path, names: Sequence[str], outcomes: Sequence[str] | None = None) -> Chosen:
    """Return the named runs, of these only those that ended in one of some ways.

    Raises:
        ConfigError: there is no such outcome, or no run ended so.
        JournalError: there is no such run, or it cannot be read.
    """
    for outcome in outcomes or ():
        if outcome not in STATUSES:
            raise ConfigError(f"No run ends as {outcome!r:.40}; there are: {', '.join(STATUSES)}.")
    ids = run_ids(runs, names, with_all=True)
    taken = [i for i in ids if outcomes is None or summary_of(runs, i).status in outcomes]
    if not taken:
        ways = f" with the outcome {' or '.join(outcomes)}" if outcomes and ids else ""
        more = "; take others with --outcome" if ways else ""
        raise ConfigError(f"There are no runs{ways}{more}. See: deskhand runs list")
    return Chosen(tuple(load_run(runs, run) for run in taken), len(ids) - len(taken))
