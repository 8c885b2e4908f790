"""Every pattern of the package, on strings made to slow it down: time may grow as their length does."""

import re
from types import ModuleType

import pytest
from lxml import etree
from pattern_finder import (
    ALL_USES,
    AnyPattern,
    Elsewhere,
    Inventory,
    held,
    inventory_of,
    modules_of,
    read,
)
from pattern_strings import TooSlow, check_growth

import noisefilter
from noisefilter.extraction.package import Package
from noisefilter.extraction.tuned import TunedExtractor, tuned_extractor
from noisefilter.intake import bounds, sniffing

# Sets up the process that imports it.
SKIPPED = frozenset({"noisefilter.__main__", "noisefilter.service.gunicorn_conf"})
_TESTED = re.compile(r"re:test\(\s*[^,]+,\s*'(?P<pattern>[^']*)'\s*(?:,\s*'(?P<flags>i)'\s*)?\)")


@pytest.fixture(scope="module")
def trafilatura() -> Package:
    """Trafilatura as the extractor changes it."""
    if tuned_extractor() is None:
        pytest.skip("this Trafilatura is asked the usual way, which is not ours")
    package = Package()
    TunedExtractor(package)
    return package


def _on_attributes(package: Package) -> set[AnyPattern]:
    """The patterns in XPath expressions of Trafilatura, which are run on attributes of the page."""
    found: set[AnyPattern] = set()
    for name in ("xpaths", "settings"):
        pending: list[object] = list(vars(package.module(name)).values())
        while pending:
            value = pending.pop()
            if isinstance(value, list | tuple):
                pending += value
            elif isinstance(value, etree.XPath):
                for test in _TESTED.finditer(value.path):
                    found.add(re.compile(test["pattern"], re.IGNORECASE if test["flags"] else 0))
    return found


def _elsewhere() -> Elsewhere:
    """Places where a pattern is compiled whose text is not written there: which these are, and their uses."""
    return {
        # One for every bound.
        "noisefilter.intake.bounds:_well_filled": ([bounds._well_filled(n) for n in (3, 1_000)], ["match"]),
        # A table.
        "noisefilter.intake.sniffing:<module>": ([magic for magic, _ in sniffing._FILE_TYPES], ["match"]),
        "noisefilter.extraction.conditions:_test": (_on_attributes(Package()), ["search"]),
        # Trafilatura's, with parts exchanged: see `test_patterns_of_trafilatura`.
        "noisefilter.extraction.tuned:_exchange_pattern": ([], []),
        # The caller's. Nobody can bound them but by a deadline: the service has one, clean_many takes one.
        "noisefilter.policy:rules_of": ([], []),
    }


def _inventory() -> Inventory:
    return inventory_of(modules_of(noisefilter, SKIPPED), _elsewhere())


INVENTORY = _inventory()
NAMED = {
    f"{place}-{number}": pattern
    for number, (pattern, place) in enumerate(sorted(INVENTORY.places.items(), key=lambda item: item[1]))
}


def test_all_patterns_are_found() -> None:
    assert INVENTORY.unknown == set(), "tell in _elsewhere which patterns are compiled there"
    assert len(INVENTORY.places) > 100


@pytest.mark.parametrize("name", NAMED)
def test_time_grows_with_length(name: str) -> None:
    pattern = NAMED[name]
    check_growth(pattern, INVENTORY.uses[pattern])


# By module, patterns that get text of the page; of the others none is used here.
_RUN = {
    "baseline": {"_HTML_MARKUP": "search", "_JSON_HOOKS_RE": "search"},
    "utils": {"RE_FILTER": "match", "IMAGE_EXTENSION": "search"},
}
_NOT_RUN = {
    # Reading files and writing output, which are ours; languages are not asked for.
    "utils": {
        *("DOCTYPE_TAG", "FAULTY_HTML", "HTML_STRIP_TAGS", "INVALID_XML_CHARS", "LINES_TRIMMING"),
        *("URL_BLACKLIST_REGEX", "RE_HTML_LANG"),
    },
    "deduplication": {"STRIP_EXTENSION"},  # duplicates are not looked for
    "xml": {
        *("_INLINE_SPECIAL_RUN_RES", "_HEADING_START_RE", "_QUOTE_START_RE", "_BULLET_START_RE"),
        *("_ORDERED_START_RE", "_UNESCAPED_BRACKET_RE", "_MATH_BLOCK_RE", "_MATH_INLINE_RE", "_MATH_SPAN_RE"),
    },
}
_LOADED = (
    "baseline",
    "deduplication",
    "htmlprocessing",
    "main_extractor",
    "settings",
    "utils",
    "xml",
    "xpaths",
)


