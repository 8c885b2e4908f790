"""The labelled pages: corpora and labels in, blocks with their labels out."""

import gzip
import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import joblib
import numpy as np
from courlan import extract_domain
from numpy.typing import NDArray

from noisefilter.blocks import CELL_SEPARATOR, Blocks
from noisefilter.blocks.page import cut_page
from noisefilter.errors import NoiseFilterError
from noisefilter.extraction import mark_kept
from noisefilter.intake import load_page
from noisefilter.labels import Kind, Label
from noisefilter.limits import Limits
from noisefilter.metadata import read_metadata
from training.segment import segment

LABELS = tuple(Label)
"""The labels by number; content is number 0."""
UNLABELLED = -1
SEEDS = Path(__file__).parent.parent / "seeds"
PAGE_LABELS = SEEDS / "labels" / "pages.jsonl.gz"
DEV_SHARE = 0.2


@dataclass(slots=True)
class Sample:
    """A labelled page or text.

    Attributes:
        key: corpus and page.
        host: of the page; splits are made by host, since a site's pages are alike.
        language: of the page, or "".
        blocks: of the page.
        labels: number of each block's label in `LABELS`, or `UNLABELLED`, int8, shape (n_blocks,).
        title: of the page, as its metadata says.
        url: of the page.
        authors: that the page declares.
        tags: that the page declares.
        site: name of the site, as the page declares it.
        weight: how much its blocks count in training, shape (n_blocks,).
    """

    key: str
    host: str
    language: str
    blocks: Blocks
    labels: NDArray[np.int8]
    title: str | None = None
    url: str | None = None
    authors: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    site: str | None = None
    weight: NDArray[np.float32] = field(default_factory=lambda: np.ones(0, dtype=np.float32))


@dataclass(slots=True)
class Page:
    """A page of a corpus with its labels as read."""

    key: str
    html: str
    url: str | None
    language: str
    gold: str | None
    labels: dict[int, tuple[str, int]]
    page_type: str


def text_hash(text: str) -> str:
    """Eight hexadecimal digits that tie a label to a block's text."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:8]


def host_of(url: str | None, key: str) -> str:
    """Registered domain of a page's address, or its key; a site's subdomains are alike."""
    return (extract_domain(url) if url else None) or key


def host_share(host: str) -> float:
    """A number from 0 to 1 that depends on the host alone."""
    return int(hashlib.sha256(host.encode()).hexdigest()[:8], 16) / 16**8


def is_dev(host: str) -> bool:
    """Whether the pages of a host are kept for evaluation and never trained on."""
    return host_share(host) < DEV_SHARE


def read_labels(path: Path = PAGE_LABELS) -> dict[str, dict[str, Any]]:
    """Reads the labels, by corpus and page."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        records = [json.loads(line) for line in lines]
    return {f"{record['corpus']}/{record['page']}": record for record in records}


