"""Bounds on what is read, in one place."""

from dataclasses import dataclass, fields

# Of a deadline; systems cannot wait for much longer.
MAX_TIMEOUT_S = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds on input. Input over a bound raises an error that names it.

    Attributes:
        input_bytes: bytes as given (of a str: characters).
        decompressed_bytes: bytes after gzip, zlib, brotli or zstd decompression.
        depth_elements: nesting of elements; more raises `TooDeep`. Deep nesting within the bound is reduced
            and gives the flag ``deep``.
        blocks: blocks of a page or lines of a text. 10,000 are judged at a time, so that their number costs
            little memory; from 2,000 on there is the flag ``long``.
        decompression_ratio: how many times its own size compressed data of a page may unpack to, if that is
            over a million bytes. Of real pages none reaches 30.
        nodes: start and end tags of a page, or elements of a tree.
        attributes: attributes of one element; libxml2 takes quadratic time for them.
        attribute_chars: characters of one attribute; a picture in one may be as long as the page.
        block_chars: characters of one block. Over 100,000 its beginning and its end are what it is judged by.

    Raises:
        ValueError: a bound is not a positive whole number.

    Example:
        >>> Limits(input_bytes=1_000_000).input_bytes
        1000000
    """

    input_bytes: int = 20_000_000
    decompressed_bytes: int = 40_000_000
    depth_elements: int = 5_000
    blocks: int = 200_000
    decompression_ratio: int = 100
    nodes: int = 1_000_000
    attributes: int = 1_000
    attribute_chars: int = 20_000_000
    block_chars: int = 20_000_000

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if not isinstance(value, int) or isinstance(value, bool) or value < 1:
                raise ValueError(f"Limits.{field.name} must be a positive whole number, not {value!r}")
