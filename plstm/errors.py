"""What a user can cause and mend. The command prints such an error as one line; from Python it is a ValueError."""


class UserError(ValueError):
    """Something about the input, told so that it can be mended."""


class ConfigError(UserError):
    """A setting that does not exist or is out of its range."""


class DataError(UserError):
    """A data file that is missing, corrupt or of the wrong shape."""


class RunError(UserError):
    """A run directory that cannot take this run, or a run that cannot go on."""


class DivergedError(RunError):
    """A run whose loss is no number any more. Settings and seed decide that: another attempt ends in the same way."""


class ResultError(UserError):
    """A result file that is missing, truncated, edited by hand or not of the published schema."""


class StateError(UserError):
    """A state of streams that is damaged or of another model."""
