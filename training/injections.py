"""Junk lines put into real articles of the same language, at places where scrapers find such lines.

Few labelled pages hold spam, and few are in languages other than English and German. Authored lines alone
would teach that every sentence of a rare language is noise; inside real articles they show both.
"""

import dataclasses
import json
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from noisefilter.blocks import Blocks, Markup
from noisefilter.labels import Kind, Label
from training.pages import LABELS, SEEDS, Sample

INJECTIONS = SEEDS / "injections"
AUTHORED = SEEDS / "authored.jsonl"
ANY = "any"  # the file of templates for all languages, filled with the language's own values
MAX_ROUNDS = 60  # articles out of one sample
MIN_CONTENT_BLOCKS = 4
MAX_CONTENT_BLOCKS = 40
SHORT_SHARE = 0.35  # of the articles have a few blocks of content only, like notes, recipes and agency news
# Half of the ads are fragments, "product - starting at", as autoblogs splice them in: they are the hardest to
# tell from headings, and few among the many ways to write a sentence.
FRAGMENT_SHARE, MAX_FRAGMENT = 0.5, 40  # characters of the template
# Links of lines that advertise lead elsewhere, those to more articles and the like stay on the site.
_FOREIGN, _OWN = ("ad", "spam", "source"), ("related", "tags", "cta", "nav")
# How much a line counts in training: the article's own blocks stand in its page too; generated lines are few
# beside the many blocks of pages, but what plain text from scrapers is full of.
CONTENT_WEIGHT, LOOKALIKE_WEIGHT, JUNK_WEIGHT = 0.5, 2.0, 2.0
# Capitalised words inside a sentence, one or two.
_NAME = re.compile(r"(?<=[a-zà-ÿа-я] )([A-ZÀ-ÖØ-ÞА-Я]\w{2,}(?: [A-ZÀ-ÖØ-ÞА-Я]\w{2,})?)")
_ASCII_WORD = re.compile(r"[A-Za-z]{3,}")
_SLOT = re.compile(r"\{(\w+)\}")

_TOP = ("byline", "date", "share", "tags", "nav", "caption", "consent", "source", "ad")
_MIDDLE = (
    "ad",
    "ad",
    "ad",
    "related",
    "related",
    "cta",
    "caption",
    "share",
    "spam",
    "consent",
    "comment",
    "nav",
)
_END = (
    "source",
    "tags",
    "share",
    "byline",
    "legal",
    "comment",
    "related",
    "cta",
    "nav",
    "ad",
    "spam",
    "date",
    "consent",
)


@dataclass(frozen=True, slots=True)
class Templates:
    """Templates of one language.

    Attributes:
        slots: values by name of the slot.
        lines: templates by label.
        lookalikes: content that looks like junk.
    """

    slots: dict[str, list[str]]
    lines: dict[str, list[str]]
    lookalikes: list[str]


@lru_cache(maxsize=4)
def read_templates(part: str, folder: Path = INJECTIONS) -> dict[str, Templates]:
    """Reads the templates of all languages.

    Args:
        part: ``train`` or ``held_out``; the two share no template and no slot value. Look-alikes are parted
            by their number: every fourth is held out.
        folder: of the files.
    """
    found = {}
    for path in sorted(folder.glob("*.json")):
        data = json.loads(path.read_text(encoding="utf-8"))
        lookalikes = [
            entry["text"]
            for number, entry in enumerate(data["lookalikes"])
            if (number % 4 == 3) == (part == "held_out")
        ]
        found[data["lang"]] = Templates(
            {name: values[part] for name, values in data["slots"].items()},
            {label: list(values[part]) for label, values in data["templates"].items()},
            lookalikes,
        )
    if (shared := found.pop(ANY, None)) is not None:
        for templates in found.values():
            for label, lines in shared.lines.items():
                templates.lines.setdefault(label, []).extend(lines)
    if part == "train":
        _add_authored(found, read_templates("held_out", folder))
    return found


def _add_authored(found: dict[str, Templates], held_out: dict[str, Templates]) -> None:
    for line in AUTHORED.read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        if (templates := found.get(entry["lang"])) is None or "{" in entry["text"]:
            continue
        other = held_out[entry["lang"]]
        if entry["text"] in other.lookalikes or any(entry["text"] in lines for lines in other.lines.values()):
            continue
        if entry["hard_negative"]:
            templates.lookalikes.append(entry["text"])
        elif entry["label"] in templates.lines:
            templates.lines[entry["label"]].append(entry["text"])


def fill(template: str, slots: dict[str, list[str]], chance: random.Random) -> str:
    """Fills the slots of a template, no value twice."""
    used: set[str] = set()

    def value(match: re.Match[str]) -> str:
        choices = [v for v in slots[match[1]] if v not in used] or slots[match[1]]
        chosen = chance.choice(choices)
        used.add(chosen)
        return chosen

    return _SLOT.sub(value, template)


