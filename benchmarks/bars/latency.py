"""The bars on the engine: the same words as ``generate()``, for a fraction of the work and time.

Responsible for judging what ``benchmarks.latency`` measures. Counters are exact and hold anywhere;
times mean something on a machine that does nothing else, so the tests never run them.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import asdict
from statistics import median, quantiles
from typing import TYPE_CHECKING, Any

from benchmarks.bars.base import Bar, Bench, Finding
from benchmarks.base import Kind, TaskResult
from benchmarks.latency.screens import distinct
from benchmarks.versions import code_version
from environments.errors import ConfigError

if TYPE_CHECKING:
    from benchmarks.latency.comparison import Runs
    from benchmarks.latency.replay import Taken
    from benchmarks.latency.traces import Traces, Verdict

SERVER_VARIABLE = "DESKHAND_BENCH_SERVER"
"""Environment variable that names a server to compare with."""

TRACES, LOGITS = range(200), 1e-4
FEWER, PASSES = 8.0, 0.5
FASTER, THAN_SERVER = 3.0, 2.0
HOST_MS = 10.0
BUDGET = 8192
FEW, SMALL_BUDGET, SMALL_PX = 16, 2560, (320, 256)
STEPS, WALL_STEPS, REPEATS = 20, 11, 5
HOST_TRACES = 3
"""Traces whose host time is taken, one after the other in one process, the first steps left out."""
GPU_FASTER = {"2B": 10.0, "4B": 7.0, "8B": 5.0}
GPU_STEP, GPU_TOKEN = 1.5, {"2B": 1.5, "4B": 1.5, "8B": 1.25}
FIVE_PAST = 5
"""Index of the step that has five past screens in its prompt."""


def correctness(bench: Bench) -> Finding:
    """Ask the questions of random traces warm, cold and of plain ``generate()``."""
    version, made = code_version(), dict[int, "Traces"]()
    keys = {f"trace/{version}/{number}": number for number in bench.part_of(TRACES)}
    results = bench.each("engine-correctness", keys, lambda key: _trace(key, keys[key], made))
    told = [json.loads(result.reason) for result in results]
    asked, cold, plain = (
        sum(verdict[name] for verdict in told)
        for name in ("questions", "warm_is_cold", "warm_is_plain")
    )
    apart = [max(verdict[name] for verdict in told) for name in ("logits_cold", "logits_plain")]
    figure = (
        f"{cold} of {asked} replies the same warm and cold, {plain} the same as generate; logits "
        f"differ by at most {apart[0]:.1e} and {apart[1]:.1e}; {len(told)} traces"
    )
    wrong = tuple(verdict["told"] for verdict in told if verdict["told"])[:5]
    return Finding(figure, cold == plain == asked and max(apart) <= LOGITS, wrong)


def _trace(key: str, number: int, made: dict[int, Traces]) -> TaskResult:
    """Run one trace; the network of the last ones is used again as long as it is theirs."""
    import torch

    from benchmarks.latency.traces import TRACES_PER_NETWORK, Traces

    network = number // TRACES_PER_NETWORK
    if network not in made:
        made.clear()
        made[network] = Traces(number)
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    verdict: Verdict = made[network].run(number)
    torch.set_num_threads(before)
    kind = Kind.SUCCESS if verdict.same else Kind.AGENT_FAIL
    told = json.dumps(asdict(verdict))
    score = float(verdict.same)
    return TaskResult(key=key, group="trace", seed=number, kind=kind, score=score, reason=told)


def work(bench: Bench) -> Finding:
    """Count the work of the trace; what ``generate`` prefills is checked on a slice of its steps.

    It reads the whole prompt at every step, so its count is the sum of the prompts' lengths.
    """
    from agent.models.qwen3_vl.engine import Options
    from benchmarks.latency.backends import ENGINE, PLAIN, Stable
    from benchmarks.latency.calls import count_calls
    from benchmarks.latency.comparison import threads
    from benchmarks.latency.replay import Trace

    stable, trace = Stable(), Trace(0, STEPS)
    with threads(1):
        ours, theirs = (stable.joiner(name)(trace, None) for name in (ENGINE, PLAIN))
        checked = len(bench.part_of(range(STEPS)))
        agree = True
        for step in range(STEPS):
            bench.stop.check()
            taken = ours.step()
            if step < checked:
                plain = theirs.step()
                read = plain.counters["tokens_prefilled"]
                agree = agree and (plain.text, read) == (taken.text, taken.prompt_tokens)
        calls = count_calls(stable, trace, Options(), bench.stop)
        tokenwise = count_calls(stable, trace, Options(drafts=False), bench.stop)
    prompts = sum(step.prompt_tokens for step in ours.taken)
    prefilled, encoded = (_sum(ours.taken, n) for n in ("tokens_prefilled", "frames_encoded"))
    fewer, wanted = prompts / prefilled, distinct(STEPS)
    passed = agree and fewer >= FEWER and encoded == wanted and calls.ratio <= PASSES
    figure = (
        f"{prefilled} tokens prefilled instead of {prompts} ({fewer:.1f}x fewer); {encoded} frames "
        f"encoded, {wanted} are different; {calls.forwards} forwards for {calls.tokens} tokens of "
        f"calls ({calls.ratio:.2f}x)"
    )
    notes = (
        f"worst call {calls.worst:.2f}x; without drafts {tokenwise.ratio:.2f}x, worst "
        f"{tokenwise.worst:.2f}x",
        f"generate compared in the first {checked} steps: {'equal' if agree else 'NOT EQUAL'}",
    )
    return Finding(figure, passed, notes, {"fewer": fewer, "calls": asdict(calls)})


def wall(bench: Bench) -> Finding:
    """Time the tenth step beside plain ``generate()``, on a CPU."""
    from benchmarks.latency.backends import ENGINE, PLAIN

    runs = _compared(bench, (ENGINE, PLAIN))
    return _ratio(runs, PLAIN, FASTER)


def server(bench: Bench) -> Finding:
    """Time steps beside a server.

    Raises:
        ConfigError: no server is named.
    """
    from benchmarks.latency.backends import ENGINE, SERVER

    url = os.environ.get(SERVER_VARIABLE)
    if not url:
        raise ConfigError(f"No server to compare with; name one in {SERVER_VARIABLE}.")
    return _ratio(_compared(bench, (ENGINE, SERVER), url), SERVER, THAN_SERVER)


def host(bench: Bench) -> Finding:
    """Time what of a step is neither the model's arithmetic nor the screen's."""
    from benchmarks.latency.backends import Stable
    from benchmarks.latency.host import measure_host
    from benchmarks.latency.networks import WORDY
    from benchmarks.latency.replay import Trace

    stable, runs = Stable(WORDY), bench.folder / "runs"
    times = [
        t for seed in range(HOST_TRACES) for t in measure_host(stable, Trace(seed, STEPS), runs)
    ]
    p50, p95 = median(times), quantiles(times, n=20)[-1]
    figure = f"p50 {p50:.1f} ms, p95 {p95:.1f} ms, {len(times)} steps"
    note = "with a journal that is on the disk before each call returns; the disk decides much"
    return Finding(figure, p50 <= HOST_MS, (note,), {"p50_ms": p50, "p95_ms": p95})


def memory(bench: Bench) -> Finding:
    """Run fifty steps within a budget; a slice runs fewer, on small screens."""
    from benchmarks.latency.backends import Stable
    from benchmarks.latency.budget import LONG, run_within
    from benchmarks.latency.comparison import threads
    from benchmarks.latency.replay import CPU_PX, Trace

    size, budget = (CPU_PX, BUDGET) if bench.whole else (SMALL_PX, SMALL_BUDGET)
    steps = LONG if bench.whole else FEW
    with threads(1):
        run = run_within(Stable(), Trace(0, steps, size), budget, bench.stop)
    first = f"cuts from step {run.told[0][0]} on and says so" if run.told else "never cut"
    figure = f"at most {max(run.held)} of {run.budget} tokens in {steps} steps, {first}"
    notes = tuple(f"step {step}: {sentence}" for step, sentence in run.told)
    return Finding(figure, run.within and bool(run.told), notes)


def gpu_generate(bench: Bench) -> Finding:
    """Time a step with five past screens of 1080p beside plain ``generate()``, on a GPU.

    Raises:
        ConfigError: there is no GPU.
    """
    from benchmarks.latency.backends import ENGINE, PLAIN

    found = {}
    for size in GPU_FASTER:
        runs = _compared(bench, (ENGINE, PLAIN), size=_on_gpu(size))
        ours, theirs = (_at(runs[name], FIVE_PAST) for name in (ENGINE, PLAIN))
        found[size] = theirs / ours
    figure = ", ".join(f"{size} {ratio:.1f}x" for size, ratio in found.items())
    return Finding(figure, all(found[size] >= GPU_FASTER[size] for size in found), data=found)


def gpu_floor(bench: Bench) -> Finding:
    """Hold a warm step and a decoded token, one pass each, against their floors, on a GPU.

    Raises:
        ConfigError: there is no GPU.
    """
    from agent.models.qwen3_vl.shapes import published_config
    from benchmarks.latency.backends import TOKENWISE
    from benchmarks.latency.report import Asked, floor_ratios
    from benchmarks.latency.roofline import measure_ceilings, work_of

    found: dict[str, tuple[float, float]] = {}
    for size in GPU_TOKEN:
        runs = _compared(bench, (TOKENWISE,), size=_on_gpu(size))
        work = work_of(published_config(size))
        found[size] = floor_ratios(runs[TOKENWISE], work, measure_ceilings(), Asked(size).patches)
    passed = all(step <= GPU_STEP and token <= GPU_TOKEN[s] for s, (step, token) in found.items())
    figure = ", ".join(f"{s} step {a:.2f}x, token {b:.2f}x" for s, (a, b) in found.items())
    return Finding(figure, passed, data={"step_and_token": found})


def _on_gpu(size: str) -> str:
    import torch

    if not torch.cuda.is_available():
        raise ConfigError("There is no NVIDIA GPU here.")
    return size


def _compared(
    bench: Bench, backends: tuple[str, ...], url: str | None = None, size: str = "tiny"
) -> Runs:
    """Run traces up to the tenth step, or up to the one with five past screens on a GPU."""
    from benchmarks.latency.comparison import Plan, compare
    from benchmarks.latency.replay import Trace
    from benchmarks.latency.report import Asked

    asked = Asked(size, backends, url=url, screen_px=SMALL_PX if url else None)
    steps = WALL_STEPS if size == "tiny" else FIVE_PAST + 2
    trace = Trace(0, steps, asked.trace.size_px)
    repeats = len(bench.part_of(range(REPEATS)))
    with closing(asked.stable()) as stable:
        return compare(Plan(backends, trace, repeats), stable, bench.stop)


def _ratio(runs: Runs, baseline: str, bar: float) -> Finding:
    from benchmarks.latency.backends import ENGINE
    from benchmarks.latency.summary import TENTH, same_text, speedups

    ours, theirs = (_at(runs[name], TENTH) for name in (ENGINE, baseline))
    late, whole = speedups(runs, baseline)[ENGINE]
    figure = (
        f"{late:.1f}x at step 10 ({ours:.0f} ms against {theirs:.0f} ms), {whole:.1f}x over all; "
        f"medians of {len(runs[ENGINE])} traces"
    )
    note = f"the same tokens: {'yes' if same_text(runs) else 'NO'}"
    return Finding(figure, late >= bar and same_text(runs), (note,), {"late": late, "all": whole})


def _at(traces: Sequence[Sequence[Taken]], index: int) -> float:
    return median(trace[index].wall_ms for trace in traces)


def _sum(steps: list[Taken], counter: str) -> int:
    return sum(step.counters[counter] for step in steps)


def _row(name: str, what: str, bar: str, measure: Any, timing: bool = False) -> Bar:
    return Bar(name, what, bar, measure, timing=timing)


def _each(bars: Mapping[str, float], sign: str) -> str:
    return ", ".join(f"{size} {sign} {bar:g}x" for size, bar in bars.items())


BARS = (
    _row(
        "engine-correctness",
        f"{len(TRACES)} random traces with crops, forks, repeated screens and interleaved "
        "sessions, float32: warm, cold and plain generate",
        f"the same greedy tokens, logits within {LOGITS:g}",
        correctness,
    ),
    _row(
        "engine-work",
        f"work of the {STEPS}-step trace against plain generate, append-only",
        f">= {FEWER:g}x fewer tokens prefilled, each different frame encoded once, forwards <= "
        f"{PASSES:g}x the tokens of a call",
        work,
    ),
    _row(
        "engine-wall",
        "a whole step at step 10 against plain generate, CPU, tiny network, in turn",
        f">= {FASTER:g}x faster",
        wall,
        timing=True,
    ),
    _row(
        "engine-server",
        "a whole step at step 10 against a server with prefix caching, same CPU and network, "
        "screens of the practice desktop (320x256)",
        f">= {THAN_SERVER:g}x faster",
        server,
        timing=True,
    ),
    _row(
        "engine-host",
        "of a step: prompt, session, grammar (Qwen's vocabulary), parser, registry and journal",
        f"p50 <= {HOST_MS:g} ms",
        host,
        timing=True,
    ),
    _row(
        "engine-memory",
        "fifty steps, append-only, within a budget of tokens",
        "stays within it, and says when it starts to cut",
        memory,
    ),
    _row(
        "engine-gpu-generate",
        "a step with 5 past screens of 1080p, bf16, against plain generate, GPU",
        _each(GPU_FASTER, ">="),
        gpu_generate,
        timing=True,
    ),
    _row(
        "engine-gpu-floor",
        "a warm step and a decoded token over their floors, without fast-forward, GPU",
        f"step <= {GPU_STEP:g}x; token {_each(GPU_TOKEN, '<=')}",
        gpu_floor,
        timing=True,
    ),
)
