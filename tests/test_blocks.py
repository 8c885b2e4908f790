"""How pages and texts are cut into blocks."""

import copy
from collections.abc import Sequence
from typing import NamedTuple

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from lxml import etree, html
from lxml.html import HtmlElement

import noisefilter
from noisefilter import Kind, Limits
from noisefilter.blocks import Blocks
from noisefilter.blocks.page import SKIPPED, cut_page
from noisefilter.blocks.text import cut_text, is_hard_wrapped
from noisefilter.intake import load_page


def cut(body: str) -> Blocks:
    page = f"<!DOCTYPE html><html><head><title>Head</title></head><body>{body}</body></html>"
    return cut_page(load_page(page, Limits()).tree)[0]


def laid_out(blocks: Blocks) -> list[tuple[str, str, int]]:
    return list(zip(map(str, blocks.kind), blocks.text, blocks.level, strict=True))


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("<p>One</p><p>Two</p>", ["One", "Two"]),
        ("<p> One \n\t two&nbsp;three </p>", ["One two three"]),
        ("<div>One<p>two</p>three</div>", ["One", "two", "three"]),
        ("Bare<div>One</div>text", ["Bare", "One", "text"]),
        ("<p>One<br>two<br/><br>three</p>", ["One", "two", "three"]),
        ("<p><b>One<br>two</b> three</p>", ["One", "two three"]),
        ("<p></p><p> &nbsp; </p><div><br></div>", []),
        ("<custom-card>One</custom-card><p>Two</p>", ["One", "Two"]),
        ("<p>One<hr>Two", ["One", "Two"]),
        ("<dl><dt>Term<dd>Meaning</dl>", ["Term", "Meaning"]),
        ("<details><summary>More</summary>Rest</details>", ["More", "Rest"]),
        ("<figure><img src=a><figcaption>Mill</figcaption></figure>", ["Mill"]),
        ("<p>One</p></body></html><p>Behind the end", ["One", "Behind the end"]),
    ],
)
def test_runs_of_text_between_blocks_and_breaks(body: str, expected: list[str]) -> None:
    assert cut(body).text == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("<p>One <b>two</b> three</p>", "One two three"),
        ("<p>un<b>believ</b>able</p>", "unbelievable"),
        ("<p>One<b> two </b>three</p>", "One two three"),
        ("<p>One <a href=x>two</a>, three</p>", "One two, three"),
        ("<p>H<sub>2</sub>O and E=mc<sup>2</sup></p>", "H2O and E=mc2"),
        ("<p>super<wbr>long</p>", "superlong"),
        ("<p><span>One</span><span>two</span></p>", "Onetwo"),
        ("<p><span>One</span>\n<span>two</span></p>", "One two"),
        ("<p>See <img src=x alt=y> here</p>", "See here"),
        ("<p>One<!-- not seen -->two</p>", "Onetwo"),
        ("<p>One <!-- not seen --> two</p>", "One two"),
        ("<p>One<script>x()</script> two</p>", "One two"),
        ("<p>&lt;b&gt; &amp;amp; &#8220;quoted&#8221;</p>", "<b> &amp; “quoted”"),
        ("<p>Zero\u200bwidth and soft\u00adhyphen</p>", "Zero\u200bwidth and soft\u00adhyphen"),
    ],
)
def test_inline_markup_leaves_spaces_as_shown(body: str, expected: str) -> None:
    assert cut(body).text == [expected]


@pytest.mark.parametrize("tag", sorted(SKIPPED - {"head", "input", "embed"}))
def test_what_no_reader_sees_is_left_out(tag: str) -> None:
    assert cut(f"<p>Before</p><{tag}>not seen</{tag}><p>Behind</p>").text[-1:] == ["Behind"]
    assert "not seen" not in " ".join(cut(f"<p>Before</p><{tag}>not seen</{tag}><p>Behind</p>").text)


def test_text_behind_what_is_skipped_stays() -> None:
    assert cut("<div>One<script>x</script>two<button>b</button>three</div>").text == ["Onetwothree"]


