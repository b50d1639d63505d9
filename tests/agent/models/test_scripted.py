import pytest

from agent.models.base import Message
from agent.models.scripted import ScriptedModel
from environments.base import Stop
from environments.errors import ConfigError, ModelError, Stopped

ASK = [Message("user", ("go",))]


def test_replies_come_in_order_and_prompts_are_kept():
    model = ScriptedModel(["one", "two"])
    assert [model.generate(ASK, (), stop=Stop()).text for _ in range(2)] == ["one", "two"]
    assert model.prompts == [tuple(ASK)] * 2


def test_the_pieces_are_the_reply():
    pieces: list[str] = []
    text = "a long reply " * 10
    ScriptedModel([text]).generate(ASK, (), stop=Stop(), on_text=pieces.append)
    assert "".join(pieces) == text
    assert len(pieces) > 1


def test_a_script_at_its_end_is_told_in_a_sentence():
    with pytest.raises(ModelError, match="at its end: all 0 replies"):
        ScriptedModel([]).generate(ASK, (), stop=Stop())


def test_a_stop_while_reading_ends_the_reply():
    stop = Stop()
    with pytest.raises(Stopped):
        ScriptedModel(["x" * 99]).generate(
            ASK, (), stop=stop, on_text=lambda _piece: stop.set("now")
        )


def test_a_file_of_replies_is_read(tmp_path):
    path = tmp_path / "script.json"
    path.write_text('["hello"]')
    model = ScriptedModel.from_file(path)
    assert model.name == "scripted (script.json)"
    assert model.generate(ASK, (), stop=Stop()).text == "hello"


@pytest.mark.parametrize("text", ["{", '{"a": 1}', "[1]"])
def test_a_file_of_something_else_is_refused_in_a_sentence(tmp_path, text):
    path = tmp_path / "script.json"
    path.write_text(text)
    with pytest.raises(ConfigError, match="The script"):
        ScriptedModel.from_file(path)


def test_a_missing_file_is_refused_in_a_sentence(tmp_path):
    with pytest.raises(ConfigError, match="There is no script"):
        ScriptedModel.from_file(tmp_path / "none.json")
