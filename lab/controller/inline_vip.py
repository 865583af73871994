"""A virtual service and its VIP across versions: inline VIPs written, copies shown, and who goes with whom."""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from avi_schema import Version
from lab.model import view, walk_refs
from lab.objects import Json, Object, Refused
from lab.site import Site

if TYPE_CHECKING:
    from lab.controller.render import Look
    from lab.controller.writes import Write, Writer

COPIED_UNTIL: Version = (20, 1, 1)
"""Models older than this show copies of the vsvip's vip[] and dns_info[] on a virtual service [REC]."""
CASCADE_UNTIL: Version = (20, 1, 1)
"""Controllers older than this delete a virtual service's vsvip with it [REC]."""


def unfolded(site: Site, obj: Object, version: Version) -> Json:
    """The body a reader of this version is shown: its virtual services carry copies of the VIP [REC]."""
    if obj.type != "virtualservice" or version >= COPIED_UNTIL:
        return obj.body
    vsvip = site.store.at(str(obj.body.get("vsvip_ref", "")))
    copied = {key: vsvip.body[key] for key in ("vip", "dns_info") if key in vsvip.body} if vsvip else {}
    return obj.body | copied


def show(site: Site, obj: Object, body: Json, look: Look, mark: Callable[[str], str]) -> None:
    """Add to a rendered body what the server keeps beside it, and take the names off copied references."""
    if obj.type == "virtualservice":
        for box, key, _ in walk_refs(site.schema, "vsvip", {"vip": body.get("vip", [])}):
            box[key] = str(box[key]).partition("#")[0]  # never with #name there [REC]
        if look.reading:
            _show_internals(site, obj, body)
    elif obj.type == "vsvip" and look.reading and look.single:
        users = [each.ref for each in site.store.referrers(obj) if each.type == "virtualservice"]
        if users:
            body["vs_refs"] = [mark(ref) for ref in users]  # only in a GET by uuid [REC]


def unfold(writer: Writer, body: Json, old: Object | None, write: Write) -> None:
    """Take a VIP written inline out of a virtual service's body and make or change its vsvip.

    A virtual service with vip[] and no vsvip_ref gets a vsvip named `vsvip-<6 random>` [REC]; copies sent back
    changed change the vsvip [INF]. Raises Refused (400) for a new one with both fqdn and dns_info [SCHEMA text].
    """
    if old is None and body.get("fqdn") and body.get("dns_info"):
        raise Refused(400, "Only one of 'fqdn' and 'dns_info' configuration is allowed.")
    vip = body.pop("vip", None)
    ref = body.get("vsvip_ref") or (old.body.get("vsvip_ref") if old and vip else None)
    vsvip = writer.site.store.at(str(ref)) if ref else None
    copied = write.version < COPIED_UNTIL
    dns = body.pop("dns_info", None) if copied or (vip and vsvip is None) else None
    if not vip and vsvip is None:
        return
    if vsvip is None:
        if dns is None and body.get("fqdn"):
            dns = [{"fqdn": body["fqdn"]}]
        made = {"name": f"vsvip-{_word(writer.site)}", "vip": vip}
        made |= {key: body[key] for key in ("cloud_ref", "vrf_context_ref", "tenant_ref") if key in body}
        made |= {"dns_info": dns} if dns else {}
        body["vsvip_ref"] = writer.create("vsvip", made, write.inside()).ref
        return
    body["vsvip_ref"] = vsvip.ref
    if not copied or vip is None:
        return
    known = view(writer.site.schema, "vsvip", vsvip.body, write.version)
    wanted = {key: value for key, value in (("vip", vip), ("dns_info", dns)) if value is not None}
    if any(not _within(value, known.get(key)) for key, value in wanted.items()):
        writer.replace(vsvip, {**copy.deepcopy(known), **wanted}, write.inside())


def gone(writer: Writer, old: Object, write: Write) -> None:
    """Delete the vsvip of a deleted virtual service where this Controller's version does so [REC]."""
    vsvip = writer.site.store.at(str(old.body.get("vsvip_ref", "")))
    if writer.site.version >= CASCADE_UNTIL or vsvip is None:
        return
    if not writer.site.store.referrers(vsvip):
        writer.delete(vsvip, write.inside())


def _show_internals(site: Site, obj: Object, body: Json) -> None:
    """Bookkeeping a GET shows on controllers of the recordings' age; values invented, types [REC]."""
    if site.version >= (21,):
        return
    digest = hashlib.sha256(obj.uuid.encode()).hexdigest()
    body |= {
        "marked_for_delete": False,
        "redis_db": int(digest[:2], 16),
        "redis_port": 5001 + int(digest[2:4], 16) % 8,
        "self_se_election": False,
        "version": str(obj.body.get("_last_modified", "0"))[-4:].lstrip("0") or "0",
        "tls_ticket_key": [{"name": digest[:22], "aes_key": digest[:44], "hmac_key": digest[20:64]}],
    }


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
