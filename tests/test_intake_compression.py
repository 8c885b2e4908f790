"""Compressed pages."""

import gzip
import sys
import tracemalloc
import zlib
from typing import Any

import pytest
from intake_helpers import HTML_BYTES, LIMITS, brotli_compress, text_of, zstd_module

from noisefilter.errors import (
    BadCompression,
    TooLarge,
    UndecodableInput,
)
from noisefilter.intake import decode_text, load_page
from noisefilter.limits import Limits


def zstd_compress(data: bytes) -> bytes:
    return bytes(zstd_module().compress(data))


@pytest.mark.parametrize(
    "compress",
    [
        gzip.compress,
        lambda data: gzip.compress(data[:1000]) + gzip.compress(b"") + gzip.compress(data[1000:]),
        lambda data: gzip.compress(data) + b"\0" * 100,
        lambda data: gzip.compress(data) + b"\r\n",
        *(lambda data, level=level: zlib.compress(data, level) for level in (1, 4, 6, 9)),
        brotli_compress,
        zstd_compress,
        lambda data: zstd_compress(data[:1000]) + zstd_compress(data[1000:]),
    ],
)
def test_compression(compress: Any) -> None:
    for content in (HTML_BYTES, b"<p>x</p>", HTML_BYTES.decode().encode("utf-16")):
        assert text_of(load_page(compress(content), LIMITS)) == text_of(load_page(content, LIMITS))
    assert len(decode_text(compress(HTML_BYTES), Limits(decompressed_bytes=len(HTML_BYTES)))) > 0
    with pytest.raises(TooLarge) as caught:
        load_page(compress(HTML_BYTES), Limits(decompressed_bytes=len(HTML_BYTES) - 1))
    assert caught.value.limit == "decompressed_bytes"


@pytest.mark.parametrize("compress", [gzip.compress, zlib.compress, brotli_compress, zstd_compress])
@pytest.mark.parametrize("kept", [0.1, 0.5, 0.99])
def test_cut_compression(compress: Any, kept: float) -> None:
    data = compress(HTML_BYTES)
    with pytest.raises(BadCompression, match="cut or damaged"):
        load_page(data[: int(len(data) * kept)], LIMITS)


@pytest.mark.parametrize(
    "data",
    [
        b"\x1f\x8b",
        b"\x1f\x8b\x08",
        gzip.compress(b"<p>")[:10],
        gzip.compress(HTML_BYTES)[:-8] + b"\0" * 8,
        gzip.compress(b"") * 20_000,
        b"\xfd7zXZ\0\0",
        b"BZh91AY&SY\x12",
        b"\x1f\x9d\x90",
    ],
)
def test_bad_compression(data: bytes) -> None:
    with pytest.raises(BadCompression):
        load_page(data, LIMITS)


def test_gzip_bomb_is_cheap() -> None:
    bomb = gzip.compress(b"<html>" + bytes(50_000_000), 9) * 10
    assert len(bomb) < 500_000
    tracemalloc.start()
    try:
        with pytest.raises(TooLarge, match=r"40,000,000.*decompressed_bytes"):
            load_page(bomb, LIMITS)
        assert tracemalloc.get_traced_memory()[1] < 100_000_000
    finally:
        tracemalloc.stop()


def test_ratio() -> None:
    page = b"<html><p>" + b"word " * 400_000
    data = gzip.compress(page, 9)
    with pytest.raises(TooLarge, match=r"100 times.*decompression_ratio") as caught:
        load_page(data, LIMITS)
    assert (caught.value.limit, caught.value.allowed) == ("decompression_ratio", 100)
    assert caught.value.found > 100
    assert text_of(load_page(data, Limits(decompression_ratio=1_000)))
    assert text_of(load_page(gzip.compress(page[:1_000_000], 9), LIMITS))  # short ones may repeat themselves


def test_missing_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    packed, zstd_magic = brotli_compress(HTML_BYTES), b"\x28\xb5\x2f\xfd\0\0"
    for name in ("brotli", "compression.zstd", "backports.zstd"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(UndecodableInput, match="pip install 'brotli"):
        load_page(packed, LIMITS)
    with pytest.raises(BadCompression, match=r"pip install backports\.zstd"):
        load_page(zstd_magic, LIMITS)
    text = "Die Übung für Mädchen und Jungen fängt früh an und hört spät auf."
    assert decode_text(text.encode("cp1252")) == text
