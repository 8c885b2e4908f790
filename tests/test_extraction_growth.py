"""What the tuned extractor exchanges because it grows too fast: the same results as Trafilatura's own."""

import importlib
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree, html

from noisefilter.extraction import tuned
from noisefilter.extraction.conditions import merged
from noisefilter.extraction.package import Package
from noisefilter.extraction.tuned import TunedExtractor

# Not `trafilatura.baseline`: the package has a function of that name.
BASELINE, CORE, UTILS = (
    importlib.import_module(f"trafilatura.{name}") for name in ("baseline", "core", "utils")
)


@pytest.fixture(scope="module")
def package() -> Package:
    exchanged = Package()
    TunedExtractor(exchanged)
    return exchanged


def texts(*pieces: str) -> st.SearchStrategy[str]:
    """Texts put together from pieces that a pattern asks for, and from others."""
    return st.lists(st.sampled_from([*pieces, " ", "x", "\n"]), max_size=12).map("".join)


@settings(max_examples=500, deadline=None)
@given(texts('"@type"', ":", "[", "]", '"DiscussionForumPosting"', ",", '"Article"', "{", "}"))
def test_forums(text: str) -> None:
    assert tuned._is_posting(text) == bool(CORE._DISCUSSION_FORUM_POSTING_RE.search(text))


@settings(max_examples=500, deadline=None)
@given(text=texts("<", "<p", "<a ", "</b>", ">", "=", "/", "href", "'", "i"))
def test_markup_in_json(package: Package, text: str) -> None:
    exchanged = package.module("baseline")._HTML_MARKUP
    assert exchanged.pattern != BASELINE._HTML_MARKUP.pattern
    found, expected = exchanged.search(text), BASELINE._HTML_MARKUP.search(text)
    assert (found and found.span()) == (expected and expected.span())


@settings(max_examples=500, deadline=None)
@given(text=texts("a", ".", ".png", ".jpg", ".JPEG", "pngx", "/", "?"))
def test_names_of_pictures(package: Package, text: str) -> None:
    exchanged: re.Pattern[str] = package.module("utils").IMAGE_EXTENSION
    assert exchanged.pattern != UTILS.IMAGE_EXTENSION.pattern
    assert bool(exchanged.search(text)) == bool(UTILS.IMAGE_EXTENSION.search(text))


TAGS = (
    "aside",
    "div",
    "div class=footer",
    "div id=footer",
    "footer",
    "script",
    "style",
    "svg",
    "p class=cookie-bar",
    "p",
)
UNIONS = (
    BASELINE.BASIC_CLEAN_XPATH.path,
    ".//code|.//p|.//quote|.//table|.//div[contains(@class, 'w3-code')]|.//div|.//lb|.//list",
)


@pytest.mark.parametrize("union", UNIONS)
@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from([*(f"<{tag}>" for tag in TAGS), "</div>", "</p>", "x"]), max_size=20))
def test_unions(union: str, pieces: list[str]) -> None:
    tree = html.document_fromstring("<body>" + "".join(pieces))
    path = etree.XPath(union, namespaces={"re": "http://exslt.org/regular-expressions"})
    assert merged(path)(tree) == path(tree)


def test_no_union_is_left(package: Package) -> None:
    recover: Any = package.module("main_extractor").recover_wild_text
    constants = [constant for constant in recover.__code__.co_consts if isinstance(constant, str)]
    assert not any("|.//" in constant for constant in constants)
    assert set(tuned._RECOVERED.values()) <= set(constants)
    assert "".join(tuned._RECOVERED.values()) == merged(etree.XPath(UNIONS[1])).path.replace(
        " or self::div[contains(@class, 'w3-code')]", ""
    )
    assert (
        "|"
        not in package.module("baseline").BASIC_CLEAN_XPATH.path.replace("@class|@id", "").split("re:test")[0]
    )
