"""Factory objects: what a Controller is installed with, by type and name, with the members that were set in each."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from .model import Version, parse_version
from .schema import load

FACTORY = Path(__file__).with_name("factory.json")
"""The objects a Controller is installed with, by type.

Names are recorded or known from clients; contents are what the names say, the rest is the defaults [INF].
"further" are those that playbooks and Terraform's examples look up by name, in the order of their references.
"""
_ANYWAY: Mapping[str, Mapping[str, Mapping[str, Any]]] = {
    "tenant": {"admin": {"local": True}},
    "vrfcontext": {"global": {"system_default": True}, "management": {"system_default": True}},
    "serviceenginegroup": {
        "Default-Group": {
            "license_type": "LIC_CORES",
            "se_bandwidth_type": "SE_BANDWIDTH_UNLIMITED",
            "accelerated_networking": True,
        }
    },
    "user": {
        "admin": {
            "username": "admin",
            "full_name": "System Administrator",
            "is_superuser": True,
            "is_active": True,
            "local": True,
            "ui_property": "{}",
            "default_tenant_ref": "/api/tenant?name=admin",
            "user_profile_ref": "/api/useraccountprofile?name=No-Lockout-User-Account-Profile",
            "access": [
                {
                    "role_ref": "/api/role?name=System-Admin",
                    "tenant_ref": "/api/tenant?name=admin",
                    "all_tenants": True,
                }
            ],
        }
    },
}
"""Those that come with a Controller, a cloud or a tenant by themselves [REC]."""


@cache
def factory_objects(type_name: str, version: Version) -> Mapping[str, Mapping[str, Any]]:
    """The members set in each object of a type that a Controller of a version is installed with, by name.

    References are `/api/<type>?name=<name>`. What there is one of stands under "". Defaults are left out. Raises
    KeyError for a type that no version has.
    """
    raw = _read()
    if load().types[type_name].singleton or type_name in raw["singletons"]:
        return {"": raw["singletons"].get(type_name, {})}
    entries = [
        *raw.get(type_name, ()),
        *(each["body"] | _since(each) for each in raw["further"] if each["type"] == type_name),
    ]
    known = {
        each["name"]: _members(type_name, each)
        for each in entries
        if "since" not in each or version >= parse_version(each["since"])
    }
    return {**_ANYWAY.get(type_name, {}), **known}


def _since(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {"since": entry["since"]} if "since" in entry else {}


def _members(type_name: str, body: Mapping[str, Any]) -> dict[str, Any]:
    members = {name: value for name, value in body.items() if name not in ("since", "name")}
    if type_name == "role":
        members["privileges"] = privileges(body["privileges"])
    return members


def privileges(rights: Mapping[str, str]) -> list[dict[str, str]]:
    """A factory role's rights: those that are known, over newer resources as over most others [INF]."""
    usual = max(sorted({*rights.values()}), key=list(rights.values()).count)
    resources = load().message("Permission").fields["resource"].enum or ()
    return [{"resource": name, "type": rights.get(name, usual)} for name in resources]


@cache
def _read() -> dict[str, Any]:
    raw: dict[str, Any] = json.loads(FACTORY.read_text(encoding="utf-8"))
    return raw
