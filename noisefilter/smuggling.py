"""Text hidden in characters that show nothing, as it is put into pages for machines to read.

Tag characters (U+E0000 to U+E007F) spell ASCII that nobody sees; runs of zero-width characters and of
variation selectors hold bits. Writing uses neither so: flags of regions are spelt with tags; Persian, Hindi,
Thai, emoji and hyphenated text hold zero-width characters and selectors one or a few at a time; careless
editors leave one kind of them many times over, which says nothing.
"""

import re

LEAST = 8
"""Zero-width characters of at least two kinds in a row that hide text: a letter has eight bits."""

# A black flag, the code of a region, an end: 🏴 and "gbsct" for Scotland.
_FLAG = "\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{3,6}\U000e007f"
_TAG = "[\U000e0000-\U000e007f]"
_FLAG_OR_TAGS = re.compile(f"({_FLAG})|{_TAG}+")
_ANY_TAG = re.compile(_TAG)
_UNSHOWN = (
    "[\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f"
    "\ufeff\uffa0\U000e0100-\U000e01ef]"
)
_RUN = re.compile(
    f"{_UNSHOWN}{_UNSHOWN}{{{LEAST - 1},}}"
)  # a class that is not repeated is found in a third of the time


def hides_text(text: str) -> bool:
    """Whether text is hidden in a text's characters."""
    if text.isascii():
        return False
    if _ANY_TAG.search(text) and any(match[1] is None for match in _FLAG_OR_TAGS.finditer(text)):
        return True
    return any(len(set(match[0])) > 1 for match in _RUN.finditer(text))


def shows_nothing(text: str) -> bool:
    """Whether a text consists of hidden text and nothing else."""
    return hides_text(text) and shown(text) == text


def shown(text: str) -> str:
    """The text without what is hidden in its characters; as it is, if there is nothing else."""
    if text.isascii():
        return text
    seen = _FLAG_OR_TAGS.sub(lambda match: match[1] or "", text)
    seen = _RUN.sub(lambda match: match[0] if len(set(match[0])) == 1 else "", seen)
    return text if not seen or seen.isspace() else seen
