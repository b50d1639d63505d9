"""Runs of a grounding benchmark on a small folder made by hand: who answers, resume, the files."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from agent.models.registry import load_model
from benchmarks.base import Kind, TaskResult
from benchmarks.cli import app
from benchmarks.header import About, Player, Who, header
from benchmarks.references import references
from benchmarks.reports.page import write_page
from benchmarks.results import ResultLog
from benchmarks.suites.asking import Asking
from benchmarks.suites.golden.case import picture, put
from benchmarks.suites.grounding.catalogue import data_set_named
from benchmarks.suites.grounding.official import report
from benchmarks.suites.grounding.running import GroundingRun
from benchmarks.suites.hub import Home, folder_of
from environments.base import Stop
from environments.errors import ConfigError, DeskhandError
from tests.benchmarks.cases import unheard

ITEMS: list[dict[str, Any]] = [
    {"box_type": "bbox", "box_coordinates": [10, 20, 100, 40]},
    {"box_type": "polygon", "box_coordinates": [0, 0, 90, 0, 90, 30, 30, 30, 30, 60, 0, 60]},
    {"box_type": "refusal", "box_coordinates": [-1, -1, -1, -1]},
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "benchmark"
    picture(root, "images/A.png", (200, 100))
    told = {"image_path": "A.png", "image_size": [200, 100], "instruction": "open"}
    put(root, "OSWorld-G.json", [told | item | {"id": f"A-{n}"} for n, item in enumerate(ITEMS)])
    return root


def run(folder: Path, who: Who = "oracle", model: str = "embedded") -> GroundingRun:
    return GroundingRun(data_set_named("osworld-g"), folder, who=who, model=model)


def results(asked: GroundingRun, log: Path) -> list[TaskResult]:
    return asked.run(Asking(ResultLog(log), Stop(), unheard), load_model)


@pytest.mark.parametrize(
    ("who", "reasons"),
    [("oracle", ["correct"] * 3), ("noop", ["wrong_format"] * 3)],
)
def test_a_baseline_scores_what_it_must(
    folder: Path, tmp_path: Path, who: Who, reasons: list[str]
) -> None:
    found = results(run(folder, who), tmp_path / "log.jsonl")
    assert [result.reason for result in found] == reasons


def test_random_points_are_the_same_every_time(folder: Path, tmp_path: Path) -> None:
    one = results(run(folder, "random"), tmp_path / "1.jsonl")
    two = results(run(folder, "random"), tmp_path / "2.jsonl")
    assert [result.facts for result in one] == [result.facts for result in two]


def test_both_totals_are_printed_where_there_are_refusals(folder: Path, tmp_path: Path) -> None:
    asked = run(folder, "noop")
    lines = "\n".join(asked.lines(results(asked, tmp_path / "log.jsonl")))
    assert "with refusals:   0.00 %  [0.0, 56.1]  0/3" in lines
    assert "without refusals:   0.00 %  [0.0, 65.8]  0/2" in lines


def test_a_question_may_hold_other_braces(folder: Path, tmp_path: Path) -> None:
    script = scripted(tmp_path, *[call(action="left_click", coordinate=[100, 300])] * 3)
    asked = replace(run(folder, "model", script), question='Answer as {"x": 1}: {instruction}')
    found = results(asked, tmp_path / "log.jsonl")
    assert [result.reason for result in found] == ["correct", "correct", "wrong"]


def test_a_picture_of_another_size_is_told_and_the_point_scaled(
    folder: Path, tmp_path: Path
) -> None:
    picture(folder, "images/A.png", (100, 50))
    script = scripted(tmp_path, *[call(action="left_click", coordinate=[100, 300])] * 3)
    asked = run(folder, "model", script)
    found = results(asked, tmp_path / "log.jsonl")
    assert found[0].facts["point"] == [20.0, 30.0]
    assert found[0].facts["size_of_picture"] == [100, 50]
    assert "3 picture(s) of another size" in "\n".join(asked.lines(found))


def test_a_missing_picture_is_an_error_and_never_a_zero(folder: Path, tmp_path: Path) -> None:
    (folder / "images/A.png").unlink()
    script = scripted(tmp_path, "Well.")
    found = results(run(folder, "model", script), tmp_path / "log.jsonl")
    assert {result.kind for result in found} == {Kind.ENV_ERROR}
    assert run(folder, "model", script).judged(found) == []


def test_what_was_asked_before_is_not_asked_again(folder: Path, tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    first = results(run(folder), log)
    lines = log.read_bytes().splitlines(keepends=True)
    log.write_bytes(b"".join(lines[:2]))
    assert [r.reason for r in results(run(folder), log)] == [r.reason for r in first]
    assert len(log.read_bytes().splitlines()) == len(lines)


def scripted(folder: Path, *replies: str) -> str:
    path = folder / "script.json"
    path.write_text(json.dumps(list(replies)))
    return f"scripted:{path}"


def call(**arguments: Any) -> str:
    told = json.dumps({"name": "computer_use", "arguments": arguments})
    return f"Thought.\n<tool_call>\n{told}\n</tool_call>"


def test_a_model_is_asked_as_ground_asks_it(folder: Path, tmp_path: Path) -> None:
    replies = (
        call(action="left_click", coordinate=[100, 300]),
        call(action="left_click", coordinate=[0, 0, 60, 200]),
        call(action="terminate", status="failure"),
    )
    found = results(run(folder, "model", scripted(tmp_path, *replies)), tmp_path / "log.jsonl")
    assert [result.reason for result in found] == ["correct", "correct", "correct"]
    assert found[0].facts["point"] == [20.0, 30.0]
    assert found[0].facts["reply"] == replies[0]


def test_what_a_model_says_instead_of_pointing_is_kept_as_wrong_format(
    folder: Path, tmp_path: Path
) -> None:
    said = ("I see.", call(action="wait", time=1), call(action="left_click", coordinate=[1, 2, 3]))
    found = results(run(folder, "model", scripted(tmp_path, *said)), tmp_path / "log.jsonl")
    assert [result.reason for result in found] == ["wrong_format"] * 3


def test_the_command_prints_both_totals_and_writes_the_official_file(
    folder: Path, tmp_path: Path
) -> None:
    said = ["grounding", "osworld-g", "--data", str(folder), "--agent", "oracle", "--json"]
    said += ["--out", str(tmp_path / "log.jsonl"), "--official", str(tmp_path / "official.json")]
    answer = CliRunner().invoke(app, said)
    assert answer.exit_code == 0, answer.output
    told = json.loads(answer.stdout)
    assert told["totals"]["with_refusals"]["total"] == 3
    assert told["totals"]["without_refusals"]["total"] == 2
    assert told["header"]["whole"] == 564
    written = json.loads((tmp_path / "official.json").read_text())
    assert written == report(written["details"])
    assert [each["correctness"] for each in written["details"]] == ["correct"] * 3


def test_another_instruction_file_is_another_run(folder: Path, tmp_path: Path) -> None:
    put(folder, "OSWorld-G_refined.json", json.loads((folder / "OSWorld-G.json").read_text()))
    plain = run(folder)
    refined = GroundingRun(plain.data_set, folder, {"instructions": "refined"}, who="oracle")
    assert plain.header.identity != refined.header.identity


@pytest.mark.parametrize(
    ("preset", "marks"),
    [
        ("osworld-g-original", ["beside", "other words"]),
        ("osworld-g-refined", ["other words", "beside"]),
        ("osworld-g", ["", ""]),
        ("screenspot-pro-cn", ["", ""]),
    ],
)
def test_a_published_figure_stands_beside_ours_only_with_the_same_instructions(
    preset: str, marks: list[str]
) -> None:
    asked = header(About("grounding", preset=preset), Player("noop"), map(str, range(564)))
    found = {
        table.title: "beside"
        if table.is_meant(asked)
        else "other words"
        if table.has_other_words(asked)
        else ""
        for table in references()
    }
    assert [found["OSWorld-G"], found["OSWorld-G, refined instructions"]] == marks


def test_the_page_says_that_a_published_figure_had_other_instructions(
    folder: Path, tmp_path: Path
) -> None:
    put(folder, "OSWorld-G_refined.json", json.loads((folder / "OSWorld-G.json").read_text()))
    words = {"instructions": "refined"}
    asked = GroundingRun(data_set_named("osworld-g"), folder, words, "noop")
    log = ResultLog(tmp_path / "log.jsonl")
    log.begin(asked.header)
    asked.run(Asking(log, Stop(), unheard), load_model)
    write_page(tmp_path / "page.html", [log.path])
    page = (tmp_path / "page.html").read_text()
    assert "grounding/osworld-g-refined/" in asked.header.title
    assert page.index("A partial: 3 of 564 episodes") < page.index("Other instructions")
    assert "A was asked otherwise" in page


@pytest.mark.parametrize("option", ["language", "instructions"])
def test_an_option_of_another_data_set_is_refused(folder: Path, option: str) -> None:
    value = {"language": "cn", "instructions": "refined"}[option]
    said = ["grounding", "ui-vision", "--data", str(folder), f"--{option}", value]
    answer = CliRunner().invoke(app, said)
    assert isinstance(answer.exception, ConfigError)
    assert f"ui-vision has no --{option}" in str(answer.exception)


def test_the_size_that_a_picture_is_told_to_have_is_part_of_the_data_set(folder: Path) -> None:
    before = run(folder).header.dataset
    path = folder / "OSWorld-G.json"
    path.write_text(path.read_text().replace("[200, 100]", "[400, 200]"))
    assert run(folder).header.dataset != before


def test_a_limit_takes_questions_from_everywhere(folder: Path) -> None:
    one = GroundingRun(data_set_named("osworld-g"), folder, who="oracle", most=2)
    assert [item.key for item in one.items] == ["A-0", "A-1"]
    assert one.header.part(2) == "partial: 2 of 564 episodes"


def test_an_unknown_data_set_is_refused_with_the_names() -> None:
    with pytest.raises(ConfigError, match="screenspot-pro"):
        data_set_named("screenshot")


def test_no_folder_says_how_to_get_the_data() -> None:
    with pytest.raises(ConfigError, match=r"Clone github\.com/xlang-ai/OSWorld-G"):
        folder_of(data_set_named("osworld-g").home, None, False)


def test_a_hub_that_cannot_be_reached_is_told_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(DeskhandError, match="name its folder with --data"):
        folder_of(Home("Get it.", "nobody/nothing"), None, True)
