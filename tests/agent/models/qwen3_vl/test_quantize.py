from importlib.util import find_spec

import pytest
import torch

from agent.models.qwen3_vl.engine import Engine, Qwen3VLModel
from agent.models.qwen3_vl.loading import load_checkpoint
from agent.models.qwen3_vl.published import PUBLISHED, method_of, published
from agent.models.qwen3_vl.quantize import CHOICES, made_here
from agent.models.qwen3_vl.storage import Package, require
from environments.base import Stop
from environments.errors import ConfigError
from tests.agent.models.qwen3_vl.checkpoints import (
    CHANNEL_SETTINGS,
    FP8_SETTINGS,
    declare,
    save,
    save_fp8,
)
from tests.agent.models.qwen3_vl.conversations import SmallProfile, two_pictures
from tools.computer_use import computer_use

H200, A100, V100 = (9, 0), (8, 0), (7, 0)
CLOSE = {"int8": 0.15, "nf4": 0.6, "fp8": 0.25}
"""Bound on the change of the logits over their spread; unrelated weights change them by 1.4."""

MISSING = [method for method, (first, *_) in PUBLISHED.items() if find_spec(first.module) is None]

needs_kernels = pytest.mark.skipif(
    any(find_spec(package.module) is None for package in CHOICES.values()),
    reason="the packages of the extra 'quantize' are not installed",
)
lacks_packages = pytest.mark.skipif(
    any(find_spec(package.module) for package in CHOICES.values()),
    reason="packages of the extra 'quantize' are installed",
)
noisy = pytest.mark.filterwarnings("ignore")
"""These libraries warn of what is theirs, when they are imported and at each product."""


def no_problem() -> str:
    return ""


@lacks_packages
@pytest.mark.parametrize(
    ("choice", "command"),
    [("int8", "bitsandbytes>=0.49"), ("nf4", "bitsandbytes>=0.49"), ("fp8", "torchao>=0.15")],
)
def test_a_missing_package_is_told_with_the_command_that_installs_it(tmp_path, choice, command):
    save(tmp_path)
    with pytest.raises(ConfigError, match=f"--quantize {choice} needs .* pip install '{command}'"):
        load_checkpoint(str(tmp_path), device="cpu", quantize=choice)


@pytest.mark.parametrize(
    "method", [m for m in PUBLISHED if find_spec(PUBLISHED[m][0].module) is None]
)
def test_a_published_format_whose_package_is_missing_is_told_with_the_command(tmp_path, method):
    save(tmp_path)
    declare(tmp_path, {"quant_method": method, "bits": 4})
    with pytest.raises(ConfigError, match=f"in the format {method} needs .*: pip install '"):
        load_checkpoint(str(tmp_path), device="cpu")


def test_a_package_that_is_there_is_enough():
    require(Package("torch", "torch"), "This")


@pytest.mark.parametrize("choice", CHOICES)
def test_quantising_what_is_quantised_already_is_refused_in_a_sentence(tmp_path, choice):
    save_fp8(tmp_path)
    with pytest.raises(ConfigError, match=r"quantised already \(fp8\); leave --quantize out"):
        load_checkpoint(str(tmp_path), device="cpu", quantize=choice)


def test_an_unknown_format_is_refused_in_a_sentence(tmp_path):
    save(tmp_path)
    with pytest.raises(ConfigError, match="takes none, int8, nf4, fp8, int4, not 'int3'"):
        load_checkpoint(str(tmp_path), device="cpu", quantize="int3")


@pytest.mark.parametrize("capability", [None, V100])
def test_int4_without_a_gpu_that_can_is_refused_in_a_sentence(capability):
    with pytest.raises(ConfigError, match=r"int4 needs an NVIDIA GPU .* use --quantize nf4 here"):
        made_here("int4", False, capability)


@pytest.mark.parametrize("choice", ["int8", "nf4"])
def test_formats_that_do_not_reach_experts_are_refused_for_them(choice):
    with pytest.raises(ConfigError, match=r"does not reach the weights of experts.*fp8 or int4"):
        made_here(choice, True, H200)


def test_fp8_weights_are_expanded_where_nothing_multiplies_them_and_that_is_said(tmp_path):
    expanded = save_fp8(tmp_path)
    loaded = load_checkpoint(str(tmp_path), device="cpu")
    assert loaded.notices == (
        "The weights of this fp8 checkpoint are expanded to bf16 in memory: "
        "a CPU has no FP8 products.",
    )
    weights = dict(loaded.model.named_parameters())
    for name, values in expanded.items():
        assert weights[name].dtype == torch.bfloat16
        assert torch.allclose(weights[name], values, rtol=1e-2)


