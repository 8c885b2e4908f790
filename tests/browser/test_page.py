"""The page in a real browser, with the real service behind it."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import noisefilter
from browser.conftest import OpenPage, StartServer

if TYPE_CHECKING:
    from playwright.sync_api import Page

SEEDS = Path(__file__).parents[2] / "seeds" / "pages"
TEXT = (SEEDS / "autoblog_twin_en.txt").read_text(encoding="utf-8")
NEWS = SEEDS / "news_en.html"
AD = "dedicated vps server hosting"
PHONE = {"viewport": {"width": 360, "height": 740}, "is_mobile": True, "has_touch": True}


def paste(page: "Page", text: str) -> None:
    page.evaluate("text => navigator.clipboard.writeText(text)", text)
    page.focus("#input")
    page.keyboard.press("Control+V")
    shown(page)


def shown(page: "Page") -> None:
    page.wait_for_selector("#result:not([hidden])[aria-busy=false]")


def example(page: "Page", name: str) -> None:
    page.get_by_role("button", name=name).click()
    shown(page)


def switched(page: "Page", selector: str) -> None:
    """Chooses a radio button and waits for the answer that follows."""
    with page.expect_response("**/v1/clean"):
        page.check(selector)
    shown(page)


def kept(page: "Page") -> list[str]:
    return list(page.locator(".block[data-kept=true] .text").all_text_contents())


def block(page: "Page", text: str) -> str:
    """The label of the block with that text, and whether it is kept."""
    found = page.locator(".block", has_text=text)
    return f"{found.get_attribute('data-label')} {found.get_attribute('data-kept')}"


def copied(page: "Page", name: str) -> str:
    page.evaluate("document.getElementById('status').textContent = ''")
    page.get_by_role("button", name=name).click()
    page.wait_for_selector("#status:has-text('Copied')")
    return str(page.evaluate("navigator.clipboard.readText()"))


def test_pasted_example_has_its_ad_line_marked(open_page: OpenPage) -> None:
    page = open_page()
    paste(page, TEXT)
    assert block(page, AD) == "ad false"
    assert page.locator(".block", has_text=AD).text_content() == "Dropped as ad: " + next(
        line for line in TEXT.splitlines() if AD in line
    )
    assert kept(page) == [b.text for b in noisefilter.clean_text(TEXT).blocks if b.kept]
    assert "9 of 16 blocks kept" in page.inner_text("#counts")
    assert page.locator("#legend [data-label=ad] .count").inner_text().startswith("1")


def test_every_block_of_a_page_is_there_in_order(open_page: OpenPage) -> None:
    page = open_page()
    example(page, "Local news")
    expected = noisefilter.clean(NEWS.read_text(encoding="utf-8"))
    assert page.locator(".block .text").all_text_contents() == [b.text for b in expected.blocks]
    assert page.inner_text(".headline") == expected.title


def test_policies_change_the_result(open_page: OpenPage) -> None:
    page = open_page()
    example(page, "Recipe blog")
    html = (SEEDS / "recipe_es.html").read_text(encoding="utf-8")
    counts = set()
    for policy in ("precision", "recall", "balanced"):
        switched(page, f"input[name=policy][value={policy}]")
        assert kept(page) == [b.text for b in noisefilter.clean(html, policy=policy).blocks if b.kept]
        counts.add(len(kept(page)))
        assert (f"policy={policy}" in page.inner_text("#curl")) == (policy != "balanced")
    assert len(counts) > 1


def test_labels_can_be_switched_and_set_back(open_page: OpenPage) -> None:
    page = open_page()
    example(page, "Auto-blog post")
    switched(page, "input[name=rule-ad][value=keep]")
    assert block(page, AD) == "ad true"
    assert any(AD in text for text in kept(page))
    with page.expect_response("**/v1/clean"):
        page.click("#reset")
    shown(page)
    assert block(page, AD) == "ad false"
    assert page.is_hidden("#reset")


def test_kept_only_hides_what_was_dropped(open_page: OpenPage) -> None:
    page = open_page()
    example(page, "Auto-blog post")
    page.check("input[name=view][value=kept]")
    assert page.is_hidden(f".block:has-text('{AD}')")
    assert page.is_visible(".block[data-kept=true]")


def test_patterns_and_what_the_service_says_of_wrong_ones(open_page: OpenPage) -> None:
    page = open_page()
    page.click("text=More options")
    page.fill("#drop-pattern", "(")
    page.fill("#input", TEXT)
    page.click("button[type=submit]:has-text('Clean')")
    page.wait_for_selector("#problem:not([hidden])")
    assert "drop" in page.inner_text("#problem")
    page.fill("#drop-pattern", "^Guild secretary")
    page.click("button[type=submit]:has-text('Clean')")
    shown(page)
    assert page.is_hidden("#problem")
    assert not any(text.startswith("Guild secretary") for text in kept(page))


def test_copy(open_page: OpenPage) -> None:
    page = open_page()
    example(page, "Local news")
    article = noisefilter.clean(NEWS.read_text(encoding="utf-8"))
    assert copied(page, "Copy as text") == article.text
    assert copied(page, "Copy as Markdown") == article.markdown()
    assert json.loads(copied(page, "Copy as JSON"))["blocks"] == article.to_dict()["blocks"]
    assert copied(page, "Copy the command").startswith("curl -sS")
    assert "noisefilter.clean(" in copied(page, "Copy the code")


def test_copy_where_the_clipboard_is_kept_back(open_page: OpenPage) -> None:
    page = open_page()
    page.evaluate("Object.defineProperty(navigator, 'clipboard', {value: undefined, configurable: true})")
    example(page, "Auto-blog post")
    page.get_by_role("button", name="Copy as text").click()
    page.wait_for_selector("#status:has-text('Copied')")
    page.evaluate("delete navigator.clipboard")
    assert page.evaluate("navigator.clipboard.readText()") == noisefilter.clean_text(TEXT).text


DROP = """([name, type, bytes]) => {
    const data = new DataTransfer();
    data.items.add(new File([new Uint8Array(bytes)], name, {type}));
    for (const kind of ["dragenter", "dragover", "drop"]) {
        document.body.dispatchEvent(
            new DragEvent(kind, {dataTransfer: data, bubbles: true, cancelable: true}));
    }
}"""


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ("Put every paragraph into a <p> and each group of them into a <div> of its own.", "text"),
        ("Fares will go up in May, and a < b > c.", "text"),
        ("  <p>Fares will go up in May.<p>The council said so.", "HTML"),
        ("Fares<br>will go up in May.</p> The council said so.", "HTML"),
        ("See <a href='/fares'>what they cost</a> from May on.", "HTML"),
    ],
)
def test_what_was_pasted_is_detected(open_page: OpenPage, given: str, found: str) -> None:
    page = open_page()
    page.fill("#input", given)
    assert page.inner_text("#kind-auto") == f"Detect: {found}"


@pytest.mark.parametrize(
    ("name", "kind"), [("news.html", "text/html"), ("no extension", ""), ('it\'s "odd".htm', "")]
)
def test_dropped_file_goes_as_it_is(open_page: OpenPage, name: str, kind: str) -> None:
    page = open_page()
    # Not UTF-8, and it says so: the service reads the declaration, not the page.
    html = NEWS.read_text(encoding="utf-8").replace("utf-8", "utf-16", 1).encode("utf-16")
    if kind == "":
        html = NEWS.read_bytes()
    page.evaluate(DROP, [name, kind, list(html)])
    shown(page)
    assert page.inner_text("#source-name").startswith(name)
    assert page.inner_text(".headline") == noisefilter.clean(html).title
    assert page.is_hidden("#drop-here")
    page.click("#edit")
    page.click("#file-remove")
    assert page.is_visible("#input")


def test_chosen_text_file(open_page: OpenPage) -> None:
    page = open_page()
    page.set_input_files("#file", SEEDS / "autoblog_twin_en.txt")
    shown(page)
    assert block(page, AD) == "ad false"


EVIL = "<script>alert(1)</script><img src=x onerror=alert(2)>"


def test_injected_markup_stays_text(open_page: OpenPage) -> None:
    page = open_page()
    page.check("input[name=kind][value=text]")
    page.click("text=More options")
    page.fill("#title", EVIL)
    page.fill("#url", f"https://example.com/{EVIL}")
    page.fill("#input", f"{EVIL}\n\n{TEXT}\n\n\"'`$(touch x){EVIL}")
    page.click("button[type=submit]:has-text('Clean')")
    shown(page)
    assert page.inner_text(".headline") == EVIL
    assert EVIL in str(page.locator(".block .text").first.text_content())
    assert page.locator("#result script, #result img").count() == 0


def test_hostile_answer_stays_text(open_page: OpenPage) -> None:
    page = open_page()
    article = noisefilter.clean_text(TEXT).to_dict()
    first = {**article["blocks"][0], "label": EVIL, "reason": EVIL, "kind": EVIL, "evidence": []}
    first["evidence"] = [{"name": EVIL, "weight": 1.0}]
    article |= {"blocks": [first, *article["blocks"][1:]], "flags": [EVIL], "tags": [EVIL], "authors": [EVIL]}
    article |= {"title": EVIL, "date": EVIL, "source": EVIL, "language": EVIL, "model": EVIL}
    page.route("**/v1/clean", lambda route: route.fulfill(json=article))
    example(page, "Auto-blog post")
    page.locator(".block").first.click()
    assert page.inner_text("#note .chip") == EVIL
    assert page.locator("#note .evidence", has_text=EVIL).count() == 1
    assert page.locator("#result script, #result img, footer img").count() == 0


def test_score_and_reason_on_hover_and_evidence(open_page: OpenPage) -> None:
    page = open_page(viewport={"width": 1440, "height": 900})
    example(page, "Auto-blog post")
    page.hover(f".block:has-text('{AD}')")
    note = page.inner_text("#note")
    expected = next(b for b in noisefilter.clean_text(TEXT).blocks if AD in b.text)
    assert f"{expected.score:.0%}" in note
    assert f"{expected.noise:.0%}" in note
    assert "threshold" in note
    with page.expect_response("**/v1/clean"):
        page.click("text=Show the evidence")
    page.wait_for_selector("#note .evidence li")
    page.keyboard.press("Escape")
    assert page.is_hidden("#note")


def test_keyboard_only(open_page: OpenPage) -> None:
    page = open_page()

    def focused(selector: str, limit: int = 80) -> None:
        for _ in range(limit):
            if page.evaluate("selector => document.activeElement.matches(selector)", selector):
                return
            page.keyboard.press("Tab")
        raise AssertionError(f"Tab does not reach {selector}")

    focused("#input")
    page.keyboard.insert_text(TEXT)
    page.keyboard.press("Control+Enter")
    shown(page)
    focused("input[name=policy]")
    with page.expect_response("**/v1/clean"):
        page.keyboard.press("ArrowLeft")
    assert page.is_checked("input[name=policy][value=precision]")
    focused("input[name=rule-ad]")
    with page.expect_response("**/v1/clean"):
        page.keyboard.press("ArrowRight")
    shown(page)
    assert block(page, AD) == "ad true"
    focused(".block")
    page.keyboard.press("End")
    described = "document.getElementById(document.activeElement.getAttribute('aria-describedby')).innerText"
    assert "tags" in page.evaluate(described)
    page.keyboard.press("ArrowUp")
    assert "source" in page.evaluate(described)
    focused("#note button")
    page.keyboard.press("Escape")
    assert page.is_hidden("#note")


@pytest.mark.parametrize("name", ["Auto-blog post", "Local news", "Newspaper"])
def test_phone_needs_no_sideways_scrolling(open_page: OpenPage, name: str) -> None:
    page = open_page(**PHONE)
    width = "[document.documentElement.scrollWidth, innerWidth]"
    assert page.evaluate(width) == [360, 360]
    page.get_by_role("button", name=name).tap()
    shown(page)
    page.locator("#labels summary").tap()
    assert page.is_hidden("#note")  # a mouse would have shown it by hovering
    tapped = page.locator(".block[data-kept=false]").nth(1)
    tapped.tap()
    assert page.inner_text("#note .chip") == tapped.get_attribute("data-label")
    assert page.evaluate(width) == [360, 360]


def test_errors_are_shown_and_gone_with_the_next_answer(open_page: OpenPage) -> None:
    page = open_page()
    page.check("input[name=kind][value=html]")
    page.fill("#input", "no markup at all")
    page.click("button[type=submit]:has-text('Clean')")
    page.wait_for_selector("#problem:not([hidden])")
    assert "send it as text" in page.inner_text("#problem")
    page.route("**/v1/clean", lambda route: route.abort())
    page.click("button[type=submit]:has-text('Clean')")
    page.wait_for_selector("#problem:has-text('cannot be reached')")
    page.unroute("**/v1/clean")
    example(page, "Auto-blog post")
    assert page.is_hidden("#problem")


def test_token_is_asked_for_and_kept_in_memory_only(open_page: OpenPage, start_server: StartServer) -> None:
    with start_server(NOISEFILTER_TOKEN="long-enough-secret") as guarded:
        page = open_page(at=guarded)
        page.get_by_role("button", name="Auto-blog post").click()
        page.wait_for_selector("#token-form:not([hidden])")
        page.fill("#token", "wrong-wrong-wrong")
        page.keyboard.press("Enter")
        page.wait_for_selector("#problem:has-text('not the right one')")
        page.fill("#token", "long-enough-secret")
        page.keyboard.press("Enter")
        shown(page)
        assert page.is_hidden("#token-form")
        assert "$NOISEFILTER_TOKEN" in page.inner_text("#curl")
        assert "long-enough-secret" not in page.content()
        assert page.evaluate("[localStorage.length, sessionStorage.length, document.cookie]") == [0, 0, ""]


def test_thousands_of_blocks_come_in_parts(open_page: OpenPage) -> None:
    page = open_page()
    page.fill(
        "#input",
        "\n".join(f"The {n}th keeper of the lighthouse wrote a line of his own." for n in range(2100)),
    )
    page.click("button[type=submit]:has-text('Clean')")
    shown(page)
    assert page.locator(".block").count() == 2000
    page.click("#more-blocks")
    assert page.locator(".block").count() == 2100
    assert page.is_hidden("#more-blocks")
