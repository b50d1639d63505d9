"""The four plain package names belong to this project, and the layers point one way."""

import importlib
import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("agent", "tools", "environments", "benchmarks")


@pytest.mark.parametrize("name", PACKAGES)
def test_the_name_resolves_to_this_checkout(name: str) -> None:
    origin = importlib.import_module(name).__file__
    assert origin is not None
    assert Path(origin).is_relative_to(ROOT / name)


@pytest.mark.parametrize("name", PACKAGES)
def test_no_other_distribution_claims_the_name(name: str) -> None:
    claimed_by = set(metadata.packages_distributions().get(name, []))
    assert claimed_by <= {"deskhand"}


def test_the_layers_import_one_way_only() -> None:
    lint_imports = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(
        [lint_imports, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


def test_agent_names_no_module_of_benchmarks() -> None:
    named = [
        str(path.relative_to(ROOT))
        for path in (ROOT / "agent").rglob("*.py")
        if re.search(r"\bbenchmarks[.\s]*(import|\.\w|:)", path.read_text("utf-8"))
    ]
    assert named == []
