"""Any input at all: nothing crashes, hangs or vanishes."""

import gzip
import re
import time
import zlib
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from intake_helpers import HTML_BYTES, LIMITS, brotli_compress, text_of
from lxml import etree
from lxml import html as lxml_html
from strategies import PIECES

from noisefilter.errors import (
    NoiseFilterError,
)
from noisefilter.intake import check_text, decode_text, load_page, looks_like_html

FORBIDDEN = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")

QUICK = settings(max_examples=150, deadline=None)


def check_any(value: str | bytes) -> None:
    try:
        loaded = load_page(value, LIMITS)
    except NoiseFilterError:
        return
    assert [child.tag for child in loaded.tree] in (["body"], ["head", "body"])
    assert loaded.tree.getnext() is None
    assert loaded.tree.getparent() is None
    serialised = etree.tostring(loaded.tree, method="html", encoding="unicode")
    assert not FORBIDDEN.search(serialised)


@QUICK
@given(st.text() | PIECES)
@example(".")
@example("<p>\ud800")
def test_any_str(text: str) -> None:
    check_any(text)
    looks_like_html(text)
    try:
        checked = check_text(text, LIMITS)
    except NoiseFilterError:
        return
    assert len(checked) == len(text)
    checked.encode()


@QUICK
@given(st.binary() | PIECES.map(lambda text: text.encode("utf-8", "surrogatepass")))
@example(b"\x06")
@example(b"\x1f\x8b\x08\0\0\0\0\0")
def test_any_bytes(data: bytes) -> None:
    check_any(data)
    with suppress(NoiseFilterError):
        decode_text(data).encode()


@QUICK
@given(st.sampled_from(["gzip", "zlib", "brotli"]), st.integers(0, 400), st.binary(max_size=8))
def test_damaged_bytes(kind: str, position: int, junk: bytes) -> None:
    compress: Any = {"gzip": gzip.compress, "zlib": zlib.compress, "brotli": brotli_compress}[kind]
    data = compress(HTML_BYTES[:3000])
    check_any(data[:position] + junk + data[position + len(junk) :])


@QUICK
@given(PIECES)
def test_no_text_vanishes(text: str) -> None:
    """What libxml2 makes of a page, siblings of the root included, is all there."""
    source = re.sub(r"[\0\x0b\ufffe\ufeff\ud800]|&#\w+;", "", text)
    try:
        loaded = load_page(source, LIMITS)
    except NoiseFilterError:
        return
    parser = lxml_html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    root = etree.fromstring(source.encode(), parser)
    expected = [] if root is None else [root, *root.itersiblings()]
    found = sorted("".join(text_of(loaded).split()))
    assert found == sorted("".join("".join(str(t) for part in expected for t in part.itertext()).split()))


UNITS = [
    *("<", "<!doctype ", "<!doctype x", "<html ", "&#", "&#0", "<!--", "<!---->"),
    *("<?", "<b ", "<b/", "</b>", " ", "'<b>", "<b a", "["),
    *("{ ", "<html></html>x", "x</body>", "<body>x</body>", "\0", "<p>a\0", "<meta charset=", "\ud800"),
    *("<?xml ", "\ufeff", "/", ">", "<p>", "<x:y>", "\x1b$", "x^"),
    *("a.html", "<br>x", "<?x>", "< !doctype /", "&#1;"),
]


@pytest.mark.parametrize("unit", UNITS)
def test_linear_time(unit: str) -> None:
    for start in ("", "<", "<p>", "<!doctype ", "{"):
        text = start + unit * (150_000 // len(unit)) + "x"
        for value in (text, text.encode("utf-8", "surrogatepass")):
            begin = time.perf_counter()
            check_any(value)
            assert time.perf_counter() - begin < 1.5
        begin = time.perf_counter()
        looks_like_html(text)
        assert time.perf_counter() - begin < 0.5
