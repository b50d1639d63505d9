import numpy as np
import pytest

from agent.config import RunSettings, settings_from
from agent.models.base import Image
from agent.models.manner import Manner
from agent.models.profiles.finding import load_profile
from agent.models.qwen3_vl.images import ImageRules, prepare, token_grid
from agent.models.registry import load_model
from environments.base import Stop
from environments.errors import ConfigError
from environments.geometry import ImagePoint, ResizedPixels, Screen
from tests.agent.models.qwen3_vl.checkpoints import save
from tools.computer_use import computer_use


def settings(**given: object) -> RunSettings:
    return settings_from(task="x", **given)


def test_the_tokens_of_a_screenshot_are_read_from_the_command_line():
    assert settings(image_tokens="256:1280").manner.image_tokens == (256, 1280)
    assert settings(image_tokens="1280").manner.image_tokens == (None, 1280)
    assert settings(image_size="1920x1080").manner.image_size == (1920, 1080)


@pytest.mark.parametrize("given", ["12", "20000", "1280:256", "many", "1:2:3", ""])
def test_tokens_that_no_model_takes_are_refused_in_a_sentence(given):
    with pytest.raises(ConfigError, match="--image-tokens is not usable"):
        settings(image_tokens=given)


@pytest.mark.parametrize("given", ["1920", "0x10", "99999x20"])
def test_a_size_that_no_model_takes_is_refused_in_a_sentence(given):
    with pytest.raises(ConfigError, match="--image-size is not usable"):
        settings(image_size=given)


def test_what_was_asked_for_goes_on_with_a_run_that_was_interrupted():
    asked = settings(image_tokens="1280", image_size="640x480", think=100, profile="mai-ui")
    again = RunSettings.model_validate_json(asked.model_dump_json())
    assert again.manner == asked.manner


def test_a_picture_gets_as_many_tokens_as_were_asked_for():
    profile = Manner(image_tokens=(None, 1280)).fitted(load_profile("qwen3vl-desktop"))
    assert profile.image_tokens == (64, 1280)
    rules = ImageRules().within(profile.image_tokens, profile.image_size)
    rows, columns = token_grid(1080, 1920, rules)
    assert rows * columns == 1222  # As in the model's own processor for a cap of 1280.


def test_an_exact_size_is_rounded_to_whole_tokens_and_kept_for_every_shape():
    profile = Manner(image_size=(1000, 700)).fitted(load_profile("qwen3vl-desktop"))
    assert profile.image_size == (992, 704)
    rules = ImageRules().within(profile.image_tokens, profile.image_size)
    for size in ((1080, 1920), (2400, 1080)):
        assert token_grid(*size, rules) == (22, 31)
        assert prepare(np.zeros((*size, 3), np.uint8), rules).rows == 44


def test_points_in_pixels_follow_an_exact_size():
    profile = Manner(image_size=(1000, 700)).fitted(load_profile("qwen2.5-vl-desktop"))
    assert isinstance(profile.grid, ResizedPixels)
    assert profile.grid.exact == (1008, 700)
    screen = Screen(2016, 1400)
    there = ImagePoint(1999, 13)
    assert screen.to_grid(there, profile.grid).x == pytest.approx(1000, abs=1)
    frame = np.zeros((1400, 2016, 3), np.uint8)
    said = profile.messages("x", (), Image(frame, ""), [computer_use().spec])
    assert "1008x700" in str(said[0].parts[0])


def test_a_size_beyond_what_a_model_takes_is_refused():
    with pytest.raises(ConfigError, match="at most 16384"):
        Manner(image_size=(9000, 9000)).fitted(load_profile("qwen3vl-desktop"))


@pytest.mark.parametrize(
    "manner", [Manner(image_tokens=(None, 1280)), Manner(image_size=(640, 480))]
)
def test_the_embedded_checkpoint_refuses_pictures_it_was_not_trained_on(manner):
    with pytest.raises(ConfigError, match="trained on pictures of one size"):
        load_model("embedded", manner=manner)


@pytest.mark.parametrize("name", ["embedded", "Qwen/Qwen3-VL-4B-Instruct"])
def test_what_is_no_thinking_edition_refuses_to_think_before_it_is_loaded(name):
    with pytest.raises(ConfigError, match="no Thinking edition"):
        load_model(name, manner=Manner(think=100))


def test_a_thinking_edition_thinks_as_long_as_it_was_told():
    profile = load_profile("qwen3vl-desktop")
    assert Manner(think=100).fitted(profile, thinks=True).thought_tokens == 100
    assert Manner().fitted(profile, thinks=True).thought_tokens == 2048
    assert Manner().fitted(profile).thought_tokens == profile.thought_tokens


def test_a_named_profile_is_kept_on_every_screen_and_any_other_follows_it(tmp_path):
    script = tmp_path / "s.json"
    script.write_text('["hello"]')
    named = load_model(f"scripted:{script}", manner=Manner(profile="qwen3vl-desktop"))
    assert named.suited("phone").profile.name == "qwen3vl-desktop"
    free = load_model(f"scripted:{script}", manner=Manner(image_tokens=(None, 512)))
    phone = free.suited("phone").profile
    assert (phone.name, phone.image_tokens) == ("qwen3vl-mobile", (64, 512))


def test_a_name_of_a_servers_model_wants_a_server(tmp_path):
    script = tmp_path / "s.json"
    script.write_text('["hello"]')
    with pytest.raises(ConfigError, match="--served"):
        load_model(f"scripted:{script}", manner=Manner(served="x"))


def test_a_thinking_edition_is_known_by_its_chat_template(tmp_path):
    save(tmp_path, thinking=True)
    free, bound = load_model(str(tmp_path)), load_model(str(tmp_path), manner=Manner(think=8))
    assert (free.profile.thought_tokens, bound.profile.thought_tokens) == (2048, 8)
    assert bound.suited("phone").profile.thought_tokens == 8
    frame = np.zeros((64, 64, 3), np.uint8)
    tools = [computer_use().spec]
    messages = bound.profile.messages("x", (), Image(frame, ""), tools)
    reply = bound.model.generate(messages, tools, stop=Stop())
    assert "</think>\n\n<tool_call>\n" in reply.text
    assert reply.finish == "stop"


def test_a_checkpoint_of_no_known_name_is_told_how_it_is_spoken_to(tmp_path):
    save(tmp_path)
    (notice,) = load_model(str(tmp_path)).notices
    assert "a qwen3vl, is spoken to as qwen3vl-desktop; name another one with --profile" in notice
    assert load_model(str(tmp_path), manner=Manner(profile="osworld-style")).notices == ()


def test_a_checkpoint_whose_template_does_not_think_refuses_to(tmp_path):
    save(tmp_path)
    with pytest.raises(ConfigError, match="no Thinking edition"):
        load_model(str(tmp_path), manner=Manner(think=8))
