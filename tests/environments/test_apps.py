from __future__ import annotations

from pathlib import Path

import pytest

from environments.desktop.apps import App, app_named, arguments_of, entry_folders, installed_apps
from environments.errors import ToolError


@pytest.mark.parametrize(
    ("command", "arguments"),
    [
        ("editor %F", ("editor",)),
        ("editor --new-window %u --", ("editor", "--new-window", "--")),
        ('"/opt/My Editor/run" --title "a b"', ("/opt/My Editor/run", "--title", "a b")),
        (r'sh -c "echo \"x\" \$HOME \\ \`y\`"', ("sh", "-c", 'echo "x" $HOME \\ `y`')),
        ("editor --name=%c 100%%", ("editor", "--name=Ed", "100%")),
        ('editor ""', ("editor", "")),
        ("editor; rm -rf /", ("editor;", "rm", "-rf", "/")),
        ('editor "open', ()),
        ("editor %q", ()),
        ("", ()),
    ],
)
def test_a_command_line_becomes_arguments_without_a_shell(
    command: str, arguments: tuple[str, ...]
) -> None:
    assert arguments_of(command, "Ed") == arguments


@pytest.fixture
def menu(tmp_path: Path) -> tuple[Path, Path]:
    mine, usual = tmp_path / "mine", tmp_path / "usual"
    write(usual / "edit.desktop", "Name=Editor", "Name[de]=Schreiber", "Exec=cat %U")
    write(usual / "kde/sums.desktop", "Name=Sums", "Exec=true", "Categories=Office;Spreadsheet;")
    write(usual / "top.desktop", "Name=Top", "Exec=true", "Terminal=true")
    write(usual / "hidden.desktop", "Name=Hidden", "Exec=cat", "NoDisplay=true")
    write(usual / "gone.desktop", "Name=Gone", "Exec=there-is-no-such-program")
    write(usual / "tried.desktop", "Name=Tried", "Exec=cat", "TryExec=/no/such/program")
    write(usual / "mine.desktop", "Name=Old", "Exec=cat")
    write(mine / "mine.desktop", "Name=New", r"Exec=cat a\sb", "Path=/tmp")
    (usual / "broken.desktop").write_bytes(b"\xff\xfe[Desktop")
    return mine, usual


def write(path: Path, *lines: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    action = ("[Desktop Action new]", "Name=Another", "Exec=false")
    head = ("# a comment", "[Desktop Entry]", "Type=Application")
    path.write_text("\n".join((*head, *lines, "", *action)), encoding="utf-8")


def test_a_menu_shows_what_can_be_started_and_the_nearer_folder_wins(
    menu: tuple[Path, Path],
) -> None:
    apps = installed_apps(menu)
    assert sorted(app.name for app in apps) == ["Editor", "New", "Sums", "Top"]
    new = app_named(apps, "new")
    assert new.argv == ("cat", "a", "b")
    assert new.folder == Path("/tmp")


@pytest.mark.parametrize("name", ["Editor", " editor ", "Schreiber", "edit", "cat"])
def test_any_of_its_names_finds_an_application(menu: tuple[Path, Path], name: str) -> None:
    assert app_named(installed_apps(menu[1:]), name).entry in ("edit", "mine")


def test_a_topic_finds_the_one_application_that_has_it(menu: tuple[Path, Path]) -> None:
    assert app_named(installed_apps(menu), "spreadsheet").entry == "kde-sums"


def test_an_unknown_name_is_answered_with_near_ones_and_all(menu: tuple[Path, Path]) -> None:
    with pytest.raises(ToolError, match=r"Did you mean 'Editor'.*Editor, New, Sums, Top"):
        app_named(installed_apps(menu), "Editer")


def test_a_program_for_the_terminal_is_refused_with_what_to_do(menu: tuple[Path, Path]) -> None:
    with pytest.raises(ToolError, match="open a terminal and type true"):
        app_named(installed_apps(menu), "top")


def test_a_name_that_several_have_is_asked_back() -> None:
    apps = [App("a", "Files", (), ("a",)), App("b", "Files", (), ("b",))]
    with pytest.raises(ToolError, match=r"Files \(a\), Files \(b\)"):
        app_named(apps, "files")


def test_entries_are_looked_for_where_the_base_directories_say() -> None:
    found = entry_folders({"XDG_DATA_HOME": "/h", "XDG_DATA_DIRS": "/a:/b"})
    assert [str(path) for path in found] == [
        "/h/applications", "/a/applications", "/b/applications",
    ]  # fmt: skip
