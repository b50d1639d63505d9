"""The practice desktop's templates by name: those of training, and those it never sees.

Responsible for finding one. What it asks for stands with the templates themselves.
"""

from __future__ import annotations

from environments.errors import ConfigError
from environments.practice.joint import ENTER_CODE, code_task
from environments.practice.tasks import Template
from environments.practice.templates import TEMPLATES, enter_code
from environments.practice.tongues import TONGUES
from environments.practice.unseen import UNSEEN


def template_named(name: str, seed: int = 0) -> Template:
    """Return a template; the half of a task over two worlds is made from the seed of both.

    Raises:
        ConfigError: there is none of this name.
    """
    if name == ENTER_CODE:
        return enter_code(code_task(seed))
    found = TEMPLATES.get(name) or TONGUES.get(name) or UNSEEN.get(name)
    if found is None:
        raise ConfigError(
            f"There is no practice template {name!r}; there are: {', '.join(TEMPLATES)}."
        )
    return found
