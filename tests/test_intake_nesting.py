"""Deeply nested pages."""

import random
import re
import time
from typing import Any

import pytest
import trafilatura
from hypothesis import given, settings
from hypothesis import strategies as st
from intake_helpers import LIMITS, nodes_of, page, words_of
from lxml import etree
from lxml import html as lxml_html

from noisefilter.errors import (
    TooDeep,
)
from noisefilter.intake import KEPT_DEPTH, load_page
from noisefilter.limits import Limits

DEPTHS = [100, 252, 253, 254, 255, 300, 2000, 2044, 2046, 4990]


def depth_of(tree: etree._Element) -> int:
    depth = deepest = 0
    for event, _ in etree.iterwalk(tree, events=("start", "end")):
        depth += 1 if event == "start" else -1
        deepest = max(deepest, depth)
    return deepest


def nested(tags: str, levels: int) -> str:
    opening = "".join(f"<{tag}>" for tag in tags.split())
    closing = "".join(f"</{tag}>" for tag in reversed(tags.split()))
    before = "".join(f"{opening}a{i} " for i in range(levels))
    after = "".join(f"{closing}b{i} " for i in range(levels))
    return page(f"{before}<p>DEEP <b>bold</b> END</p>{after}<p>AFTER</p>")


@pytest.mark.parametrize("levels", DEPTHS)
@pytest.mark.parametrize("tags", ["div", "font", "ul li", "table tr td"])
def test_deep_pages_keep_their_text(tags: str, levels: int) -> None:
    source = nested(tags, levels // len(tags.split()))
    loaded = load_page(source, LIMITS)
    given_words = re.sub("<[^>]*>", " ", source).split()
    assert words_of(loaded.tree) == given_words
    depth = loaded.flattened_from or depth_of(loaded.tree)
    assert levels <= depth <= levels + 5
    assert (loaded.flattened_from > 0) == (depth > KEPT_DEPTH)
    assert depth_of(loaded.tree) <= KEPT_DEPTH
    paragraph = loaded.tree.xpath("//p[b]")[0]
    assert paragraph.text_content() == "DEEP bold END"
    if levels < 2040:
        tree = lxml_html.document_fromstring(source, parser=lxml_html.HTMLParser(huge_tree=True))
        assert nodes_of(load_page(tree, LIMITS).tree) == nodes_of(loaded.tree)


@pytest.mark.parametrize("levels", [5000, 20_000, 200_000])
def test_too_deep(levels: int) -> None:
    start = time.perf_counter()
    with pytest.raises(TooDeep) as caught:
        load_page(nested("div", levels), LIMITS)
    assert (caught.value.limit, caught.value.allowed, caught.value.found) == ("depth_elements", 5000, 5001)
    assert time.perf_counter() - start < 2


def test_own_bound_of_depth() -> None:
    limits = Limits(depth_elements=10)
    assert depth_of(load_page(page("<div>" * 8), limits).tree) == 10
    for deep in (page("<div>" * 9), lxml_html.fromstring(page("<div>" * 9))):
        with pytest.raises(TooDeep, match="more than 10 deep"):
            load_page(deep, limits)


def test_deep_tree_built_by_hand() -> None:
    root = element = lxml_html.fromstring("<html><body></body></html>")
    for _ in range(3000):
        element = etree.SubElement(element, "div")
        element.text = "x "
    assert len(words_of(load_page(root, LIMITS).tree)) == 3000
    for _ in range(3000):
        element = etree.SubElement(element, "div")
    with pytest.raises(TooDeep):
        load_page(root, LIMITS)


def test_trafilatura_takes_deep_pages() -> None:
    sentence = "This is a sentence of the article, with a comma, that is long enough to be kept. "
    options: dict[str, Any] = {"fast": True, "favor_recall": True, "include_comments": False}
    for tags in ("div", "ul li", "del", "code"):
        loaded = load_page(page(f"<article><p>{sentence * 3}</p>{nested(tags, 1500)}</article>"), LIMITS)
        document: Any = trafilatura.bare_extraction(loaded.tree, **options)
        assert document is not None
        assert "sentence of the article" in document.text


@settings(max_examples=60, deadline=None)
@given(st.randoms(use_true_random=False))
def test_deep_text_keeps_its_order_and_element(source: random.Random) -> None:
    parts, opened, number = ["<html><body>" + "<div>" * 240], [], 0
    for _ in range(source.randrange(50, 400)):
        choice = source.random()
        if choice < 0.5:
            opened.append(source.choice(["div", "b", "blockquote", "font"]))
            parts.append(f"<{opened[-1]} id=n{len(parts)}>")
        elif choice < 0.7 and opened:
            parts.append(f"</{opened.pop()}>")
        else:
            number += 1
            parts.append(source.choice([" ", f" w{number} "]))
    html = "".join(parts)
    plain = lxml_html.document_fromstring(html, parser=lxml_html.HTMLParser(huge_tree=True))

    def places(tree: Any) -> list[tuple[str, str, str | None]]:
        found = []
        for text in tree.xpath("//text()"):
            around = text.getparent().getparent() if text.is_tail else text.getparent()
            found += [(word, around.tag, around.get("id")) for word in text.split()]
        return found

    assert places(load_page(html, LIMITS).tree) == places(plain)
