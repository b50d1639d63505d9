"""The page of results holds every figure, asks for nothing, and marks what cannot be compared."""

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from benchmarks.base import Kind, TaskResult
from benchmarks.cli import app
from benchmarks.header import About, Player, header
from benchmarks.references import beside, references
from benchmarks.reports.page import write_page
from benchmarks.results import ResultLog
from benchmarks.suites.report_pages import Expected, look_at
from environments.base import Stop
from environments.errors import ConfigError

ATTACK = '<script>window.attacked = 1</script><img src="https://example.org/x.png">'


def written(path: Path, agent: str, about: About, wins: int) -> Path:
    log, keys = ResultLog(path), [f"k{number}" for number in range(8)]
    log.begin(header(about, Player(agent), keys))
    for number, key in enumerate(keys):
        kind = Kind.SUCCESS if number < wins else Kind.AGENT_FAIL
        log.append(
            TaskResult(
                key=key,
                group=f"a-task-with-a-name-{number % 3}",
                seed=number,
                kind=kind,
                score=float(number < wins),
                reason=f"step {number} {ATTACK}",
                seconds=1.5 * number,
                steps_work=({"tokens_generated": 25},),
                steps_ms=({"wall": 12.0, "settle": 9.0},) * (number + 1),
            )
        )
    return path


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    about = About("miniwob", preset="browsergym", notes=("A note.",))
    practice = About("practice", conditions={"on": "in-process"})
    return [
        written(tmp_path / "one.jsonl", "oracle", about, 8),
        written(tmp_path / "two.jsonl", "random", about, 3),
        written(tmp_path / "three.jsonl", "noop", practice, 0),
    ]


def test_the_page_tells_every_run_and_compares_two(tmp_path: Path, files: list[Path]) -> None:
    out = tmp_path / "deep" / "report.html"
    done = CliRunner().invoke(app, ["report", *map(str, files), "--out", str(out), "--json"])
    page = out.read_text()
    assert json.loads(done.stdout)["bytes"] == out.stat().st_size
    assert "1.000  [0.68, 1.00]  8/8" in page
    assert "8 pairs: both won 3, only A 5, only B 0, neither 0" in page
    assert "exact McNemar test p = 0.0625" in page
    assert "A note." in page
    assert "25 tokens generated" in page
    assert "a-task-with-a-name-2" in page


def test_a_part_of_a_protocol_and_another_protocol_are_marked(
    tmp_path: Path, files: list[Path]
) -> None:
    write_page(tmp_path / "report.html", files[:1])
    page = (tmp_path / "report.html").read_text()
    assert "A partial: 8 of 625 episodes" in page
    assert "Another protocol" in page
    assert "The protocol of A" not in page


def test_the_whole_protocol_is_not_marked() -> None:
    whole = header(
        About("miniwob", preset="browsergym"), Player("random"), [str(i) for i in range(625)]
    )
    assert [table.follows(whole, 625) for table in beside(whole)] == [True, True, False, False]


def test_what_is_not_played_yet_broke_or_is_of_other_seeds_is_not_the_protocol() -> None:
    keys = [str(number) for number in range(625)]
    whole = header(About("miniwob", preset="browsergym", whole=625), Player("random"), keys)
    assert not any(table.follows(whole, 624) for table in beside(whole))
    assert whole.part(624) == "partial: 624 of 625 episodes"
    strays = whole.model_copy(update={"strays": 600})
    assert not any(table.follows(strays, 625) for table in beside(strays))
    assert strays.part(625) == "partial: 25 of 625 episodes and 600 others"


def test_a_run_with_broken_episodes_is_marked_and_its_medians_leave_them_out(
    tmp_path: Path,
) -> None:
    path = tmp_path / "one.jsonl"
    written(path, "oracle", About("miniwob", preset="browsergym"), 2)
    for number in (6, 7):
        ResultLog(path).append(
            TaskResult(key=f"k{number}", group="broken", seed=1, kind=Kind.ENV_ERROR, seconds=99.0)
        )
    write_page(tmp_path / "report.html", [path])
    page = (tmp_path / "report.html").read_text()
    assert "incomplete: 6 of 8 episodes count (2 broke)" in page
    assert "A partial: 6 of 625 episodes" in page
    assert ">99<" not in page
    assert "none could be played" in page


def test_every_reference_has_its_source_and_figures() -> None:
    for table in references():
        assert table.source
        assert table.protocol
        assert table.figures
        assert table.presets or table.differs


def test_the_page_reads_well_in_a_browser_wide_and_narrow(
    tmp_path: Path, files: list[Path]
) -> None:
    if shutil.which("chromium") is None:
        pytest.skip("chromium is not installed: apt-get install chromium")
    write_page(tmp_path / "report.html", files)
    nothing_of_a_run = Expected(0, 0, 0, skip="#figures")
    assert look_at(tmp_path / "report.html", nothing_of_a_run, Stop()).faults == []


def test_too_many_runs_of_a_suite_and_what_is_no_file_are_refused(
    tmp_path: Path, files: list[Path]
) -> None:
    with pytest.raises(ConfigError, match="at most 6 runs"):
        write_page(tmp_path / "report.html", files[:1] * 7)
    with pytest.raises(ConfigError, match="There is no results file"):
        write_page(tmp_path / "report.html", [tmp_path / "none.jsonl"])
