"""Labelled pages of one's own: what `noisefilter clean --with-source` writes, with corrected labels."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from noisefilter.blocks import Blocks
from noisefilter.blocks.page import cut_page
from noisefilter.blocks.text import cut_text
from noisefilter.errors import NoiseFilterError
from noisefilter.extraction import mark_kept
from noisefilter.intake import check_text, load_page
from noisefilter.labels import Label
from noisefilter.limits import Limits
from noisefilter.metadata import Metadata, read_metadata
from training.pages import LABELS, UNLABELLED, Sample, host_of, text_hash


def own_samples(path: Path) -> list[Sample]:
    """Reads a file of lines.

    Args:
        path: of the file. Each line's ``input`` is cut again, so that the blocks are the ones that the
            package would cut now; ``blocks`` hold the labels. A label of null leaves its block out.

    Raises:
        ValueError: a line is not such a line, or its blocks are not those of its input; the message names
            the line.
    """
    samples = []
    with path.open(encoding="utf-8-sig") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                samples.append(_sample_of(json.loads(line), f"own/{text_hash(line)}"))
            except (KeyError, TypeError, ValueError, NoiseFilterError) as error:
                what = f"it has no {error}" if isinstance(error, KeyError) else str(error)
                raise ValueError(f"{path}, line {number}: {what}") from error
    return samples


def _sample_of(entry: dict[str, Any], key: str) -> Sample:
    source, url = entry["input"], entry.get("url")
    blocks, metadata = _blocks_of(source["type"], source["content"], url)
    labelled = entry["blocks"]
    if [block["text"] for block in labelled] != blocks.text:
        raise ValueError("its blocks are not those of its input: write it again with this version")
    return Sample(
        key,
        host_of(url, key),
        entry.get("language") or "",
        blocks,
        np.array([_number_of(block["label"]) for block in labelled], dtype=np.int8),
        metadata.title or source.get("title"),
        metadata.url,
        metadata.authors,
        metadata.tags,
        metadata.site,
        weight=np.ones(len(blocks), dtype=np.float32),
    )


def _number_of(label: str | None) -> int:
    return UNLABELLED if label is None else LABELS.index(Label(label))


def _blocks_of(kind: str, content: str, url: str | None) -> tuple[Blocks, Metadata]:
    if kind == "text":
        return cut_text(check_text(content, Limits())), Metadata(url=url)
    if kind != "html":
        raise ValueError(f"its input is of type {kind!r}, neither html nor text")
    tree = load_page(content, Limits()).tree
    metadata = read_metadata(tree, url)
    blocks, nodes = cut_page(tree)
    mark_kept(tree, blocks, nodes, metadata.url, lambda: load_page(content, Limits()).tree)
    return blocks, metadata
