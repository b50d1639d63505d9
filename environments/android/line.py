"""The line to one phone: a shell that is set up again when it breaks.

Responsible for coming back to the same phone and to no other, and for never sending anything twice
that may have been done. Knows no command but the one that tells who answers.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress

from environments.android.adb import Adb, Stream, trouble
from environments.android.devices import DESCRIBE, Description, described, is_address
from environments.android.shell import SERVICE, Answer, Shell
from environments.base import Stop
from environments.errors import DeviceDisconnectedError, DeviceUnauthorizedError, InputError

COMMAND_S = 10.0
"""No command of ours is silent for longer on a phone that lives."""

COMING_BACK_S = 20.0
"""So long a phone is waited for that dropped: adbd starts again within seconds."""

_TRIES = 3
_BETWEEN_S = 0.5
_BREATH_S = 0.05
"""Between two tries; a phone that refuses does so at once."""


class UnacknowledgedError(InputError):
    """The line broke before the phone said that something was done; it may have been."""


class PhoneLine:
    """One phone by its serial; used by one thread at a time."""

    def __init__(self, adb: Adb, serial: str, stop: Stop) -> None:
        """Open a shell.

        Raises:
            DeviceDisconnectedError: the phone takes no commands; the text says what to do.
        """
        self.adb, self.serial = adb, serial
        self._stop = stop
        self.drops = 0
        """How often the line broke and was set up again."""
        self.came_back: Callable[[], None] = lambda: None
        """Hears that it did."""
        self._shell: Shell | None = Shell(adb.open(serial, SERVICE))
        try:
            self.description: Description = described(self._run(DESCRIBE, COMMAND_S, True).text)
        except BaseException:
            self.close()
            raise

    def ask(self, command: str, limit_s: float = COMMAND_S) -> Answer:
        """Run what may be run again, a few times if the line breaks each time.

        Raises:
            DeviceDisconnectedError: the phone does not come back, or the line broke again.
            Stopped: a stop was asked for.
        """
        for _ in range(_TRIES - 1):
            try:
                return self._run(command, limit_s, True)
            except DeviceDisconnectedError as cause:
                self._come_back(cause)
        return self._run(command, limit_s, True)

    def tell(self, command: str, limit_s: float = COMMAND_S) -> Answer:
        """Run what must not be run twice. Stops are heeded before it and after it.

        Raises:
            UnacknowledgedError: the line broke; it is there again, but whether it was run is not
                known.
            DeviceDisconnectedError: the phone does not come back.
            Stopped: a stop was asked for.
        """
        self._stop.check()
        if self._shell is None:  # A stop broke into its last answer.
            self._open()
        try:
            return self._run(command, limit_s, True)
        except DeviceDisconnectedError as cause:
            self._come_back(cause)
            raise UnacknowledgedError(
                "The line to the phone broke while this was sent, so it is not known whether it "
                "was done."
            ) from cause

    def tell_at_last(self, command: str) -> bool:
        """Run what sets things right on the way out, also after a stop; tell whether it was."""
        with suppress(DeviceDisconnectedError):
            if self._shell is None:
                self._open()
            self._run(command, COMMAND_S, False)
            return True
        return False

    def pause(self, seconds: float) -> None:
        """Let so long pass before something is tried again.

        Raises:
            Stopped: a stop was asked for.
        """
        self._stop.wait(seconds)

    def open(self, service: str) -> Stream:
        """Open another service of the same phone.

        Raises:
            DeviceDisconnectedError: it takes no commands.
        """
        return self.adb.open(self.serial, service)

    def close(self) -> None:
        """End the shell; may be called twice."""
        shell, self._shell = self._shell, None
        if shell:
            shell.close()

    def _run(self, command: str, limit_s: float, heed_stop: bool) -> Answer:
        if self._shell is None:
            raise DeviceDisconnectedError(f"The line to the phone {self.serial} is closed.")
        try:
            return self._shell.run(command, limit_s, heed_stop)
        except BaseException:
            # What comes late of this answer must not be taken for the next one.
            self.close()
            raise

    def _open(self) -> None:
        self._shell = Shell(self.adb.open(self.serial, SERVICE))
        answer = self._run(DESCRIBE, COMMAND_S, False)
        if not described(answer.text).is_same_phone(self.description):
            self.close()
            raise DeviceUnauthorizedError(
                f"Another phone answers as {self.serial} now: {described(answer.text).words()} "
                f"instead of {self.description.words()}. Nothing was sent to it; start again."
            )

    def _come_back(self, cause: DeviceDisconnectedError) -> None:
        """Set the line up again, for this phone only.

        Raises:
            DeviceDisconnectedError: it did not come back; the text says what is wrong with it.
        """
        until = time.monotonic() + COMING_BACK_S
        self.drops += 1
        while True:
            try:
                self._open()
            except DeviceUnauthorizedError:
                raise
            except DeviceDisconnectedError as trouble_now:
                cause = trouble_now
            else:
                self.came_back()
                return
            if time.monotonic() >= until:
                raise cause
            self._revive()

    def _revive(self) -> None:
        """Do what helps this phone, and only this one, to come back; wait a little for it.

        Raises:
            DeviceUnauthorizedError: a person has to allow this computer first.
            Stopped: a stop was asked for.
        """
        self._stop.wait(_BREATH_S)
        self.adb.ensure_running()
        state = self.adb.state(self.serial)
        if state.startswith("unauthorized"):
            raise trouble(self.serial, state)
        with suppress(DeviceDisconnectedError):
            if is_address(self.serial) and state != "device":
                # The server takes an address for connected that it knows, also an offline one.
                self.adb.disconnect(self.serial)
                self.adb.connect(self.serial)
            elif state == "offline":
                self.adb.kick(self.serial)
            self.adb.wait_ready(self.serial, _BETWEEN_S)
