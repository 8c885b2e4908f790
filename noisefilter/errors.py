"""The errors that noisefilter raises for input it cannot read, each with a way out in its message."""


class NoiseFilterError(Exception):
    """Base of all errors raised for input, limits and model files."""


class InputError(NoiseFilterError, ValueError):
    """Base of the errors that concern the input itself."""


class EmptyInput(InputError):
    """Nothing, or nothing but white space, was given."""


class NotHTML(InputError):
    """A page was expected, but what was given holds no markup (plain text, PDF, JSON, an image …)."""


class NotText(InputError):
    """Plain text was expected, but binary data was given."""


class UndecodableInput(InputError):
    """The bytes fit no character encoding that was declared or detected."""


class BadCompression(InputError):
    """The bytes announce a compression but are cut, damaged or of a kind not supported."""


class LimitExceeded(InputError):
    """A limit was exceeded.

    Attributes:
        limit: name of the field of `noisefilter.Limits`.
        allowed: its value.
        found: the value found, a lower bound where reading stopped early.
    """

    def __init__(self, limit: str, allowed: int, found: int, message: str) -> None:
        super().__init__(message)
        self.limit = limit
        self.allowed = allowed
        self.found = found

    def __reduce__(self) -> tuple[type, tuple[str, int, int, str]]:
        return type(self), (self.limit, self.allowed, self.found, str(self))


class TooLarge(LimitExceeded):
    """The input, or what it decompresses to, is larger than allowed."""


class TooDeep(LimitExceeded):
    """Elements are nested deeper than allowed."""


class ModelError(NoiseFilterError):
    """A model's files are missing, damaged, changed, or of another format."""


class CleaningTimeout(NoiseFilterError):
    """An item was not done at its deadline, and the child process that cleaned it was killed.

    Attributes:
        timeout_s: seconds it had.
    """

    def __init__(self, timeout_s: float) -> None:
        super().__init__(
            f"not done after {timeout_s:g} s: allow it more time, or leave it out (mind patterns in keep and "
            "drop: one with nested repeats may take for ever)"
        )
        self.timeout_s = timeout_s

    def __reduce__(self) -> tuple[type, tuple[float]]:
        return type(self), (self.timeout_s,)


class MemoryExceeded(NoiseFilterError):
    """Cleaning an item took more memory than allowed, and the child process that did it was killed.

    Attributes:
        max_memory_mb: megabytes that were allowed; None: the system itself had no more.
        found_mb: megabytes that the child held when it was looked at; None where the system refused more.
    """

    def __init__(self, max_memory_mb: float | None = None, found_mb: float | None = None) -> None:
        if max_memory_mb is None or found_mb is None:
            what = "memory ran out"
        else:
            what = f"the child process held {found_mb:,.0f} MB, more than the {max_memory_mb:,.0f} MB allowed"
        super().__init__(f"{what}: allow more, set smaller Limits, or leave this out")
        self.max_memory_mb = max_memory_mb
        self.found_mb = found_mb

    def __reduce__(self) -> tuple[type, tuple[float | None, float | None]]:
        return type(self), (self.max_memory_mb, self.found_mb)


class WorkerCrashed(NoiseFilterError):
    """The child process that cleaned an item died, or none could be started.

    Attributes:
        exit_code: of the child; less than 0: the signal that ended it; None if it is not known.
    """

    def __init__(self, exit_code: int | None, message: str | None = None) -> None:
        super().__init__(message or _how_it_died(exit_code))
        self.exit_code = exit_code

    def __reduce__(self) -> tuple[type, tuple[int | None, str]]:
        return type(self), (self.exit_code, str(self))


def _how_it_died(exit_code: int | None) -> str:
    if exit_code is None:
        return "the child process that cleaned this is gone: clean it again"
    if exit_code < 0:
        if exit_code == -9:  # not by the pool, which knows what it kills
            return (
                "the child process that cleaned this was killed by signal 9, likely because memory ran out: "
                "use fewer jobs or smaller Limits, or leave this out"
            )
        return f"the child process that cleaned this was ended by signal {-exit_code}: leave this out"
    return f"the child process that cleaned this ended with code {exit_code}: leave this out"
