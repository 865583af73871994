"""Property collector of vCenter: bulk reads with paging and missing sets.

A property the caller may not read goes into `missingSet` as NoPermission; an unknown one fails the whole call as
InvalidProperty [DOC]. What changes is told by `lab.vcenter.updates`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pyVmomi import vim, vmodl

from lab.vcenter.authority import demand, privilege_of, privileges
from lab.vcenter.soap import inside, property_info
from lab.vcenter.world import World, method

Collector = vmodl.query.PropertyCollector


@method("Fetch")
def fetch(world: World, _this: Any, arguments: Any) -> Any:
    """One property of one object. Raises NoPermission, InvalidProperty."""
    ref = arguments._this  # noqa: SLF001
    kind = world.kind_of(ref)
    info = property_info(kind, arguments.prop)
    if world.entity(ref) is not None:
        demand(world, ref, info.privId or "System.Read")
    return world.read(ref, arguments.prop)


def _selected(world: World, spec: Any) -> Iterator[Any]:
    """The references an ObjectSpec selects, each once."""
    traversals: dict[str, Any] = {}

    def note(sets: Any) -> None:
        for one in sets:
            if isinstance(one, Collector.TraversalSpec):
                if one.name:
                    traversals[one.name] = one
                note(one.selectSet)

    note(spec.selectSet)
    seen: set[str] = set()
    walked: set[tuple[str, int]] = set()

    def visit(ref: Any, sets: Any, *, skip: bool) -> Iterator[Any]:
        moid = ref._moId  # noqa: SLF001
        world.behind(ref)
        if not skip and moid not in seen:
            seen.add(moid)
            yield ref
        kind = world.kind_of(ref)
        for chosen in sets:
            step = chosen if isinstance(chosen, Collector.TraversalSpec) else traversals[chosen.name]
            if (moid, id(step)) in walked or not issubclass(kind, step.type):
                continue
            walked.add((moid, id(step)))
            found = _at_path(world, ref, kind, step.path)
            for target in found if isinstance(found, list) else [found] if found else []:
                yield from visit(target, step.selectSet, skip=bool(step.skip))

    yield from visit(spec.obj, spec.selectSet, skip=bool(spec.skip))


def _at_path(world: World, ref: Any, kind: Any, path: str, cache: dict[str, Any] | None = None) -> Any:
    head, *rest = path.split(".")
    if cache is None or head not in cache:
        value = world.read(ref, head)
        if cache is not None:
            cache[head] = value
    else:
        value = cache[head]
    return inside(value, property_info(kind, head).type, rest) if rest else value


def contents_of(world: World, specs: Any, *, gone: bool = False) -> list[Any]:
    """The ObjectContent of everything that some PropertyFilterSpecs select; with `gone`, of what is still there.

    Raises InvalidProperty, ManagedObjectNotFound.
    """
    found = []
    for spec in specs:
        for start in spec.objectSet:
            try:
                refs = list(_selected(world, start))
            except vmodl.fault.ManagedObjectNotFound:
                if gone or spec.reportMissingObjectsInResults:
                    continue
                raise
            for ref in refs:
                wanted = [p for p in spec.propSet if issubclass(world.kind_of(ref), p.type)]
                if wanted:
                    found.append(_content(world, ref, wanted))
    return found


def _content(world: World, ref: Any, wanted: list[Any]) -> Any:
    kind = world.kind_of(ref)
    exact = kind(ref._moId)  # noqa: SLF001
    content, cache = Collector.ObjectContent(obj=exact), {}  # type: ignore[var-annotated]
    entity = world.entity(ref)
    user = world.caller.user if world.caller else ""
    granted = None if entity is None else privileges(world, entity, user)
    for path in dict.fromkeys(path for spec in wanted for path in _paths(kind, spec)):
        needed = privilege_of(kind, path.split(".")[0])
        if granted is not None and needed not in granted:
            refused = vim.fault.NoPermission(object=exact, privilegeId=needed, msg="Permission was denied.")
            content.missingSet.append(Collector.MissingProperty(path=path, fault=refused))
            continue
        value = _at_path(world, ref, kind, path, cache)
        if value is not None:
            content.propSet.append(vmodl.DynamicProperty(name=path, val=value))
    return content


def _paths(kind: Any, spec: Any) -> list[str]:
    if spec.all:
        return [info.name for info in kind._GetPropertyList()]  # noqa: SLF001 -- pyVmomi's reflection
    return list(spec.pathSet)


@method("RetrieveProperties")
def retrieve(world: World, _this: Any, arguments: Any) -> Any:
    """Everything at once; older clients use it."""
    return contents_of(world, arguments.specSet)


@method("RetrievePropertiesEx")
def retrieve_ex(world: World, _this: Any, arguments: Any) -> Any:
    """The first page; nothing at all when nothing matched."""
    most = min((arguments.options and arguments.options.maxObjects) or world.page, world.page)
    return _paged(world, contents_of(world, arguments.specSet), most)


@method("ContinueRetrievePropertiesEx")
def retrieve_more(world: World, _this: Any, arguments: Any) -> Any:
    """The next page; a token serves once. Raises InvalidArgument."""
    if arguments.token not in world.pages:
        raise vmodl.fault.InvalidArgument(invalidProperty="token", msg="unknown token")
    return _paged(world, *world.pages.pop(arguments.token))


@method("CancelRetrievePropertiesEx")
def retrieve_no_more(world: World, _this: Any, arguments: Any) -> None:
    """Forget the pages that are left."""
    world.pages.pop(arguments.token, None)


def _paged(world: World, contents: list[Any], most: int) -> Any:
    if not contents:
        return None
    result = Collector.RetrieveResult(objects=contents[:most])
    if len(contents) > most:
        result.token = str(world.next())
        world.pages[result.token] = contents[most:], most
    return result
