"""Rendering: the same words in every format, and nothing of a block's text read as markup."""

import html
import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from markdown_it import MarkdownIt
from markdown_it.token import Token

from noisefilter.labels import Kind
from noisefilter.render import MAX_LIST_DEPTH, to_html, to_markdown, to_text


@dataclass(frozen=True)
class B:
    """A block as far as rendering sees it."""

    text: str
    kind: Kind = Kind.PARAGRAPH
    level: int = 0


def item(text: str, level: int = 1) -> B:
    return B(text, Kind.LIST_ITEM, level)


def row(text: str) -> B:
    return B(text, Kind.TABLE_ROW)


def code(text: str) -> B:
    return B(text, Kind.CODE)


def quote(text: str) -> B:
    return B(text, Kind.QUOTE)


def heading(text: str, level: int = 2) -> B:
    return B(text, Kind.HEADING, level)


PAGE = [
    heading("Repairing a kettle", 1),
    B("You need these:"),
    item("a screwdriver"),
    item("a fuse"),
    item("of 13 ampere", 2),
    item("patience"),
    B("Prices differ."),
    row("Part | Price"),
    row("Fuse | 2 | spare"),
    quote("It worked."),
    quote("It did not."),
    code("def f():\n    return 1"),
    code("f()"),
    B("The end.", Kind.OTHER),
]


def test_text_parts_runs_by_blank_lines() -> None:
    assert to_text(PAGE) == (
        "Repairing a kettle\n\nYou need these:\n\na screwdriver\na fuse\nof 13 ampere\npatience\n\n"
        "Prices differ.\n\nPart | Price\nFuse | 2 | spare\n\nIt worked.\n\nIt did not.\n\n"
        "def f():\n    return 1\nf()\n\nThe end."
    )


def test_markdown_of_every_kind() -> None:
    assert to_markdown(PAGE) == (
        "# Repairing a kettle\n\nYou need these:\n\n"
        "- a screwdriver\n- a fuse\n  - of 13 ampere\n- patience\n\n"
        "Prices differ.\n\n| Part | Price |  |\n| --- | --- | --- |\n| Fuse | 2 | spare |\n\n"
        "> It worked.\n>\n> It did not.\n\n```\ndef f():\n    return 1\nf()\n```\n\nThe end."
    )


def test_html_of_every_kind() -> None:
    assert to_html(PAGE) == (
        "<h1>Repairing a kettle</h1>\n<p>You need these:</p>\n"
        "<ul>\n<li>a screwdriver</li>\n<li>a fuse\n<ul>\n<li>of 13 ampere</li>\n</ul>\n</li>\n"
        "<li>patience</li>\n</ul>\n<p>Prices differ.</p>\n"
        "<table>\n<tr><td>Part</td><td>Price</td></tr>\n<tr><td>Fuse</td><td>2</td><td>spare</td></tr>\n</table>\n"
        "<blockquote>\n<p>It worked.</p>\n<p>It did not.</p>\n</blockquote>\n"
        "<pre><code>def f():\n    return 1\nf()</code></pre>\n<p>The end.</p>"
    )


@pytest.mark.parametrize("render", [to_text, to_markdown, to_html])
def test_nothing_to_show(render: Callable[[list[B]], str]) -> None:
    assert render([]) == ""
    assert render([B(""), B("   "), item("\n")]) == ""


def test_unusual_levels() -> None:
    assert to_markdown([heading("a", 0), heading("b", 9)]) == "# a\n\n###### b"
    # A list may begin deep, skip levels, and come back.
    levels = [3, 1, 4, 2, 2, 1, 0]
    assert to_markdown([item(str(n), n) for n in levels]).splitlines() == [
        "- 3", "- 1", "  - 4", "  - 2", "  - 2", "- 1", "- 0",
    ]  # fmt: skip
    deep = to_markdown([item("x", level) for level in range(1, 500)])
    assert max(len(line) for line in deep.splitlines()) == 2 * MAX_LIST_DEPTH + 1


def test_a_fence_is_longer_than_the_backticks_inside() -> None:
    assert to_markdown([code("a\n````\nb")]) == "`````\na\n````\nb\n`````"


def test_ordinary_text_is_not_cluttered_with_escapes() -> None:
    text = (
        "snake_case, 3 > 2 and 1 < 2, AT&T, -5 degrees, 1.5 km, #tag, a+b=c (see p. 3)! https://a.b/?c=d&e=f"
    )
    assert to_markdown([B(text)]) == text


def test_very_ragged_tables_stay_small_and_whole() -> None:
    rows = [row(" | ".join("x" * 2000)), *[row("y | y")] * 2000]
    assert len(to_markdown(rows)) < 50_000
    assert "".join(shown_markdown(to_markdown(rows))).count("y") == 4000


def test_script_stays_text() -> None:
    text = "<script>alert('1 & 2')</script>"
    assert to_html([B(text)]) == "<p>&lt;script&gt;alert('1 &amp; 2')&lt;/script&gt;</p>"
    assert "<script" not in MarkdownIt().render(to_markdown([B(text)]))


