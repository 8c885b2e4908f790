"""Bytes as they come from a crawler, made UTF-8: decompressed within bounds, then decoded."""

import codecs
import importlib
import re
import zlib
from collections.abc import Iterator
from typing import Any

from noisefilter.errors import BadCompression, TooLarge, UndecodableInput
from noisefilter.limits import Limits

_CHUNK_BYTES = 1 << 16
_MAX_MEMBERS = 10_000  # of a gzip or zstd file; 40 MB of blocked gzip have 640
_MAX_ZSTD_WINDOW_LOG = 25  # 32 MB; HTTP allows 8 MB (RFC 9659), zstd itself would take 128 MB

_GZIP = b"\x1f\x8b"
_ZSTD = b"\x28\xb5\x2f\xfd"
_ZLIB = (b"x\x01", b"x\x9c", b"x\xda")
_UNSUPPORTED = ((b"\xfd7zXZ\0", "xz"), (b"\x04\x22\x4d\x18", "lz4"), (b"\x1f\x9d", "compress (.Z)"))
_BZIP2 = re.compile(rb"BZh[1-9]1AY&SY")

_FILE_TYPES = (
    (b"%PDF-", "a PDF file"),
    (b"%!PS", "a PostScript file"),
    (b"{\\rtf", "an RTF file"),
    (b"PK\x03\x04", "a ZIP archive or an Office, OpenDocument or EPUB file"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Microsoft Office file"),
    (b"\x89PNG\r\n", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF87a", "a GIF image"),
    (b"GIF89a", "a GIF image"),
    (b"II*\0", "a TIFF image"),
    (b"MM\0*", "a TIFF image"),
    (b"\0\0\1\0", "an icon"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"\x1f\x8b", "gzip data that was compressed twice"),
    (_ZSTD, "zstd data that was compressed twice"),
    (b"wOFF", "a web font"),
    (b"wOF2", "a web font"),
    (b"OggS\0", "an Ogg file"),
    (b"ID3\x02", "an MP3 file"),
    (b"ID3\x03", "an MP3 file"),
    (b"ID3\x04", "an MP3 file"),
    (b"\x1aE\xdf\xa3", "a Matroska or WebM video"),
    (b"\x7fELF", "a program"),
    (b"SQLite format 3\0", "an SQLite database"),
)
# Kinds whose mark stands further back.
_RIFF_OR_MP4 = re.compile(rb"RIFF....(?:WEBP|WAVE|AVI )|....ftyp[\w ]{4}", re.DOTALL)

_BOMS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\0\0", "utf-32-le"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
_MARKUP = re.compile(rb"\s*<[!?a-zA-Z]")
_UTF_16 = (
    (re.compile(rb"(?:[\t\n\r ]\0){0,64}<\0[!?a-zA-Z]\0"), "utf-16-le"),
    (re.compile(rb"(?:\0[\t\n\r ]){0,64}\0<\0[!?a-zA-Z]"), "utf-16-be"),
)

_DECLARATION_BYTES = 4096
_COMMENT = re.compile(rb"<!--.*?(?:-->|$)", re.DOTALL)
_META_CHARSET = re.compile(
    rb"""<meta\s[^>]{0,512}?\bcharset\s{0,16}=\s{0,16}["']?\s{0,16}([\w.:+-]{1,40})""", re.IGNORECASE
)
_XML_ENCODING = re.compile(rb"""\s*<\?xml\s[^>]{0,256}?\bencoding\s{0,16}=\s{0,16}["']([\w.:+-]{1,40})""")
_WINDOWS_LABEL = re.compile(r"(?:x-)?(?:cp|win|windows|ms)[-_]?(\d{3,4})")

# What browsers read where the HTML standard's label, or Python's name for it, says something narrower.
_WHATWG = {
    "ascii": "windows-1252",
    "iso8859-1": "windows-1252",
    "iso8859-9": "windows-1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "big5": "big5hkscs",
    "cp950": "big5hkscs",
    # Bytes in which a declaration could be read as ASCII are no UTF-16.
    "utf-16": "utf-8",
    "utf-16-le": "utf-8",
    "utf-16-be": "utf-8",
    **{f"cp{number}": f"windows-{number}" for number in range(1250, 1259)},
}
_LABELS = {
    "x-sjis": "cp932",
    "x-gbk": "gb18030",
    "x-euc-jp": "euc_jp",
    "x-x-big5": "big5hkscs",
    "cn-big5": "big5hkscs",
    "iso-8859-8-i": "iso8859-8",
    "x-mac-roman": "mac-roman",
    "x-mac-cyrillic": "mac-cyrillic",
    "x-user-defined": "windows-1252",
    "unicode": "utf-8",
    "unicode-1-1-utf-8": "utf-8",
}
# No other codec is ever used: Python has some that are no character encodings (hex, rot13, zip), some that
# run escapes (unicode_escape) and some that hide markup (utf-7, EBCDIC).
_CODECS = {
    *("utf-8", "gb18030", "big5hkscs", "cp932", "cp949", "euc_jp", "iso2022_jp", "cp874", "koi8-r", "koi8-u"),
    *("mac-roman", "mac-cyrillic", "cp437", "cp850", "cp852", "cp855", "cp866", "cp1125"),
    *(f"windows-{number}" for number in range(1250, 1259)),
    *(f"iso8859-{part}" for part in (2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15, 16)),
}
# What charset_normalizer may choose from; few, because it measures each of them.
_CANDIDATES = [
    *(f"cp{number}" for number in range(1250, 1258)),
    *("koi8_r", "iso8859_2", "cp874", "gb18030", "big5", "cp932", "euc_jp", "cp949"),
]
# Languages that settle a tie with windows-1252, the default of browsers.
_CENTRAL_EUROPEAN = {"Croatian", "Czech", "Hungarian", "Polish", "Romanian", "Slovak", "Slovene"}
_SAMPLE_BYTES = 8192
# Below this many bytes over 0x7F a guess is no better than the default of browsers.
_MIN_EVIDENCE = 4
_MAX_REPLACED = 0.01

_CONTROLS = bytes(byte for byte in range(32) if byte not in b"\t\n\v\f\r\x1b")
_HIGH = bytes(range(0x80, 0x100))
_MAX_CONTROLS = 0.04  # compressed data has 10%, text next to none


def file_type(data: bytes) -> str | None:
    """What kind of binary file the bytes are, by their first ones: ``"a PDF file"``, else None."""
    for magic, name in _FILE_TYPES:
        if data.startswith(magic):
            return name
    if _RIFF_OR_MP4.match(data):
        return "an image, sound or video file"
    return None


def decompress(data: bytes, limits: Limits) -> bytes:
    """Undoes gzip, zlib, zstd or brotli compression, where the bytes look like it.

    Args:
        data: as received.
        limits: `decompressed_bytes` bounds the output; never more than that and a chunk is held.

    Returns:
        The content, or `data` itself if it is not compressed.

    Raises:
        BadCompression: it is cut, damaged, or of a kind that cannot be read here.
        TooLarge: it unpacks to more than allowed.
    """
    if data.startswith(_GZIP):
        return _collect("gzip", _inflate(data, 31), limits)
    if data.startswith(_ZSTD):
        return _collect("zstd", _unzstd(data), limits)
    for magic, name in _UNSUPPORTED:
        if data.startswith(magic):
            raise BadCompression(f"this is {name} data, which is not supported: decompress it first")
    if _BZIP2.match(data):
        raise BadCompression("this is bzip2 data, which is not supported: decompress it first")
    # What follows has no mark that text could not have, so it is tried only on what is no text.
    if _MARKUP.match(data) or file_type(data) or _byte_order(data)[1] or _is_utf_8(data):
        return data
    is_binary = _is_binary(data)
    if data.startswith(_ZLIB) or (is_binary and data.startswith(b"x^")):
        return _collect("zlib", _inflate(data, 15), limits)
    brotli = _import_first("brotli", "brotlicffi")
    if not hasattr(brotli, "Decompressor") or not hasattr(brotli.Decompressor, "can_accept_more_data"):
        if not is_binary:
            return data
        raise BadCompression(
            "this is no text, nor a kind of file that is known here; if it is brotli data"
            " (Content-Encoding: br), pip install 'brotli>=1.2'"
        )
    try:
        content = _collect("brotli", _unbrotli(brotli, data), limits)
    except _NotBrotli:
        return data
    # Some first letters of a text are an empty brotli stream.
    is_text = content and (_MARKUP.match(content) or _byte_order(content)[1] or _is_utf_8(content))
    return content if is_text else data


class _Damaged(Exception):
    """A decompressor gave up."""


class _NotBrotli(Exception):
    """Brotli data cannot be told from other bytes, except by failure."""


def _collect(name: str, chunks: Iterator[bytes], limits: Limits) -> bytes:
    allowed = limits.decompressed_bytes
    content = bytearray()
    try:
        for chunk in chunks:
            content += chunk
            if len(content) > allowed:
                raise TooLarge(
                    "decompressed_bytes",
                    allowed,
                    len(content),
                    f"the {name} data unpacks to more than {allowed:,} bytes;"
                    " Limits(decompressed_bytes=…) allows more",
                )
    except (_Damaged, zlib.error) as error:
        raise BadCompression(f"the {name} data is cut or damaged ({error}): fetch it again") from error
    return bytes(content)


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


def _import_first(*names: str) -> Any:
    """The first of some optional modules that can be imported, else None."""
    for name in names:
        try:
            return importlib.import_module(name)
        except ImportError:
            continue
    return None


def _unzstd(data: bytes) -> Iterator[bytes]:
    module = _import_first("compression.zstd", "backports.zstd")
    if module is not None:
        yield from _unzstd_standard(module, data)
        return
    module = _import_first("zstandard")
    if module is None:
        raise BadCompression("this is zstd data: to read it, pip install backports.zstd")
    yield from _unzstd_zstandard(module, data)


def _unzstd_standard(module: Any, data: bytes) -> Iterator[bytes]:
    """Chunks by the interface of Python 3.14's own module, which keeps what it has not unpacked yet."""
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


def _unzstd_zstandard(module: Any, data: bytes) -> Iterator[bytes]:
    """Chunks by the package zstandard, whose output is bounded only by feeding it little at a time."""
    step = 256  # a block of 128 kB takes 4 bytes or more, so this unpacks to 8 MB at most
    context = module.ZstdDecompressor(max_window_size=1 << _MAX_ZSTD_WINDOW_LOG)
    decoder = context.decompressobj()
    try:
        for start in range(0, len(data), step):
            piece = data[start : start + step]
            while piece:
                if decoder.eof:
                    decoder = context.decompressobj()
                yield decoder.decompress(piece)
                piece = decoder.unused_data if decoder.eof else b""
    except module.ZstdError as error:
        raise _Damaged(str(error)) from error
    if not decoder.eof:
        raise _Damaged("its end is missing")


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


def to_utf_8(data: bytes) -> tuple[bytes, str]:
    """Finds the character encoding by the order of the HTML standard, and recodes.

    A byte order mark decides; then the bytes themselves, if they are UTF-8; then what the page declares;
    then charset_normalizer's guess; then windows-1252.

    Args:
        data: decompressed content.

    Returns:
        The content in UTF-8, without a byte order mark, and the name of the codec that it had been in.
        Bytes that do not fit the encoding are replaced by U+FFFD.

    Raises:
        UndecodableInput: the bytes are no text in any encoding.
    """
    mark, encoding = _byte_order(data)
    if encoding is not None:
        return data[mark:].decode(encoding, "replace").encode(), encoding
    if _is_utf_8(data):
        # Of the legacy encodings of seven bits only this one is met.
        if b"\x1b" not in data or b"\x1b$" not in data or not data.isascii():
            return data, "utf-8"
        return data.decode("iso2022_jp", "replace").encode(), "iso2022_jp"
    declared = _declared(data)
    if declared is None and _is_binary(data):
        raise UndecodableInput(
            "these bytes are no text in any encoding, and no kind of file that is known here;"
            " if they are compressed, they are cut or damaged"
        )
    text, encoding = _decode(data, declared)
    return text.encode(), encoding


def _is_utf_8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _is_binary(data: bytes) -> bool:
    """Whether a sample holds more control characters than text would."""
    if _byte_order(data)[1] is not None:
        return False
    middle = len(data) // 2
    sample = data[:4096] + data[middle : middle + 4096]
    return len(sample) - len(sample.translate(None, _CONTROLS)) > _MAX_CONTROLS * len(sample)


def _byte_order(data: bytes) -> tuple[int, str | None]:
    """Length of the byte order mark and the encoding it stands for; UTF-16 markup needs no mark."""
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return len(mark), encoding
    for pattern, encoding in _UTF_16:
        if pattern.match(data):
            return 0, encoding
    return 0, None


def _declared(data: bytes) -> str | None:
    """Codec for the charset that the page names at its beginning."""
    head = data[:_DECLARATION_BYTES]
    labels = [match[1] for match in _META_CHARSET.finditer(_COMMENT.sub(b"", head))]
    if match := _XML_ENCODING.match(head):
        labels.append(match[1])
    return next(filter(None, map(_codec, labels)), None)


def _codec(label: bytes | str) -> str | None:
    """Name of the codec to use for a label, or None if it is unknown or none to be used."""
    name = (label.decode("ascii", "ignore") if isinstance(label, bytes) else label).strip().lower()
    if match := _WINDOWS_LABEL.fullmatch(name):
        name = f"cp{match[1]}"
    if name not in _LABELS:
        try:
            name = codecs.lookup(name).name
        except (LookupError, ValueError):
            return None
    name = _LABELS.get(name, name)
    name = _WHATWG.get(name, name)
    return name if name in _CODECS else None


def _decode(data: bytes, declared: str | None) -> tuple[str, str]:
    """Text of bytes that are not UTF-8 throughout, and the codec used."""
    high = len(data) - len(data.translate(None, _HIGH))
    # Nearly UTF-8 is UTF-8 that was cut within a character, or put together from several sources.
    text = data.decode("utf-8", "replace")
    replaced = text.count("\ufffd")
    characters = sum(map(len, re.findall("[^\x00-\x7f\ufffd]+", text))) if replaced * 20 < high else 0
    if characters > 20 * replaced:
        return text, "utf-8"
    if declared is not None:
        text = data.decode(declared, "replace")
        replaced = text.count("\ufffd")
        # The second bound tells one broken byte from a declaration that is wrong in all of few such bytes.
        if replaced <= _MAX_REPLACED * len(text) and 2 * replaced <= high:
            return text, declared
    encoding = _detected(data) if high >= _MIN_EVIDENCE else None
    encoding = encoding or "windows-1252"
    return data.decode(encoding, "replace"), encoding


def _detected(data: bytes) -> str | None:
    """Codec that charset_normalizer finds most likely for the text between the tags."""
    # Slow to import and seldom needed.
    from charset_normalizer import from_bytes

    sample = bytearray()
    for piece in data[:1_000_000].split(b"<"):
        text = piece.rpartition(b">")[2]
        if not text.isascii():
            sample += text[:_SAMPLE_BYTES] + b"\n"
            if len(sample) >= _SAMPLE_BYTES:
                break
    matches = list(from_bytes(bytes(sample) or data[:_SAMPLE_BYTES], cp_isolation=_CANDIDATES))
    if not matches:
        return None
    best = matches[0]
    equals = [match for match in matches if (match.chaos, match.coherence) == (best.chaos, best.coherence)]
    is_western = any("cp1252" in match.could_be_from_charset for match in equals)
    return _codec("cp1252" if is_western and best.language not in _CENTRAL_EUROPEAN else best.encoding)
