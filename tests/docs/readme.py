"""The parts of the README that are made from the source: the loop and the tree.

Responsible for what they must say. ``python -m tests.docs.readme`` writes them into the README.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "README.md"
PACKAGES = ("environments", "tools", "agent", "benchmarks")
COLUMN = 28


def loop() -> str:
    """Return the agent's class as it stands in the source."""
    source = (ROOT / "agent" / "loop.py").read_text(encoding="utf-8")
    return f"```python\n{source[source.index('@dataclass') :].strip()}\n```"


def tree() -> str:
    """Return every file of the packages with the first line of its docstring."""
    lines = [line for package in PACKAGES for line in _folder(ROOT / package, depth=0)]
    return "```text\n" + "\n".join(lines) + "\n```"


def section(name: str) -> str:
    """Return what stands between the two marks of a name in the README."""
    return README.read_text(encoding="utf-8").split(f"<!-- {name} -->\n")[1].split("\n<!--")[0]


def python_blocks() -> str:
    """Return the README's Python examples as one program, the loop left out."""
    text = README.read_text(encoding="utf-8").replace(loop(), "")
    return "\n".join(part.split("\n```")[0] for part in text.split("```python\n")[1:])


def commands() -> list[str]:
    """Return every shell command of the README."""
    parts = README.read_text(encoding="utf-8").split("```sh\n")[1:]
    return [line for part in parts for line in part.split("\n```")[0].splitlines()]


def _folder(folder: Path, depth: int) -> Iterator[str]:
    yield f"{'  ' * depth}{folder.name}/"
    for path in sorted(folder.iterdir(), key=lambda path: (path.is_dir(), path.name)):
        if path.suffix == ".py" and path.name != "__init__.py":
            name = "  " * (depth + 1) + path.name
            yield f"{name:{COLUMN}} {_first_line(path)}"
        elif path.is_dir() and any(path.rglob("*.py")):
            yield from _folder(path, depth + 1)


def _first_line(path: Path) -> str:
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return docstring.partition("\n")[0].replace("``", "")


def _write() -> None:
    text = README.read_text(encoding="utf-8")
    for name, content in (("loop", loop()), ("tree", tree())):
        head, _, rest = text.partition(f"<!-- {name} -->\n")
        tail = rest.partition(f"<!-- /{name} -->")[2]
        text = f"{head}<!-- {name} -->\n{content}\n<!-- /{name} -->{tail}"
    README.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    _write()
