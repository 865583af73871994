"""Refusals of changes that would cut off what is running: SE group of a service, list of DNS services."""

from __future__ import annotations

from lab.cloud.common import followed, uuid_of
from lab.hooks import Change, Moment, on
from lab.objects import Refused


@on(Moment.BEFORE, "virtualservice")
def keep_group(change: Change) -> None:
    """Refuse another Service Engine group for an enabled service: disable it first [DOC/INF: text]."""
    old = change.old
    if old is None or not old.body.get("enabled", True):
        return
    was, now = (uuid_of(obj.body.get("se_group_ref")) for obj in (old, change.new))
    if was != now:
        raise Refused(400, f"Cannot change SE group of enabled VirtualService {old.name}. Disable it first.")


@on(Moment.BEFORE, "systemconfiguration")
def keep_dns(change: Change) -> None:
    """Refuse to empty the list of DNS services once it has been set [SCHEMA text; INF: words]."""
    was = change.old.body.get("dns_virtualservice_refs") if change.old else None
    if was and not change.new.body.get("dns_virtualservice_refs"):
        raise Refused(400, "DNS Virtual Services cannot be removed from the system configuration once set")


@on(Moment.BEFORE, "systemconfiguration")
def dns_only(change: Change) -> None:
    """Refuse a listed service that is no DNS service [INF]."""
    site = change.site
    for ref in change.new.body.get("dns_virtualservice_refs", []):
        service = site.store.at(str(ref))
        application = followed(site, service.body, "application_profile_ref") if service else None
        kind = application.body.get("type") if application else None
        if service is not None and kind not in (None, "APPLICATION_PROFILE_TYPE_DNS"):
            raise Refused(400, f"VirtualService {service.name} is not a DNS Virtual Service")


@on(Moment.BEFORE_DELETE, "virtualservice")
def keep_listed(change: Change) -> None:
    """Refuse to delete a service the system's DNS setting lists [INF; words as any delete in use, CLIENT]."""
    obj, system = change.new, change.site.system
    if obj.ref in system.get("dns_virtualservice_refs", []):
        error = f"Cannot delete, object is referred by: ['SystemConfiguration {system['uuid']}']"
        raise Refused(403, error, body={"error": error, "obj_name": obj.name})
