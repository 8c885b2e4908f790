"""Scores all blocks of a page or text; very long ones part by part."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from noisefilter import features
from noisefilter.blocks import Blocks
from noisefilter.blocks.parts import part_at, parts_of
from noisefilter.features import Features
from noisefilter.metadata import Metadata
from noisefilter.metadata.titles import MAX_DECLARED_CHARS
from noisefilter.model import Model

LabelsFrom = Callable[[NDArray[np.float32], Blocks], float | NDArray[np.float32]]
"""Of the words of some blocks and of the blocks: the probability of noise from which labels are needed."""


@dataclass(frozen=True, slots=True)
class Scored:
    """What is known of each block.

    Attributes:
        words: number of words, shape (n_blocks,).
        noise: calibrated probability of not being content, shape (n_blocks,).
        label: given noise, probability of each label, shape (n_blocks, 16).
    """

    words: NDArray[np.float32]
    noise: NDArray[np.float32]
    label: NDArray[np.float32]


def features_of(blocks: Blocks, title: str | None, metadata: Metadata) -> Features:
    """Features of blocks with what is known of their page."""
    return features.extract(
        blocks,
        title and title[:MAX_DECLARED_CHARS],
        metadata.url,
        authors=metadata.authors,
        tags=metadata.tags,
        site=metadata.site,
    )


def extracted_of(blocks: Blocks) -> NDArray[np.bool_] | None:
    """Which blocks Trafilatura kept, shape (n_blocks,); None for plain text."""
    return np.array(blocks.markup.kept, dtype=np.bool_) if blocks.markup is not None else None


def trusted_of(blocks: Blocks) -> NDArray[np.bool_] | None:
    """The same, hidden blocks left out."""
    if (extracted := extracted_of(blocks)) is None:
        return None
    return np.asarray(extracted & ~np.array(blocks.hidden))


def score(
    model: Model, blocks: Blocks, title: str | None, metadata: Metadata, labels_from: LabelsFrom
) -> Scored:
    """Scores blocks.

    Args:
        model: that scores them.
        blocks: at least one.
        title: of the page or text, where known.
        metadata: of the page.
        labels_from: tells for some blocks from which probability of noise labels are worked out.
    """
    words, noise, label = [], [], []
    for first, end in parts_of(len(blocks)):
        part = part_at(blocks, first, end)
        found = features_of(part.blocks, title, metadata)
        scores = model.score(found, blocks.markup is not None, labels_from(found.words, part.blocks))
        words.append(found.words[part.own])
        noise.append(scores.noise[part.own])
        label.append(scores.label[part.own])
    return Scored(_joined(words), _joined(noise), _joined(label))


def _joined(arrays: list[NDArray[np.float32]]) -> NDArray[np.float32]:
    return arrays[0] if len(arrays) == 1 else np.concatenate(arrays)
