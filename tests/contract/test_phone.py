"""The contract on a phone: what each call of a model makes the phone feel, through the real adb."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from benchmarks.suites.phone_contract import Case, cases, trial
from benchmarks.suites.phone_stand import Stand, phones
from environments.base import Stop
from environments.practice.phone.world import PhoneWorld


@pytest.fixture(scope="module")
def stand() -> Iterator[Stand]:
    with phones([PhoneWorld(1)], Stop()) as [put_up]:
        yield put_up


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
def test_the_phone_feels_what_was_asked_for_and_nothing_else(stand: Stand, case: Case) -> None:
    assert trial(case, stand, Stop()) == ""
