"""Custom attributes of vCenter: their definitions, and their values on each object."""

from __future__ import annotations

from typing import Any

from pyVmomi import VmomiSupport, vim, vmodl

from lab.datacenter.model import Attribute, Entity
from lab.vcenter.authority import demand
from lab.vcenter.world import World, method, prop

Manager = vim.CustomFieldsManager


def _shown(number: int, attribute: Attribute) -> Any:
    kind = VmomiSupport.GetWsdlType("urn:vim25", attribute.kind) if attribute.kind else None
    return Manager.FieldDef(key=number, name=attribute.name, type=str, managedObjectType=kind)


@prop(Manager, "field")
def _fields(world: World, _subject: Any) -> list[Any]:
    return [_shown(number, each) for number, each in world.model.attributes.items()]


@prop(vim.ManagedEntity, "availableField")
@prop(vim.ExtensibleManagedObject, "availableField")
def _available(world: World, entity: Any) -> list[Any]:
    """The attributes that objects of this kind may have."""
    return [
        _shown(number, each)
        for number, each in world.model.attributes.items()
        if isinstance(entity, Entity) and _suits(world, each, entity)
    ]


def _suits(world: World, attribute: Attribute, entity: Entity) -> bool:
    kind = world.kind_of(world.ref(entity))
    return not attribute.kind or any(
        VmomiSupport.GetWsdlName(base) == attribute.kind
        for base in kind.__mro__
        if issubclass(base, VmomiSupport.ManagedObject)
    )


@prop(vim.ManagedEntity, "customValue")
@prop(vim.ExtensibleManagedObject, "value")
def _values(world: World, entity: Any) -> list[Any]:
    found = {} if not isinstance(entity, Entity) else world.model.values.get(entity.moid, {})
    return [Manager.StringValue(key=number, value=text) for number, text in found.items()]


@method("AddCustomFieldDef")
def add(world: World, _this: Any, arguments: Any) -> Any:
    """A new attribute, of one kind of objects or all. Raises DuplicateName."""
    kind = VmomiSupport.GetWsdlName(arguments.moType) if arguments.moType else ""
    _unused(world, arguments.name, kind)
    number = world.model.new_attribute(arguments.name, kind)
    return _shown(number, world.model.attributes[number])


@method("RenameCustomFieldDef")
def rename(world: World, _this: Any, arguments: Any) -> None:
    """Another name for an attribute. Raises InvalidArgument, DuplicateName."""
    attribute = _known(world, arguments.key)
    _unused(world, arguments.name, attribute.kind)
    attribute.name = arguments.name
    world.model.revision += 1


@method("RemoveCustomFieldDef")
def remove(world: World, _this: Any, arguments: Any) -> None:
    """An attribute away, with all that is said in it. Raises InvalidArgument."""
    _known(world, arguments.key)
    del world.model.attributes[arguments.key]
    for said in world.model.values.values():
        said.pop(arguments.key, None)
    world.model.revision += 1


@method("SetField")
def set_field(world: World, _this: Any, arguments: Any) -> None:
    """What an object says in an attribute; an empty text is nothing. Raises InvalidArgument."""
    entity = world.behind(arguments.entity)
    if not _suits(world, _known(world, arguments.key), entity):
        raise vmodl.fault.InvalidArgument(invalidProperty="key", msg="The attribute is of other objects.")
    _say(world, entity, arguments.key, arguments.value)


@method("setCustomValue")
def set_value(world: World, entity: Any, arguments: Any) -> None:
    """The same by the attribute's name, on the object. Raises InvalidArgument."""
    found = [
        n for n, a in world.model.attributes.items() if a.name == arguments.key and _suits(world, a, entity)
    ]
    if not found:
        raise vmodl.fault.InvalidArgument(invalidProperty="key", msg=f"no attribute {arguments.key}")
    _say(world, entity, found[0], arguments.value)


def _say(world: World, entity: Entity, number: int, text: str) -> None:
    demand(world, world.ref(entity), "Global.SetCustomField")
    said = world.model.values.setdefault(entity.moid, {})
    said[number] = text
    if not text:
        del said[number]
    world.model.revision += 1


def _known(world: World, number: int) -> Attribute:
    if number not in world.model.attributes:
        raise vmodl.fault.InvalidArgument(invalidProperty="key", msg=f"no attribute {number}")
    return world.model.attributes[number]


def _unused(world: World, name: str, kind: str) -> None:
    for each in world.model.attributes.values():
        if each.name == name and (not kind or not each.kind or each.kind == kind):
            raise vim.fault.DuplicateName(
                name=name, object=Manager("CustomFieldsManager"), msg=f"{name} exists"
            )
