"""Takes a block's score apart into the evidence that made it."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import fields
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from noisefilter.article import Evidence
from noisefilter.blocks import Blocks, Elements, Markup
from noisefilter.blocks.parts import Part, part_at, parts_of
from noisefilter.features import Features
from noisefilter.features.hashed import Hashed, character_grams, word_grams
from noisefilter.features.markup_tokens import markup_tokens
from noisefilter.features.sequence import OWN, PAGE_SEQUENCE, TEXT_SEQUENCE, sequence_columns
from noisefilter.features.text import TextArrays, Words, judged, text_arrays, visible, words_of
from noisefilter.metadata import Metadata
from noisefilter.model import Model, Scores
from noisefilter.scoring import features_of
from noisefilter.smuggling import shown

_MIN_WEIGHT = 1e-3
_MAX_SHOWN = 40  # letters of a word
WHOLE_PAGE, ALL_BLOCKS = "the page as a whole", "what all blocks share"
"""Evidence that says of all blocks of a page about the same."""
# What the columns of the second pass tell of, by words in their names, the first that fits; all else is about
# the blocks around. One by one they would crowd out what a block says itself.
_SUBJECTS = (
    ("heading", "the heading above"),
    ("Trafilatura", "what Trafilatura kept"),
    ("element", "blocks in the same elements"),
    ("made like it", "blocks made like it"),
    ("on the page", WHOLE_PAGE),
    ("in all words", WHOLE_PAGE),
    ("main run", "where it stands"),
    ("content before it", "where it stands"),
    ("first block", "where it stands"),
    ("last block", "where it stands"),
    ("words", "its length"),
    ("is short", "its length"),
)
_AROUND = "the blocks around it"


class _Found(NamedTuple):
    part: Part
    features: Features
    scores: Scores
    columns: NDArray[np.float32]


class BlockExplainer:
    """Works out the evidence on blocks of one page or text when asked.

    Args:
        model: that scored them.
        blocks: as they were scored.
        title: as known to the model.
        metadata: as known to the model.
    """

    def __init__(self, model: Model, blocks: Blocks, title: str | None, metadata: Metadata) -> None:
        self.model = model
        self.blocks = blocks
        self.title = title
        self.metadata = metadata
        self._last: _Found | None = None

    def __reduce__(self) -> tuple[type, tuple[Model, Blocks, str | None, Metadata]]:
        return type(self), (self.model, self.blocks, self.title, self.metadata)

    def _found(self, index: int) -> _Found:
        """What is known of the part of the page that a block is in; the last one is kept."""
        last = self._last
        if last is None or not last.part.first <= index < last.part.end:
            where = next((first, end) for first, end in parts_of(len(self.blocks)) if index < end)
            part = part_at(self.blocks, *where)
            features = features_of(part.blocks, self.title, self.metadata)
            scores = self.model.score(features, part.blocks.markup is not None)
            columns = sequence_columns(scores.logits, features.words, features.structure)
            last = self._last = _Found(part, features, scores, columns)
        return last

    def __call__(self, index: int) -> tuple[Evidence, ...]:
        """The evidence on one block, weightiest first; its weights add up to the log-odds of noise."""
        part, found, scores, columns = self._found(index)
        index -= part.low
        weights = self.model.weights(self.blocks.markup is not None)
        logits = scores.logits
        names = TEXT_SEQUENCE if self.blocks.markup is None else PAGE_SEQUENCE
        values = columns[index]
        # The first pass enters the second through the columns on the block itself.
        own = sum(
            float(values[i] * weights.sequence[i]) for i, name in enumerate(names) if name.startswith(OWN)
        )
        # Bounded scores pass on less than their sum.
        factor = own / float(logits[index]) if abs(logits[index]) > 1e-6 else 0.0
        totals: dict[str, float] = defaultdict(float)
        for column in np.flatnonzero(found.dense[index]):
            totals[found.names[column]] += float(found.dense[index, column] * weights.noise[column]) * factor
        for name, weight in self._hashed_evidence(part.blocks, index):
            totals[name] += weight * factor
        totals[ALL_BLOCKS] += float(weights.bias[0]) * factor + float(weights.sequence[-1])
        for i, name in enumerate(names):
            if not name.startswith(OWN):
                totals[_subject(name)] += float(values[i] * weights.sequence[i])
        small = [name for name, weight in totals.items() if abs(weight) < _MIN_WEIGHT]
        totals["all other evidence"] = sum(totals.pop(name) for name in small)
        ranked = sorted(totals.items(), key=lambda item: (-abs(item[1]), item[0]))
        return tuple(Evidence(name, weight) for name, weight in ranked if weight)

    def _weigh(self, entries: Hashed) -> NDArray[np.float32]:
        return np.asarray(self.model.tokens[entries.bucket] * entries.value * self.model.steps[0])

    def _hashed_evidence(self, blocks: Blocks, index: int) -> Iterator[tuple[str, float]]:
        text = visible(judged(shown(blocks.text[index])))
        arrays = text_arrays([text])
        words = words_of(arrays)
        yield from self._text_evidence(text.replace("\n", " "), arrays, words)
        if blocks.markup is not None:
            single = _single(blocks.markup, index)
            for group in markup_tokens(single, 1):
                for entry, weight in enumerate(self._weigh(group.entries)):
                    yield f"{group.name} “{group.token(entry)}”", float(weight)

    def _text_evidence(self, text: str, arrays: TextArrays, words: Words) -> Iterator[tuple[str, float]]:
        """N-grams of characters count for the word in which they start."""
        starts, sizes = words.start, words.size
        # A word may be as long as the page; its name need not be.
        ends = np.minimum(sizes, _MAX_SHOWN)
        shown = [text[int(s) - 1 : int(s) - 1 + int(n)] for s, n in zip(starts, ends, strict=True)]
        for _, where, entries in character_grams(arrays, 1):
            owner = np.searchsorted(starts, where, side="right") - 1
            weights = self.model.grams[entries.bucket] * entries.value * self.model.gram_step
            for number in np.unique(owner):
                total = float(weights[owner == number].sum())
                yield (f"text “{shown[number]}”" if number >= 0 else "how the text starts"), total
        for group, first, entries in word_grams(words):
            for number, weight in zip(first, self._weigh(entries), strict=True):
                if group == "words":
                    label = f"text “{shown[number]} {shown[number + 1]}”"
                elif group == "whole block":
                    label = "the block as a whole"
                else:
                    label = f"text “{shown[number]}”" if group == "word" else f"{group} “{shown[number]}”"
                yield label, float(weight)


def _subject(name: str) -> str:
    """What a column of the second pass tells of."""
    return next((subject for part, subject in _SUBJECTS if part in name), _AROUND)


def _single(markup: Markup, index: int) -> Markup:
    """The markup evidence of one block alone, and of the elements around it only."""
    table = markup.elements
    around = [markup.element[index]]
    while around[-1]:
        around.append(table.parent[around[-1]])
    around.reverse()
    elements = Elements(**{one.name: [getattr(table, one.name)[i] for i in around] for one in fields(table)})
    elements.parent = [max(0, level - 1) for level in range(len(around))]
    return Markup(
        elements,
        element=[len(around) - 1],
        inline=[markup.inline[index]],
        linked=[markup.linked[index]],
        hrefs=[markup.hrefs[index]],
        emphasised=[markup.emphasised[index]],
        kept=[markup.kept[index]],
    )
