"""The one door to what is judged.

Responsible for one distinction. What was made on a task's machine may be anything, and what cannot
be read there is no success: the score is 0. What a task brings along (``Ours``) must be readable:
if it is not, nobody can be judged by it, which is an error of the environment. Knows no metric.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TypeVar
from zipfile import ZipFile

from environments.errors import ConfigError, DeskhandError

Metric = Callable[..., float]
"""From what was found, what was expected (where a task expects anything) and options to 0..1."""

LARGEST_TEXT_BYTES = 64 << 20
"""Of a text, and of all that is no picture or film in an office file when it is unpacked: far more
than any task has, and still read within seconds."""

_MEDIA = (".png", ".jpg", ".jpeg", ".gif", ".emf", ".wmf", ".svg", ".bin", ".fntdata")
_SOUND = (".mp3", ".mp4", ".m4a", ".wav", ".avi", ".mov", ".ogg")
_LARGEST_MEDIA_BYTES = 512 << 20
_MOST_PARTS = 20_000
_T = TypeVar("_T")


class Ours(str):
    """The path of a file that a task brings along, not of one that was made on its machine."""

    __slots__ = ()


class UnreadableError(Exception):
    """Something made on a task's machine cannot be read; ``judged`` makes a 0 of it."""


def opened(place: str, read: Callable[[str], _T]) -> _T:
    """Return what ``read`` makes of a file, or of anything else found at a place.

    ``read`` must be through with it when it returns: parsers often complain of a file only when
    something in it is asked for.

    Raises:
        UnreadableError: it cannot be read and was made on the machine of the task.
        ConfigError: it cannot be read and is ours.
        DeskhandError, FileNotFoundError, ImportError: what ``read`` raises of these.
    """
    try:
        return read(place)
    except (DeskhandError, FileNotFoundError, ImportError):
        # The machine itself is gone; a person stops; what was given is no copy; a library is
        # missing here.
        raise
    except Exception as cause:
        why = f"{Path(place).name} cannot be read: {type(cause).__name__}: {cause}"
        if isinstance(place, Ours):
            said = f"A file that the task is judged by, {why}. Get a fresh copy of it."
            raise ConfigError(said) from cause
        raise UnreadableError(why) from cause


def judged(metric: Metric) -> Metric:
    """Return a metric that scores 0 where something was not found or cannot be read."""

    @wraps(metric)
    def score(*found: object, **options: object) -> float:
        if any(each is None for each in found):
            return 0.0
        try:
            return float(metric(*found, **options))
        except UnreadableError:
            return 0.0

    return score


def same(result: str, expected: str, read: Callable[[str], object]) -> float:
    """1 if two files read the same."""
    return float(opened(result, read) == opened(expected, read))


def text_of(path: str) -> str:
    """Return a text; what is no UTF-8 in it becomes replacement characters.

    Raises:
        ValueError: it is far too large.
    """
    if Path(path).stat().st_size > LARGEST_TEXT_BYTES:
        raise ValueError(f"it is larger than {LARGEST_TEXT_BYTES >> 20} MiB")
    return Path(path).read_text(encoding="utf-8", errors="replace")


def package(path: str) -> str:
    """Return the path of an office file that does not fill the memory when it is unpacked.

    Its list of parts says so; ``zipfile`` never unpacks more than is written there.

    Raises:
        ValueError: it would.
        BadZipFile: it is no such file.
    """
    with ZipFile(path) as archive:
        parts = archive.infolist()
    media = sum(
        each.file_size for each in parts if each.filename.lower().endswith((*_MEDIA, *_SOUND))
    )
    rest = sum(each.file_size for each in parts) - media
    if rest > LARGEST_TEXT_BYTES or media > _LARGEST_MEDIA_BYTES or len(parts) > _MOST_PARTS:
        raise ValueError("it is far too large when it is unpacked")
    return path
