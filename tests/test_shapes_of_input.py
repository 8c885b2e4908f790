"""Pages and texts of unusual shape: what was found by trying, kept as behaviour."""

import pytest

import noisefilter
from noisefilter import Cleaner, Limits, TooLarge

SENTENCE = (
    "The harbour master has kept a log of the tides for thirty years, and it shows how the water rises. "
)


@pytest.mark.parametrize("times", [10, 130, 5000])
def test_one_long_paragraph_is_kept(times: int) -> None:
    paragraph = (SENTENCE * times).strip()
    assert noisefilter.clean(f"<h1>Tides</h1><p>{paragraph}</p>").text == paragraph
    assert noisefilter.clean_text(paragraph).text == paragraph


@pytest.mark.parametrize(
    "n_ingredients",
    [5, pytest.param(3, marks=pytest.mark.xfail(reason="known miss: a page of ten short blocks"))],
)
def test_a_short_recipe_is_kept(n_ingredients: int) -> None:
    ingredients = ["2 onions", "1 litre of stock", "3 carrots", "salt", "50 g butter"][:n_ingredients]
    steps = (
        "Chop the onions and fry them in butter.",
        "Add the carrots.",
        "Pour in the stock and simmer for half an hour.",
        "Season and serve.",
    )
    page = (
        "<h1>Soup</h1><p>This soup warms you on a cold evening and takes hardly any work at all.</p>"
        f"<h2>Ingredients</h2><ul>{''.join(f'<li>{line}</li>' for line in ingredients)}</ul>"
        f"<h2>Method</h2><ol>{''.join(f'<li>{step}</li>' for step in steps)}</ol>"
    )
    text = noisefilter.clean(page).text
    assert all(step in text for step in steps)
    assert "1 litre of stock" in text


@pytest.mark.parametrize(
    "paragraph",
    [
        "東京の<ruby>漢字<rt>かんじ</rt></ruby>は難しいと言われることが多い。",
        "He said <nobr>New York</nobr> was far from the sea that he knew, and she did not answer.",
        "The <my-tooltip>spring tide</my-tooltip> comes a day or two after the moon is new or full.",
        "The <o:p>spring tide</o:p> comes a day or two after the moon is new or full.",
    ],
)
def test_inline_elements_do_not_cut_a_sentence(paragraph: str) -> None:
    blocks = noisefilter.clean(f"<html><body><p>{paragraph}</p></body></html>").blocks
    assert len(blocks) == 1


def test_empty_cells_keep_the_others_in_their_columns() -> None:
    page = (
        "<table><tr><th>Fare</th><th>2023</th><th>2024</th></tr>"
        "<tr><td>Adult</td><td></td><td>5</td></tr><tr><td>Child</td><td>2</td><td></td></tr></table>"
    )
    article = noisefilter.clean(f"<p>{SENTENCE}</p>{page}<p>{SENTENCE}</p>", keep=["re:."])
    assert [block.text for block in article.blocks[1:4]] == [
        "Fare | 2023 | 2024",
        "Adult |  | 5",
        "Child | 2",
    ]
    assert "| Adult |  | 5 |" in article.markdown()


@pytest.mark.parametrize("end", ["\u2028", "\x85", "\f", "\r\n", "\n"])
def test_every_line_is_a_block(end: str) -> None:
    article = noisefilter.clean_text(f"Tides{end}{SENTENCE.strip()}{end}Source link")
    assert [block.text for block in article.blocks] == ["Tides", SENTENCE.strip(), "Source link"]


def test_a_byte_order_mark_is_no_text() -> None:
    text = "\ufeffTides\n" + SENTENCE
    block = noisefilter.clean_text(text).blocks[0]
    assert block.text == "Tides" == text[block.start : block.end]


def test_more_blocks_than_allowed_raise_an_error_that_names_the_limit() -> None:
    cleaner = Cleaner(limits=Limits(blocks=10))
    for clean, given in ((cleaner.clean_text, "ab\n" * 11), (cleaner.clean, "<p>ab" * 11)):
        with pytest.raises(TooLarge, match=r"Limits\(blocks=11\)") as caught:
            clean(given)
        assert (caught.value.limit, caught.value.allowed, caught.value.found) == ("blocks", 10, 11)


def test_menus_and_labels_are_no_authors() -> None:
    page = (
        "<html><body><nav><ul><li><a href='/a'>Lab Info</a></li><li><a href='/b'>Aug 2024</a></li></ul></nav>"
        f"<h1>Tides</h1><p>{SENTENCE}</p><p>{SENTENCE}And so on.</p><p>Sort by</p></body></html>"
    )
    assert noisefilter.clean(page).authors == ()


def test_text_in_noscript_is_found() -> None:
    body = "".join(f"<p>{SENTENCE}This is paragraph {number} of it.</p>" for number in range(5))
    page = (
        f"<html><body><nav><a href='/'>Home</a></nav><h1>Tides</h1><noscript>{body}</noscript></body></html>"
    )
    assert "This is paragraph 4 of it." in noisefilter.clean(page).text