@dataclass(slots=True)
class _Line:
    text: str
    label: int
    origin: int | None = None  # number of the block in the page, None if injected


def _line(label: str, templates: Templates, chance: random.Random) -> _Line:
    lines = templates.lines[label]
    if label == "ad" and chance.random() < FRAGMENT_SHARE:
        lines = [line for line in lines if "{product}" in line and len(line) <= MAX_FRAGMENT] or lines
    text = fill(chance.choice(lines), templates.slots, chance)
    if chance.random() < 0.05:
        text = text.upper()
    return _Line(text, LABELS.index(Label(label)))


def _own_topics(content: Sequence[_Line]) -> list[str]:
    """Names and other capitalised words of an article, as its archive would list them."""
    found: dict[str, int] = {}
    for line in content:
        for match in _NAME.finditer(line.text):
            found[match[1]] = found.get(match[1], 0) + 1
    return sorted(found, key=lambda name: (-found[name], name))[:20]


def _topics_line(topics: list[str], templates: Templates, chance: random.Random) -> _Line:
    chosen = chance.sample(topics, min(len(topics), chance.randrange(3, 8)))
    if chance.random() < 0.3:  # archives sort by last name, and add the country in brackets
        chosen = [", ".join(reversed(name.split(" ", 1))) for name in chosen]
    if chance.random() < 0.2:
        chosen[-1] += f" ({chance.choice(templates.slots['place'])})"
    text = chance.choice((",", ",", ", ", ", ", " ", " | ", " · ", "; ")).join(chosen)
    return _Line(text, LABELS.index(Label.TAGS))


def _title_line(title: str, chance: random.Random, templates: Templates) -> _Line:
    text = title
    draw = chance.random()
    if draw < 0.1:
        text = f"{title} {chance.choice('|-–')} {chance.choice(templates.slots['site'])}"
    elif draw < 0.15:
        text = title.upper()
    return _Line(text, LABELS.index(Label.TITLE))


