"""``deskhand bench latency`` as a person and a machine use it, and beside a small server."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest
from typer.testing import CliRunner

from agent.models.qwen3_vl.loading import load_checkpoint
from benchmarks.cli import app

FEW = ("latency", "--steps", "2", "--repeats", "1", "--backend", "engine")


class Answers(BaseHTTPRequestHandler):
    """A server that writes as many tokens as it is asked for."""

    asked: ClassVar[list[dict[str, Any]]] = []
    protocol_version = "HTTP/1.1"
    short = 0

    def do_GET(self) -> None:
        self.say({"data": [{"id": "tiny"}]})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.asked.append(body)
        written = body["max_tokens"] - self.short
        self.say({"usage": {"completion_tokens": written, "prompt_tokens": 7}})

    def say(self, answer: object) -> None:
        text = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def url() -> Iterator[str]:
    Answers.asked, Answers.short = [], 0
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/v1"
    server.shutdown()
    thread.join()
    server.server_close()


def bench(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, arguments)
    return done.exit_code, done.stdout or str(done.exception)


def test_a_person_reads_stages_work_and_conditions() -> None:
    code, text = bench(*FEW)
    assert code == 0
    for wanted in ("prefill", "step 10", "frames_encoded", "history: append-only"):
        assert wanted in text


def test_a_machine_reads_json() -> None:
    code, text = bench(*FEW, "--json")
    answer = json.loads(text)
    assert (code, answer["size"], answer["engine"]["steps"]) == (0, "tiny", 2)
    assert set(answer["engine"]["stages"]["step"]) == {"p50_ms", "p95_ms"}


def test_a_server_is_asked_for_the_engines_words_with_the_engines_pictures(url: str) -> None:
    code, text = bench(*FEW, "--backend", "openai", "--server", url)
    assert code == 0
    assert "(ours, theirs): in 2 steps it counted other lengths" in text
    first, second = Answers.asked[-2:]
    assert first["temperature"] == 0
    assert first["ignore_eos"] is True
    pictures = [p for m in second["messages"] for p in m["content"] if p["type"] == "image_url"]
    assert len(pictures) == 2
    assert pictures[0]["image_url"]["url"].startswith("data:image/png;base64,")
    assert second["messages"][2]["role"] == "assistant"


def test_a_server_that_ends_by_itself_is_refused(url: str) -> None:
    Answers.short = 1
    code, text = bench(*FEW, "--backend", "openai", "--server", url)
    assert code != 0
    assert "ignore_eos" in text


@pytest.mark.parametrize("address", ["localhost:8000", "https://x/v1", "http://127.0.0.1:9/v1"])
def test_an_address_without_a_server_is_a_sentence(address: str) -> None:
    code, text = bench(*FEW, "--backend", "openai", "--server", address)
    assert code != 0
    assert "server" in text


def test_the_tiny_network_is_written_as_a_server_and_our_loader_want_it(tmp_path: Path) -> None:
    code, _ = bench("latency", "--save", str(tmp_path))
    assert code == 0
    checkpoint = load_checkpoint(str(tmp_path))
    assert checkpoint.model.config.text_config.head_dim == 64
    assert (tmp_path / "preprocessor_config.json").is_file()
