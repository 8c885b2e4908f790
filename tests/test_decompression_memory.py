"""What decompression bombs cost: the largest resident size of the process that reads them."""

import gzip
import json
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import FreshProcess
from intake_helpers import zstd_module
from service_helpers import Server, running

MAX_MB = 300
START = b"<html><body><p>"
MEGABYTE = 1 << 20
Compress = Callable[[bytes], bytes]


def _packed(compress: Compress, flush: Callable[[], bytes], filler: bytes, size: int) -> bytes:
    """The start of a page and so many megabytes of filler, compressed bit by bit."""
    block = filler * (MEGABYTE // len(filler))
    return compress(START) + b"".join(compress(block) for _ in range(size)) + flush()


def _gzip(filler: bytes, size: int = 37) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return _packed(packer.compress, packer.flush, filler, size)


def _zlib() -> bytes:
    packer = zlib.compressobj(9)
    return _packed(packer.compress, packer.flush, b"\0", 400)


def _brotli() -> bytes:
    brotli: Any = pytest.importorskip("brotli")
    packer = brotli.Compressor(quality=5)
    return _packed(packer.process, packer.finish, b" ", 400)


def _zstd() -> bytes:
    packer = zstd_module().ZstdCompressor()
    return _packed(packer.compress, packer.flush, b"\0", 400)


# A name says what the bytes are; the second value is the error of the library.
BOMBS: dict[str, tuple[Callable[[], bytes], str]] = {
    "gzip": (lambda: _gzip(b"\0", 400), "TooLarge"),
    "gzip of words": (lambda: _gzip(b"word "), "TooLarge"),  # within the bound on bytes
    "gzip of tags": (lambda: _gzip(b"<p>x"), "TooLarge"),
    "gzip of characters that take four bytes each": (lambda: _gzip("😀".encode()), "TooLarge"),
    "zlib": (_zlib, "TooLarge"),
    "zstd": (_zstd, "TooLarge"),
    "brotli": (_brotli, "TooLarge"),
    "gzip of gzip": (lambda: gzip.compress(_gzip(b"\0", 400)), "NotHTML"),
    "gzip with 100,000 empty members": (lambda: gzip.compress(b"") * 100_000, "BadCompression"),
    "zstd with 100,000 empty frames": (
        lambda: bytes(zstd_module().compress(b"")) * 100_000,
        "BadCompression",
    ),
}
# Runs Python with these arguments. Not measured from inside: a process starts with the peak of the one that
# made it, which here is that of all tests.
MEASURED = """
import resource, subprocess, sys
done = subprocess.run([sys.executable, *sys.argv[1:]], capture_output=True, text=True)
peak_mb = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
print(done.stdout.strip() or "-", done.returncode, peak_mb)
"""
LIBRARY = """
import sys
import noisefilter
try:
    noisefilter.clean(open(sys.argv[1], "rb").read())
except noisefilter.NoiseFilterError as error:
    print(type(error).__name__)
"""


@pytest.fixture(scope="module")
def bombs(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    folder = tmp_path_factory.mktemp("bombs")

    def path_of(name: str) -> Path:
        path = folder / name
        if not path.exists():
            path.write_bytes(BOMBS[name][0]())
        return path

    return path_of


@pytest.mark.parametrize("name", BOMBS)
def test_library(name: str, bombs: Callable[[str], Path], fresh_process: FreshProcess) -> None:
    error, code, peak_mb = fresh_process(MEASURED, "-c", LIBRARY, str(bombs(name))).stdout.split()
    assert (error, code) == (BOMBS[name][1], "0")
    assert int(peak_mb) < MAX_MB


@pytest.mark.parametrize("name", BOMBS)
def test_command_line(name: str, bombs: Callable[[str], Path], fresh_process: FreshProcess) -> None:
    arguments = ("-m", "noisefilter", "clean", str(bombs(name)))
    output, code, peak_mb = fresh_process(MEASURED, *arguments).stdout.split()
    assert (output, code) == ("-", "2")
    assert int(peak_mb) < MAX_MB


def _peak_mb(server: Server) -> int:
    """The largest resident size that any process of the service has had."""
    peaks = []
    for pid in (server.process.pid, *server.workers(), *server.cleaners()):
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
        peaks += [int(line.split()[1]) // 1024 for line in status.splitlines() if line.startswith("VmHWM")]
    return max(peaks)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    if not Path("/proc/self/status").exists():
        pytest.skip("no /proc to read the sizes of processes from")
    with running(recycle_after=1_000_000) as started:
        yield started


@pytest.mark.parametrize("name", [name for name in BOMBS if name.startswith("gzip")])
@pytest.mark.parametrize("kind", ["text/html", "application/json"])
def test_body_of_a_request(name: str, kind: str, bombs: Callable[[str], Path], server: Server) -> None:
    headers = {"Content-Type": kind, "Content-Encoding": "gzip"}
    answer = server.call("POST", "/v1/clean", bombs(name).read_bytes(), headers)
    assert answer.status in (413, 422, 400), answer.body
    assert _peak_mb(server) < MAX_MB


@pytest.mark.parametrize("name", BOMBS)
def test_page_in_a_request(name: str, bombs: Callable[[str], Path], server: Server) -> None:
    answer = server.call("POST", "/v1/clean", bombs(name).read_bytes(), {"Content-Type": "text/html"})
    assert answer.status in (413, 422), answer.body
    assert json.loads(answer.body)["detail"]
    assert _peak_mb(server) < MAX_MB
