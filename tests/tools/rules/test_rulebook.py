"""Rules from a file: what can be said, what wins, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from environments.errors import ConfigError
from tools.rules.classes import Classified, EffectClass, consequential
from tools.rules.classify import Found
from tools.rules.rulebook import Decision, RuleFile, Rules, read_rules
from tools.rules.scene import Place

EDIT, PAY = Found(Classified(EffectClass.EDIT), Place()), Found(consequential("", "pay"), Place())
SEND = Found(consequential("", "send"), Place("Firefox", "Mail"))


def test_a_class_is_never_lowered() -> None:
    high = consequential("it pays", "pay")
    assert high.raised(EffectClass.READ, "the model says so") == high


@pytest.mark.parametrize(
    ("preset", "edit", "pay", "send"),
    [
        ("read_only", Decision.DENY, Decision.DENY, Decision.DENY),
        ("cautious", Decision.ASK, Decision.ASK, Decision.ASK),
        ("balanced", Decision.ALLOW, Decision.ASK, Decision.ASK),
        ("trusted", Decision.ALLOW, Decision.ASK, Decision.ALLOW),
        ("autonomous", Decision.ALLOW, Decision.ALLOW, Decision.ALLOW),
    ],
)
def test_a_preset_decides_by_class_and_kind(
    preset: str, edit: Decision, pay: Decision, send: Decision
) -> None:
    rules = Rules(RuleFile.model_validate({"preset": preset}))
    assert [rules.decide(found)[0] for found in (EDIT, PAY, SEND)] == [edit, pay, send]


def test_the_strictest_of_file_command_line_app_and_task_wins() -> None:
    file = RuleFile.model_validate(
        {
            "preset": "trusted",
            "apps": {"firefox": {"preset": "autonomous", "ask": ["send"]}},
            "tasks": [{"words": ["invoice"], "deny": ["send"]}],
        }
    )
    assert Rules(file, "autonomous").name == "trusted"
    assert Rules(file).decide(SEND) == (Decision.ASK, "the rules for firefox")
    told = Rules(file, task="Write the invoice.").decide(SEND)
    assert told == (Decision.DENY, "the rules for tasks with 'invoice'")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("preset =", "cannot be read"),
        ('preset = "lax"', "preset"),
        ('allow = ["pay"]', "allow"),
        ('[apps.x]\ndeny = ["everything"]', "Presets: read_only"),
    ],
)
def test_rules_that_are_none_are_refused_before_anything_starts(
    text: str, words: str, tmp_path: Path
) -> None:
    path = tmp_path / "rules.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=words):
        read_rules(path)


def test_without_a_file_the_rules_are_balanced_unless_one_was_named(tmp_path: Path) -> None:
    assert Rules(read_rules(tmp_path / "none.toml")).name == "balanced"
    with pytest.raises(ConfigError):
        read_rules(tmp_path / "none.toml", required=True)
