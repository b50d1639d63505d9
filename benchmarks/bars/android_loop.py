"""The bars on what a model does to phones: every action, two phones at once, two worlds in one.

Responsible for counting. The cases stand in ``suites.phone_contract``, the two phones in
``suites.two_phones``, the task over a phone and a desktop in ``suites.two_worlds``.
"""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from agent.pool import Finished, Pool, SharedStop
from agent.tasks import Job
from benchmarks.bars.base import Bar, Bench, Finding, measured
from benchmarks.base import Kind, TaskResult
from benchmarks.results import ResultLog
from benchmarks.suites.phone_contract import cases, trial
from benchmarks.suites.phone_stand import Stand, phones
from benchmarks.suites.two_phones import TASKS, TwoPhones, jobs
from benchmarks.suites.two_worlds import episode
from environments.practice.phone.world import PhoneWorld

PHONES = 2
EPISODES = 20


def contract(bench: Bench) -> Finding:
    """Count the cases after which the phone had felt exactly what it must."""
    known = {f"contract/{case.name}": case for case in cases()}
    count = len(bench.part_of(range(len(known))))
    keys = [list(known)[index * len(known) // count] for index in range(count)]
    with ExitStack() as opened:

        @cache
        def stand() -> Stand:
            [put_up] = opened.enter_context(phones([PhoneWorld(1)], bench.stop))
            return put_up

        def measure(key: str) -> TaskResult:
            wrong = trial(known[key], stand(), bench.stop)
            return measured(key, "contract", not wrong, wrong or "as it must be")

        results = bench.each("android-contract", keys, measure)
    return _counted(results, "cases")


def two_phones(bench: Bench) -> Finding:
    """Let two phones work off one list, and hold what each felt against what its tasks did."""
    wanted = jobs(len(bench.part_of(range(TASKS))))
    log = bench.log("android-two-phones")
    before = log.read()
    left = [job for job in wanted if job.name not in before]
    found = list(before.values())
    if left:
        found += _played(left, bench, log)
    bench.stop.check()
    counted = _counted(found, "tasks")
    share = Counter(result.reason for result in found if result.kind is Kind.SUCCESS)
    figure = f"{counted.figure}; {', '.join(f'{n} {words}' for words, n in sorted(share.items()))}"
    return Finding(figure, counted.passed and len(share) == PHONES, counted.notes)


def _played(left: list[Job], bench: Bench, log: ResultLog) -> list[TaskResult]:
    results: list[TaskResult] = []
    with ExitStack() as opened:
        runs = Path(opened.enter_context(TemporaryDirectory(prefix="deskhand-runs-")))
        worlds = [PhoneWorld(number) for number in range(PHONES)]
        stands = {one.serial: one for one in opened.enter_context(phones(worlds, bench.stop))}
        both = TwoPhones(stands, runs)
        shared = SharedStop()

        def heard(one: Finished) -> None:
            wrong = both.wrong.get(one.job.name, "it was not done")
            wrong = wrong or ("" if one.status == "success" else f"{one.status}: {one.reason}")
            words = wrong or f"done on phone {list(stands).index(one.place) + 1}"
            results.append(measured(one.job.name, "two-phones", not wrong, words))
            log.append(results[-1])
            bench.heard(results[-1])
            if bench.stop.is_set():
                shared.set(bench.stop.reason)

        Pool(list(stands), both.perform, shared, heard).work_off(left)
    return results


def two_worlds(bench: Bench) -> Finding:
    """Carry codes from a phone behind adb into forms on a real display."""
    keys = {f"two-worlds/{seed}": seed for seed in bench.part_of(range(1, EPISODES + 1))}
    with TemporaryDirectory(prefix="deskhand-runs-") as runs:

        def measure(key: str) -> TaskResult:
            outcome = episode(keys[key], bench.stop, Path(runs))
            ok = outcome.status == "success"
            words = outcome.evidence if ok else f"{outcome.status}: {outcome.reason}"
            return measured(key, "two-worlds", ok, words)

        results = bench.each("two-worlds", keys, measure)
    return _counted(results, "tasks, played by an oracle that reads the code on the phone")


def _counted(results: list[TaskResult], what: str) -> Finding:
    good = sum(result.kind is Kind.SUCCESS for result in results)
    notes = tuple(f"{r.key}: {r.reason}" for r in results if r.kind is not Kind.SUCCESS)
    return Finding(f"{good} of {len(results)} {what}", good == len(results), notes)


BARS = (
    Bar(
        "android-contract",
        "every action of mobile_use through the whole loop and real adb, by what the phone felt",
        f"{len(cases())} of {len(cases())}",
        contract,
    ),
    Bar(
        "android-two-phones",
        "two phones at once, one list of tasks, what each felt against what its own tasks did",
        f"{TASKS} of {TASKS}: none crosses over",
        two_phones,
    ),
    Bar(
        "two-worlds",
        "a code from the phone's messages, read there and typed into a form on the desktop",
        f"{EPISODES} of {EPISODES}, verified by both worlds",
        two_worlds,
    ),
)
