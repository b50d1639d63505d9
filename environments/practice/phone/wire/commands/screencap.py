"""``screencap``: the screen as PNG or as raw pixels.

Responsible for its two formats, for what it says about several displays, and for the faults that
strike at a look. Source: AOSP ``frameworks/base/cmds/screencap/screencap.cpp`` (Android 14).
"""

from __future__ import annotations

import io
import struct

import numpy as np

from environments.base import Frame
from environments.practice.phone.wire.commands.call import Call
from environments.practice.phone.wire.device import Device
from environments.practice.phone.wire.faults import Fault, Kind

DISPLAY_ID = 4619827259835644672
"""The first display's id, as an emulator numbers it."""

_RGBA_8888 = 1
"""PIXEL_FORMAT_RGBA_8888."""

_SRGB = 1
"""COLORSPACE_SRGB."""

_SEVERAL = """\
[Warning] Multiple displays were found, but no display id was specified! Defaulting to the first \
display found, however this default is not guaranteed to be consistent across captures. A display \
id should be specified.
A display ID can be specified with the [-d display-id] option.
See "dumpsys SurfaceFlinger --display-id" for valid display IDs."""

_USAGE = """\
usage: screencap [-ahp] [-d display-id] [FILENAME]
   -h: this message
   -a: captures all the active displays.
   -d: specify the display ID to capture (If the id is not given, it defaults to {id})
       see "dumpsys SurfaceFlinger --display-id" for valid display IDs.
   -p: outputs in png format.

If FILENAME ends with .png it will be saved as a png.
If FILENAME is not given, the results will be printed to stdout."""


def screencap(call: Call) -> int:
    """Write a look at the screen to the output or to a file."""
    png, display, names = False, None, []
    words = list(call.arguments)
    while words:
        word = words.pop(0)
        if word == "-d" and words:
            display = words.pop(0)
        elif word in ("-p", "--png"):
            png = True
        elif word.startswith("-"):
            return call.complain(_USAGE.format(id=DISPLAY_ID))
        else:
            names.append(word)
    if display is not None and display not in display_ids(call.device):
        call.complain("Failed to take screenshot. Status: -2")
        return call.complain("Capturing failed.")
    if display is None and call.device.displays > 1:
        call.complain(_SEVERAL)
    return _capture(call, png or bool(names and names[0].endswith(".png")), names)


def display_ids(device: Device) -> list[str]:
    """Return the ids that ``-d`` takes, the phone's own screen first."""
    return [str(DISPLAY_ID + number) for number in range(device.displays)]


def _capture(call: Call, png: bool, names: list[str]) -> int:
    device = call.device
    fault = device.strike("look")
    if fault is not None and fault.kind is Kind.SLOW_FRAME:
        call.pause(fault.amount)
    if fault is not None and fault.kind is Kind.NO_FRAME:
        call.complain("Failed to take screenshot. Status: -22")
        return call.complain("Capturing failed.")
    frame = device.look()
    data = as_png(frame) if png else as_raw(frame)
    if names:
        call.files.write(call.path(names[0]), _cut(data, fault))
    else:
        _hand_out(call, data, fault)
    device.looked(fault)
    return 0


def _hand_out(call: Call, data: bytes, fault: Fault | None) -> None:
    data = _cut(data, fault)
    if fault is None:
        call.out(data)
        return
    call.out(data[: len(data) // 2])
    call.device.break_line(fault)
    call.out(data[len(data) // 2 :])


def _cut(data: bytes, fault: Fault | None) -> bytes:
    if fault is None or fault.kind is not Kind.CUT_FRAME:
        return data
    return data[: int(len(data) * fault.amount)]


def as_png(frame: Frame) -> bytes:
    """Return a frame as PNG with an alpha channel, as Android writes it; packed lightly."""
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(_with_alpha(frame)).save(file, "PNG", compress_level=1)
    return file.getvalue()


def as_raw(frame: Frame) -> bytes:
    """Return a frame as width, height, format and colour space, then its RGBA rows."""
    height, width = frame.shape[:2]
    return struct.pack("<4I", width, height, _RGBA_8888, _SRGB) + _with_alpha(frame).tobytes()


def _with_alpha(frame: Frame) -> Frame:
    pixels = np.full((*frame.shape[:2], 4), 255, np.uint8)
    pixels[..., :3] = frame
    return pixels
