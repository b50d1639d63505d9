import pytest

from agent.models.qwen3_vl.sizes import GIB, SIZES, choose_size, size_hint


@pytest.mark.parametrize(
    ("free_gib", "chosen"),
    [
        (4, None),
        (8, "Qwen/Qwen3-VL-2B-Instruct"),
        (15, "Qwen/Qwen3-VL-4B-Instruct"),
        (23, "Qwen/Qwen3-VL-8B-Instruct"),
        (47, "Qwen/Qwen3-VL-8B-Instruct"),
        (63, "Qwen/Qwen3-VL-30B-A3B-Instruct"),
        (79, "Qwen/Qwen3-VL-32B-Instruct"),
        (139, "Qwen/Qwen3-VL-32B-Instruct"),
    ],
)
def test_the_largest_size_that_fits_is_chosen(free_gib, chosen):
    size = choose_size(free_gib * GIB)
    assert (size.hub_id if size else None) == chosen


def test_sizes_stand_in_the_order_of_what_they_need():
    needed = [size.needed_bytes for size in SIZES]
    assert needed == sorted(needed)


def test_the_hint_names_what_fits_or_what_else_to_do():
    assert "Qwen3-VL-4B" in size_hint(16 * GIB)
    assert "--model embedded" in size_hint(GIB)
