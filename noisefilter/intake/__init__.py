"""Takes a page or a text in: bounds, decoding, what it is, one parse. Nothing gets lost without an error."""

import re
from dataclasses import dataclass
from os import PathLike

from lxml.html import HtmlElement

from noisefilter.errors import EmptyInput, NotHTML, NotText, TooLarge
from noisefilter.intake.characters import without_forbidden
from noisefilter.intake.compression import decompress
from noisefilter.intake.decoding import to_utf_8
from noisefilter.intake.nesting import KEPT_DEPTH
from noisefilter.intake.noscript import reveal_noscript
from noisefilter.intake.parsing import parse
from noisefilter.intake.raw import read_raw
from noisefilter.intake.sniffing import file_type, is_decoded_binary, looks_like_html, other_kind
from noisefilter.intake.trees import Tree, copy_tree
from noisefilter.intake.unclosed import open_unclosed
from noisefilter.limits import Limits

__all__ = [
    "KEPT_DEPTH",
    "Page",
    "check_text",
    "check_title",
    "decode_text",
    "encodable",
    "load_page",
    "looks_like_html",
]

Bytes = bytes | bytearray | memoryview

_MARKS = ("\ufeff".encode(), "ï»¿".encode())  # byte order marks; the second was decoded as windows-1252
_PAGE_START = re.compile(rb"\s*(?:<!doctype\s+html|<html)[\s>]", re.IGNORECASE)
_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Page:
    """A page as the rest of the package works on it.

    Attributes:
        tree: its root, an ``html`` element with one ``body`` that holds all of its text, perhaps after a
            ``head``. It belongs to the page alone.
        encoding: name of the codec that decoded it, if it was given as bytes, else None.
        flattened_from: the deepest nesting of elements that was found, if it was over `KEPT_DEPTH` so that
            deep elements had to move up; else 0.
    """

    tree: HtmlElement
    encoding: str | None = None
    flattened_from: int = 0


def load_page(html: str | Bytes | Tree, limits: Limits) -> Page:
    """Reads a page.

    Args:
        html: the page as bytes, compressed or not, or as a str; or an element or tree of lxml, which is not
            changed. Of an element that is not the root, only that subtree is taken.
        limits: bounds on its size and nesting.

    Returns:
        The page, parsed once. A ``noscript`` or ``noframes`` of a body without other text is an ordinary
        element, and so is one that holds an article because it is never closed; text after ``</html>`` stands
        at the end of its body, where browsers show it; lone surrogates became U+FFFD, and characters that
        XML forbids are gone.

    Raises:
        EmptyInput: nothing, or nothing but white space, was given.
        NotHTML: it is something else: plain text, JSON, a feed, a PDF, an image …
        TooLarge: it is larger than allowed.
        TooDeep: its elements are nested deeper than allowed.
        BadCompression: it is compressed, and cut or of a kind that cannot be read.
        UndecodableInput: it is no text in any encoding.
        TypeError: `html` is of another type.
    """
    if isinstance(html, Tree):
        root, depth = copy_tree(html, limits)
        return Page(root, None, max(depth, _reveal(root, limits)))
    encoding = None
    if isinstance(html, str):
        utf_8 = _encoded(html, limits)
    elif isinstance(html, Bytes):
        content = _content(html, limits)
        if kind := file_type(content):
            raise NotHTML(f"this is {kind}, not HTML")
        utf_8, encoding = to_utf_8(content)
    else:
        raise TypeError(_type_message(html, "the page as str, bytes or lxml tree"))
    utf_8 = without_forbidden(utf_8)
    for mark in _MARKS:
        utf_8 = utf_8.removeprefix(mark)
    if not _PAGE_START.match(utf_8):  # else there is no doubt
        text = utf_8.decode()
        if _is_blank(text):
            raise EmptyInput("the page is empty: the download probably failed")
        if kind := other_kind(text):
            raise NotHTML(kind)
    root, depth = parse(utf_8, limits)
    return Page(root, encoding, max(depth, _reveal(root, limits)))


