"""The errors of Deskhand.

Responsible for the whole tree, so that every layer can raise and name it. Decides nothing: what
ends a run and what goes back to the model is decided in ``agent``.

    DeskhandError
      DeviceError                  ends the run, exit code 5
        CaptureError               the screen could not be read
        InputError                 an action could not be delivered
        DeviceDisconnectedError    the display or phone went away
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


class InputError(DeviceError):
    """An action could not be delivered to the device."""


class DeviceDisconnectedError(DeviceError):
    """The display or the phone went away."""


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
