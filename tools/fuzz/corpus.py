"""The pages and texts that are mutated, and the mutated cases by number."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

from tools.fuzz.check import Case
from tools.fuzz.mutations import mutated
from training.pages import corpus_pages

ROOT = Path(__file__).parents[2]
SEEDS = ROOT / "seeds"
LOOKALIKES = ROOT / "tests" / "data" / "lookalikes"
PAGES = 600
"""Drawn from a folder of pages, which may hold thousands."""
LARGEST_BYTES = 60_000
"""Of them: a large page costs as much as ten small ones, and breaks by the same things."""


def authored() -> list[Case]:
    """The pages, texts and articles written for this project."""
    files = [*(SEEDS / "pages").glob("*.html"), *(SEEDS / "pages").glob("*.txt"), *LOOKALIKES.glob("*.txt")]
    cases = [Case(path.read_bytes(), path.suffix == ".txt") for path in sorted(files)]
    for path in sorted((SEEDS / "articles").glob("*.json")):
        for article in json.loads(path.read_text(encoding="utf-8"))["articles"][:2]:
            cases.append(Case("\n\n".join((article["title"], *article["blocks"])).encode(), True))
    return cases


def pages_of(folder: Path, rng: Random, most: int = PAGES) -> list[Case]:
    """Some pages of a folder: of its ``corpora/``, if it has one, else its HTML and text files.

    Args:
        folder: where they are.
        rng: draws them.
        most: number of pages; those of more than `LARGEST_BYTES` are left out.

    Raises:
        FileNotFoundError: there are none.
    """
    drawn: list[Case] = []
    seen = 0
    for case in _all_pages(folder):
        if len(case.data) > LARGEST_BYTES:
            continue
        seen += 1
        if len(drawn) < most:
            drawn.append(case)
        elif (place := rng.randrange(seen)) < most:
            drawn[place] = case
    if not drawn:
        raise FileNotFoundError(f"no corpora/*.jsonl.gz and no *.html, *.htm or *.txt in {folder}")
    return drawn


def _all_pages(folder: Path) -> Iterator[Case]:
    if (folder / "corpora").is_dir():
        for page in corpus_pages(folder / "corpora", {}):
            yield Case(page.html.encode("utf-8", "surrogateescape"), False)
        return
    for path in sorted(folder.rglob("*")):
        if path.suffix in (".html", ".htm", ".txt") and path.is_file():
            yield Case(path.read_bytes(), path.suffix == ".txt")


@dataclass(frozen=True, slots=True)
class Mutated:
    """A mutated case.

    Attributes:
        number: of the case in its run.
        case: the input.
        mutations: their names, in order.
    """

    number: int
    case: Case
    mutations: tuple[str, ...]


class Cases:
    """All cases of a run, each made from the seed and its number alone.

    Args:
        seed: of the run.
        data: folder of real pages, or None for the authored ones only.
    """

    def __init__(self, seed: int, data: Path | None = None) -> None:
        self.seed = seed
        self.authored = authored()
        self.real = [] if data is None else pages_of(data, Random(seed))

    def __getitem__(self, number: int) -> Mutated:
        rng = Random(f"{self.seed}:{number}")
        # Two thirds of the cases from real pages, where there are any.
        source, other = (
            rng.choice(self.real if self.real and rng.random() < 2 / 3 else self.authored) for _ in "ab"
        )
        data, names = mutated(rng, source.data, other.data)
        return Mutated(number, Case(data, source.is_text), names)
