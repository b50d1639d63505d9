"""The floors, against the published table (shared notes on performance, section 2)."""

import pytest

from agent.models.qwen3_vl.shapes import published_config
from benchmarks.latency.replay import Taken
from benchmarks.latency.report import floor_ratios
from benchmarks.latency.roofline import Ceilings, work_of

H200 = Ceilings(790e12, 4.3e12)
SCREEN, PATCHES = 2040, 8160


@pytest.mark.parametrize(
    ("size", "vision", "prefill", "decode", "cold"),
    [("2B", 15, 16, 72, 85), ("4B", 15, 41, 143, 219), ("8B", 20, 58, 242, 343)],
)
def test_the_floor_of_a_step_with_five_past_screens_is_the_published_one(
    size: str, vision: float, prefill: float, decode: float, cold: float
) -> None:
    work, context, new = work_of(published_config(size)), 14830, SCREEN + 40
    assert work.vision_ms(PATCHES, H200) == pytest.approx(vision, abs=0.5)
    assert work.prefill_ms(new, context - new, H200) == pytest.approx(prefill, abs=0.6)
    assert work.prefill_ms(context, 0, H200) == pytest.approx(cold, abs=0.6)
    assert 60 * work.decode_ms(context + 30, H200) == pytest.approx(decode, abs=0.5)


def test_of_a_mixture_only_the_experts_at_work_are_read() -> None:
    work = work_of(published_config("30B-A3B"))
    assert 2e9 < work.weights + work.head < 4e9


def test_a_step_at_its_floor_is_once_its_floor() -> None:
    work = work_of(published_config("2B"))
    counters = {"frames_encoded": 1, "tokens_prefilled": 2080, "tokens_reused": 12750}
    counters |= {"tokens_generated": 60}
    floor = work.step_ms(Taken(0.0, {}, counters, ""), PATCHES, H200)
    decode = 60 * work.decode_ms(14830, H200)
    step = Taken(floor, {"decode": decode}, counters, "")
    assert floor_ratios([[step, step]], work, H200, PATCHES) == pytest.approx((1.0, 1.0))
