"""``dumpsys window``: the windows, the display and the keyguard.

Responsible for the lines that clients read, in the form and the order of Android 14, and for the
names of components, windows and records. Sources: AOSP ``WindowManagerService``,
``DisplayContent``, ``DisplayRotation``, ``PhoneWindowManager`` and ``KeyguardServiceDelegate``; the
attributes of a window as in logs of a Pixel.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence

from environments.practice.phone.wire.device import Device

_FLAGS = "LAYOUT_IN_SCREEN {secure}LAYOUT_INSET_DECOR SPLIT_TOUCH HARDWARE_ACCELERATED"


def identity_of(name: str) -> str:
    """Return what stands for an object's address, always the same for one name."""
    return f"{zlib.crc32(name.encode()) & 0xFFFFFFF:x}"


def component(package: str, activity: str) -> str:
    """Return a component in full: both halves with the package's name."""
    return f"{package}/{package if activity.startswith('.') else ''}{activity}"


def window_name(device: Device, package: str, activity: str) -> str:
    """Return how a window is named, as ``WindowState.toString`` does."""
    name = component(package, activity)
    return f"Window{{{identity_of(name)} u0 {name}}}"


def record(device: Device, package: str, activity: str) -> str:
    """Return how an activity is named, as ``ActivityRecord.toString`` does."""
    short = f"{package}/{activity.removeprefix(package)}"
    task = task_number(device, package)
    return f"ActivityRecord{{{identity_of('record' + short)} u0 {short} t{task}}}"


def task_number(device: Device, package: str) -> int:
    """Return the number of an application's task, always the same."""
    return 10 + device.process_of(package) % 90


def _focus(device: Device) -> tuple[str, str]:
    """Return what ``mCurrentFocus`` and ``mFocusedApp`` name."""
    if not device.phone.is_awake:
        return "null", "null"
    app = record(device, *device.phone.front)
    if device.phone.is_locked:
        return f"Window{{{identity_of('shade')} u0 NotificationShade}}", app
    return window_name(device, *device.phone.front), app


def lowered(value: bool) -> str:
    """Return a truth value as Java prints it."""
    return str(value).lower()


def window_service(device: Device, words: Sequence[str]) -> str:
    """Return the state of the window manager, or the parts of it that are named."""
    parts: dict[str, Callable[[Device], str]] = {
        "policy": _policy,
        "windows": _windows,
        "displays": _displays,
    }
    aliases = {"p": "policy", "w": "windows", "d": "displays", "visible": "windows"}
    chosen = [aliases.get(word, word) for word in words]
    wanted = [name for name in parts if name in chosen] or list(parts)
    return "\n".join(parts[name](device) for name in wanted)


def _policy(device: Device) -> str:
    awake, locked = device.phone.is_awake, device.phone.is_locked
    device.told("dumpsys window policy")
    return f"""\
WINDOW MANAGER POLICY STATE (dumpsys window policy)
    mSafeMode=false mSystemReady=true mSystemBooted=true
    mCameraLensCoverState=CAMERA_LENS_UNCOVERED
    mWakeGestureEnabledSetting=true
    mAwake={lowered(awake)} mKeyguardDrawComplete={lowered(awake)}
    mScreenOnEarly={lowered(awake)} mScreenOnFully={lowered(awake)}
    mKeyguardOccluded=false mKeyguardOccludedChanged=false mPendingKeyguardOccluded=false
    KeyguardServiceDelegate
      showing={lowered(locked)}
      inputRestricted={lowered(locked)}
      occluded=false
      secure=false
      dreaming=false
      systemIsReady=true
      deviceHasKeyguard=true
      enabled=true
      offReason=OFF_BECAUSE_OF_USER
      currentUser=0
      bootCompleted=true
      screenState={"SCREEN_STATE_ON" if awake else "SCREEN_STATE_OFF"}
      interactiveState={"INTERACTIVE_STATE_AWAKE" if awake else "INTERACTIVE_STATE_SLEEP"}"""


