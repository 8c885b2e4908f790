"""Extractors of article text, all called alike: a page in, its text out."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from types import ModuleType
from typing import Any

import trafilatura
from lxml import html as lxml_html

from benchmarks.pages import baseline, cleaned
from benchmarks.rivals import optional_module
from noisefilter import Cleaner
from noisefilter.labels import PRESETS
from training.pages import Page
from training.segment import segment

Extractor = Callable[[Page], str | None]
BASELINE = "Trafilatura"
# Names of jusText's lists of stop words by language; English stands in for all others.
STOPLISTS = {
    "ar": "Arabic", "bg": "Bulgarian", "cs": "Czech", "da": "Danish", "de": "German", "el": "Greek",
    "es": "Spanish", "fi": "Finnish", "fr": "French", "hi": "Hindi", "hr": "Croatian", "hu": "Hungarian",
    "id": "Indonesian", "is": "Icelandic", "it": "Italian", "ko": "Korean", "nl": "Dutch",
    "no": "Norwegian_Bokmal", "pl": "Polish", "pt": "Portuguese", "ro": "Romanian", "ru": "Russian",
    "sv": "Swedish", "tr": "Turkish", "uk": "Ukrainian", "vi": "Vietnamese",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Tool:
    """An extractor.

    Attributes:
        name: as the table names it.
        extract: None if it is not installed.
    """

    name: str
    extract: Extractor | None


def blocks_as_lines(markup: str) -> str:
    """The text of a piece of HTML, its blocks on lines of their own."""
    if not markup.strip():
        return ""
    return "\n".join(segment(lxml_html.fromstring(markup)))


def readability_text(module: ModuleType, page: Page) -> str:
    """What readability takes for the article, as text."""
    return blocks_as_lines(module.Document(page.html).summary())


def justext_text(module: ModuleType, page: Page) -> str:
    """The paragraphs that jusText takes for good, with the stop words of the page's language."""
    language = STOPLISTS.get(page.language[:2], "English")
    paragraphs: list[Any] = module.justext(page.html, _stoplist(module, language))
    return "\n".join(paragraph.text for paragraph in paragraphs if not paragraph.is_boilerplate)


@cache
def _stoplist(module: ModuleType, language: str) -> frozenset[str]:
    """Reads a list once, as a user of jusText would."""
    words: frozenset[str] = module.get_stoplist(language)
    return words


def resiliparse_text(module: ModuleType, page: Page) -> str:
    """What Resiliparse takes for the main content."""
    text: str = module.extract_plain_text(page.html, main_content=True)
    return text


def guarded(extract: Extractor) -> Extractor:
    """An extractor that finds nothing where the tool fails on a page, so that the others go on."""

    def run(page: Page) -> str | None:
        try:
            return extract(page)
        except Exception:  # what a tool raises on pages it cannot read is its own affair
            return None

    return run


def optional_tool(name: str, module: str, extract: Callable[[ModuleType, Page], str | None]) -> Tool:
    """A tool that may be missing."""
    found = optional_module(module)
    return Tool(name, None if found is None else guarded(partial(extract, found)))


def all_tools() -> list[Tool]:
    """The tools of the comparison, noisefilter's policies first, then the baseline."""
    cleaner = Cleaner()

    def own(policy: str) -> Extractor:
        return lambda page: cleaned(cleaner, page.html, policy, page.url)

    def favouring(precision: bool) -> Extractor:
        return lambda page: trafilatura.extract(
            page.html, include_comments=False, favor_precision=precision, favor_recall=not precision
        )

    policies = ("balanced", *(name for name in PRESETS if name != "balanced"))
    return [
        *(Tool(f"noisefilter, {policy}", own(policy)) for policy in policies),
        Tool(BASELINE, lambda page: baseline(page.html)),
        Tool(f"{BASELINE}, favor_precision", favouring(precision=True)),
        Tool(f"{BASELINE}, favor_recall", favouring(precision=False)),
        optional_tool("readability-lxml", "readability", readability_text),
        optional_tool("jusText", "justext", justext_text),
        optional_tool("Resiliparse", "resiliparse.extract.html2text", resiliparse_text),
    ]
