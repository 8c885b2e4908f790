"""Names of authors out of what pages write where an author's name belongs."""

import re
from collections.abc import Collection, Iterable, Iterator

from noisefilter.titles import fold, match_key

MAX_AUTHORS = 30
_MAX_CHARS = 1000  # of a string that may hold several names
_MAX_NAME_CHARS = 80

_BY = re.compile(
    r"(?:(?:written|posted|published|reported|submitted)\s+)?by(?:[\s:]+)(?=\S)|(?:author|autor|autore|auteur|auteurs"
    r"|text|texte|fotos?|автор|作者|記者|记者|文|기자)\s*[:：]\s*",
    re.IGNORECASE,
)
# Also names or parts of names, so only before a whole name that does not begin with a particle.
_FROM = re.compile(r"(?:von|par|por|door|di|av|af)\s+(?!(?:der|den|dem|de|la|le)\s)(?=\S+\s+\S)", re.IGNORECASE)
_URL = re.compile(r"\S*://\S*|\bwww\.\S+|\S+\.(?:com|org|net|html?|php)(?:/\S*)?(?=\s|$)", re.IGNORECASE)
_EMAIL = re.compile(r"[(<\[]?[^\s@<>()\[\]]{1,64}@[^\s@<>()\[\]]{1,190}[)>\]]?")
_HANDLE = re.compile(r"[(\[]?(?<!\w)@\w+[)\]]?")
_SURE_BREAK = re.compile(r"\s*[;|•·、，\n\t]\s*|\s+/\s+")
_AND = re.compile(r"\s+(?:and|und|et|y|och|og|en|e|i|и|та|&|\+|with|mit)\s+")
_PARTICLES = frozenset(
    "von van der den de del della di da dos das do du des la le el al bin ben ibn abu zu zum zur ten ter te"
    " y e af av dello degli d' o'".split()
)
_ROLE = re.compile(
    r"\b(?:editor|reporter|correspondent|writer|columnist|journalist|producer|redakteur(?:in)?|korrespondent(?:in)?"
    r"|redactor[a]?|journaliste|contributor|phd|md|staff|photographer|analyst|director|professor)\b",
    re.IGNORECASE,
)
_NOBODY = frozenset(
    "null none undefined unknown admin administrator author autor user guest anonymous nan false true default"
    " root webmaster editor staff wordpress name unbekannt test system na".split()
)


def _is_name(text: str) -> bool:
    """Whether a string looks like a whole name of a person: two to five words, each capitalised."""
    words = text.split()
    return 2 <= len(words) <= 5 and all(
        word.lower() in _PARTICLES or word[:1].isupper() or not word[:1].islower() for word in words
    )


def _part(text: str) -> Iterator[str]:
    """Parts a string that may hold several names."""
    for piece in _SURE_BREAK.split(text):
        names = _AND.split(piece)
        # "Research and Development" stays whole; in "A B, C D and E F" the comma comes next.
        if len(names) > 1 and not all(_is_name(part) for name in names for part in name.split(",") if part.strip()):
            names = [piece]
        for name in names:
            yield from _part_at_commas(name)


def _part_at_commas(text: str) -> Iterator[str]:
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if len(parts) < 2 or not _is_name(parts[0]):
        # One word before the first comma: "Last, First".
        yield text
        return
    for number, part in enumerate(parts):
        if number == 0 or (_is_name(part) and not _ROLE.search(part)):
            yield part


def clean_name(text: str) -> str:
    """One name without what stands around it; "" if nothing is left that can be one."""
    name = _HANDLE.sub(" ", _EMAIL.sub(" ", _URL.sub(" ", text)))
    name = name.strip(" \t,;:|/-–—•·*\"'“”„«»")
    for pattern in (_BY, _FROM):
        if match := pattern.match(name):
            name = name[match.end() :]
    name = " ".join(name.split()).strip(" ,;:|/-–—•·*\"“”„«»")
    if name.endswith(")") and " (" in name:
        name = name[: name.rindex(" (")]
    if not name or len(name) > _MAX_NAME_CHARS or not any(char.isalpha() for char in name):
        return ""
    return "" if match_key(name) in _NOBODY or "{" in name or "<" in name else name


def clean_authors(texts: Iterable[str], site_keys: Collection[str] = ()) -> tuple[str, ...]:
    """The authors' names in what a page declares.

    Args:
        texts: strings with one name each, or several.
        site_keys: match keys of the site's names, which are no authors.

    Returns:
        Names in order, each once; URLs, addresses, handles, placeholders and the site's names left out.
    """
    names: dict[str, str] = {}
    for text in texts:
        if len(text) > _MAX_CHARS:
            continue
        whole = _BY.sub("", fold(text), count=1) if _BY.match(fold(text)) else fold(text)
        if match_key(whole) in site_keys:
            continue
        for part in _part(whole):
            name = clean_name(part)
            key = match_key(name)
            if name and key not in site_keys and key not in names:
                names[key] = name
                if len(names) == MAX_AUTHORS:
                    return tuple(names.values())
    return tuple(names.values())
