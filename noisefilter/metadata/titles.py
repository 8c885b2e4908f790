"""Headlines and other short strings that a page declares: folded, compared, and rid of the site's name."""

import html
import re
from collections.abc import Collection

from noisefilter.smuggling import shown

MAX_TITLE_CHARS = 500
MAX_DECLARED_CHARS = 4 * MAX_TITLE_CHARS + 1  # from here on a string is no title, whatever is cut off it

_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,30});")
# Characters that show nothing: controls, soft hyphen, zero-width space, direction marks, BOM, surrogates,
# private use. The zero-width joiners stay, Hindi and Persian are spelt with them.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb"
    "\ue000-\uf8ff\ud800-\udfff\U000f0000-\U0010ffff]+"
)
_TAG = re.compile(
    r"</?(?:a|b|big|br|em|font|i|mark|p|q|s|small|span|strong|sub|sup|u|wbr)(?:\s[^<>]{0,200})?/?>",
    re.IGNORECASE,
)
_NOT_KEY = re.compile(r"[\W_]+")
# In a folded string, whose white space is single blanks.
_SEPARATOR = re.compile(r" ?(?:\||::|»|«|›|‹|•|·|>|<)+ ?|(?: |(?<=\w)(?=: ))[-–—−:~/]+ ")

_PLACEHOLDERS = frozenset((
    "untitled", "untitled document", "untitled page", "home", "homepage", "home page", "startseite",
    "accueil", "inicio", "início", "undefined", "null", "none", "nan", "n/a", "false", "true", "index",
    "document", "page", "article", "artikel", "title", "titel", "new page", "no title", "blog", "news",
    "nachrichten", "object object", "loading", "welcome", "error", "404", "page not found", "just a moment",
    "access denied", "главная", "首页", "ホーム",
))  # fmt: skip


def fold(text: str) -> str:
    """A string with entities that were escaped once too often resolved and white space folded."""
    for _ in range(2):
        if "&" not in text:
            break
        resolved = _ENTITY.sub(lambda match: html.unescape(match.group()), text)
        if resolved == text:
            break
        text = resolved
    if not text.isprintable():
        text = _INVISIBLE.sub("", shown(text))
    return " ".join(text.split())


def match_key(text: str) -> str:
    """What two spellings of one name or headline have in common: letters and digits, in one case."""
    return _NOT_KEY.sub("", text.casefold())


def host_names(host: str) -> set[str]:
    """Match keys by which a site may call itself: of ``www.the-sun.co.uk`` thesun, sun and the whole."""
    labels = host.lower().removeprefix("www.").split(".")
    if len(labels) > 1:
        labels.pop()
    if len(labels) > 1 and labels[-1] in ("co", "com", "org", "net", "gov", "ac", "edu"):
        labels.pop()
    main = match_key(labels[-1]) if labels else ""
    bare = match_key(host.lower().removeprefix("www."))
    names = {main, bare, main.removeprefix("the"), "the" + main} if len(main) > 1 else {bare}
    return {name for name in names if len(name) > 1}


def is_placeholder(title: str, site_keys: Collection[str]) -> bool:
    """Whether a title says nothing of the page: empty, "Untitled", a template's residue, the site's name."""
    key = match_key(title)
    return (
        not key
        or title.casefold().strip(" .!…[]-") in _PLACEHOLDERS
        or key in site_keys
        or (title.startswith(("{{", "{%", "[%", "<%", "${")) and len(title) < 60)
    )


def clean_title(text: str) -> str:
    """A declared title, folded and without inline markup; "" if it is too long to be one."""
    if len(text) >= MAX_DECLARED_CHARS:
        return ""
    title = fold(text)
    # An unpaired tag may be what the title speaks of: "<b>: The Bring Attention To element".
    if "</" in title or "<br" in title:
        title = " ".join(_TAG.sub(" ", title).split())
    return title if len(title) <= MAX_TITLE_CHARS else ""


def cut_site(title: str, site_keys: Collection[str], known_keys: Collection[str]) -> str:
    """Cuts the site's name, or what else is not the headline, off the ends of a title.

    Args:
        title: a cleaned title.
        site_keys: match keys of the site's names.
        known_keys: match keys of headlines that the page shows or declares elsewhere.

    Returns:
        The title; cut only where the end is a name of the site or the rest is a known headline.
    """
    own = match_key(title)
    for _ in range(4):
        borders = [match.span() for match in _SEPARATOR.finditer(title)]
        for start, end in borders[:8]:
            for rest in (title[:start], title[end:]):
                key = match_key(rest)
                if key in known_keys and key != own:
                    return rest.strip()
        if not borders:
            break
        # The longest end first: names of sites hold separators too.
        tails = (title[:start] for start, end in borders[-4:] if match_key(title[end:]) in site_keys)
        heads = (title[end:] for start, end in borders[3::-1] if match_key(title[:start]) in site_keys)
        rest = next((part.strip() for part in (*tails, *heads) if match_key(part)), "")
        if not rest:
            break
        title = rest
    return title
