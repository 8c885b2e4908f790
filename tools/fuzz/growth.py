"""Looks for pages whose cost grows faster than their size: `python -m tools.fuzz.growth --seconds 300`.

Small random pieces of markup, repeated thousands of times and four times as often, some of them deep within
other elements, in raw text, or beside an attribute that grows along.
"""

import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any, cast

import click
from lxml import etree

from noisefilter import Cleaner, NoiseFilterError

FACTOR, MOST_GROWTH = 4, 6.5
MOST_S = 150e-6
"""Of CPU time a tag or a thousand bytes; a block takes 35 to 55 microseconds."""
_PARSES = 3
LEAST_S = 0.5
"""Of CPU time; what takes less says nothing of growth."""
_COUNTS = (1_000, 3_000, 5_000)
_TAGS = (
    "p", "div", "span", "a", "b", "i", "em", "strong", "ul", "ol", "li", "dl", "dt", "dd", "table", "tr",
    "td", "th", "tbody", "thead", "caption", "h1", "h2", "h3", "section", "article", "aside", "header",
    "footer", "nav", "main", "form", "fieldset", "label", "input", "button", "select", "option", "textarea",
    "blockquote", "q", "pre", "code", "img", "figure", "figcaption", "picture", "source", "video", "audio",
    "iframe", "object", "svg", "path", "math", "br", "hr", "center", "font", "big", "small", "sub", "sup",
    "u", "s", "del", "ins", "abbr", "time", "cite", "details", "summary", "dialog", "noscript", "template",
    "ruby", "rt", "rp", "map", "canvas", "address", "frameset", "noframes", "x-foo", "lb", "ref", "hi",
    "graphic", "head", "row", "cell", "item", "list", "quote", "body", "html", "title", "meta", "link",
    "script", "style",
)  # fmt: skip
_ATTRIBUTES = (
    'class="sidebar"', 'class="comment"', 'class="share ad"', 'class="post-content entry"', 'class="date"',
    'class="byline"', 'class="author"', 'id="x"', "hidden", 'aria-hidden="true"', 'style="display:none"',
    'style="left:-9999px;position:absolute"', 'itemprop="author"', 'itemprop="datePublished"', 'rel="author"',
    'role="navigation"', 'href="http://a.example/b"', 'href="#"', 'src="a.png"', 'datetime="2020-01-01"',
    "colspan=3", "rowspan=99",
)  # fmt: skip
_WORDS = (
    "word", "By Ada Moor", "12.03.2020", "Share", "Read more:", "A sentence that is longer, with a comma.",
    "http://a.example/x", "|", "&nbsp;", "—", "2 min", "Copyright 2020", "\u200b", "\u202e", "a.b.c", "..",
    "(1)", "“", "日本語の文章です。", "123",
)  # fmt: skip
_NAMES = ("class", "id", "style", "title", "alt", "data-x", "href", "content")
_WRAPPERS = ("<textarea>", "<noframes>", "<noscript>", "<xmp>", "<!--><!-- x --!>", "<title>")
_LONG = "\ufdd0"  # no character
_PARAGRAPH = (
    "<p>The old bridge was closed to lorries on Monday after engineers found cracks in its bearings.</p>"
)


@dataclass(frozen=True, slots=True)
class Shape:
    """A page that can be made as large as wanted.

    Attributes:
        before: what comes first, with marks for text that grows along.
        unit: what is repeated.
    """

    before: str
    unit: str

    def page(self, count: int) -> bytes:
        """With so many units."""
        before = self.before.replace(_LONG, "word " * (20 * count))
        return f"<html><body>{before}{self.unit * count}</body></html>".encode("utf-8", "replace")


def shapes(rng: Random) -> Iterator[Shape]:
    """Shapes without end."""
    while True:
        open_tags = "".join(f"<{rng.choice(_TAGS)}>" for _ in range(rng.choice((0, 0, 0, 1, 2, 3))))
        open_tags *= rng.choice((1,) * 8 + (40, 80, 120))
        if rng.random() < 0.1:
            open_tags += f'<{rng.choice(_TAGS)} {rng.choice(_NAMES)}="{_LONG}">'
        wrapper = rng.choice(("",) * 12 + _WRAPPERS)
        yield Shape(_PARAGRAPH * rng.choice((0, 1, 3)) + wrapper + open_tags, _unit(rng))


