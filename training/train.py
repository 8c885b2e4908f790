"""Makes the model that noisefilter ships: `python -m training.train --data FOLDER`."""

from pathlib import Path
from typing import Any

import click
import numpy as np
from threadpoolctl import threadpool_limits

from noisefilter.model import MODELS
from training import evaluate, export
from training.fit import Settings, fit
from training.injections import injected_samples
from training.matrix import build, layout_of
from training.pages import UNLABELLED, Sample, is_dev, load_samples

VERSION = "1"


def facts(samples: list[Sample], injected: list[Sample]) -> dict[str, Any]:
    """Facts on the training data, for `model.json`."""
    languages: dict[str, int] = {}
    for sample in samples:
        languages[sample.language or "unknown"] = languages.get(sample.language or "unknown", 0) + 1
    return {
        "pages": len(samples),
        "hosts": len({sample.host for sample in samples}),
        "blocks": int(sum(np.count_nonzero(sample.labels != UNLABELLED) for sample in samples)),
        "articles_with_injected_lines": len(injected),
        "languages": dict(sorted(languages.items(), key=lambda item: (-item[1], item[0]))),
    }


def train(data: Path, out: Path, settings: Settings, log: evaluate.Log) -> dict[str, Any]:
    """Trains on the pages of all hosts but those kept for evaluation, and writes the model.

    Args:
        data: folder with `corpora/`.
        out: folder of the model.
        settings: of the fit.
        log: takes lines on the progress.
    """
    samples, left_out = load_samples(data / "corpora")
    for line in left_out:
        log(f"left out: {line}")
    samples = [sample for sample in samples if not is_dev(sample.host)]
    injected = injected_samples(
        samples, "train", settings.rounds, settings.marked_rounds, settings.min_per_language
    )
    data_facts = facts(samples, injected)
    about = {"name": out.name, "version": VERSION, "data": data_facts}
    log(
        f"{len(samples)} pages, {data_facts['blocks']} labelled blocks, "
        f"{len(injected)} articles with injected lines"
    )
    layout = layout_of(samples[0])
    everything = samples + injected
    design = build(everything, layout, hashed_scale=settings.hashed_scale, labelled_only=False)
    log(f"{design.x.shape[0]} rows, {design.x.shape[1]} columns, {design.x.nnz} entries")
    # One thread: the order of sums, and so the last bits, depends on the number of threads.
    with threadpool_limits(1):
        fitted = fit(design, layout, everything, settings)
    info = export.write(out, fitted, layout, settings, about)
    log(
        f"wrote {out} with {(out / 'weights.npz').stat().st_size / 1e6:.1f} MB of weights, "
        f"sha256 {info['sha256'][:12]}"
    )
    return info


@click.command()
@click.option("--data", type=click.Path(exists=True, file_okay=False, path_type=Path), required=True)
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), default=MODELS / "default", show_default=True
)
@click.option(
    "--evaluate/--no-evaluate", "then_evaluate", default=True, help="Print the evaluation afterwards."
)
def main(data: Path, out: Path, then_evaluate: bool) -> None:
    """Trains on the labelled pages in DATA/corpora and writes the model to OUT."""
    train(data, out, Settings(), click.echo)
    if then_evaluate:
        evaluate.report(data, str(out), click.echo)


if __name__ == "__main__":
    main()
