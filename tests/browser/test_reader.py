"""The result for people: with a mouse, a keyboard, a screen reader, on a phone, in colours of their own."""

from typing import TYPE_CHECKING, Any

import pytest

from browser.conftest import OpenPage
from browser.test_page import PHONE, example, shown

if TYPE_CHECKING:
    from playwright.sync_api import Page

LAPTOP = {"viewport": {"width": 1280, "height": 800}}
FOCUSED = "document.activeElement.tagName"
STORY = "<p>The old harbour bridge was closed to lorries on Monday after engineers found cracks.</p>"


def tab_to(page: "Page", selector: str, limit: int = 80) -> None:
    for _ in range(limit):
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not reach {selector}")


def clean_html(page: "Page", html: str) -> None:
    page.fill("#input", html)
    page.click("button[type=submit]:has-text('Clean')")
    shown(page)


def test_blocks_are_reached_where_the_first_is_not_shown(open_page: OpenPage) -> None:
    page = open_page()
    example(page, "Local news")
    assert page.get_attribute(".block", "data-kept") == "false"
    page.check("input[name=view][value=kept]")
    tab_to(page, ".block")
    first = page.evaluate("document.activeElement.innerText")
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.matches('.block[data-kept=true]')")
    assert page.evaluate("document.activeElement.innerText") != first


def test_a_screen_reader_hears_score_and_reason(open_page: OpenPage) -> None:
    page = open_page()
    example(page, "Local news")
    page.locator(".block[data-label=ad]").first.focus()
    session = page.context.new_cdp_session(page)
    session.send("Accessibility.enable")
    focused = [
        node
        for node in session.send("Accessibility.getFullAXTree")["nodes"]
        if node["role"]["value"] == "listitem"
        and any(one["name"] == "focused" and one["value"]["value"] for one in node["properties"])
    ]
    assert len(focused) == 1
    said = focused[0]["description"]["value"]
    assert "ad dropped" in said and "threshold" in said and "Chance of being noise" in said and "%" in said


def test_radios_are_called_what_they_show(open_page: OpenPage) -> None:
    page = open_page()
    example(page, "Auto-blog post")
    names = page.evaluate(
        """[...document.querySelectorAll('#legend input')]
            .map((radio) => [radio.getAttribute('aria-label'), radio.nextSibling.textContent])"""
    )
    assert names
    assert [pair for pair in names if pair[1] not in pair[0]] == []


def test_focus_stays_when_the_note_changes(open_page: OpenPage) -> None:
    page = open_page(**LAPTOP)
    example(page, "Local news")
    page.locator(".block").first.focus()
    tab_to(page, "#note > button:last-child")
    page.keyboard.press("Enter")
    page.wait_for_selector("#note .evidence li")
    assert page.evaluate("document.activeElement.matches('#note .evidence')")
    page.keyboard.press("Escape")
    assert page.is_hidden("#note")
    assert page.evaluate("document.activeElement.matches('.block')")


def test_the_mouse_reaches_the_note_of_a_clicked_block(open_page: OpenPage) -> None:
    page = open_page(**LAPTOP)
    example(page, "Local news")
    page.locator(".block").nth(2).click(position={"x": 150, "y": 10})
    chosen = page.inner_text(".block.active .text")
    button = page.locator("#note > button:last-child").bounding_box()
    assert button is not None
    page.mouse.move(button["x"] + 10, button["y"] + 10, steps=25)  # over other blocks
    assert page.inner_text(".block.active .text") == chosen
    page.mouse.click(5, 5)  # elsewhere: hovering counts again
    page.locator(".block").nth(4).hover()
    assert page.inner_text(".block.active .text") != chosen


