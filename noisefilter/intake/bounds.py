"""Bounds on the markup of a page: its tags and attributes before it is parsed, their length behind."""

import re
from functools import lru_cache
from typing import Any, cast

from lxml import etree
from lxml.html import HtmlElement

from noisefilter.errors import TooLarge
from noisefilter.limits import Limits

# Attributes that are looked at word by word, all through a page. Others may hold data: pictures, JSON.
_EVIDENCE = ("class", "id", "style", "role", "itemprop", "rel")
_EVIDENCE_CHARS = 100_000
_LONG_EVIDENCE = etree.XPath(
    "|".join(f"descendant-or-self::*/@{name}[string-length() > {_EVIDENCE_CHARS}]" for name in _EVIDENCE)
)
_RAW_TEXT = ("style", "textarea", "title", "xmp", "iframe", "noembed", "noframes")
_TAG = re.compile(rb"</?[A-Za-z]")


def _any_case(name: str) -> str:
    return "".join(f"[{char.upper()}{char}]" for char in name)


def _tag(attributes: int) -> str:
    """Pattern of a tag or comment, raw text behind it included, with no more attributes than that.

    As the tokenizer of the HTML standard has it, and libxml2 from 2.14 on.
    """
    value = r"""(?:"[^"]*+"?|'[^']*+'?|[^\s>"'][^\s>]*+)?"""
    name = r"(?:=[^\s=/>]*+|[^\s=/>]++)"  # as in HTML, a name may begin with "="
    # What most pages hold comes first, in its plainest form: a quarter less time, the same matches.
    # Python 3.11.0 to 3.11.4 go on amid what a repetition failed to match (gh-106052), so that these may not
    # look ahead, and "/" before ">" may have been passed already.
    plain = r' [a-z-]++="[^"]*+"|\s[^\s=/>]++="[^"]*+"'
    attribute = rf"(?:{plain}|[\s/]*+{name}(?:(?=\s*+=)\s*+=\s*+{value})?+)"
    before_end = r"(?:\s++|(?!/>)/)*+"
    rest = rf"(?:{attribute}){{0,{attributes}}}+{before_end}"
    script, plaintext = _any_case("script"), _any_case("plaintext")
    # Behind "<!--" a script may hold another with its end.
    inner = rf"(?:[^<-]++|(?!-->)-|(?!</{script}[\s/>])<)*+(?:</{script})?"
    escaped = rf"<!(?=--)(?:[^<-]++|(?!-->)-|(?!</?{script}[\s/>])<|<{script}(?=[\s/>]){inner})*+(?:-->)?"
    content = {name: rf"(?:[^<]++|(?!</{name}[\s/>])<)*+" for name in map(_any_case, _RAW_TEXT)}
    content[script] = rf"(?:[^<]++|(?!</{script}[\s/>]|<!--)<|{escaped})*+"
    content[plaintext] = r"[\s\S]*+"
    raw = "|".join(rf"{name}(?=[\s/>]){rest}(?:/?+(?<=/)>|>{text}|\Z)" for name, text in content.items())
    maybe_raw = "|".join(sorted({name[: 2 * len("[xX]")] for name in content}))
    start = rf"[A-Za-z][^\s/>]*+{rest}/?+(?:>|\Z)"
    end = rf"/[A-Za-z][^\s/>]*+(?:{attribute})*+{before_end}/?+(?:>|\Z)"
    comment = "!--(?:-?>|(?:[^-]++|(?!--!?>)-)*+)"
    other = "[!?/](?!--)[^>]*+|(?![A-Za-z!?/])"
    return rf"<(?:/[A-Za-z]++>|(?!{maybe_raw}){start}|{end}|{raw}|{start}|{comment}|{other})"


@lru_cache(maxsize=8)
def _well_filled(attributes: int) -> re.Pattern[bytes]:
    """Matches a page up to the first tag with more attributes than that; never goes back, so it is linear."""
    return re.compile(rf"(?:[^<]++|{_tag(attributes)})*+".encode())


def check_source(utf_8: bytes, limits: Limits) -> None:
    """Refuses a page with too many tags or, in one of them, attributes.

    libxml2 compares each attribute of an element with all others: 100,000 cost it half a minute.

    Raises:
        TooLarge: it has more of either than allowed.
    """
    if utf_8.count(b"<") > limits.nodes and (found := len(_TAG.findall(utf_8))) > limits.nodes:
        raise _too_many("nodes", limits.nodes, found, f"this page has {found:,} tags")
    if len(utf_8) > 2 * limits.attributes:  # each takes two characters
        match = _well_filled(limits.attributes).match(utf_8)
        if match is not None and match.end() < len(utf_8):
            raise _too_many_attributes(limits)


def check_tree(root: etree._Element, limits: Limits) -> None:
    """Refuses a tree with too many elements or, on one of them, attributes.

    Raises:
        TooLarge: it has more of either than allowed.
    """
    found = int(cast(float, root.xpath("count(descendant-or-self::*)")))
    if found > limits.nodes:
        raise _too_many("nodes", limits.nodes, found, f"this tree has {found:,} elements")
    if root.xpath(f"boolean(descendant-or-self::*/@*[{limits.attributes + 1}])"):
        raise _too_many_attributes(limits)


def bound_attributes(root: HtmlElement, size_bytes: int, limits: Limits) -> None:
    """Cuts very long attributes that evidence is read from.

    Args:
        root: of the page.
        size_bytes: of the page, without which short pages would have to be gone through.
        limits: bounds on the length.

    Raises:
        TooLarge: an attribute is longer than allowed.
    """
    if size_bytes > limits.attribute_chars:
        for element in root.iter():
            for name, value in element.items():
                if len(value) > limits.attribute_chars:
                    what = f"the attribute {str(name)[:40]!r} of an element has {len(value):,} characters"
                    raise _too_many("attribute_chars", limits.attribute_chars, len(value), what)
    if size_bytes > 10 * _EVIDENCE_CHARS:
        for value in cast(list[Any], _LONG_EVIDENCE(root)):
            value.getparent().set(value.attrname, value[:_EVIDENCE_CHARS])


def _too_many_attributes(limits: Limits) -> TooLarge:
    allowed = limits.attributes
    return _too_many("attributes", allowed, allowed + 1, f"an element has more than {allowed:,} attributes")


def _too_many(limit: str, allowed: int, found: int, what: str) -> TooLarge:
    message = f"{what}; {allowed:,} are allowed, and Limits({limit}=…) allows more"
    return TooLarge(limit, allowed, found, message)
