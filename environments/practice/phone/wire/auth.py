"""Whether a host may use the phone: the adb keys.

Responsible for the token that the host signs, for which keys are known, and for the dialog that a
person answers for a new one. Source: AOSP ``adb/daemon/auth.cpp`` and
``libcrypto_utils/android_pubkey.cpp`` for the form of a public key.
"""

from __future__ import annotations

import base64
import os
import struct
import threading
import time

TOKEN_BYTES = 20

_SHA1_PREFIX = bytes.fromhex("3021300906052b0e03021a05000414")
"""PKCS #1 v1.5: what stands before the digest of a SHA-1 signature."""

_WORDS = 64
"""A key of 2048 bits, in words of 32."""


class Keys:
    """The hosts that are known, and what is answered to the others.

    Without ``required`` every host is let in at once, as on an emulator.
    """

    def __init__(self, required: bool = False, allows_new: bool = True) -> None:
        """``allows_new``: the person says yes to every new key at once."""
        self.required = required
        self.allows_new = allows_new
        self._known: list[bytes] = []
        self._asked: list[bytes] = []
        self._refused_until_s = 0.0
        self._changed = threading.Condition()

    def is_asking(self) -> bool:
        """Tell whether hosts have to prove themselves now."""
        return self.required or self.is_refusing()

    def is_refusing(self) -> bool:
        """Tell whether nobody is let in for now."""
        return time.monotonic() < self._refused_until_s

    def refuse(self, seconds: float) -> None:
        """Let nobody in for so long; then the person says yes."""
        self._refused_until_s = time.monotonic() + seconds

    def token(self) -> bytes:
        """Return what the host is to sign."""
        return os.urandom(TOKEN_BYTES)

    def knows(self, token: bytes, signature: bytes) -> bool:
        """Tell whether a known key made this signature."""
        if self.is_refusing():
            return False
        return any(is_signed(key, token, signature) for key in self._known)

    def ask(self, key: bytes, is_gone: threading.Event) -> bool:
        """Ask the person about a new key, until they allow it or the host goes."""
        with self._changed:
            self._asked.append(key)
        while not is_gone.is_set():
            left_s = self._refused_until_s - time.monotonic()
            with self._changed:
                if left_s <= 0 and (self.allows_new or key in self._known):
                    self._known.append(key)
                    return True
                # The line's end does not notify, so it is looked for now and then.
                self._changed.wait(0.1 if left_s <= 0 else min(left_s, 0.1))
        return False

    def allow(self) -> None:
        """Let in whoever asked: the person has answered the dialog."""
        with self._changed:
            self._refused_until_s = 0.0
            self._known.extend(self._asked)
            self._changed.notify_all()

    def forget(self) -> None:
        """Know no host any more, as after "revoke USB debugging authorisations"."""
        with self._changed:
            self._known.clear()
            self._asked.clear()


def is_signed(key: bytes, token: bytes, signature: bytes) -> bool:
    """Tell whether a signature of a token was made by a key as the host sends it."""
    try:
        raw = base64.b64decode(key.split()[0])
        words, modulus, exponent = _public_key(raw)
    except (ValueError, IndexError, struct.error):
        return False
    if words != _WORDS or len(signature) != _WORDS * 4:
        return False
    plain = pow(int.from_bytes(signature, "big"), exponent, modulus)
    expected = b"\x00\x01" + b"\xff" * (_WORDS * 4 - 3 - len(_SHA1_PREFIX) - TOKEN_BYTES)
    return plain == int.from_bytes(expected + b"\x00" + _SHA1_PREFIX + token, "big")


def _public_key(raw: bytes) -> tuple[int, int, int]:
    # Words, n0inv, modulus and R squared (both little endian), exponent.
    size = _WORDS * 4
    words, _, modulus, _, exponent = struct.unpack(f"<II{size}s{size}sI", raw)
    return words, int.from_bytes(modulus, "little"), exponent
