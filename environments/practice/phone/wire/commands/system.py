"""Small commands that tell about the system or refuse to change it.

Responsible for their words; those of toybox and toolbox, as Android 14 has them.
"""

from __future__ import annotations

from environments.practice.phone.wire.commands.call import Call


def getprop(call: Call) -> int:
    """Print one property, or all of them."""
    properties = call.device.identity.properties(call.device.phone.density)
    if call.arguments:
        default = call.arguments[1] if len(call.arguments) > 1 else ""
        call.say(properties.get(call.arguments[0], default))
        return 0
    for name, value in sorted(properties.items()):
        call.say(f"[{name}]: [{value}]")
    return 0
