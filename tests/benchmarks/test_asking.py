"""Questions go on where a results file ends, and a stop loses none that were answered."""

from dataclasses import dataclass
from pathlib import Path

from benchmarks.base import Kind, TaskResult
from benchmarks.results import ResultLog
from benchmarks.suites.asking import Answered, Asking
from environments.base import Stop
from tests.benchmarks.cases import unheard


@dataclass(frozen=True)
class Asked:
    key: str


THREE = [Asked("a"), Asked("b"), Asked("c")]


def test_what_was_answered_before_counts_also_where_a_stop_comes_first(tmp_path: Path) -> None:
    log, stop = ResultLog(tmp_path / "results.jsonl"), Stop()
    log.append(TaskResult(key="c", group="g", seed=0, kind=Kind.SUCCESS, score=1.0))

    def answer(question: Asked, stop: Stop) -> Answered:
        stop.set("enough")
        return Answered(True, "right")

    results = Asking(log, stop, unheard).run(THREE, lambda question: "g", answer)
    assert [result.key for result in results] == ["a", "c"]
    again = Asking(log, Stop(), unheard).run(THREE, lambda question: "g", lambda *_: _broken())
    assert [result.kind for result in again] == [Kind.SUCCESS, Kind.ENV_ERROR, Kind.SUCCESS]


def _broken() -> Answered:
    raise RuntimeError("the picture has gone")