def test_comments_of_a_tree_are_left_out_and_text_behind_them_stays() -> None:
    tree = html.document_fromstring("<p>One <!-- c -->two <?pi x?>three</p><!-- d -->four")
    assert "".join(cut_page(load_page(tree, Limits()).tree)[0].text).replace(" ", "") == "Onetwothreefour"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("<p>One</p>", ("paragraph", "One", 0)),
        ("<div>One</div>", ("paragraph", "One", 0)),
        ("<h1>One</h1>", ("heading", "One", 1)),
        ("<h6><a href=x>One</a></h6>", ("heading", "One", 6)),
        ("<h2><span>One</span></h2>", ("heading", "One", 2)),
        ("<ul><li>One</ul>", ("list_item", "One", 1)),
        ("<ol><li><p>One</p></ol>", ("list_item", "One", 1)),
        ("<dl><dd>One</dl>", ("list_item", "One", 1)),
        ("<blockquote>One</blockquote>", ("quote", "One", 0)),
        ("<blockquote><p>One</p></blockquote>", ("quote", "One", 0)),
        ("<pre>One</pre>", ("code", "One", 0)),
        ("<pre><code>One</code></pre>", ("code", "One", 0)),
        ("<p><code>One</code></p>", ("paragraph", "One", 0)),
        ("<table><tr><td>One<td>two</table>", ("table_row", "One | two", 0)),
        ("<figcaption>One</figcaption>", ("other", "One", 0)),
        ("<blockquote><ul><li>One</ul></blockquote>", ("list_item", "One", 1)),
        ("<ul><li><h3>One</h3></ul>", ("heading", "One", 3)),
    ],
)
def test_kinds_and_levels(body: str, expected: tuple[str, str, int]) -> None:
    assert laid_out(cut(body)) == [expected]


def test_nested_lists_have_depth_and_order() -> None:
    body = "<ul><li>One<ol><li>one a<ul><li>deep</ul><li>one b</ol>rest of one<li>Two</ul><p>End</p>"
    assert laid_out(cut(body)) == [
        ("list_item", "One", 1),
        ("list_item", "one a", 2),
        ("list_item", "deep", 3),
        ("list_item", "one b", 2),
        ("list_item", "rest of one", 1),
        ("list_item", "Two", 1),
        ("paragraph", "End", 0),
    ]


def rows(*rows: Sequence[str], tag: str = "td") -> str:
    return "".join(f"<tr>{''.join(f'<{tag}>{cell}</{tag}>' for cell in row)}</tr>" for row in rows)


DATA_TABLES = [
    (rows(["Name", "Age"], tag="th") + rows(["Ada", "36"]), ["Name | Age", "Ada | 36"]),
    (f"<tbody>{rows(['Ada', '36'])}</tbody>", ["Ada | 36"]),
    (rows(["", "36"], ["Ada", ""]), [" | 36", "Ada"]),
    (rows(["<p>Ada</p>", "36"]), ["Ada | 36"]),
    (rows(["Ada<br>Lovelace", "36"]), ["Ada Lovelace | 36"]),
    (rows(["<a href=x>Ada</a>", " 3 6 "]), ["Ada | 3 6"]),
    (
        rows(["Ada", "36"]) + "<tr><td>note</td></tr>" + rows(["Bo", "7", "x"]),
        ["Ada | 36", "note", "Bo | 7 | x"],
    ),
    (f"<caption>Ages</caption>{rows(['Ada', '36'])}", ["Ages", "Ada | 36"]),
    (f"<thead>{rows(['A', 'B'])}</thead><tbody>{rows(['1', '2'])}</tbody>", ["A | B", "1 | 2"]),
]


@pytest.mark.parametrize(("table", "expected"), DATA_TABLES)
def test_rows_of_data_tables_are_blocks(table: str, expected: list[str]) -> None:
    assert cut(f"<p>Before<table>{table}</table>behind").text == ["Before", *expected, "behind"]


LAYOUT_TABLES = {
    "one column": (rows(["One"], ["two"]), ["One", "two"]),
    "heading in a cell": (rows(["<h2>One</h2>text", "two"]), ["One", "text", "two"]),
    "list in a cell": (rows(["<ul><li>One</ul>", "two"]), ["One", "two"]),
    "code in a cell": (rows(["<pre>One</pre>", "two"]), ["One", "two"]),
    "many paragraphs": (rows(["<p>One</p><p>two</p><p>three</p>", "four"]), ["One", "two", "three", "four"]),
    "long cells": (rows(["word " * 200, "two"]), [("word " * 200).strip(), "two"]),
    "table in a cell": (rows([f"<table>{rows(['a', 'b'])}</table>", "two"]), ["a | b", "two"]),
}


