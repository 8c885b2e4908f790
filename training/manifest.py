"""The manifest of the labelled pages: `python -m training.manifest make|check|fetch --data FOLDER`.

`seeds/labels/manifest.jsonl.gz` has a line for each labelled page: `corpus`, `page`, `repository`, `commit`,
`path`, `pack` and `charset` (how the HTML is taken out of the file), `sha256`, `licence`, and what a record
of the page says of it besides its HTML: `url`, `lang`, `page_type`. `sha256` is that of the HTML as it stands
in the corpora, encoded as UTF-8. Where commit and path are not known both are null, `candidates` has the
paths worth a try, and `note` says why.
"""

import codecs
import gzip
import io
import json
import re
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click

from training.download import RAW_GITHUB, DownloadError, Source, UnreachableError, fetch_page, sha256_of
from training.origins import ORIGINS, Origin, read_origins
from training.pages import PAGE_LABELS, SEEDS, read_corpus, read_labels

MANIFEST = SEEDS / "labels" / "manifest.jsonl.gz"
RIGHT, DIFFERING, MISSING = STATES = ("right", "differing", "missing")
SHOWN = 10
"""Pages named in a message."""
GIVE_UP = 3
"""Pages without any answer after which fetching ends: the network is gone, not the page."""

Entry = dict[str, Any]
Log = Callable[[str], object]


def key_of(entry: Entry) -> str:
    """Corpus and page, as the labels are keyed."""
    return f"{entry['corpus']}/{entry['page']}"


_NAME = re.compile(r"[A-Za-z0-9_-]+")


def read_manifest(path: Path = MANIFEST) -> list[Entry]:
    """Reads the manifest.

    Raises:
        ValueError: an entry's corpus is no plain name; it becomes a file's.
    """
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        entries = [json.loads(line) for line in lines]
    for entry in entries:
        if not _NAME.fullmatch(str(entry.get("corpus"))):
            raise ValueError(f"{path}: {entry.get('corpus')!r} is no name of a corpus")
    return entries


def write_manifest(entries: list[Entry], path: Path) -> None:
    """Writes a manifest; the same entries give the same bytes."""
    lines = [json.dumps(entry, ensure_ascii=False) + "\n" for entry in sorted(entries, key=key_of)]
    packed = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", fileobj=packed, mtime=0) as out:
        out.write("".join(lines).encode())
    path.write_bytes(packed.getvalue())


def local_pages(data: Path) -> Iterator[tuple[str, Entry]]:
    """Yields key and record of every page in `data/corpora`.

    Raises:
        click.ClickException: a file cannot be read.
    """
    for path in sorted((data / "corpora").glob("*.jsonl.gz")):
        try:
            for record in read_corpus(path):
                yield f"{record.get('dataset') or path.name.split('.')[0]}/{record['id']}", record
        except (OSError, EOFError, ValueError, KeyError, zlib.error) as fault:
            raise click.ClickException(f"{path} is not a file of page records: {fault!r}") from fault


def _entry(corpus: str, page: str, record: Entry, origin: Origin) -> Entry:
    place, extra = origin.place(page), record.get("gold_extra") or {}
    charset = str(record.get("encoding") or extra.get("encoding") or "utf-8").rstrip("~")
    entry = {
        "corpus": corpus,
        "page": page,
        "repository": origin.repository,
        "commit": place.commit,
        "path": place.path,
        "pack": origin.pack,
        "charset": codecs.lookup(charset).name,
        "sha256": sha256_of(record["html"]),
        "licence": origin.licence,
        "url": record.get("url"),
        "lang": record.get("lang"),
    }
    rest = {
        "page_type": extra.get("page_type"),
        "candidates": list(place.candidates),
        "note": place.note,
    }
    return entry | {name: value for name, value in rest.items() if value}


def make_entries(data: Path, labels: Path = PAGE_LABELS, origins: Path = ORIGINS) -> list[Entry]:
    """Makes the manifest's lines out of labels, corpora and origins.

    Raises:
        click.ClickException: a labelled page is not in the corpora, stands there in two versions, or is
            of a corpus without an origin.
    """
    labelled, published = read_labels(labels), read_origins(origins)
    entries: dict[str, Entry] = {}
    for key, record in local_pages(data):
        if (found := labelled.get(key)) is None:
            continue
        if (origin := published.get(found["corpus"])) is None:
            raise click.ClickException(f"{origins} does not name the corpus {found['corpus']}")
        entry = _entry(found["corpus"], found["page"], record, origin)
        if entries.setdefault(key, entry) != entry:
            raise click.ClickException(f"{data / 'corpora'} holds two versions of {key}")
    if absent := sorted(labelled.keys() - entries.keys()):
        raise click.ClickException(f"labelled pages are not in {data / 'corpora'}: {_named(absent)}")
    return list(entries.values())


def compare(data: Path, entries: list[Entry]) -> dict[str, str]:
    """Compares a folder with a manifest.

    Returns:
        The state of each page by key: right, differing, missing. A page with a right and a differing
        record is differing, because training would read both.
    """
    expected = {key_of(entry): entry["sha256"] for entry in entries}
    states = dict.fromkeys(expected, MISSING)
    for key, record in local_pages(data):
        if key in expected and states[key] != DIFFERING:
            states[key] = RIGHT if sha256_of(record["html"]) == expected[key] else DIFFERING
    return states


