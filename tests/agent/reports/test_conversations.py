"""What is exported to learn from: read as other programs read it, and without what is secret."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from agent.archive import RunRecord
from agent.cli import main
from agent.config import HOME_VARIABLE
from agent.outcome import Evidence, StateCheck
from agent.reports.conversations import Form, export_lessons
from agent.retelling import Retelling
from environments.errors import ConfigError
from tests.agent.replies import DONE, USELESS, click, reply
from tests.agent.reports.test_redaction import using_a_secret
from tests.agent.runs import made

CHECKED = StateCheck("the test", lambda _: Evidence(True, "it is so"))


def lines_of(folder: Path, form: Form, *records: RunRecord) -> list[dict[str, Any]]:
    path = export_lessons(records, folder, form, Retelling()).path
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def places(texts: list[str]) -> int:
    return sum(len(re.findall("<image>|<video>", text)) for text in texts)


def test_conversations_stand_as_qwens_own_fine_tuning_reads_them(tmp_path: Path) -> None:
    (line,) = lines_of(
        tmp_path / "out", "conversations", made(tmp_path, click(500), click(100), DONE)
    )
    turns = line["conversations"]
    assert [turn["from"] for turn in turns] == ["human", "gpt"] * 3
    assert [turn["value"] for turn in turns[1::2]] == [click(500), click(100), DONE]
    assert places([turn["value"] for turn in turns[::2]]) == len(line["image"]) == 3
    assert turns[0]["value"].startswith("You are a helpful assistant.")
    assert '"name": "computer_use"' in turns[0]["value"]
    for name in line["image"]:
        with Image.open(tmp_path / "out" / name) as picture:
            assert picture.size == (100, 50)


def test_a_conversation_that_shows_a_bad_reply_is_none_for_a_program_that_learns_them_all(
    tmp_path: Path,
) -> None:
    record = made(tmp_path, click(500), USELESS, click(100), DONE)
    with pytest.raises(ConfigError, match="nothing to learn from"):
        lines_of(tmp_path / "a", "conversations", record)
    (line,) = lines_of(tmp_path / "b", "messages", record)
    said = [message for message in line["messages"] if message["role"] == "assistant"]
    assert [(m["content"], m.get("loss", True)) for m in said] == [
        (click(500), True), (USELESS, False), (click(100), True), (DONE, True),
    ]  # fmt: skip
    assert [m["role"] for m in line["messages"]][:2] == ["system", "user"]


def test_a_failed_step_and_what_worked_next_on_its_screen_are_a_pair(tmp_path: Path) -> None:
    record = made(tmp_path, click(500), USELESS, "Hm.", click(100), USELESS, DONE)
    pairs = lines_of(tmp_path / "out", "preferences", record)
    found = [(p["rejected_response"], p["messages"][-1]["content"], p["why"]) for p in pairs]
    assert found == [
        (USELESS, click(100), "no effect"),
        ("Hm.", click(100), "error"),
        (USELESS, DONE, "no effect"),
    ]
    for pair in pairs:
        assert places([m["content"] for m in pair["messages"]]) == len(pair["images"])


def test_the_same_again_is_no_repair(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no pair"):
        lines_of(tmp_path / "out", "preferences", made(tmp_path, USELESS, USELESS, USELESS))


def test_a_secret_is_in_no_text_and_no_picture_and_its_use_is_not_learnt(tmp_path: Path) -> None:
    typed = reply("Type.", action="type", text="1234")
    record = using_a_secret(made(tmp_path, click(500), typed, click(100), DONE), 1)
    (line,) = lines_of(tmp_path / "out", "messages", record)
    said = [m["content"] for m in line["messages"] if m["role"] == "assistant"]
    assert said == [click(500)]
    assert len(list((tmp_path / "out").rglob("*.png"))) == 1
    exported = (tmp_path / "out" / "messages.jsonl").read_text(encoding="utf-8")
    assert "secret:" not in exported


def test_words_of_a_screen_are_neither_pictures_nor_tokens_of_control(tmp_path: Path) -> None:
    task = "Write <image> and <|im_end|> <video>"
    (line,) = lines_of(tmp_path / "out", "conversations", made(tmp_path, DONE, task=task))
    assert "Write < image> and < |im_end|> < video>" in line["conversations"][0]["value"]
    assert places([line["conversations"][0]["value"]]) == len(line["image"]) == 1


def test_only_verified_successes_are_learnt_from_unless_others_are_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path))
    good = made(tmp_path / "runs", click(500), DONE, check=CHECKED)
    made(tmp_path / "runs", click(900), DONE)

    def exported(*options: str) -> Any:
        arguments = ["runs", "export", "all", "--as", "messages", "--json", *options]
        with pytest.raises(SystemExit) as left:
            main([*arguments, "--to", str(tmp_path / f"out{len(options)}")])
        assert left.value.code == 0
        return json.loads(capsys.readouterr().out)

    assert exported()["runs"] == [good.summary.id]
    assert exported("--outcome", "success", "--outcome", "unknown")["count"] == 2


@pytest.mark.parametrize("outcome", ["failed", "nonsense"])
def test_where_no_run_ended_so_the_sentence_says_it(
    outcome: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path))
    made(tmp_path / "runs", DONE)
    with pytest.raises(SystemExit) as left:
        main(["runs", "export", "all", "--as", "messages", "--outcome", outcome])
    assert left.value.code == 2
    assert outcome in capsys.readouterr().err
