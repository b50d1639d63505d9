"""Files that others published: found by name, and checked before anything is made of them.

Responsible for JSON and JSON lines. Knows no data set.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from environments.errors import ConfigError

T = TypeVar("T")


def files_below(root: Path, *patterns: str) -> list[Path]:
    """Return the files of some names below a folder, in order.

    Raises:
        ConfigError: there are none.
    """
    paths = (path for pattern in patterns for path in root.rglob(pattern))
    found = sorted({path for path in paths if path.is_file()})
    if not found:
        raise ConfigError(
            f"There is no {' or '.join(patterns)} below {root}; --data must name the folder of the "
            "data set as it was published."
        )
    return found


def records(path: Path, kind: type[T]) -> Iterator[T]:
    """Yield the records of a JSON list, of JSON lines, or the one record of a JSON object.

    Raises:
        ConfigError: the file is no JSON, or a record is not of this kind.
    """
    adapter = TypeAdapter(kind)
    for number, value in enumerate(_values(path)):
        try:
            yield adapter.validate_python(value)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"]))
            raise ConfigError(
                f"Record {number} of {path} is not in the published layout: {where or 'it'}: "
                f"{first['msg']}."
            ) from error


def _values(path: Path) -> list[Any]:
    try:
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".jsonl":
            return [json.loads(line) for line in text.splitlines() if line.strip()]
        value = json.loads(text)
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path} cannot be read as JSON ({error}).") from error
    return value if isinstance(value, list) else [value]
