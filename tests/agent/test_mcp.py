"""What ``deskhand mcp`` serves: looked at, used, asked about and read, by the official client."""

from __future__ import annotations

import base64
import io
import json
from pathlib import Path

import mcp_types as types
import pytest
from mcp.client.client import Client
from mcp.shared.exceptions import MCPError
from PIL import Image

from agent.archive import list_runs, load_run
from agent.config import HOME_VARIABLE
from benchmarks.wording import desktop_arguments
from environments.base import Stop
from environments.practice.environment import open_in_process
from tests.agent.mcp_clients import talking, words
from tests.agent.replies import DONE, click, reply

YES = types.ElicitResult(action="accept", content={"answer": "yes"})
DECLINES = types.ElicitResult(action="decline")
EDIT = {"action": "type", "text": "hello"}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path / "home"))
    return tmp_path / "home"


def test_a_screenshot_is_the_screen_and_its_data_fits_the_schema(tmp_path: Path) -> None:
    async def talk(client: Client) -> None:
        await client.list_tools()  # From here on the client holds data to its schema.
        result = await client.call_tool("screenshot")
        picture = result.content[1]
        assert isinstance(picture, types.ImageContent)
        size = Image.open(io.BytesIO(base64.b64decode(picture.data))).size
        assert result.structured_content["size_px"] == {"width": size[0], "height": size[1]}

    talking(talk, tmp_path)


def test_an_action_is_done_verified_and_kept_in_a_run(tmp_path: Path, home: Path) -> None:
    async def talk(client: Client) -> None:
        await client.list_tools()
        await client.call_tool("screenshot")
        at = {"action": "left_click", "coordinate": [500, 500]}
        result = await client.call_tool("computer_use", at)
        assert not result.is_error
        assert result.structured_content["effect"] in ("confirmed", "suspected no-op")
        assert isinstance(result.content[1], types.ImageContent)

    talking(talk, tmp_path)
    (summary,) = list_runs(home / "runs")
    call = load_run(home / "runs", summary.id).steps[0].calls[0]
    assert (summary.task, summary.status) == ("Calls of MCP clients.", "stopped")
    assert (call.name, call.arguments["coordinate"], call.is_error) == (
        "computer_use",
        [500, 500],
        False,
    )


def test_a_client_that_only_looks_leaves_no_run(tmp_path: Path, home: Path) -> None:
    async def talk(client: Client) -> None:
        await client.call_tool("observe")
        await client.call_tool("element_tree")

    talking(talk, tmp_path)
    assert list_runs(home / "runs") == []


@pytest.mark.parametrize(
    ("tool", "arguments", "told"),
    [
        ("computer_use", {"action": "left_clik"}, "left_click"),
        ("computer_use", {"action": "left_click", "coordinate": [2000, 1]}, "1000"),
        ("computer_use", {}, "lack an action"),
        ("computer_use", {"action": "terminate", "status": "success"}, "no run to end"),
        ("computer_use", {"action": "type", "text": "{{secret:BANK}}"}, "BANK"),
        ("screenshot", {"of": "everything"}, "takes no arguments"),
        ("run_task", {"task": "Pay with {{secret:BANK}}"}, "deskhand mcp --secret"),
        ("run_task", {"task": "x", "max_steps": 0}, "max_steps"),
    ],
)
def test_what_cannot_be_done_is_an_error_that_says_what_to_do(
    tmp_path: Path, tool: str, arguments: dict[str, object], told: str
) -> None:
    async def talk(client: Client) -> None:
        result = await client.call_tool(tool, dict(arguments))
        assert result.is_error
        assert told in words(result)

    talking(talk, tmp_path)


def test_a_tool_that_is_not_there_is_answered_with_those_that_are(tmp_path: Path) -> None:
    async def talk(client: Client) -> None:
        with pytest.raises(MCPError, match="there are: screenshot"):
            await client.call_tool("shell", {"command": "rm"})

    talking(talk, tmp_path)


@pytest.mark.parametrize("mode", ["legacy", "auto"])
@pytest.mark.parametrize(("answer", "is_done"), [(YES, True), (DECLINES, False)])
def test_a_question_reaches_the_user_of_the_client_in_both_forms_of_the_protocol(
    tmp_path: Path, mode: str, answer: types.ElicitResult, is_done: bool
) -> None:
    asked: list[str] = []

    async def talk(client: Client) -> None:
        result = await client.call_tool("computer_use", EDIT)
        assert result.is_error is not is_done, words(result)

    def answering(text: str) -> types.ElicitResult:
        asked.append(text)
        return answer

    talking(talk, tmp_path, answer=answering, mode=mode, preset="cautious")
    assert len(asked) == 1
    assert "Write 'hello'" in asked[0]


