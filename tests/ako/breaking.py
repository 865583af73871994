"""Ways to break one thing alone, in values of an AKO or in what the lab answered, beside what is right but for that."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field, replace
from typing import Any

from intent.ako.case import OtherCluster
from intent.ako.resources import InfraSetting, Resources
from lab.tests.cloudsite import ip, pool, prefix
from tests.ako.site import GROUP, OVERLAY, T1, VLAN

SE_GROUP, FRONTEND, HERE, IN = "S1-AZ1-SE-Group", "AVI_FRONTEND_3025", "Default-Cloud", "VRF_AZ1"
PROFILE = "No-Lockout-User-Account-Profile"
STATIC, SERVICE, GATEWAY = (
    "AKOSettings.disableStaticRouteSync",
    "L7Settings.serviceType",
    "featureGates.GatewayAPI",
)
SPEAKS = "ControllerSettings.controllerVersion"
OTHER_CA = "-----BEGIN CERTIFICATE-----\nMIIBAg==\n-----END CERTIFICATE-----\n"
ELSEWHERE = "https://controller.test/api/tenant/tenant-1#elsewhere"


# The site: what the lab answered, with something changed in it.


def named(objects, api, name):
    """The first object of a name; of a collection without names, the first."""
    return next(
        row
        for row in objects[api]
        if not name or name in (row.get("name"), row.get("config", {}).get("name"))
    )


def sets(api, name, **members):
    """An object's members as they should be; None for one that is not there. `a__b` is b within a."""

    def edit(objects):
        row = named(objects, api, name)
        for path, value in members.items():
            *way, last = path.split("__")
            inner = row
            for step in way:
                inner = inner.setdefault(step, {})
            inner[last] = value
            if value is None:
                del inner[last]

    return edit


def twice(api, name):
    """A second object of a name."""

    def edit(objects):
        row = copy.deepcopy(named(objects, api, name))
        objects[api].append(row | {"uuid": f"{api}-second", "url": f"/api/{api}/{api}-second#{name}"})

    return edit


def gone(api, name):
    def edit(objects):
        objects[api].remove(named(objects, api, name))

    return edit


def may_not(right, kind="NO_ACCESS"):
    """AKO's user has every right but one."""

    def edit(objects):
        row = named(objects, "role", "System-Admin")
        (privilege,) = [each for each in row["privileges"] if each["resource"] == f"PERMISSION_{right}"]
        privilege["type"] = kind

    return edit


def portal(**members):
    """The portal's certificate."""
    return sets("sslkeyandcertificate", "System-Default-Portal-Cert", **members)


def labelled(name, key="clustername", value=""):
    return sets("serviceenginegroup", name, labels=[{"key": key, "value": value}])


def route(name, net="10.99.0.0/24", **label):
    labels = [{"key": key, "value": value} for key, value in label.items()]
    listed = {"route_id": name, "prefix": prefix(net), "next_hop": ip("10.10.24.1"), "labels": labels}
    return sets("vrfcontext", IN, static_routes=[listed])


def with_domains(cloud):
    """A cloud gets the DNS profile of the other."""

    def edit(objects):
        ref = named(objects, "cloud", HERE)["dns_provider_ref"]
        named(objects, "cloud", cloud)["dns_provider_ref"] = ref

    return edit


def only_usable(network):
    """One network alone is usable in the cloud's IPAM profile."""

    def edit(objects):
        ref = named(objects, "network", network)["url"]
        named(objects, "ipamdnsproviderprofile", "IPAM_Default")["internal_profile"] = {
            "usable_networks": [{"nw_ref": ref}]
        }

    return edit


def used_up(network):
    """No address of a network is free."""

    def edit(objects):
        (subnet,) = named(objects, "network-inventory", network)["runtime"]["subnet_runtime"]
        for each in subnet["ip_range_runtimes"]:
            each["free_ip_count"] = 0

    return edit


# The rows.


@dataclass(frozen=True)
class Right:
    """A site and values that are right: a state of the lab, with what is changed in it."""

    state: str = "conforming"
    values: dict[str, Any] = field(default_factory=dict)
    edits: tuple[Any, ...] = ()
    version: str = "2.2.1"
    more: dict[str, Any] = field(default_factory=dict)


RIGHT = Right()
ORDINARY = Right(edits=(sets("user", "admin", is_superuser=False),))
"""AKO's user has its rights by its role, and no others."""
NSXT = Right("conforming+nsxt", OVERLAY | T1, (with_domains("nsxt-overlay"),))
VLAN_ZONE = Right("conforming+nsxt", VLAN, (with_domains("nsxt-vlan"),))
AWS = Right(edits=(sets("cloud", HERE, vtype="CLOUD_AWS", vcenter_configuration=None),))
UNROUTED = Right(values={STATIC: True})
UNLABELLED = Right(values={STATIC: True, GROUP: "Default-Group"})
WITH_GATEWAY = Right(values={GATEWAY: True})
OLD = Right(version="1.13.1")
INFRA = InfraSetting("infra", "DNS-SE-Group")
NEIGHBOUR = Right(more={"others": (OtherCluster("other"),)})


@dataclass(frozen=True)
class Row:
    """One thing broken. `named`: all that is wrong then, itself before what cannot but come with it."""

    named: tuple[str, ...]
    word: str
    right: Right = RIGHT
    values: dict[str, Any] = field(default_factory=dict)
    edits: tuple[Any, ...] = ()
    more: dict[str, Any] = field(default_factory=dict)


def row(*named, word="does not start", right=RIGHT, values=None, edits=(), **more):
    return Row(named, word, right, values or {}, edits, more)


def denied(right_to, *named, kind="NO_ACCESS", right=ORDINARY, **more):
    """A row in which AKO's user has every right but this one."""
    return row(*named, right=right, edits=(may_not(right_to, kind),), **more)


USELESS = "starts but will not work"
ANY = {"networkName": FRONTEND}
FOR_ENGINES = pool("10.10.25.0/24", "10.10.25.40", "10.10.25.59", "STATIC_IPS_FOR_SE")
UUID = {"networkUUID": "zz"}


def infra(**members):
    return Resources((replace(InfraSetting("infra"), **members),))