def test_patterns_of_trafilatura_are_known(trafilatura: Package) -> None:
    for name in _LOADED:
        module = trafilatura.module(name)
        holders = {key for key, value in vars(module).items() if _holds_pattern(value)}
        imported = {
            key for key in holders if any(key in _RUN.get(other, ()) for other in _LOADED if other != name)
        }
        assert holders - imported == _RUN.get(name, {}).keys() | _NOT_RUN.get(name, set()), name


def _holds_pattern(value: object) -> bool:
    values = value.values() if isinstance(value, dict) else [value]
    return any(isinstance(one, re.Pattern) for one in values)


@pytest.mark.parametrize(
    ("module", "name", "use"),
    [(module, name, use) for module, names in _RUN.items() for name, use in names.items()],
)
def test_patterns_of_trafilatura(module: str, name: str, use: str, trafilatura: Package) -> None:
    check_growth(getattr(trafilatura.module(module), name), [use])


@pytest.mark.parametrize(
    "pattern",
    [
        r"\s*,",
        rb"a+$",
        r"<a [^>]*=[^>]*>",
        r'"@type":\s*\[[^\]]*"x"',
        rb"(?:\s+|-)+:",
        r"(a+)+$",
        rb"(?:a|a)*b",
        r"\s*\s*\s*,",
    ],
)
def test_slow_patterns_are_found(pattern: str | bytes) -> None:
    with pytest.raises(TooSlow, match="grows too fast"):
        check_growth(re.compile(pattern), ["search"], 3_000, 30_000)


@pytest.mark.parametrize("text", [r"\s*,", r"\w+@", r"[^<>]+>"])
def test_use_matters(text: str) -> None:
    check_growth(re.compile(text), ["match", "fullmatch"])


def _module(source: str, tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    path = tmp_path_factory.mktemp("module") / "planted.py"
    path.write_text(source, encoding="utf-8")
    module = ModuleType("planted")
    module.__file__ = str(path)
    exec(compile(source, str(path), "exec"), vars(module))
    return module


SOURCES = [
    # (source, pattern, its uses)
    ("import re\nP = re.compile('a+')\ndef f(x): return P.match(x)", "a+", {"match"}),
    ("import re as r\ndef f(x): return r.search(pattern='a+', string=x)", "a+", {"search"}),
    ("from re import compile as c\nclass A:\n    P = c('a+')", "a+", set(ALL_USES)),
    ("import re\nF = re.compile('a+').fullmatch", "a+", {"fullmatch"}),
    ("import re\ndef f(x, p=re.compile('a+')): return p.match(x)", "a+", set(ALL_USES)),
    ("import re\nA = 'a'\nT = {1: [re.compile(f'{A}+')]}", "a+", set(ALL_USES)),
    ("import re\nP = re.compile('a+')\ndef f(x): return g(P) and P.match(x)", "a+", set(ALL_USES)),
    ("import re\nP = re.compile('a+')\nQ = re.compile('b')\ndef f(x): return (P if x else Q).sub(x)", "a+",
     {"search"}),
    ("import re\ndef f(x):\n    def g():\n        return re.split(r'a+', x, 0, re.I)", "(?i:a+)", {"search"}),
]  # fmt: skip


@pytest.mark.parametrize(("source", "text", "uses"), SOURCES)
def test_where_patterns_are_found(
    source: str, text: str, uses: set[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    found = inventory_of([_module(source, tmp_path_factory)], {})
    pattern = re.compile("a+", re.IGNORECASE) if text.startswith("(?i") else re.compile(text)
    assert found.uses[pattern] == uses
    assert not found.unknown


def test_patterns_out_of_reach_are_noticed(tmp_path_factory: pytest.TempPathFactory) -> None:
    module = _module("import re\ndef f(x):\n    return re.compile(x)", tmp_path_factory)
    assert inventory_of([module], {}).unknown == {"planted:f"}
    assert inventory_of([module], {"planted:f": ([], []), "planted:g": ([], [])}).unknown == {
        "stale:planted:g"
    }
    hidden = _module("P = __import__('re').compile('a')", tmp_path_factory)
    assert held(hidden) == {re.compile("a")}
    with pytest.raises(AssertionError, match="does not show why"):
        inventory_of([hidden], {})
    inventory = Inventory()
    read(hidden, inventory)
    assert not inventory.places
