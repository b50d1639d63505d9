"""``dumpsys``: what the system's services say about themselves.

Responsible for the lines that clients read, in the form and the order of Android 14, and for little
else; the windows are ``windows``'. Sources: AOSP ``DisplayManagerService``,
``PowerManagerService``, ``InputMethodManagerService``, ``ActivityTaskManagerService``,
``BatteryService`` and ``PackageManagerService``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from environments.practice.phone.base import App
from environments.practice.phone.wire.commands.call import Call
from environments.practice.phone.wire.commands.screencap import DISPLAY_ID, display_ids
from environments.practice.phone.wire.commands.windows import (
    identity_of,
    lowered,
    record,
    task_number,
    window_service,
)
from environments.practice.phone.wire.device import Device

_INSTALLED = "2024-01-01 00:00:00"


def dumpsys(call: Call) -> int:
    """Print one service's state, or the names of all services."""
    words = [word for word in call.arguments if word not in ("-a", "--proto")]
    while words[:1] in (["-t"], ["-T"]):
        words = words[2:]
    if words[:1] == ["-l"]:
        call.say("Currently running services:")
        for name in sorted(_SERVICES):
            call.say(f"  {name}")
        return 0
    if not words or words[0] not in _SERVICES:
        return call.complain(f"Can't find service: {words[0] if words else ''}") if words else 0
    device = call.device
    with device.lock:
        device.now()
        text = _SERVICES[words[0]](device, words[1:])
    call.say(text)
    return 0


def _display(device: Device, words: Sequence[str]) -> str:
    device.told("dumpsys display")
    width, height = device.screen_px
    state = "ON" if device.phone.is_awake else "OFF"
    rotation, density = device.phone.rotation, device.phone.density
    viewports = ", ".join(
        f"DisplayViewport{{type={'INTERNAL' if not number else 'EXTERNAL'}, valid=true, "
        f"isActive=true, displayId={number}, uniqueId='local:{identity}', physicalPort={number}, "
        f"orientation={rotation if not number else 0}, "
        f"logicalFrame=Rect(0, 0 - {width}, {height}), "
        f"physicalFrame=Rect(0, 0 - {width}, {height}), deviceWidth={width}, "
        f"deviceHeight={height}}}"
        for number, identity in enumerate(display_ids(device))
    )
    return f"""\
DISPLAY MANAGER (dumpsys display)
  mOnlyCore=false
  mSafeMode=false
  mPendingTraversal=false
  mViewports=[{viewports}]
  mStableDisplaySize=Point({device.phone.size_px[0]}, {device.phone.size_px[1]})

Display States: size={device.displays}
---------------------
  Display Id=0
  Display State={state}

Logical Displays: size={device.displays}
-------------------
  Display 0:
    mDisplayId=0
    mLayerStack=0
    mOverrideDisplayInfo=DisplayInfo{{"Built-in Screen", displayId 0, FLAG_SECURE, \
real {width} x {height}, largest app {max(width, height)} x {max(width, height)}, \
smallest app {min(width, height)} x {min(width, height)}, rotation {rotation}, state {state}, \
type INTERNAL, uniqueId "local:{DISPLAY_ID}", app {width} x {height}, density {density}}}
"""


def _input(device: Device, words: Sequence[str]) -> str:
    device.told("dumpsys input")
    width, height = device.screen_px
    rotation = device.phone.rotation
    return f"""\
INPUT MANAGER (dumpsys input)

Input Reader State:
  Device 2: practice_touch
    Viewport INTERNAL: displayId=0, uniqueId=local:{DISPLAY_ID}, port=0, orientation={rotation}, \
logicalFrame=[0, 0, {width}, {height}], physicalFrame=[0, 0, {width}, {height}], \
deviceSize=[{width}, {height}], isActive=[1]
      SurfaceWidth: {width}px
      SurfaceHeight: {height}px
      SurfaceOrientation: {rotation}"""


def _flinger(device: Device, words: Sequence[str]) -> str:
    lines = [
        f"Display {identity} (HWC display {number}): port={number} pnpId=PRC "
        f'displayName="{"Built-in Screen" if not number else "External"}"'
        for number, identity in enumerate(display_ids(device))
    ]
    return "\n".join(lines)


