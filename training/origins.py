"""Where the pages are published: `seeds/labels/origins.json`, corpus by corpus.

A corpus has a `repository`, a `licence`, a `pack` (`plain` or `gzip`: how its files hold the HTML) and
`paths`, templates of a page's path in order of likelihood, in which `{id}` stands for the page,
`{folder}` and `{name}` for what is before and after its last slash. `commit` names a commit that holds all
pages at the first of the paths. Where pages are spread over commits, `listed` has the paths by commit as an
index of public repositories lists them. For any other page commit and path are not known, and `note` says
what the templates rest on.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from training.pages import SEEDS

ORIGINS = SEEDS / "labels" / "origins.json"


@dataclass(frozen=True, slots=True)
class Place:
    """Where the file of a page is.

    Attributes:
        commit: of the repository, or None where it is not known.
        path: in the repository at that commit, or None where it is not known.
        candidates: paths to try where it is not known.
        note: what is not known, and why.
    """

    commit: str | None = None
    path: str | None = None
    candidates: tuple[str, ...] = ()
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Origin:
    """The repository that a corpus was taken from.

    Attributes:
        repository: owner and name.
        licence: SPDX identifier.
        pack: "plain" or "gzip".
        paths: templates of a page's path, likeliest first.
        commit: holds all pages at the first of the paths, or None.
        listed: commit by path, for the paths that were looked up.
        note: what the templates rest on.
    """

    repository: str
    licence: str
    pack: str
    paths: tuple[str, ...]
    commit: str | None
    listed: dict[str, str]
    note: str | None

    def place(self, page: str) -> Place:
        """Finds the file of a page."""
        folder, _, name = page.rpartition("/")
        paths = tuple(template.format(id=page, folder=folder, name=name) for template in self.paths)
        for path in paths:
            if path in self.listed:
                return Place(self.listed[path], path)
        if self.commit is not None:
            return Place(self.commit, paths[0])
        return Place(candidates=paths, note=self.note)


def _origin(entry: dict[str, Any]) -> Origin:
    listed = {path: commit for commit, paths in entry.get("listed", {}).items() for path in paths}
    return Origin(
        repository=entry["repository"],
        licence=entry["licence"],
        pack=entry["pack"],
        paths=tuple(entry["paths"]),
        commit=entry.get("commit"),
        listed=listed,
        note=entry.get("note"),
    )


def read_origins(path: Path = ORIGINS) -> dict[str, Origin]:
    """Reads the origins by corpus."""
    return {corpus: _origin(entry) for corpus, entry in json.loads(path.read_text(encoding="utf-8")).items()}
