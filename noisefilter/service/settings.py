"""What can be set, by environment variables whose names start with ``NOISEFILTER_``."""

import ipaddress
import os
import re
from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
)

from noisefilter.errors import NoiseFilterError
from noisefilter.limits import MAX_TIMEOUT_S, Limits

PREFIX = "NOISEFILTER_"
_HOST_NAME = re.compile(r"(?!.{254})([\w-]+\.)*(?!\d+$)[\w-]+", re.ASCII)
Count = Annotated[int, Field(ge=1, le=1_000_000_000)]
Seconds = Annotated[float, Field(gt=0, le=MAX_TIMEOUT_S, allow_inf_nan=False)]


def _sendable(token: SecretStr) -> SecretStr:
    # RFC 6750; other characters would not arrive.
    value = token.get_secret_value()
    if not 8 <= len(value) <= 4096 or not re.fullmatch(r"[A-Za-z0-9._~+/-]+=*", value):
        raise ValueError("takes 8 to 4,096 letters, digits and ._~+/-, and = at its end")
    return token


def _address(host: str) -> str:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        if not _HOST_NAME.fullmatch(host):
            raise ValueError("takes an IP address, without brackets or a port, or a host name") from None
    return host


Token = Annotated[SecretStr, AfterValidator(_sendable)]


class SettingsError(NoiseFilterError, ValueError):
    """A setting is wrong; the message names its variable."""


class Settings(BaseModel):
    """The settings of a service.

    Each can be given as ``NOISEFILTER_`` and its name in capitals. An empty variable is the same as none.

    Raises:
        pydantic.ValidationError: a value is wrong.

    Example:
        >>> Settings.from_environment({"NOISEFILTER_DEADLINE_S": "5"}).deadline_s
        5.0
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    host: Annotated[str, AfterValidator(_address)] = Field(
        default="127.0.0.1", description="address to listen at; `0.0.0.0` for all of the machine's"
    )
    port: int = Field(default=8000, ge=0, le=65535, description="port to listen at; 0 picks a free one")
    workers: int = Field(default=1, ge=1, le=256, description="gunicorn workers: processes that speak HTTP")
    children: int = Field(
        default_factory=lambda: os.cpu_count() or 1,
        ge=1,
        le=256,
        description="child processes that clean, for each worker; the number of cores unless set",
    )
    deadline_s: Seconds = Field(
        default=30.0,
        description="seconds for a page, from when its cleaning starts; then its child is killed. "
        "As long may it wait for a child",
    )
    max_waiting: int = Field(
        default=64,
        ge=0,
        le=1000,
        description="requests of a worker that may wait for a child; further ones get 429",
    )
    max_body_bytes: Count = Field(default=20_000_000, description="bytes of a request's body as it is sent")
    max_page_bytes: Count = Field(
        default=40_000_000, description="bytes that a body, or a compressed page in it, may unpack to"
    )
    max_blocks: Count = Field(default=200_000, description="blocks of a page or lines of a text")
    max_memory_mb: Count | None = Field(
        default=None, description="megabytes that a child may hold; over it it is killed; none: no bound"
    )
    max_batch_items: int = Field(default=100, ge=1, le=100_000, description="items of a batch")
    recycle_after: Count = Field(default=1000, description="pages after which a child is replaced")
    graceful_s: Seconds = Field(
        default=60.0, description="seconds that running requests have to finish after SIGTERM"
    )
    transfer_s: Seconds = Field(
        default=60.0,
        description="seconds that a request has to arrive, and for which sending its answer may stall",
    )
    token: Token | None = Field(
        default=None, description="bearer token that requests must show; none: no token is asked for"
    )
    metrics_dir: str | None = Field(
        default=None,
        description="folder for the workers' numbers; old ones in it go at start; a temporary one unless set",
    )

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Self:
        """Reads the settings.

        Args:
            environment: None: that of this process.

        Raises:
            SettingsError: some are wrong; the message names each.
        """
        given = os.environ if environment is None else environment
        values = {name: value for name in cls.model_fields if (value := given.get(variable_of(name)))}
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            # Without the value: it may be the token.
            wrong = [f"{variable_of(str(e['loc'][0]))}: {_lower(e['msg'])}" for e in error.errors()]
            raise SettingsError("wrong settings. " + "; ".join(wrong)) from None

    @property
    def limits(self) -> Limits:
        """The bounds as the library takes them."""
        return Limits(
            input_bytes=self.max_page_bytes, decompressed_bytes=self.max_page_bytes, blocks=self.max_blocks
        )

    @property
    def threads(self) -> int:
        """Threads of a worker: for every request that may wait or be cleaned, and some for the others."""
        return self.max_waiting + self.children + 8


def variable_of(name: str) -> str:
    """The environment variable of a setting."""
    return PREFIX + name.upper()


def unknown_variables(environment: Mapping[str, str]) -> list[str]:
    """Variables that look like settings and are none, say through a typing error."""
    known = {variable_of(name) for name in Settings.model_fields}
    return sorted(name for name in environment if name.startswith(PREFIX) and name not in known)


def _lower(message: str) -> str:
    message = message.removeprefix("Value error, ")
    return message[:1].lower() + message[1:]
