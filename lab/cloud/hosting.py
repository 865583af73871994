"""Hosts and datastores a Service Engine of a group may be made on, and why there is none [DOC; INF words]."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.cloud.common import uuid_of
from lab.datacenter.model import Datacenter, Datastore, Host, Pool, Vm
from lab.objects import Json, Object

if TYPE_CHECKING:
    from lab.datacenter.inventory import Inventory


MAKING = (
    "VApp.Import",
    "VirtualMachine.Inventory.CreateFromExisting",
    "VirtualMachine.Config.AddRemoveDevice",
    "VirtualMachine.Interact.PowerOn",
    "Datastore.AllocateSpace",
    "Network.Assign",
    "Resource.AssignVMToPool",
)
"""What the deployment of a Service Engine takes of the cloud's account, of the vendor's list of a role for it [DOC]."""


class NoHost(Exception):
    """There is no host or datastore that a Service Engine could be made on."""


def hosts_for(vcenter: Inventory, datacenter: Datacenter, group: Object, scope: Json) -> list[Host]:
    """The hosts that may take a machine of the group; `scope` is its placement in an NSX-T cloud. Raises NoHost."""
    every = list(vcenter.below(Host, datacenter))
    chosen = [host for host in every if _chosen(host, group.body, scope)]
    if not chosen:
        raise NoHost(f"No host for Service Engine group {group.name}: none is in its hosts and clusters")
    able = [host for host in chosen if host.connected and not host.maintenance]
    if not able:
        why = "all hosts are in maintenance mode or not connected"
        raise NoHost(f"No host for Service Engine group {group.name}: {why}")
    _check_space(vcenter, datacenter, group, scope)
    fitting = [
        host for host in able if _pool_has_room(vcenter, host, int(group.body.get("memory_per_se", 2048)))
    ]
    if not fitting:
        raise NoHost(f"No host for Service Engine group {group.name}: its resource pools have no memory left")
    return fitting


def check_account(vcenter: Inventory, account: str, *, folder_there: bool) -> None:
    """Raise NoHost where the cloud's account lacks a privilege that making a machine, and its folder, takes [DOC].

    An account of which no permission is known (a vCenter built to fit a client) may do everything.
    """
    roles = [vcenter.roles[each.role] for each in vcenter.permissions if each.principal == account]
    if not roles or any(role.privileges is None for role in roles):
        return
    granted = frozenset[str]().union(*(role.privileges or frozenset() for role in roles))
    needed = MAKING if folder_there else (*MAKING, "Folder.Create")
    if lacking := [each for each in needed if each not in granted]:
        raise NoHost(f"vCenter user {account} lacks {', '.join(lacking)}: no Service Engine can be deployed")


def _pool_has_room(vcenter: Inventory, host: Host, memory: int) -> bool:
    """Whether the root resource pool of a host's cluster has memory for one machine more."""
    root = next((pool for pool in vcenter.of(Pool) if pool.parent == host.parent), None)
    if root is None or not root.limit:
        return True
    mates = {each.moid for each in vcenter.of(Host) if each.parent == host.parent}
    taken = sum(vm.size.memory for vm in vcenter.of(Vm) if vm.host in mates and vm.powered)
    return taken + memory <= root.limit


def _chosen(host: Host, group: Json, scope: Json) -> bool:
    """Whether a host is among those that a group's lists leave."""
    rules = (
        (group.get("vcenter_hosts"), "host_refs", host.moid),
        (group.get("vcenter_clusters"), "cluster_refs", host.parent),
        (scope.get("nsxt_hosts"), "host_ids", host.moid),
        (scope.get("nsxt_clusters"), "cluster_ids", host.parent),
    )
    return all(_passes(rule, member, moid) for rule, member, moid in rules)


def _passes(rule: Json | None, member: str, moid: str) -> bool:
    """Whether a list lets an entity through: an include list only what is in it, an exclude list all else [SCHEMA]."""
    if not rule:
        return True
    listed = {uuid_of(each).partition("-cloud-")[0] for each in rule.get(member, [])}
    return (moid in listed) is bool(rule.get("include"))


def _check_space(vcenter: Inventory, datacenter: Datacenter, group: Object, scope: Json) -> None:
    """Raise NoHost where no datastore that the group may use has room for its disk."""
    need = int(group.body.get("disk_per_se", 15))
    listed = {str(each.get("datastore_name")) for each in group.body.get("vcenter_datastores", [])}
    include = bool(group.body.get("vcenter_datastores_include"))
    every = list(vcenter.below(Datastore, datacenter))
    if not every and not listed:
        return  # an import knows of none
    stores = [
        store
        for store in every
        if (store.name in listed) is include and _passes(scope.get("nsxt_datastores"), "ds_ids", store.moid)
    ]
    if not any(store.free >= need for store in stores):
        why = f"no datastore has {need} GB free" if stores else "none of its datastores is there"
        raise NoHost(f"No datastore for Service Engine group {group.name}: {why}")
