"""Several screens that work off one list of tasks, each task on one of them alone.

Responsible for who does which task where, for taking a screen that fails out of the pool, and for
the summary. What a task is and how it is done is handed in; a phone's lease across processes is the
environment's.
"""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from agent.assembly import RunReport
from agent.outcome import exit_code_of
from agent.tasks import Job
from environments.base import Stop
from environments.errors import ConfigError, DeskhandError, DeviceError, Stopped

Perform = Callable[[Job, str, Stop], RunReport]
"""Does a job at a place, with a stop of its own."""

WORST = (4, 5, 6, 1, 7, 3)
"""Exit codes of runs, the one that says most about the whole list first."""


class SharedStop(Stop):
    """A stop that many runs hear, while each can be stopped on its own."""

    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.Lock()
        self._each: list[Stop] = []

    def own(self) -> Stop:
        """Return the stop of one run; it is set with all others, but sets none of them."""
        stop = Stop()
        with self._lock:
            self._each.append(stop)
            if self.is_set():
                stop.set(self.reason)
        return stop

    def set(self, reason: str) -> None:
        """Stop everything."""
        with self._lock:
            super().set(reason)
            for stop in self._each:
                stop.set(reason)


@dataclass(frozen=True, slots=True)
class Finished:
    """What came of one job.

    Attributes:
        job: what was to be done.
        place: where it was done; empty if nowhere.
        report: its run; None if it was not begun.
        reason: why it was not begun.
        code: the exit code that a run of its own would have left with.
    """

    job: Job
    place: str
    report: RunReport | None
    reason: str
    code: int

    @property
    def status(self) -> str:
        """The run's outcome in a word."""
        return self.report.outcome.status if self.report else "not begun"


class Pool:
    """Places that take jobs until there are none left."""

    def __init__(
        self,
        places: Sequence[str],
        perform: Perform,
        stop: SharedStop,
        heard: Callable[[Finished], None] = lambda _: None,
    ) -> None:
        """Take the places; ``heard`` hears of every job that has ended, one at a time."""
        self._places, self._perform, self._stop, self._heard = places, perform, stop, heard
        self._waiting: deque[tuple[int, Job]] = deque()
        self._done: dict[int, Finished] = {}
        self._lock = threading.Lock()
        self.lost: dict[str, str] = {}

    def work_off(self, jobs: Sequence[Job]) -> list[Finished]:
        """Do all jobs and return what came of each, in their order.

        A place that cannot be opened is left out from then on, and its job goes to another one, for
        nothing was done yet. A job that broke in its midst is not done again.

        Raises:
            ConfigError: there is no place.
        """
        if not self._places:
            raise ConfigError("There is no screen to work on.")
        self._waiting = deque(enumerate(jobs))
        while self._waiting and not self._stop.is_set() and self._left():
            # Again, for a place may have given its job back when the others were through.
            with ThreadPoolExecutor(len(self._left()), "place") as threads:
                for working in [threads.submit(self._work, place) for place in self._left()]:
                    working.result()
        for number, job in self._waiting:
            self._note(number, self._not_begun(job))
        return [self._done[number] for number in sorted(self._done)]

    def _left(self) -> list[str]:
        return [place for place in self._places if place not in self.lost]

    def _work(self, place: str) -> None:
        while (taken := self._next()) is not None:
            number, job = taken
            try:
                report = self._perform(job, place, self._stop.own())
            except DeviceError as error:
                self._leave_out(place, str(error), taken)
                return
            except DeskhandError as error:
                code = exit_code_of(error)
                self._note(number, Finished(job, place, None, str(error), code))
            else:
                code = exit_code_of(report.outcome)
                self._note(number, Finished(job, place, report, report.outcome.reason, code))

    def _next(self) -> tuple[int, Job] | None:
        with self._lock:
            return self._waiting.popleft() if self._waiting and not self._stop.is_set() else None

    def _leave_out(self, place: str, reason: str, taken: tuple[int, Job]) -> None:
        with self._lock:
            self.lost[place] = reason
            self._waiting.appendleft(taken)

    def _note(self, number: int, finished: Finished) -> None:
        with self._lock:
            self._done[number] = finished
            self._heard(finished)

    def _not_begun(self, job: Job) -> Finished:
        if self._stop.is_set():
            return Finished(job, "", None, self._stop.reason, exit_code_of(Stopped()))
        reason = next(iter(self.lost.values()), "no screen was left")
        return Finished(job, "", None, reason, exit_code_of(DeviceError()))


def exit_code(finished: Sequence[Finished]) -> int:
    """Return 0 if every job ended in success, else the code that says most about the whole."""
    codes = {one.code for one in finished}
    return next((code for code in WORST if code in codes), max(codes, default=0))


def tally(finished: Sequence[Finished]) -> str:
    """Return how many ended how, in words."""
    counts = Counter(one.status for one in finished)
    return f"{len(finished)} tasks: " + ", ".join(f"{n} {status}" for status, n in counts.items())
