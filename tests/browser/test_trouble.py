"""What the page does when something goes wrong, comes late or was not meant."""

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import noisefilter
from browser.conftest import OpenPage, StartServer
from browser.test_page import SEEDS, TEXT, copied, example, kept, shown

if TYPE_CHECKING:
    from playwright.sync_api import Page

LAPTOP = {"viewport": {"width": 1280, "height": 800}}
SMALL = {"viewport": {"width": 375, "height": 700}}
RECIPE = (SEEDS / "recipe_es.html").read_text(encoding="utf-8")
CLEAN = "button[type=submit]:has-text('Clean')"


def in_window(page: "Page", selector: str) -> bool:
    box = page.locator(selector).bounding_box()
    height = page.evaluate("innerHeight")
    return box is not None and box["y"] >= 0 and box["y"] + box["height"] <= height


@pytest.mark.parametrize("device", [LAPTOP, SMALL], ids=["laptop", "phone"])
def test_a_problem_is_in_sight(open_page: OpenPage, device: dict[str, Any]) -> None:
    page = open_page(**device)
    page.check("input[name=kind][value=html]")
    page.fill("#input", "no markup at all")
    page.click(CLEAN)
    page.wait_for_selector("#problem:not([hidden])")
    assert in_window(page, "#problem")
    example(page, "Recipe blog")
    page.evaluate("document.getElementById('labels').open = true")
    page.route("**/v1/clean", lambda route: route.abort())
    page.check("input[name=rule-comment][value=keep]")  # scrolls down to it
    page.wait_for_selector("#problem:not([hidden])")
    assert in_window(page, "#problem")
    assert page.is_hidden("#source")
    assert page.inner_text("#status") == ""


def test_trying_again_by_keyboard_keeps_the_focus(open_page: OpenPage) -> None:
    page = open_page()
    example(page, "Recipe blog")
    page.route("**/v1/clean", lambda route: route.abort())
    page.check("input[name=policy][value=precision]")
    page.get_by_role("button", name="Try again").focus()
    with page.expect_event("requestfailed"):
        page.keyboard.press("Enter")
    page.wait_for_selector("#progress[hidden]", state="attached")
    assert page.evaluate("document.activeElement.textContent") == "Try again"
    page.unroute("**/v1/clean")
    page.keyboard.press("Enter")
    page.wait_for_selector("#problem", state="hidden")
    assert page.evaluate("document.activeElement.id") == "result-title"


def test_copies_are_of_what_is_shown(open_page: OpenPage) -> None:
    page = open_page()
    example(page, "Recipe blog")
    page.route("**/v1/clean", lambda route: route.abort())
    page.check("input[name=policy][value=precision]")
    page.wait_for_selector("#problem:not([hidden])")
    page.unroute("**/v1/clean")
    article = noisefilter.clean(RECIPE)
    assert article.text != noisefilter.clean(RECIPE, policy="precision").text
    assert copied(page, "Copy as text") == article.text
    assert copied(page, "Copy as Markdown") == article.markdown()
    assert "policy" not in copied(page, "Copy the command")


def test_a_late_answer_does_not_replace_a_newer_one(open_page: OpenPage) -> None:
    page = open_page()
    example(page, "Recipe blog")
    late: list[Any] = []
    page.route("**/v1/clean", lambda route: late.append(route) if not late else route.continue_())
    page.check("input[name=policy][value=precision]")
    page.wait_for_timeout(400)  # over the debounce: the request is under way
    page.check("input[name=policy][value=recall]")
    page.wait_for_selector("#curl:has-text('policy=recall')")
    expected = [b.text for b in noisefilter.clean(RECIPE, policy="recall").blocks if b.kept]
    assert kept(page) == expected
    wrong = noisefilter.clean(RECIPE, policy="precision").to_dict()
    with contextlib.suppress(Exception):  # the page may have given it up
        late[0].fulfill(json=wrong)
    page.wait_for_timeout(300)
    assert kept(page) == expected


