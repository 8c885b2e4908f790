"""What is asked of hidden blocks: to hide text is no verdict, but spam has no other reason to be hidden."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from noisefilter.labels import Label
from noisefilter.policy import LABELS, Judged
from noisefilter.smuggling import shows_nothing

_SPAM = LABELS.index(Label.SPAM)


def threshold_for_hidden(
    judged: Judged, hidden: Sequence[bool], threshold: NDArray[np.float32], recovery: float
) -> NDArray[np.float32]:
    """Probability of noise from which each block is dropped, with what differs for hidden ones.

    Where spam is the likeliest kind of noise of a page's hidden block, that Trafilatura kept it does not
    speak for it: it knows only some of the ways to hide. A block of which nothing shows is always dropped.

    Args:
        judged: blocks and scores.
        hidden: which blocks are hidden.
        threshold: probability of noise from which each block is dropped, shape (n_blocks,).
        recovery: probability of noise up to which a block that Trafilatura left out is put back.

    Returns:
        The thresholds, shape (n_blocks,).
    """
    if judged.extracted is not None:
        spam = judged.extracted & np.array(hidden) & (judged.label.argmax(axis=1) == _SPAM)
        threshold = np.where(spam, np.minimum(threshold, np.float32(recovery)), threshold)
    return np.where(unseen(judged.text, hidden), np.float32(0), threshold)


def unseen(texts: Sequence[str], hidden: Sequence[bool]) -> list[bool]:
    """Of which blocks nothing shows.

    Args:
        texts: the blocks' text.
        hidden: which blocks are hidden.
    """
    return [h and shows_nothing(text) for h, text in zip(hidden, texts, strict=True)]