def _reveal(root: HtmlElement, limits: Limits) -> int:
    """Makes text that stands where none is looked for, but is the article, ordinary text.

    Returns:
        The nesting of what was parsed for that, if it had to be reduced, else 0.
    """
    depth = read_raw(root, limits)
    open_unclosed(root)
    reveal_noscript(root)
    return depth


def check_text(text: str, limits: Limits) -> str:
    """Makes sure that a plain text can be worked on.

    Args:
        text: text of an article.
        limits: bounds on its size.

    Returns:
        The text, as long as it was, so that offsets in it are offsets in what the caller gave: NULs and
        lone surrogates are each replaced by U+FFFD.

    Raises:
        InputError: it is empty, too large, or looks like binary data that was decoded.
        TypeError: `text` is not a str.
    """
    if not isinstance(text, str):
        raise TypeError(_type_message(text, "the text as str"))
    text = str.__str__(text)
    _check_size(len(text), "characters", limits)
    if _is_blank(text):
        raise EmptyInput("the text is empty")
    if is_decoded_binary(text):
        raise NotText("this looks like binary data, not text: decode or convert it first")
    return encodable(text.replace("\0", "\ufffd"))


def check_title(title: str, limits: Limits) -> str:
    """A title that can be written, if it is not larger than a text may be.

    Raises:
        TooLarge: it is.
    """
    _check_size(len(title), "characters of a title", limits)
    return encodable(title)


def encodable(text: str) -> str:
    """The text with U+FFFD in place of each lone surrogate, which no encoding can write."""
    try:
        text.encode()  # faster than a search
    except UnicodeEncodeError:
        return _SURROGATE.sub("\ufffd", text)
    return text


def decode_text(data: Bytes, limits: Limits | None = None) -> str:
    """Decodes bytes of which it is not known yet whether they are a page or plain text.

    Args:
        data: as read, compressed or not.
        limits: bounds on their size; the default ones if None.

    Returns:
        The text, without a byte order mark.

    Raises:
        InputError: as of `load_page`, with NotText for a PDF, an image or another binary file.
        TypeError: `data` is not bytes.
    """
    if not isinstance(data, Bytes):
        raise TypeError(_type_message(data, "bytes"))
    content = _content(data, limits or Limits())
    if kind := file_type(content):
        raise NotText(f"this is {kind}, not text")
    return to_utf_8(content)[0].decode()


def _content(data: Bytes, limits: Limits) -> bytes:
    """Decompressed bytes within bounds."""
    _check_size(memoryview(data).nbytes, "bytes", limits)
    content = decompress(bytes(data), limits)
    if not content or content.isspace():
        raise EmptyInput("the input is empty: the download probably failed")
    return content


def _encoded(text: str, limits: Limits) -> bytes:
    _check_size(len(text), "characters", limits)
    try:
        return text.encode()
    except UnicodeEncodeError:
        # Pairs of surrogates, as from careless JSON decoders, become the character that they stand for.
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").encode()


def _check_size(size: int, unit: str, limits: Limits) -> None:
    allowed = limits.input_bytes
    if size > allowed:
        message = f"{size:,} {unit} are more than the {allowed:,} allowed; Limits(input_bytes=…) allows more"
        raise TooLarge("input_bytes", allowed, size, message)


def _is_blank(text: str) -> bool:
    return not text or text.isspace() or not text.strip("\ufeff \t\r\n")


def _type_message(value: object, wanted: str) -> str:
    if value is None:
        return f"expected {wanted}, not None: the download probably failed, check it first"
    hint = ""
    if isinstance(value, PathLike):
        hint = ": read the file first, e.g. path.read_bytes()"
    elif callable(getattr(value, "read", None)):
        hint = ": pass what its read() returns"
    elif hasattr(value, "content"):
        hint = ": pass its content"
    elif isinstance(value, Bytes):
        hint = ": decode it first"
    return f"expected {wanted}, not {type(value).__name__}{hint}"
