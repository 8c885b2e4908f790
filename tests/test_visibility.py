"""Whether elements hide their text: styles and attributes as authors, scripts and spammers write them."""

import pytest
from growth import growth
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from noisefilter.blocks.page import cut_page
from noisefilter.intake import load_page
from noisefilter.limits import Limits
from noisefilter.visibility import SHOWN, is_out_of_sight, state_within


def hides(**attributes: str) -> bool:
    element = html.Element("div", {name.replace("_", "-"): value for name, value in attributes.items()})
    return state_within(SHOWN, element) != SHOWN


OUT_OF_SIGHT = [
    "position:absolute;left:-9999px",
    "position: fixed; top: -1000px",
    "left:-999em;position:absolute",
    "position:relative;right:-9999px",
    "position:absolute;left:-1e4px",
    "text-indent:-9999px",
    "margin-left:-2000px",
    "margin-left:-2000px;padding-left:10px",
    "-webkit-text-fill-color:transparent;color:transparent",
    "transform:translateX(-9999px)",
    "transform: rotate(3deg) translate3d(0, -10000px, 0)",
    "transform:scale(0)",
    "position:absolute;clip:rect(0,0,0,0)",
    "position:absolute;clip:rect(1px 1px 1px 1px)",
    "clip-path:inset(50%)",
    "clip-path:inset(0 100% 0 0)",
    "clip-path:inset(100% round 4px)",
    "clip-path:circle(0)",
    "position:absolute;opacity:0",
    "font-size:0",
    "font-size:1px",
    "font-size:.01em",
    "color:transparent",
    "color:rgba(0, 0, 0, 0)",
    "color:rgb(0 0 0 / 0%)",
    "color:#fff0",
    "color:#FFFFFF00",
]
FOLDED = [
    "display:none",
    "visibility:hidden",
    "visibility:collapse",
    "height:0;overflow:hidden",
    "max-height:0px;overflow-y:hidden",
    "width:1px;height:1px;overflow:hidden",
    # Spellings.
    "DISPLAY : NONE",
    "display:none!important",
    "display:none ! important; display:block",
    "color:red;\n\tdisplay\n:\nnone\n",
    "display:/* here */none",
    "/* ; */display:none",
    "display:n\\6fne",
    "d\\69 splay:none",
    "di\\splay:none",
    "background:url(data:image/png;base64,AA==);display:none",
    "content:';display:block;';display:none",
    'content:"a\\";display:none;";display:none',
    ";;display:none",
    "display:none;}",
    # What browsers do not take changes nothing.
    "display:none;display:",
    "display:none;display:shown",
    "display:none;display block",
    "display:none;visibility:seen",
    "display:block;display:none",
    "visibility:visible;display:none",
]
VISIBLE = [
    "",
    " ",
    ";",
    ":",
    "display",
    "display:",
    "display:none;display:block",
    "display:none;display:-webkit-box",
    "display:block!important;display:none",
    "display:none!ie",
    "--display:none",
    "x-display:none",
    "dis/**/play:none",
    "display:none none-such",
    "content:'display:none'",
    "content:';display:none;'",
    "background:url(;display:none;)",
    "/*;display:none;*/color:red",
    "/*;display:none",
    "'display:none",
    "visibility:hidden;visibility:visible",
    "color:red;color:inherit",
    # In its place, or not far enough.
    "left:-9999px",
    "position:static;left:-9999px",
    "position:sticky;top:-9999px",
    "position:absolute;left:-100px",
    "position:absolute;left:-50%",
    "position:absolute;left:9999",
    "position:absolute;left:auto",
    "position:absolute;left:calc(-9999px)",
    "text-indent:-2em",
    "margin-bottom:-9999px;padding-bottom:9999px",
    "margin-left:-9999px;padding-left:9999px",
    "margin-top:-1000px;padding-top:1000px",
    "position:absolute;left:-9999px;right:-9999px;margin:auto",
    "-webkit-text-fill-color:black;color:transparent",
    "height:0;overflow:auto;flex-grow:1",
    "height:0;overflow:hidden;flex:1 1 auto",
    "transform:translate3d(-1140px,0,0)",
    "transform:scale(1)",
    "transform:scale3d(1,1,0)",
    "clip:rect(0,0,0,0)",
    "position:absolute;clip:rect(auto,auto,auto,auto)",
    "position:absolute;clip:rect(0,100px,20px,0)",
    "clip-path:inset(10%)",
    "clip-path:inset(100px)",
    "clip-path:none",
    # Scripts fade in what stands in its place.
    "opacity:0",
    "opacity:0;transform:translateY(20px);transition:opacity 1s",
    "position:absolute;opacity:.5",
    # A box of no size shows what flows over its edge, or what stands in its padding.
    "height:0",
    "width:0;overflow:visible",
    "height:0;overflow:hidden;padding-bottom:56.25%",
    "height:0;min-height:100%;overflow:hidden",
    "height:auto;overflow:hidden",
    "height:100px;overflow:hidden",
    # Letters that show the background.
    "color:transparent;-webkit-background-clip:text;background-image:linear-gradient(red,blue)",
    "color:#fff",
    "color:#000",
    "color:#ff00ff",
    "color:rgba(0,0,0,.5)",
    "font-size:10px",
    "font-size:0.8em",
    "font-size:small",
]


@pytest.mark.parametrize("style", [*OUT_OF_SIGHT, *FOLDED])
def test_styles_that_hide(style: str) -> None:
    assert hides(style=style)