def _power(device: Device, words: Sequence[str]) -> str:
    awake = device.phone.is_awake
    return f"""\
POWER MANAGER (dumpsys power)

Power Manager State:
  mDirty=0x0
  mWakefulness={"Awake" if awake else "Asleep"}
  mWakefulnessChanging=false
  mIsPowered=true
  mPlugType=2
  mBatteryLevel=80
  mStayOn=false
  mBootCompleted=true
  mSystemReady=true
  mHalAutoSuspendModeEnabled={lowered(not awake)}
  mHalInteractiveModeEnabled={lowered(awake)}
  mHoldingWakeLockSuspendBlocker=false
  mHoldingDisplaySuspendBlocker={lowered(awake)}

Display Power: state={"ON" if awake else "OFF"}"""


def _input_method(device: Device, words: Sequence[str]) -> str:
    shown, chosen = device.phone.has_focus, device.phone.input_method
    served = "android.widget.EditText" if shown else "null"
    return f"""\
Current Input Method Manager state:
  Input Methods: mMethodMapUpdateCount=1
  Current Input Method Manager state:
  mCurMethodId={chosen}
  mCurClient=ClientState{{{identity_of(device.phone.front[0])} mUid=10100 mPid=2000}}
  mCurFocusedWindow=android.os.BinderProxy@{identity_of(device.phone.front[1])}
  mCurId={chosen} mHaveConnection=true mBoundToMethod=true mVisibleBound={lowered(shown)}
  mCurToken=android.os.Binder@{identity_of(chosen)}
  mShowRequested={lowered(shown)} mShowExplicitlyRequested=false mShowForced=false \
mInputShown={lowered(shown)}
  mInFullscreenMode=false
  mSystemReady=true mInteractive={lowered(device.phone.is_awake)}
  mServedView={served}
  mIsInputViewShown={lowered(shown)}"""


def _activity(device: Device, words: Sequence[str]) -> str:
    package, activity = device.phone.front
    front = record(device, package, activity)
    if words[:1] == ["top"]:
        return f"""\
TASK {package} id={task_number(device, package)} userId=0
  ACTIVITY {package}/{activity.removeprefix(package)} {identity_of(activity)} \
pid={device.process_of(package)}
    mResumed={lowered(device.phone.is_awake)} mStopped=false mFinished=false"""
    return f"""\
ACTIVITY MANAGER ACTIVITIES (dumpsys activity activities)
Display #0 (activities from top to bottom):
  * Task{{{identity_of(package)} #{task_number(device, package)} type=standard A=10100:{package}}}
    mLastPausedActivity: null
    topResumedActivity={front}
    * Hist  #0: {front}
      packageName={package} processName={package}

  ResumedActivity: {front}
  topResumedActivity={front}
  mFocusedApp={front}

KeyguardController:
  mKeyguardShowing={lowered(device.phone.is_locked)}
  mAodShowing=false
  mKeyguardGoingAway=false"""


def _battery(device: Device, words: Sequence[str]) -> str:
    return """\
Current Battery Service state:
  AC powered: false
  USB powered: true
  Wireless powered: false
  Dock powered: false
  Max charging current: 500000
  Max charging voltage: 5000000
  Charge counter: 2400000
  status: 2
  health: 2
  present: true
  level: 80
  scale: 100
  voltage: 4200
  temperature: 250
  technology: Li-ion"""


def _package(device: Device, words: Sequence[str]) -> str:
    app = next((one for one in device.phone.apps if words[:1] == [one.package]), None)
    return _package_of(device, app) if app is not None else "Packages:\n"


def _package_of(device: Device, app: App) -> str:
    return f"""\
Activity Resolver Table:
  Non-Data Actions:
      android.intent.action.MAIN:
        {identity_of(app.package)} {app.package}/{app.activity} filter {identity_of(app.activity)}
          Action: "android.intent.action.MAIN"
          Category: "android.intent.category.LAUNCHER"

Packages:
  Package [{app.package}] ({identity_of(app.package)}):
    userId={device.process_of(app.package) % 9000 + 10000}
    pkg=Package{{{identity_of(app.package)} {app.package}}}
    codePath=/data/app/{app.package}
    versionCode=1 minSdk=26 targetSdk=34
    versionName=1.0
    signatures=PackageSignatures{{{identity_of(app.label)} version:2, \
signatures:[{identity_of(app.label)}], past signatures:[]}}
    pkgFlags=[ HAS_CODE ALLOW_CLEAR_USER_DATA ]
    firstInstallTime={_INSTALLED}
    lastUpdateTime={_INSTALLED}"""


_SERVICES: dict[str, Callable[[Device, Sequence[str]], str]] = {
    "SurfaceFlinger": _flinger,
    "activity": _activity,
    "battery": _battery,
    "display": _display,
    "input": _input,
    "input_method": _input_method,
    "package": _package,
    "power": _power,
    "window": window_service,
}
