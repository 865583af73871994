"""Virtual services and their VIPs across versions: inline VIPs written, copies shown, a vsvip deleted with its service.

Later models keep VIPs in an object of their own (`vsvip`); older ones write and show them inside the service.
"""

from __future__ import annotations

import base64
import copy
import hashlib
import uuid
from functools import lru_cache
from typing import Any

from avi_schema import Version
from lab.hooks import Change, Moment, Showing, on
from lab.lazy_rows import KeptList
from lab.model import view, walk_refs
from lab.objects import Json, Refused
from lab.site import Site

COPIED_UNTIL: Version = (20, 1, 1)
"""Models older than this show copies of the vsvip's vip[] and dns_info[] on a virtual service [REC]."""
CASCADE_UNTIL: Version = (20, 1, 1)
"""Controllers older than this delete a virtual service's vsvip with it [REC]."""


@on(Moment.VIEW, "virtualservice")
def copy_vip(showing: Showing) -> None:
    """A reader of an old model is shown copies of the VIP in a virtual service [REC]."""
    if showing.version >= COPIED_UNTIL:
        return
    vsvip = showing.site.store.at(str(showing.obj.body.get("vsvip_ref", "")))
    if vsvip is not None:
        copied: Json = {key: vsvip.body[key] for key in ("vip", "dns_info") if key in vsvip.body}
        showing.body = {**showing.body, **copied}


@on(Moment.RENDER, "virtualservice")
def unname_copies(showing: Showing) -> None:
    """References in copied VIPs never carry `#name` [REC]."""
    copied = {"vip": showing.body.get("vip", [])}
    for box, key, _ in walk_refs(showing.site.schema, "vsvip", copied):
        box[key] = str(box[key]).partition("#")[0]


@on(Moment.READ, "virtualservice")
def show_internals(showing: Showing) -> None:
    """Bookkeeping that a GET shows; members and types [REC 17.2 to 20.1], values invented; from 21.1 on [INF]."""
    digest = hashlib.sha256(showing.obj.uuid.encode()).digest()
    showing.body |= {
        "marked_for_delete": False,
        "redis_db": digest[0],
        "redis_port": 5001 + digest[1] % 8,
        "self_se_election": True,
        "version": str(showing.site.memory.get("service_versions", {}).get(showing.obj.uuid, 1)),
        "tls_ticket_key": _ticket_keys(digest),
    }


@lru_cache(maxsize=1 << 13)
def _ticket_keys(seed: bytes) -> KeptList:
    return KeptList(_ticket_key(seed, number) for number in range(3))


def _ticket_key(seed: bytes, number: int) -> Json:
    """A key of session tickets: three of them, in base64, named by a uuid4 [REC]; values invented."""
    digest = hashlib.sha512(seed + bytes([number])).digest()
    keys = {"aes_key": digest[:32], "hmac_key": digest[32:]}
    shown = {member: base64.b64encode(value).decode() for member, value in keys.items()}
    return {"name": str(uuid.UUID(bytes=digest[8:24], version=4)), **shown}


@on(Moment.STORED, "virtualservice")
def count_versions(change: Change) -> None:
    """A virtual service's `version` counts its changes, from 1 [REC]."""
    versions = change.site.memory.setdefault("service_versions", {})
    versions[change.new.uuid] = versions.get(change.new.uuid, 0) + 1


@on(Moment.READ, "virtualservice")
def show_children(showing: Showing) -> None:
    """The children of a parent service, by uuid [CLIENT: AKO's cache]."""
    if showing.obj.body.get("type") == "VS_TYPE_VH_PARENT":
        users = showing.site.store.referrers(showing.obj)
        children = [each.uuid for each in users if each.body.get("vh_parent_vs_ref") == showing.obj.ref]
        if children:
            showing.body["vh_child_vs_uuid"] = children


@on(Moment.READ_ALONE, "vsvip")
def show_services(showing: Showing) -> None:
    """The services on a vsvip, only in a GET by uuid and without their names [REC]."""
    users = [each.ref for each in showing.site.store.referrers(showing.obj) if each.type == "virtualservice"]
    if users:
        showing.body["vs_refs"] = [showing.plain_ref(ref) for ref in users]


@on(Moment.DRAFT, "virtualservice")
def take_out_vip(change: Change) -> None:
    """Take a VIP written inline out of a virtual service's body and make or change its vsvip.

    A virtual service with vip[] and no vsvip_ref gets a vsvip named `vsvip-<6 random>` [REC]; copies sent back
    changed change the vsvip [INF]. Raises Refused (400) for a new one with both fqdn and dns_info [SCHEMA text].
    """
    site, body, old = change.site, change.new.body, change.old
    if old is None and body.get("fqdn") and body.get("dns_info"):
        raise Refused(400, "Only one of 'fqdn' and 'dns_info' configuration is allowed.")
    vip = body.pop("vip", None)
    ref = body.get("vsvip_ref") or (old.body.get("vsvip_ref") if old and vip else None)
    vsvip = site.store.at(str(ref)) if ref else None
    copied = change.along.version < COPIED_UNTIL
    dns = body.pop("dns_info", None) if copied or (vip and vsvip is None) else None
    if not vip and vsvip is None:
        return
    if vsvip is None:
        if dns is None and body.get("fqdn"):
            dns = [{"fqdn": body["fqdn"]}]
        inner = {"name": f"vsvip-{_word(site)}", "vip": vip}
        inner |= {key: body[key] for key in ("cloud_ref", "vrf_context_ref", "tenant_ref") if key in body}
        inner |= {"dns_info": dns} if dns else {}
        body["vsvip_ref"] = change.along.create("vsvip", inner).ref
        return
    body["vsvip_ref"] = vsvip.ref
    if not copied or vip is None:
        return
    known = view(site.schema, "vsvip", vsvip.body, change.along.version)
    wanted = {key: value for key, value in (("vip", vip), ("dns_info", dns)) if value is not None}
    if any(not _within(value, known.get(key)) for key, value in wanted.items()):
        change.along.replace(vsvip, {**copy.deepcopy(known), **wanted})


@on(Moment.DELETED, "virtualservice")
def delete_vsvip(change: Change) -> None:
    """Delete the vsvip of a deleted virtual service where this Controller's version does so [REC]."""
    store = change.site.store
    vsvip = store.at(str(change.new.body.get("vsvip_ref", "")))
    if change.site.version < CASCADE_UNTIL and vsvip is not None and not store.referrers(vsvip):
        change.along.delete(vsvip)


def _within(value: Any, known: Any) -> bool:
    """Whether everything in `value` is in `known` already."""
    if isinstance(value, dict):
        return isinstance(known, dict) and all(_within(each, known.get(key)) for key, each in value.items())
    if isinstance(value, list):
        return (
            isinstance(known, list)
            and len(value) == len(known)
            and all(_within(a, b) for a, b in zip(value, known, strict=True))
        )
    return bool(value == known)


def _word(site: Site) -> str:
    return "".join(site.random.choice("abcdefghijklmnopqrstuvwxyz0123456789") for _ in range(6))
