"""The caller's tree of lxml to one of our own."""

import copy

from lxml import etree
from lxml.html import HtmlElement, HTMLParser

from noisefilter.errors import EmptyInput, TooLarge
from noisefilter.intake.bounds import bound_attributes, check_tree
from noisefilter.intake.characters import (
    FORBIDDEN,
    attributes_of,
    scrub,
    set_attributes,
    without_forbidden,
)
from noisefilter.intake.decoding import is_utf_8
from noisefilter.intake.nesting import flattened, is_deep
from noisefilter.intake.parsing import gathered
from noisefilter.limits import Limits

Tree = etree._Element | etree._ElementTree


def copy_tree(tree: Tree, limits: Limits) -> tuple[HtmlElement, int]:
    """Root of a copy, with one body, and its nesting if that had to be reduced, else 0."""
    given = tree.getroot() if isinstance(tree, etree._ElementTree) else tree
    if given is None:
        raise EmptyInput("the tree has no root")
    if not isinstance(given.tag, str):
        raise TypeError("expected an element, not a comment or processing instruction")
    check_tree(given, limits)
    written = etree.tostring(given, encoding="utf-8", with_tail=False)
    if len(written) > limits.decompressed_bytes:
        allowed = limits.decompressed_bytes
        message = f"this tree has {len(written):,} bytes as UTF-8, more than the {allowed:,} allowed"
        message += "; Limits(decompressed_bytes=…) allows more"
        raise TooLarge("decompressed_bytes", allowed, len(written), message)
    if not is_utf_8(written):
        written = written.decode("utf-8", "replace").encode()
        given = _without_halves(written)
    # Copying is quadratic in the depth, so this comes first.
    if is_deep("self::*", given, limits) or _is_xml(given):
        root, depth = flattened([given], limits)
    else:
        root, depth = _copied(given), 0
    serialised = etree.tostring(root, method="html", encoding="utf-8")
    bound_attributes(root, len(serialised), limits)
    # HTML leaves out the text that XML may hold inside a meta or br; XML leaves out control characters.
    if any(without_forbidden(form) != form for form in (serialised, written)):
        scrub(root)
    if root.tag in ("head", "body"):
        root = _wrapped("html", root)
    elif root.tag != "html":
        root = _wrapped("html", _wrapped("body", root))
    if root.find("body") is None and (body := root.find(".//body")) is not None:
        root.append(body)  # read as XML, where a meta of the head is never closed
    return gathered(root), depth


def _without_halves(written: bytes) -> etree._Element:
    """An element without the halves of surrogate pairs that lxml read from XML: it cannot give their text."""
    parser = etree.XMLParser(recover=True, huge_tree=True, resolve_entities=False, no_network=True)
    return etree.fromstring(written, parser)


def _is_xml(element: etree._Element) -> bool:
    """Whether there is anything that lxml's HTML parser makes none of: namespaces, entities."""
    has_namespace = element.xpath("boolean(descendant-or-self::*[namespace-uri()])")
    return bool(has_namespace) or next(element.iter(etree.Entity), None) is not None


def _copied(element: etree._Element) -> HtmlElement:
    copied = copy.deepcopy(element)
    copied.tail = None
    etree.strip_elements(copied, etree.Comment, etree.ProcessingInstruction, with_tail=False)
    if isinstance(copied, HtmlElement):
        return copied
    # An element is what the parser of its document makes it.
    root: HtmlElement = HTMLParser().makeelement(copied.tag)
    set_attributes(root, attributes_of(copied))
    root.text = FORBIDDEN.sub("", copied.text or "")
    root.extend(list(copied))
    return root


def _wrapped(tag: str, element: HtmlElement) -> HtmlElement:
    outer: HtmlElement = element.makeelement(tag)
    outer.append(element)
    return outer
