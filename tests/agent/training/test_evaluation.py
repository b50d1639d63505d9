"""Evaluation by acting: what counts, and what must not be counted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from agent.models.base import Reply
from agent.models.loaded import Loaded
from agent.models.profiles.embedded import PROFILE
from agent.models.registry import EMBEDDED_FOLDER
from agent.training.checkpoint import save_checkpoint
from agent.training.evaluation import evaluate, play, share_of
from agent.training.network import build_model
from agent.training.teacher import PracticeTeacher
from agent.training.vocabulary import build_tokenizer
from environments.errors import DeskhandError, ModelError, Stopped


class Breaking:
    """A model that raises."""

    name = "breaking"
    profile = PROFILE.name

    def __init__(self, error: DeskhandError) -> None:
        self._error = error

    def generate(self, *arguments: Any, **options: Any) -> Reply:
        raise self._error


def test_the_shipped_checkpoint_presses_the_buttons_that_it_is_asked_to() -> None:
    assert evaluate(EMBEDDED_FOLDER, ["click_button"], range(500, 502)) == {"click_button": 1.0}


def test_a_network_that_has_learnt_nothing_solves_nothing(tmp_path: Path) -> None:
    torch.manual_seed(1)
    tokenizer = build_tokenizer()
    save_checkpoint(build_model(tokenizer), tokenizer, tmp_path, 80)
    assert evaluate(tmp_path, ["fill_form"], [500]) == {"fill_form": 0.0}


@pytest.mark.parametrize(
    ("error", "raised"),
    [(ModelError("Not a number."), ModelError), (Stopped("Enough."), KeyboardInterrupt)],
)
def test_what_breaks_a_task_ends_the_evaluation_and_is_no_zero(
    error: DeskhandError, raised: type[BaseException]
) -> None:
    with pytest.raises(raised):
        play(
            Loaded(Breaking(error), PROFILE, is_embedded=True),
            PracticeTeacher(["click_button"]),
            500,
        )


def test_a_checkpoint_is_chosen_by_what_is_watched_where_it_was_played() -> None:
    played = {"click_button": 1.0, "fill_form": 0.0, "send_message": 0.5, "open_menu": 0.0}
    watched = ("click_button", "fill_form", "send_message")
    assert share_of(played, watched) == 0.5
    assert share_of({"open_menu": 0.25}, watched) == 0.25
