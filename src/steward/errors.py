"""The one exception tree of Steward.

    StewardError
    ├── UserError          exit 2   what was asked for cannot be right; change the request
    │   ├── ConfigError             the configuration file
    │   ├── AudioError              a sound that cannot be used
    │   └── FixturesError           a home file that cannot be loaded
    ├── DeviceError        exit 3   this machine lacks something; the hint repairs it
    │   ├── ModelError              a weights file is missing, damaged or unusable
    │   ├── StateError              the state file is damaged, read-only, or the disk is full
    │   └── PortError               the address cannot be listened on
    └── PeerError          exit 4   another machine or program failed; try again later

Exit code 0 means that the command did its work, 1 that it ran and found something wrong (`doctor`),
130 that it was interrupted. An error that is not in this tree is a bug in Steward, exit 70.
"""

from __future__ import annotations


class StewardError(Exception):
    """Base of the tree: `message` says what is wrong and where, `hint` what to do about it."""

    exit_code = 70

    def __init__(self, message: str, *, hint: str) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\nhint: {self.hint}"


class UserError(StewardError):
    """The request cannot be right; the caller should change it."""

    exit_code = 2


class ConfigError(UserError):
    """The configuration file is missing, unreadable or says something impossible."""


class AudioError(UserError):
    """A sound is empty, damaged, too long or of an unknown format."""


class FixturesError(UserError):
    """A file that describes a home cannot be loaded."""


class DeviceError(StewardError):
    """This machine lacks something that the request needs."""

    exit_code = 3


class ModelError(DeviceError):
    """A weights file is missing, damaged or cannot be used by its runtime."""


class StateError(DeviceError):
    """The state cannot be read or written: damaged file, no permission, full disk."""


class PortError(DeviceError):
    """The server cannot listen on the address it was given."""


class PeerError(StewardError):
    """Another machine or program that was asked did not answer rightly."""

    exit_code = 4