def test_a_late_example_replaces_nothing(open_page: OpenPage) -> None:
    page = open_page()
    late: list[Any] = []
    page.route("**/examples/news_en.html", lambda route: late.append(route))
    page.get_by_role("button", name="Local news").click()
    example(page, "Auto-blog post")
    late[0].continue_()
    page.wait_for_timeout(300)
    assert page.inner_text("#source-name").startswith("autoblog")
    page.click("#edit")
    page.get_by_role("button", name="Local news").click()
    page.wait_for_timeout(100)
    page.fill("#input", "My own words.")
    late[1].continue_()
    page.wait_for_timeout(300)
    assert page.input_value("#input") == "My own words."


def test_dragging_within_the_page_is_no_input(open_page: OpenPage) -> None:
    page = open_page()
    example(page, "Auto-blog post")
    page.evaluate(
        """() => {
            globalThis.dragged = [];
            for (const kind of ["dragstart", "dragend"]) addEventListener(kind, () => dragged.push(kind));
        }"""
    )
    link = page.locator("nav a").bounding_box()
    assert link is not None
    page.mouse.move(link["x"] + 5, link["y"] + 5)
    page.mouse.down()
    page.mouse.move(600, 400, steps=10)
    page.mouse.up()
    page.wait_for_timeout(500)
    assert page.evaluate("dragged") == ["dragstart", "dragend"]
    assert page.input_value("#input") == TEXT
    assert page.inner_text("#source-name").startswith("autoblog")


def test_text_dropped_on_a_field_stays_there(open_page: OpenPage) -> None:
    page = open_page()
    page.click("text=More options")
    page.fill("#input", "My own words.")
    drop = """(id) => {
        const data = new DataTransfer();
        data.setData("text/plain", "https://example.com/story");
        const event = new DragEvent("drop", {dataTransfer: data, bubbles: true, cancelable: true});
        document.getElementById(id).dispatchEvent(event);
        return event.defaultPrevented;
    }"""
    assert page.evaluate(drop, "url") is False
    assert page.input_value("#input") == "My own words."
    assert page.evaluate(drop, "source") is True
    shown(page)
    assert page.input_value("#input") == "https://example.com/story"


def test_a_file_that_changed_is_told(open_page: OpenPage, tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    file.write_text(RECIPE, encoding="utf-8")
    page = open_page()
    page.set_input_files("#file", file)
    shown(page)
    file.write_text(RECIPE + "<p>More</p>", encoding="utf-8")
    page.check("input[name=policy][value=recall]")
    page.wait_for_selector("#problem:has-text('Choose it again')")
    assert page.get_by_role("button", name="Try again").count() == 0


def test_too_large_and_too_slow(open_page: OpenPage, start_server: StartServer) -> None:
    with start_server(NOISEFILTER_MAX_BODY_BYTES="3000", NOISEFILTER_DEADLINE_S="1") as bounded:
        page = open_page(at=bounded)
        page.fill("#input", TEXT)
        page.click(CLEAN)
        page.wait_for_selector("#problem:has-text('Too large')")
        assert page.get_by_role("button", name="Try again").count() == 0
        page.click("text=More options")
        page.fill("#drop-pattern", "(a+)+$")
        page.fill("#input", f"The bridge was closed to lorries on Monday.\n\n{'a' * 40}b")
        page.click(CLEAN)
        page.wait_for_selector("#problem:has-text('deadline')")
        page.fill("#drop-pattern", "")
        page.get_by_role("button", name="Try again").click()
        shown(page)
        assert page.is_hidden("#problem")


def test_a_token_that_no_header_can_hold(open_page: OpenPage, start_server: StartServer) -> None:
    with start_server(NOISEFILTER_TOKEN="long-enough-secret") as guarded:
        page = open_page(at=guarded)
        page.get_by_role("button", name="Auto-blog post").click()
        page.fill("#token", "ключ")
        page.keyboard.press("Enter")
        page.wait_for_timeout(300)
        assert page.evaluate("document.getElementById('token').validity.patternMismatch")
        assert page.is_hidden("#problem")
        page.fill("#token", " long-enough-secret ")
        page.keyboard.press("Enter")
        shown(page)
