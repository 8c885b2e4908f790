"""Reads the body of a request within its bounds, and undoes gzip."""

import zlib
from collections.abc import Callable, Iterator

from flask import Request

from noisefilter.intake.compression import unpacked_bytes
from noisefilter.limits import Limits
from noisefilter.service.problems import Problem

_READ_BYTES = 1 << 20  # in one go: each read lets other threads run first
_CHUNK_BYTES = 1 << 16
_GZIP = 31  # for zlib: with the header of gzip
_MAX_MEMBERS = 1000
ARRIVED = "noisefilter.arrived"
"""In the environment of a request, if the server waits for bodies only so long: what to call once the body
has been read or has broken off. Returns whether the server is content, not the one who broke it off."""


def read_body(request: Request, max_body_bytes: int, limits: Limits) -> bytes:
    """The body, unpacked.

    Args:
        request: whose body has not been read.
        max_body_bytes: bound on it as it is sent.
        limits: `decompressed_bytes` and `decompression_ratio` bound what gzip unpacks to; never more than
            that and a chunk is held.

    Raises:
        Problem: it is too large, too slow, cut, damaged, or encoded in a way that is not supported.
    """
    encoding = request.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding not in ("identity", "gzip", "x-gzip"):
        raise Problem(
            "unsupported-media-type", "Content-Encoding must be gzip, or not be there",
            headers={"Accept-Encoding": "gzip"},
        )  # fmt: skip
    if request.content_length is not None and request.content_length > max_body_bytes:
        raise _too_large(f"{request.content_length:,} bytes", max_body_bytes)
    chunks = _received(request, max_body_bytes)
    body = b"".join(chunks if encoding == "identity" else _unpacked(chunks, limits))
    _arrived(request)
    return body


def _received(request: Request, allowed: int) -> Iterator[bytes]:
    """The body in chunks; one that is sent in chunks says nowhere how long it will be."""
    size = 0
    while chunk := _chunk(request):
        size += len(chunk)
        if size > allowed:
            raise _too_large(f"more than {allowed:,} bytes", allowed)
        yield chunk
    if size < (request.content_length or 0):  # a server may say nothing of a caller who went away
        raise _broken_off(request)


def _chunk(request: Request) -> bytes:
    try:
        return request.stream.read(_READ_BYTES)
    except Exception:  # each server has exceptions of its own
        raise _broken_off(request) from None


def _arrived(request: Request) -> bool:
    arrived: Callable[[], bool] | None = request.environ.get(ARRIVED)
    return arrived is None or arrived()


def _broken_off(request: Request) -> Problem:
    if not _arrived(request):
        return Problem("slow-body", "the body did not arrive in time: send it faster, in parts, or gzipped")
    return Problem("unreadable-body", "the body breaks off, or its chunks are no chunks: send all of it")


def _unpacked(chunks: Iterator[bytes], limits: Limits) -> Iterator[bytes]:
    allowed, ratio = limits.decompressed_bytes, limits.decompression_ratio
    size = members = received = 0
    decoder = None
    for chunk in chunks:
        rest = chunk
        received += len(chunk)
        by_ratio = unpacked_bytes(received, ratio)
        while rest:
            if decoder is None:
                if members and not rest.strip(b"\0"):
                    break  # padding
                members += 1
                if members > _MAX_MEMBERS:
                    raise Problem("unreadable-body", "the gzip data has too many members: send one")
                decoder = zlib.decompressobj(_GZIP)
            try:
                piece = decoder.decompress(rest, _CHUNK_BYTES)
            except zlib.error:
                raise Problem("unreadable-body", "the gzip data is damaged: send it again") from None
            size += len(piece)
            if size > allowed:
                raise _too_large(f"more than {allowed:,} bytes after decompression", allowed)
            if size > by_ratio:
                detail = f"the gzip data unpacks to more than {ratio} times its size: send it as it is"
                raise Problem("too-large", detail)
            yield piece
            if decoder.eof:
                rest, decoder = decoder.unused_data, None
            else:
                rest = decoder.unconsumed_tail  # never empty while output is held back: a checksum ends it
    if decoder is not None or not members:
        raise Problem("unreadable-body", "the gzip data ends before its end: send all of it")


def _too_large(found: str, allowed: int) -> Problem:
    return Problem("too-large", f"the body has {found}, {allowed:,} are allowed: send less, or in parts")