@pytest.mark.parametrize("width", [375, 1280])
def test_the_note_does_not_cover_the_focused_block(open_page: OpenPage, width: int) -> None:
    page = open_page(viewport={"width": width, "height": 700})
    example(page, "Local news")
    page.locator(".block").first.focus()
    covered = []
    for key in ["ArrowDown"] * 40 + ["End", "ArrowUp", "Home", "ArrowDown"]:
        page.keyboard.press(key)
        block, note = page.evaluate(
            """["bottom", "top"].map((side, i) =>
                [document.activeElement, document.getElementById("note")][i].getBoundingClientRect()[side])"""
        )
        if block > note:
            covered.append(page.evaluate("document.activeElement.innerText"))
    assert covered == []


def test_colours_of_the_user(open_page: OpenPage) -> None:
    page = open_page(forced_colors="active", **LAPTOP)
    example(page, "Local news")
    style = """([selector, name]) => getComputedStyle(document.querySelector(selector))[name]"""
    checked = "#policy input:checked + span"
    assert page.evaluate(style, [checked, "outlineStyle"]) == "none"
    tab_to(page, "input[name=policy]")
    assert page.evaluate(style, [checked, "outlineStyle"]) == "solid"
    other = "#policy input:not(:checked) + span"
    assert page.evaluate(style, [checked, "backgroundColor"]) != page.evaluate(
        style, [other, "backgroundColor"]
    )
    edges = [
        page.evaluate(style, [f".block[data-kept={kept}]", "borderInlineStartColor"])
        for kept in ("true", "false")
    ]
    assert edges[0] != edges[1]


@pytest.mark.parametrize("device", [{}, PHONE], ids=["desktop", "phone"])
def test_long_words_need_no_sideways_scrolling(open_page: OpenPage, device: dict[str, Any]) -> None:
    page = open_page(**device)
    width = page.evaluate("innerWidth")
    word = "m" * 600
    clean_html(
        page,
        f"<html><head><title>{word}</title><meta name=author content={word}></head><body><nav>{word}</nav>"
        f"<article><h1>{word}</h1>{STORY * 3}<p>{word}</p><table><tr><td>{word}<td>b</table></article>",
    )
    assert word in page.inner_text(".headline")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_date_keeps_its_order_beside_arabic(open_page: OpenPage) -> None:
    page = open_page()
    example(page, "Newspaper")
    places = page.evaluate(
        """() => {
            const walker = document.createTreeWalker(document.querySelector(".meta"), NodeFilter.SHOW_TEXT);
            while (walker.nextNode()) {
                const at = walker.currentNode.data.search(/\\d{4}-\\d\\d-\\d\\d/);
                if (at < 0) continue;
                return [0, 5, 8].map((part) => {
                    const range = document.createRange();
                    range.setStart(walker.currentNode, at + part);
                    range.setEnd(walker.currentNode, at + part + 1);
                    return range.getBoundingClientRect().left;
                });
            }
        }"""
    )
    assert places == sorted(places)


def test_legend_is_in_line_on_a_phone(open_page: OpenPage) -> None:
    page = open_page(**PHONE)
    example(page, "Auto-blog post")
    page.click("#labels summary")
    assert page.locator("#legend .none").count() > 0
    starts = "[...document.querySelectorAll('#legend .chip')].map((c) => c.getBoundingClientRect().left)"
    assert len(set(page.evaluate(starts))) == 1


def test_headline_and_skip_link(open_page: OpenPage) -> None:
    page = open_page()
    assert page.locator("h1:visible").count() == 1
    assert page.is_hidden("#skip")
    example(page, "Auto-blog post")
    assert page.locator("h1:visible").count() == 1
    page.focus("#skip")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "result-title"


def test_more_blocks_of_which_none_is_shown(open_page: OpenPage) -> None:
    page = open_page()
    kept, dropped = "The {}th keeper of the lighthouse wrote a line of his own.", "Read more"
    page.fill("#input", "\n".join(kept.format(n) if n < 1000 else dropped for n in range(2100)))
    page.click("button[type=submit]:has-text('Clean')")
    shown(page)
    page.check("input[name=view][value=kept]")
    page.focus("#more-blocks")
    page.keyboard.press("Enter")
    assert page.locator(".block").count() == 2100
    assert page.evaluate("document.activeElement.matches('.block')")
