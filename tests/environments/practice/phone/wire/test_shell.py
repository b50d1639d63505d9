from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from environments.practice.phone.wire.channels import BytesInput, Channels
from environments.practice.phone.wire.commands import COMMANDS
from environments.practice.phone.wire.device import Device
from environments.practice.phone.wire.grammar import ShellSyntaxError, Unfinished
from environments.practice.phone.wire.parser import parse
from environments.practice.phone.wire.shell import Shell
from environments.practice.phone.world import PhoneWorld


class Console:
    """A shell of a practice phone, without any line."""

    def __init__(self) -> None:
        self.device = Device(PhoneWorld(1))
        self.shell = Shell(self.device, dict(COMMANDS), lambda seconds: False)
        self.out, self.err = bytearray(), bytearray()

    def channels(self, stdin: bytes = b"") -> Channels:
        return Channels(BytesInput(stdin), {1: self.out.extend, 2: self.err.extend})

    def run(self, line: str, stdin: bytes = b"") -> str:
        self.out.clear()
        self.err.clear()
        self.status = self.shell.run(line, self.channels(stdin))
        return self.out.decode()


@pytest.fixture
def console() -> Console:
    return Console()


@pytest.mark.parametrize(
    ("line", "printed"),
    [
        ("echo a  b", "a b\n"),
        ("echo 'a  b' \"c  d\"", "a  b c  d\n"),
        (r"echo a\ \ b \$HOME \'", "a  b $HOME '\n"),
        ("echo 'it'\\''s'", "it's\n"),
        ('echo "a $(echo b) `echo c`"', "a b c\n"),
        ("echo $(echo $(echo deep))", "deep\n"),
        ("x=1; y=${x}2; echo $y ${z:-none} ${#y}", "12 none 2\n"),
        ("x='a b'; echo $x; echo \"$x\"", "a b\na b\n"),
        ("x=path/to/file; echo ${x##*/} ${x%/*}", "file path/to\n"),
        ("echo $((2 * (3 + 4) - 1))", "13\n"),
        ("true && echo yes || echo no", "yes\n"),
        ("false && echo yes || echo no", "no\n"),
        ("! false && echo turned", "turned\n"),
        ("echo one | cat | wc -l", "1\n"),
        ("echo a; echo b & echo c", "a\nb\nc\n"),
        ("{ echo a; echo b; } | tail -n 1", "b\n"),
        ("(x=2; echo $x); echo ${x:-unset}", "2\nunset\n"),
        ("if false; then echo a; elif true; then echo b; else echo c; fi", "b\n"),
        ("for n in 1 2 3; do echo $n; done", "1\n2\n3\n"),
        ("i=0; while [ $i -lt 3 ]; do i=$((i+1)); done; echo $i", "3\n"),
        ("case abc in x) echo x;; a*) echo a;; esac", "a\n"),
        ("echo a # a comment", "a\n"),
        ("echo a#b", "a#b\n"),
        ("echo $'tab\\there'", "tab\there\n"),
        ("cat <<END\nfirst\nsecond\nEND\necho after", "first\nsecond\nafter\n"),
        ("echo x > /sdcard/f; echo y >> /sdcard/f; cat < /sdcard/f", "x\ny\n"),
        ("cd /sdcard; echo hi > a.txt; echo *.txt", "a.txt\n"),
        ("echo out 2>/dev/null; no-such 2>/dev/null; echo $?", "out\n127\n"),
        ("sh -c 'echo inner; exit 3'; echo $?", "inner\n3\n"),
        ("printf '%s-%d\\n' a 1 b 2", "a-1\nb-2\n"),
        ("trap 'echo bye' EXIT; echo work", "work\nbye\n"),
        ("echo {a,b}c", "ac bc\n"),
    ],
)
def test_a_line_is_taken_as_posix_and_mksh_take_it(
    console: Console, line: str, printed: str
) -> None:
    assert console.run(line) == printed


@pytest.mark.parametrize(
    "line", ["echo 'open", 'echo "open', "echo $(open", "a |", "if true; then"]
)
def test_an_open_construct_waits_for_more(line: str) -> None:
    with pytest.raises(Unfinished):
        parse(line)


@pytest.mark.parametrize("line", [";", "a | | b", ") b", "a ;; b", "fi"])
def test_nonsense_is_refused(line: str) -> None:
    with pytest.raises(ShellSyntaxError):
        parse(line)


