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
