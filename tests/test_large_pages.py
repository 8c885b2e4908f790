"""Pages of very many or very large parts: cost that grows with their size, and nothing lost."""

import time
from collections.abc import Callable

import pytest
from lxml import html as lxml_html

import noisefilter
from noisefilter import Article, Cleaner, Flag, Limits, TooDeep, TooLarge
from noisefilter.blocks.parts import PART_BLOCKS
from noisefilter.policy import LONG_BLOCKS

FIRST, MIDDLE, LAST = (
    f"{what} entry of the log was written by the harbour master himself, with the height of the tide."
    for what in ("The first", "An entry in the middle", "The last")
)
QUADRATIC = 10
"""Times the cost of a page that is 16 times as large, were it quadratic, per unit of size; linear is 1."""


def entries(n: int, tag: str = "p", close: bool = True) -> str:
    """Paragraphs of which no two are the same, with three known ones among them."""
    texts = [f"Entry {i} says that the tide was {i % 7}.{i % 10} metres high at the pier." for i in range(n)]
    texts[0], texts[n // 2], texts[-1] = FIRST, MIDDLE, LAST
    return "".join(f"<{tag}>{text}" + f"</{tag}>" * close for text in texts)


def page(body: str) -> str:
    return f"<html><head><title>Log</title></head><body><article>{body}</article></body></html>"


def around(body: str) -> str:
    return page(f"<p>{FIRST}</p>{body}<p>{LAST}</p>")


SHAPES: dict[str, Callable[[int], str]] = {
    "paragraphs": lambda n: page(entries(n)),
    "unclosed paragraphs": lambda n: page(entries(n, close=False)),
    "line breaks": lambda n: page(f"<p>{entries(n, 'br', close=False)}</p>"),
    "links": lambda n: around("".join(f'<a href="/{i}">link {i}</a> ' for i in range(n))),
    "spans": lambda n: around("<p>" + "".join(f"<span>word{i}</span> " for i in range(n)) + "</p>"),
    "unknown inline": lambda n: around("".join(f"<abbr class=share>w{i}</abbr> t{i} " for i in range(n))),
    "nested inline": lambda n: around(("<small>w " * 240 + "</small>" * 240) * (n // 240)),
    "unclosed inline": lambda n: around(("<div>" + "<font>w " * 200 + "</div>") * (n // 200)),
    "nested tables": lambda n: around("<table>" * n + "</table>" * n),
    "tables in tables": lambda n: around(
        ("<table><tr><td>w" * 60 + "</td></tr></table>" * 60) * (n // 60)
    ),
    "wide cells": lambda n: around(
        "<table>" + "<tr><td colspan=100 rowspan=100>w</td><td>v</td></tr>" * (n // 2) + "</table>"
    ),
    "cells in a row": lambda n: around("<table><tr>" + "<td colspan=100>w</td>" * n + "</tr></table>"),
    "list items": lambda n: page(f"<ul>{entries(n, 'li')}</ul>"),
    "nested lists": lambda n: around(("<ul><li>w" * 60 + "</li></ul>" * 60) * (n // 60)),
    "quotations": lambda n: page(entries(n, "q")),
    "deletions": lambda n: page(entries(n, "del")),
    "headings": lambda n: page(entries(n, "h2")),
    "preformatted": lambda n: page(entries(n, "pre")),
    "pictures": lambda n: around("<img src=a.png>" * n),
    "hidden": lambda n: around("".join(f'<i style="display:none">w{i}</i> t{i} ' for i in range(n))),
    "stripped around": lambda n: around("<font>" + "</b>w <div></div>" * n),
    "stripped within paragraphs": lambda n: around(
        "<p><u>" + "<noframes><hi><caption>w</caption></hi></noframes>" * n
    ),
    "trailing headings": lambda n: page(f"{entries(3)}<span><article>{'<h3>By Ada Moor</h3>' * n}"),
    "taken out in what is taken out": lambda n: around(
        "<fieldset><template>" + "<img><cell></cell><fieldset></fieldset>" * n + "</template></fieldset>"
    ),
    "siblings far apart": lambda n: around("".join(f"<div><b>w{i}</b> t{i}</div>" for i in range(n))),
}  # fmt: skip


def cost(run: Callable[[], object]) -> float:
    start = time.process_time()
    run()
    return time.process_time() - start


@pytest.mark.parametrize("shape", SHAPES)
def test_cost_grows_with_size(shape: str) -> None:
    small, large = SHAPES[shape](500).encode(), SHAPES[shape](8000).encode()
    clean = Cleaner(limits=Limits(depth_elements=10_000)).clean
    clean(small)
    once = min(cost(lambda: clean(small)) for _ in range(3))
    article = clean(large)
    many = min(cost(lambda: clean(large)) for _ in range(2))
    growth = many / max(once, 0.004) / 16
    assert growth < QUADRATIC / 3
    assert FIRST in article.text and LAST in article.text
    if MIDDLE.encode() in large:
        assert MIDDLE in article.text


def test_a_page_of_many_parts_is_whole() -> None:
    article = noisefilter.clean(page(entries(2 * PART_BLOCKS + 500)))
    assert len(article.blocks) == sum(block.kept for block in article.blocks) == 2 * PART_BLOCKS + 500
    assert article.text.startswith(FIRST) and article.text.endswith(LAST)
    assert Flag.LONG in article.flags and article.quality > 0.9
    for block in (article.blocks[0], article.blocks[PART_BLOCKS + 7], article.blocks[-1]):
        total = sum(evidence.weight for evidence in article.explain(block))
        assert 1 / (1 + 2.718281828**-total) == pytest.approx(block.noise, abs=1e-3)


def test_a_text_of_many_parts_is_whole() -> None:
    lines = [f"Entry {i} says that the tide was {i % 7} metres high." for i in range(PART_BLOCKS + 1000)]
    article = noisefilter.clean_text("\n".join(lines))
    assert article.text == "\n".join(lines)
    assert Flag.LONG in article.flags


def test_parts_do_not_change_what_a_page_near_them_is(monkeypatch: pytest.MonkeyPatch) -> None:
    source = page(entries(1500) + "<p>Share this article</p>" + entries(1500))
    whole = noisefilter.clean(source)
    monkeypatch.setattr("noisefilter.blocks.parts.PART_BLOCKS", 700)
    parted = noisefilter.clean(source)
    assert len(parted.blocks) == len(whole.blocks) == 3001
    assert max(abs(a.noise - b.noise) for a, b in zip(whole.blocks, parted.blocks, strict=True)) < 0.35
    assert [b.kept for b in parted.blocks] == [b.kept for b in whole.blocks]


@pytest.mark.parametrize("clean", [noisefilter.clean, noisefilter.clean_text])
def test_of_a_long_one_only_sure_noise_goes(clean: Callable[[str], Article]) -> None:
    lines = [f"Line {i}" for i in range(LONG_BLOCKS)]
    source = (
        page("".join(f"<p>{line}</p>" for line in lines)) if clean is noisefilter.clean else "\n".join(lines)
    )
    article = clean(source)
    assert Flag.LONG in article.flags
    assert all(block.noise >= 0.95 for block in article.blocks if not block.kept)


def test_a_wide_table_is_rows_of_data() -> None:
    rows = "".join(
        "<tr>" + "".join(f"<td>{row * column}</td>" for column in range(300)) + "</tr>" for row in range(300)
    )
    article = noisefilter.clean(around(f"<table>{rows}</table>"))
    cells = [block for block in article.blocks if block.kind == "table_row"]
    assert len(cells) == 300
    assert cells[7].text.startswith("0 | 7 | 14 | 21")
    assert FIRST in article.text and LAST in article.text


def test_a_block_of_megabytes() -> None:
    text = " ".join(f"The {i}th entry says that the tide was high at the pier." for i in range(60_000))
    article = noisefilter.clean(page(f"<p>{FIRST}</p><p>{text}</p><p>{LAST}</p>"))
    assert text in article.text and FIRST in article.text and LAST in article.text
    assert article.explain(article.blocks[1])
    words = article.signals.words
    assert words == pytest.approx(len(text.split()) + 2 * len(FIRST.split()), rel=0.02)


def test_deep_nesting() -> None:
    article = noisefilter.clean(around("<div>" * 2000 + f"<p>{MIDDLE}</p>" + "</div>" * 2000))
    assert all(text in article.text for text in (FIRST, MIDDLE, LAST))
    assert Flag.DEEP in article.flags
    with pytest.raises(TooDeep, match="depth_elements"):
        noisefilter.clean(around("<div>" * 20_000))
    allowing = Cleaner(limits=Limits(depth_elements=30_000))
    assert MIDDLE in allowing.clean(around("<div>" * 20_000 + f"<p>{MIDDLE}</p>")).text


def test_a_cell_that_spans_more_than_there_is() -> None:
    table = "<table><tr><td colspan=9007199254740991 rowspan=9007199254740991>Tide<td>3 m</table>"
    article = noisefilter.clean(around(table))
    assert FIRST in article.text and LAST in article.text
    assert article.html() and article.markdown()


@pytest.mark.parametrize("attribute", ["class", "id", "style", "title", "src", "onclick", "data-x"])
def test_an_attribute_of_megabytes(attribute: str) -> None:
    value = "share it; " * 400_000
    assert cost(lambda: noisefilter.clean(around(f"<p {attribute}='{value}'>{MIDDLE}</p>"))) < 20
    article = noisefilter.clean(around(f"<p {attribute}='{value}'>{MIDDLE}</p>"))
    assert FIRST in article.text and LAST in article.text


LIMITED = {
    "blocks": (Limits(blocks=100), page(entries(101)), 101),
    "block_chars": (Limits(block_chars=1000), page(f"<p>{'a ' * 501}</p>"), 1001),
    "nodes": (Limits(nodes=50), page("<i>a</i>" * 60), 130),
    "attributes": (Limits(attributes=10), page("<p " + " ".join(f"a{i}" for i in range(11)) + ">a</p>"), 11),
    "attribute_chars": (Limits(attribute_chars=500), page(f"<p title='{'a' * 501}'>a</p>"), 501),
    "depth_elements": (Limits(depth_elements=20), page("<div>" * 30), 21),
    "input_bytes": (Limits(input_bytes=30), page("a" * 30), len(page("a" * 30))),
}  # fmt: skip


@pytest.mark.parametrize("limit", LIMITED)
@pytest.mark.parametrize("form", ["str", "bytes", "tree"])
def test_errors_of_limits_name_them(limit: str, form: str) -> None:
    limits, source, found = LIMITED[limit]
    given = source if form == "str" else source.encode() if form == "bytes" else lxml_html.fromstring(source)
    if form == "tree" and limit == "input_bytes":
        return  # it has none
    with pytest.raises(noisefilter.LimitExceeded) as caught:
        Cleaner(limits=limits).clean(given)
    error = caught.value
    assert error.limit == limit
    assert error.allowed == getattr(limits, limit)
    assert error.found == found or (form == "tree" and error.found > error.allowed)
    assert f"{limit}=" in str(error)
    more = {limit: max(error.found, 2 * found)}
    Cleaner(limits=Limits(**more)).clean(given)


def test_limits_of_texts() -> None:
    with pytest.raises(TooLarge, match=r"Limits\(blocks=3\)"):
        Cleaner(limits=Limits(blocks=2)).clean_text("One.\nTwo.\nThree.")
    with pytest.raises(TooLarge, match="block_chars"):
        Cleaner(limits=Limits(block_chars=5)).clean_text("One.\nTwo and more.")


def test_sizes_of_trees_and_titles() -> None:
    tree = lxml_html.fromstring("<div><p>Ferries leave at noon.</p></div>")
    with pytest.raises(TooLarge, match=r"this tree has \d+ bytes.*decompressed_bytes"):
        Cleaner(limits=Limits(decompressed_bytes=20)).clean(tree)
    with pytest.raises(TooLarge, match=r"characters of a title.*input_bytes"):
        Cleaner(limits=Limits(input_bytes=50)).clean_text("Ferries leave at noon.", title="a" * 51)
    article = noisefilter.clean_text("Ferries leave at noon.", title="long " * 100_000)
    assert article.title == "long " * 100_000 and article.text


BOMB = " ".join(f"a{i}" for i in range(15_000))


@pytest.mark.parametrize(
    "source",
    [
        f"<p {BOMB}>a</p>",
        f"<script>if (a<b) c='</script><p {BOMB}>a</p>",
        f"<!-- <p a=' --><p {BOMB}>a</p>",
        f"<!--><p {BOMB}>a</p>-->",
        f"<!---><p {BOMB}>a</p>-->",
        f"<!-- a --!><p {BOMB}>a</p>-->",
        f"</b c='><title>'><p {BOMB}>a</p>",
        f"<iframe/><p {BOMB}>a</p>",
        f"<title></title-><p></title ><p {BOMB}>a</p>",
        f"<script><!--<script></script><title></script><p {BOMB}>a</p>",
        f"<script><!--<script></script><title>--></script><p {BOMB}>a</p>",
        f"<title><p a='</title><p {BOMB}>a</p>",
        "<p " + "".join(f"a{i}='>'" for i in range(15_000)) + ">a</p>",
        f'<p x=y" {BOMB}>a</p>',
        f"<p/{BOMB.replace(' ', '/')}>a</p>",
        f"<P\n{BOMB.replace(' ', chr(10))}>a</P>",
    ],
)
def test_very_many_attributes_are_refused_before_libxml2_compares_them(source: str) -> None:
    def refused() -> None:
        with pytest.raises(TooLarge, match="more than 1,000 attributes"):
            noisefilter.clean(f"<html><body>{source}</body></html>")

    assert cost(refused) < cost(lambda: lxml_html.fromstring(f"<div>{source}</div>")) / 5


@pytest.mark.parametrize(
    "source",
    [
        "<p title='" + " ".join(f"a{i}" for i in range(5000)) + "'>a</p>",
        "<script>for (i=0;i<n;i++) { " + "a b c " * 5000 + "}</script><p>a</p>",
        "<!-- <p " + "a b c " * 5000 + " --><p>a</p>",
        "<p>a < b " + "a b c " * 5000 + "</p>",
        "<style>a>b{c:d}" + " e f " * 5000 + "</style><p>a</p>",
        '<p>One <a href="/x" ="_blank">link</a> and ' + "a b c " * 5000 + "</p>",
        "<style = type=text/css>" + "a b c " * 5000 + "</style><p>a</p>",
        "<p>" + "</ a b c>< d e f" * 5000 + "</p>",
        "<!doctype html " + "a b " * 5000 + "><p>a</p>",
        "<![CDATA[" + "<p a='" * 5000 + "]]><p>a</p>",
        "<p>a</p><plaintext><p " + "a b c " * 5000,
        "</p " + "a b c " * 5000 + "><p>a</p>",
        "<script><!-- <script> </script> <p " + "a b c " * 5000 + "></script><p>a</p>",
    ],
)
def test_what_looks_like_many_attributes_is_none(source: str) -> None:
    noisefilter.clean(f"<html><body>{source}</body></html>")
