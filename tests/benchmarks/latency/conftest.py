from collections.abc import Iterator

import pytest

from benchmarks.latency.comparison import threads


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Compute as the benchmark does: small products are no faster on more threads."""
    with threads(1):
        yield
