"""What Trafilatura keeps of a page: the tuned extractor against the usual way, and the fall-back to it."""

import importlib
import json
from types import ModuleType
from typing import Any, NoReturn, cast

import pytest
import trafilatura
from conftest import FreshProcess
from hypothesis import example, given, settings
from hypothesis import strategies as st
from known_misses import PAGE_NAMES, PAGES
from lxml import etree, html
from trafilatura import core, xpaths

from noisefilter import extraction
from noisefilter.blocks import Blocks
from noisefilter.blocks.page import cut_page
from noisefilter.extraction import mark_kept, package, tuned
from noisefilter.extraction.conditions import faster, faster_first, parse
from noisefilter.extraction.package import Package
from noisefilter.extraction.tuned import TunedExtractor, tuned_extractor
from noisefilter.intake import load_page
from noisefilter.limits import Limits

LINE = "High water comes twice a day, says the harbour master, who has kept a log for thirty years."
ARTICLE = "".join(f"<p>{number}. {LINE} {LINE}</p>" for number in range(5))
JSON_LD = json.dumps({"@type": "NewsArticle", "articleBody": f"{LINE} {LINE} {LINE} {LINE}"})
SHAPES = {
    "plain": f"<h1>Tides</h1>{ARTICLE}",
    "repeated": f"<div class=article-body>{ARTICLE}{ARTICLE}</div><div class=related>{ARTICLE}</div>",
    "comments": f"<article>{ARTICLE}</article><div id=comments><p>{LINE}</p></div><ul class=comments></ul>",
    "endless": f"<article>{ARTICLE}</article><div class=infinite-scroll>{ARTICLE}</div>",
    "hidden": f"<article>{ARTICLE}<p style='display:none'>{LINE}</p><p class='x hidden'>{LINE}</p></article>",
    "nested figures": (
        f"<article>{ARTICLE}<figure><figure>a</figure></figure>b<figure><blockquote>{LINE}</blockquote>"
        f"</figure>{ARTICLE}<figure><table><tr><td>{LINE}<td>c</table></figure></article>"
    ),
    "all in a form": f"<form id=aspnetForm><div id=content>{ARTICLE}</div></form><form><p>Search</p></form>",
    "all in a figure": f"<figure>{ARTICLE}</figure><nav><p>Home</p></nav>",
    "math": f"<main>{ARTICLE}<p>So <math alttext='x'><mi>x</mi></math> rises.</p></main>",
    "behind the end": f"<p>{LINE}</p></body></html><div class=post>{ARTICLE}</div>",
    "only data": f"<script type='application/ld+json'>{JSON_LD}</script><p>Short.</p>",
    "only noscript": f"<p>Short.</p><noscript>{ARTICLE}</noscript>",
    "nothing": "<div></div>",
    "table": f"<table role=presentation><tr><td>{ARTICLE}</table><p>{LINE}</p>",
}


def marked(page: str, again: bool = True) -> Blocks:
    tree = load_page(page, Limits()).tree
    blocks, nodes = cut_page(tree)
    mark_kept(tree, blocks, nodes, None, (lambda: load_page(page, Limits()).tree) if again else None)
    return blocks


def marks(blocks: Blocks) -> list[tuple[str, bool]]:
    assert blocks.markup is not None
    return list(zip(blocks.text, blocks.markup.kept, strict=True))


@pytest.fixture
def usual_way(monkeypatch: pytest.MonkeyPatch) -> Any:
    def run(page: str) -> list[tuple[str, bool]]:
        with monkeypatch.context() as patch:
            patch.setattr(extraction, "tuned_extractor", lambda: None)
            return marks(marked(page))

    return run


@pytest.mark.parametrize("again", [True, False])
@pytest.mark.parametrize("shape", SHAPES)
def test_tuned_extractor_keeps_the_same_blocks(shape: str, again: bool, usual_way: Any) -> None:
    assert tuned_extractor() is not None
    assert marks(marked(SHAPES[shape], again)) == usual_way(SHAPES[shape])


@pytest.mark.parametrize("page", [name for name in PAGE_NAMES if name.endswith(".html")])
def test_tuned_extractor_keeps_the_same_blocks_of_pages(page: str, usual_way: Any) -> None:
    text = (PAGES / page).read_text(encoding="utf-8")
    assert marks(marked(text)) == usual_way(text)


def test_text_from_the_page_s_data_becomes_blocks() -> None:
    blocks = marked(SHAPES["only data"])
    assert blocks.text == ["Short.", f"{LINE} {LINE} {LINE} {LINE}"]
    assert blocks.markup is not None and blocks.markup.kept == [False, True]


def test_trees_that_are_no_document_of_their_own() -> None:
    outer = html.document_fromstring(f"<div class=article-body>{ARTICLE}</div>")
    page = load_page(outer[0][0], Limits())
    blocks, nodes = cut_page(page.tree)
    mark_kept(page.tree, blocks, nodes)
    assert all(kept for _, kept in marks(blocks))


