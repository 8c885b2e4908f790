"""The real service and a real browser. Without Playwright or Chromium all is skipped, with a message."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Dialog, Page

STARTS_WITHIN_S = 60
# Chromium's sandbox needs rights that containers rarely give; the pages are ours.
ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage")

OpenPage = Callable[..., "Page"]
StartServer = Callable[..., AbstractContextManager[str]]


def chromium() -> str | None:
    names = (os.environ.get("CHROMIUM"), "chromium", "chromium-browser", "google-chrome")
    return next((found for name in names if name and (found := shutil.which(name))), None)


def skip(reason: str) -> NoReturn:
    """Skips; where BROWSER_REQUIRED is set, as in continuous integration, that is a failure."""
    if os.environ.get("BROWSER_REQUIRED"):
        pytest.fail(reason)
    pytest.skip(reason)


@contextlib.contextmanager
def served(**settings: str) -> Iterator[str]:
    """`noisefilter serve` on a free port; gives the address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("NOISEFILTER_")}
    command = [sys.executable, "-m", "noisefilter", "serve", "--port", str(port)]
    process = subprocess.Popen(
        command,
        env={**inherited, "NOISEFILTER_CHILDREN": "1", **settings},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}/"
    try:
        end = time.monotonic() + STARTS_WITHIN_S
        while process.poll() is None and time.monotonic() < end:
            try:
                urllib.request.urlopen(address + "healthz", timeout=5).close()
                break
            except urllib.error.URLError:
                time.sleep(0.1)
        else:
            raise RuntimeError(f"{' '.join(command)} did not come up (exit code {process.poll()})")
        yield address
    finally:
        process.terminate()
        process.wait(timeout=30)


@pytest.fixture(scope="session")
def start_server() -> StartServer:
    """Starts one more server, with settings of its own."""
    return served


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    with served() as found:
        yield found


@pytest.fixture(scope="session")
def browser() -> Iterator["Browser"]:
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        skip("no Playwright here: run make test-browser")
    if (program := chromium()) is None:
        skip("no Chromium here: apt-get install chromium, or name one with CHROMIUM=…")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=program, args=list(ARGUMENTS))
        yield launched
        launched.close()


@pytest.fixture
def open_page(browser: "Browser", address: str) -> Iterator[OpenPage]:
    """Opens the page in a fresh profile; afterwards there must be no error in it and no request elsewhere."""
    wrong: list[str] = []
    contexts = []

    def console(message: "ConsoleMessage") -> None:
        # Violations of the policy come here too. An answer of 4xx that a test asks for is no error.
        if message.type in ("error", "warning") and "Failed to load resource" not in message.text:
            wrong.append(f"console: {message.text}")

    def dialog(shown: "Dialog") -> None:
        wrong.append(f"dialog: {shown.message}")
        shown.dismiss()

    def elsewhere(url: str, at: str) -> list[str]:
        return [] if url.startswith(at) else [f"request elsewhere: {url}"]

    def open_it(*, at: str = address, **options: Any) -> "Page":
        rights = ["clipboard-read", "clipboard-write"]
        context = browser.new_context(permissions=rights, **options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on("console", console)
        page.on("pageerror", lambda error: wrong.append(f"exception: {error}"))
        page.on("dialog", dialog)
        page.on("request", lambda request: wrong.extend(elsewhere(request.url, at)))
        page.goto(at)
        page.wait_for_selector("#example-list button")
        return page

    yield open_it
    for context in contexts:
        context.close()
    assert not wrong


@pytest.fixture(scope="session")
def axe() -> str:
    """The source of axe-core, which make test-browser fetches."""
    path = os.environ.get("AXE_CORE")
    if not path or not Path(path).is_file():
        skip("no axe-core here: make test-browser fetches it with npm")
    return Path(path).read_text(encoding="utf-8")