@pytest.mark.parametrize(("table", "expected"), LAYOUT_TABLES.values(), ids=LAYOUT_TABLES)
def test_cells_of_layout_tables_are_blocks(table: str, expected: list[str]) -> None:
    assert cut(f"<table>{table}</table>").text == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("<pre>def f():\n    return 1\n</pre>", "def f():\n    return 1"),
        ("<pre>\n\n  indented\n\n\n  again\n\n</pre>", "  indented\n\n\n  again"),
        ("<pre>one<br>  two<br/>three</pre>", "one\n  two\nthree"),
        ("<pre>one\ttwo\n\tthree</pre>", "one\ttwo\n\tthree"),
        ("<pre>one  \r\ntwo\t\n</pre>", "one\ntwo"),
        ("<pre><span>if</span> <b>x</b>:\n  <i>y</i></pre>", "if x:\n  y"),
        ("<pre><div>one</div><div>two</div></pre>", "one\ntwo"),
        ("<pre>a | b\n--|--\n</pre>", "a | b\n--|--"),
    ],
)
def test_preformatted_text_is_one_block_with_its_white_space(body: str, expected: str) -> None:
    assert cut(f"<p>Before{body}behind").text == ["Before", expected, "behind"]


def test_empty_preformatted_text_is_no_block() -> None:
    assert cut("<pre> \n\n </pre><p>One</p>").text == ["One"]


def hrefs(body: str) -> list[tuple[str, tuple[str, ...]]]:
    blocks = cut(body)
    assert blocks.markup is not None
    return list(zip(blocks.text, blocks.markup.hrefs, strict=True))


def test_links_belong_to_the_blocks_in_and_around_which_they_stand() -> None:
    body = "<p>See <a href=a>one</a> and <a href=b>two</a></p>\n<a href=c><h3>Card</h3>\n<p>text</p></a>\n"
    body += "<p>End</p>"
    assert hrefs(body) == [("See one and two", ("a", "b")), ("Card", ("c",)), ("text", ("c",)), ("End", ())]


@pytest.mark.parametrize(
    "body",
    [
        "<a href=c><div>Card</div></a><p>End</p>",
        "<p><a href=c><img src=i></a></p><p>End</p>",
        "<ul><li><a href=c></a></li><li>End</li></ul>",
    ],
)
def test_links_do_not_pass_to_the_next_block(body: str) -> None:
    assert hrefs(body)[-1] == ("End", ())


def test_attributes_do_not_pass_to_the_next_block() -> None:
    blocks = cut("<p><span class=icon></span></p><p>End</p>")
    assert blocks.markup is not None
    assert blocks.markup.inline == [()]


@pytest.mark.parametrize(
    ("body", "linked"),
    [
        ("<p><a href=x>all</a></p>", 3),
        ("<p>not <a href=x>four</a></p>", 4),
        ("<a href=x><div>one</div><div>three</div></a>", 3),
        ("<p>none</p>", 0),
        ("<p><a href=x> </a>none</p>", 0),
    ],
)
def test_linked_characters_are_counted(body: str, linked: int) -> None:
    markup = cut(body).markup
    assert markup is not None
    assert markup.linked[0] == linked


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("<p>One</p>", [False]),
        ("<p hidden>One</p><p>Two</p>", [True, False]),
        ("<div style='display: none'><p>One</p></div><p>Two</p>", [True, False]),
        ("<p style='color:red;VISIBILITY:hidden'>One</p>", [True]),
        ("<p aria-hidden=true>One</p><p aria-hidden=false>Two</p>", [True, False]),
        ("<span hidden><div>One</div></span><p>Two</p>", [True, False]),
        ("<div style='display:none'>One<div>Two</div>Three</div>Four", [True, True, True, False]),
    ],
)
def test_hidden_blocks_are_marked(body: str, expected: list[bool]) -> None:
    assert cut(body).hidden == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("<p><span style='display:none'>One</span></p><p>Two</p>", [True, False]),
        ("<p><span hidden><b>One</b></span></p><p><b>Two</b></p>", [True, False]),
        ("<p>Seen<span hidden><br>not seen</span></p>", [False, True]),
    ],
)
def test_blocks_of_hidden_inline_elements_are_marked(body: str, expected: list[bool]) -> None:
    assert cut(body).hidden == expected


