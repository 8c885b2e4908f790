"""Other classifiers of lines, trained on the lines of the pages that noisefilter was trained on."""

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import ModuleType

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.linear_model import LogisticRegression

from training.pages import LABELS

# As many columns as the library uses by default, 2**20, would take gigabytes to train and would be slower.
SKLEARN_COLUMNS = 2**18
# Set once, without a search.
FASTTEXT = {"minn": 2, "maxn": 4, "epoch": 25, "lr": 0.5, "dim": 50, "wordNgrams": 2, "bucket": 500_000}
_PREFIX = "__label__"


@dataclass(frozen=True, slots=True)
class Rival:
    """A trained classifier of lines.

    Attributes:
        name: of the tool.
        run: what is timed: lines in, whatever the tool itself gives out.
        probabilities: lines in, probabilities of `LABELS` out, shape (n_lines, 16).
    """

    name: str
    run: Callable[[list[str]], object]
    probabilities: Callable[[list[str]], NDArray[np.float64]]


def optional_module(name: str) -> ModuleType | None:
    """A module, or None if it is not installed."""
    try:
        return import_module(name)
    except ImportError:
        return None


def sklearn_rival(lines: Sequence[str], labels: Sequence[int]) -> Rival:
    """Trains scikit-learn's hashed character n-grams with logistic regression."""
    vectorizer = HashingVectorizer(
        analyzer="char_wb", ngram_range=(2, 4), n_features=SKLEARN_COLUMNS, dtype=np.float32
    )
    # Stopped before it converges, and warns of that: with C=1 until it converged it caught 24% of the noise
    # lines at 0.5% of content words lost, this way 30%. No other settings were tried.
    model = LogisticRegression(C=10.0, max_iter=100, tol=1e-3)
    model.fit(vectorizer.transform(lines), np.asarray(labels))
    # Else every call copies all coefficients into the other order, which would make it look slow.
    model.coef_ = np.asfortranarray(model.coef_)

    def run(lines: list[str]) -> NDArray[np.float64]:
        found: NDArray[np.float64] = model.predict_proba(vectorizer.transform(lines))
        return found

    def probabilities(lines: list[str]) -> NDArray[np.float64]:
        out = np.zeros((len(lines), len(LABELS)))
        out[:, model.classes_] = run(lines)
        return out

    return Rival("scikit-learn", run, probabilities)


def fasttext_rival(lines: Sequence[str], labels: Sequence[int], module: str = "fasttext") -> Rival | None:
    """Trains fastText, or returns None if it is not installed."""
    fasttext = optional_module(module)
    if fasttext is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "lines.txt"
        with path.open("w", encoding="utf-8", errors="replace") as out:
            out.writelines(
                f"{_PREFIX}{LABELS[label]} {line}\n" for line, label in zip(lines, labels, strict=True)
            )
        # One thread, so that the same lines give the same model.
        model = fasttext.train_supervised(str(path), thread=1, seed=1, verbose=0, **FASTTEXT)
    numbers = {f"{_PREFIX}{label}": number for number, label in enumerate(LABELS)}

    def run(lines: list[str]) -> tuple[list[list[str]], list[NDArray[np.float32]]]:
        found: tuple[list[list[str]], list[NDArray[np.float32]]] = model.predict(lines, k=-1)
        return found

    def probabilities(lines: list[str]) -> NDArray[np.float64]:
        out = np.zeros((len(lines), len(LABELS)))
        for row, (names, values) in enumerate(zip(*run(lines), strict=True)):
            out[row, [numbers[name] for name in names]] = values
        return out

    return Rival("fastText", run, probabilities)
