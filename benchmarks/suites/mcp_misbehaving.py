"""Clients that know the token and misbehave: floods, wrong numbers, storms, and vanishing.

Responsible for the cases, each on a real server with a real X display: what is sent, and what must
have come of it, of pressed keys by the X server's own word.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

from agent.archive import CallRecord
from benchmarks.suites.mcp_raw import RawClient, Said, vanish
from benchmarks.suites.mcp_stand import PATIENCE_S, Served, within
from environments.base import Stop

TASK = "Wait a little."
CALLS = "Calls of MCP clients."
PARALLEL = 200
Case = Callable[[Served, Stop], str]
"""Returns what is wrong, empty if nothing."""


def expected(said: Said, *wanted: int) -> str:
    """Return what is wrong with the status of an answer, empty if nothing."""
    return "" if said.status in wanted else f"answered {said.status}: {said.body[:100]}"


def served_after(server: Served) -> str:
    """Return what is wrong with the next client's call, empty if nothing."""
    client = RawClient(server)
    client.greet()
    result = client.call("observe")
    return f"nothing works any more: {result['content']}" if result.get("isError") else ""


def _many_at_once(server: Served, stop: Stop) -> str:
    client = RawClient(server)
    client.greet()
    bodies = [client.calling("observe") for _ in range(PARALLEL)]
    with ThreadPoolExecutor(PARALLEL) as pool:
        said = list(pool.map(client.send, bodies))
    answers = [one.message for one in said if not expected(one, 200)]
    results = [answer["result"] for answer in answers if "result" in answer]
    done = sum(not result.get("isError") for result in results)
    refused = sum(
        "are waiting" in str(result["content"]) for result in results if "isError" in result
    )
    if len(results) != PARALLEL or not done or done + refused != PARALLEL:
        return f"{len(results)} of {PARALLEL} answered, {done} served and {refused} refused"
    return served_after(server)


def _same_number_again(server: Served, stop: Stop) -> str:
    """Use a number while its request goes on, as a text too, and again when it is answered."""
    client = RawClient(server)
    client.greet()
    body = client.calling("computer_use", action="wait", time=2)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(client.send, body)
        if not within(PATIENCE_S, lambda: _goes_on(server, "wait"), stop):
            return "the call did not begin"
        again = [client.send(body | {"id": number}) for number in (body["id"], str(body["id"]))]
        wrong = expected(first.result(), 200)
    said = [expected(one, 400) for one in again]
    return wrong or next(filter(None, said), "") or expected(client.send(body), 200)