def _unit(rng: Random) -> str:
    pieces: list[str] = []
    open_tags: list[str] = []
    for _ in range(rng.randint(1, 5)):
        chance = rng.random()
        if chance < 0.55:
            open_tags.append(rng.choice(_TAGS))
            attributes = rng.sample(_ATTRIBUTES, rng.choice((0, 0, 1, 1, 2)))
            pieces.append(f"<{' '.join((open_tags[-1], *attributes))}>")
        elif chance < 0.8:
            pieces.append(rng.choice(_WORDS) + rng.choice((" ", "", "\n")))
        else:
            pieces.append(f"</{open_tags.pop() if open_tags else rng.choice(_TAGS)}>")
    if rng.random() < 0.7:
        pieces += (f"</{tag}>" for tag in reversed(open_tags))
    return "".join(pieces)


def seconds(cleaner: Cleaner, page: bytes) -> float:
    """CPU time of cleaning a page, that of its parsing left out, as often as that may be done.

    On deep pages libxml2 looks, for each end tag, through all that is open; how much that may be is bounded.
    """
    start = time.process_time()
    with contextlib.suppress(NoiseFilterError):
        cleaner.clean(page)
    found = time.process_time() - start
    for wrapper in _WRAPPERS:  # what is in them may be parsed too
        page = page.replace(wrapper.encode(), b"")
    start = time.process_time()
    etree.fromstring(page, etree.HTMLParser(huge_tree=True, target=cast(Any, _Nothing())))
    return max(found - _PARSES * (time.process_time() - start), 0.0)


class _Nothing:
    """What a parser tells, and nobody hears."""

    def start(self, tag: str, attributes: object) -> None:
        """Of a tag."""

    def end(self, tag: str) -> None:
        """Of an end tag."""

    def close(self) -> None:
        """At the end."""


def costs(cleaner: Cleaner, shape: Shape, count: int) -> float:
    """CPU time a tag and a thousand bytes of the longer page, in seconds; 0 if it is too short to tell."""
    page = shape.page(FACTOR * count)
    found = seconds(cleaner, page)
    return found / (page.count(b"<") + len(page) / 1_000) if found >= LEAST_S else 0.0


def growth(cleaner: Cleaner, shape: Shape, count: int) -> float:
    """How many times the time it takes when there is `FACTOR` times as much; 0 if that tells nothing."""
    ratio = 0.0
    for _ in range(2):  # other processes take their turns as well
        large = seconds(cleaner, shape.page(FACTOR * count))
        if large < LEAST_S:
            return 0.0
        found = large / max(seconds(cleaner, shape.page(count)), LEAST_S / FACTOR**2)
        ratio = min(ratio, found) if ratio else found
        if ratio < MOST_GROWTH:
            break
    return ratio


@click.command()
@click.option("--seconds", "seconds_", default=60.0, show_default=True, help="How long.")
@click.option("--seed", default=1, show_default=True, help="The same seed makes the same pages.")
def main(seconds_: float, seed: int) -> None:
    """Measures random shapes; ends with 1 if the cost of one grows faster than its size, or is high."""
    rng, cleaner = Random(seed), Cleaner()
    cleaner.clean(_PARAGRAPH)  # what is loaded once
    end = time.monotonic() + seconds_
    tried = found = 0
    for shape in shapes(rng):
        if time.monotonic() > end:
            break
        tried, count = tried + 1, rng.choice(_COUNTS)
        if (ratio := growth(cleaner, shape, count)) >= MOST_GROWTH:
            found += 1
            click.echo(f"{ratio:.1f} times the time for {FACTOR} times {count:,}: {shape!r}")
        elif (cost := costs(cleaner, shape, count)) >= MOST_S:
            found += 1
            click.echo(f"{cost * 1e6:.0f} microseconds a tag of {FACTOR} times {count:,}: {shape!r}")
    click.echo(f"{tried:,} shapes, {found:,} of which cost too much")
    raise SystemExit(int(found > 0))


if __name__ == "__main__":
    main()
