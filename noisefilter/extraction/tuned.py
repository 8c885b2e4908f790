"""A copy of Trafilatura's extractor of our own, tuned to the one way in which it is asked here.

Trafilatura takes a tree apart in many passes, each in Python, and copies it in between. Here some of what a
copy of its modules uses is exchanged for equals that are faster.
"""

import logging
import re
from collections.abc import Callable, Container
from copy import copy
from functools import cache
from types import FunctionType, ModuleType
from typing import Any, cast

from lxml import etree
from lxml.html import HtmlElement

from noisefilter.errors import TooLarge
from noisefilter.extraction.conditions import faster, faster_first, merged
from noisefilter.extraction.package import Package
from noisefilter.intake.bounds import check_source
from noisefilter.limits import Limits

LOGGER = logging.getLogger(__name__)

# What is exchanged below was compared with these; others are asked the usual way.
_KNOWN_VERSIONS = ("2.3.1",)
_CHILDLESS = ("head", "script", "style", "link", "input", "param", "source", "track", "area")
# The same text nodes; libxml2 compares each with all others for the first.
_SLOW_TEXTS, _FAST_TEXTS = "//p//text()", "//text()[ancestor::p]"
# A page of a forum says so in its JSON-LD: its comments are what it is about.
_POSTING = '"DiscussionForumPosting"'
_TYPE = re.compile(r'"@type"\s*:\s*"DiscussionForumPosting"')
_TYPES = re.compile(r'"@type"\s*:\s*\[')
# Parts of a union of paths, see `merged`, to which the second is appended.
_RECOVERED = {
    ".//code|.//p|.//quote|.//table|.//div[contains(@class, 'w3-code')]": (
        ".//*[self::code or self::p or self::quote or self::table"
    ),
    "|.//div|.//lb|.//list": " or self::div or self::lb or self::list]",
}
# Parts of patterns that take quadratic time, and others that find a match in the same texts.
_SLOW_VALUE, _FAST_VALUE = r"[^<>]*=[^<>]*", r"[^<>=]*=[^<>]*"  # of HTML in JSON
_MARKUP = re.compile("<[^<>]*>?")
_SLOW_NAME, _FAST_NAME = r"[^\s]+\.", r"[^\s]\."  # of a picture


def _exchange(module: ModuleType, **values: Any) -> None:
    """Sets what a module has already."""
    for name, value in values.items():
        getattr(module, name)  # AttributeError if there is no such thing
        setattr(module, name, value)


def _exchange_text(function: FunctionType, old: str, new: str) -> None:
    """Exchanges a string that a function has in its code, if it has it."""
    code = function.__code__
    constants = tuple(new if constant == old else constant for constant in code.co_consts)
    function.__code__ = code.replace(co_consts=constants)


def _exchange_call(
    module: ModuleType, function: FunctionType, name: str, value: Callable[..., object]
) -> None:
    """Has a function of a module call another one than that of this name."""
    code = function.__code__
    code.co_names.index(name)  # ValueError if it does not call it
    other = f"_{name}_of_{function.__name__}"
    setattr(module, other, value)
    function.__code__ = code.replace(co_names=tuple(other if n == name else n for n in code.co_names))


def _exchange_pattern(module: ModuleType, name: str, old: str, new: str) -> None:
    """Exchanges a part of a pattern that a module has."""
    pattern = getattr(module, name)
    setattr(module, name, re.compile(pattern.pattern.replace(old, new), pattern.flags))


def _is_forum(tree: HtmlElement) -> bool:
    """What `trafilatura.core._forum_thread_page` says."""
    scripts = tree.iterfind('.//script[@type="application/ld+json"]')
    return any(script.text and _is_posting(script.text) for script in scripts)


def _is_posting(text: str) -> bool:
    """Whether a type, or one of a list of types, is that of a thread, in time linear in the text."""
    if _POSTING not in text:
        return False
    if _TYPE.search(text):
        return True
    # The first list of types in a part reaches to the part's end, and so further than the others.
    parts = ((part, _TYPES.search(part)) for part in text.split("]"))
    return any(types and _POSTING in part[types.end() :] for part, types in parts)