@pytest.mark.parametrize("style", VISIBLE)
def test_styles_that_do_not_hide(style: str) -> None:
    assert not hides(style=style)


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ({"hidden": ""}, True),
        ({"hidden": "hidden"}, True),
        ({"hidden": "false"}, True),  # as browsers take it
        ({"hidden": "until-found"}, True),
        ({"hidden": "until-found", "style": "display:block"}, True),
        ({"hidden": "", "style": "display:block"}, False),
        ({"hidden": "", "style": "color:red"}, True),
        ({"aria_hidden": "true"}, True),
        ({"aria_hidden": " TRUE "}, True),
        ({"aria_hidden": "false"}, False),
        ({"aria_hidden": ""}, False),
        ({"aria_hidden": "true", "style": "display:block"}, True),
        ({"class": "hidden sr-only"}, False),
    ],
)
def test_attributes(attributes: dict[str, str], expected: bool) -> None:
    assert hides(**attributes) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        # What is inherited can be undone inside.
        ("<div style='visibility:hidden'>One<p style='visibility:visible'>Two</p>Three</div>", [1, 0, 1]),
        ("<div style='font-size:0'>One<p style='font-size:16px'>Two</p></div>", [1, 0]),
        ("<div style='font-size:0'>One<p style='font-size:2em'>Two</p></div>", [1, 1]),
        ("<div style='font-size:0'>One<p style='font-size:1rem'>Two</p></div>", [1, 0]),
        ("<div style='color:transparent'>One<p style='color:inherit'>Two</p></div>", [1, 1]),
        ("<div style='color:transparent'>One<p style='color:red'>Two</p></div>", [1, 0]),
        # A box that is gone is gone with all in it.
        ("<div style='display:none'>One<p style='display:block;visibility:visible'>Two</p></div>", [1, 1]),
        ("<div hidden>One<p style='visibility:visible'>Two</p></div>", [1, 1]),
        ("<div aria-hidden=true>One<p aria-hidden=false>Two</p></div>Three", [1, 1, 0]),
        ("<div style='position:absolute;left:-9999px'><p>One</p></div><p>Two</p>", [1, 0]),
        # Inline elements around blocks, and within.
        ("<span hidden><div>One</div></span><p>Two</p>", [1, 0]),
        ("<p>One<span hidden><b>two</b></span> three</p>", [0]),
        # Most of it counts, so that a dot shows nothing.
        ("<p>.<span style='display:none'>Some words that nobody sees</span></p>", [1]),
        ("<p>Some words that everybody sees <span hidden>(new)</span></p>", [0]),
        ("<table><tr><td>One<td>two<tr hidden><td>three<td>four</table>", [0, 1]),
    ],
)
def test_text_inside(body: str, expected: list[int]) -> None:
    page = f"<html><body>{body}</body></html>"
    assert cut_page(load_page(page, Limits()).tree)[0].hidden == list(map(bool, expected))


@pytest.mark.parametrize("style", OUT_OF_SIGHT)
def test_out_of_sight(style: str) -> None:
    assert is_out_of_sight(html.fromstring(f"<div style='{style}'>One <b>two</b></div>"))


@pytest.mark.parametrize("style", [*FOLDED, *VISIBLE])
def test_folded_away_is_not_out_of_sight(style: str) -> None:
    assert not is_out_of_sight(html.Element("div", style=style))


@pytest.mark.parametrize("inner", ["<p class=text>One</p>", "<p style='font-size:16px'>One</p>"])
def test_boxes_in_a_row_with_letters_of_their_own_are_not_out_of_sight(inner: str) -> None:
    assert not is_out_of_sight(html.fromstring(f"<div style='font-size:0'>{inner}</div>"))


@pytest.mark.parametrize("unit", [
    "display:none;", ";", "a:b;", "\\64 ", "\\", "/*", "/**/", '"', "'a", "url(", "(", " ", "left:-9", "9",
    "!", "transform:translate(", "transform:scale(1) ", "clip:rect(0 ", "color:rgba(0,", "overflow:hidden ",
])  # fmt: skip
def test_time_is_linear_in_the_length(unit: str) -> None:
    short, long = (html.Element("div", style=unit * (size // len(unit))) for size in (1_000, 20_000))
    assert growth(lambda element: state_within(SHOWN, element), short, long) < 100
    # Of a longer one no more is read.
    longer = html.Element("div", style=unit * (2_000_000 // len(unit)))
    assert growth(lambda element: state_within(SHOWN, element), long, longer) < 100


@pytest.mark.parametrize("filler", ["x:y;", "background:url(data:image/png;base64,AAAA);"])
def test_both_ends_of_a_long_style_are_read(filler: str) -> None:
    long = filler * 500_000
    assert hides(style=f"display:none;{long}")
    assert hides(style=f"{long}display:none")
    assert not hides(style=f"display:none;{long}display:block")


_PIECES = st.sampled_from([
    "display", "none", "block", "visibility", "hidden", ":", ";", "!important", "/*", "*/", "'", '"', "\\",
    "\\0", "\\110000", "(", ")", "url(", "left", "-9999px", "1e999px", "-", ".", "%", "clip", "rect(",
    "inset(", "circle(", ",", " ", "\n", "transform", "translate(", "scale(", "color", "#", "rgb(", "/",
    "overflow", "height", "0", "position:absolute;",
])  # fmt: skip
_TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn"]))


@given(st.lists(_PIECES, max_size=30).map("".join) | _TEXT)
def test_no_style_raises(style: str) -> None:
    assert hides(style=style) in (True, False)
    assert is_out_of_sight(html.Element("div", style=style)) <= hides(style=style)
