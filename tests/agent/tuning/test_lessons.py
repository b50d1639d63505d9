"""Lessons: token for token what inference reads and writes, and only replies are learnt."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.models.base import Reply
from agent.models.profiles.finding import load_profile
from agent.models.qwen3_vl.images import ImageRules, read_rules
from agent.models.qwen3_vl.prompt import Layouts
from agent.models.qwen3_vl.random_weights import small_tokenizer
from agent.models.qwen3_vl.vocabulary import Vocabulary
from agent.models.registry import EMBEDDED_FOLDER
from agent.training.vocabulary import build_tokenizer
from agent.tuning.lessons import Lesson, LessonMaker, reply_ids
from tests.agent.replies import DONE, PROFILE, USELESS, click
from tests.agent.test_retelling import LONG, played
from tests.agent.tuning.recorded import recorded

RULES = ImageRules(min_px=1024, max_px=65_536)
ENOUGH = 100_000


def maker(thinking: bool = False, most: int = ENOUGH) -> tuple[LessonMaker, Vocabulary]:
    tokenizer = small_tokenizer(thinking)
    vocabulary = Vocabulary(tokenizer, len(tokenizer))
    return LessonMaker(vocabulary, RULES, PROFILE, most), vocabulary


def taught(lesson: Lesson, decode) -> list[str]:  # type: ignore[no-untyped-def]
    return [decode(list(lesson.ids[start:end])) for start, end in lesson.replies]


def test_only_replies_are_learnt_and_all_of_each(tmp_path: Path) -> None:
    tokenizer = build_tokenizer()
    vocabulary = Vocabulary(tokenizer, len(tokenizer))
    rules = read_rules(EMBEDDED_FOLDER)
    profile = load_profile("embedded")
    (run, _) = recorded(tmp_path)
    lessons = list(LessonMaker(vocabulary, rules, profile, 4000).lessons(run))
    assert len(lessons) == len(run.steps) == 6
    for lesson, step in zip(lessons, run.steps, strict=True):
        assert taught(lesson, tokenizer.decode) == [f"{step.reply}<|im_end|>"]
        ((start, end),) = lesson.replies
        assert end == len(lesson.ids)
        asked = tokenizer.decode(list(lesson.ids[:start]))
        assert asked.endswith("<|im_start|>assistant\n")
        assert str(step.reply) not in asked
        assert lesson.pictures == (run.picture(step.image),)


def test_a_lesson_is_what_the_engine_reads_and_writes_in_a_live_run(tmp_path: Path) -> None:
    record, asked = played(tmp_path, LONG)
    make, vocabulary = maker()
    lessons = list(make.lessons(record))
    live = Layouts(vocabulary, RULES.within(PROFILE.image_tokens, PROFILE.image_size))
    read = []
    for messages, text in zip(asked, LONG, strict=True):
        said = reply_ids(vocabulary, text)
        read.append((*live.lay_out(messages).ids, *said))
        live.remember(text, said[:-1])
    assert [lesson.ids for lesson in lessons] == [read[8], read[13]]
    for lesson, numbers in zip(lessons, ([*range(9)], [13]), strict=True):
        ends = [len(read[number]) for number in numbers]
        assert [end for _, end in lesson.replies] == ends


def test_what_failed_is_shown_but_not_learnt(tmp_path: Path) -> None:
    record, _ = played(tmp_path, [click(500), USELESS, click(100), DONE])
    make, _ = maker()
    (lesson,) = make.lessons(record)
    texts = taught(lesson, small_tokenizer().decode)
    assert texts == [f"{reply}<|im_end|>" for reply in (click(500), click(100), DONE)]
    assert USELESS in small_tokenizer().decode(list(lesson.ids))


def test_a_thinking_edition_learns_to_reply_without_a_thought_where_none_was_recorded(
    tmp_path: Path,
) -> None:
    record, _ = played(tmp_path, [click(500), DONE])
    make, _ = maker(thinking=True)
    lessons = list(make.lessons(record))
    decode = small_tokenizer(thinking=True).decode
    assert [taught(lesson, decode) for lesson in lessons] == [
        [f"\n</think>\n\n{reply}<|im_end|>"] for reply in (click(500), DONE)
    ]


def test_prompts_keep_within_the_room_as_they_do_live(tmp_path: Path) -> None:
    record, _ = played(tmp_path, LONG)
    short, _ = maker(most=3500)
    whole, _ = maker()
    assert max(len(lesson.ids) for lesson in short.lessons(record)) < 3700
    assert max(len(lesson.ids) for lesson in whole.lessons(record)) > 3700


@pytest.mark.parametrize("tag", ["<tool_call>", "</tool_call>"])
def test_a_tag_within_a_call_is_text(tag: str) -> None:
    vocabulary = maker()[1]
    text = f'Write.\n<tool_call>\n{{"name": "x", "arguments": {{"text": "{tag}"}}}}\n</tool_call>'
    ids = reply_ids(vocabulary, text)
    assert [ids.count(i) for i in (vocabulary.call_open, vocabulary.call_close)] == [1, 1]
    assert small_tokenizer().decode(ids) == f"{Reply(text).text}<|im_end|>"
