"""Makes the model that noisefilter ships: `python -m training.train --data FOLDER`."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
import numpy as np
from threadpoolctl import threadpool_limits

from noisefilter.model import MODELS
from training import evaluate, export
from training.articles import authored_articles
from training.fit import fit
from training.injections import injected_samples
from training.matrix import build, current_layout
from training.own import own_samples
from training.pages import UNLABELLED, Sample, is_dev, load_samples
from training.scored import Log
from training.settings import Settings

VERSION = "4"


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


def train(
    data: Path | None, out: Path, settings: Settings, log: Log, own: Sequence[Path] = ()
) -> dict[str, Any]:
    """Trains on the pages of all hosts but those kept for evaluation, and writes the model.

    Args:
        data: folder with `corpora/`, or None to train without.
        out: folder of the model.
        settings: of the fit.
        log: takes lines on the progress.
        own: files of labelled pages, see `training.own`.

    Raises:
        ValueError: there is nothing to train on, or no page with markup.
    """
    samples: list[Sample] = [sample for path in own for sample in own_samples(path)]
    if data is not None:
        found, left_out = load_samples(data / "corpora")
        for line in left_out:
            log(f"left out: {line}")
        samples.extend(sample for sample in found if not is_dev(sample.host))
    if not any(sample.blocks.markup is not None for sample in samples):
        raise ValueError("no page to train on: plain text alone is not enough")
    authored = authored_articles("train")
    injected = injected_samples(
        samples + authored, "train", settings.rounds, settings.marked_rounds, settings.min_per_language
    )
    data_facts = facts(samples, injected)
    about = {"name": out.name, "version": VERSION, "data": data_facts}
    log(
        f"{len(samples)} pages, {data_facts['blocks']} labelled blocks, "
        f"{len(injected)} articles with injected lines"
    )
    layout = current_layout()
    everything = samples + authored + injected
    design = build(everything, layout, labelled_only=False)
    log(f"{design.x.shape[0]} rows, {design.x.shape[1]} columns, {design.x.nnz} entries")
    # One thread: the order of sums, and so the last bits, depends on the number of threads.
    with threadpool_limits(1):
        fitted = fit(design, layout, everything, settings)
    info = export.write(out, fitted, layout, about)
    log(
        f"wrote {out} with {(out / 'weights.npz').stat().st_size / 1e6:.1f} MB of weights, "
        f"sha256 {info['sha256'][:12]}"
    )
    return info


@click.command()
@click.option(
    "--data", type=click.Path(exists=True, file_okay=False, path_type=Path), help="Folder with corpora/."
)
@click.option(
    "--own",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    multiple=True,
    help="Lines of `noisefilter clean --format jsonl --with-source` with corrected labels. May be repeated.",
)
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), default=MODELS / "default", show_default=True
)
@click.option(
    "--evaluate/--no-evaluate", "then_evaluate", default=True, help="Print the evaluation afterwards."
)
def main(data: Path | None, own: tuple[Path, ...], out: Path, then_evaluate: bool) -> None:
    """Trains on the labelled pages in DATA/corpora, or on your OWN, and writes the model to OUT."""
    try:
        train(data, out, Settings(), click.echo, own)
    except (ValueError, FileNotFoundError) as error:
        raise click.ClickException(str(error)) from error
    if then_evaluate and data is not None:
        evaluate.report(data, str(out), click.echo)


if __name__ == "__main__":
    main()
