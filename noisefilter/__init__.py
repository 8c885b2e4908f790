"""Turns scraped web pages and texts into clean articles, and says of every block what it is and why.

Example:
    >>> import noisefilter
    >>> article = noisefilter.clean_text('''Harbour ferry fares to rise in May
    ...
    ... Admin
    ...
    ... Fares on the harbour ferry will go up by ten percent in May, the port authority said on Tuesday.
    ...
    ... Source link''')
    >>> print(article.text)
    Fares on the harbour ferry will go up by ten percent in May, the port authority said on Tuesday.
    >>> [str(block.label) for block in article.blocks]
    ['title', 'byline', 'content', 'source']
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from noisefilter.article import Article, Block, Evidence
    from noisefilter.batch import Item, Result, Status, clean_many
    from noisefilter.cleaner import Cleaner, clean, clean_text, extract
    from noisefilter.errors import (
        BadCompression,
        CleaningTimeout,
        EmptyInput,
        InputError,
        LimitExceeded,
        MemoryExceeded,
        ModelError,
        NoiseFilterError,
        NotHTML,
        NotText,
        TooDeep,
        TooLarge,
        UndecodableInput,
        WorkerCrashed,
    )
    from noisefilter.labels import Flag, Kind, Label, Reason, Treatment
    from noisefilter.limits import Limits
    from noisefilter.policy import Policy

    __version__: str

# Loaded when first asked for: `noisefilter --help` needs neither numpy nor Trafilatura.
_HOMES = {
    "article": ("Article", "Block", "Evidence"),
    "batch": ("Item", "Result", "Status", "clean_many"),
    "cleaner": ("Cleaner", "clean", "clean_text", "extract"),
    "errors": (
        "BadCompression", "CleaningTimeout", "EmptyInput", "InputError", "LimitExceeded",
        "MemoryExceeded", "ModelError", "NoiseFilterError", "NotHTML", "NotText", "TooDeep", "TooLarge",
        "UndecodableInput", "WorkerCrashed",
    ),
    "labels": ("Flag", "Kind", "Label", "Reason", "Treatment"),
    "limits": ("Limits",),
    "policy": ("Policy",),
}  # fmt: skip
_HOME = {name: module for module, names in _HOMES.items() for name in names}

__all__ = [
    "Article",
    "BadCompression",
    "Block",
    "Cleaner",
    "CleaningTimeout",
    "EmptyInput",
    "Evidence",
    "Flag",
    "InputError",
    "Item",
    "Kind",
    "Label",
    "LimitExceeded",
    "Limits",
    "MemoryExceeded",
    "ModelError",
    "NoiseFilterError",
    "NotHTML",
    "NotText",
    "Policy",
    "Reason",
    "Result",
    "Status",
    "TooDeep",
    "TooLarge",
    "Treatment",
    "UndecodableInput",
    "WorkerCrashed",
    "__version__",
    "clean",
    "clean_many",
    "clean_text",
    "extract",
]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import PackageNotFoundError, version

        try:
            return version("noisefilter")
        except PackageNotFoundError:  # a checkout that is not installed
            return "0+unknown"
    if (home := _HOME.get(name)) is None:
        raise AttributeError(f"module 'noisefilter' has no attribute {name!r}")
    value = getattr(import_module(f"noisefilter.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