def test_a_session_executes_line_after_line_and_keeps_its_variables(console: Console) -> None:
    lines = b"x=4\nif [ $x = 4 ]\nthen echo four\nfi\n)\necho $?\nexit 5\necho never\n"
    status = console.shell.session(console.channels(lines))
    assert console.out == b"four\n1\n"
    assert b"syntax error" in console.err
    assert status == 5


def test_no_command_of_the_host_can_be_reached(console: Console) -> None:
    for line in ("/bin/ls /", "python3 -c 1", "../../bin/sh", "/usr/bin/env", "curl x"):
        console.run(line)
        assert console.status == 127
    assert console.run("cat /etc/passwd") == ""
    assert b"No such file or directory" in console.err


@pytest.mark.parametrize(
    "line",
    [
        "input text hello world",
        "input text a;reboot",
        "input text a&b",
        "input text a|b",
        "input text a && echo b",
        "input text $HOME",
        "input text `id`",
        'input text "$(id)"',
        "input text a > /sdcard/x",
        "input text ~",
        "input text {a,b}",
        "input text it's",
        "input text a #b",
        "input keyboard text a; echo done",
        "cmd input text a b",
        "am broadcast -a ADB_INPUT_TEXT --es msg hello world",
        "am broadcast -a ADB_INPUT_TEXT --es msg a;b",
        "am broadcast -a ADB_INPUT_TEXT --es msg $x",
        "am start -a android.intent.action.VIEW -d https://example.org/?a=1&b=2",
    ],
)
def test_text_that_was_not_quoted_is_an_injection(console: Console, line: str) -> None:
    console.run(line)
    assert len(console.device.injections) >= 1


@pytest.mark.parametrize(
    "line",
    [
        "input text 'a; b && c | d $(e) `f` > g # h'",
        "input text hello%sworld; echo X4EXIT:$?",
        "input text a >/dev/null 2>&1; s=$?; echo MARK $s",
        "input text a\\;b",
        "input tap 1 2; input keyevent 66; echo done",
        "am broadcast -a ADB_INPUT_B64 --es msg aGk= -p com.android.adbkeyboard; echo $?",
        "am broadcast -a ADB_INPUT_TEXT --es msg 'a b' && ime set com.example/.Keyboard",
        "am start -a android.intent.action.VIEW -d 'https://example.org/?a=1&b=2'",
        "x=$(input tap 1 2); echo $x",
    ],
)
def test_quoted_text_and_a_clients_own_words_are_none(console: Console, line: str) -> None:
    console.run(line)
    assert console.device.injections == []


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=126), max_size=40))
def test_quoting_by_shlex_hands_over_every_text_and_injects_nothing(text: str) -> None:
    import shlex

    console = Console()
    line = f"printf %s {shlex.quote(text)}; input text {shlex.quote(text or 'x')}; echo $?"
    printed = console.run(line)
    assert printed == f"{text}0\n"
    assert console.device.injections == []


PIECES = [
    *"$(){};|&<>'\"\\`!=#*?[]~ \n\t1a",
    "echo", "&&", "||", "$(", "${", "2>", "<<", "if", "fi",
    "then", "for", "in", "do", "done", "case", "esac", "x=", "$x", "input text ", "cat", "[",
]  # fmt: skip


@settings(max_examples=1000, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=20).map("".join))
def test_no_line_makes_the_shell_itself_fail(line: str) -> None:
    Console().run(line)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60))
def test_no_text_makes_the_shell_itself_fail(text: str) -> None:
    Console().run(text)


def test_a_line_nested_too_deeply_is_refused(console: Console) -> None:
    console.run("echo " + "$(" * 2000 + ")" * 2000)
    assert console.status == 1
    assert b"nested too deeply" in console.err


def test_the_rest_of_a_text_with_line_ends_is_an_injection(console: Console) -> None:
    console.shell.session(console.channels(b"input text one\ntwo three\necho $?\n"))
    assert [one.piece for one in console.device.injections] == ["two"]


def test_a_job_in_the_background_does_not_hold_up_the_line(console: Console) -> None:
    assert console.run("(sleep 60; echo late) & echo first; kill -0 $! && echo runs; kill $!") == (
        "first\nruns\n"
    )
    console.device.jobs.join()
    assert console.run("echo in >/sdcard/job & wait; cat /sdcard/job; kill -0 $! || echo gone") == (
        "in\ngone\n"
    )
