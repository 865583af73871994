"""Every kind that has a counterpart on the Controller, by its intent model: each module here registers its own."""

from importlib import import_module
from pkgutil import iter_modules

from live.kinds.base import KINDS, Kind, Leaf, collections, named_by

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")

BY_WORD: dict[str, Kind] = {kind.intent.kind: kind for kind in KINDS.values()}
"""The same by the kind's word, which is what a Key carries."""
