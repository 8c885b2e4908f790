"""Which character encoding bytes are in, and the bytes in UTF-8."""

import codecs
import re
from encodings import aliases, normalize_encoding

from noisefilter.errors import UndecodableInput

_BOMS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\0\0", "utf-32-le"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
_UTF_16 = (
    (re.compile(rb"(?:[\t\n\r ]\0){0,64}<\0[!?a-zA-Z]\0"), "utf-16-le"),
    (re.compile(rb"(?:\0[\t\n\r ]){0,64}\0<\0[!?a-zA-Z]"), "utf-16-be"),
)

_DECLARATION_BYTES = 4096
_COMMENT = re.compile(r"<!--.*?(?:-->|$)", re.DOTALL)
_META_CHARSET = re.compile(
    r"""<meta\s[^>]{0,512}?\bcharset\s{0,16}=\s{0,16}["']?\s{0,16}([\w:.+-]{1,40})""",
    re.ASCII | re.IGNORECASE,
)
_XML_ENCODING = re.compile(
    r"""\A\s*<\?xml\s[^>]{0,256}?\bencoding\s{0,16}=\s{0,16}["']([\w:.+-]{1,40})""", re.ASCII
)
_WINDOWS_LABEL = re.compile(r"(?:x-)?(?:cp|win|windows|ms)[-_]?(\d{3,4})", re.ASCII)
# Labels of the HTML standard that Python does not know.
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
}
# What browsers read where Python's name says something narrower.
_WIDER = {
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
    **{f"cp{number}": f"windows-{number}" for number in range(1250, 1259)},
}
# No other codec is ever used: Python has some that are no character encodings (hex, rot13, zip), some that
# run escapes (unicode_escape) and some that hide markup (utf-7, EBCDIC).
_CODECS = {
    *("utf-8", "gb18030", "big5hkscs", "cp932", "cp949", "euc_jp", "iso2022_jp", "cp874", "koi8-r", "koi8-u"),
    *("mac-roman", "mac-cyrillic", "cp437", "cp850", "cp852", "cp855", "cp866", "cp1125"),
    *(f"windows-{number}" for number in range(1250, 1259)),
    *(f"iso8859-{part}" for part in (2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15, 16)),
}
# Python remembers for ever each name that it looked for in vain, so it is asked for no others.
_NAMES = {
    normalize_encoding(name).replace(".", "_")
    for name in (*aliases.aliases, *aliases.aliases.values(), *_CODECS, *_WIDER)
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
    if encoding := unicode_encoding(data):
        return data.decode(encoding, "replace").removeprefix("\ufeff").encode(), encoding
    if is_utf_8(data):
        # Of the legacy encodings of seven bits only this one is met.
        if b"\x1b" in data and b"\x1b$" in data and data.isascii():
            return data.decode("iso2022_jp", "replace").encode(), "iso2022_jp"
        return data, "utf-8"
    declared = _declared(data)
    if declared is None and is_binary(data):
        raise UndecodableInput(
            "these bytes are no text in any encoding, and no kind of file that is known here;"
            " if they are compressed, they are cut or damaged, or brotli (Content-Encoding: br), which takes"
            " pip install 'brotli>=1.2'"
        )
    text, encoding = _decode(data, declared)
    return text.encode(), encoding


def unicode_encoding(data: bytes) -> str | None:
    """Encoding that a byte order mark stands for; UTF-16 markup needs no mark."""
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return encoding
    for pattern, encoding in _UTF_16:
        if pattern.match(data):
            return encoding
    return None


def is_utf_8(data: bytes) -> bool:
    """Whether every byte fits."""
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def is_binary(data: bytes) -> bool:
    """Whether a sample holds more control characters than text would; not for UTF-16 or UTF-32."""
    middle = len(data) // 2
    sample = data[:4096] + data[middle : middle + 4096]
    return len(sample) - len(sample.translate(None, _CONTROLS)) > _MAX_CONTROLS * len(sample)


def _declared(data: bytes) -> str | None:
    """Codec for the charset that the page names at its beginning."""
    head = data[:_DECLARATION_BYTES].decode("latin-1")
    labels = _META_CHARSET.findall(_COMMENT.sub("", head)) + _XML_ENCODING.findall(head)
    return next(filter(None, map(codec_of, labels)), None)


def codec_of(label: str) -> str | None:
    """Name of the codec to use for a label, or None if it is unknown or none to be used."""
    name = label.lower()
    if match := _WINDOWS_LABEL.fullmatch(name):
        name = f"cp{match[1]}"
    name = _LABELS.get(name, name)
    if normalize_encoding(name).replace(".", "_") not in _NAMES:
        return None
    try:
        name = codecs.lookup(name).name
    except LookupError:  # of another system, such as mbcs
        return None
    name = _WIDER.get(name, name)
    return name if name in _CODECS else None


def _decode(data: bytes, declared: str | None) -> tuple[str, str]:
    """Text of bytes that are not UTF-8 throughout, and the codec used."""
    high = len(data) - len(data.translate(None, _HIGH))
    # Nearly UTF-8 is UTF-8 that was cut within a character, or put together from several sources.
    text = data.decode("utf-8", "replace")
    replaced = text.count("\ufffd")
    decoded = len(text) - (len(data) - high) - replaced  # characters of several bytes each
    if decoded > 20 * replaced:
        return text, "utf-8"
    if declared is not None:
        text = data.decode(declared, "replace")
        replaced = text.count("\ufffd")
        # The second bound tells one broken byte from a declaration that is wrong in all of few such bytes.
        if replaced <= _MAX_REPLACED * len(text) and 2 * replaced <= high:
            return text, declared
    encoding = (_detected(data) if high >= _MIN_EVIDENCE else None) or "windows-1252"
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
    return codec_of("cp1252" if is_western and best.language not in _CENTRAL_EUROPEAN else best.encoding)
