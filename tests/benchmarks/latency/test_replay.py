"""The trace: what is shown, what is counted, and that every backend goes through the real loop."""

import json

import numpy as np
import pytest

from agent.models.qwen3_vl.engine import Options
from agent.models.qwen3_vl.selfcheck import CALL
from benchmarks.latency.backends import ENGINE, PLAIN, TOKENWISE, Stable
from benchmarks.latency.budget import run_within
from benchmarks.latency.calls import count_calls
from benchmarks.latency.comparison import Plan, compare
from benchmarks.latency.divergence import measure_divergence
from benchmarks.latency.networks import published_tokenizer
from benchmarks.latency.replay import Trace, bounded_tool
from benchmarks.latency.report import Asked, measure
from benchmarks.latency.screens import UNCHANGED, distinct, screens
from benchmarks.latency.summary import same_text
from environments.base import Stop, frame_hash
from environments.errors import ConfigError
from tools.computer_use import computer_use

SMALL = (320, 256)
STABLE = Stable()


def trace(steps: int, seed: int = 0) -> Trace:
    return Trace(seed, steps, SMALL)


def test_the_screens_of_a_seed_are_always_the_same_and_some_do_not_change() -> None:
    first, again = (screens(3, 20, *SMALL) for _ in range(2))
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert {step for step in range(1, 20) if first[step] is first[step - 1]} == UNCHANGED
    assert len({frame_hash(frame) for frame in first}) == distinct(20) == 16
    assert not np.array_equal(first[0], screens(4, 1, *SMALL)[0])


def test_the_bounded_tool_is_told_like_the_real_one_and_accepts_less() -> None:
    real, bounded = computer_use().spec, bounded_tool().spec
    assert (bounded.parameters, bounded.description) == (real.parameters, real.description)
    assert '"maxLength": 2000' in json.dumps(real.input_schema)
    assert '"maxLength": 2000' not in json.dumps(bounded.input_schema)


def test_engine_and_generate_say_the_same_on_the_trace() -> None:
    plan = Plan((ENGINE, TOKENWISE, PLAIN), trace(4), repeats=1, warmup=0)
    runs = compare(plan, STABLE, Stop())
    assert same_text(runs)
    assert all(CALL.findall(step.text) for step in runs[ENGINE][0])
    ours, theirs = runs[ENGINE][0], runs[PLAIN][0]
    assert [s.prompt_tokens for s in ours] == [s.prompt_tokens for s in theirs]
    assert sum(s.counters["frames_encoded"] for s in ours) == distinct(4)
    assert [s.counters["frames_encoded"] for s in theirs] == [1, 2, 3, 4]


def test_every_trace_of_a_comparison_has_screens_that_were_not_seen_before() -> None:
    runs = compare(Plan((ENGINE,), trace(2), repeats=2, warmup=1), STABLE, Stop())
    assert [t[0].counters["frames_encoded"] for t in runs[ENGINE]] == [1, 1]


def test_a_call_takes_fewer_passes_than_half_its_tokens_even_without_drafts() -> None:
    calls = count_calls(STABLE, trace(4), Options(drafts=False), Stop())
    assert calls.worst <= 0.5
    slow = count_calls(STABLE, trace(4), Options(drafts=False, fast_forward=False), Stop())
    assert slow.tokens == calls.tokens
    assert slow.forwards > 2 * calls.forwards


def test_a_cache_that_forgets_nothing_does_not_stray() -> None:
    kept = measure_divergence(STABLE, trace(3), 2, Stop())
    assert kept.steps == 1
    assert measure_divergence(STABLE, trace(2), 1, Stop()).steps == 1
    exact = measure_divergence(STABLE, trace(2), 0, Stop())
    assert exact.context[1] < exact.context[0]


def test_a_run_within_a_budget_says_at_which_step_it_cuts() -> None:
    run = run_within(STABLE, trace(14), 2048, Stop())
    assert run.within
    step, sentence = run.told[0]
    assert run.held[step - 1] < run.held[step - 2]
    assert "has reached its" in sentence


def test_a_run_that_fits_is_never_cut() -> None:
    assert run_within(STABLE, trace(3), 8192, Stop()).told == ()


def test_the_report_tells_conditions_ratios_and_work() -> None:
    report = measure(Asked(steps=2, repeats=1, backends=(ENGINE, PLAIN), evict=1), Stop())
    text = "\n".join(report.lines)
    for wanted in ("step 10", "faster than transformers", "tokens_prefilled", "torch.float32"):
        assert wanted in text
    assert "the same tokens from all: yes" in text
    assert "keeping 1 pictures" in text
    assert json.loads(json.dumps(report.data))["engine"]["steps"] == 2


@pytest.mark.parametrize("name", ["vllm", "openai"])
def test_a_backend_that_is_not_there_is_a_sentence(name: str) -> None:
    with pytest.raises(ConfigError, match=r"no backend|--server URL"):
        compare(Plan((name,), trace(1), repeats=1), STABLE, Stop())


def test_the_published_tokenizer_has_its_tokens_where_the_checkpoints_have_them() -> None:
    tokenizer = published_tokenizer()
    ids = tokenizer.convert_tokens_to_ids
    assert (len(tokenizer), ids("<|im_start|>"), ids("</think>")) == (151669, 151644, 151668)
