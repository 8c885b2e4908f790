"""The picture in the README: `python -m browser.screenshot FILE`. Best with Inter and Charis SIL."""

import sys
from pathlib import Path

from browser.conftest import ARGUMENTS, chromium, served

MAX_BYTES = 200_000


def take(file: Path) -> None:
    """Cleans an example and takes a picture of the page."""
    # Here, because the tests look into every module and Playwright need not be there.
    from PIL import Image
    from playwright.sync_api import sync_playwright

    if (program := chromium()) is None:
        sys.exit("no Chromium here: apt-get install chromium, or name one with CHROMIUM=…")
    with served() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(ARGUMENTS))
        page = browser.new_page(
            viewport={"width": 1340, "height": 960}, color_scheme="light", reduced_motion="reduce"
        )
        page.goto(address)
        page.get_by_role("button", name="Auto-blog post").click()
        page.locator(".block").first.hover()
        page.get_by_role("button", name="Show the evidence").click()
        page.wait_for_selector("#note .evidence li")
        page.locator(".block[data-label=ad]").hover()
        page.evaluate("document.getElementById('status').hidden = true")
        page.screenshot(path=file)
        browser.close()
    with Image.open(file) as picture:
        few = picture.convert("RGB").quantize(256, dither=Image.Dither.NONE)
    few.save(file, optimize=True)
    if (size := file.stat().st_size) > MAX_BYTES:
        sys.exit(f"{file} has {size:,} bytes, more than {MAX_BYTES:,}")


if __name__ == "__main__":
    take(Path(sys.argv[1]))
