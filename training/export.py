"""Writes a fitted model as the files that noisefilter loads."""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from noisefilter import features
from noisefilter.model_files import FORMAT, checksum_of, digest
from training.fit import Fitted
from training.matrix import Layout
from training.pages import LABELS

_EPOCH = (1980, 1, 1, 0, 0, 0)  # of files in the archive, so that the same weights give the same bytes


def quantise(table: NDArray[np.float64]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Rounds each column to 127 steps each way.

    Args:
        table: shape (n_buckets, n_labels).

    Returns:
        Steps, int8, of the same shape, and what a step is worth by column, float32.
    """
    step = np.maximum(np.abs(table).max(axis=0), 1e-9) / 127
    return np.rint(table / step).astype(np.int8), step.astype(np.float32)


def arrays_of(fitted: Fitted, layout: Layout) -> dict[str, NDArray[Any]]:
    """Folds the columns that only plain text has into weights for text and weights for pages."""
    weights = fitted.coefficients.T
    n_text, n_markup = layout.n_text, layout.n_markup
    shared, own = weights[:n_text], weights[n_text : 2 * n_text]
    markup = weights[2 * n_text : 2 * n_text + n_markup]
    tokens, tokens_step = quantise(weights[layout.tokens : layout.kinds])
    grams, grams_step = quantise(weights[layout.grams : layout.width, :1])
    kind_text, kind_page, bias = weights[layout.kinds], weights[layout.kinds + 1], weights[-1]
    return {
        "grams": grams,
        "grams_step": grams_step,
        "tokens": tokens,
        "tokens_step": tokens_step,
        "dense_text": (shared + own).astype(np.float32),
        "dense_page": np.concatenate((shared, markup)).astype(np.float32),
        "bias_text": (bias + kind_text).astype(np.float32),
        "bias_page": (bias + kind_page).astype(np.float32),
        "sequence_text": fitted.sequence["text"].astype(np.float32),
        "sequence_page": fitted.sequence["page"].astype(np.float32),
        "label_sequence_text": fitted.label_sequence["text"].astype(np.float32),
        "label_sequence_page": fitted.label_sequence["page"].astype(np.float32),
    }


def archive(arrays: dict[str, NDArray[Any]]) -> bytes:
    """An npz file's bytes, the same for the same arrays."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as target:
        for name, array in arrays.items():
            part = io.BytesIO()
            np.save(part, array, allow_pickle=False)
            target.writestr(zipfile.ZipInfo(f"{name}.npy", _EPOCH), part.getvalue(), zipfile.ZIP_DEFLATED)
    return out.getvalue()


def write(folder: Path, fitted: Fitted, layout: Layout, about: dict[str, Any]) -> dict[str, Any]:
    """Writes `weights.npz` and `model.json`.

    Args:
        folder: made if missing; files in it are replaced.
        fitted: the model.
        layout: of its columns.
        about: more for `model.json`, such as name, version and data.

    Returns:
        What `model.json` says.
    """
    data = archive(arrays_of(fitted, layout))
    info = {
        "format": FORMAT,
        "features": features.VERSION,
        **about,
        "labels": [str(label) for label in LABELS],
        "normalisation": "lower case and digits as 0 for n-grams; white space folded on pages",
        "buckets": features.BUCKETS,
        "thresholds": fitted.thresholds,
        "metrics": {
            "measured": "on training hosts, first pass out of fold; on others: `python -m training.evaluate`",
            **fitted.metrics,
        },
        "sha256": digest(data),
    }
    info["checksum"] = checksum_of(info)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "weights.npz").write_bytes(data)
    text = json.dumps(info, indent=2, ensure_ascii=False, sort_keys=False)
    (folder / "model.json").write_text(text + "\n", encoding="utf-8", newline="\n")
    return info
