"""Downloads a page of the manifest and takes the HTML out of the file, bounded and checked."""

import hashlib
import http.client
import time
import urllib.error
import urllib.parse
import urllib.request
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

RAW_GITHUB = "https://raw.githubusercontent.com"
MAX_BYTES = 32 * 2**20
"""Largest file, packed or not. The largest page of the corpora has under 8 MB."""
AGAIN = frozenset({408, 429, 500, 502, 503, 504})
"""Statuses after which another attempt makes sense."""


class DownloadError(Exception):
    """A page could not be had; the message says why."""


class UnreachableError(DownloadError):
    """No answer came from the host at all."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where to download from, and how patiently.

    Attributes:
        base: address before the name of the repository.
        timeout: seconds without a byte.
        attempts: for one file.
        pause: seconds before the second attempt; doubled before each further one.
        max_bytes: largest file.
    """

    base: str = RAW_GITHUB
    timeout: float = 30.0
    attempts: int = 3
    pause: float = 1.0
    max_bytes: int = MAX_BYTES


def sha256_of(html: str) -> str:
    """Hash of a page: of its HTML as UTF-8, not of the public file's bytes."""
    return hashlib.sha256(html.encode("utf-8", "surrogatepass")).hexdigest()


def _attempt(url: str, source: Source) -> bytes:
    request = urllib.request.Request(url, headers={"User-Agent": "noisefilter-corpus"})
    with urllib.request.urlopen(request, timeout=source.timeout) as answer:
        data: bytes = answer.read(source.max_bytes + 1)
    if len(data) > source.max_bytes:
        raise DownloadError(f"{url} has more than {source.max_bytes} bytes")
    return data


def download(url: str, source: Source) -> bytes:
    """Downloads a file, with further attempts after faults that may pass.

    Raises:
        DownloadError: the file is not there, is too large, or the host keeps failing.
        UnreachableError: no answer came at all.
    """
    error = DownloadError(f"{url} was not tried")
    for attempt in range(source.attempts):
        if attempt:
            time.sleep(source.pause * 2 ** (attempt - 1))
        try:
            return _attempt(url, source)
        except urllib.error.HTTPError as fault:
            fault.close()
            error = DownloadError(f"{url} answers {fault.code} {fault.reason}")
            if fault.code not in AGAIN:
                break
        except (urllib.error.URLError, TimeoutError, ConnectionError) as fault:
            error = UnreachableError(f"{url}: {getattr(fault, 'reason', fault) or type(fault).__name__}")
        except (OSError, http.client.HTTPException) as fault:
            error = DownloadError(f"{url}: {fault or type(fault).__name__}")
    raise error


def unpack(data: bytes, pack: str, max_bytes: int) -> bytes:
    """Takes the HTML's bytes out of a file.

    Raises:
        DownloadError: the file is not what `pack` says, is cut short or unpacks to too much.
    """
    if pack == "plain":
        return data
    if pack != "gzip":
        raise DownloadError(f"the manifest says {pack!r}, which is neither plain nor gzip")
    stream = zlib.decompressobj(wbits=31)
    try:
        html = stream.decompress(data, max_bytes + 1)
    except zlib.error as fault:
        raise DownloadError(f"not a gzip file: {fault}") from fault
    if len(html) > max_bytes:
        raise DownloadError(f"unpacks to more than {max_bytes} bytes")
    if not stream.eof:
        raise DownloadError("the gzip file is cut short")
    return html


def _readings(data: bytes, charset: str) -> Iterator[str]:
    for errors in ("strict", "replace"):
        try:
            text = data.decode(charset, errors)
        except UnicodeDecodeError:
            continue
        yield text
        yield text.replace("\r\n", "\n").replace("\r", "\n")


def decode(data: bytes, charset: str, sha256: str) -> str:
    """Reads bytes as the page that has a hash; the corpora replace what the charset does not know.

    Raises:
        DownloadError: no reading has that hash.
    """
    for text in _readings(data, charset):
        if sha256_of(text) == sha256:
            return text
    raise DownloadError(f"sha256 differs: the file's {len(data)} bytes are not the page that was labelled")


def fetch_page(entry: dict[str, Any], source: Source) -> str:
    """Downloads the page of a line of the manifest.

    Where the commit is not known the default branch is asked, and where the path is not known every
    candidate; the hash decides.

    Raises:
        DownloadError: the page could not be had.
    """
    paths = [entry["path"]] if entry["path"] else entry.get("candidates", [])
    if not paths:
        raise DownloadError("the manifest knows no path for it")
    faults = []
    for path in paths:
        place = f"{entry['repository']}/{entry['commit'] or 'HEAD'}/{path}"
        url = f"{source.base.rstrip('/')}/{urllib.parse.quote(place)}"
        try:
            data = unpack(download(url, source), entry["pack"], source.max_bytes)
            return decode(data, entry["charset"], entry["sha256"])
        except UnreachableError:
            raise
        except DownloadError as fault:
            faults.append(str(fault))
    raise DownloadError("; ".join(faults))
