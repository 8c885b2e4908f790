"""Modules of Trafilatura, loaded from its files once more and without the package around them.

Importing the package takes longer than cleaning a page: it brings a downloader, date parsers and other
extractors. What the modules here import for such work is left out; should they need it after all, they raise
an error, and the page is handed to the package itself.
"""

import builtins
import importlib.util
import re
from importlib.machinery import PathFinder
from pathlib import Path
from types import ModuleType
from typing import Any

_NAME = "trafilatura"
_VERSION = re.compile(r"^__version__ = [\"']([^\"']+)", re.MULTILINE)
# Absent for the modules, which can do without.
_ABSENT = frozenset({"brotli", "backports", "compression", "py3langid", "cchardet"})
# Imported by them, but not used in what is asked of them here.
_UNUSED = frozenset(
    {"argparse", "charset_normalizer", "courlan", "csv", "importlib.metadata", "urllib3.response"}
)


class _Unused:
    """Stands for whatever a module imports and must not use."""

    def __init__(self, *_: object, **__: object) -> None:
        raise NotImplementedError("left out of this copy of Trafilatura")


class _UnusedModule(ModuleType):
    def __getattr__(self, name: str) -> Any:
        if name == "version":  # asked for on import
            return lambda _: ""
        return _Unused


class Package:
    """Own copies of Trafilatura's modules, each loaded when first asked for.

    Neither Trafilatura itself nor its other users notice what is changed in them.

    Raises:
        ImportError: Trafilatura is not there.
    """

    def __init__(self) -> None:
        spec = importlib.util.find_spec(_NAME)  # does not import it
        if spec is None or spec.origin is None or not spec.submodule_search_locations:
            raise ImportError(_NAME)
        self._origin = Path(spec.origin)
        self._folders = list(spec.submodule_search_locations)
        self._modules: dict[str, ModuleType] = {}

    @property
    def version(self) -> str:
        """The version that Trafilatura says it is; "" if it does not."""
        found = _VERSION.search(self._origin.read_text(encoding="utf-8"))
        return found[1] if found else ""

    def module(self, name: str) -> ModuleType:
        """A module of this copy, by its name within the package.

        Raises:
            ImportError: there is none.
        """
        if name not in self._modules:
            spec = PathFinder.find_spec(f"{__name__}.{name}", self._folders)
            if spec is None or spec.loader is None:
                raise ImportError(name)
            module = importlib.util.module_from_spec(spec)
            module.__dict__["__builtins__"] = {**vars(builtins), "__import__": self._import}
            self._modules[name] = module
            try:
                spec.loader.exec_module(module)
            except BaseException:
                del self._modules[name]
                raise
        return self._modules[name]

    def _import(
        self, name: str, globals: Any = None, locals: Any = None, fromlist: Any = (), level: int = 0
    ) -> ModuleType:
        """What ``import`` does in these modules."""
        if level:
            return self.module(name)
        if name.partition(".")[0] in _ABSENT:
            raise ImportError(name)
        if name in _UNUSED:
            return _UnusedModule(name)
        return __import__(name, globals, locals, fromlist, level)
