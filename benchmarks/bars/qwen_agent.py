"""The bar on Qwen-Agent: its Assistant, with our model and our tools, does practice tasks.

Responsible for playing them; the score is the practice world's own.
"""

from __future__ import annotations

from contextlib import chdir
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.bars.base import Bar, Bench, Finding, measured
from benchmarks.base import Kind, TaskResult

if TYPE_CHECKING:
    from agent.models.loaded import Loaded

TEMPLATES = ("click_button", "fill_form", "change_setting")
SEEDS = range(2000, 2010)
LEAST = 0.9


def assistants(bench: Bench) -> Finding:
    """Count the practice tasks that an ``Assistant`` does."""
    loaded = bench.load("embedded")
    keys = [f"{template}/{seed}" for seed in bench.part_of(SEEDS) for template in TEMPLATES]
    results = bench.each("qwen-agent", keys, lambda key: _played(loaded, key, bench.folder))
    done = sum(result.kind is Kind.SUCCESS for result in results)
    notes = tuple(f"{r.key}: {r.reason}" for r in results if r.kind is not Kind.SUCCESS)
    holds = done >= LEAST * len(results)
    return Finding(f"{done} of {len(results)} tasks", holds, notes, {"done": done})


def _played(loaded: Loaded, key: str, folder: Path) -> TaskResult:
    from qwen_agent.agents import Assistant

    from agent.models.qwen_agent_llm import DeskhandChat
    from agent.qwen_agent_screen import opened_screen
    from environments.practice.environment import InProcessPractice

    template, _, seed = key.partition("/")
    llm, said = DeskhandChat({"loaded": loaded.another()}), ""
    with opened_screen(
        "practice:in-process", profile="embedded", template=template, seed=int(seed)
    ) as screen:
        assert isinstance(screen.environment, InProcessPractice)
        task = screen.environment.task
        content = [{"text": task.instruction}, {"image": screen.look().image}]
        with chdir(folder):  # Where it makes a folder for documents that nobody has.
            assistant = Assistant(llm=llm, function_list=screen.tools)
        for messages in assistant.run([{"role": "user", "content": content}]):
            said = str(messages[-1]["content"])[:200]
        return measured(key, template, task.score() == 1, said)


BARS = (
    Bar(
        "qwen-agent",
        "practice tasks by Qwen-Agent's Assistant with our model and our tools",
        f"success; at least {LEAST:.0%} of 30",
        assistants,
        needs_checkpoint=True,
    ),
)
