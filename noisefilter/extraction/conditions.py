"""Answers Trafilatura's XPath expressions faster than libxml2 does.

Nearly all of them ask for elements whose class, id or another attribute of their own matches one of many
words. For each element libxml2 calls back into Python for every regular expression, while classes repeat
all over a page: here each value is looked at once. What is not understood is left to libxml2.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import cast

from lxml import etree

Find = Callable[[etree._Element], list[etree._Element]]
"""What an XPath object of lxml is to its callers."""
Items = list[tuple[str, str]]
_Test = Callable[[str], bool]

_MAX_REMEMBERED = 5_000  # values of one attribute
_MAX_CHARS = 200  # of a value that is remembered

_HEAD = re.compile(r"(\()?\s*\.//\*\s*(?:\[\s*(self::\w+(?:\s+or\s+self::\w+)*)\s*\]\s*)?\[")
_TERM = re.compile(
    r"""\s*(?:
    re:test\(\s*(?P<searched>@[\w@|-]+)\s*,\s*'(?P<pattern>[^']*)'\s*(?:,\s*'(?P<flags>i)'\s*)?\)
    | contains\(\s*translate\(\s*(?P<mapped>@[\w-]+)\s*,\s*'(?P<old>[^']*)'\s*,\s*'(?P<new>[^']*)'\s*\)
        \s*,\s*'(?P<within>[^']+)'\s*\)
    | (?P<function>contains|starts-with)\(\s*(?P<named>@[\w@|-]+)\s*,\s*'(?P<part>[^']+)'\s*\)
    | (?P<equal>@[\w-]+)\s*=\s*'(?P<value>[^']*)'
    | (?P<present>@[\w-]+)
    )\s*(?P<next>or\b|\])""",
    re.VERBOSE,
)
_NAMESPACES = {"re": "http://exslt.org/regular-expressions"}
_QUOTED = re.compile(r"'[^']*'")


class _Answers(dict[object, bool]):
    """Whether one of several tests holds for a value, remembered as values come again and again."""

    def __init__(self, tests: Iterable[_Test]) -> None:
        self._tests = tuple(tests)

    def __missing__(self, value: str) -> bool:
        answer = any(test(value) for test in self._tests)
        if len(value) <= _MAX_CHARS:
            if len(self) >= _MAX_REMEMBERED:
                self.clear()
            self[value] = answer
        return answer


@dataclass(slots=True)
class Conditions:
    """Conditions on an element's own attributes, one of which must hold.

    Attributes:
        tags: names of the elements that are meant; none, if all are.
        tests: tests of values, with the names of the attributes whose value is meant: of several, that which
            comes first in the element.
        rest: further conditions in XPath, ``[1]`` for the first element of its kind only, or nothing.
    """

    tags: frozenset[str]
    tests: list[tuple[frozenset[str], _Test]] = field(default_factory=list)
    rest: str = ""

    def hold(self, tag: object, items: Items) -> bool:
        """Whether they hold for an element of this name and these attributes, `rest` left out."""
        if self.tags and tag not in self.tags:
            return False
        for names, test in self.tests:
            value = next((value for name, value in items if name in names), None)
            if value is not None and test(value):
                return True
        return False


def _test(term: re.Match[str]) -> tuple[str, _Test]:
    """The attributes that a term asks for, and its test."""
    if attributes := term["searched"]:
        search = re.compile(term["pattern"], re.IGNORECASE if term["flags"] else 0).search
        return attributes, lambda value: search(value) is not None
    if attributes := term["mapped"]:
        table, within = str.maketrans(term["old"], term["new"]), term["within"]
        return attributes, lambda value: within in value.translate(table)
    if attributes := term["named"]:
        part = term["part"]
        if term["function"] == "contains":
            return attributes, lambda value: part in value
        return attributes, lambda value: value.startswith(part)
    if attributes := term["equal"]:
        wanted = term["value"]
        return attributes, lambda value: value == wanted
    return term["present"], lambda value: True


def parse(path: str) -> Conditions | None:
    """Reads an expression.

    Args:
        path: an XPath expression.

    Returns:
        The conditions; None if the expression is of another form.
    """
    path = path.strip()
    head = _HEAD.match(path)
    if head is None:
        return None
    conditions = Conditions(frozenset(re.findall(r"self::(\w+)", head[2] or "")))
    position, following = head.end(), "or"
    while following == "or":
        term = _TERM.match(path, position)
        if term is None:
            return None
        try:
            attributes, test = _test(term)
        except (ValueError, re.error):
            return None
        conditions.tests.append((frozenset(attributes.replace("@", "").split("|")), test))
        position, following = term.end(), term["next"]
    rest = path[position:].strip()
    if head[1]:
        if rest != ")[1]":
            return None
        rest = "[1]"
    elif rest and (not rest.startswith("[") or "|" in _QUOTED.sub("", rest)):
        return None
    conditions.rest = rest
    return conditions


def _candidates(conditions: Iterable[Conditions]) -> Callable[[etree._Element], Iterator[etree._Element]]:
    """A function that goes through the elements for which some conditions hold, `rest` left out."""
    conditions = tuple(conditions)
    tags = frozenset[str]().union(*(one.tags for one in conditions))
    if not all(one.tags for one in conditions):
        tags = frozenset("*")
    tests: dict[str, list[_Test]] = {}
    for one in conditions:
        for names, test in one.tests:
            for name in names:
                tests.setdefault(name, []).append(test)
    answers = {name: _Answers(several) for name, several in tests.items()}

    def candidates(tree: etree._Element) -> Iterator[etree._Element]:
        for element in tree.iterdescendants(*tags):
            items = cast(Items, element.items())
            for name, value in items:
                if name in answers and answers[name][value]:
                    if any(one.hold(element.tag, items) for one in conditions):
                        yield element
                    break

    return candidates


def faster(expressions: Iterable[etree.XPath]) -> list[Find]:
    """Functions that find together what XPath expressions find, in one pass where that is possible.

    Args:
        expressions: any.

    Returns:
        The functions; `expressions` themselves, one by one, where one is of a form that is not known here.
    """
    expressions = list(expressions)
    parsed = [parse(expression.path) for expression in expressions]
    conditions = [one for one in parsed if one is not None and one.rest != "[1]"]
    if len(conditions) < len(expressions):
        return cast(list[Find], expressions)
    candidates = _candidates(conditions)
    if not any(one.rest for one in conditions):
        return [lambda tree: list(candidates(tree))]
    paths = (f"self::*{expression.path.strip().removeprefix('.//*')}" for expression in expressions)
    exact = etree.XPath("|".join(paths), namespaces=_NAMESPACES)
    return [lambda tree: [element for element in candidates(tree) if exact(element)]]


def merged(union: etree.XPath) -> etree.XPath:
    """A path that finds in one pass what a union of ``.//name[condition]`` finds.

    libxml2 compares what the paths of a union find, each with all others.

    Args:
        union: of such paths.
    """
    steps = union.path.strip().removeprefix(".//").split("|.//")
    return etree.XPath(f".//*[{' or '.join(f'self::{step}' for step in steps)}]", namespaces=_NAMESPACES)


def faster_first(expression: etree.XPath) -> Find:
    """A function that finds the first of what an XPath expression finds.

    Args:
        expression: any.

    Returns:
        The function; `expression` itself, where it is of a form that is not known here.
    """
    conditions = parse(expression.path)
    if conditions is None or conditions.rest not in ("", "[1]"):
        return cast(Find, expression)
    candidates = _candidates([conditions])
    return lambda tree: list(islice(candidates(tree), 1))
