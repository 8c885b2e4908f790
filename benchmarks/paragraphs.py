"""Made-up paragraphs, as many as are wanted and no two alike, as a page and as text."""

import random
from collections.abc import Sequence

_STARTS = (
    "bar", "bel", "cor", "dan", "del", "fen", "fil", "gar", "gol", "har", "hol", "jun", "kel", "lan", "lor",
    "mar", "mel", "nor", "or", "pel", "pol", "ran", "ros", "sal", "sen", "tal", "tor", "ul", "ver", "wen",
)  # fmt: skip
_ENDS = (
    "a", "aden", "ance", "ary", "ed", "el", "en", "er", "ery", "est", "ic", "ied", "ing", "ion", "ish", "ity",
    "ive", "land", "ley", "ment", "ness", "on", "ory", "ous", "port", "ship", "ston", "ton", "ward", "y",
)  # fmt: skip
_LITTLE = (
    "the", "a", "of", "and", "to", "in", "that", "was", "on", "with", "for", "as", "by", "at", "from", "had",
)  # fmt: skip
_WORDS = tuple(start + end for start in _STARTS for end in _ENDS)


def _sentence(chance: random.Random) -> str:
    words = [
        chance.choice(_LITTLE if chance.random() < 0.4 else _WORDS) for _ in range(chance.randint(7, 18))
    ]
    words[0] = words[0].capitalize()
    if chance.random() < 0.3:
        words[chance.randrange(1, len(words))] = chance.choice(_WORDS).capitalize()
    if chance.random() < 0.1:
        words.insert(-1, str(chance.randint(2, 2_000)))
    return " ".join(words) + "."


def paragraphs(number: int, seed: int = 0) -> list[str]:
    """Makes paragraphs of one to four sentences; a smaller number gives the first ones of a larger.

    Args:
        number: how many.
        seed: another one gives others.
    """
    chance = random.Random(seed)
    found: dict[str, None] = {}
    while len(found) < number:
        found[" ".join(_sentence(chance) for _ in range(chance.randint(1, 4)))] = None
    return list(found)


def as_page(texts: Sequence[str]) -> str:
    """An article of these paragraphs."""
    body = "\n".join(f"<p>{text}</p>" for text in texts)
    return (
        "<!DOCTYPE html><html lang='en'><head><title>Long report</title></head>"
        f"<body><article><h1>Long report</h1>\n{body}\n</article></body></html>"
    )


def as_text(texts: Sequence[str]) -> str:
    """These paragraphs with blank lines between them."""
    return "\n\n".join(texts)
