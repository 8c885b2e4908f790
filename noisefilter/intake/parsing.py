"""UTF-8 to a tree, all of whose text is in one body."""

import re
from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any, cast

from lxml import etree
from lxml.html import HtmlElement

from noisefilter.intake.bounds import bound_attributes, check_source
from noisefilter.intake.characters import FORBIDDEN_REFERENCE, attributes_of, scrub, set_attributes
from noisefilter.intake.nesting import KEPT_DEPTH, FlatTree, append_text, flattened, is_deep
from noisefilter.limits import Limits

# As in trafilatura.utils.HTML_PARSER, so that it finds the blocks in the order it expects.
_PARSER_OPTIONS: Mapping[str, Any] = {
    "collect_ids": False,
    "default_doctype": False,
    "encoding": "utf-8",
    "remove_comments": True,
    "remove_pis": True,
}
# One class for all elements: lxml.html's own lookup is a call of Python for each element that is looked at.
_ONE_CLASS = etree.ElementDefaultClassLookup(element=HtmlElement)
# Where libxml2 stops by default, without a word, and what follows is lost; with huge_tree it stops at 2,048.
_PARSED_BYTES = 10_000_000
_FAULTY_DOCTYPE = re.compile(rb"\s{0,64}<\s?!\s?doctype[^<>]{0,2048}>", re.IGNORECASE)
_HEAD_TAGS = {"base", "link", "meta", "script", "style", "template", "title"}


def parse(utf_8: bytes, limits: Limits) -> tuple[HtmlElement, int]:
    """Root of a page, with one body, and its nesting if that had to be reduced, else 0."""
    # libxml2 takes a doctype that is spelt oddly for text; trafilatura drops the same ones.
    if (match := _FAULTY_DOCTYPE.match(utf_8)) and b"/" in match.group():
        utf_8 = utf_8[match.end() :]
    check_source(utf_8, limits)
    root, depth = _parsed(utf_8, limits)
    bound_attributes(root, len(utf_8), limits)
    if FORBIDDEN_REFERENCE.search(utf_8):
        scrub(root)
    return gathered(root), depth


def _parsed(utf_8: bytes, limits: Limits) -> tuple[HtmlElement, int]:
    if len(utf_8) < _PARSED_BYTES and limits.depth_elements >= KEPT_DEPTH:
        # The default bounds of libxml2 tell at no cost whether a page is deep.
        root, is_cut = _parsed_once(utf_8, False)
        if not is_cut:
            return root, 0
    root, is_cut = _parsed_once(utf_8, True)
    if is_cut:  # where libxml2 builds no tree itself, it has no bound
        builder = FlatTree(limits)
        etree.fromstring(utf_8, _parser(huge_tree=True, target=cast(Any, builder)))
        return builder.close(), builder.reduced_from
    if is_deep("/*", root, limits):
        return flattened((root, *root.itersiblings()), limits)
    return root, 0


def _parser(**options: Any) -> Any:
    """A parser that makes HtmlElements; they hold state, so threads share none."""
    parser = etree.HTMLParser(**_PARSER_OPTIONS, **options)
    parser.set_element_class_lookup(_ONE_CLASS)
    return parser


def _parsed_once(utf_8: bytes, huge_tree: bool) -> tuple[HtmlElement, bool]:
    """Root of the page, and whether libxml2 stopped early."""
    parser = _parser(huge_tree=huge_tree)
    root: HtmlElement | None
    try:
        root = etree.fromstring(utf_8, parser)
    except etree.XMLSyntaxError:
        root = None
    if root is None:  # no tags but in comments
        root = parser.makeelement("html")
    # libxml2 logs 100 errors at most, but always those that stop it.
    errors = parser.error_log.filter_from_fatals()
    return root, any(error.type == etree.ErrorTypes.ERR_RESOURCE_LIMIT for error in errors)


def gathered(root: HtmlElement) -> HtmlElement:
    """Puts all but the head into one body.

    libxml2 makes of what follows ``</body>`` siblings of the body, and of what follows ``</html>`` siblings
    of the root, where Trafilatura does not look.
    """
    tags = [child.tag for child in root]
    has_strays = any(_stray(text) for text in (root.text, *(child.tail for child in root)))
    if tags in (["head", "body"], ["body"]) and not has_strays and root.getnext() is None:
        return root
    heads: list[HtmlElement] = []
    pieces: list[HtmlElement | str] = []
    for part in (root, *root.itersiblings()):
        pieces += _stray(part.text)
        for child in part:
            if child.tag == "head" or (child.tag in _HEAD_TAGS and heads and not pieces):
                heads.append(child)
            elif child.tag == "body":
                pieces += [child.text or "", *child]
            else:
                pieces.append(child)
                continue  # with its tail
            pieces += _stray(child.tail)
    # A new root, for siblings cannot be taken off the old one; of a document of its own, which is what "//"
    # means in XPath.
    whole: HtmlElement = _parser().makeelement(root.tag)
    set_attributes(whole, attributes_of(root))
    first_body = root.find("body")
    body = root.makeelement("body") if first_body is None else _like(first_body)
    if first_body is not None and not _stray(first_body.tail):
        body.tail = first_body.tail  # white space, which Trafilatura's own tree holds too
    if heads:
        head, *more = heads
        head.tail = None if _stray(head.tail) else head.tail
        for other in more:
            head.extend(other if other.tag == "head" else [other])
        whole.append(head)
    whole.append(body)
    for is_text, group in groupby(pieces, lambda piece: isinstance(piece, str)):
        if is_text:
            append_text(body, "".join(cast(Iterator[str], group)))
        else:
            body.extend(group)
    return whole


def _stray(text: str | None) -> list[str]:
    """Text between html, head and body, but no white space."""
    return [text] if text and not text.isspace() else []


def _like(element: HtmlElement) -> HtmlElement:
    """An empty element of the same name with the same attributes."""
    copied: HtmlElement = element.makeelement(element.tag)
    set_attributes(copied, attributes_of(element))
    return copied
