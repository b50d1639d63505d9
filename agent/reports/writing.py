"""Pages as files: a template filled in, and written where a person wants it.

Responsible for what all pages share: everything put into one is escaped, and a name that a template
lacks is a bug. What stands on a page is its own module's.
"""

from __future__ import annotations

from pathlib import Path

from environments.errors import ConfigError

TEMPLATE = "page.html.jinja"


def filled(folder: Path, **data: object) -> str:
    """Return the page that the template of a folder makes of some data."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    jinja = Environment(
        loader=FileSystemLoader(folder, encoding="utf-8"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return jinja.get_template(TEMPLATE).render(data)


def written(path: Path, page: str) -> int:
    """Write a page and return its size in bytes.

    Raises:
        ConfigError: it cannot be written there.
    """
    content = page.encode("utf-8")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    except OSError as error:
        raise ConfigError(f"The report {path} cannot be written ({error}).") from error
    return len(content)