def _named(keys: list[str]) -> str:
    more = f" and {len(keys) - SHOWN} more" if len(keys) > SHOWN else ""
    return ", ".join(keys[:SHOWN]) + more


def _table(states: dict[str, str], log: Log) -> None:
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for key, state in states.items():
        counts[key.partition("/")[0]][state] += 1
    log(f"{'corpus':<22}" + "".join(f"{state:>11}" for state in STATES))
    for corpus, found in sorted(counts.items()):
        log(f"{corpus:<22}" + "".join(f"{found[state]:>11}" for state in STATES))
    for wrong in (DIFFERING, MISSING):
        if keys := sorted(key for key, state in states.items() if state == wrong):
            log(f"{wrong}: {_named(keys)}")


def append_record(corpora: Path, entry: Entry, html: str) -> None:
    """Appends a page to its corpus, in a gzip member of its own.

    A write that fails is undone, so that the pages before it stay readable.
    """
    record: Entry = {
        "id": entry["page"],
        "dataset": entry["corpus"],
        "url": entry["url"],
        "lang": entry["lang"],
        "html": html,
        "gold": None,
    }
    if "page_type" in entry:
        record["gold_extra"] = {"page_type": entry["page_type"]}
    member = gzip.compress(json.dumps(record, ensure_ascii=False).encode() + b"\n", mtime=0)
    corpora.mkdir(parents=True, exist_ok=True)
    path = corpora / f"{entry['corpus']}.jsonl.gz"
    size = path.stat().st_size if path.exists() else 0
    try:
        with path.open("ab") as out:
            out.write(member)
    except BaseException:
        if path.exists():
            with path.open("r+b") as out:
                out.truncate(size)
        raise


def fetch_missing(data: Path, entries: list[Entry], source: Source, log: Log) -> dict[str, str]:
    """Downloads the pages that a folder lacks; goes on after failures.

    Returns:
        The state of each page afterwards, by key.
    """
    states, silent = compare(data, entries), 0
    todo = [entry for entry in entries if states[key_of(entry)] == MISSING]
    for number, entry in enumerate(todo, 1):
        try:
            html = fetch_page(entry, source)
        except DownloadError as fault:
            log(f"{key_of(entry)}: {fault}")
            silent = silent + 1 if isinstance(fault, UnreachableError) else 0
            if silent == GIVE_UP:
                log(f"no answer for {GIVE_UP} pages in a row: gave up with {len(todo) - number} untried")
                break
            continue
        silent = 0
        append_record(data / "corpora", entry, html)
        states[key_of(entry)] = RIGHT
        if number % 50 == 0:
            log(f"{number} of {len(todo)} files")
    return states


data_option = click.option("--data", type=click.Path(file_okay=False, path_type=Path), required=True)
manifest_option = click.option(
    "--manifest", type=click.Path(dir_okay=False, path_type=Path), default=MANIFEST, show_default=True
)
labels_option = click.option(
    "--labels", type=click.Path(dir_okay=False, path_type=Path), default=PAGE_LABELS, show_default=True
)


@click.group()
def main() -> None:
    """Makes the manifest of the labelled pages, checks a folder against it, or fetches what is missing."""


@main.command()
@data_option
@manifest_option
@labels_option
@click.option("--origins", type=click.Path(dir_okay=False, path_type=Path), default=ORIGINS)
def make(data: Path, manifest: Path, labels: Path, origins: Path) -> None:
    """Writes the manifest of the labelled pages in DATA/corpora."""
    entries = make_entries(data, labels, origins)
    write_manifest(entries, manifest)
    known = sum(entry["commit"] is not None for entry in entries)
    size = manifest.stat().st_size / 1000
    click.echo(f"{manifest}: {len(entries)} pages, {known} with commit and path, {size:.0f} kB")


@main.command()
@data_option
@manifest_option
@labels_option
def check(data: Path, manifest: Path, labels: Path) -> None:
    """Compares the pages in DATA/corpora with the manifest; exit code 1 if one is missing or differs."""
    entries = read_manifest(manifest)
    states = compare(data, entries)
    _table(states, click.echo)
    stale = sorted(read_labels(labels).keys() ^ states.keys())
    if stale:
        click.echo(f"in the labels or in the manifest but not in both, make it anew: {_named(stale)}")
    if stale or set(states.values()) - {RIGHT}:
        raise SystemExit(1)


@main.command()
@data_option
@manifest_option
@click.option("--base", default=RAW_GITHUB, show_default=True, help="Address before the repository's name.")
@click.option("--timeout", type=click.FloatRange(min=0, min_open=True), default=30.0, show_default=True)
@click.option("--attempts", type=click.IntRange(min=1), default=3, show_default=True)
def fetch(data: Path, manifest: Path, base: str, timeout: float, attempts: int) -> None:
    """Downloads the labelled pages that DATA/corpora lacks; exit code 1 if some are still wrong."""
    if not base.startswith(("https://", "http://")):
        raise click.BadParameter("must start with https:// or http://", param_hint="--base")
    source = Source(base, timeout, attempts)
    states = fetch_missing(data, read_manifest(manifest), source, click.echo)
    _table(states, click.echo)
    if set(states.values()) - {RIGHT}:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
