"""The bars: every figure that must hold, each a kept measurement.

Responsible for the list of them and for measuring one so that what is missing is a verdict too.
"""

from __future__ import annotations

from benchmarks.bars import (
    android_faults,
    android_latency,
    android_loop,
    android_text,
    android_validators,
    calls,
    checkpoint,
    demo,
    desktop_input,
    desktop_monitors,
    desktop_settling,
    desktop_share,
    desktop_text,
    dialects,
    doors,
    ground_set,
    harness,
    latency,
    miniwob,
    osworld,
    practice,
    qwen_agent,
    scorers,
    servers,
    speed,
    training,
    trust_claims,
    trust_loops,
    trust_report,
    trust_resume,
    trust_rules,
    trust_secrets,
)
from benchmarks.bars.base import Bar, Bench, Finding, Status
from environments.errors import ConfigError, DeskhandError, Stopped

__all__ = ["BARS", "Bar", "Bench", "Finding", "Status", "bar_named", "measure"]

BARS: tuple[Bar, ...] = (
    *demo.BARS,
    *practice.BARS,
    *checkpoint.BARS,
    *calls.BARS,
    *speed.BARS,
    *latency.BARS,
    *harness.BARS,
    *scorers.BARS,
    *ground_set.BARS,
    *miniwob.BARS,
    *osworld.BARS,
    *desktop_input.BARS,
    *desktop_text.BARS,
    *desktop_monitors.BARS,
    *desktop_settling.BARS,
    *desktop_share.BARS,
    *android_loop.BARS,
    *android_text.BARS,
    *android_faults.BARS,
    *android_latency.BARS,
    *android_validators.BARS,
    *trust_rules.BARS,
    *trust_loops.BARS,
    *trust_claims.BARS,
    *trust_resume.BARS,
    *trust_secrets.BARS,
    *trust_report.BARS,
    *doors.BARS,
    *servers.BARS,
    *dialects.BARS,
    *qwen_agent.BARS,
    *training.BARS,
)


def bar_named(name: str) -> Bar:
    """Return a bar.

    Raises:
        ConfigError: there is none of that name.
    """
    for bar in BARS:
        if bar.name == name:
            return bar
    raise ConfigError(f"There is no bar {name!r}; there are: {', '.join(b.name for b in BARS)}.")


def measure(bar: Bar, bench: Bench) -> Finding:
    """Measure a bar; what cannot be measured here has not passed.

    Raises:
        Stopped: it was stopped; what was measured so far is kept.
    """
    try:
        return bar.measure(bench)
    except Stopped:
        raise
    except DeskhandError as error:
        return Finding(str(error), None, missing=True)
