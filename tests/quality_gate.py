"""The quality gate: figures of the shipped model on authored data, with floors that do not sink unnoticed.

`python tests/quality_gate.py` prints the figures beside their floors. `--write` raises the floors to the
figures and takes the reference vectors anew; a floor that would sink stops it, unless `--allow-lower NAME`
names it: say in the changelog why. The gate holds a checksum of the data that the figures are measured on, so
that these cannot be made easier in passing.
"""

import hashlib
import json
import math
from functools import cache
from typing import Any

import click
import numpy as np
from known_misses import DATA, PAGE_KINDS, PAGE_NAMES, PAGES, ROOT, figures, pages_of

import noisefilter
from noisefilter import features
from noisefilter.blocks import Blocks
from noisefilter.blocks.page import cut_page
from noisefilter.blocks.text import cut_text
from noisefilter.extraction import mark_kept
from noisefilter.intake import load_page
from noisefilter.limits import Limits
from noisefilter.model import load_model
from training.articles import ARTICLES, authored_articles
from training.injections import INJECTIONS, injected_samples, read_templates
from training.pages import LABELS

FLOORS = DATA / "quality_floors.json"
VECTORS = DATA / "reference_vectors.json"
_DIGITS = 3
REFERENCE_INPUTS = ("news_en.html", "blog_ja.html", "press_text_pt.txt")


def data_checksum() -> str:
    """sha256 over the files that the figures are measured on."""
    found = hashlib.sha256()
    paths = [*PAGES.iterdir(), *INJECTIONS.glob("*.json"), *ARTICLES.glob("*.json")]
    for path in sorted(paths):
        if path.suffix != ".md":
            found.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return found.hexdigest()


@cache
def measured() -> dict[str, float]:
    """All figures; each is a share of which more is better."""
    found = {}
    for kind in PAGE_KINDS:
        of_kind = figures(pages_of(kind))
        found[f"{kind}: noise blocks dropped"] = of_kind.noise_dropped
        found[f"{kind}: content words kept"] = of_kind.words_kept
    found["all pages: right labels"] = figures(PAGE_NAMES).labels_right
    found.update(_injected())
    return found


def _injected() -> dict[str, float]:
    """Figures on generated lines of held-out templates in authored articles that training never saw."""
    templates = read_templates("held_out")
    junk, content, lookalikes = [], [], []
    for sample in injected_samples(authored_articles("held_out"), "held_out", 2, 0, 4):
        article = noisefilter.clean_text("\n\n".join(sample.blocks.text), title=sample.title)
        known = set(templates[sample.language].lookalikes)
        for block, label in zip(article.blocks, sample.labels, strict=True):
            if LABELS[label] != "content":
                junk.append(not block.kept)
            elif block.text in known:
                lookalikes.append(block.kept)
            else:
                content.append((len(block.text), block.kept))
    return {
        "generated lines: dropped": sum(junk) / len(junk),
        "generated lines: characters of content kept": sum(n for n, kept in content if kept)
        / sum(n for n, _ in content),
        "generated lines: look-alikes kept": sum(lookalikes) / len(lookalikes),
    }


def _blocks(name: str) -> tuple[Blocks, str | None]:
    path = PAGES / name
    if path.suffix == ".txt":
        return cut_text(path.read_text(encoding="utf-8")), None
    tree = load_page(path.read_bytes(), Limits()).tree
    blocks, nodes = cut_page(tree)
    mark_kept(tree, blocks, nodes)
    return blocks, "A title"


@cache
def vectors() -> dict[str, Any]:
    """Checksums of the features of some inputs, and what the model says of their blocks.

    The features are weighed by fixed numbers, so that one value that moves to another column shows.
    """
    found: dict[str, Any] = {"features": features.VERSION, "model": load_model().info["sha256"], "inputs": {}}
    for name in REFERENCE_INPUTS:
        blocks, title = _blocks(name)
        own = features.extract(blocks, title)
        columns = np.sin(np.arange(own.dense.shape[1]) + 1)
        rows = np.asarray(own.dense, dtype=np.float64) @ columns
        for table in (own.grams, own.tokens):
            np.add.at(rows, table.row, table.value * np.cos(table.bucket))
        said = load_model().score(own, blocks.markup is not None)
        found["inputs"][name] = {
            "features": [round(float(value), _DIGITS) for value in rows],
            "noise": [round(float(value), _DIGITS) for value in said.noise],
        }
    return found


def floors() -> dict[str, Any]:
    """What the file of floors says: ``checksum`` and ``floors``."""
    found: dict[str, Any] = json.loads(FLOORS.read_text(encoding="utf-8"))
    return found


def sinking(old: dict[str, float], new: dict[str, float]) -> list[str]:
    """Names of floors that would sink or go."""
    return sorted(name for name, floor in old.items() if new.get(name, -1.0) < floor)


def floor_of(figure: float) -> float:
    """A figure rounded down."""
    steps = 10.0**_DIGITS
    return math.floor(figure * steps + 1e-9) / steps


@click.command()
@click.option("--write", is_flag=True, help="Write floors and reference vectors.")
@click.option("--allow-lower", multiple=True, metavar="NAME", help="A floor that may sink. May be repeated.")
def main(write: bool, allow_lower: tuple[str, ...]) -> None:
    """Prints the figures beside their floors, and sets these anew with --write."""
    old = floors()["floors"] if FLOORS.exists() else {}
    new = {name: floor_of(figure) for name, figure in measured().items()}
    for name, figure in measured().items():
        click.echo(f"{name:<48} {figure:7.4f}   floor {old.get(name, 0):.3f}")
    if not write:
        return
    if sunk := [name for name in sinking(old, new) if name not in allow_lower]:
        raise click.ClickException(f"these floors would sink, see --allow-lower: {'; '.join(sunk)}")
    FLOORS.write_text(
        json.dumps({"checksum": data_checksum(), "floors": new}, indent=1) + "\n", encoding="utf-8"
    )
    VECTORS.write_text(json.dumps(vectors(), indent=1) + "\n", encoding="utf-8")
    click.echo(f"wrote {FLOORS} and {VECTORS}")


if __name__ == "__main__":
    main()