@pytest.mark.skipif(find_spec("compressed_tensors") is None, reason="needs compressed-tensors")
@noisy
def test_a_compressed_tensors_checkpoint_loads_expanded_on_a_cpu(tmp_path):
    expanded = save_fp8(tmp_path, "compressed-tensors")
    weights = dict(load_checkpoint(str(tmp_path), device="cpu").model.named_parameters())
    for name, values in expanded.items():
        assert torch.allclose(weights[name], values, rtol=1e-2)


@pytest.mark.parametrize(
    ("settings", "capability", "changes", "why"),
    [
        (FP8_SETTINGS, H200, {}, ""),
        (FP8_SETTINGS, A100, {"dequantize": True}, "this GPU has no FP8 products"),
        (FP8_SETTINGS, None, {"dequantize": True}, "a CPU has no FP8 products"),
    ],
)
def test_fine_grained_fp8_stays_fp8_where_it_can_be_multiplied(settings, capability, changes, why):
    storage = published(settings, capability, no_problem)
    assert storage.changes == changes
    assert why in "".join(storage.notices)
    assert bool(storage.notices) == bool(why)


def test_fp8_is_expanded_when_its_kernels_cannot_be_had_and_the_command_is_said():
    def missing() -> str:
        return "their kernels are not installed, pip install 'kernels==0.18.2'"

    storage = published(FP8_SETTINGS, H200, missing)
    assert storage.changes == {"dequantize": True}
    assert "pip install 'kernels==0.18.2'" in storage.notices[0]


@pytest.mark.skipif(find_spec("compressed_tensors") is None, reason="needs compressed-tensors")
def test_compressed_tensors_fp8_stays_fp8_on_a_gpu_that_can_and_packed_weights_are_expanded():
    assert published(CHANNEL_SETTINGS, H200, no_problem).changes == {
        "use_optimized_inference": True
    }
    packed = {"quant_method": "compressed-tensors", "config_groups": {"group_0": {
        "weights": {"num_bits": 4, "type": "int"}}}}  # fmt: skip
    storage = published(packed, H200, no_problem)
    assert storage.changes == {"dequantize": True}
    assert "no compressed-tensors format but FP8" in storage.notices[0]


def test_the_tower_that_a_checkpoint_leaves_alone_is_found_under_its_name_of_today():
    kept = published({"quant_method": "other", "modules_to_not_convert": ["visual"]}, H200, str)
    assert kept.changes == {"modules_to_not_convert": ["visual", "model.visual"]}
    assert published({"quant_method": "other"}, H200, str).changes == {}


def test_an_old_config_that_names_no_method_is_one_of_bitsandbytes():
    assert method_of({"load_in_4bit": True}) == "bitsandbytes"


@needs_kernels
@noisy
@pytest.mark.parametrize("choice", ["int8", "nf4", "fp8"])
def test_a_dense_model_quantised_while_loading_says_nearly_the_same(tmp_path, choice):
    compare(tmp_path, choice, moe=False)


@needs_kernels
@noisy
def test_experts_quantised_while_loading_say_nearly_the_same(tmp_path):
    model = compare(tmp_path, "fp8", moe=True)
    experts = model.model.language_model.layers[0].mlp.experts
    assert {type(one).__name__ for one in experts.gate_up_proj} == {"Float8Tensor"}


@needs_kernels
@noisy
@pytest.mark.parametrize(("choice", "moe"), [("int8", False), ("nf4", False), ("fp8", True)])
def test_the_engine_replies_with_a_call_from_quantised_weights(tmp_path, choice, moe):
    save(tmp_path, moe)
    checkpoint = load_checkpoint(str(tmp_path), device="cpu", quantize=choice)
    model = Qwen3VLModel(Engine(checkpoint), SmallProfile())
    reply = model.generate(two_pictures(), [computer_use().spec], stop=Stop())
    assert "</tool_call>" in reply.text


def compare(folder, choice, moe):
    """Load as it is and quantised; return the quantised model."""
    save(folder, moe)
    plain = load_checkpoint(str(folder), device="cpu", dtype=torch.bfloat16).model
    small = load_checkpoint(str(folder), device="cpu", quantize=choice).model
    layer = small.model.language_model.layers[0].self_attn.q_proj
    assert type(layer.weight).__name__ in {"Int8Params", "Params4bit", "Float8Tensor"}
    assert type(small.lm_head.weight) is torch.nn.Parameter
    assert all(type(p) is torch.nn.Parameter for p in small.model.visual.parameters())
    ids = torch.arange(20, 60)[None]
    with torch.inference_mode():
        wanted, got = (model(input_ids=ids).logits.float() for model in (plain, small))
    assert (got - wanted).std() < CLOSE[choice] * wanted.std()
    return small
