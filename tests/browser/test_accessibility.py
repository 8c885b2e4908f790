"""axe-core finds nothing serious, in any state of the page, light or dark."""

from typing import TYPE_CHECKING, Any

import pytest

from browser.conftest import OpenPage
from browser.test_page import PHONE, example

if TYPE_CHECKING:
    from playwright.sync_api import Page

CONTRAST_AA = 4.5
LABELS_ARE_READABLE = """() => {
    const canvas = Object.assign(document.createElement("canvas"), {width: 1, height: 1});
    const context = canvas.getContext("2d", {willReadFrequently: true});
    const luminance = (color) => {
        context.fillStyle = color;
        context.fillRect(0, 0, 1, 1);
        const [r, g, b] = [...context.getImageData(0, 0, 1, 1).data].slice(0, 3)
            .map((v) => v / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    return [...document.querySelectorAll("#legend .chip")].map((chip) => {
        const style = getComputedStyle(chip);
        const [a, b] = [luminance(style.color), luminance(style.backgroundColor)];
        return [chip.textContent, (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)];
    });
}"""


def serious(page: "Page", axe: str) -> list[str]:
    page.evaluate(axe)  # not as a script element: the policy of the page forbids it, as it should
    page.wait_for_timeout(400)  # what fades in has too little contrast on its way
    found: dict[str, Any] = page.evaluate("axe.run(document)")
    return [
        f"{violation['id']}: {node['html']} {node['failureSummary']}"
        for violation in found["violations"]
        if violation["impact"] in ("serious", "critical")
        for node in violation["nodes"]
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("device", [{}, PHONE], ids=["desktop", "phone"])
def test_axe(open_page: OpenPage, axe: str, scheme: str, device: dict[str, Any]) -> None:
    page = open_page(color_scheme=scheme, reduced_motion="reduce", **device)
    page.click("text=More options")
    assert serious(page, axe) == []
    example(page, "Local news")
    page.evaluate("document.getElementById('labels').open = true")  # shut on a phone
    page.check("input[name=rule-ad][value=keep]")
    page.locator(".block[data-kept=false]").first.click()
    page.click("text=Show the evidence")
    page.wait_for_selector("#note .evidence li")
    assert serious(page, axe) == []
    page.route(
        "**/v1/clean", lambda route: route.fulfill(status=503, json={"title": "Not ready", "detail": "Wait."})
    )
    page.check("input[name=policy][value=recall]")
    page.wait_for_selector("#problem:not([hidden])")
    assert serious(page, axe) == []
    page.unroute("**/v1/clean")
    page.route(
        "**/v1/clean*", lambda route: route.fulfill(status=401, json={"title": "Token", "detail": "Send."})
    )
    page.check("input[name=policy][value=balanced]")
    page.wait_for_selector("#token-form:not([hidden])")
    assert serious(page, axe) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_of_the_api_page(open_page: OpenPage, axe: str, scheme: str) -> None:
    page = open_page(color_scheme=scheme)
    page.click("text=API")
    page.wait_for_selector("h2#problems")
    assert serious(page, axe) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_labels_are_readable(open_page: OpenPage, scheme: str) -> None:
    page = open_page(color_scheme=scheme)
    example(page, "Auto-blog post")
    contrasts = dict(page.evaluate(LABELS_ARE_READABLE))
    assert len(contrasts) == 16
    assert {label: ratio for label, ratio in contrasts.items() if ratio < CONTRAST_AA} == {}
