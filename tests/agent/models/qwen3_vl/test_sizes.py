import pytest

from agent.models.qwen3_vl.sizes import BYTES_PER_WEIGHT, GIB, choose_size, size_hint, sizes_in


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
        (480, "Qwen/Qwen3-VL-235B-A22B-Instruct"),
    ],
)
def test_the_largest_size_that_fits_is_chosen(free_gib, chosen):
    size = choose_size(free_gib * GIB)
    assert (size.hub_id if size else None) == chosen


@pytest.mark.parametrize("form", BYTES_PER_WEIGHT)
def test_sizes_stand_in_the_order_of_what_they_need(form):
    needed = [size.needed_bytes() for size in sizes_in(form)]
    assert needed == sorted(needed)


def test_a_format_of_fewer_bits_needs_less_memory():
    for size in sizes_in("int8"):
        forms = ("bf16", "int8", "nf4")
        needed = [type(size)(size.name, size.shape, form).needed_bytes() for form in forms]
        assert needed == sorted(needed, reverse=True)


def test_the_weights_in_bf16_take_what_is_published():
    gib = {size.name: round(size.weight_bytes / GIB, 1) for size in sizes_in()}
    assert gib == {
        "2B": 4.0, "4B": 8.3, "8B": 16.3, "30B-A3B": 57.9, "32B": 62.1, "235B-A22B": 439.0
    }  # fmt: skip


def test_a_longer_context_needs_the_cache_of_its_tokens_more():
    (size,) = (size for size in sizes_in() if size.name == "8B")
    assert size.needed_bytes(2000) - size.needed_bytes(1000) == 1000 * 147_456


def test_a_longer_context_leaves_a_smaller_size_to_choose():
    assert choose_size(24 * GIB, context=16_384).name == "8B"
    assert choose_size(24 * GIB, context=65_536).name == "4B"


def test_mixtures_of_experts_are_left_out_where_a_format_does_not_reach_them():
    assert "30B-A3B" not in [size.name for size in sizes_in("nf4")]
    assert "30B-A3B" in [size.name for size in sizes_in("fp8")]


@pytest.mark.parametrize(
    ("free_gib", "words"),
    [
        (1, "no published size fits; use --model embedded or another GPU"),
        (6, "only Qwen/Qwen3-VL-2B-Instruct with --quantize nf4 fits"),
        (16, "Qwen3-VL-4B-Instruct, or Qwen/Qwen3-VL-8B-Instruct with --quantize fp8"),
        (79, "the largest that fits is Qwen/Qwen3-VL-32B-Instruct"),
    ],
)
def test_the_hint_names_a_size_and_a_quantisation_that_fit_or_what_else_to_do(free_gib, words):
    hint = size_hint(int(free_gib * GIB))
    assert hint.startswith(f"with {free_gib:.1f} GiB free")
    assert hint.endswith(words)
