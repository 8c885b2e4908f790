"""What the markup tells of a block: its element, what it stands in, links, and Trafilatura's choice."""

from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray

from noisefilter.blocks import REGIONS, Blocks
from noisefilter.features.columns import Column, Columns
from noisefilter.features.structure import subtree_ends
from noisefilter.labels import Kind

_TAGS = (
    "p", "div", "li", "td", "h1", "h2", "h3", "h4", "h5", "section", "article", "header", "footer",
    "figcaption", "figure", "address", "blockquote", "pre", "dt", "dd", "ul", "body", "form", "aside", "nav",
    "tr", "button",
)  # fmt: skip
_TAG_NAMES = tuple(f"in a {tag} element" for tag in _TAGS)
_TAG_NUMBER = {tag: number for number, tag in enumerate(_TAGS)}
_REGION_NAMES = tuple(f"inside {tag}" for tag in REGIONS)
_DENSITY_EDGES = (0.01, 0.1, 0.3, 0.6, 0.9, 0.995)
_SHARE_EDGES = (0.01, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99)
_LEVELS = 5  # ancestors whose share of kept words is looked at


def _host(url: str | None) -> str:
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.") if url else ""
    except ValueError:  # "http://[" and the like
        return ""


def _is_foreign(href: str, own_host: str) -> bool:
    if not own_host or not href.startswith(("http:", "https:", "//")):
        return False
    host = href.partition("//")[2][:256].split("/", 1)[0].split("?", 1)[0].lower()
    return not f".{host}".endswith(f".{own_host}")


def _kept_around(blocks: Blocks, counts: NDArray[np.float32], kept: NDArray[np.bool_]) -> list[Column]:
    """Share of words that Trafilatura kept in the elements around each block, from the inside out.

    The block's own words do not count, so that the column speaks of its siblings.
    """
    markup = blocks.markup
    assert markup is not None
    up = np.array(markup.elements.parent, dtype=np.int64)
    element = np.array(markup.element, dtype=np.int64)
    weight = counts + 0.5
    end = subtree_ends(markup.elements.parent)
    total = _within(np.bincount(element, weights=weight, minlength=len(up)), end)
    taken = _within(np.bincount(element, weights=weight * kept, minlength=len(up)), end)
    shares = []
    current = element
    for _ in range(_LEVELS):
        others = total[current] - weight
        share = np.where(others > 0.01, (taken[current] - weight * kept) / np.maximum(others, 0.01), -1)
        shares.append(share.astype(np.float32))
        current = up[current]
    return shares


def _within(values: NDArray[np.number], end: NDArray[np.int64]) -> NDArray[np.float64]:
    """Sums of values over each element and all elements inside it."""
    running = np.concatenate(([0.0], values.cumsum()))
    return np.asarray(running[end] - running[:-1])


