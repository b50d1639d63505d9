"""Pictures that a person names: whatever is wrong with one is a sentence."""

import io
from pathlib import Path

import pytest
from PIL import Image

from agent.grounding import read_picture
from environments.errors import ConfigError


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "I;16"])
def test_a_picture_of_any_kind_is_read_as_rgb(tmp_path: Path, mode: str) -> None:
    Image.new(mode, (3, 2)).save(tmp_path / "a.tiff")
    assert read_picture(tmp_path / "a.tiff").shape == (2, 3, 3)


def png() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (40, 40), "red").save(file, "PNG")
    return file.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no picture",
        png()[:60],
        png().replace(b"IDAT", b"\x01\x02\x03\x04"),
        b"P6 4x 40 255\n",
        b"P6 4\xa00 255\n",
    ],
)
def test_a_damaged_picture_is_refused_in_a_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "picture"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match="cannot be read"):
        read_picture(path)
