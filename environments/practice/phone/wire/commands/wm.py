"""``wm``: size and density of the screen.

Responsible for the words of its answers. Source: AOSP ``WindowManagerShellCommand``.
"""

from __future__ import annotations

from environments.practice.phone.wire.commands.call import Call


def wm(call: Call) -> int:
    """Tell the size or the density; the practice phone cannot change them."""
    phone = call.device.phone
    match call.arguments:
        case ["size"]:
            width, height = phone.size_px
            call.say(f"Physical size: {width}x{height}")
        case ["density"]:
            call.say(f"Physical density: {phone.density}")
        case ["size" | "density", "reset"]:
            pass
        case ["dismiss-keyguard"]:
            if phone.is_awake and phone.is_locked:
                call.device.key("KEYCODE_MENU")
        case ["user-rotation" | "set-user-rotation"]:
            locked = phone.settings["system"].get("accelerometer_rotation") == "0"
            held = phone.settings["system"].get("user_rotation", "0")
            call.say(f"lock {held}" if locked else "free")
        case ["user-rotation" | "set-user-rotation", "free"]:
            _hold(call, None)
        case [
            "user-rotation" | "set-user-rotation",
            "lock",
            "-d",
            _,
            ("0" | "1" | "2" | "3") as to,
        ]:
            _hold(call, to)
        case ["user-rotation" | "set-user-rotation", "lock", *rest]:
            _hold(call, rest[0] if rest else str(phone.rotation))
        case _:
            call.complain("Error: unknown or unsupported command")
            return 255
    return 0


def _hold(call: Call, rotation: str | None) -> None:
    """Keep the phone's rotation, or let it turn freely."""
    phone = call.device.phone
    with call.device.lock:
        call.device.now()
        phone.put_setting("system", "accelerometer_rotation", "1" if rotation is None else "0")
        if rotation is not None:
            phone.put_setting("system", "user_rotation", rotation)
