"""Which model a run gets, and on which screens.

Responsible for one rule: the small embedded checkpoint, which is what "auto" comes down to without
a GPU, touches nobody's own screen unless it was named. Only here is it chosen without a name, and
only for a screen that Deskhand opens itself and that ends with it; ``load_model`` gives it to
nobody who does not name it, so that a model that is loaded may be used everywhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.config import RunSettings
from environments.base import Stop
from environments.errors import ConfigError

if TYPE_CHECKING:
    from agent.models.loaded import Loaded

OWN = "own"
"""What a screen is called that a program opened itself; such a run cannot be resumed."""


def model_for(settings: RunSettings) -> str:
    """Return the name of a run's model, known before anything is opened or loaded.

    Raises:
        ConfigError: there is no such model or screen, or it would be the embedded checkpoint on a
            screen that is not ours without having been named.
    """
    from agent.models.registry import AUTO, choose_model

    model, thinks = settings.model, settings.think is not None
    choice = choose_model(model, settings.quantize, thinks)
    if choice.is_named or not choice.is_embedded:
        return model
    if not _is_ours(settings.on):
        raise ConfigError(
            "No GPU was found for a published model, and the small embedded checkpoint does not "
            "touch your own desktop or phone unless named; add --model embedded, or use --on "
            "virtual or --on practice-phone."
        )
    return model.replace(AUTO, "embedded", 1)  # Behind it a folder may be named, as it likes.


def load_for(settings: RunSettings, stop: Stop) -> Loaded:
    """Load the model of a run.

    Raises:
        ConfigError: as ``model_for`` does, or the checkpoint is none.
        ModelError: it cannot be loaded on this machine.
        Stopped: a stop was asked for.
    """
    from agent.models.registry import load_model

    model, keep = model_for(settings), settings.history.keep_images if settings.history else None
    return load_model(model, settings.quantize, settings.context, keep, settings.manner, stop)


def _is_ours(on: str) -> bool:
    """Tell whether every screen is one that is there for the run only."""
    from environments.registry import ENVIRONMENTS, ends_with_us
    from environments.several import split_screens

    return on != OWN and len(ends_with_us(on)) == len(split_screens(on, tuple(ENVIRONMENTS)))
