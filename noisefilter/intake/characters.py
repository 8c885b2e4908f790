"""Characters that XML forbids: lxml takes them from a parser, but in no text that is set later."""

import re
from collections.abc import Mapping
from contextlib import suppress

from lxml import etree
from lxml.html import HtmlElement

FORBIDDEN = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
# The search for one character, the "#", is five times as fast as that for two.
FORBIDDEN_REFERENCE = re.compile(
    rb"#(?<=&#)(?:0*(?:[0-8]|1[124-9]|2\d|3[01]|6553[45])(?!\d)"
    rb"|[xX]0*(?:[0-8b-cB-CeEfF]|1[\da-fA-F]|[fF]{3}[eEfF])(?![\da-fA-F]))"
)
_CONTROLS = bytes(byte for byte in range(32) if byte not in b"\t\n\r")
_SPACES = bytes.maketrans(b"\v\f", b"  ")
_DELETED = _CONTROLS.translate(None, b"\v\f")
_NONCHARACTER = re.compile(b"\xef\xbf[\xbe\xbf]")  # U+FFFE and U+FFFF


def without_forbidden(utf_8: bytes) -> bytes:
    """Drops forbidden characters; the same object, if there are none."""
    # Searches for single bytes cost next to nothing.
    if any(map(utf_8.__contains__, _CONTROLS)):
        utf_8 = utf_8.translate(_SPACES, _DELETED)
    return _NONCHARACTER.sub(b"", utf_8) if 0xEF in utf_8 else utf_8


def scrub(root: HtmlElement) -> None:
    """Drops forbidden characters, as character references let them in, from a root and its siblings."""
    for element in (root, *root.itersiblings()):
        for node in element.iter():
            if node.text:
                node.text = FORBIDDEN.sub("", node.text)
            if node.tail:
                node.tail = FORBIDDEN.sub("", node.tail)
            if any(FORBIDDEN.search(str(value)) for value in node.values()):
                set_attributes(node, attributes_of(node))


def attributes_of(element: etree._Element) -> dict[str, str]:
    """Names and values."""
    return {str(name): str(value) for name, value in element.items()}


def set_attributes(element: HtmlElement, attributes: Mapping[str, str]) -> None:
    """Sets those whose names lxml takes, without forbidden characters in the values."""
    for name, value in attributes.items():
        # Of the parser lxml takes any name, here not all: ``<p {{attributes}}>`` of a template, say.
        with suppress(ValueError):
            element.set(name, FORBIDDEN.sub("", value))
