"""Remedies: who may put a field right and whom that would hit, one module a topic; importing this registers all."""

from importlib import import_module
from pkgutil import iter_modules

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")