# Everything that Markdown, at the start of a line or inside it, would read as markup.
LOOKALIKES = [
    "# a", "## a ##", "a #", "#", "###", "a \\#", "1. a", "1) a", "123456789. a", "1234567890. a", "1.",
    "- a", "-", "---", "- - -", "--", "===", "=", "= a", "+ a", "+", "* a", "***", "* * *", "___", "_ _ _",
    "> a", ">", "    a", "\ta", "a\n===", "a\n---", "a\n- b", "a  \nb", "a\\\nb", "a\\", "\\", "\\*a\\*",
    "*a*", "**a**", "_a_", "__a__", "a_b_c", "_a", "a_", "__init__", "a__b", "`a`", "``", "```", "```py",
    "~~~", "~~a~~", "~", "[a](b)", "![a](b)", "!", "a!", "[a]: b", "[a][b]", "[ ] a", "[x] a", "[^1]: a",
    "<http://a.b>", "<a@b.cd>", "<b>a</b>", "<!-- a -->", "<?a?>", "<![CDATA[a]]>", "</p>", "<", "< a", "a<b",
    "&amp;", "&#35;", "&#x23;", "&copy", "&", "&&amp;", "a | b", "| a |", "|", "|---|", "a|b", "a\n-|-",
    "a | b\n--- | ---", ":--", ":-:|:-:", "\xa0# a", "\u3000- a", "\u2028# a", "http://a.b/c_d_e*f", "$a$",
    "^a^", "1986. A great season", "(c)", "'a'", "\"a\"", "a -- b", "\u200b# a", "é_a_é", "é*a*é", "\x85- a",
    "a\u2029b", "\x1c1. a",
]  # fmt: skip
MAKERS = [B, item, row, code, quote, heading]
PIECES = st.one_of(
    st.sampled_from(LOOKALIKES),
    st.sampled_from(list("\\`*_{}[]()<>#+-.!|~=&;:\"' \n\t1a\u00e9")),
    st.text(max_size=8),
)
TEXTS = st.lists(PIECES, max_size=8).map("".join)
BLOCKS = st.lists(
    st.one_of(
        st.builds(B, TEXTS, st.sampled_from(Kind), st.integers(0, 12)),
        st.builds(B, TEXTS, st.sampled_from([Kind.LIST_ITEM, Kind.TABLE_ROW]), st.integers(1, 3)),
    ),
    max_size=8,
)

COMMONMARK = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def shown_markdown(markdown: str) -> Iterable[str]:
    """The text that a reader of the rendered Markdown sees, block by block."""

    def plain(tokens: Iterable[Token]) -> Iterable[str]:
        for token in tokens:
            assert token.type in ("text", "text_special"), f"{token.type} from {markdown!r}"
            yield token.content

    for token in COMMONMARK.parse(markdown):
        assert token.type not in ("html_block", "hr", "code_block", "ordered_list_open"), markdown
        if token.type == "inline":
            yield "".join(plain(token.children or ()))
        elif token.type == "fence":
            yield token.content


def words(blocks: Iterable[B]) -> list[str]:
    """The words of blocks, without the characters that no format may hold and the borders of cells."""
    found = []
    for block in blocks:
        text = re.sub(r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ufdd0-\ufdef\ufffe\uffff]", "", block.text)
        text = re.sub(r"[\ud800-\udfff]", "\ufffd", text)
        found += [word for word in text.split() if not (block.kind == Kind.TABLE_ROW and word == "|")]
    return found


@pytest.mark.parametrize("make", MAKERS)
@pytest.mark.parametrize("text", LOOKALIKES)
def test_lookalikes_show_as_they_are(make: Callable[[str], B], text: str) -> None:
    blocks = [B("before"), make(text), make("between"), make(text), B("after")]
    assert " ".join(shown_markdown(to_markdown(blocks))).split() == words(blocks)


@given(BLOCKS)
def test_rendered_markdown_shows_the_words(blocks: list[B]) -> None:
    assert " ".join(shown_markdown(to_markdown(blocks))).split() == words(blocks)


@given(BLOCKS)
def test_markdown_keeps_the_layout(blocks: list[B]) -> None:
    shown = [block for block in blocks if words([block]) and block.kind != Kind.QUOTE]
    tokens = COMMONMARK.parse(to_markdown(shown))
    opened = Counter(token.type for token in tokens)
    kinds = Counter(block.kind for block in shown)
    assert opened["heading_open"] == kinds[Kind.HEADING]
    assert opened["list_item_open"] == kinds[Kind.LIST_ITEM]
    assert opened["tr_open"] == kinds[Kind.TABLE_ROW]


@given(BLOCKS)
def test_html_is_balanced_and_shows_the_words(blocks: list[B]) -> None:
    fragment = to_html(blocks)
    # Well-formed XML is balanced HTML here, as no void elements are used.
    root = etree.fromstring(f"<div>{fragment}</div>")
    spaced = re.sub(r"<[^>]*>", " ", fragment)
    assert html.unescape(spaced).split() == words(blocks)
    allowed = {"h1", "h2", "h3", "h4", "h5", "h6", "p", "ul", "li", "blockquote", "pre", "code"}
    allowed |= {"table", "tr", "td"}
    assert {element.tag for element in root.iterdescendants()} <= allowed
    assert all(element.tag == "li" for ul in root.iter("ul") for element in ul)
    assert {parent.tag for ul in root.iter("ul") if (parent := ul.getparent()) is not None} <= {"div", "li"}


@given(BLOCKS)
def test_html_holds_no_tags_but_its_own(blocks: list[B]) -> None:
    class Tags(HTMLParser):
        opened = 0

        def handle_starttag(self, tag: str, attrs: object) -> None:
            assert not attrs
            self.opened += 1

        def handle_comment(self, data: str) -> None:
            raise AssertionError(data)

    tags = Tags()
    tags.feed(to_html(blocks))
    tags.close()
    assert tags.opened == to_html(blocks).count("</")


@given(BLOCKS)
def test_text_holds_the_blocks_and_nothing_else(blocks: list[B]) -> None:
    shown = [block.text for block in blocks if block.text.strip()]
    text = to_text(blocks)
    assert text.split() == "\n".join(shown).split()
    position = 0
    for one in shown:
        position = text.index(one, position) + len(one)
    assert position == len(text)