def test_a_body_that_scripts_show_is_not_hidden() -> None:
    page = "<html><body style='visibility:hidden'><p>One</p></body></html>"
    assert cut_page(load_page(page, Limits()).tree)[0].hidden == [False]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("<p>\U000f0001One\U0010fffd</p>", ["One"]),
        ("<p>\U000f1234</p><p>One</p>", ["One"]),
        ("<p>O\U000f1234\U000f1235ne</p>", ["One"]),
        ("<pre>\U000f1234x\n  y</pre>", ["x\n  y"]),
    ],
)
def test_characters_of_the_private_planes_are_dropped(body: str, expected: list[str]) -> None:
    assert cut(body).text == expected


@pytest.mark.parametrize("depth", [100, 300, 4000])
def test_deep_nesting(depth: int) -> None:
    assert cut("<div>" * depth + "One<p>two" + "</div>" * depth + "three").text == ["One", "two", "three"]


def test_deep_inline_nesting() -> None:
    assert "".join(cut("<p>One" + "<b>" * 1000 + "two" + "</b>" * 1000 + "three</p>").text) == "Onetwothree"


def test_cutting_leaves_the_tree_as_it_is() -> None:
    tree = load_page("<p>One <b>two</b><!-- c --><br>three<pre> x </pre>", Limits()).tree
    before = copy.deepcopy(tree)
    cut_page(tree)
    assert etree.tostring(tree) == etree.tostring(before)


def test_one_node_stands_for_each_block() -> None:
    tree = load_page("<p>a <b>longest part</b> c<br>d<b>e</b> the tail</p>", Limits()).tree
    blocks, nodes = cut_page(tree)
    shown = [element.tail if tail else element.text for element, tail in nodes]
    assert list(zip(blocks.text, shown, strict=True)) == [
        ("a longest part c", "longest part"),
        ("de the tail", " the tail"),
    ]


# Any nesting: the visible characters of the page, each once and in order.


class Node(NamedTuple):
    """An element to build."""

    tag: str
    text: str
    children: tuple["Node", ...]
    tail: str


TAGS = [
    "p", "div", "h2", "ul", "li", "blockquote", "pre", "table", "tr", "td", "a", "b", "span", "br", "section",
    "script", "template", "button", "style", "details",
]  # fmt: skip
TEXTS = st.text(alphabet="ab é漢\n\t\u00a0.", max_size=6)
TREES = st.recursive(
    st.builds(Node, st.sampled_from(TAGS), TEXTS, st.just(()), TEXTS),
    lambda nodes: st.builds(
        Node, st.sampled_from(TAGS), TEXTS, st.lists(nodes, max_size=4).map(tuple), TEXTS
    ),
    max_leaves=20,
)


def built(node: Node) -> HtmlElement:
    element: HtmlElement = html.HTMLParser().makeelement(node.tag)
    element.text = node.text
    for child in node.children:
        element.append(built(child))
    element.tail = node.tail
    return element


def visible(node: Node) -> str:
    inside = "" if node.tag in SKIPPED else node.text + "".join(map(visible, node.children))
    return inside + node.tail


def squeezed(text: str) -> str:
    return "".join(text.split())


@settings(max_examples=300, deadline=None)
@given(st.lists(TREES, max_size=5))
@example([Node("table", "", (Node("tr", "a", (Node("td", "b", (), "a"),) * 2, "b"),), "a")])
@example([Node("pre", "a", (Node("table", "", (Node("tr", "a", (), "b"),), "a"),), "b")])
@example([Node("pre", "", (Node("br", "a", (Node("p", "b", (), "a"),), "a"),), "")])
def test_any_nesting_keeps_the_visible_characters_in_order(nodes: list[Node]) -> None:
    body = Node("body", "", tuple(nodes), "")
    blocks, marks = cut_page(built(body))
    assert "".join(squeezed(text.replace(" | ", "")) for text in blocks.text) == squeezed(visible(body))
    assert all(text and text.strip() for text in blocks.text)
    assert blocks.markup is not None
    lengths = {len(blocks.text), len(blocks.kind), len(blocks.level), len(blocks.hidden), len(marks)}
    lengths |= {len(getattr(blocks.markup, name)) for name in ("element", "hrefs", "inline", "linked")}
    assert len(lengths) == 1


# Plain text.