def _windows(device: Device) -> str:
    front = device.phone.front
    focus, app = _focus(device)
    flags = _FLAGS.format(secure="SECURE " if device.is_secure else "")
    lines = ["WINDOW MANAGER WINDOWS (dumpsys window windows)"]
    number = 0
    if device.phone.has_focus:
        lines += _one_window(device, 0, f"Window{{{identity_of('ime')} u0 InputMethod}}", "INPUT")
        number = 1
    window = focus if "/" in focus else window_name(device, *front)
    lines += _one_window(device, number, window, flags)
    lines += [
        "",
        f"  mGlobalConfiguration={_configuration(device)}",
        "  mHasPermanentDpad=false",
        "  mTopFocusedDisplayId=0",
        f"  mCurrentFocus={focus}",
        f"  mFocusedApp={app}",
        f"  mInputMethodWindow={'Window{ime u0 InputMethod}' if number else 'null'}",
        "  mLastDisplayFreezeDuration=0 due to ActivityRecord",
    ]
    return "\n".join(lines)


def _one_window(device: Device, number: int, window: str, flags: str) -> list[str]:
    package = device.phone.front[0]
    task = task_number(device, package)
    width, height = device.screen_px
    return [
        f"  Window #{number} {window}:",
        f"    mDisplayId=0 rootTaskId={task} mSession=Session{{0 0:u0a100}}",
        f"    mOwnerUid=10100 showForAllUsers=false package={package} appop=NONE",
        "    mAttrs={(0,0)(fillxfill) sim={adjust=resize} ty=BASE_APPLICATION fmt=TRANSLUCENT",
        f"      fl={flags}",
        "      pfl=DRAW_STATUS_BAR_BACKGROUNDS FIT_INSETS_CONTROLLED}",
        f"    Requested w={width} h={height} mLayoutSeq={device.phone.version}",
        f"    mHasSurface={lowered(device.phone.is_awake)} isReadyForDisplay()=true",
        f"    isOnScreen={lowered(device.phone.is_awake)}",
        f"    isVisible={lowered(device.phone.is_awake)}",
    ]


def _configuration(device: Device) -> str:
    width, height = device.screen_px
    way = "land" if width > height else "port"
    return (
        f"{{1.0 ?mcc0mnc [en_US] ldltr sw{min(width, height)}dp w{width}dp h{height}dp "
        f"{device.phone.density}dpi nrml {way} finger}}"
    )


def _displays(device: Device) -> str:
    device.told("dumpsys window displays")
    width, height = device.screen_px
    natural = device.phone.size_px
    focus, app = _focus(device)
    rotation = device.phone.rotation
    return f"""\
WINDOW MANAGER DISPLAY CONTENTS (dumpsys window displays)
  Display: mDisplayId=0 (organized)
    init={natural[0]}x{natural[1]} {device.phone.density}dpi cur={width}x{height} \
app={width}x{height} rng={min(width, height)}x{min(width, height)}-\
{max(width, height)}x{max(width, height)}
    deferred=false mLayoutNeeded=false mTouchExcludeRegion=SkRegion()
    mLayoutSeq={device.phone.version}
    mCurrentFocus={focus}
    mFocusedApp={app}
    DisplayRotation
      mCurrentAppOrientation=SCREEN_ORIENTATION_UNSPECIFIED
      mLastOrientation=-1
      mRotation={rotation} mDeferredRotationPauseCount=0
      mUserRotationMode={_rotation_mode(device)}
      mUserRotation=ROTATION_{90 * rotation}
    mCurrentRotation=ROTATION_{90 * rotation}
    mShowingDream=false mDreamingLockscreen={lowered(device.phone.is_locked)}
    isKeyguardShowing={lowered(device.phone.is_locked)}
"""


def _rotation_mode(device: Device) -> str:
    free = device.phone.settings["system"].get("accelerometer_rotation") == "1"
    return "USER_ROTATION_FREE" if free else "USER_ROTATION_LOCKED"
