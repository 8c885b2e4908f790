"""Finds every regular expression of a package: by its sources, and once more by what its modules hold."""

import ast
import importlib
import importlib.util
import pkgutil
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import Any

AnyPattern = re.Pattern[Any]
# Place of the flags among the arguments of each function of `re`.
FUNCTIONS = {
    "compile": 1, "search": 2, "match": 2, "fullmatch": 2, "findall": 2, "finditer": 2, "split": 3, "sub": 4,
    "subn": 4,
}  # fmt: skip
METHODS = frozenset(FUNCTIONS) - {"compile"}
# What they do is the same for the matcher; one that is found by all of these stands in any place.
USES = {
    "match": "match", "fullmatch": "fullmatch", "search": "search", "findall": "search", "finditer": "search",
    "split": "search", "sub": "search", "subn": "search",
}  # fmt: skip
ALL_USES = frozenset(USES.values())


@dataclass(slots=True)
class Inventory:
    """The patterns of a package.

    Attributes:
        places: where each pattern is written, for messages.
        uses: how each is used: ``match``, ``fullmatch``, ``search``; all of them where that cannot be seen.
        unknown: places where one is compiled whose text only running the code tells.
    """

    places: dict[AnyPattern, str] = field(default_factory=dict)
    uses: dict[AnyPattern, set[str]] = field(default_factory=dict)
    unknown: set[str] = field(default_factory=set)

    def add(self, pattern: AnyPattern, place: str, uses: Iterable[str] = ()) -> None:
        """Notes a pattern and some of its uses."""
        self.places.setdefault(pattern, place)
        self.uses.setdefault(pattern, set()).update(uses)


def modules_of(package: ModuleType, skipped: frozenset[str] = frozenset()) -> Iterator[ModuleType]:
    """A package and all modules in it, imported.

    Args:
        package: any.
        skipped: full names of modules that must not be imported.
    """
    yield package
    for found in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        if found.name not in skipped:
            yield importlib.import_module(found.name)


def held(module: ModuleType) -> set[AnyPattern]:
    """The patterns that can be reached from what a module defines."""
    found: set[AnyPattern] = set()
    seen: set[int] = set()
    pending: list[object] = list(vars(module).values())
    while pending:
        value = pending.pop()
        if id(value) in seen:
            continue
        seen.add(id(value))
        if isinstance(value, re.Pattern):
            found.add(value)
        elif isinstance(value, dict):
            pending += [*value.keys(), *value.values()]
        elif isinstance(value, list | tuple | set | frozenset):
            pending += value
        elif isinstance(value, BuiltinFunctionType | MethodType):
            pending.append(value.__self__)  # such as re.compile(…).search
        elif getattr(value, "__module__", None) == module.__name__:
            pending += _inside(value)
    return found


def _inside(value: object) -> list[object]:
    if isinstance(value, FunctionType):
        cells = [cell.cell_contents for cell in value.__closure__ or ()]
        return [*(value.__defaults__ or ()), *(value.__kwdefaults__ or {}).values(), *cells]
    if wrapped := getattr(value, "__wrapped__", None):
        return [wrapped]
    attributes: Mapping[str, object] = getattr(value, "__dict__", {})
    slots = [getattr(value, name, None) for name in getattr(type(value), "__slots__", ())]
    return [*attributes.values(), *slots]


