"""Measures a model on the pages of hosts it never saw: `python -m training.evaluate --data FOLDER`."""

import logging
from collections.abc import Iterator
from pathlib import Path

import click

from noisefilter import Cleaner
from noisefilter.model import DEFAULT_MODEL
from training.articles import authored_articles
from training.compare import Totals, html_figures, measure_gold, measure_page
from training.injections import injected_samples, read_templates
from training.pages import LABELS, Page, Sample, corpus_pages, host_of, is_dev, read_labels, sample_of
from training.reliability import write_plot
from training.scored import LEAST, Log, Scored, by_group, curves, describe, score_page, score_text


def dev_pages(data: Path, labelled: bool = True) -> Iterator[Page]:
    """The pages of hosts kept for evaluation, those with labels or those without."""
    for page in corpus_pages(data / "corpora", read_labels()):
        if is_dev(host_of(page.url, page.key)) and bool(page.labels) == labelled:
            yield page


def report(data: Path, model: str, log: Log, plot: Path | None = None) -> dict[str, dict[str, float]]:
    """Measures a model and logs all figures.

    Args:
        data: folder with `corpora/`.
        model: name or folder.
        log: takes lines.
        plot: SVG file for the reliability of the scores.

    Returns:
        The figures by part.
    """
    for name in ("trafilatura", "noisefilter"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    cleaner = Cleaner(model)
    totals, paged, lined, titled = Totals(), Scored(), Scored(), Scored()
    articles = authored_articles("held_out")
    others: list[Sample] = []
    for number, page in enumerate(dev_pages(data)):
        sample = sample_of(page)
        (articles if page.page_type == "article" else others).append(sample)
        measure_page(cleaner, page, sample, totals, number)
        score_page(cleaner, page, sample, paged, number)
        score_text(cleaner, sample, lined, number)
        score_text(cleaner, sample, titled, number, titled=True)
    for page in dev_pages(data, labelled=False):
        measure_gold(cleaner, page, totals)
    log(f"{len(set(paged.page))} labelled pages of hosts never trained on\n")
    figures = {"html": html_figures(totals, log)}
    figures["page blocks"] = describe("\npages, labelled blocks", paged, log)
    figures["text blocks"] = describe("\ntext, the same blocks as lines without title", lined, log)
    figures["text blocks, titled"] = describe("\ntext, with title", titled, log)
    for name, scored in (("pages", paged), ("text", lined)):
        log(f"\n{name}, default policy, by label")
        by_group(scored, [str(LABELS[y]) for y in scored.label], log, 20)
        log(f"\n{name}, default policy, by language")
        by_group(scored, scored.language, log)
    figures["injected"] = injected_figures(cleaner, articles, log)
    lines, _ = injected_lines(cleaner, others)
    figures["injected, other pages"] = describe("\ntext, generated lines in pages of other kinds", lines, log)
    if plot is not None:
        write_plot(plot, {"pages": curves(paged), "plain text": curves(lined)})
    return figures


def injected_lines(cleaner: Cleaner, samples: list[Sample]) -> tuple[Scored, dict[str, list[bool]]]:
    """Scores generated lines of unseen templates put into samples.

    Returns:
        The blocks with their scores, and by language whether each look-alike was dropped.
    """
    templates, scored = read_templates("held_out"), Scored()
    lookalikes: dict[str, list[bool]] = {}
    numbers: dict[str, int] = {}  # variants of one article are no independent witnesses
    for sample in injected_samples(samples, "held_out", 3, 0, 12):
        number = numbers.setdefault(sample.key.partition("#")[0], len(numbers))
        before = len(scored.kept)
        score_text(cleaner, sample, scored, number)
        known = set(templates[sample.language].lookalikes)
        for text, kept in zip(sample.blocks.text, scored.kept[before:], strict=True):
            if text in known:
                lookalikes.setdefault(sample.language, []).append(not kept)
    return scored, lookalikes


def injected_figures(cleaner: Cleaner, articles: list[Sample], log: Log) -> dict[str, float]:
    """Logs and returns how generated lines of unseen templates fare in articles never trained on."""
    scored, lookalikes = injected_lines(cleaner, articles)
    figures = describe("\ntext, generated lines in articles of their language", scored, log)
    every = [dropped for found in lookalikes.values() for dropped in found]
    figures["look-alikes dropped"] = sum(every) / max(len(every), 1)
    log(f"  {'look-alikes dropped':<32} {figures['look-alikes dropped']:7.2%}   of {len(every)}")
    by_group(scored, scored.language, log)
    for language, found in sorted(lookalikes.items()):
        share = (
            f"{sum(found) / len(found):6.2%} of {len(found)}"
            if len(found) >= LEAST
            else f"too few ({len(found)})"
        )
        log(f"  {language:<10} look-alikes dropped {share}")
    return figures


@click.command()
@click.option("--data", type=click.Path(exists=True, file_okay=False, path_type=Path), required=True)
@click.option("--model", default=DEFAULT_MODEL, show_default=True, help="Name or folder of the model.")
@click.option(
    "--plot",
    type=click.Path(dir_okay=False, path_type=Path),
    help="SVG file for the reliability of the scores.",
)
def main(data: Path, model: str, plot: Path | None) -> None:
    """Measures a model on the labelled pages in DATA/corpora whose hosts it never saw."""
    report(data, model, click.echo, plot)


if __name__ == "__main__":
    main()