@pytest.mark.parametrize("mode", ["legacy", "auto"])
def test_where_the_client_cannot_ask_a_question_is_a_no(tmp_path: Path, mode: str) -> None:
    async def talk(client: Client) -> None:
        result = await client.call_tool("computer_use", EDIT)
        assert result.is_error
        assert "the client cannot ask its user" in words(result)

    talking(talk, tmp_path, mode=mode, preset="cautious")


def test_what_the_rules_forbid_is_refused_whatever_the_client_says(tmp_path: Path) -> None:
    async def talk(client: Client) -> None:
        result = await client.call_tool("computer_use", EDIT)
        assert result.is_error
        assert "preset read_only" in words(result)

    talking(talk, tmp_path, answer=lambda text: YES, preset="read_only")


def known_replies(task: str) -> list[str]:
    """Return what somebody says who knows how a practice task is done."""
    world, replies = open_in_process(task, Stop()), []
    while True:
        step, screen = world.task.oracle(), world.observe().screen
        replies.append(reply(step.thought, **desktop_arguments(step.action, screen)))
        if step.action is None:
            return replies
        world.execute(step.action)


def test_a_task_is_done_by_the_agent_and_the_worlds_own_state_confirms_it(
    tmp_path: Path, home: Path
) -> None:
    told: list[tuple[float, str | None]] = []

    async def hear(progress: float, total: float | None, message: str | None) -> None:
        told.append((progress, message))

    async def talk(client: Client) -> None:
        await client.list_tools()
        result = await client.call_tool("run_task", {"task": ""}, progress_callback=hear)
        ended = result.structured_content
        assert ended["status"] == "success", words(result)
        report = await client.read_resource(ended["report"])
        assert "<html" in str(report.contents[0])

    talking(talk, tmp_path, known_replies("fill_form/3"))
    assert [n for n, _ in told] == sorted({n for n, _ in told})
    assert list_runs(home / "runs")[0].status == "success"


def test_a_claim_that_nothing_confirms_is_no_success(tmp_path: Path) -> None:
    async def talk(client: Client) -> None:
        missing = f"file:{tmp_path}/missing"
        failed = await client.call_tool("run_task", {"task": "Do it", "expect": missing})
        assert (failed.is_error, failed.structured_content["status"]) == (True, "failed")
        believed = await client.call_tool("run_task", {"task": "Do it"})
        assert believed.structured_content["status"] == "unknown"

    talking(talk, tmp_path, [DONE, reply("Yes.", action="answer", text="yes")])


def test_recent_runs_can_be_read_and_hold_what_was_done(tmp_path: Path) -> None:
    async def talk(client: Client) -> None:
        await client.call_tool("run_task", {"task": "Click twice"})
        uris = [str(resource.uri) for resource in (await client.list_resources()).resources]
        run = next(uri for uri in uris if not uri.endswith("/report"))
        content = (await client.read_resource(run)).contents[0]
        assert isinstance(content, types.TextResourceContents)
        told = json.loads(content.text)
        calls = [call for step in told["calls_by_step"] for call in step["calls"]]
        assert (told["task"], len(calls)) == ("Click twice", 3)

    talking(talk, tmp_path, [click(100), click(900), DONE])


def test_a_document_that_is_not_there_is_refused_in_a_sentence(tmp_path: Path) -> None:
    async def talk(client: Client) -> None:
        for uri in ("deskhand://runs/../../etc/passwd", "file:///etc/passwd", "deskhand://x"):
            with pytest.raises(MCPError):
                await client.read_resource(uri)

    talking(talk, tmp_path)


def test_a_phone_is_served_in_the_words_for_phones(tmp_path: Path) -> None:
    async def talk(client: Client) -> None:
        names = {tool.name for tool in (await client.list_tools()).tools}
        assert {"mobile_use", "touch_gesture", "screenshot", "run_task"} <= names
        assert not {"computer_use", "gesture"} & names
        home = {"action": "system_button", "button": "Home"}
        assert not (await client.call_tool("mobile_use", home)).is_error
        unknown = await client.call_tool("mobile_use", {"action": "shake"})
        assert unknown.is_error
        assert "'long_press'" in words(unknown)

    talking(talk, tmp_path, on="practice-phone:in-process", template="open_app")