def _sparing(test: Callable[..., tuple[bool, bool]]) -> Callable[..., tuple[bool, bool]]:
    """A test of an element's links that is spared where it has none."""

    def spared(element: etree._Element, favor_precision: bool = False) -> tuple[bool, bool]:
        has_links = next(element.iter("ref"), None) is not None
        return test(element, favor_precision) if has_links else (False, False)

    return spared


# Trafilatura pads each row with empty cells, up to 100 for one that is there; nothing here reads them.
def _no_span(cell: etree._Element, attribute: str) -> int:
    return 1


def _no_cells(spans: object, row: etree._Element) -> None:
    pass


def _row_as_it_is(table: etree._Element, row: etree._Element, spans: object, columns: int) -> None:
    if any(cell.text or len(cell) for cell in row):
        table.append(row)


def _deleting_from_the_end(tags: Container[str]) -> Callable[..., None]:
    """Deletes the last child and those with these tags before it, as its caller would.

    The caller counts what is left after each, and lxml counts one by one.
    """

    def delete(element: etree._Element | None, keep_tail: bool) -> None:
        while element is not None and element.tag in tags:
            parent, previous = element.getparent(), element.getprevious()
            cast(etree._Element, parent).remove(element)
            element = previous

    return delete


def _checked(parse: Callable[..., HtmlElement]) -> Callable[..., HtmlElement]:
    """A parser of HTML in a page's data; over the bounds on a page's tags and attributes there are none."""

    def parse_checked(source: str, **options: Any) -> HtmlElement:
        try:
            check_source(source.encode("utf-8", "replace"), Limits())
        except TooLarge:
            source = _MARKUP.sub(" ", source)
        return parse(source, **options)

    return parse_checked


