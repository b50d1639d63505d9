import random
from collections.abc import Iterator

import pytest

from agent.models.qwen3_vl.grammar import CallGrammar, CallState
from agent.models.qwen3_vl.random_weights import random_checkpoint
from agent.models.qwen3_vl.vocabulary import Vocabulary
from tools.computer_use import computer_use

LONGEST = 200


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return random_checkpoint(0).vocabulary


@pytest.fixture(scope="module")
def grammar(vocabulary: Vocabulary) -> CallGrammar:
    return CallGrammar([computer_use().spec], vocabulary)


def walked(grammar: CallGrammar, seed: int) -> Iterator[CallState]:
    """Yield a state at each place of a call that is drawn among what is allowed."""
    state, draw = grammar.start(), random.Random(seed)
    for _ in range(LONGEST):
        if state.done:
            return
        yield state
        state.take([draw.choice(state.allowed().nonzero().flatten().tolist())])


@pytest.mark.parametrize("seed", range(5))
def test_of_a_text_that_is_forced_only_the_usual_spelling_may_be_written(grammar, seed):
    forced_places = 0
    for state in walked(grammar, seed):
        forced = state.forced()
        if forced:
            forced_places += 1
            assert state.allowed().nonzero().flatten().tolist() == [forced[0]]
            assert [t for t in range(len(state.allowed())) if state.may(t)] == [forced[0]]
    assert forced_places > 3


@pytest.mark.parametrize("seed", range(5))
def test_a_token_may_come_next_just_if_it_is_among_those_allowed(grammar, seed):
    for state in walked(grammar, seed):
        allowed = state.allowed().tolist()
        assert [state.may(token) for token in range(len(allowed))] == allowed


def test_what_is_forced_is_the_same_for_every_call_that_begins_alike(grammar):
    first, second = grammar.start(), grammar.start()
    while forced := first.forced():
        assert second.forced() == forced
        first.take(forced)
        second.take(forced)
    assert second.forced() == []
