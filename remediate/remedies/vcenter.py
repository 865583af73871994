"""Remedies in vCenter: missing folders, and machines in the wrong one. All else there is for a person."""

from __future__ import annotations

from collections.abc import Sequence

from intent import (
    EXISTENCE,
    Blocked,
    ControllerVm,
    Host,
    Intent,
    PortGroup,
    ServiceEngineVm,
    VcenterAccount,
    VmFolder,
)
from live.avi.identity import Json
from remediate.plan.model import FOLDER, VM
from remediate.registry import Case, Draft, Verdict, no_remedy, remedy

ELSEWHERE: tuple[type[Intent], ...] = (
    ControllerVm,
    Host,
    PortGroup,
    ServiceEngineVm,
    VcenterAccount,
    VmFolder,
)
"""The kinds that no Controller holds."""


def new_folder(case: Case, _drafts: Sequence[Draft]) -> Sequence[Draft]:
    """The folder at its path, after those above it that are missing: each is a write of its own, with its own fate."""
    there = {row["name"] for row in _folders(case)}
    names, place = case.want.called.split("/"), _place(case)
    paths = ["/".join(names[:depth]) for depth in range(1, len(names) + 1)]
    return [Draft(FOLDER, None, {"name": path, **place}) for path in paths if path not in there]


def _folders(case: Case) -> list[Json]:
    """The folders of the vCenter that is meant. Raises Unknown."""
    return case.view.rows(FOLDER, **_place(case))


def _place(case: Case) -> dict[str, str]:
    """The vCenter of what is declared in one of several."""
    return {"vcenter": case.want.vcenter} if case.want.vcenter else {}


@remedy(VmFolder, EXISTENCE, risk="safe", compose=new_folder)
def make_folder(case: Case) -> Verdict:
    """Make the folder, and those above it that are missing; a folder that is there is never touched."""
    if sum(row["name"] == case.want.called for row in _folders(case)) > 1:
        return Verdict(
            withdrawn="there are several folders at this path; rename or remove those that are not meant"
        )
    return Verdict()


def moved_vm(case: Case, _drafts: Sequence[Draft]) -> Sequence[Draft]:
    """The machine in the folder that its group declares."""
    (drift,) = case.drifts
    machines = case.view.rows(VM, name=case.want.name)
    if len({row.get("vcenter") for row in machines}) > 1:
        raise Blocked(
            f"several vCenters have a VM {case.want.name}; which is meant cannot be told, so move it there"
        )
    return [Draft(VM, row, {**row, "folder": drift.want}) for row in machines if row["folder"] == drift.have]


@remedy(ServiceEngineVm, "folder", risk="guarded", compose=moved_vm)
def move_vm(case: Case) -> Verdict:
    """Move the machine into its group's folder; it keeps running, and its permissions become the folder's."""
    return Verdict(
        hit=(f"VM {case.want.name}",),
        effect="its permissions, backups and alarms become those of the other folder",
    )


no_remedy(
    PortGroup,
    EXISTENCE,
    "a port group is part of the network's design and is never made or removed here: create it in vCenter, or rename "
    "the one that is too many",
)
no_remedy(
    PortGroup,
    "vlan",
    "another VLAN takes every machine on the port group to another network at once: edit the port group in vCenter",
)
no_remedy(
    PortGroup,
    "switch",
    "a port group cannot change its kind of switch: create one of this name on the other switch and move its machines",
)
no_remedy(
    ControllerVm,
    EXISTENCE,
    "a Controller is deployed by a person: deploy it from its OVA, or correct vcenter.controllers",
)
for _path, _what in (("cpus", "CPUs"), ("memory_gb", "memory"), ("disk_gb", "disk")):
    no_remedy(
        ControllerVm,
        _path,
        f"a Controller node gets more {_what} only while it is powered off: take the nodes one after the other, or "
        "correct controller.size",
    )
no_remedy(
    ControllerVm,
    "power",
    "somebody has switched the node off, or its host has: find out why, and power the VM on in vCenter",
)
no_remedy(
    ServiceEngineVm,
    "power",
    "why the Service Engine is off is for a person to find out: power its VM on in vCenter",
)
no_remedy(
    VcenterAccount,
    EXISTENCE,
    "accounts are made by whoever runs the directory: ask for it, or correct vcenter.account in the environment file",
)
no_remedy(
    VcenterAccount,
    ("privileges", "privileges.on", "privileges.names"),
    "what an account may do is decided by a person: add the missing privileges to its role on the entity that "
    "is named",
)
no_remedy(
    ServiceEngineVm,
    EXISTENCE,
    "Service Engines are made and removed by the Controller alone: look at the group's Service Engines there",
)
for _path, _what in (
    (EXISTENCE, "the host itself"),
    ("nameservers", "its resolver"),
    ("ntp_servers", "its NTP client"),
):
    no_remedy(
        Host,
        _path,
        f"nothing is ever written on a host: set up {_what} with whatever manages the host's configuration",
    )