@pytest.mark.parametrize("index", [0, 1, 65_533, 65_534, 65_535, 200_000])
def test_marks_of_many_blocks(index: int) -> None:
    icon = "\U00100001"  # of an icon font
    assert extraction._indices(f"{icon} a{extraction._mark(index)}b {extraction._mark(3)}") == [index, 3]


# Where the tuned extractor cannot be had.


def test_failure_falls_back_to_the_usual_way(monkeypatch: pytest.MonkeyPatch, usual_way: Any) -> None:
    def fail(self: TunedExtractor, tree: etree._Element, anew: object) -> NoReturn:
        tree.clear()
        raise RuntimeError("as another version might")

    expected = usual_way(SHAPES["comments"])
    monkeypatch.setattr(TunedExtractor, "extract", fail)
    for again in (True, False):
        assert marks(marked(SHAPES["comments"], again)) == expected
    assert any(kept for _, kept in expected) and not all(kept for _, kept in expected)


def test_failure_of_both_leaves_all_unmarked(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> NoReturn:
        raise RuntimeError("as another version might")

    monkeypatch.setattr(TunedExtractor, "extract", fail)
    monkeypatch.setattr(trafilatura, "bare_extraction", fail)
    assert not any(kept for _, kept in marks(marked(SHAPES["plain"])))


@pytest.mark.parametrize("version", ["2.4.0", "2.30.0", "3.0.0"])
def test_other_versions_are_asked_the_usual_way(version: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Package, "version", version)
    assert tuned_extractor.__wrapped__() is None


@pytest.mark.parametrize(
    "name",
    ["htmlprocessing.convert_tags", "baseline.baseline", "xpaths.BODY_XPATH", "settings.MANUALLY_STRIPPED"],
)
def test_versions_that_lack_something_are_asked_the_usual_way(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    lacking, _, attribute = name.partition(".")

    class Lacking(Package):
        def module(self, name: str) -> ModuleType:
            module = super().module(name)
            if name == lacking:
                vars(module).pop(attribute, None)
            return module

    monkeypatch.setattr(tuned, "Package", Lacking)
    assert tuned_extractor.__wrapped__() is None


def test_no_trafilatura_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(package, "_NAME", "no_such_package")
    assert tuned_extractor.__wrapped__() is None


def test_version_is_the_package_s() -> None:
    assert Package().version == trafilatura.__version__


def test_cleaning_does_not_import_trafilatura(fresh_process: FreshProcess) -> None:
    code = "import sys, noisefilter; noisefilter.clean(sys.argv[1]); print(*sys.modules)"
    done = fresh_process(code, SHAPES["plain"])
    assert {"trafilatura", "urllib3", "courlan", "htmldate", "numpy.ma"} & set(done.stdout.split()) == set()


def test_what_is_left_out_raises() -> None:
    utils = Package().module("utils")
    with pytest.raises(NotImplementedError):
        utils.from_bytes(b"")
    assert not utils.HAS_BROTLI


def test_trafilatura_itself_is_left_alone() -> None:
    assert tuned_extractor() is not None
    shared = importlib.import_module("trafilatura.main_extractor")
    processing = importlib.import_module("trafilatura.htmlprocessing")
    assert all(isinstance(expression, etree.XPath) for expression in shared.BODY_XPATH)
    assert shared.delete_by_link_density is processing.delete_by_link_density
    assert processing.link_density_test.__module__ == processing.__name__


@pytest.mark.parametrize(
    "data",
    [
        '{"@type": "DiscussionForumPosting"}',
        '{"@type" : ["Thing", "DiscussionForumPosting"]}',
        '{"@type": "Article", "about": "DiscussionForumPosting"}',
        "",
    ],
)
def test_forums_are_those_of_trafilatura(data: str) -> None:
    tree = html.document_fromstring(f"<script type='application/ld+json'>{data}</script><p>a</p>")
    assert tuned._is_forum(tree) == core._forum_thread_page(tree)


def test_texts_of_paragraphs_are_found_as_before() -> None:
    """The slow expression (16 times as long for 4 times as many paragraphs) is there; its stand-in agrees."""
    extract = Package().module("main_extractor")._extract
    assert tuned._SLOW_TEXTS in extract.__code__.co_consts
    tree = html.document_fromstring("<p>a<b>b<!--c--></b>d</p>e<p/><div><p>f<ins>g<p>h</p></ins></p>i</div>")
    tree.append(html.fragment_fromstring("<p>j</p>"))
    tree[-1].append(html.fragment_fromstring("<p>k</p>"))
    assert tree.xpath(tuned._FAST_TEXTS) == tree.xpath(tuned._SLOW_TEXTS)


# Conditions.

LISTS = ("RAW_TREE_PRUNE_XPATH", "REMOVE_COMMENTS_AND_LISTS_XPATH", "OVERALL_DISCARD_XPATH", "BODY_XPATH")
VALUES = st.sampled_from([
    "", "post", "entry", "article-body", "comments", "Commentary", "comment-1", "x hidden", "hide-it",
    "infinite-scroll", "mvp-post-add-box", "elementor-share-buttons", "cookie-x", "reply-2", "Fulltext",
    "ad-x", "main", "Main-Content", "Page-Content", "navbar", "display: none", "true",
    "Navigation", "disqus_thread",
])  # fmt: skip
NAMES = st.sampled_from(
    [
        "id",
        "class",
        "style",
        "role",
        "itemprop",
        "aria-hidden",
        "data-component",
        "data-lp-replacement-content",
    ]
)
ELEMENTS = st.tuples(
    st.sampled_from(["div", "section", "article", "main", "aside", "p", "span", "ul", "list", "item", "h1"]),
    st.lists(st.tuples(NAMES, VALUES), max_size=3, unique_by=lambda pair: pair[0]),
    st.booleans(),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(ELEMENTS, max_size=12))
@example(
    [
        ("div", [("class", "cookie-x"), ("id", "a")], False),
        ("div", [("id", "a"), ("class", "cookie-x")], False),
    ]
)
@example([("div", [("class", "infinite-scroll")], True), ("h1", [], False)])
def test_conditions_find_what_xpath_finds(elements: list[tuple[str, list[tuple[str, str]], bool]]) -> None:
    root = current = etree.Element("body")
    for tag, attributes, goes_down in elements:
        child = etree.SubElement(current, tag)
        for name, value in attributes:
            child.set(name, value)
        current = child if goes_down else current
    for name in LISTS[:-1]:
        expressions = getattr(xpaths, name)
        found = [element for find in faster(expressions) for element in find(root)]
        assert set(found) == {element for expression in expressions for element in expression(root)}
    for expression in xpaths.BODY_XPATH:
        found = cast(list[etree._Element], expression(root))
        assert faster_first(expression)(root)[:1] == found[:1]


def test_trafilatura_s_slow_expressions_are_known() -> None:
    slow = [one for name in LISTS for one in getattr(xpaths, name) if "re:test" in one.path]
    assert len(slow) >= 7
    assert all(parse(one.path) is not None for one in slow)


@pytest.mark.parametrize(
    "path",
    [
        ".//article",
        "(.//article)[1]",
        ".//div[@class='a']",
        ".//*[self::div][@class='a' and @id]",
        ".//*[self::div][@class='a' or not(.//h1)]",
        ".//*[self::div][@class='a']|.//p",
        ".//*[self::div][@class='a']/p",
        "(.//*[self::div][@class='a'])[2]",
        "(.//*[self::div][@class='a'])[1]|(.//main)[1]",
        ".//*[self::div][re:test(@class, '(')]",
        ".//*[self::div][re:test(@class, 'a', 'g')]",
    ],
)
def test_expressions_of_other_forms_are_left_to_libxml2(path: str) -> None:
    assert parse(path) is None
    namespaces = {"re": "http://exslt.org/regular-expressions"}
    expression = etree.XPath(path, namespaces=namespaces)
    assert faster([expression]) == [expression]
    assert faster_first(expression) is expression


def test_long_values_and_many_values() -> None:
    (find,) = faster([etree.XPath(".//*[self::div][contains(@class, 'b')]")])
    root = etree.Element("body")
    for number in range(6000):
        etree.SubElement(root, "div").set("class", f"{number}a" * (1 + number % 2 * 100))
    etree.SubElement(root, "div").set("class", "ab")
    for _ in range(2):
        assert find(root) == [root[-1]]


def test_a_page_cannot_forge_marks() -> None:
    menu = "".join(f"<li><a href='/{n}'>Menu {n}</a></li>" for n in range(6))
    prose = "High water comes twice a day, says the harbour master, who has kept a log for thirty years. "
    icons = f"<p>{prose * 2}<b>\U000f0000\U000f0001</b> {prose}</p>" + f"<p>{prose * 3}</p>" * 3
    page = f"<html><body><nav><ul>{menu}</ul></nav><article><h1>Tides</h1>{icons}</article></body></html>"
    blocks = _kept_of(page)
    assert not any(kept for text, kept in blocks if text.startswith("Menu"))
    assert all(kept for text, kept in blocks if text.startswith("High"))


def _kept_of(page: str) -> list[tuple[str, bool]]:
    tree = load_page(page, Limits()).tree
    blocks, nodes = cut_page(tree)
    extraction.mark_kept(tree, blocks, nodes)
    assert blocks.markup is not None
    return list(zip(blocks.text, blocks.markup.kept, strict=True))
