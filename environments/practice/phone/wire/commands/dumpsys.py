"""``dumpsys``: what the system's services say about themselves.

Responsible for the lines that clients read, in the form and the order of Android 14, and for little
else. Sources: AOSP ``WindowManagerService``, ``DisplayManagerService``, ``PowerManagerService``,
``InputMethodManagerService``, ``ActivityTaskManagerService``, ``BatteryService`` and
``PackageManagerService``; the window lines as in logs of a Pixel.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence

from environments.practice.phone.base import App
from environments.practice.phone.wire.commands.call import Call
from environments.practice.phone.wire.commands.screencap import DISPLAY_ID, display_ids
from environments.practice.phone.wire.device import Device

_FLAGS = "LAYOUT_IN_SCREEN {secure}LAYOUT_INSET_DECOR SPLIT_TOUCH HARDWARE_ACCELERATED"
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


def identity_of(name: str) -> str:
    """Return what stands for an object's address, always the same for one name."""
    return f"{zlib.crc32(name.encode()) & 0xFFFFFFF:x}"


def component(package: str, activity: str) -> str:
    """Return a component in full: both halves with the package's name."""
    return f"{package}/{package if activity.startswith('.') else ''}{activity}"


def _window(device: Device, package: str, activity: str) -> str:
    name = component(package, activity)
    return f"Window{{{identity_of(name)} u0 {name}}}"


def _record(device: Device, package: str, activity: str) -> str:
    short = f"{package}/{activity.removeprefix(package)}"
    return f"ActivityRecord{{{identity_of('record' + short)} u0 {short} t{_task(device, package)}}}"


def _task(device: Device, package: str) -> int:
    return 10 + device.process_of(package) % 90


def _focus(device: Device) -> tuple[str, str]:
    """Return what ``mCurrentFocus`` and ``mFocusedApp`` name."""
    if not device.phone.is_awake:
        return "null", "null"
    app = _record(device, *device.phone.front)
    if device.phone.is_locked:
        return f"Window{{{identity_of('shade')} u0 NotificationShade}}", app
    return _window(device, *device.phone.front), app


def _window_service(device: Device, words: Sequence[str]) -> str:
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
    mAwake={_bool(awake)} mKeyguardDrawComplete={_bool(awake)}
    mScreenOnEarly={_bool(awake)} mScreenOnFully={_bool(awake)}
    mKeyguardOccluded=false mKeyguardOccludedChanged=false mPendingKeyguardOccluded=false
    KeyguardServiceDelegate
      showing={_bool(locked)}
      inputRestricted={_bool(locked)}
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
    window = focus if "/" in focus else _window(device, *front)
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
    width, height = device.screen_px
    return [
        f"  Window #{number} {window}:",
        f"    mDisplayId=0 rootTaskId={_task(device, package)} mSession=Session{{0 0:u0a100}}",
        f"    mOwnerUid=10100 showForAllUsers=false package={package} appop=NONE",
        "    mAttrs={(0,0)(fillxfill) sim={adjust=resize} ty=BASE_APPLICATION fmt=TRANSLUCENT",
        f"      fl={flags}",
        "      pfl=DRAW_STATUS_BAR_BACKGROUNDS FIT_INSETS_CONTROLLED}",
        f"    Requested w={width} h={height} mLayoutSeq={device.phone.version}",
        f"    mHasSurface={_bool(device.phone.is_awake)} isReadyForDisplay()=true",
        f"    isOnScreen={_bool(device.phone.is_awake)}",
        f"    isVisible={_bool(device.phone.is_awake)}",
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
    mShowingDream=false mDreamingLockscreen={_bool(device.phone.is_locked)}
    isKeyguardShowing={_bool(device.phone.is_locked)}
"""


def _rotation_mode(device: Device) -> str:
    free = device.phone.settings["system"].get("accelerometer_rotation") == "1"
    return "USER_ROTATION_FREE" if free else "USER_ROTATION_LOCKED"


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
  mHalAutoSuspendModeEnabled={_bool(not awake)}
  mHalInteractiveModeEnabled={_bool(awake)}
  mHoldingWakeLockSuspendBlocker=false
  mHoldingDisplaySuspendBlocker={_bool(awake)}

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
  mCurId={chosen} mHaveConnection=true mBoundToMethod=true mVisibleBound={_bool(shown)}
  mCurToken=android.os.Binder@{identity_of(chosen)}
  mShowRequested={_bool(shown)} mShowExplicitlyRequested=false mShowForced=false \
mInputShown={_bool(shown)}
  mInFullscreenMode=false
  mSystemReady=true mInteractive={_bool(device.phone.is_awake)}
  mServedView={served}
  mIsInputViewShown={_bool(shown)}"""


def _activity(device: Device, words: Sequence[str]) -> str:
    package, activity = device.phone.front
    record = _record(device, package, activity)
    if words[:1] == ["top"]:
        return f"""\
TASK {package} id={_task(device, package)} userId=0
  ACTIVITY {package}/{activity.removeprefix(package)} {identity_of(activity)} \
pid={device.process_of(package)}
    mResumed={_bool(device.phone.is_awake)} mStopped=false mFinished=false"""
    return f"""\
ACTIVITY MANAGER ACTIVITIES (dumpsys activity activities)
Display #0 (activities from top to bottom):
  * Task{{{identity_of(package)} #{_task(device, package)} type=standard A=10100:{package}}}
    mLastPausedActivity: null
    topResumedActivity={record}
    * Hist  #0: {record}
      packageName={package} processName={package}

  ResumedActivity: {record}
  topResumedActivity={record}
  mFocusedApp={record}

KeyguardController:
  mKeyguardShowing={_bool(device.phone.is_locked)}
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


def _bool(value: bool) -> str:
    return str(value).lower()


_SERVICES: dict[str, Callable[[Device, Sequence[str]], str]] = {
    "SurfaceFlinger": _flinger,
    "activity": _activity,
    "battery": _battery,
    "display": _display,
    "input_method": _input_method,
    "package": _package,
    "power": _power,
    "window": _window_service,
}
