"""Structure and characters of parsed pages."""

import pytest
from intake_helpers import LIMITS, nodes_of, page, text_of, words_of
from lxml import etree
from lxml import html as lxml_html
from trafilatura.utils import load_html

from noisefilter.intake import load_page


@pytest.mark.parametrize(
    ("html", "tree"),
    [
        ("<p>x</p>", "<html><body><p>x</p></body></html>"),
        ("a <b>b</b><br>c", "<html><body>a <b>b</b><br/>c</body></html>"),
        ("<p>a</p>tail<p>b", "<html><body><p>a</p>tail<p>b</p></body></html>"),
        ("<title>t</title>", "<html><head><title>t</title></head><body/></html>"),
        ("<!-- c -->", "<html><body/></html>"),
        ("<!DOCTYPE html>", "<html><body/></html>"),
        ("<div><!-- c -->a<?pi x?>b</div>", "<html><body><div>ab</div></body></html>"),
        ("<html/><p>x", "<html><body><p>x</p></body></html>"),
        (
            '<!DOCTYPE html>\n<html lang="en" />\n<head><title>t</title></head><body>x</body></html>',
            '<html lang="en"><head><title>t</title></head><body>x</body></html>',
        ),
        ("<html><body>a</body></html><p>late</p>x", "<html><body>a<p>late</p>x</body></html>"),
        ("<html><body><i>a</i></body><p>b</p>c</html>", "<html><body><i>a</i><p>b</p>c</body></html>"),
        (
            "<html><head><title>1</title></head><body class='c'><p>a</body></html>b"
            "<html><head><title>2</title></head><body>c<p>d</body></html>e",
            '<html><head><title>1</title><title>2</title></head><body class="c"><p>a</p>bc<p>d</p>e</body>'
            "</html>",
        ),
        ("<html><body>a</html>b</html>c<html><body>d", "<html><body>abcd</body></html>"),
        (
            "<html><head><title>t</title></head><script>s</script><body>a</body></html>",
            "<html><head><title>t</title><script>s</script></head><body>a</body></html>",
        ),
        (
            "<html><frameset><frame><noframes>a</noframes></frameset></html>",
            "<html><body><frameset><frame/><noframes>a</noframes></frameset></body></html>",
        ),
        ("< ! DOCTYPE html PUBLIC '-//W3C//DTD XHTML'><p>x</p>", "<html><body><p>x</p></body></html>"),
        ("<p {x}=1 {{y}} a=2>b</p></html>c", '<html><body><p {x}="1" {{y}}="" a="2">b</p>c</body></html>'),
    ],
)
def test_one_head_one_body(html: str, tree: str) -> None:
    loaded = load_page(html, LIMITS)
    assert etree.tostring(loaded.tree, encoding="unicode") == tree
    assert all(isinstance(element, lxml_html.HtmlElement) for element in loaded.tree.iter())
    assert loaded.tree.getnext() is None
    assert loaded.encoding is None


PAGES = [
    page("<p>one</p> two <b>three</b><ul><li>a<li>b</ul><table><tr><td>x<td>y</table>", "<title>t</title>"),
    "<!-- c --><html>\n<head>\n<meta charset=utf-8></head>\n<body>\n<p>a<!-- b -->c</p>\n</body>\n</html>\n",
    '<?xml version="1.0" encoding="iso-8859-1"?><html xmlns="http://www.w3.org/1999/xhtml"><head></head>'
    "<body><p>é</p></body></html>",
    '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0" "http://www.w3.org/TR/xhtml1.dtd">\n<html><body><p>a</p></html>',
    '<!DOCTYPE html>\n<html lang="de" />\n<head><title>t</title></head><body><p>x</p></body></html>',
    page("<script>if (a<b) {}</script><p>&amp;&eacute;&#8217;&nbsp;</p><pre>a\n b</pre><br/>" * 20),
    "<html><head></head>\n<script>x</script>\n<body>\na</body>\n<script>y</script></html>",
]


@pytest.mark.parametrize("html", PAGES)
def test_same_order_as_trafilatura(html: str) -> None:
    tree, expected = load_page(html, LIMITS).tree, load_html(html)
    assert expected is not None
    tree.text = expected.text = None  # white space only
    assert nodes_of(tree) == nodes_of(expected)


def test_text_node_of_12_mb() -> None:
    loaded = load_page(f"<html><body><p>{'word ' * 2_400_000}</p><p>END</p></body></html>", LIMITS)
    assert len(words_of(loaded.tree)) == 2_400_001
    assert loaded.tree[-1][-1].text == "END"


def test_attribute_of_11_mb() -> None:
    loaded = load_page(f"<p title='{'x' * 11_000_000}'>a</p><p>END</p>", LIMITS)
    assert text_of(loaded) == "aEND"


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>a\0b\x01c\x1fd</p>", "abcd"),
        ("<p>a\x0cb\x0bc</p>", "a b c"),
        ("<p\x0cclass=x>a</p>", "a"),
        ("<p>a\ufffeb\uffffc</p><p>d", "abcd"),
        ("<p>a\ud800b</p><p>d", "a\ufffdbd"),
        ("<p>\ud83d\ude00</p>", "😀"),
        ("<p>a&#0;b&#xD800;c</p>d", "a\ufffdb\ufffdcd"),
        ("<p>a&#1;b&#x1F;c&#x00b;d&#65535;e&#xFFFE;f&#31g</p><p>h", "abcdefgh"),
        ("<p>&#&#1;1;</p>", "&#1;"),
        ("<p>&#\x001;</p>x", "x"),
        ("<p>&#150;&#x85;&#233;&#9;|</p>", "–…é\t|"),
        ("\ufeff<p>x</p>", "x"),
        ("ï»¿<p>x</p>", "x"),
        ('\ufeff<?xml version="1.0" encoding="utf-16"?><html><body>é</body></html>', "é"),
        ("<p title='a&#1;b'>x</p>", "x"),
    ],
)
def test_forbidden_characters(html: str, text: str) -> None:
    loaded = load_page(html, LIMITS)
    assert text_of(loaded) == text
    for element in loaded.tree.iter():
        element.text, element.tail = element.text, element.tail  # lxml checks what is set
        for name, value in element.items():
            element.set(name, value)
