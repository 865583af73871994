"""Every kind that has a counterpart on the Controller, by its intent model: each module here registers its own."""

from collections.abc import Iterable
from importlib import import_module
from pkgutil import iter_modules

from intent import ConfigObject, Intent, ObjectMember
from intent.graph import fields, kind_of
from live.kinds.base import KINDS, Kind, Leaf
from live.kinds.objects import object_kind

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")

KINDS.make = object_kind


def collections(kind: type[Intent]) -> frozenset[str]:
    """The collections that must be read for a kind; for one that no Controller holds, those of what it refers to."""
    if issubclass(kind, ConfigObject | ObjectMember):
        return frozenset()  # which ones, says each object: see `named_by`
    if kind in KINDS:
        return frozenset(KINDS[kind].reads)
    named = (kind_of(refers) for refers in fields(kind).values())
    return frozenset(api for other in named if other is not None for api in collections(other))


def named_by(objects: Iterable[Intent]) -> frozenset[str]:
    """The collections to be read because of a name that one of these objects declares; others need not be."""
    whole = (want.object if isinstance(want, ObjectMember) else want for want in objects)
    each_once = {id(want): want for want in whole}.values()
    kinds = ((want, KINDS[type(want)]) for want in each_once if type(want) in KINDS)
    return frozenset(api for want, kind in kinds for api in kind.needed_by(want))
