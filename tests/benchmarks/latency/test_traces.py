"""The search for replies that a cache spoils: it finds none, and would find one."""

from agent.models.qwen3_vl.engine import Engine
from agent.models.qwen3_vl.prompt import Prompt
from agent.models.qwen3_vl.session import Session
from benchmarks.latency.traces import Traces


def test_replies_are_the_same_warm_cold_and_plain() -> None:
    verdict = Traces(0).run(0)
    assert verdict.same, verdict.told
    assert verdict.questions == 6
    assert 0 < max(verdict.logits_cold, verdict.logits_plain) < 1e-4


def test_a_cache_that_is_believed_unseen_is_found_out() -> None:
    verdict = Traces(1, Careless).run(1)
    assert verdict.logits_cold > 1e-2
    assert verdict.warm_is_cold < verdict.questions
    assert "warm" in verdict.told


class Careless(Engine):
    """An engine whose conversations do not look at what their cache holds."""

    def new_session(self) -> Session:
        return Trusting(super().new_session().rows)


class Trusting(Session):
    def shared_with(self, prompt: Prompt, keep: int | None = None) -> int:
        return min(len(self), len(prompt.ids))