def asking(question: str) -> str:
    call = {"name": "person", "arguments": {"action": "ask_user", "question": question}}
    return f"?\n<tool_call>\n{json.dumps(call)}\n</tool_call>"


def asking_for(folder: Path) -> tuple[list[str], str]:
    """Return what a model says that asks its person twice, and a check that nothing is there."""
    asks = [asking(f"Which {n}?") for n in "ab"]
    return [*asks, DONE], f"file:{folder}"


@pytest.mark.parametrize("mode", ["legacy", "auto"])
def test_what_a_task_asks_in_its_course_reaches_the_user_and_the_answers_count(
    tmp_path: Path, home: Path, mode: str
) -> None:
    replies, expect = asking_for(tmp_path)
    asked: list[str] = []
    told: list[float] = []

    async def hear(progress: float, total: float | None, message: str | None) -> None:
        told.append(progress)

    async def talk(client: Client) -> None:
        task = {"task": "Ask", "expect": expect}
        result = await client.call_tool("run_task", task, progress_callback=hear)
        assert result.structured_content["status"] == "success", words(result)

    def answering(text: str) -> types.ElicitResult:
        asked.append(text)
        return types.ElicitResult(action="accept", content={"answer": f"blue {len(asked)}"})

    talking(talk, tmp_path, replies, answer=answering, mode=mode)
    assert asked == ["Which a?", "Which b?"]
    assert told == sorted(set(told))
    calls = [s.calls[0] for s in load_run(home / "runs", list_runs(home / "runs")[0].id).steps]
    assert [str(c.content) for c in calls[:2]] == [
        "The person answers: 'blue 1'",
        "The person answers: 'blue 2'",
    ]


@pytest.mark.parametrize("mode", ["legacy", "auto"])
def test_a_yes_in_the_course_of_a_task_lets_the_action_through_and_a_no_does_not(
    tmp_path: Path, home: Path, mode: str
) -> None:
    answers = iter([YES, DECLINES])

    async def talk(client: Client) -> None:
        await client.call_tool("run_task", {"task": "Write twice"})

    replies = [reply("w", **EDIT), reply("w", **EDIT), DONE]
    talking(talk, tmp_path, replies, answer=lambda t: next(answers), mode=mode, preset="cautious")
    calls = [s.calls[0] for s in load_run(home / "runs", list_runs(home / "runs")[0].id).steps]
    assert [call.is_error for call in calls[:2]] == [False, True]
    assert "asked, yes through the client" in calls[0].decision


@pytest.mark.parametrize("mode", ["legacy", "auto"])
def test_a_task_of_a_client_that_cannot_ask_hears_so_in_a_sentence(
    tmp_path: Path, home: Path, mode: str
) -> None:
    replies, _ = asking_for(tmp_path)

    async def talk(client: Client) -> None:
        await client.call_tool("run_task", {"task": "Ask"})

    talking(talk, tmp_path, replies, mode=mode)
    call = load_run(home / "runs", list_runs(home / "runs")[0].id).steps[0].calls[0]
    assert "the client cannot ask its user (it offers no elicitation)" in str(call.content)


def test_a_client_that_does_not_come_back_with_the_answer_loses_its_task(
    tmp_path: Path, home: Path
) -> None:
    rules = tmp_path / "rules.toml"
    rules.write_text("answer_s = 0.5\n", encoding="utf-8")
    replies, _ = asking_for(tmp_path)

    async def talk(client: Client) -> None:
        question = await client.session.call_tool(
            "run_task", {"task": "Ask"}, allow_input_required=True
        )
        assert isinstance(question, types.InputRequiredResult)
        # Waits for its turn, which comes when the task is over.
        assert not (await client.call_tool("observe")).is_error
        late = await client.call_tool(
            "run_task", {"task": "Ask"}, request_state=question.request_state
        )
        assert late.is_error
        assert "call anew without its state" in words(late)

    talking(talk, tmp_path, replies, answer=lambda text: YES, mode="auto", rules=rules)
    assert list_runs(home / "runs")[0].status == "stopped"


@pytest.mark.parametrize("tool", ["run_task", "observe"])
def test_a_state_that_nobody_gave_out_begins_nothing(tmp_path: Path, home: Path, tool: str) -> None:
    async def talk(client: Client) -> None:
        result = await client.call_tool(tool, {"task": "Ask"}, request_state="guessed")
        assert result.is_error
        assert "no such call" in words(result)

    talking(talk, tmp_path, mode="auto", answer=lambda text: YES)
    assert list_runs(home / "runs") == []
