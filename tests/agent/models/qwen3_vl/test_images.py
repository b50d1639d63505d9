import numpy as np
import pytest
import torch

from agent.models.qwen3_vl.images import ImageRules, prepare, prepare_on, read_rules, target_size
from environments.errors import ModelError

RULES = ImageRules(min_px=4 * 1024, max_px=100 * 1024)


def published_processor(rules: ImageRules):
    from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil

    return Qwen2VLImageProcessorPil(
        size={"shortest_edge": rules.min_px, "longest_edge": rules.max_px},
        patch_size=rules.patch_px,
        merge_size=rules.merge,
        temporal_patch_size=rules.temporal,
        image_mean=list(rules.mean),
        image_std=list(rules.std),
    )


@pytest.mark.parametrize("size", [(256, 320), (270, 480), (600, 41), (20, 30), (721, 1281)])
@pytest.mark.parametrize("mean", [(0.5, 0.5, 0.5), (0.48, 0.45, 0.40)])
def test_patches_equal_those_of_transformers_bit_for_bit(size, mean):
    rules = ImageRules(min_px=RULES.min_px, max_px=RULES.max_px, mean=mean, std=(0.5, 0.26, 0.27))
    frame = np.random.default_rng(1).integers(0, 256, (*size, 3), dtype=np.uint8)
    wanted = published_processor(rules)(images=frame, return_tensors="np")
    found = prepare(frame, rules)
    assert [1, found.rows, found.columns] == wanted["image_grid_thw"][0].tolist()
    # transformers repeats a still picture along time; here it stands once.
    by_time = wanted["pixel_values"].reshape(len(found.values), 3, rules.temporal, -1)
    for time in range(rules.temporal):
        assert np.array_equal(found.values, by_time[:, :, time].reshape(len(found.values), -1))


@pytest.mark.parametrize("size", [(256, 320), (270, 480), (721, 1281), (1080, 1920)])
def test_what_the_gpu_prepares_differs_by_at_most_one_step_of_a_byte(size):
    frame = np.random.default_rng(1).integers(0, 256, (*size, 3), dtype=np.uint8)
    wanted = prepare(frame, RULES)
    found = prepare_on(torch.device("cpu"), frame, RULES)
    assert (found.rows, found.columns) == (wanted.rows, wanted.columns)
    step = 1 / 255 / 0.5
    assert np.abs(found.values.numpy() - wanted.values).max() <= step + 1e-5


def test_what_the_gpu_prepares_without_resizing_is_the_same():
    frame = np.random.default_rng(1).integers(0, 256, (256, 320, 3), dtype=np.uint8)
    found = prepare_on(torch.device("cpu"), frame, RULES).values.numpy()
    assert np.abs(found - prepare(frame, RULES).values).max() < 1e-6


def test_a_strided_view_of_a_bgra_buffer_gives_the_same_patches():
    buffer = np.random.default_rng(2).integers(0, 256, (64, 96, 4), dtype=np.uint8)
    view = buffer[:, :, 2::-1]
    assert not view.flags["C_CONTIGUOUS"]
    assert np.array_equal(prepare(view, RULES).values, prepare(view.copy(), RULES).values)


def test_published_sizes_of_screens_are_met():
    rules = ImageRules().within((64, 2560))
    sizes = {(720, 1280): (704, 1280), (1080, 1920): (1088, 1920)}
    assert {size: target_size(*size, rules) for size in sizes} == sizes


def test_a_strip_that_no_model_was_shown_is_refused():
    with pytest.raises(ModelError, match="too narrow a strip"):
        target_size(10, 2001, RULES)


def test_rules_are_read_from_either_file_and_default_to_the_published_ones(tmp_path):
    assert read_rules(tmp_path) == ImageRules()
    nested = '{"image_processor": {"patch_size": 14, "size": {"longest_edge": 999}}}'
    (tmp_path / "processor_config.json").write_text(nested)
    assert read_rules(tmp_path) == ImageRules(patch_px=14, max_px=999)
    (tmp_path / "preprocessor_config.json").write_text('{"min_pixels": 5}')
    assert read_rules(tmp_path).min_px == 5
    (tmp_path / "preprocessor_config.json").write_text("{")
    with pytest.raises(ModelError, match="not readable"):
        read_rules(tmp_path)
