"""Names of authors out of what pages write where an author's name belongs."""

import re
from collections.abc import Collection, Iterable, Iterator

from noisefilter.metadata.titles import fold, match_key

MAX_AUTHORS = 30
_MAX_CHARS = 1000  # of a string that may hold several names
_MAX_NAME_CHARS = 80
_AROUND = ' ,;:|/-–—•·*"“”„«» '

_BY = re.compile(
    r"(?:(?:written|posted|published|reported|submitted)\s+)?by(?:[\s:]+)(?=\S)|(?:author|autor|autore|auteur|auteurs"
    r"|text|texte|fotos?|автор|作者|記者|记者|文|기자)\s*[:：]\s*",
    re.IGNORECASE,
)
# Also names or parts of names, so only before a whole name that does not begin with a particle.
_FROM = re.compile(
    r"(?:von|par|por|door|di|av|af)\s+(?!(?:der|den|dem|de|la|le)\s)(?=\S+\s+\S)", re.IGNORECASE
)
_DOMAIN = re.compile(r"[\w.-]{1,80}\.(?:com|org|net|html?|php)(?:/|$)", re.IGNORECASE)
_ARCHIVE = re.compile(
    r"(?:view|see|show|read|all|zeige|alle|voir|tous|ver|todas)\b[^,;]{0,30}?"
    r"\b(?:posts|articles|stories|beiträge|artikel|entradas)\b[^,;]{0,10}?\b(?:by|from|of|von|de|par|por)\s+",
    re.IGNORECASE,
)
_CREDIT = re.compile(r"\(?(?:image|photo|foto|picture|pic|bild|credit|getty)\b", re.IGNORECASE)
# This one and `_AND` are for folded strings, whose white space is single blanks.
_SURE_BREAK = re.compile(r" ?[;|•·、，] ?| / |/(?=(?:dpa|afp|ap|epd|kna|reuters|sid|apa)\b)", re.IGNORECASE)
_AGENCIES = frozenset((
    "dpa", "afp", "ap", "apa", "epd", "kna", "reuters", "sid", "ansa", "efe", "tass",
))  # fmt: skip
_AND = re.compile(r" (?:and|und|et|y|och|og|en|e|i|и|та|&|\+|with|mit) ")
_PARTICLES = frozenset((
    "von", "van", "der", "den", "de", "del", "della", "di", "da", "dos", "das", "do", "du", "des", "la",
    "le", "el", "al", "bin", "ben", "ibn", "abu", "zu", "zum", "zur", "ten", "ter", "te", "y", "e", "af",
    "av", "dello", "degli", "d'", "o'",
))  # fmt: skip
_ROLE = re.compile(
    r"\b(?:editor|reporter|correspondent|writer|columnist|journalist|producer|redakteur(?:in)?|korrespondent(?:in)?"
    r"|redactor[a]?|journaliste|contributor|phd|md|staff|photographer|analyst|director|professor)\b",
    re.IGNORECASE,
)
_NOBODY = frozenset((
    "null", "none", "undefined", "unknown", "admin", "administrator", "author", "autor", "user", "guest",
    "anonymous", "nan", "false", "true", "default", "root", "webmaster", "editor", "staff", "wordpress",
    "name", "noauthor", "unbekannt", "test", "system", "na",
))  # fmt: skip


def is_name(text: str) -> bool:
    """Whether a string looks like a whole name of a person: two to five words, each capitalised."""
    words = text.split()
    return 2 <= len(words) <= 5 and all(
        word.lower() in _PARTICLES or word[:1].isupper() or not word[:1].islower() for word in words
    )


def _part(text: str) -> Iterator[str]:
    """Parts a folded string that may hold several names."""
    for piece in _SURE_BREAK.split(text):
        parts = [part.strip() for part in piece.split(",") if part.strip()]
        if len(parts) < 2 or not all(map(is_name, _AND.split(parts[0]))):
            # One word before the first comma: "Last, First".
            parts = [piece]
        for number, part in enumerate(parts):
            names = _AND.split(part.removeprefix("and ").removeprefix("und "))
            # "Research and Development" stays whole.
            if len(names) > 1 and not all(map(is_name, names)):
                names = [part]
            for name in names:
                # Behind a name and a comma: one more name, or what the person is or where.
                if not number or match_key(name) in _AGENCIES or (is_name(name) and not _ROLE.search(name)):
                    yield name


def _is_address(word: str) -> bool:
    """Whether a word is a URL, an e-mail address or a handle."""
    return "@" in word or "://" in word or word[:4].lower() == "www." or _DOMAIN.match(word) is not None


def clean_name(text: str) -> str:
    """One name without what stands around it; "" if nothing is left that can be one."""
    name = " ".join(word for word in text.split() if not _is_address(word)).strip(_AROUND)
    if _CREDIT.match(name):
        return ""
    for pattern in (_ARCHIVE, _BY, _FROM):
        if match := pattern.match(name):
            name = name[match.end() :]
    name = name.strip(_AROUND)
    if name.endswith(")") and " (" in name:
        name = name[: name.rindex(" (")]
    if not name or len(name) > _MAX_NAME_CHARS or not any(char.isalpha() for char in name):
        return ""
    return "" if match_key(name) in _NOBODY or "{" in name or "<" in name else name


def clean_authors(
    texts: Iterable[str], site_keys: Collection[str] = (), host_keys: Collection[str] = ()
) -> tuple[str, ...]:
    """The authors' names in what a page declares.

    Args:
        texts: strings with one name each, or several.
        site_keys: match keys of the site's names, which are no authors.
        host_keys: match keys of what its host is called. A name in several words may be the same: people
            name their sites after themselves.

    Returns:
        Names in order, each once; URLs, addresses, handles, placeholders and the site's names left out.
    """
    names: dict[str, str] = {}
    for text in texts:
        if len(text) > _MAX_CHARS:
            continue
        whole = fold(text)
        if by := _BY.match(whole):
            whole = whole[by.end() :]
        if match_key(whole) in site_keys:
            continue
        for part in _part(whole):
            name = clean_name(part)
            key = match_key(name)
            if not name or key in site_keys or (key in host_keys and " " not in name):
                continue
            if key not in names:
                names[key] = name
                if len(names) == MAX_AUTHORS:
                    return tuple(names.values())
    return tuple(names.values())