class _Reader(ast.NodeVisitor):
    """Reads the source of one module."""

    def __init__(self, module: ModuleType, inventory: Inventory) -> None:
        self._names = vars(module)
        self._module = module.__name__
        self._inventory = inventory
        self._around: list[str] = []
        self._functions: dict[str, str] = {}  # what `from re import …` gave

    def _place(self) -> str:
        return ":".join((self._module, ".".join(self._around) or "<module>"))

    def _value(self, node: ast.expr) -> Any:
        """The value of an expression of the module's own names; NameError if it has others."""
        code = compile(ast.Expression(node), self._module, "eval")
        return eval(code, dict(self._names))

    def _pattern(self, node: ast.expr) -> AnyPattern | None:
        try:
            value = self._value(node)
        except Exception:
            return None
        return value if isinstance(value, re.Pattern) else None

    def _enter(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> None:
        self._around.append(node.name)
        self.generic_visit(node)
        self._around.pop()

    visit_FunctionDef = visit_AsyncFunctionDef = visit_ClassDef = _enter

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        if node.module == "re":
            self._functions.update({alias.asname or alias.name: alias.name for alias in node.names})

    def _function(self, node: ast.expr) -> str | None:
        """Which function of `re` is called."""
        if isinstance(node, ast.Name):
            return self._functions.get(node.id)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            return node.attr if self._names.get(node.value.id) is re and node.attr in FUNCTIONS else None
        return None

    def visit_Call(self, node: ast.Call) -> None:
        if (name := self._function(node.func)) in FUNCTIONS:
            self._compiled(node, str(name))
        self.generic_visit(node)

    def _compiled(self, node: ast.Call, name: str) -> None:
        given = {keyword.arg: keyword.value for keyword in node.keywords}
        text = given.get("pattern", node.args[0] if node.args else None)
        at = FUNCTIONS[name]
        flags = given.get("flags", node.args[at] if len(node.args) > at else ast.Constant(0))
        try:
            assert text is not None
            value = self._value(ast.copy_location(text, node))
            pattern = re.compile(value, self._value(ast.copy_location(flags, node)))
        except Exception:
            self._inventory.unknown.add(self._place())
            return
        self._inventory.add(pattern, self._place(), [USES[name]] if name in USES else ())

    def visit_Attribute(self, node: ast.Attribute) -> None:
        if node.attr in METHODS:
            choices = [node.value]
            if isinstance(node.value, ast.IfExp):
                choices = [node.value.body, node.value.orelse]
            patterns = [pattern for choice in choices if (pattern := self._pattern(choice)) is not None]
            if patterns:
                for pattern in patterns:
                    self._inventory.add(pattern, self._place(), [USES[node.attr]])
                return  # the names below this one are no other use
        self.generic_visit(node)

    def visit_Name(self, node: ast.Name) -> None:
        # A pattern that is handed on, put into a list, returned.
        if isinstance(node.ctx, ast.Load) and isinstance(value := self._names.get(node.id), re.Pattern):
            self._inventory.add(value, self._place(), ALL_USES)


def read(module: ModuleType, inventory: Inventory) -> None:
    """Notes the patterns that a module's source has."""
    assert module.__file__ is not None
    tree = ast.parse(Path(module.__file__).read_text(encoding="utf-8"))
    _Reader(module, inventory).visit(tree)


Elsewhere = Mapping[str, tuple[Iterable[AnyPattern], Iterable[str]]]


def inventory_of(modules: Iterable[ModuleType], elsewhere: Elsewhere) -> Inventory:
    """All patterns of some modules.

    Args:
        modules: imported.
        elsewhere: by place (``module:function``), the patterns compiled there whose text is not in the
            source, and their uses.

    Returns:
        The patterns; in `unknown` are places that `elsewhere` does not name, and with ``stale:`` before them
        those that it names and are none.

    Raises:
        AssertionError: a module holds a pattern that nothing in the sources accounts for.
    """
    found, modules = Inventory(), list(modules)
    for module in modules:
        read(module, found)
    for place, (patterns, uses) in elsewhere.items():
        for pattern in patterns:
            found.add(pattern, place, uses)
    stale = {f"stale:{place}" for place in elsewhere if place not in found.unknown}
    found.unknown = (found.unknown - elsewhere.keys()) | stale
    for module in modules:
        for pattern in held(module) - found.places.keys():
            raise AssertionError(f"{module.__name__} holds {pattern}, and its source does not show why")
    for some in found.uses.values():
        if not some:  # used where its name cannot be seen
            some.update(ALL_USES)
    return found