LINE = "The quick brown fox jumps over the lazy dog by the old harbour wall."
WRAPPED = f"{LINE}\n{LINE}\nand rests.\n\n{LINE}\n{LINE}\n{LINE}\n\nA last line.\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One", ["One"]),
        ("One\nTwo", ["One", "Two"]),
        ("One\n\n\nTwo\n", ["One", "Two"]),
        ("One\r\nTwo\r\n\r\nThree", ["One", "Two", "Three"]),
        ("One\rTwo", ["One", "Two"]),
        ("  One  \n \t \n\u00a0Two\u3000", ["One", "Two"]),
        (f"{LINE}\n{LINE}", [LINE, LINE]),
        (f"{LINE}\n\n{LINE}\n\n{LINE}", [LINE, LINE, LINE]),
        ("Title\n\n" + "\n".join([LINE * 3] * 3), ["Title", *[LINE * 3] * 3]),
        ("- a\n- b\n- c\n\n- d\n- e", ["- a", "- b", "- c", "- d", "- e"]),
    ],
)
def test_lines_of_text_are_blocks(text: str, expected: list[str]) -> None:
    assert cut_text(text).text == expected


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_paragraphs_of_hard_wrapped_text_are_blocks(end: str) -> None:
    paragraphs = [f"{LINE}\n{LINE}\nand rests.", f"{LINE}\n{LINE}\n{LINE}", "A last line."]
    assert is_hard_wrapped(WRAPPED.replace("\n", end))
    assert cut_text(WRAPPED.replace("\n", end)).text == [text.replace("\n", end) for text in paragraphs]


def test_lines_with_blanks_part_paragraphs_too() -> None:
    text = f"{LINE}\n{LINE}\n  \t\n{LINE}\n{LINE}\n"
    assert cut_text(text).text == [f"{LINE}\n{LINE}", f"{LINE}\n{LINE}"]


@pytest.mark.parametrize("width", [40, 100])
def test_borders_of_hard_wrapped_widths(width: int) -> None:
    for chars, wrapped in ((width, True), (39, False), (101, False)):
        text = f"{'x' * chars}\n{'x' * chars}\n\nend\n"
        assert is_hard_wrapped(text) is wrapped


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="ab \n\r\t\u00a0\u3000\x0b\u2028漢🙂", max_size=60))
@example(WRAPPED)
@example(WRAPPED.replace("\n", "\r\n"))
@example("a\u2028b\n\x0b\nc")
def test_spans_of_text_hold_all_that_is_not_blank(text: str) -> None:
    blocks = cut_text(text)
    position = 0
    for (start, end), shown in zip(blocks.span, blocks.text, strict=True):
        assert text[start:end] == shown
        assert shown.strip() == shown != ""
        assert not text[position:start].strip()
        position = end
    assert not text[position:].strip()
    assert set(blocks.kind) <= {Kind.PARAGRAPH}


CODE = """The council publishes its tide tables as open data. This reads them:

import csv
def heights(path):
    with open(path) as lines:
        return [float(row["height"]) for row in csv.DictReader(lines)]

Run it each morning, says the harbour master, and you will never miss a tide again.
print(heights("tides.csv"))"""


def test_lines_of_code_are_one_block_and_stay() -> None:
    article = noisefilter.clean_text(CODE)
    assert article.text == CODE
    code = [block for block in article.blocks if block.kind == "code"]
    assert [CODE[block.start : block.end] for block in code] == [block.text for block in code]
    assert code[0].text.startswith("import csv") and code[0].text.endswith("DictReader(lines)]")
    assert code[1].text == 'print(heights("tides.csv"))'


@pytest.mark.parametrize(
    "text",
    [
        "By Ada Moor\nUpdated: 3 May 2024\nShare\nTags: tides; harbour; pier",
        "The tide is high.\nIt will be low at six.\nSo says the master.",
        "- 3 eggs\n- 200 g flour\n- 1 l milk",
        "Name | Height\nPier | 3.2 m\nMole | 3.4 m",
        "Return to the harbour\nImport duties rise\nClass of 1990 meets\nFor sale: a boat",
        "{{ ad }}\nThe tide is high at the pier this morning.",
        "Vue d\u2019ensemble :\nPrix : 3 \u20ac ;\nQualit\u00e9 : bonne.",
    ],
)
def test_other_lines_are_no_code(text: str) -> None:
    blocks = noisefilter.clean_text(text).blocks
    assert [block.text for block in blocks] == text.split("\n")
    assert all(block.kind == "paragraph" for block in blocks)