def read_corpus(path: Path) -> Iterator[dict[str, Any]]:
    """Reads the page records of a corpus."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def corpus_pages(corpora: Path, labels: dict[str, dict[str, Any]]) -> Iterator[Page]:
    """Yields the pages of a folder of corpora, those without labels too.

    Raises:
        FileNotFoundError: the folder holds no corpus.
    """
    paths = sorted(corpora.glob("*.jsonl.gz"))
    if not paths:
        raise FileNotFoundError(f"no *.jsonl.gz in {corpora}; see training/README.md for where the pages are")
    for path in paths:
        for record in read_corpus(path):
            key = f"{record.get('dataset') or path.name.split('.')[0]}/{record['id']}"
            found = labels.get(key, {})
            entries = {
                index: (digest, UNLABELLED if unsure else LABELS.index(Label(label)))
                for index, digest, label, unsure in found.get("blocks", ())
            }
            extra = record.get("gold_extra") or {}
            page_type = str(extra.get("page_type") or "article")
            language = found.get("lang") or record.get("lang") or ""
            yield Page(
                key, record["html"], record.get("url"), language, record.get("gold"), entries, page_type,
            )  # fmt: skip


def labelled_pages(corpora: Path, labels: dict[str, dict[str, Any]]) -> Iterator[Page]:
    """Yields the labelled pages of a folder of corpora.

    Raises:
        FileNotFoundError: the folder holds no corpus.
    """
    return (page for page in corpus_pages(corpora, labels) if page.labels)


def squeezed(text: str) -> str:
    """A text without its white space."""
    return "".join(text.split())


def _sizes(texts: Sequence[str]) -> NDArray[np.int64]:
    return np.array([len(squeezed(text)) for text in texts], dtype=np.int64)


def carry_over(blocks: Blocks, coarse: Sequence[str], labels: dict[int, tuple[str, int]]) -> NDArray[np.int8]:
    """Gives each block the label of the labelled block in which it starts.

    Args:
        blocks: as the package cuts.
        coarse: the texts as `segment` cuts; both cuts hold the same characters in the same order.
        labels: hash and label number by index in `coarse`.

    Raises:
        ValueError: a label's hash does not fit its text, so the page is not the one that was labelled.
    """
    for index, (digest, _) in labels.items():
        if index >= len(coarse) or text_hash(coarse[index]) != digest:
            raise ValueError(f"block {index} is not the text that was labelled")
    texts = [
        text.replace(CELL_SEPARATOR, "") if kind is Kind.TABLE_ROW else text
        for text, kind in zip(blocks.text, blocks.kind, strict=True)
    ]
    sizes, ends = _sizes(texts), np.cumsum(_sizes(coarse))
    if sizes.sum() != ends[-1]:  # bars of the page's own stood in its tables: leave them all out
        without = str.maketrans("", "", "|")
        sizes = _sizes([text.translate(without) for text in texts])
        ends = np.cumsum(_sizes([text.translate(without) for text in coarse]))
    if sizes.sum() != ends[-1]:
        raise ValueError("the package cuts other text out of this page than stood there when it was labelled")
    inside = np.searchsorted(ends, np.cumsum(sizes) - sizes, side="right")
    numbers = [labels.get(int(index), ("", UNLABELLED))[1] for index in inside]
    return np.array(numbers, dtype=np.int8)


def sample_of(page: Page) -> Sample:
    """Cuts a page and carries its labels over.

    Raises:
        NoiseFilterError: the page cannot be read.
        ValueError: the labels do not fit the page.
    """
    tree = load_page(page.html, Limits()).tree
    metadata = read_metadata(tree, page.url)
    blocks, nodes = cut_page(tree)
    labels = carry_over(blocks, list(segment(tree)), page.labels)
    mark_kept(tree, blocks, nodes, metadata.url, lambda: load_page(page.html, Limits()).tree)
    labels = np.append(labels, np.full(len(blocks) - len(labels), UNLABELLED, dtype=np.int8))
    host = host_of(page.url, page.key)
    weight = np.ones(len(blocks), dtype=np.float32)
    return Sample(
        page.key, host, page.language, blocks, labels, metadata.title, metadata.url, metadata.authors,
        metadata.tags, metadata.site, weight,
    )  # fmt: skip


def _try_sample(page: Page) -> Sample | str:
    try:
        return sample_of(page)
    except (NoiseFilterError, ValueError) as error:
        return f"{page.key}: {error}"


def load_samples(
    corpora: Path, labels: Path = PAGE_LABELS, n_jobs: int = -1
) -> tuple[list[Sample], list[str]]:
    """Reads all labelled pages of a folder.

    Args:
        corpora: folder of `*.jsonl.gz` as described in `training/README.md`.
        labels: file of labels, as described in `seeds/README.md`.
        n_jobs: processes, as joblib counts them.

    Returns:
        The samples, sorted by key, and a line for each page that was left out, with the reason.
    """
    pages = labelled_pages(corpora, read_labels(labels))
    results = joblib.Parallel(n_jobs=n_jobs, batch_size=8)(
        joblib.delayed(_try_sample)(page) for page in pages
    )
    samples = sorted((r for r in results if isinstance(r, Sample)), key=lambda sample: sample.key)
    return samples, [r for r in results if isinstance(r, str)]
