"""What cleaning a cleaned page once more takes away: `python -m tools.fuzz.reclean --data FOLDER`."""

import logging
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import click

from noisefilter import Article, Cleaner, NoiseFilterError
from training.evaluate import dev_pages
from training.pages import Page

MOST_REMOVED = 0.002
"""Largest share of words that cleaning the cleaned text of the pages again may remove."""


def cleaned_again(article: Article, cleaner: Cleaner) -> Article | None:
    """The article of an article's text with its title, or None where there is no text."""
    return cleaner.clean_text(article.text, title=article.title) if article.text else None


@dataclass(slots=True)
class Removed:
    """What was removed, over some pages.

    Attributes:
        pages: with an article.
        touched: of these, that lost anything.
        words: of the cleaned texts.
        removed: of these, that were removed.
        by_label: words removed, by the label that they were dropped under.
        by_page: the same by page.
    """

    pages: int = 0
    touched: int = 0
    words: float = 0.0
    removed: float = 0.0
    by_label: Counter[str] = field(default_factory=Counter)
    by_page: Counter[str] = field(default_factory=Counter)

    @property
    def share(self) -> float:
        """Of the words, that were removed."""
        return self.removed / self.words if self.words else 0.0

    def add(self, key: str, again: Article) -> None:
        """Counts a page whose cleaned text was cleaned again."""
        lost = again.signals.words - again.signals.words_kept
        self.pages += 1
        self.words += again.signals.words
        self.removed += lost
        dropped = [block for block in again.blocks if not block.kept]
        if dropped:
            self.touched += 1
            self.by_page[key] += round(lost)
        for block in dropped:
            self.by_label[block.label] += len(block.text.split())


def measure(pages: Iterable[Page], cleaner: Cleaner) -> Removed:
    """Cleans pages, and what came out of them once more."""
    removed = Removed()
    for page in pages:
        try:
            article = cleaner.clean(page.html, url=page.url)
        except NoiseFilterError:
            continue
        if (again := cleaned_again(article, cleaner)) is not None:
            removed.add(page.key, again)
    return removed


def described(removed: Removed) -> Iterator[str]:
    """The figures as lines."""
    yield f"{removed.pages} pages, {removed.touched} of which lost anything"
    yield f"removed: {removed.share:.3%} of {removed.words:,.0f} words"
    for name, counts in (("label", removed.by_label), ("page", removed.by_page)):
        yield f"by {name}: " + ", ".join(f"{key} {count}" for key, count in counts.most_common(12))


@click.command()
@click.option("--data", type=click.Path(exists=True, file_okay=False, path_type=Path), required=True)
def main(data: Path) -> None:
    """Cleans the pages in DATA/corpora of hosts that the model never saw, and what came out once more."""
    for name in ("trafilatura", "noisefilter"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    cleaner, every = Cleaner(), Removed()
    for labelled in (True, False):
        removed = measure(dev_pages(data, labelled), cleaner)
        click.echo("labelled pages:" if labelled else "pages without labels:")
        for line in described(removed):
            click.echo(f"  {line}")
        every.words += removed.words
        every.removed += removed.removed
    click.echo(f"all: {every.share:.3%} of {every.words:,.0f} words, at most {MOST_REMOVED:.1%} allowed")
    if every.share > MOST_REMOVED:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
