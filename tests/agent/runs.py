"""Runs that were really made and journaled, for whatever reads runs."""

from __future__ import annotations

from pathlib import Path

from agent.archive import RunRecord, load_run
from agent.journal import Journal
from agent.limits import Limits
from agent.outcome import Check
from tests.agent.replies import PROFILE, agent
from tests.board import Board


def made(
    runs: Path,
    *replies: str,
    task: str = "Mark it",
    board: Board | None = None,
    check: Check | None = None,
    limits: Limits | None = None,
) -> RunRecord:
    """Let a scripted model play on a board and return the run as the journal has it."""
    board = board or Board()
    with Journal(runs, task=task, model="scripted", environment="board") as journal:
        it = agent(board, replies, limits, listener=journal, recorder=journal)
        journal.spoken(PROFILE, it.tools.specs)
        it.run(task, board.stop, check)
    return load_run(runs, journal.id)
