"""What the tests of the intake share."""

import importlib
from typing import Any

import pytest
from lxml import etree

from noisefilter.intake import Page
from noisefilter.limits import Limits

LIMITS = Limits()


def page(body: str, head: str = "") -> str:
    return f"<!DOCTYPE html><html><head>{head}</head><body>{body}</body></html>"


def text_of(loaded: Page) -> str:
    return "".join(loaded.tree.itertext())


def words_of(tree: etree._Element) -> list[str]:
    return " ".join(str(text) for text in tree.itertext()).split()


def nodes_of(tree: etree._Element) -> list[tuple[Any, str, str]]:
    return [(element.tag, element.text or "", element.tail or "") for element in tree.iter()]


def brotli_compress(data: bytes) -> bytes:
    brotli: Any = pytest.importorskip("brotli")
    return bytes(brotli.compress(data))


def zstd_module() -> Any:
    for name in ("compression.zstd", "backports.zstd"):
        try:
            return importlib.import_module(name)
        except ImportError:
            continue
    pytest.skip("no zstd module")


HTML_BYTES = page("".join(f"<p>paragraph {i} café</p>" for i in range(3000))).encode()
