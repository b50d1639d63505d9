"""The suites on phones: they pass where all is right, and tell what is not."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from agent.archive import list_runs, load_run
from agent.models.base import Message, Reply
from benchmarks.suites.phone_contract import Case, cases, ended, reads, touched, trial
from benchmarks.suites.phone_stand import Stand, phones
from benchmarks.suites.two_phones import Oracle, TwoPhones, jobs
from benchmarks.suites.two_worlds import episode
from environments.base import Stop
from environments.practice.phone.world import PhoneWorld
from tools.schema import ToolSpec

IN_PROCESS = "practice:in-process+practice-phone:in-process"
CASES = {case.name: case for case in cases()}


@pytest.fixture(scope="module")
def stands() -> Iterator[list[Stand]]:
    with phones([PhoneWorld(1), PhoneWorld(2)], Stop()) as put_up:
        yield put_up


def test_the_names_of_the_cases_differ() -> None:
    assert len(CASES) == len(cases()) == 46


@pytest.mark.parametrize(
    ("name", "finds"),
    [
        ("click", touched((129, 160))),
        ("text: ASCII", reads("something else")),
        ("answer", ended("success", "43")),
        ("wait", touched((1, 1))),
    ],
)
def test_a_phone_that_felt_something_else_is_told(
    stands: list[Stand], name: str, finds: object
) -> None:
    case: Case = replace(CASES[name], finds=finds)  # type: ignore[arg-type]
    assert trial(case, stands[0], Stop()) != ""


def test_a_refusal_that_does_not_come_is_told(stands: list[Stand]) -> None:
    case = replace(CASES["click"], refused="off the screen")
    assert "instead of" in trial(case, stands[0], Stop())


def test_each_of_two_phones_felt_what_its_own_task_did_and_a_stray_touch_is_told(
    stands: list[Stand], tmp_path: Path
) -> None:
    both = TwoPhones({one.serial: one for one in stands}, tmp_path)
    jobs_of_both = jobs(2)
    for job, stand in zip(jobs_of_both, stands, strict=True):
        assert both.perform(job, stand.serial, Stop()).outcome.status == "success"
    assert [both.wrong[job.name] for job in jobs_of_both] == ["", ""]

    astray = TwoPhones(both.stands, tmp_path, Straying)
    astray.perform(jobs_of_both[0], stands[0].serial, Stop())
    assert "instead of" in astray.wrong[jobs_of_both[0].name]


class Straying(Oracle):
    """A player whose phone somebody else touches as well."""

    def generate(
        self,
        messages: Sequence[Message],
        tools: Sequence[ToolSpec],
        *,
        stop: Stop,
        on_text: Callable[[str], None] | None = None,
    ) -> Reply:
        reply = super().generate(messages, tools, stop=stop, on_text=on_text)
        for phase in ("down", "up"):
            self.stand.served.device.touch(phase, 255, 319)
        return reply


def test_a_code_is_carried_from_the_phone_to_the_desktop_and_both_worlds_confirm_it(
    tmp_path: Path,
) -> None:
    for seed in (1, 2, 3):
        outcome = episode(seed, Stop(), tmp_path, IN_PROCESS)
        assert outcome.status == "success"
        assert outcome.checked_by == "the practice world's own state"
    record = load_run(tmp_path, list_runs(tmp_path)[0].id)
    tools = [call.name for step in record.steps for call in step.calls]
    assert tools.count("switch_screen") == 2
    assert {"mobile_use", "computer_use"} < set(tools)
