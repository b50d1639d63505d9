import json

import pytest
import torch
from safetensors.torch import load_file, save_file

from agent.models.qwen3_vl.engine import Engine, Qwen3VLModel
from agent.models.qwen3_vl.loading import load_checkpoint, memory_in_words
from agent.models.qwen3_vl.plain import PlainModel
from agent.models.qwen3_vl.sizes import GIB
from environments.base import Stop
from environments.errors import ModelError
from tests.agent.models.qwen3_vl.checkpoints import save, save_scaled_down
from tests.agent.models.qwen3_vl.conversations import SmallProfile, two_pictures
from tools.computer_use import computer_use


@pytest.mark.parametrize("moe", [False, True], ids=["dense", "moe"])
def test_a_sharded_checkpoint_loads_as_it_was_saved(tmp_path, moe):
    saved = save(tmp_path, moe)
    index = json.loads((tmp_path / "model.safetensors.index.json").read_text())
    assert len(set(index["weight_map"].values())) > 1
    loaded = load_checkpoint(str(tmp_path), device="cpu").model
    wanted = dict(saved.model.language_model.named_parameters())
    got = dict(loaded.model.language_model.named_parameters())
    assert wanted.keys() == got.keys()
    assert all(torch.equal(wanted[name], got[name]) for name in wanted)
    ids = torch.arange(20, 60)[None]
    with torch.inference_mode():
        logits = [model(input_ids=ids).logits for model in (saved, loaded)]
    assert torch.equal(*logits)


@pytest.mark.parametrize("name", ["4B", "30B-A3B"])
def test_a_scaled_down_published_shape_saved_sharded_replies_as_generate_does(tmp_path, name):
    save_scaled_down(tmp_path, name)
    assert len(list(tmp_path.glob("*.safetensors"))) > 1
    checkpoints = [load_checkpoint(str(tmp_path), device="cpu") for _ in range(2)]
    assert {checkpoint.model.dtype for checkpoint in checkpoints} == {torch.float32}
    models = (
        Qwen3VLModel(Engine(checkpoints[0]), SmallProfile()),
        PlainModel(checkpoints[1], SmallProfile()),
    )
    tools = [computer_use().spec]
    ours, theirs = (model.generate(two_pictures(), tools, stop=Stop()) for model in models)
    assert ours.text == theirs.text
    assert "</tool_call>" in ours.text


def test_weights_that_stand_in_no_file_are_never_made_up(tmp_path):
    save(tmp_path, shard="10GB")
    file = tmp_path / "model.safetensors"
    weights = load_file(file)
    del weights["model.language_model.layers.1.mlp.down_proj.weight"]
    save_file(weights, file, metadata={"format": "pt"})
    with pytest.raises(ModelError, match=r"1 are missing, for example .*down_proj.*fetch"):
        load_checkpoint(str(tmp_path), device="cpu")


def test_weights_of_another_shape_than_the_config_says_are_told_in_a_sentence(tmp_path):
    save(tmp_path)
    path = tmp_path / "config.json"
    config = json.loads(path.read_text())
    config["text_config"]["intermediate_size"] = 100
    path.write_text(json.dumps(config))
    with pytest.raises(ModelError, match=r"their shapes are not those of its config\.json"):
        load_checkpoint(str(tmp_path), device="cpu")


def test_nothing_is_printed_while_weights_are_read(tmp_path, capfd):
    save(tmp_path)
    capfd.readouterr()
    load_checkpoint(str(tmp_path), device="cpu")
    assert capfd.readouterr() == ("", "")


def test_too_little_memory_at_load_is_told_with_a_size_and_a_quantisation_that_fit():
    with (
        pytest.raises(ModelError) as told,
        memory_in_words("load the model", lambda: 16 * GIB),
    ):
        raise torch.OutOfMemoryError
    assert str(told.value) == (
        "The GPU has too little memory to load the model; with 16.0 GiB free the largest that "
        "fits is Qwen/Qwen3-VL-4B-Instruct, or Qwen/Qwen3-VL-8B-Instruct with --quantize fp8."
    )


def test_too_little_main_memory_is_told_in_a_sentence():
    with (
        pytest.raises(ModelError, match="This machine has too little memory to load the model"),
        memory_in_words("load the model"),
    ):
        raise RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 1")
