from __future__ import annotations

from pathlib import Path

import pytest

from environments.practice.phone.wire.files import FileError, Files
from tests.environments.practice.phone.wire.conftest import Adb


def test_the_command_line_pushes_and_pulls_files_and_folders(adb: Adb, tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    (tree / "sub").mkdir(parents=True)
    (tree / "a.txt").write_bytes(b"first")
    (tree / "sub" / "b.bin").write_bytes(bytes(range(256)) * 1000)
    (tree / "empty").write_bytes(b"")
    pushed = adb("push", str(tree), "/sdcard/")
    assert b"3 files pushed" in pushed.stdout + pushed.stderr
    assert adb("shell", "ls /sdcard/tree").stdout == b"a.txt\nempty\nsub\n"
    assert adb("shell", "cat /sdcard/tree/a.txt").stdout == b"first"
    done = adb("pull", "/sdcard/tree", str(tmp_path / "back"))
    assert b"3 files pulled" in done.stdout + done.stderr
    for name in ("a.txt", "empty", "sub/b.bin"):
        assert (tmp_path / "back" / name).read_bytes() == (tree / name).read_bytes()


def test_a_single_file_keeps_its_mode_and_time(adb: Adb, tmp_path: Path) -> None:
    script = tmp_path / "script"
    script.write_bytes(b"echo from a file\n")
    script.chmod(0o755)
    assert adb("push", str(script), "/data/local/tmp/").returncode == 0
    listed = adb("shell", "ls -l /data/local/tmp/script").stdout
    assert listed.startswith(b"-rwxr-xr-x")
    assert adb("shell", "sh /data/local/tmp/script").stdout == b"from a file\n"
    assert adb("pull", "-a", "/data/local/tmp/script", str(tmp_path / "b")).returncode == 0
    assert (tmp_path / "b").stat().st_mtime == int(script.stat().st_mtime)


def test_what_may_not_be_written_or_is_missing_is_said(adb: Adb, tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"x")
    refused = adb("push", str(tmp_path / "x"), "/system/x")
    assert refused.returncode == 1
    assert b"Read-only file system" in refused.stdout + refused.stderr
    missing = adb("pull", "/sdcard/missing", str(tmp_path / "y"))
    assert missing.returncode == 1
    assert b"No such file or directory" in missing.stdout + missing.stderr
    assert adb("shell", "cat /sdcard/missing").returncode == 1


def test_shared_storage_has_several_names() -> None:
    files = Files()
    files.write("/sdcard/a", b"1")
    assert files.read("/storage/emulated/0/a") == b"1"
    assert files.read("/mnt/sdcard/./x/../a") == b"1"
    assert files.is_link("/sdcard")
    assert not files.is_link("/sdcard/a")


def test_folders_are_made_listed_and_removed() -> None:
    files = Files()
    with pytest.raises(FileError, match="No such file"):
        files.write("/sdcard/x/y", b"")
    files.make_folder("/sdcard/x/y", with_parents=True)
    files.write("/sdcard/x/f", b"1")
    assert [name for name, _ in files.entries("/sdcard/x")] == ["f", "y"]
    with pytest.raises(FileError, match="Is a directory"):
        files.remove("/sdcard/x")
    files.remove("/sdcard/x", recursively=True)
    assert files.find("/sdcard/x/f") is None
    with pytest.raises(FileError, match="Read-only"):
        files.remove("/system", recursively=True)