def _storm_of_cancellations(server: Served, stop: Stop) -> str:
    """Take back calls that wait, the one that goes on, and such as never were, many times over."""
    client = RawClient(server)
    wrong = _holds_something(client, server)
    bodies = [client.calling("computer_use", action="wait", time=60) for _ in range(20)]
    lines = [client.begin(body) for body in bodies]
    if wrong or not within(PATIENCE_S, lambda: _goes_on(server, "wait"), stop):
        return wrong or "no call began"
    for number in [*(body["id"] for body in bodies), -1, "x", None, {}] * 5:
        params = {"requestId": number}
        client.send({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": params})
    wrong = _ended(server, "wait", stop) or served_after(server)
    for line in lines:
        vanish(line)
    return wrong or _all_up(server, stop)


def _vanishes_in_a_drag(server: Served, stop: Stop) -> str:
    client = RawClient(server)
    client.greet()
    path = [[100 + 800 * (n % 2), 100 + n * 50] for n in range(16)]
    body = client.calling(
        "gesture", action="drag", start=[50, 50], coordinate=[500, 500], path=path
    )
    line = client.begin(body)
    if not within(PATIENCE_S, lambda: server.pressed() > 0, stop):
        return "the drag did not begin"
    vanish(line)
    return _ended(server, "drag", stop) or _all_up(server, stop) or served_after(server)


def _wrong_arguments(server: Served, stop: Stop) -> str:
    """Send what is JSON and makes no sense; each is answered with an error."""
    client = RawClient(server)
    client.greet()
    nested: dict[str, object] = {}
    for _ in range(150):
        nested = {"a": nested}
    calls: list[dict[str, object]] = [
        {"name": 3, "arguments": {}},
        {"name": "computer_use", "arguments": [1]},
        {"name": "computer_use", "arguments": nested},
        {"name": "computer_use", "arguments": {"action": "wait", "time": float("inf")}},
        {"name": "computer_use", "arguments": {"action": "left_click", "coordinate": [10**300, 1]}},
        {"name": "computer_use", "arguments": {"action": "type", "text": "a\0b"}},
        {"name": "run_task", "arguments": {"task": "x", "minutes": float("nan")}},
        {"name": "observe", "arguments": {}, "requestState": "guessed"},
    ]
    for call in calls:
        message = client.send(client.request("tools/call", call)).message
        if "error" not in message and not message["result"].get("isError"):
            return f"{str(call)[:80]} was done"
    return served_after(server)


def _acts_on_what_another_has_overtaken(server: Served, stop: Stop) -> str:
    """Look, let another act, and act: it is told, shown the screen, and may then go on."""
    one, other = RawClient(server), RawClient(server)
    for client in (one, other):
        client.greet()
    one.call("screenshot")
    move = {"action": "mouse_move", "coordinate": [500, 500]}
    if other.call("computer_use", **move).get("isError"):
        return "the other was refused"
    told = one.call("computer_use", **move)
    if not told.get("isError") or [block["type"] for block in told["content"]] != ["text", "image"]:
        return f"it acted on what it had not seen: {str(told)[:100]}"
    return "it is still refused" if one.call("computer_use", **move).get("isError") else ""


def _vanishes_in_a_call(server: Served, stop: Stop) -> str:
    client = RawClient(server)
    wrong = _holds_something(client, server)
    line = client.begin(client.calling("computer_use", action="wait", time=60))
    if wrong or not within(PATIENCE_S, lambda: _goes_on(server, "wait"), stop):
        return wrong or "the call did not begin"
    vanish(line)
    return _all_up(server, stop) or _ended(server, "wait", stop) or served_after(server)


def _vanishes_while_typing(server: Served, stop: Stop) -> str:
    client = RawClient(server)
    client.greet()
    line = client.begin(client.calling("computer_use", action="type", text="aB" * 4000))
    if not within(PATIENCE_S, lambda: _goes_on(server, "type"), stop):
        return "the call did not begin"
    vanish(line)
    return _ended(server, "type", stop) or _all_up(server, stop) or served_after(server)


def _vanishes_between_calls(server: Served, stop: Stop) -> str:
    client = RawClient(server)
    client.greet()
    listening = client.begin(b"", "GET")
    listening.getresponse()
    wrong = _holds_something(client, server, greeted=True)
    vanish(listening)
    return wrong or _all_up(server, stop) or served_after(server)


def _leaves_something_to_the_next(server: Served, stop: Stop) -> str:
    """Hold a key and never come back; the next client finds nothing pressed."""
    wrong = _holds_something(RawClient(server), server)
    return wrong or served_after(server) or ("a key is down" if server.pressed() else "")


def _says_goodbye(server: Served, stop: Stop) -> str:
    client = RawClient(server)
    wrong = _holds_something(client, server)
    said = client.send(b"", method="DELETE")
    return wrong or expected(said, 200) or _all_up(server, stop) or served_after(server)


def _vanishes_in_a_task(server: Served, stop: Stop) -> str:
    client = RawClient(server)
    wrong = _holds_something(client, server)
    before = len(server.runs(TASK))
    line = client.begin(client.calling("run_task", task=TASK))
    if wrong or not within(PATIENCE_S, lambda: len(server.runs(TASK)) > before, stop):
        return wrong or "the run did not begin"
    vanish(line)
    if not within(PATIENCE_S, lambda: server.runs(TASK)[0].summary.status == "stopped", stop):
        return f"the run is {server.runs(TASK)[0].summary.status}"
    return _all_up(server, stop) or served_after(server)


def _holds_something(client: RawClient, server: Served, greeted: bool = False) -> str:
    if not greeted:
        client.greet()
    held = client.call("gesture", action="hold", keys=["shift"], button="left")
    if held.get("isError"):
        return f"hold was refused: {held['content']}"
    return "" if server.pressed() == 2 else f"{server.pressed()} are down after hold"  # noqa: PLR2004


def _all_up(server: Served, stop: Stop) -> str:
    up = within(PATIENCE_S, lambda: server.pressed() == 0, stop)
    return "" if up else f"{server.pressed()} keys or buttons are still down"


def _calls(server: Served, action: str) -> list[CallRecord]:
    steps = [step for run in server.runs(CALLS) for step in run.steps]
    return [c for step in steps for c in step.calls if c.arguments.get("action") == action]


def _goes_on(server: Served, action: str) -> bool:
    return any(call.ended_at is None for call in _calls(server, action))


def _ended(server: Served, action: str, stop: Stop) -> str:
    over = within(PATIENCE_S, lambda: not _goes_on(server, action), stop)
    return "" if over else f"{action} goes on"


CLIENTS: Mapping[str, Case] = {
    f"{PARALLEL} calls at once": _many_at_once,
    "a number used twice": _same_number_again,
    "arguments that make no sense": _wrong_arguments,
    "a storm of cancellations": _storm_of_cancellations,
    "a look that another client has overtaken": _acts_on_what_another_has_overtaken,
    "a client that vanishes in a drag": _vanishes_in_a_drag,
    "a client that vanishes in a call": _vanishes_in_a_call,
    "a client that vanishes while it types": _vanishes_while_typing,
    "a client that vanishes between calls": _vanishes_between_calls,
    "a client that leaves keys down to the next": _leaves_something_to_the_next,
    "a client that says goodbye": _says_goodbye,
    "a client that vanishes in a task": _vanishes_in_a_task,
}
