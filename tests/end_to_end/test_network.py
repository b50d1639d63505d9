"""Nothing phones home: a run and a load from a folder open no socket but to the local display."""

import json
import subprocess
import sys
from pathlib import Path

from agent.models.qwen3_vl.random_weights import random_model, small_tokenizer

WATCHED = """
import json, sys

reached = []

def hear(event, values):
    if event == "socket.getaddrinfo" or (event == "socket.connect" and values[0].family != 1):
        reached.append(f"{event} {values[1:]}")

sys.addaudithook(hear)
from agent.cli import main
try:
    main(json.loads(sys.argv[1]))
except SystemExit as left:
    print(json.dumps({"code": left.code, "reached": reached}), file=sys.stderr)
"""
"""Runs a command; only sockets of family 1 (AF_UNIX), such as the display's, are let pass."""


def reached_by(home: Path, *arguments: str) -> dict[str, object]:
    """Run a command in a process of its own and return its exit code and whom it called."""
    done = subprocess.run(
        [sys.executable, "-c", WATCHED, json.dumps(arguments)],
        env={"PATH": "", "HOME": str(home), "DESKHAND_HOME": str(home)},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    return dict(json.loads(done.stderr.splitlines()[-1]))


def test_a_socket_to_elsewhere_would_be_noticed(tmp_path: Path) -> None:
    script = "main = lambda _: __import__('socket').getaddrinfo('localhost', 9)"
    code = WATCHED.replace("from agent.cli import main", script) + "\nprint(reached)"
    done = subprocess.run(
        [sys.executable, "-c", code, "[]"], capture_output=True, text=True, check=True
    )
    assert "socket.getaddrinfo" in done.stdout


def test_a_run_with_a_checkpoint_in_a_folder_calls_nobody(tmp_path: Path) -> None:
    tokenizer = small_tokenizer()
    random_model(tokenizer, 3).save_pretrained(tmp_path / "model")
    tokenizer.save_pretrained(tmp_path / "model")
    model = ("--model", str(tmp_path / "model"), "--max-steps", "1")
    found = reached_by(tmp_path, "run", "--on", "practice:in-process", *model)
    assert found["reached"] == []
    assert found["code"] in (1, 3, 7)  # Whatever random weights say in one step: it ran.