def _compose(
    content: list[_Line], title: str | None, templates: Templates, chance: random.Random
) -> list[_Line]:
    top: list[_Line] = []
    if title and chance.random() < 0.7:
        top.append(_title_line(title, chance, templates))
    top.extend(
        _line(chance.choice(_TOP), templates, chance) for _ in range(chance.choice((0, 0, 1, 1, 2, 3)))
    )
    if title and chance.random() < 0.3:
        top.append(_title_line(title, chance, templates))
    lines = list(content)
    n_middle = min(chance.choice((0, 1, 1, 2, 2, 3)), len(content) // 2)
    for _ in range(n_middle):
        lines.insert(chance.randrange(1, len(lines) + 1), _line(chance.choice(_MIDDLE), templates, chance))
    content_number = LABELS.index(Label.CONTENT)
    for _ in range(min(chance.choice((0, 1, 1, 2)), len(content) // 2)):
        line = _Line(chance.choice(templates.lookalikes), content_number)
        lines.insert(chance.randrange(1, len(lines) + 1), line)
    end = [_line(chance.choice(_END), templates, chance) for _ in range(chance.choice((0, 1, 1, 2, 3, 4)))]
    topics = _own_topics(content)
    if len(topics) >= 4 and chance.random() < 0.35:
        end.insert(chance.randrange(len(end) + 1), _topics_line(topics, templates, chance))
    return top + lines + end


def _with_markup(lines: list[_Line], sample: Sample, chance: random.Random) -> Blocks:
    old = sample.blocks.markup
    assert old is not None
    elements = dataclasses.replace(
        old.elements,
        **{f.name: list(getattr(old.elements, f.name)) for f in dataclasses.fields(old.elements)},
    )
    markup = Markup(elements)
    blocks = Blocks(markup=markup)
    origins = [line.origin for line in lines if line.origin is not None]
    nearest = origins[0]
    for line in lines:
        if line.origin is not None:
            nearest = line.origin
            blocks.kind.append(sample.blocks.kind[nearest])
            blocks.level.append(sample.blocks.level[nearest])
            blocks.hidden.append(sample.blocks.hidden[nearest])
            for name in ("element", "inline", "linked", "hrefs", "emphasised", "kept"):
                getattr(markup, name).append(getattr(old, name)[nearest])
        else:
            _append_injected(line, nearest, blocks, sample, chance)
        blocks.text.append(line.text)
    return blocks


def _link(line: _Line, sample: Sample, chance: random.Random) -> tuple[int, str]:
    """How many characters of a line are a link, and where it leads.

    The words of the address are drawn from the line: fixed ones would give the line away.
    """
    label = LABELS[line.label]
    if chance.random() >= (0.5 if label in (*_FOREIGN, *_OWN) else 0.05):
        return 0, ""
    words = [word.lower() for word in _ASCII_WORD.findall(line.text)] or ["go"]
    path = "-".join(chance.sample(words, min(len(words), chance.randrange(1, 5))))
    host = (
        f"https://{''.join(chance.sample(words, min(len(words), 2)))}.{chance.choice(('com', 'net', 'org'))}"
    )
    if label in _OWN:
        host = f"https://www.{sample.host}" if sample.url and chance.random() < 0.5 else ""
    size = len(line.text)
    return (size if chance.random() < 0.7 else max(size * 2 // 3, 1)), f"{host}/{path}"


def _append_injected(
    line: _Line, nearest: int, blocks: Blocks, sample: Sample, chance: random.Random
) -> None:
    markup, old = blocks.markup, sample.blocks.markup
    assert markup is not None
    assert old is not None
    elements = markup.elements
    beside = old.element[nearest]
    parent = elements.parent[beside]
    heading = line.label == LABELS.index(Label.TITLE) and chance.random() < 0.7
    tag = "h1" if heading else chance.choice(("p", "p", "p", "div"))
    for name, value in (
        ("parent", parent), ("tag", tag), ("attributes", ""),
        ("depth", elements.depth[beside]), ("regions", elements.regions[parent]),
    ):  # fmt: skip
        getattr(elements, name).append(value)
    linked, href = _link(line, sample, chance)
    blocks.kind.append(Kind.HEADING if heading else Kind.PARAGRAPH)
    blocks.level.append(1 if heading else 0)
    blocks.hidden.append(False)
    markup.element.append(len(elements.tag) - 1)
    markup.inline.append(())
    markup.linked.append(linked)
    markup.hrefs.append((href,) if linked else ())
    markup.emphasised.append(len(line.text) if chance.random() < 0.15 else 0)
    markup.kept.append(chance.random() < 0.9)


def _weight(line: _Line) -> float:
    if line.label != LABELS.index(Label.CONTENT):
        return JUNK_WEIGHT
    return LOOKALIKE_WEIGHT if line.origin is None else CONTENT_WEIGHT


def inject(sample: Sample, templates: Templates, seed: str, marked: bool) -> Sample | None:
    """Makes an article out of a sample's content blocks, with generated junk lines around and between them.

    Args:
        sample: a labelled page or text.
        templates: of its language.
        seed: decides all choices.
        marked: with the page's markup; else as plain text.

    Returns:
        The new sample, or None where there are fewer than `MIN_CONTENT_BLOCKS` blocks of content.
    """
    content_number = LABELS.index(Label.CONTENT)
    numbers = np.flatnonzero(sample.labels == content_number)
    if len(numbers) < MIN_CONTENT_BLOCKS:
        return None
    chance = random.Random(seed)
    low, high = (1, 7) if chance.random() < SHORT_SHARE else (MIN_CONTENT_BLOCKS, MAX_CONTENT_BLOCKS)
    size = min(len(numbers), chance.randrange(low, high))
    start = 0 if chance.random() < 0.7 else chance.randrange(0, len(numbers) - size + 1)
    content = [_Line(sample.blocks.text[i], content_number, int(i)) for i in numbers[start : start + size]]
    lines = _compose(content, sample.title, templates, chance)
    if marked:
        blocks = _with_markup(lines, sample, chance)
    else:
        kinds, levels = [Kind.PARAGRAPH] * len(lines), [0] * len(lines)
        blocks = Blocks([line.text for line in lines], kinds, levels)
    labels = np.array([line.label for line in lines], dtype=np.int8)
    weight = np.array([_weight(line) for line in lines], dtype=np.float32)
    return dataclasses.replace(
        sample, key=f"{sample.key}#{seed}", blocks=blocks, labels=labels, weight=weight
    )


def injected_samples(
    samples: Sequence[Sample],
    part: str,
    rounds: int,
    marked_rounds: int,
    min_per_language: int,
) -> list[Sample]:
    """Makes articles with generated junk lines out of samples.

    Args:
        samples: labelled pages and texts.
        part: ``train`` or ``held_out`` templates.
        rounds: articles a sample as plain text.
        marked_rounds: articles a sample with markup.
        min_per_language: samples of a language with few of them are used more often, up to about this many
            articles.
    """
    templates = read_templates(part)
    counts: dict[str, int] = {}
    for sample in samples:
        counts[sample.language] = counts.get(sample.language, 0) + 1
    made = []
    for sample in samples:
        if (found := templates.get(sample.language)) is None:
            continue
        times = max(rounds, min(MAX_ROUNDS, round(min_per_language / counts[sample.language])))
        for number in range(times):
            for marked in (False, True):
                if marked and (sample.blocks.markup is None or number >= marked_rounds):
                    continue
                seed = f"{part}:{sample.key}:{number}:{marked}"
                if (new := inject(sample, found, seed, marked)) is not None:
                    made.append(new)
    return made
