"""The actions with known effect: what the suite is made of, and that a wrong verdict is counted."""

from __future__ import annotations

from benchmarks.suites.effects import ACTIONS, CASES, SESSIONS, Said, steps
from environments.effects import Effect


def test_there_are_two_hundred_actions_of_both_kinds_in_a_fixed_order() -> None:
    assert len(CASES) == len(set(CASES)) == 200
    sessions = [(name.partition("/")[0], int(name.partition("/")[2])) for name in SESSIONS]
    assert all(steps(*session) == steps(*session) for session in sessions)
    truths = [real for session in sessions for _, _, real in steps(*session)]
    assert len(truths) == len(SESSIONS) * ACTIONS
    assert 60 <= truths.count(False) <= 140


def test_only_a_no_op_may_be_called_one_and_must_be() -> None:
    verdicts = {
        (real, effect): Said("", real, effect, "").is_right
        for real in (True, False)
        for effect in Effect
    }
    assert verdicts == {
        (True, Effect.CONFIRMED): True,
        (True, Effect.UNVERIFIABLE): True,
        (True, Effect.NO_OP): False,
        (False, Effect.CONFIRMED): False,
        (False, Effect.UNVERIFIABLE): False,
        (False, Effect.NO_OP): True,
    }
