"""What is built is what is needed: data files in the wheel, a console script that starts."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    return zipfile.ZipFile(next(folder.glob("deskhand-*.whl")))


def test_the_wheel_holds_every_tracked_file_of_the_packages(wheel: zipfile.ZipFile) -> None:
    tracked = subprocess.run(
        ["git", "ls-files", "agent", "tools", "environments", "benchmarks"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if tracked.returncode != 0:
        pytest.skip("not a git checkout, so there is no list of tracked files")
    wanted = {line for line in tracked.stdout.splitlines() if (ROOT / line).exists()}
    assert wanted - set(wheel.namelist()) == set()


def test_the_wheel_holds_nothing_but_the_packages_and_their_metadata(
    wheel: zipfile.ZipFile,
) -> None:
    tops = {name.split("/")[0] for name in wheel.namelist()}
    packages = {"agent", "tools", "environments", "benchmarks"}
    assert all(top in packages or top.endswith(".dist-info") for top in tops)


def test_the_metadata_forbids_an_upload_by_accident(wheel: zipfile.ZipFile) -> None:
    name = next(n for n in wheel.namelist() if n.endswith(".dist-info/METADATA"))
    assert "Classifier: Private :: Do Not Upload" in wheel.read(name).decode()


def test_the_installed_console_script_starts_from_any_folder(tmp_path: Path) -> None:
    script = Path(sys.executable).with_name("deskhand")
    done = subprocess.run(
        [script, "--help"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0
    assert "Commands:" in done.stdout
