"""Several processes that train together, each a real one."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

import pytest
import torch

from agent.training.team import Team, together
from environments.errors import ConfigError, ModelError


def learn(folder: Path, team: Team) -> None:
    weight = torch.zeros(2, requires_grad=True)
    other = torch.zeros(3, 1, requires_grad=True)
    ((weight * (team.rank + 1)).sum() + (other * 10 * team.rank).sum()).backward()
    team.average([weight, other, torch.zeros(1, requires_grad=True)])
    heard = team.gather(f"rank {team.rank}")
    assert weight.grad is not None
    assert other.grad is not None
    found = weight.grad.tolist(), other.grad.flatten().tolist(), [*heard]
    (folder / str(team.rank)).write_text(repr(found))


def fail_beside(team: Team) -> None:
    if not team.leads:
        sys.exit(3)
    team.gather(None)


def refuse(team: Team) -> None:
    if team.leads:
        raise ConfigError("The folder cannot be written.")
    team.gather(None)


def test_all_of_a_team_learn_from_the_mean_of_their_gradients(tmp_path: Path) -> None:
    together(2, partial(learn, tmp_path))
    wanted = repr(([1.5, 1.5], [5.0, 5.0, 5.0], ["rank 0", "rank 1"]))
    assert [(tmp_path / rank).read_text() for rank in "01"] == [wanted, wanted]


def test_one_alone_is_a_team_in_this_process(tmp_path: Path) -> None:
    together(1, partial(learn, tmp_path))
    assert (tmp_path / "0").read_text() == repr(([1.0, 1.0], [0.0, 0.0, 0.0], ["rank 0"]))


def test_a_team_shares_out_everything_once() -> None:
    shares = [Team(3, rank).share(range(10)) for rank in range(3)]
    assert sorted(each for share in shares for each in share) == [*range(10)]


def test_a_team_ends_when_one_of_it_is_lost() -> None:
    with pytest.raises(ModelError, match="see above"):
        together(2, fail_beside)


def test_what_the_leader_says_is_what_the_caller_hears() -> None:
    with pytest.raises(ConfigError, match="cannot be written"):
        together(2, refuse)
