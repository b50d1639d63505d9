import json
import os
import subprocess
import sys

import pytest
import torch

from agent.models.qwen3_vl.attention import KERNELS
from agent.models.qwen3_vl.engine import Engine, Qwen3VLModel
from agent.models.qwen3_vl.images import ImageRules
from agent.models.qwen3_vl.loading import Checkpoint, load_checkpoint, make_ready
from agent.models.qwen3_vl.random_weights import random_checkpoint, random_model, small_tokenizer
from agent.models.qwen3_vl.trust import choose_attention
from agent.models.qwen3_vl.vocabulary import Vocabulary
from environments.base import Stop
from environments.errors import ConfigError, ModelError, Stopped
from tests.agent.models.impatient import Impatient
from tests.agent.models.qwen3_vl.conversations import SmallProfile, two_pictures
from tests.agent.models.qwen3_vl.hub import endless_hub
from tools.computer_use import computer_use


def save(folder, moe=False):
    tokenizer = small_tokenizer()
    model = random_model(tokenizer, 11, moe)
    model.save_pretrained(folder, max_shard_size="60KB")
    tokenizer.save_pretrained(folder)
    size = {"shortest_edge": 1024, "longest_edge": 65_536}
    (folder / "preprocessor_config.json").write_text(json.dumps({"size": size}))
    return tokenizer, model


@pytest.mark.parametrize("moe", [False, True], ids=["dense", "moe"])
def test_a_sharded_checkpoint_loads_and_replies_as_the_saved_model_does(tmp_path, moe):
    tokenizer, model = save(tmp_path, moe)
    assert len(list(tmp_path.glob("*.safetensors"))) > 1
    loaded = load_checkpoint(str(tmp_path), device="cpu")
    assert loaded.rules == ImageRules(min_px=1024, max_px=65_536)
    assert loaded.notices == ()
    assert loaded.model.dtype == torch.float32
    vocabulary = Vocabulary(tokenizer, model.lm_head.out_features)
    original = make_ready("original", model, vocabulary, loaded.rules)
    replies = [answer(checkpoint) for checkpoint in (loaded, original)]
    assert replies[0] == replies[1]


def answer(checkpoint: Checkpoint) -> str:
    engine = Qwen3VLModel(Engine(checkpoint), SmallProfile())
    return engine.generate(two_pictures(), [computer_use().spec], stop=Stop()).text


@pytest.mark.parametrize(
    "spec", ["/no/such/folder", "nonsense", "a/b/c", "./here", "pyproject.toml", "a/b--c", "a/b."]
)
def test_an_unknown_name_is_refused_in_a_sentence(spec):
    with pytest.raises(ConfigError, match=r"There is no model .*: name a folder"):
        load_checkpoint(spec)


def test_a_folder_without_a_config_is_refused_in_a_sentence(tmp_path):
    with pytest.raises(ConfigError, match=r"is not a model: it has no config\.json"):
        load_checkpoint(str(tmp_path))


@pytest.mark.parametrize("config", ['{"model_type": "llama"}', "{}", "[]"])
def test_a_checkpoint_of_another_family_is_refused_in_a_sentence(tmp_path, config):
    (tmp_path / "config.json").write_text(config)
    with pytest.raises(ConfigError, match="is not a Qwen3-VL checkpoint"):
        load_checkpoint(str(tmp_path))


def test_a_missing_shard_is_told_in_a_sentence(tmp_path):
    save(tmp_path)
    sorted(tmp_path.glob("*.safetensors"))[0].unlink()
    with pytest.raises(ModelError, match=r"cannot be read .*fetch the checkpoint again"):
        load_checkpoint(str(tmp_path), device="cpu")


def test_a_damaged_shard_is_told_in_a_sentence(tmp_path):
    save(tmp_path)
    sorted(tmp_path.glob("*.safetensors"))[0].write_bytes(b"not weights")
    with pytest.raises(ModelError, match=r"cannot be read .*fetch the checkpoint again"):
        load_checkpoint(str(tmp_path), device="cpu")


def test_a_missing_tokenizer_is_told_in_a_sentence(tmp_path):
    save(tmp_path)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        (tmp_path / name).unlink()
    with pytest.raises(ModelError, match=r"There is no tokenizer in"):
        load_checkpoint(str(tmp_path), device="cpu")


def noise(queries, keys, values, scale):
    return torch.randn_like(queries.transpose(0, 1))


def refusal(queries, keys, values, scale):
    raise RuntimeError("no kernel image is available for execution on the device")


@pytest.mark.parametrize("kernel", [noise, refusal])
def test_attention_that_does_not_work_is_replaced_and_said(kernel, monkeypatch):
    monkeypatch.setitem(KERNELS, "broken", kernel)
    model = random_checkpoint(1).model
    assert choose_attention(model, ["broken", "sdpa"]) == ("sdpa", None)
    taken, notice = choose_attention(model, ["broken"])
    assert taken == "plain"
    assert notice is not None
    assert "slower" in notice


def test_an_unreachable_hub_is_told_in_a_sentence(tmp_path):
    code = "from agent.models.qwen3_vl.folders import checkpoint_folder as f; f('Qwen/no-such')"
    settings = {
        "HF_HOME": str(tmp_path),
        "HF_ENDPOINT": "http://127.0.0.1:9",
        "HF_HUB_OFFLINE": "1",
    }
    done = subprocess.run(
        [sys.executable, "-c", code],
        check=False,
        env=os.environ | settings,
        capture_output=True,
        text=True,
    )
    assert "ModelError: The weights of Qwen/no-such are not on this machine" in done.stderr


def test_a_stop_is_heard_between_two_matrices_and_nothing_of_it_remains(tmp_path):
    save(tmp_path)
    with pytest.raises(Stopped, match="enough"):
        load_checkpoint(str(tmp_path), device="cpu", stop=Impatient())
    unhurried = Impatient()
    unhurried.looks = 5
    assert load_checkpoint(str(tmp_path), device="cpu", stop=unhurried).notices == ()
    assert unhurried.looks > 20


def test_a_stop_is_heard_while_weights_are_fetched(tmp_path):
    code = (
        "from agent.models.qwen3_vl.folders import checkpoint_folder as f;"
        "from tests.agent.models.impatient import Impatient; f('some/model', Impatient())"
    )
    with endless_hub() as address:
        settings = {"HF_HOME": str(tmp_path), "HF_ENDPOINT": address, "HF_HUB_OFFLINE": "0"}
        done = subprocess.run(
            [sys.executable, "-c", code], check=False, env=os.environ | settings,
            capture_output=True, text=True, timeout=60,
        )  # fmt: skip
    assert "Stopped: enough" in done.stderr
