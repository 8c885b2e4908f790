"""Articles written for this project, for languages in which few pages are labelled."""

import json
from pathlib import Path

import numpy as np

from noisefilter.blocks import Blocks
from noisefilter.labels import Kind, Label
from training.pages import LABELS, SEEDS, Sample

ARTICLES = SEEDS / "articles"


def authored_articles(part: str, folder: Path = ARTICLES) -> list[Sample]:
    """Reads the articles of all languages as plain text that is all content.

    Args:
        part: ``train`` or ``held_out``.
        folder: of the files.
    """
    made = []
    for path in sorted(folder.glob("*.json")):
        data = json.loads(path.read_text(encoding="utf-8"))
        for number, entry in enumerate(data["articles"]):
            if entry["part"] != part:
                continue
            texts = entry["blocks"]
            name = f"authored/{data['lang']}/{number}"
            made.append(
                Sample(
                    # The mark tells it from real pages, which alone count for calibration and thresholds.
                    f"{name}#article",
                    name,
                    data["lang"],
                    Blocks(list(texts), [Kind.PARAGRAPH] * len(texts), [0] * len(texts)),
                    np.full(len(texts), LABELS.index(Label.CONTENT), dtype=np.int8),
                    entry["title"],
                    weight=np.ones(len(texts), dtype=np.float32),
                )
            )
    return made
