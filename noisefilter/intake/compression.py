"""Undoes compression, never holding much more than is allowed."""

import importlib
import re
import zlib
from collections.abc import Iterator
from typing import Any

from noisefilter.errors import BadCompression, TooLarge
from noisefilter.intake.decoding import is_binary, is_utf_8, unicode_encoding
from noisefilter.intake.sniffing import file_type
from noisefilter.limits import Limits

_CHUNK_BYTES = 1 << 16
_MAX_MEMBERS = 10_000  # of a gzip or zstd file; 40 MB of blocked gzip have 640
_MAX_ZSTD_WINDOW_LOG = 25  # 32 MB; HTTP allows 8 MB (RFC 9659), zstd itself would take 128 MB

FREE_BYTES = 1_000_000
"""Up to here any ratio of decompression is allowed: short pages may repeat themselves."""

_GZIP = b"\x1f\x8b"
_ZSTD = b"\x28\xb5\x2f\xfd"
_ZLIB = (b"x\x01", b"x\x9c", b"x\xda")
_UNSUPPORTED = re.compile(
    rb"(?P<xz>\xfd7zXZ\0)|(?P<lz4>\x04\x22\x4d\x18)|(?P<compress>\x1f\x9d)|(?P<bzip2>BZh[1-9]1AY&SY)"
)
_MARKUP = re.compile(rb"\s*<[!?a-zA-Z]")


def decompress(data: bytes, limits: Limits) -> bytes:
    """Undoes gzip, zlib, zstd or brotli compression, where the bytes look like it.

    Args:
        data: as received.
        limits: `decompressed_bytes` and `decompression_ratio` bound the output; never more than that and a
            chunk is held.

    Returns:
        The content, or `data` itself if it is not compressed.

    Raises:
        BadCompression: it is cut, damaged, or of a kind that cannot be read here.
        TooLarge: it unpacks to more than allowed.
    """
    size = len(data)
    if data.startswith(_GZIP):
        return _collect("gzip", _inflate(data, 31), size, limits)
    if data.startswith(_ZSTD):
        return _collect("zstd", _unzstd(data), size, limits)
    if match := _UNSUPPORTED.match(data):
        raise BadCompression(f"this is {match.lastgroup} data, which is not supported: decompress it first")
    # What follows has no mark that text could not have, so it is tried only on what is no text.
    if _is_text(data) or file_type(data):
        return data
    may_be_text = not is_binary(data)
    if data.startswith(_ZLIB) or (data.startswith(b"x^") and not may_be_text):
        return _collect("zlib", _inflate(data, 15), size, limits)
    brotli = _import_first("brotli")
    if not hasattr(getattr(brotli, "Decompressor", None), "can_accept_more_data"):
        return data
    try:
        content = _collect("brotli", _unbrotli(brotli, data), size, limits)
    except _NotBrotli:
        return data
    # Some first letters of a text are an empty brotli stream.
    return content if content and _is_text(content) else data


class _Damaged(Exception):
    """A decompressor gave up."""


class _NotBrotli(Exception):
    """Brotli data cannot be told from other bytes, except by failure."""


def _is_text(data: bytes) -> bool:
    return bool(_MARKUP.match(data) or unicode_encoding(data) or is_utf_8(data))


def unpacked_bytes(size: int, ratio: int) -> int:
    """What compressed data of so many bytes may unpack to by the ratio alone."""
    return max(FREE_BYTES, ratio * size)


def _collect(name: str, chunks: Iterator[bytes], size: int, limits: Limits) -> bytes:
    allowed, ratio = limits.decompressed_bytes, limits.decompression_ratio
    by_ratio = unpacked_bytes(size, ratio)
    content = bytearray()
    try:
        for chunk in chunks:
            content += chunk
            if len(content) > allowed:
                message = f"the {name} data unpacks to more than {allowed:,} bytes"
                message += "; Limits(decompressed_bytes=…) allows more"
                raise TooLarge("decompressed_bytes", allowed, len(content), message)
            if len(content) > by_ratio:
                message = f"the {name} data unpacks to more than {ratio:,} times its size, as no page does"
                message += "; Limits(decompression_ratio=…) allows more"
                raise TooLarge("decompression_ratio", ratio, -(-len(content) // size), message)
    except (_Damaged, zlib.error) as error:
        raise BadCompression(f"the {name} data is cut or damaged ({error}): fetch it again") from error
    return bytes(content)


def _import_first(*names: str) -> Any:
    """The first of some optional modules that can be imported, else None."""
    for name in names:
        try:
            return importlib.import_module(name)
        except ImportError:
            continue
    return None


def _inflate(data: bytes, window_bits: int) -> Iterator[bytes]:
    """Chunks of a gzip file, with all its members, or of a zlib stream."""
    view = memoryview(data)
    position = members = 0
    while position < len(view):
        if members and view[position : position + 2] != _GZIP:
            return  # something behind the last member, often NULs, that other readers pass over too
        members += 1
        if members > _MAX_MEMBERS:
            raise _Damaged(f"more than {_MAX_MEMBERS:,} members")
        decoder = zlib.decompressobj(window_bits)
        while not decoder.eof:
            piece: bytes | memoryview = decoder.unconsumed_tail
            if not piece:
                piece = view[position : position + _CHUNK_BYTES]
                position += len(piece)
            chunk = decoder.decompress(piece, _CHUNK_BYTES)
            if not chunk and not piece and not decoder.eof:
                raise _Damaged("its end is missing")
            yield chunk
        if window_bits == 15:
            return
        position -= len(decoder.unused_data)


def _unzstd(data: bytes) -> Iterator[bytes]:
    module = _import_first("compression.zstd", "backports.zstd")
    if module is None:
        raise BadCompression("this is zstd data: to read it, pip install backports.zstd")
    return _zstd_chunks(module, data)


def _zstd_chunks(module: Any, data: bytes) -> Iterator[bytes]:
    options = {module.DecompressionParameter.window_log_max: _MAX_ZSTD_WINDOW_LOG}
    view = memoryview(data)
    position = members = 0
    try:
        while position < len(view):
            members += 1
            if members > _MAX_MEMBERS:
                raise _Damaged(f"more than {_MAX_MEMBERS:,} frames")
            decoder = module.ZstdDecompressor(options=options)
            while not decoder.eof:
                piece = view[position : position + _CHUNK_BYTES] if decoder.needs_input else b""
                position += len(piece)
                if decoder.needs_input and not piece:
                    raise _Damaged("its end is missing")
                yield decoder.decompress(piece, _CHUNK_BYTES)
            position -= len(decoder.unused_data)
    except module.ZstdError as error:
        raise _Damaged(str(error)) from error


def _unbrotli(module: Any, data: bytes) -> Iterator[bytes]:
    decoder = module.Decompressor()
    try:
        chunk = decoder.process(data, output_buffer_limit=_CHUNK_BYTES)
        is_page = _MARKUP.match(chunk)
        while chunk or decoder.is_finished():
            yield chunk
            if decoder.is_finished():
                return
            chunk = decoder.process(b"", output_buffer_limit=_CHUNK_BYTES)
    except module.error as error:
        raise _NotBrotli from error
    raise _Damaged("its end is missing") if is_page else _NotBrotli
