"""The process ``deskhand``, also as ``python -m agent``.

Responsible for its output, and for signals where no command listens to them: before the command
line is imported, and after the answer is given. Knows no command and imports nothing before.
"""

from __future__ import annotations

import io
import signal
import sys

SIGNALS = (signal.SIGINT, signal.SIGTERM)


def main() -> None:
    """Run one command and leave the process with its exit code."""
    _answer_signals_with(signal.default_int_handler)
    _write_what_can_be_written()
    try:
        from agent import cli

        cli.main()
    except KeyboardInterrupt:
        sys.stderr.write("deskhand: Stopped.\n")
        raise SystemExit(4) from None
    finally:
        # The answer stands; what is left is the interpreter's own end.
        _answer_signals_with(signal.SIG_IGN)


def _answer_signals_with(handler: signal._HANDLER) -> None:
    for number in SIGNALS:
        signal.signal(number, handler)


def _write_what_can_be_written() -> None:
    """Let letters that the terminal's encoding lacks come out as question marks."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # None where the stream was closed.
            stream.reconfigure(errors="replace")


if __name__ == "__main__":
    main()
