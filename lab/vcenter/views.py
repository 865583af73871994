"""Container and list views of vCenter."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pyVmomi import vim, vmodl

from lab.datacenter.model import Cluster, Datacenter, Folder, Host, Pool
from lab.vcenter.authority import VIEW, holds
from lab.vcenter.soap import no_longer
from lab.vcenter.world import World, method, prop

CONTAINERS = (Folder, Datacenter, Cluster, Pool, Host)
"""What a container view can be of [DOC]."""


@method("CreateContainerView")
def create_container_view(world: World, _this: Any, arguments: Any) -> Any:
    """A view of everything of some types inside a container. Raises InvalidArgument for what holds nothing."""
    if not isinstance(world.behind(arguments.container), CONTAINERS):
        raise vmodl.fault.InvalidArgument(invalidProperty="container", msg="it is no container")
    return world.keep(vim.view.ContainerView, world.own_id(), arguments)


@method("CreateListView")
def create_list_view(world: World, _this: Any, arguments: Any) -> Any:
    """A view of the objects that are named."""
    return world.keep(vim.view.ListView, world.own_id(), list(arguments.obj))


@method("DestroyView", "DestroyPropertyFilter", "DestroyCollector")
def destroy(world: World, _this: Any, arguments: Any) -> None:
    """Forget a view, filter or collector. Raises ManagedObjectNotFound for one that is gone."""
    if world.forget(arguments._this._moId) is None:  # noqa: SLF001 -- pyVmomi's only way to an id
        raise no_longer(arguments._this)  # noqa: SLF001


@method("ModifyListView")
def modify(world: World, listed: Any, arguments: Any) -> list[Any]:
    """Add and remove objects; those that are not there come back."""
    gone = set(arguments.remove or ())
    listed[:] = [ref for ref in listed if ref not in gone]
    return _extend(world, listed, arguments.add or ())


@method("ResetListView")
def reset(world: World, listed: Any, arguments: Any) -> list[Any]:
    """Other objects instead; those that are not there come back."""
    listed.clear()
    return _extend(world, listed, arguments.obj)


def _extend(world: World, listed: list[Any], refs: Iterable[Any]) -> list[Any]:
    there = {ref: _is_there(world, ref) for ref in refs}
    listed += [ref for ref in refs if there[ref] and ref not in listed]
    world.changes += 1
    return [ref for ref in refs if not there[ref]]


def _is_there(world: World, ref: Any) -> bool:
    try:
        world.behind(ref)
    except vmodl.fault.ManagedObjectNotFound:
        return False
    return True


@prop(vim.view.ContainerView, "container")
def _container(_world: World, view: Any) -> Any:
    return view.container


@prop(vim.view.ContainerView, "type")
def _types(_world: World, view: Any) -> Any:
    return view.type


@prop(vim.view.ContainerView, "recursive")
def _recursive(_world: World, view: Any) -> Any:
    return bool(view.recursive)


@prop(vim.view.ContainerView, "view")
def _contained(world: World, view: Any) -> list[Any]:
    """What the view shows to this caller: an object without System.View is not there."""
    moid = view.container._moId  # noqa: SLF001
    found = world.below(moid) if view.recursive else iter(world.children(moid))
    refs = ((entity, world.ref(entity)) for entity in found)
    wanted = tuple(view.type or ())
    return [
        ref for entity, ref in refs if (not wanted or isinstance(ref, wanted)) and holds(world, entity, VIEW)
    ]


@prop(vim.view.ListView, "view")
def _listed(world: World, listed: list[Any]) -> list[Any]:
    return [ref for ref in listed if _is_there(world, ref)]


@prop(vim.view.ViewManager, "viewList")
def _views(world: World, _subject: Any) -> list[Any]:
    mine = f"session[{world.caller.key if world.caller else ''}]"
    return [
        ref
        for moid, (ref, _) in world.own.items()
        if moid.startswith(mine) and isinstance(ref, vim.view.View)
    ]
