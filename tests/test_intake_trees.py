"""The caller's trees."""

import io
from typing import Any

import pytest
from intake_helpers import LIMITS, nodes_of, page, text_of
from lxml import etree
from lxml import html as lxml_html

from noisefilter.errors import (
    EmptyInput,
)
from noisefilter.intake import Page, load_page


def parsed_by(parser: str, html: str) -> Any:
    if parser == "lxml.html":
        return lxml_html.fromstring(html)
    if parser == "lxml.etree":
        return etree.HTML(html)
    if parser == "tree":
        return etree.parse(io.StringIO(html), etree.HTMLParser())
    return etree.fromstring(html, etree.XMLParser(resolve_entities=False))


@pytest.mark.parametrize("parser", ["lxml.html", "lxml.etree", "tree", "xml"])
def test_trees(parser: str) -> None:
    source = "<html lang='en'><head><title>t</title></head><body>a<!-- b -->c<p>d<?pi e?>f</p>g</body></html>"
    given_tree = parsed_by(parser, source)
    before = etree.tostring(given_tree)
    loaded = load_page(given_tree, LIMITS)
    assert nodes_of(loaded.tree) == nodes_of(load_page(source, LIMITS).tree)
    assert all(isinstance(element, lxml_html.HtmlElement) for element in loaded.tree.iter())
    loaded.tree[1].clear()
    loaded.tree.set("lang", "de")
    assert etree.tostring(given_tree) == before


def test_tree_of_xhtml() -> None:
    source = (
        '<!DOCTYPE html [<!ENTITY e "x">]><html xmlns="http://www.w3.org/1999/xhtml" xml:lang="en">'
        "<body><p>a&e;b<![CDATA[<c>]]></p><!-- d -->e<svg xmlns='http://www.w3.org/2000/svg'>f</svg></body></html>"
    )
    tree = load_page(parsed_by("xml", source), LIMITS).tree
    assert [element.tag for element in tree.iter()] == ["html", "body", "p", "svg"]
    assert text_of(Page(tree)) == "a&e;b<c>ef"


def test_subtree() -> None:
    tree: Any = lxml_html.fromstring(page("<nav>menu</nav><article class='a'>x<p>y</p></article>tail"))
    article = tree.find(".//article")
    loaded = load_page(article, LIMITS)
    assert etree.tostring(loaded.tree) == b'<html><body><article class="a">x<p>y</p></article></body></html>'
    assert article.tail == "tail"
    assert article.getparent().tag == "body"
    assert etree.tostring(load_page(tree.find("body"), LIMITS).tree).startswith(b"<html><body><nav>")


def test_tree_with_control_characters() -> None:
    loaded = load_page(lxml_html.fromstring("<p title='a&#1;'>b&#2;c</p>"), LIMITS)
    assert text_of(loaded) == "bc"
    assert loaded.tree[0][0].get("title") == "a"


def test_empty_tree() -> None:
    with pytest.raises(EmptyInput):
        load_page(etree.ElementTree(), LIMITS)
    with pytest.raises(TypeError, match="comment"):
        load_page(etree.Comment("x"), LIMITS)


def test_halves_of_surrogate_pairs_in_xml() -> None:
    source = "<html><body><p>High \ud83d water</p></body></html>".encode("utf-8", "surrogatepass")
    tree = etree.fromstring(source, etree.XMLParser(recover=True))
    page = load_page(tree, LIMITS)
    assert "High" in page.tree.text_content()
    page.tree.text_content().encode()


def test_a_body_within_a_meta_that_was_read_as_xml() -> None:
    source = "<html><head><meta charset='utf-8'><body><p>High water.</p></body></meta></head></html>"
    page = load_page(etree.fromstring(source), LIMITS)
    body = page.tree.find("body")
    assert body is not None and body.text_content() == "High water."


ARTICLE = (
    "<p>High water comes twice a day, says the harbour master, who has kept a log for thirty years.</p>" * 6
)


def test_a_button_that_is_never_closed_does_not_hide_the_article() -> None:
    page = load_page(f"<html><body><button class='menu'>Menu {ARTICLE}</body></html>", LIMITS)
    assert page.tree.find(".//button") is None
    kept = load_page(f"<html><body><button>Menu</button>{ARTICLE}</body></html>", LIMITS)
    assert kept.tree.find(".//button") is not None