class TunedExtractor:
    """Makes of a page the body that Trafilatura makes of it when asked for recall, fast and no comments.

    Safe to share between threads.

    Args:
        package: a copy of Trafilatura, which is changed.
    """

    def __init__(self, package: Package) -> None:
        extractor, processing = package.module("main_extractor"), package.module("htmlprocessing")
        settings, xpaths = package.module("settings"), package.module("xpaths")
        baseline, utils = package.module("baseline"), package.module("utils")
        _exchange_text(extractor._extract, _SLOW_TEXTS, _FAST_TEXTS)
        at_the_end = _deleting_from_the_end(extractor.NOT_AT_THE_END)
        _exchange_call(extractor, extractor._extract, "delete_element", at_the_end)
        for slow, fast in _RECOVERED.items():
            _exchange_text(extractor.recover_wild_text, slow, fast)
        _exchange_pattern(baseline, "_HTML_MARKUP", _SLOW_VALUE, _FAST_VALUE)
        _exchange_pattern(utils, "IMAGE_EXTENSION", _SLOW_NAME, _FAST_NAME)
        _exchange(
            baseline,
            BASIC_CLEAN_XPATH=merged(baseline.BASIC_CLEAN_XPATH),
            fragment_fromstring=_checked(baseline.fragment_fromstring),
        )
        _exchange(
            extractor,
            BODY_XPATH=[faster_first(expression) for expression in xpaths.BODY_XPATH],
            OVERALL_DISCARD_XPATH=faster(xpaths.OVERALL_DISCARD_XPATH),
            DISCARD_IMAGE_ELEMENTS=faster(xpaths.DISCARD_IMAGE_ELEMENTS),
        )
        _exchange(extractor, _span=_no_span, _flush_rowspan_phantoms=_no_cells, _finalize_row=_row_as_it_is)
        _exchange(processing, link_density_test=_sparing(processing.link_density_test))
        _exchange(extractor, delete_by_link_density=processing.delete_by_link_density)
        self._extract_content = extractor.extract_content
        self._baseline = baseline.baseline
        self._prune = processing.prune_unwanted_nodes
        self._unwanted = faster(xpaths.RAW_TREE_PRUNE_XPATH)
        self._comments = faster(xpaths.REMOVE_COMMENTS_AND_LISTS_XPATH)
        self._clean = processing.tree_cleaning
        self._convert = processing.convert_tags
        self._handle_forms = processing._handle_forms
        self._recover_math = processing.recover_math
        self._delete = processing.delete_element
        self._cleaned = [tag for tag in settings.MANUALLY_CLEANED if tag != "form"]
        self._nesting = [tag for tag in self._cleaned if tag not in _CHILDLESS]
        self._stripped = tuple(settings.MANUALLY_STRIPPED)
        self._cut_if_empty = frozenset(settings.CUT_EMPTY_ELEMS)
        self._options = settings.Extractor(fast=True, recall=True, comments=False)

    def extract(self, tree: HtmlElement, anew: Callable[[], HtmlElement]) -> etree._Element | None:
        """What `trafilatura.core.trafilatura_sequence` does.

        Args:
            tree: root of a page; it is taken to pieces.
            anew: makes the same page once more, for the few where what was found is too little.

        Returns:
            The body; None if there is nothing in it.
        """
        options = self._options
        if tree.getroottree().getroot() is not tree:
            tree = copy(tree)  # "//" in XPath means the whole document
        body, text = self._extract_content(self._prepared(self._article(tree)), options)
        if len(text) < options.min_extracted_size:
            rescued, its_text, size = self._baseline(self._article(anew()))
            if size > len(text):
                body, text = rescued, its_text
        return body if len(text) >= options.min_output_size else None

    def _article(self, tree: HtmlElement) -> HtmlElement:
        """The tree without other articles below it and, but in a forum, without comments."""
        others = (*self._unwanted, *(() if _is_forum(tree) else self._comments))
        self._prune(tree, others)
        return tree

    def _prepared(self, tree: HtmlElement) -> HtmlElement:
        """The tree cleaned and converted, in fewer passes."""
        cleaned = self._clean(tree, self._options) if self._loses_paragraphs(tree) else self._pruned(tree)
        return cast(HtmlElement, self._convert(cleaned, self._options))

    def _loses_paragraphs(self, tree: HtmlElement) -> bool:
        """Whether all paragraphs stand in elements that are taken out, in which case these may stay."""
        paragraph = None
        for paragraph in tree.iter("p"):
            if next(paragraph.iterancestors(*self._cleaned), None) is None:
                return False
        return paragraph is not None

    def _pruned(self, tree: HtmlElement) -> HtmlElement:
        """What `trafilatura.htmlprocessing.tree_cleaning` does."""
        self._recover_math(tree)
        for element in tree.iter("figure", "table"):
            if element.tag == "figure":
                if element.find(".//table") is not None:
                    element.tag = "div"
            elif element.get("role") in ("presentation", "none"):
                element.tag = "div"
        self._take_out(tree)
        etree.strip_tags(tree, *self._stripped)
        self._handle_forms(tree)
        # All are found before the first is deleted: an element that holds but such ones stays. XPath's
        # node() would gather all text nodes of an element, in quadratic time.
        candidates = tree.iterdescendants(*self._cut_if_empty)
        for element in [element for element in candidates if not len(element) and not element.text]:
            self._delete(element)
        return tree

    def _take_out(self, tree: HtmlElement) -> None:
        """Deletes elements by their names, all in one pass.

        But where elements lie within others of their name, Trafilatura's loop ends early and the rest stay:
        by accident, yet the model has learnt from such marks, and article text may be among them.
        """
        together: list[str] = []
        # When lxml lets go of an element that was taken out, it looks through all that was taken out with
        # it for others that are in use, but not while the topmost is.
        taken_out: list[etree._Element] = []
        nested = {
            element.tag
            for element in tree.iter(*self._nesting)
            if next(element.iterancestors(element.tag), None) is not None
        }
        for tag in self._cleaned if nested else ():
            if tag in nested:
                if together:
                    etree.strip_elements(tree, *together, with_tail=False)
                    together.clear()
                for element in tree.iter(tag):
                    taken_out.append(element)
                    self._delete(element)
            else:
                together.append(tag)
        etree.strip_elements(tree, *(together if nested else self._cleaned), with_tail=False)


@cache
def tuned_extractor() -> TunedExtractor | None:
    """The extractor, if this Trafilatura is one of those that it is known to do the same as.

    Returns:
        The extractor; None for other versions, and if what it needs is not there.

    Raises:
        OSError: its files cannot be read now; another call may be able to.
    """
    version = ""
    try:
        package = Package()
        version = package.version
        return TunedExtractor(package) if version in _KNOWN_VERSIONS else None
    except OSError:
        raise
    except Exception as error:  # whatever is missing, there is the usual way
        LOGGER.info("No tuned extractor for trafilatura %s: %r", version, error)
        return None