def add_markup(
    columns: Columns,
    blocks: Blocks,
    counts: NDArray[np.float32],
    url: str | None,
    main_run: tuple[int, int],
    titled: NDArray[np.bool_],
) -> None:
    """Adds the columns on markup.

    Args:
        columns: collects them.
        blocks: of a page, with markup.
        counts: number of words of each block.
        url: address of the page, to tell its own links from foreign ones.
        main_run: first and last block of the page's main run of prose.
        titled: which blocks have the same words as the page's title.
    """
    markup = blocks.markup
    assert markup is not None
    elements = markup.elements
    own = np.array(markup.element, dtype=np.int64)
    columns.add_hot(_TAG_NAMES, [_TAG_NUMBER.get(elements.tag[e], -1) for e in markup.element])
    columns.add_bits(_REGION_NAMES, [elements.regions[e] for e in markup.element])
    heading = np.array([kind is Kind.HEADING for kind in blocks.kind], dtype=np.bool_)
    columns.add("a heading with the same words as the title", heading & titled)
    again = heading & titled
    again[:1] = False
    again[1:] &= np.logical_or.accumulate(titled[:-1])
    columns.add("a heading with the same words as the title, not the first", again)

    size = np.array([len(text) for text in blocks.text], dtype=np.float32).clip(1)
    density = np.array(markup.linked, dtype=np.float32) / size
    columns.add_bins("link density", density, _DENSITY_EDGES)
    columns.add("all linked, short", (density > 0.9) & (counts < 8))
    columns.add("all linked, long", (density > 0.9) & (counts >= 8))
    links = np.array([len(hrefs) for hrefs in markup.hrefs])
    columns.add_bins("links", links, (1, 2, 3, 6))
    host = _host(url)
    foreign = np.array([any(_is_foreign(href, host) for href in hrefs[:5]) for hrefs in markup.hrefs])
    columns.add("links to another site", foreign)
    # Without an address nothing is known of either.
    columns.add("links to its own site", (links > 0) & ~foreign & bool(host))
    columns.add_bins("emphasis", np.array(markup.emphasised, dtype=np.float32) / size, (0.01, 0.5, 0.95))
    hidden = np.array(blocks.hidden, dtype=np.float32)
    columns.add("hidden by style", hidden)

    kept = np.array(markup.kept, dtype=np.bool_)
    columns.add("kept by Trafilatura", kept)
    columns.add("kept by Trafilatura, short", kept & (counts < 8))
    columns.add("kept by Trafilatura, linked", kept & (density > 0.6))
    columns.add("dropped by Trafilatura, long", ~kept & (counts >= 15))
    columns.add_bins(
        "share of words kept on the page", np.full(len(kept), _share(kept, counts)), (0.02, 0.15, 0.4, 0.8)
    )
    for level, share in enumerate(_kept_around(blocks, counts, kept)):
        columns.add_bins(f"share kept around it, level {level}", share, _SHARE_EDGES)
    index = np.arange(len(kept))
    where = np.flatnonzero(kept)
    first, last = (int(where[0]), int(where[-1])) if where.size else (len(kept), -1)
    columns.add("between kept blocks", (index >= first) & (index <= last))
    columns.add_bins(
        "blocks before the first kept", np.where(index < first, first - index, 0), (1, 2, 3, 5, 9, 20)
    )
    columns.add_bins(
        "blocks behind the last kept", np.where(index > last, index - last, 0), (1, 2, 3, 5, 9, 20)
    )

    depth = np.array(elements.depth, dtype=np.float32)[own]
    run = slice(main_run[0], main_run[1] + 1)
    columns.add_bins("depth against the main run", depth - _median(depth[run]), (-3, -1, 0, 1, 2, 4))
    parent = np.array(elements.parent, dtype=np.int64)[own]
    around_run = np.zeros(len(elements.parent), dtype=np.bool_)
    around_run[parent[run]] = True
    columns.add("same element around as in the main run", around_run[parent])
    siblings = np.bincount(parent)[parent]
    columns.add_bins("blocks in the element around", siblings, (2, 3, 5, 10, 30))


def _median(values: NDArray[np.float32]) -> float:
    """As numpy's, which imports masked arrays, as `numpy.unique` does."""
    ordered = np.sort(values)
    return float(ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2


def _share(kept: NDArray[np.bool_], counts: NDArray[np.float32]) -> float:
    return float((counts * kept).sum() / max(float(counts.sum()), 1.0))


def add_neighbour_columns(columns: Columns, blocks: Blocks, counts: NDArray[np.float32]) -> None:
    """Adds the columns that a block gets of its neighbours."""
    markup = blocks.markup
    assert markup is not None
    size = np.array([len(text) for text in blocks.text], dtype=np.float32).clip(1)
    density = np.array(markup.linked, dtype=np.float32) / size
    columns.add_bins("link density", density, (0.1, 0.6, 0.95))
    columns.add("kept", markup.kept)
    columns.add("kept prose", np.array(markup.kept) & (counts >= 15))
    columns.add("hidden", blocks.hidden)
    parent = [markup.elements.parent[e] for e in markup.element]
    columns.add("a heading", [str(kind) == "heading" for kind in blocks.kind])
    columns.add("a list item", [str(kind) == "list_item" for kind in blocks.kind])
    columns.add(
        "same element as the one before",
        [a == b for a, b in zip([-1, *markup.element], markup.element, strict=False)],
    )
    columns.add(
        "same parent as the one before", [a == b for a, b in zip([-1, *parent], parent, strict=False)]
    )
