"""A run told again: prompt for prompt what the model was shown, in its words or in another's."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from agent.archive import RunRecord, load_run
from agent.journal import Journal
from agent.judging import Verdict
from agent.limits import Limits
from agent.models.base import Image, Message
from agent.models.profiles.finding import load_profile
from agent.models.scripted import ScriptedModel
from agent.parsing import parse
from agent.reports.redaction import redaction_of
from agent.retelling import Exchange, Retelling, conversations
from environments.errors import ConfigError
from tests.agent.replies import DONE, PROFILE, USELESS, agent, click, reply
from tests.agent.runs import made
from tests.board import SCREEN, Board
from tools.computer_use import computer_use

LONG = [click(100 * n) for n in range(1, 10)] + [USELESS, "Hm.", click(5000), USELESS, DONE]


class Overhearing(ScriptedModel):
    """Keeps what it was asked."""

    def __init__(self, replies: Sequence[str]) -> None:
        super().__init__(replies)
        self.asked: list[list[Message]] = []

    def generate(self, messages, tools, **options):  # type: ignore[no-untyped-def]
        self.asked.append(list(messages))
        return super().generate(messages, tools, **options)


def played(runs: Path, replies: Sequence[str]) -> tuple[RunRecord, list[list[Message]]]:
    board, model = Board(), Overhearing(replies)
    with Journal(runs, task="Mark it", model="m", environment="e") as journal:
        it = agent(board, replies, Limits(max_steps=40), journal, journal)
        journal.spoken(PROFILE, it.tools.specs)
        type(it)(it.environment, model, it.tools, it.context, it.limits, journal).run(
            "Mark it", board.stop
        )
    return load_run(runs, journal.id), model.asked


def told(record: RunRecord, profile: str | None = None) -> list[Exchange]:
    retelling = Retelling(load_profile(profile) if profile else None)
    return list(retelling.exchanges(record, redaction_of(record)))


def plain(messages: Sequence[Message]) -> list[object]:
    return [
        (m.role, *(p.frame_hash if isinstance(p, Image) else p for p in m.parts)) for m in messages
    ]


def test_every_prompt_is_the_one_that_the_model_was_shown(tmp_path: Path) -> None:
    record, asked = played(tmp_path, LONG)
    again = told(record)
    assert len(again) == len(asked) == len(LONG)
    for exchange, messages in zip(again, asked, strict=True):
        assert plain(exchange.messages) == plain(messages)
    assert [exchange.step.reply.text for exchange in again] == LONG


def test_what_came_of_each_step_is_judged_from_the_journal(tmp_path: Path) -> None:
    record, _ = played(tmp_path, LONG)
    assert [e.verdict for e in told(record)][8:] == [
        Verdict.WORKED, Verdict.NO_EFFECT, Verdict.ERROR, Verdict.ERROR, Verdict.NO_EFFECT,
        Verdict.WORKED,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("profile", "spelled"),
    [("qwen3.5", "<function=computer_use>"), ("qwen2.5-vl-desktop", '"coordinate": [186, 86]')],
)
def test_another_profile_is_told_in_its_own_words_and_grid(
    profile: str, spelled: str, tmp_path: Path
) -> None:
    record = made(tmp_path, click(550), click(5000), DONE)
    first, refused, _ = told(record, profile)
    assert spelled in first.step.reply.text
    tools = [computer_use().spec]
    (call,) = parse(first.step.reply.text, tools).calls
    grid = load_profile(profile).grid
    assert computer_use().prepare(call.arguments, SCREEN, grid).point_px == (55, 25)
    assert parse(refused.step.reply.text, tools).error is None
    assert refused.messages[-2].parts == (first.step.reply.text,)


def test_a_family_whose_calls_say_less_is_refused_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="record the runs with a model of this family"):
        told(made(tmp_path, click(500), DONE), "ui-venus-desktop")


def test_prompts_that_go_on_from_each_other_become_one_conversation(tmp_path: Path) -> None:
    record, _ = played(tmp_path, LONG)
    found = list(conversations(told(record), lambda e: e.verdict is Verdict.WORKED))
    assert [(c.first, c.last) for c in found] == [(0, 8), (9, 13)]
    for conversation in found:
        learnt = [str(conversation.messages[n].parts[0]) for n in conversation.learnt]
        assert all(conversation.messages[n].role == "assistant" for n in conversation.learnt)
        assert not set(learnt) & {USELESS, "Hm.", click(5000)}
    apart = list(conversations(told(record), lambda e: e.verdict is Verdict.WORKED, join=False))
    assert [c.last for c in apart] == [*range(9), 13]


def test_a_step_whose_picture_is_gone_is_left_out_and_later_ones_are_told_of_it(
    tmp_path: Path,
) -> None:
    record = made(tmp_path, click(500), click(100), DONE)
    record.picture(record.steps[0].image).unlink()
    first, _ = told(record)
    assert first.step.index == 1
    assert "Step 1: Click at 500." in str(plain(first.messages))


def test_a_run_that_does_not_say_what_its_model_was_told_is_refused(tmp_path: Path) -> None:
    record = made(tmp_path, DONE).model_copy(update={"spoken": ()})
    with pytest.raises(ConfigError, match="record it anew"):
        told(record)


def test_an_undone_step_is_known_by_the_way_back(tmp_path: Path) -> None:
    class Undoable(Board):
        def execute(self, action: object) -> None:
            if getattr(action, "keys", None) == ("ctrl", "z"):
                self._pixels[:] = 0
            else:
                super().execute(action)  # type: ignore[arg-type]

    undo = reply("Go back.", action="key", keys=["ctrl", "z"])
    record = made(tmp_path, click(900), undo, click(100), DONE, board=Undoable())
    assert [e.verdict for e in told(record)][:3] == [
        Verdict.UNDONE,
        Verdict.WORKED,
        Verdict.WORKED,
    ]
