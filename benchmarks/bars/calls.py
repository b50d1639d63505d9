"""The bar on tool calls: what is decoded under the grammar is never malformed.

Responsible for asking networks with random weights, and the embedded checkpoint where it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

from agent.models.base import Image
from benchmarks.bars.base import Bar, Bench, Finding
from benchmarks.base import Kind, TaskResult
from benchmarks.versions import code_version, model_version
from environments.errors import ConfigError
from environments.practice.environment import InProcessPractice
from environments.practice.templates import TEMPLATES
from tools.computer_use import computer_use

PARTS = range(20)
REPLIES_A_PART = 50
EMBEDDED_SEEDS = range(2400, 2410)


def malformed_calls(bench: Bench) -> Finding:
    """Count replies that hold no valid call, part by part."""
    engine = code_version()
    counts: dict[str, Callable[[], tuple[int, int]]] = {
        f"malformed/{engine}/random weights/{REPLIES_A_PART} replies/{part}": partial(
            _of_random, part
        )
        for part in bench.part_of(PARTS)
    }
    if version := _embedded_version():
        counts[f"malformed/{engine}/embedded@{version}"] = partial(_of_embedded, bench)
    results = bench.each("malformed-calls", counts, lambda key: _counted(key, *counts[key]()))
    lines = tuple(f"{result.key}: {result.reason}" for result in results)
    bad, asked = (sum(map(int, column)) for column in zip(*map(_numbers, results), strict=True))
    figure = f"{bad} in {asked:,} replies"
    return Finding(figure, not bad, lines if bad else lines[-1:])


def _counted(key: str, bad: int, asked: int) -> TaskResult:
    return TaskResult(
        key=key,
        group="malformed",
        seed=0,
        kind=Kind.AGENT_FAIL if bad else Kind.SUCCESS,
        score=1 - bad / asked,
        reason=f"{bad} of {asked} malformed",
    )


def _numbers(result: TaskResult) -> list[str]:
    """Return malformed and asked, as they stand in the reason."""
    return re.findall(r"\d+", result.reason)


def _of_random(part: int) -> tuple[int, int]:
    from agent.models.qwen3_vl.selfcheck import count_malformed

    return count_malformed(REPLIES_A_PART, seed=part), REPLIES_A_PART


def _of_embedded(bench: Bench) -> tuple[int, int]:
    """Count over the start screens of every template."""
    from agent.models.qwen3_vl.selfcheck import is_well_formed

    tool, loaded = computer_use(), bench.load("embedded")
    bad = asked = 0
    for template in TEMPLATES:
        for seed in bench.part_of(EMBEDDED_SEEDS):
            desktop = InProcessPractice(template, seed, bench.stop)
            look = desktop.observe()
            image = Image(look.frame, look.frame_hash)
            messages = loaded.profile.messages(desktop.task.instruction, (), image, [tool.spec])
            reply = loaded.model.generate(messages, [tool.spec], stop=bench.stop)
            bad, asked = bad + (not is_well_formed(reply.text, tool)), asked + 1
    return bad, asked


def _embedded_version() -> str:
    from agent.models.registry import choose_model

    try:
        return model_version(choose_model("embedded").source)
    except ConfigError:
        return ""


BARS = (
    Bar(
        "malformed-calls",
        "malformed tool calls in 1,000 constrained generations, random weights included",
        "0",
        malformed_calls,
    ),
)
