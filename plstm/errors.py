"""Errors a user can fix. The command line prints such an error as one line; in Python it is a ValueError."""


class UserError(ValueError):
    """An error that the user can fix: the message says what was expected and what came."""


class ConfigError(UserError):
    """A setting that does not exist or is out of range."""


class DataError(UserError):
    """A data file that is missing, corrupt or of the wrong shape."""


class RunError(UserError):
    """A run directory that cannot be used for this run, or a run that cannot continue."""


class DivergedError(RunError):
    """A run whose loss became NaN or infinite. The same settings and seed would diverge again, so it is not retried."""


class ResultError(UserError):
    """A result file that is missing, truncated, edited by hand or not in the published format."""


class StateError(UserError):
    """A saved state of streams that is damaged or belongs to another model."""
