"""Avi Compliance as one package: its folders, wherever they stand. PYTEST_DONT_REWRITE.

Installed, the folders (`intent`, `live`, `checks` ...) are inside of this package, and it alone is at the top of
site-packages. In a clone they stand beside it, and are imported by their own names. Checks of one's own run in either
place: `avi_compliance.intent` is the same module as `intent` in a clone, and `intent` the same as that in an
installation, as long as nobody else has a module of that name.

A clone comes first: who types a command inside of one means the code in it, whatever is installed.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.abc import InspectLoader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import find_spec, spec_from_loader
from pathlib import Path
from types import CodeType, ModuleType

FOLDERS = ("avi_schema", "checks", "fixtures", "fleet", "intent", "lab", "live", "remediate", "reports")


def _clone_around(folder: Path) -> Path | None:
    """The clone of this project that a folder is, or is inside of."""
    marks = ("avi_compliance/plugin.py", "intent/__init__.py", "conftest.py", "pyproject.toml")
    places = (folder, *folder.parents)
    return next((place for place in places if all((place / mark).is_file() for mark in marks)), None)


def _clone() -> Path | None:
    """The clone that is used; None where the folders inside of this package are."""
    inside = Path(__file__).absolute().parent
    own = None if (inside / "intent").is_dir() else inside.parent
    try:
        if own is None and Path.cwd().is_relative_to(inside):
            return None  # one of its own processes, whose environment may be a folder of a clone
        return _clone_around(Path.cwd()) or own
    except OSError:  # a working directory that somebody has deleted
        return own


class SecondName(InspectLoader):
    """Gives a module that has run under its own name a second one, and runs it as `python -m` by either."""

    def __init__(self, own: str) -> None:
        self.own = own
        self._spec: ModuleSpec | None = None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """The module under its own name."""
        del spec
        module = import_module(self.own)
        self._spec = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        """Nothing: it has run. Its own specification, which Python has just replaced, is put back."""
        module.__spec__ = self._spec

    def is_package(self, fullname: str) -> bool:
        """Whether it has modules of its own."""
        del fullname
        spec = find_spec(self.own)
        return spec is not None and spec.submodule_search_locations is not None

    def get_code(self, fullname: str) -> CodeType | None:
        """Its code, which `python -m` runs as `__main__`."""
        del fullname
        spec = find_spec(self.own)
        return spec.loader.get_code(self.own) if spec and isinstance(spec.loader, InspectLoader) else None

    def get_source(self, fullname: str) -> str | None:
        """Its text, for tracebacks."""
        del fullname
        spec = find_spec(self.own)
        return spec.loader.get_source(self.own) if spec and isinstance(spec.loader, InspectLoader) else None


class Folders(MetaPathFinder):
    """Finds our folders as `avi_compliance.<folder>`: a clone's are the modules of their own names.

    Before pytest's own finder, which would rewrite the asserts of whatever an installed plugin's package holds, and
    parse it all for that; only checks speak by asserts.
    """

    def __init__(self, clone: Path | None) -> None:
        self.clone = clone

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Where a module of ours is; None for every other one."""
        package, _, name = fullname.partition(".")
        folder = name.partition(".")[0]
        if package != __name__ or folder not in FOLDERS:
            return None
        if self.clone is not None:
            return spec_from_loader(fullname, SecondName(name))
        return None if folder == "checks" else PathFinder.find_spec(fullname, path, target)


class ShortNames(MetaPathFinder):
    """Finds what checks import of an installation by the names that it has in a clone, where nobody else has these."""

    NAMES = ("intent", "live")

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Where the module is; None for every other one."""
        del path, target
        if fullname.partition(".")[0] not in self.NAMES:
            return None
        return spec_from_loader(fullname, SecondName(f"{__name__}.{fullname}"))


CLONE = _clone()
_finder = Folders(CLONE)


def find_first() -> None:
    """Have our folders found by us, before anybody who has come since then."""
    if sys.meta_path[0] is not _finder:
        sys.meta_path[:] = [_finder, *(finder for finder in sys.meta_path if finder is not _finder)]


def name_of(module: str) -> str:
    """The name under which a module of our folders is used: `intent.words`, or `avi_compliance.intent.words`."""
    return module if CLONE is not None else f"{__name__}.{module}"


if CLONE is not None:
    __path__ = [str(CLONE / __name__)]
    if str(CLONE) not in sys.path:
        sys.path.insert(0, str(CLONE))
else:
    sys.meta_path.append(ShortNames())
find_first()
