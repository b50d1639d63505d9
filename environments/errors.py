"""The errors of Deskhand.

Responsible for the whole tree, so that every layer can raise and name it. Decides nothing: what
ends a run and what goes back to the model is decided in ``agent``.

    DeskhandError
      DeviceError                  ends the run, exit code 5
        CaptureError               the screen could not be read
          SecureScreenError        what is in front forbids pictures of itself
        InputError                 an action could not be delivered
          InputRefusedError        the phone lets nobody but its owner touch it
        DeviceDisconnectedError    the display or phone went away
          DeviceOfflineError       it is plugged in or known, but does not answer
          DeviceUnauthorizedError  it has not been told to trust this computer
        ScreenOffError             the phone's screen is off and cannot be woken
        PhoneLockedError           the phone's lock screen is shown
        DeviceBusyError            another run has the device
      ToolError                    written for the model, returned to it as an error result
        PersonFirstError           nothing is wrong with what was asked, but a person came first
      ModelError                   load, memory or generation failed: ends the run, exit code 6
      JournalError                 the run's record cannot be written or read
      ConfigError                  found before anything starts, exit code 2
      Stopped                      a person asked to stop: ends the run, exit code 4
"""


class DeskhandError(Exception):
    """Base of every error that Deskhand raises on purpose; its text is written for a person."""


class DeviceError(DeskhandError):
    """The screen or the input of the device failed."""


class CaptureError(DeviceError):
    """The screen could not be read."""


class SecureScreenError(CaptureError):
    """The window in front forbids pictures of itself, so a person has to do this part."""


class InputError(DeviceError):
    """An action could not be delivered to the device."""


class InputRefusedError(InputError):
    """The phone does not allow input from a computer."""


class DeviceDisconnectedError(DeviceError):
    """The display or the phone went away."""


class DeviceOfflineError(DeviceDisconnectedError):
    """The phone is known, but does not answer."""


class DeviceUnauthorizedError(DeviceDisconnectedError):
    """The phone does not trust this computer, or adb may not open it."""


class ScreenOffError(DeviceError):
    """The phone's screen is off."""


class PhoneLockedError(DeviceError):
    """The phone's lock screen is shown."""


class DeviceBusyError(DeviceError):
    """Another run has the device."""


class ToolError(DeskhandError):
    """The model asked for something that cannot be done; the text tells it what to do instead."""


class PersonFirstError(ToolError):
    """A person used the mouse or keyboard, so what was asked was not done or not all of it."""


class ModelError(DeskhandError):
    """The model could not be loaded, ran out of memory or failed while generating."""


class JournalError(DeskhandError):
    """The record of a run cannot be written or read."""


class ConfigError(DeskhandError):
    """The command line, a setting or the machine does not allow the run to start."""


class Stopped(DeskhandError):
    """A person asked the run to stop."""
